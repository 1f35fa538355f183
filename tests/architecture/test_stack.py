"""The registry, the templates, the functions, the events and the docs say the same of each bot."""

import ast
import json
import tomllib
from collections.abc import Iterable, Iterator

import pytest

from sagewarden.application.advise_all import CLOSES_AFTER
from sagewarden.bots import BOTS, Bot
from sagewarden.domain.running_cost import PAID_BY_USE
from sagewarden.rights import NO_NARROWING, RIGHTS, SAGEMAKER, Grant, hub_grants
from sagewarden_cli.deployed.queues import PATIENT, TOO_OLD
from tests.support.policies import SHIPPED, compiled
from tests.support.templates import (
    ROOT,
    Allowed,
    Json,
    as_text,
    condition_text,
    grants,
    listed,
    statements,
    template,
)

HUB = template()
SPOKE = template("spoke.yaml")
RESOURCES = HUB["Resources"]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
MOST_LINES = 25

ADVISOR_READS = (
    Grant(
        (
            "sagemaker:ListEndpoints",
            "sagemaker:ListEndpointConfigs",
            "sagemaker:ListModels",
            "sagemaker:ListNotebookInstances",
            "sagemaker:ListInferenceComponents",
            "tag:GetResources",
            "cloudwatch:GetMetricData",
            "servicequotas:ListServiceQuotas",
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
            "application-autoscaling:DescribeScheduledActions",
            "ecs:ListTaskDefinitionFamilies",
            "ecs:DescribeTaskDefinition",
            "ecs:ListClusters",
            "ecs:ListServices",
        ),
        ("*",),
        why_any=NO_NARROWING,
    ),
    Grant(("sagemaker:DescribeEndpoint",), (f"{SAGEMAKER}endpoint/*",)),
    *(
        Grant((f"sagemaker:Describe{noun}", "sagemaker:ListTags"), (f"{SAGEMAKER}{kind}/*",))
        for noun, kind in (
            ("EndpointConfig", "endpoint-config"),
            ("Model", "model"),
            ("NotebookInstance", "notebook-instance"),
        )
    ),
    Grant(("ecs:DescribeServices",), ("arn:${AWS::Partition}:ecs:*:${AWS::AccountId}:service/*",)),
    Grant(("ecr:DescribeImages",), ("arn:${AWS::Partition}:ecr:*:${AWS::AccountId}:repository/*",)),
)
"""What the advisor reads in every account; docs/advice.md lists what is no part of a plan."""

each_bot = pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
each_function = pytest.mark.parametrize("name", FUNCTIONS)


def of_type(kind: str) -> dict[str, Json]:
    return {name: item for name, item in RESOURCES.items() if item["Type"] == kind}


def registered(grants_of: Iterable[Grant]) -> Allowed:
    return frozenset(
        (action, resource, condition_text(grant.condition))
        for grant in grants_of
        for action in grant.actions
        for resource in grant.resources
    )


def logical_id(function: str) -> str:
    return "".join(word.capitalize() for word in function.split("_"))


@each_bot
def test_a_bot_of_the_registry_is_complete(bot: Bot) -> None:
    stanza = ("Schedule", "Queue", "DeadLetters", "Role", "Function", "LogGroup")
    kinds = ("DeadLetters", "Failing", "Limits", "Backlog", "Silent")
    alarms = tuple(f"{kind}Alarm" for kind in kinds)
    files = (f"functions/{bot.name}/app.py", bot.page)

    absent = [bot.logical_id + part for part in (*stanza, *alarms)]
    absent = [name for name in absent if name not in RESOURCES]
    absent += [name for name in files if not (ROOT / name).exists()]
    absent += [] if list((ROOT / "events" / bot.name).glob("*.json")) else [f"events/{bot.name}/"]

    assert absent == []


@each_bot
def test_a_bots_schedule_is_the_registrys_and_wakes_it(bot: Bot) -> None:
    schedule = RESOURCES[f"{bot.logical_id}Schedule"]["Properties"]

    assert schedule["ScheduleExpression"] == bot.schedule
    assert as_text(schedule["ScheduleExpressionTimezone"]) == "${Timezone}"
    assert json.loads(schedule["Target"]["Input"]) == {
        "version": 1,
        "bot": bot.name,
        "execution": "<aws.scheduler.execution-id>",
    }


