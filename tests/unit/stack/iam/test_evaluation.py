from typing import Any

import pytest

from sagewarden_cli.stack.iam.evaluation import decide
from sagewarden_cli.stack.iam.managed import managed_statements
from sagewarden_cli.stack.iam.policies import PolicyDocumentError, Statement, read_statements
from sagewarden_cli.stack.iam.proof import prove
from sagewarden_cli.stack.iam.requests import Context, Request, context_of

ROLE = "arn:aws:iam::123456789012:role/bot"
NOTEBOOK = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb"


def read(*statements: dict[str, Any]) -> tuple[Statement, ...]:
    return read_statements("bot", {"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: object = "*", resource: object = "*", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = "*", resource: object = "*", **more: object) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def asked(
    action: str = "sagemaker:StopNotebookInstance",
    resource: str = NOTEBOOK,
    context: Context | None = None,
) -> Request:
    return Request(ROLE, action, resource, context or {})


def test_what_nothing_allows_is_denied() -> None:
    assert not decide(read(), asked()).allowed
    assert not decide(read(allow("sagemaker:StartNotebookInstance")), asked()).allowed
    assert not decide(read(allow(resource="arn:aws:sagemaker:*:*:endpoint/*")), asked()).allowed


def test_an_allow_of_action_and_resource_is_enough() -> None:
    granted = read(allow(["sagemaker:stop*"], ["arn:aws:sagemaker:*:*:notebook-instance/*"]))

    assert decide(granted, asked()).allowed


def test_a_deny_wins_over_every_allow() -> None:
    protected = {"StringEquals": {"aws:ResourceTag/Stage": ["prod", "production"]}}
    granted = read(allow(), deny("sagemaker:Stop*", Sid="Protected", Condition=protected))

    on_prod = decide(granted, asked(context=context_of(**{"aws__ResourceTag/Stage": "prod"})))
    on_dev = decide(granted, asked(context=context_of(**{"aws__ResourceTag/Stage": "dev"})))

    assert not on_prod.allowed
    assert [one.source for one in on_prod.statements] == ["bot/Protected"]
    assert on_dev.allowed


def test_the_exceptions_of_not_action_and_not_resource_are_all_that_is_left_out() -> None:
    but_sagemaker = {"Effect": "Allow", "NotAction": "sagemaker:*", "Resource": "*"}
    elsewhere = {"Effect": "Allow", "Action": "*", "NotResource": NOTEBOOK}

    assert not decide(read(but_sagemaker), asked()).allowed
    assert decide(read(but_sagemaker), asked("sqs:SendMessage")).allowed
    assert not decide(read(elsewhere), asked()).allowed
    assert decide(read(elsewhere), asked(resource=NOTEBOOK + "-2")).allowed


def test_a_condition_that_does_not_hold_takes_its_statement_away() -> None:
    granted = read(allow(Condition={"Bool": {"aws:SecureTransport": True}}))

    assert not decide(granted, asked()).allowed
    assert decide(granted, asked(context=context_of(aws__SecureTransport="true"))).allowed


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (allow(Principal="*"), r"has \['Principal'\]"),
        ({"Effect": "Allow", "Resource": "*"}, "needs either Action or NotAction"),
        ({"Effect": "Allow", "Action": "*"}, "needs either Resource or NotResource"),
        (allow() | {"Effect": "Maybe"}, "needs the Effect Allow or Deny"),
    ],
)
def test_a_document_that_iam_would_refuse_is_refused(
    statement: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(PolicyDocumentError, match=complaint):
        read(statement)


def test_a_managed_policy_is_known_or_refused() -> None:
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    stream = "arn:aws:logs:us-east-1:123456789012:log-group:x"

    assert decide(managed_statements(basic), asked("logs:CreateLogStream", stream)).allowed
    with pytest.raises(PolicyDocumentError, match="write its actions out"):
        managed_statements("arn:aws:iam::aws:policy/AdministratorAccess")


def test_a_proof_names_each_denial_once_and_every_grant_that_was_never_needed() -> None:
    granted = {
        ROLE: read(allow(["sagemaker:Stop*", "sagemaker:Start*"], Sid="Power"), deny("s3:*"))
    }
    requests = [asked(), asked("sqs:SendMessage"), asked("sqs:SendMessage"), asked("s3:GetObject")]

    proof = prove(granted, requests)

    assert proof.denied == (
        f"bot: sqs:SendMessage on {NOTEBOOK}: no statement allows it",
        f"bot: s3:GetObject on {NOTEBOOK}: denied by bot/1",
    )
    assert {str(grant) for grant in proof.used} == {"bot/Power: sagemaker:Stop*"}
    assert {str(grant) for grant in proof.unused} == {"bot/Power: sagemaker:Start*"}
