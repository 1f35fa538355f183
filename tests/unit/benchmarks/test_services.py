"""Which clients a bot needs, from the registry's grants."""

from botocore.session import get_session

from benchmarks.services import actions_of, clients_for
from sagewarden.bots import BOTS, IDLE_ENDPOINTS


def test_clients_follow_the_actions_under_the_names_that_boto3_has_for_them() -> None:
    actions = ["tag:GetResources", "sagemaker:ListTags", "sagemaker:AddTags", "sts:AssumeRole"]

    assert clients_for(actions) == ("resourcegroupstaggingapi", "sagemaker", "sts")


def test_what_others_do_on_the_functions_behalf_needs_no_client() -> None:
    assert clients_for(["logs:PutLogEvents", "kms:Decrypt", "sqs:ReceiveMessage"]) == ()


def test_the_idle_endpoints_bot_reads_metrics_and_keeps_a_ledger() -> None:
    assert {"cloudwatch", "dynamodb", "sagemaker", "sns"} <= set(
        clients_for(actions_of(IDLE_ENDPOINTS))
    )


def test_every_bots_clients_exist() -> None:
    known = set(get_session().get_available_services())

    assert {client for bot in BOTS for client in clients_for(actions_of(bot))} <= known