@each_bot
def test_a_bots_queue_waits_long_enough_and_ends_in_a_dead_letter_queue(bot: Bot) -> None:
    queue = RESOURCES[bot.queue]["Properties"]
    function = RESOURCES[f"{bot.logical_id}Function"]["Properties"]
    timeout = function.get("Timeout", HUB["Globals"]["Function"]["Timeout"])
    source = function["Events"]["Sweeps"]["Properties"]
    variables = function["Environment"]["Variables"]
    redrive = queue["RedrivePolicy"]
    attempts = redrive["maxReceiveCount"] * queue["VisibilityTimeout"]

    assert queue["VisibilityTimeout"] >= 6 * timeout
    assert as_text(redrive["deadLetterTargetArn"]) == f"${{{bot.dead_letters}.Arn}}"
    assert as_text(variables["DEAD_LETTERS_QUEUE"]) == f"${{{bot.dead_letters}}}"
    assert queue["MessageRetentionPeriod"] > attempts
    assert as_text(source["Queue"]) == f"${{{bot.queue}.Arn}}"
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@each_bot
def test_the_dispatcher_knows_a_bots_queue_and_may_send_to_it(bot: Bot) -> None:
    variables = RESOURCES["DispatcherFunction"]["Properties"]["Environment"]["Variables"]
    allowed = grants(RESOURCES["DispatcherRole"])

    assert as_text(variables[bot.queue_variable]) == f"${{{bot.queue}}}"
    assert ("sqs:SendMessage", f"${{{bot.queue}.Arn}}", "") in allowed


ROSTER_ONLY = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "ROSTER"}}
ORGANIZATION_LISTS = ("organizations:ListAccounts", "organizations:ListRoots")


def test_the_dispatcher_asks_who_is_in_the_organisation_and_writes_only_its_roster() -> None:
    below = ("ListAccountsForParent", "ListOrganizationalUnitsForParent", "ListTagsForResource")
    own = (
        Grant(ORGANIZATION_LISTS, ("*",)),
        Grant(
            tuple(f"organizations:{name}" for name in below),
            ("arn:${AWS::Partition}:organizations::*:*/${OrganizationId}/*",),
        ),
        Grant(
            ("account:ListRegions",),
            (
                "arn:${AWS::Partition}:account::${AWS::AccountId}:account",
                "arn:${AWS::Partition}:account::*:account/${OrganizationId}/*",
            ),
        ),
        Grant(
            ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"),
            ("${Ledger.Arn}",),
            ROSTER_ONLY,
        ),
        Grant(("logs:CreateLogStream", "logs:PutLogEvents"), ("${DispatcherLogGroup.Arn}",)),
        Grant(
            ("sqs:SendMessage",),
            ("${DispatcherDeadLetters.Arn}", *(f"${{{bot.queue}.Arn}}" for bot in BOTS)),
        ),
    )
    [*always, lists, below_lists, regions, roster] = RESOURCES["DispatcherRole"]["Properties"][
        "Policies"
    ][0]["PolicyDocument"]["Statement"]

    assert grants(RESOURCES["DispatcherRole"]) == registered(own)
    assert len(always) == 2
    conditional = (lists, below_lists, regions, roster)
    assert {item["Fn::If"][0] for item in conditional} == {"HasOrganization"}


def test_an_organisation_lets_accounts_send_events_without_naming_them() -> None:
    policy = RESOURCES["EventsOrganizationPolicy"]
    statement = policy["Properties"]["Statement"]

    assert policy["Condition"] == "HasOrganization"
    assert (statement["Effect"], statement["Action"]) == ("Allow", "events:PutEvents")
    assert condition_text(statement["Condition"]) == (
        "StringEquals aws:PrincipalOrgID=${OrganizationId}; "
        "StringEquals events:source=aws.sagemaker"
    )
    assert HUB["Conditions"]["HasSpokes"] == {
        "Fn::Or": [{"Condition": "HasSpokeAccounts"}, {"Condition": "HasOrganization"}]
    }


@each_bot
def test_a_bots_role_allows_exactly_what_the_registry_says(bot: Bot) -> None:
    role = RESOURCES[f"{bot.logical_id}Role"]

    assert grants(role) == registered((*hub_grants(bot), *RIGHTS[bot.name].grants))


@each_bot
def test_a_bots_role_denies_its_changes_on_every_tag_that_the_shipped_policy_protects(
    bot: Bot,
) -> None:
    denied = grants(RESOURCES[f"{bot.logical_id}Role"], "Deny")

    assert {(action, condition) for action, _, condition in denied} == {
        (action, condition)
        for action in RIGHTS[bot.name].denied_on_protected
        for condition in protections_as_conditions()
    }


@each_bot
def test_a_bot_that_falls_silent_raises_an_alarm(bot: Bot) -> None:
    alarm = RESOURCES[f"{bot.logical_id}SilentAlarm"]["Properties"]

    assert alarm["Period"] * alarm["EvaluationPeriods"] == bot.silent_after.total_seconds()
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["Dimensions"] == [{"Name": "service", "Value": bot.name}]


@each_bot
def test_a_bot_that_does_not_keep_up_raises_an_alarm_and_one_that_tries_again_does_not(
    bot: Bot,
) -> None:
    alarm = RESOURCES[f"{bot.logical_id}BacklogAlarm"]["Properties"]
    queue = RESOURCES[bot.queue]["Properties"]
    tried_for = queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"]

    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert as_text(alarm["Dimensions"][0]["Value"]) == f"${{{bot.queue}.QueueName}}"
    assert tried_for < alarm["Threshold"] == TOO_OLD.total_seconds()
    assert alarm["Threshold"] < queue["MessageRetentionPeriod"]


def protections_as_conditions() -> set[str]:
    rules = compiled(SHIPPED.read_text(encoding="utf-8")).rules
    return {
        f"StringEqualsIgnoreCase aws:ResourceTag/{item.key}={','.join(item.values)}"
        if item.values
        else f"Null aws:ResourceTag/{item.key}=false"
        for item in rules[0].scope.protections
    }


def test_the_spoke_role_allows_and_denies_what_the_bots_and_the_advisor_together_do() -> None:
    role = SPOKE["Resources"]["SpokeRole"]
    needed = [grant for bot in BOTS for grant in RIGHTS[bot.name].grants]

    assert grants(role) == registered((*needed, *ADVISOR_READS))
    assert {(action, condition) for action, _, condition in grants(role, "Deny")} == {
        (action, condition)
        for bot in BOTS
        for action in RIGHTS[bot.name].denied_on_protected
        for condition in protections_as_conditions()
    }


def test_the_spoke_role_trusts_the_hubs_own_roles_with_the_external_id_only() -> None:
    role = SPOKE["Resources"]["SpokeRole"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    paths = {item["Properties"]["Path"] for item in of_type("AWS::IAM::Role").values()}

    assert condition_text(trust["Condition"]) == (
        "ArnLike aws:PrincipalArn=arn:${AWS::Partition}:iam::${HubAccountId}:role/sagewarden/*; "
        "StringEquals sts:ExternalId=${ExternalId}"
    )
    assert paths == {"/sagewarden/", "/sagewarden/restorer/"}


def test_only_what_answers_a_click_on_restore_creates_endpoints_and_passes_roles() -> None:
    made = {"sagemaker:CreateEndpoint", "sagemaker:CreateModel", "iam:PassRole"}
    hub, spoke = RESOURCES["RestorerRole"], SPOKE["Resources"]["RestoreRole"]
    [trust] = spoke["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    allowed_to = {
        name
        for document in (HUB, SPOKE)
        for name, item in document["Resources"].items()
        if item["Type"] == "AWS::IAM::Role" and made & {action for action, _, _ in grants(item)}
    }

    assert allowed_to == {"RestorerRole", "RestoreRole"}
    assert hub["Properties"]["Policies"][1] == spoke["Properties"]["Policies"][0]
    assert hub["Properties"]["Path"] == "/sagewarden/restorer/"
    assert condition_text(trust["Condition"]) == (
        "ArnLike aws:PrincipalArn="
        "arn:${AWS::Partition}:iam::${HubAccountId}:role/sagewarden/restorer/*; "
        "StringEquals sts:ExternalId=${ExternalId}"
    )


def trusts(document: Json) -> Iterator[tuple[str, Json]]:
    """Every statement that lets somebody in, with the resource that has it."""
    for name, item in document["Resources"].items():
        properties = item.get("Properties", {})
        documents = [
            properties,  # of an event bus
            *(properties.get(key, {}) for key in ("AssumeRolePolicyDocument", "KeyPolicy")),
            properties.get("PolicyDocument", {}),
        ]
        for statement in (one for each in documents for one in listed(each.get("Statement", []))):
            if statement["Effect"] == "Allow":
                yield name, statement


@pytest.mark.parametrize("document", [HUB, SPOKE], ids=["template.yaml", "spoke.yaml"])
def test_a_service_that_acts_for_others_too_is_trusted_for_our_own_account_only(
    document: Json,
) -> None:
    """Lambda needs no condition: it assumes roles for functions of their own account only."""
    trusted = [
        (name, {key for block in statement.get("Condition", {}).values() for key in block})
        for name, statement in trusts(document)
        if "Service" in statement["Principal"]
        and statement["Principal"]["Service"] != "lambda.amazonaws.com"
    ]

    assert trusted
    assert [
        name for name, keys in trusted if not keys & {"aws:SourceAccount", "aws:SourceArn"}
    ] == []


@pytest.mark.parametrize("document", [HUB, SPOKE], ids=["template.yaml", "spoke.yaml"])
def test_no_policy_lets_everybody_in(document: Json) -> None:
    found = [statement for _, statement in trusts(document)]
    everybody = [one for one in found if one["Principal"] in ("*", {"AWS": "*"})]

    assert found
    assert [
        one
        for one in everybody
        if one.get("Condition", {}).get("StringEquals", {}).get("aws:PrincipalOrgID")
        != {"Ref": "OrganizationId"}
    ] == []


@pytest.mark.parametrize("document", [HUB, SPOKE], ids=["template.yaml", "spoke.yaml"])
def test_no_role_allows_an_action_by_a_wildcard_or_any_resource_without_need(
    document: Json,
) -> None:
    needed = {
        action
        for grants_of in (ADVISOR_READS, *(RIGHTS[bot.name].grants for bot in BOTS))
        for grant in grants_of
        if grant.why_any and grant.resources == ("*",)
        for action in grant.actions
    }
    roles = [item for item in document["Resources"].values() if item["Type"] == "AWS::IAM::Role"]
    allowed = [
        (action, as_text(resource))
        for role in roles
        for statement in statements(role)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]

    assert allowed
    assert [action for action, _ in allowed if "*" in action] == []
    assert {action for action, resource in allowed if resource == "*"} <= {
        *needed,
        *ORGANIZATION_LISTS,
    }


@each_function
def test_a_function_is_in_the_template_with_a_role_and_a_log_group_of_its_own(name: str) -> None:
    function = RESOURCES[f"{logical_id(name)}Function"]["Properties"]
    role = f"{logical_id(name)}Role"

    assert function["CodeUri"] == f"functions/{name}"
    assert as_text(function["Role"]) == f"${{{role}.Arn}}"
    assert as_text(function["LoggingConfig"]["LogGroup"]) == f"${{{logical_id(name)}LogGroup}}"
    assert "ManagedPolicyArns" not in RESOURCES[role]["Properties"]


@each_function
def test_a_function_is_short_and_imports_entry_points_only(name: str) -> None:
    text = (ROOT / "functions" / name / "app.py").read_text(encoding="utf-8")
    body = ast.parse(text).body
    imported = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]

    modules = [node.module if isinstance(node, ast.ImportFrom) else "import" for node in imported]

    assert len(text.splitlines()) <= MOST_LINES
    assert all(str(module).startswith("sagewarden.entrypoints.") for module in modules)
    assert all(
        isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.Expr) for node in body
    )


def test_every_function_of_the_template_has_a_folder() -> None:
    folders = [
        item["Properties"]["CodeUri"].removeprefix("functions/")
        for item in of_type("AWS::Serverless::Function").values()
    ]

    assert sorted(folders) == FUNCTIONS


def test_functions_run_on_arm64_without_x_ray() -> None:
    common = HUB["Globals"]["Function"]
    traced = [
        name
        for name, item in of_type("AWS::Serverless::Function").items()
        if "Tracing" in item["Properties"]
    ]

    assert (common["Runtime"], common["Architectures"]) == ("python3.13", ["arm64"])
    assert "Tracing" not in common
    assert traced == []


def test_what_a_deployment_asks_for_has_a_default() -> None:
    assert [name for name, item in HUB["Parameters"].items() if "Default" not in item] == []


def test_the_ledger_outlives_the_stack_and_can_be_brought_back() -> None:
    ledger = RESOURCES["Ledger"]
    properties = ledger["Properties"]

    assert (ledger["DeletionPolicy"], ledger["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"]


def test_the_archive_outlives_the_stack_and_is_open_to_nobody() -> None:
    archive, policy = RESOURCES["Archive"], RESOURCES["ArchivePolicy"]["Properties"]
    properties = archive["Properties"]
    [encryption] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    [statement] = policy["PolicyDocument"]["Statement"]

    assert (archive["DeletionPolicy"], archive["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_every_dead_letter_queue_and_every_alarm_reaches_somebody() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm")
    watched = {
        as_text(item["Properties"]["Dimensions"][0]["Value"])
        for item in alarms.values()
        if item["Properties"].get("MetricName") == "ApproximateNumberOfMessagesVisible"
    }
    dead = {f"${{{name}.QueueName}}" for name in RESOURCES if name.endswith("DeadLetters")}

    assert watched == dead
    assert [
        name
        for name, item in alarms.items()
        if [as_text(action) for action in item["Properties"]["AlarmActions"]] != ["${NoticesTopic}"]
    ] == []


def test_every_alarm_leads_to_a_heading_of_the_runbook() -> None:
    runbook = (ROOT / "docs/runbook.md").read_text(encoding="utf-8").lower()
    described = [
        item["Properties"]["AlarmDescription"]
        for item in of_type("AWS::CloudWatch::Alarm").values()
    ]

    headings = {text.rpartition("docs/runbook.md, ")[2] for text in described}

    assert headings == {"backlog", "dead letters", "failing", "limits", "out of reach", "silent"}
    assert [heading for heading in headings if f"\n## {heading}" not in runbook] == []


def test_what_lets_nobody_in_raises_one_alarm_for_all_bots() -> None:
    metrics = RESOURCES["OutOfReachAlarm"]["Properties"]["Metrics"][1:]
    watched = [item["MetricStat"]["Metric"] for item in metrics]

    assert {item["MetricName"] for item in watched} == {"OutOfReach"}
    assert [item["Dimensions"][0]["Value"] for item in watched] == [
        "dispatcher",
        *(bot.name for bot in BOTS),
    ]


@pytest.mark.parametrize(
    ("name", "expression"),
    [("Reporter", "cron(0 9 ? * MON *)"), ("Advisor", "cron(30 9 ? * MON *)")],
)
def test_what_is_weekly_is_woken_on_monday_mornings_in_the_zone_of_the_stack(
    name: str, expression: str
) -> None:
    schedule = RESOURCES[f"{name}Schedule"]["Properties"]
    function = RESOURCES[f"{name}Function"]["Properties"]
    dead = f"${{{name}DeadLetters.Arn}}"

    assert schedule["ScheduleExpression"] == expression
    assert as_text(schedule["ScheduleExpressionTimezone"]) == "${Timezone}"
    assert as_text(schedule["Target"]["Arn"]) == f"${{{name}Function.Arn}}"
    assert json.loads(schedule["Target"]["Input"]) == {"version": 1}
    assert as_text(schedule["Target"]["DeadLetterConfig"]["Arn"]) == dead
    assert as_text(function["DeadLetterQueue"]["TargetArn"]) == dead


def test_the_scheduler_wakes_the_dispatcher_and_what_is_weekly_and_nothing_else() -> None:
    assert {resource for _, resource, _ in grants(RESOURCES["SchedulerRole"])} == {
        f"${{{name}{part}.Arn}}"
        for name in ("Dispatcher", "Reporter", "Advisor")
        for part in ("Function", "DeadLetters")
    }


def test_the_reporter_reads_the_ledger_and_sends_digests_and_may_do_nothing_else() -> None:
    via_sns = {"StringEquals": {"kms:ViaService": "sns.${AWS::Region}.amazonaws.com"}}
    ledger = (*_READS_AND_PUTS, "dynamodb:DeleteItem")

    assert grants(RESOURCES["ReporterRole"]) == registered(
        (
            Grant(("logs:CreateLogStream", "logs:PutLogEvents"), ("${ReporterLogGroup.Arn}",)),
            Grant(("sqs:SendMessage",), ("${ReporterDeadLetters.Arn}", "${NoticesQueue.Arn}")),
            Grant(ledger, ("${Ledger.Arn}",)),
            Grant(("sns:Publish",), ("${NoticesTopic}",)),
            Grant(("kms:Decrypt", "kms:GenerateDataKey"), ("${NoticesKey.Arn}",), via_sns),
        )
    )


def test_the_advisor_reads_everywhere_sends_advice_and_may_change_nothing() -> None:
    via_sns = {"StringEquals": {"kms:ViaService": "sns.${AWS::Region}.amazonaws.com"}}
    spokes = {"StringEquals": {"aws:ResourceAccount": "${SpokeAccounts}"}}
    organization = {"StringEquals": {"aws:ResourceOrgID": "${OrganizationId}"}}
    ledger = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")
    advice_only = {"StringLike": {"s3:prefix": "advice/*"}}

    assert grants(RESOURCES["AdvisorRole"]) == registered(
        (
            Grant(("logs:CreateLogStream", "logs:PutLogEvents"), ("${AdvisorLogGroup.Arn}",)),
            Grant(("sqs:SendMessage",), ("${AdvisorDeadLetters.Arn}", "${NoticesQueue.Arn}")),
            Grant(
                ("sqs:SendMessage", *_WORKS_OFF, "sqs:ChangeMessageVisibility"),
                ("${AdvisorQueue.Arn}",),
            ),
            Grant(("s3:GetObject", "s3:PutObject"), ("${Archive.Arn}/advice/*",)),
            Grant(("s3:ListBucket",), ("${Archive.Arn}",), advice_only),
            Grant(ledger, ("${Ledger.Arn}",)),
            Grant(("sns:Publish",), ("${NoticesTopic}",)),
            Grant(("kms:Decrypt", "kms:GenerateDataKey"), ("${NoticesKey.Arn}",), via_sns),
            Grant(
                ("sts:AssumeRole",),
                ("arn:${AWS::Partition}:iam::*:role/${SpokeRoleName}",),
                spokes,
            ),
            Grant(
                ("sts:AssumeRole",),
                ("arn:${AWS::Partition}:iam::*:role/${SpokeRoleName}",),
                organization,
            ),
            Grant(("dynamodb:GetItem",), ("${Ledger.Arn}",), ROSTER_ONLY),
            *ADVISOR_READS,
        )
    )


def test_the_advisors_queue_outlasts_what_closes_a_week_and_its_alarm_waits_for_that() -> None:
    queue = RESOURCES["AdvisorQueue"]["Properties"]
    function = RESOURCES["AdvisorFunction"]["Properties"]
    source = function["Events"]["Accounts"]["Properties"]
    alarm = RESOURCES["AdvisorBacklogAlarm"]["Properties"]
    attempts, hidden = queue["RedrivePolicy"]["maxReceiveCount"], queue["VisibilityTimeout"]
    closing = CLOSES_AFTER.total_seconds() + (attempts - 1) * hidden

    assert hidden >= 6 * function["Timeout"]
    assert as_text(queue["RedrivePolicy"]["deadLetterTargetArn"]) == "${AdvisorDeadLetters.Arn}"
    assert as_text(source["Queue"]) == "${AdvisorQueue.Arn}"
    assert (source["BatchSize"], source["FunctionResponseTypes"]) == (
        1,
        ["ReportBatchItemFailures"],
    )
    assert attempts * hidden < CLOSES_AFTER.total_seconds(), "who fails thrice did so by then"
    assert closing < alarm["Threshold"] == PATIENT["AdvisorQueue"].total_seconds()
    assert alarm["Threshold"] < queue["MessageRetentionPeriod"]
    assert as_text(alarm["Dimensions"][0]["Value"]) == "${AdvisorQueue.QueueName}"


def test_what_was_found_for_a_weeks_advice_is_deleted_and_manifests_are_not() -> None:
    [rule] = RESOURCES["Archive"]["Properties"]["LifecycleConfiguration"]["Rules"]

    assert (rule["Prefix"], rule["Status"]) == ("advice/", "Enabled")
    assert rule["ExpirationInDays"] > 7


def test_the_advisor_can_be_left_asleep() -> None:
    state = RESOURCES["AdvisorSchedule"]["Properties"]["State"]

    assert state == {"Fn::If": ["HasAdvisor", {"Ref": "Schedules"}, "DISABLED"]}
    assert HUB["Conditions"]["HasAdvisor"] == {"Fn::Equals": [{"Ref": "Advisor"}, "yes"]}
    assert HUB["Parameters"]["Advisor"]["Default"] == "yes"


STREAM_KEEPS = 86400
"""Seconds for which DynamoDB keeps a record of a stream (its developer guide)."""

SLACK_ONLY = ("Notifier", "Notices", "Interactions", "Clicks", "Responder")
_WORKS_OFF = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_READS_AND_PUTS = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem")
SLACK_GRANTS = {
    "Notifier": (
        Grant(_WORKS_OFF, ("${NoticesQueue.Arn}",)),
        Grant(("sqs:SendMessage",), ("${NotifierDeadLetters.Arn}",)),
        Grant(_READS_AND_PUTS, ("${Ledger.Arn}",)),
    ),
    "Interactions": (Grant(("sqs:SendMessage",), ("${ClicksQueue.Arn}",)),),
    "Responder": (
        Grant(_WORKS_OFF, ("${ClicksQueue.Arn}",)),
        Grant(("sqs:SendMessage",), ("${ResponderDeadLetters.Arn}", "${RestoresQueue.Arn}")),
        Grant(("sqs:SendMessage",), tuple(f"${{{bot.queue}.Arn}}" for bot in BOTS)),
        Grant((*_READS_AND_PUTS, "dynamodb:DeleteItem"), ("${Ledger.Arn}",)),
    ),
}


def test_everything_of_slack_is_there_only_where_there_is_a_secret() -> None:
    kept = {"NoticesKey", "NoticesTopic", "NoticesTopicPolicy"}
    expected = {name for name in RESOURCES if name.startswith(SLACK_ONLY)} - kept

    found = {name for name, item in RESOURCES.items() if item.get("Condition") == "HasSlack"}
    outputs = {n for n, item in HUB["Outputs"].items() if item.get("Condition") == "HasSlack"}

    assert found == expected
    assert outputs == {"NotifierDeadLettersUrl", "ResponderDeadLettersUrl", "SlackRequestUrl"}
    assert HUB["Conditions"]["HasSlack"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "SlackSecret"}, ""]}]
    }


def test_everything_that_restores_is_there_only_where_clicks_may() -> None:
    expected = {name for name in RESOURCES if name.startswith("Restore")}

    found = {name for name, item in RESOURCES.items() if item.get("Condition") == "HasRestorer"}
    outputs = {n for n, item in HUB["Outputs"].items() if item.get("Condition") == "HasRestorer"}

    assert found == expected
    assert outputs == {"RestorerDeadLettersUrl"}
    assert HUB["Conditions"]["HasRestorer"] == {
        "Fn::And": [
            {"Condition": "HasSlack"},
            {"Fn::Equals": [{"Ref": "RestoreByClick"}, "yes"]},
        ]
    }


@each_bot
def test_a_bots_role_reaches_the_queue_of_notices_only_where_there_is_slack(bot: Bot) -> None:
    policies = RESOURCES[f"{bot.logical_id}Role"]["Properties"]["Policies"]
    conditional = {
        listed["Fn::If"][0]: listed["Fn::If"][1]["Action"]
        for policy in policies
        for listed in policy["PolicyDocument"]["Statement"]
        if "Fn::If" in listed
    }

    assert conditional == {
        "HasSlack": "sqs:SendMessage",
        "HasSpokeAccounts": "sts:AssumeRole",
        "HasOrganization": "sts:AssumeRole",
    }


@pytest.mark.parametrize("name", SLACK_GRANTS)
def test_a_role_for_slack_allows_what_it_needs_and_no_more(name: str) -> None:
    every = (
        Grant(("logs:CreateLogStream", "logs:PutLogEvents"), (f"${{{name}LogGroup.Arn}}",)),
        Grant(("secretsmanager:GetSecretValue",), ("${SlackSecret}",)),
    )

    assert grants(RESOURCES[f"{name}Role"]) == registered((*every, *SLACK_GRANTS[name]))


@pytest.mark.parametrize(
    ("name", "queue"),
    [("Notifier", "Notices"), ("Responder", "Clicks"), ("Restorer", "Restores")],
)
def test_a_queue_for_slack_waits_long_enough_and_its_messages_come_one_by_one(
    name: str, queue: str
) -> None:
    waiting = RESOURCES[f"{queue}Queue"]["Properties"]
    function = RESOURCES[f"{name}Function"]["Properties"]
    [event] = function["Events"].values()

    assert waiting["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert as_text(event["Properties"]["Queue"]) == f"${{{queue}Queue.Arn}}"
    assert event["Properties"]["BatchSize"] == 1
    assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    attempts = waiting["RedrivePolicy"]["maxReceiveCount"] * waiting["VisibilityTimeout"]
    assert waiting["MessageRetentionPeriod"] > attempts


def test_notices_are_kept_in_order_and_a_parcel_that_is_sent_twice_is_one() -> None:
    queue, dead = (
        RESOURCES[name]["Properties"] for name in ("NoticesQueue", "NotifierDeadLetters")
    )

    assert (queue["FifoQueue"], queue["ContentBasedDeduplication"]) == (True, True)
    assert dead["FifoQueue"] is True


def test_everything_of_the_webhook_is_there_only_where_there_is_a_url_and_then_a_key() -> None:
    expected = {name for name in RESOURCES if name.startswith("Webhook")}
    [rule] = HUB["Rules"].values()

    found = {name for name, item in RESOURCES.items() if item.get("Condition") == "HasWebhook"}
    outputs = {n for n, item in HUB["Outputs"].items() if item.get("Condition") == "HasWebhook"}

    assert (found, outputs) == (expected, {"WebhookDeadLettersUrl"})
    given = {"Fn::Not": [{"Fn::Equals": [{"Ref": "WebhookUrl"}, ""]}]}
    assert HUB["Conditions"]["HasWebhook"] == rule["RuleCondition"] == given
    assert rule["Assertions"][0]["Assert"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "WebhookSecret"}, ""]}]
    }


def test_the_announcer_reads_the_stream_and_puts_events_of_ours_on_one_bus_only() -> None:
    reads = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

    assert grants(RESOURCES["AnnouncerRole"]) == registered(
        (
            Grant(("logs:CreateLogStream", "logs:PutLogEvents"), ("${AnnouncerLogGroup.Arn}",)),
            Grant(reads, ("${Ledger.StreamArn}",)),
            Grant(("dynamodb:ListStreams",), ("${Ledger.Arn}/stream/*",)),
            Grant(
                ("events:PutEvents",),
                ("${AnnouncementsBus.Arn}",),
                {"StringEquals": {"events:source": "sagewarden"}},
            ),
            Grant(("sqs:SendMessage",), ("${AnnouncerDeadLetters.Arn}",)),
        )
    )


def test_what_the_stream_wakes_the_announcer_with_is_never_dropped_in_silence() -> None:
    ledger = RESOURCES["Ledger"]["Properties"]
    [event] = RESOURCES["AnnouncerFunction"]["Properties"]["Events"].values()
    source = event["Properties"]
    [pattern] = source["FilterCriteria"]["Filters"]
    wanted = json.loads(pattern["Pattern"])

    assert ledger["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert wanted["eventName"] == ["INSERT"]
    assert wanted["dynamodb"]["Keys"]["sk"]["S"] == [{"prefix": "AUDIT#"}, {"prefix": "OUTCOME#"}]
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["MaximumRetryAttempts"] == -1
    assert 0 < source["MaximumRecordAgeInSeconds"] < STREAM_KEEPS
    assert source["BisectBatchOnFunctionError"] is True
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    destination = source["DestinationConfig"]["OnFailure"]["Destination"]
    assert as_text(destination) == "${AnnouncerDeadLetters.Arn}"


def test_the_webhook_is_tried_for_a_day_and_then_its_event_is_kept() -> None:
    rule = RESOURCES["WebhookRule"]["Properties"]
    [target] = rule["Targets"]

    assert as_text(rule["EventBusName"]) == "${AnnouncementsBus}"
    assert rule["EventPattern"] == {"source": ["sagewarden"]}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert as_text(target["DeadLetterConfig"]["Arn"]) == "${WebhookDeadLetters.Arn}"
    assert grants(RESOURCES["WebhookRole"]) == registered(
        (Grant(("events:InvokeApiDestination",), ("${WebhookDestination.Arn}",)),)
    )


def test_every_queue_encrypts_what_it_holds_and_every_log_ends() -> None:
    queues = of_type("AWS::SQS::Queue")
    groups = of_type("AWS::Logs::LogGroup")

    assert [n for n, q in queues.items() if not q["Properties"].get("SqsManagedSseEnabled")] == []
    assert [n for n, g in groups.items() if "RetentionInDays" not in g["Properties"]] == []


def test_the_dashboard_is_json() -> None:
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]

    widgets = json.loads(body)["widgets"]

    assert len(widgets) == 9


def test_the_dashboard_shows_what_runs_cost_and_they_are_priced_for_the_processor_they_run_on() -> (
    None
):
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = [metric for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    searched = [item["expression"] for [item] in (m for m in shown if len(m) == 1)]
    processors = {
        name: item["Properties"].get("Architectures", HUB["Globals"]["Function"]["Architectures"])
        for name, item in of_type("AWS::Serverless::Function").items()
    }

    assert any("MetricName=RunCost'" in search for search in searched)
    assert {tuple(found) for found in processors.values()} == {("arm64",)}
    assert PAID_BY_USE["lambda.duration"].unit == "GB-second of arm64"


@each_bot
def test_the_dashboard_shows_how_old_messages_are_and_dead_letters(bot: Bot) -> None:
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = {
        (metric[1], metric[3])
        for widget in body["widgets"]
        for metric in widget["properties"]["metrics"]
        if metric[0] == "AWS/SQS"
    }

    assert ("ApproximateAgeOfOldestMessage", f"${{{bot.queue}.QueueName}}") in shown
    dead = f"${{{bot.dead_letters}.QueueName}}"
    assert ("ApproximateNumberOfMessagesVisible", dead) in shown


def test_each_stage_deploys_a_stack_of_its_own() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    parameters = HUB["Parameters"]

    stages = {stage: config[stage]["deploy"]["parameters"] for stage in ("dev", "staging", "prod")}
    overridden = {
        pair.partition("=")[0]
        for stage in stages.values()
        for pair in stage.get("parameter_overrides", "").split()
    }

    assert len({stage["stack_name"] for stage in stages.values()}) == 3
    assert overridden <= parameters.keys()
