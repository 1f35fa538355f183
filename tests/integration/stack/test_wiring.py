"""The wires between queues, schedules and functions; the functions are Python ones in here."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import deploy
from sagewarden_cli.stack.functions import ArtifactError, LambdaFunction, functions_of
from sagewarden_cli.stack.resources.messaging import NotWiredError
from sagewarden_cli.stack.runtime import Invocation
from sagewarden_cli.stack.wiring import Wiring, wired

NINE_IN_SEOUL = datetime(2026, 11, 19, 9, tzinfo=ZoneInfo("Asia/Seoul"))

type Handler = Callable[[dict[str, Any]], Any]


class PythonRuntime:
    """Runs one Python callable for every function, and keeps what it was given."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.handler: Handler = lambda _event: None

    def invoke(self, _function: LambdaFunction, event: dict[str, Any]) -> Invocation:
        self.events.append(event)
        try:
            return Invocation(self.handler(event), None, "done\n")
        except ValueError as error:
            return Invocation(None, f"ValueError: {error}", "")

    @property
    def bodies(self) -> list[list[str]]:
        return [[record["body"] for record in event["Records"]] for event in self.events]


def role(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    trust = {"Version": "2012-10-17", "Statement": []}
    policies = [{"PolicyName": "p", "PolicyDocument": policy}]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, "Policies": policies},
    }


def schedule(target: str, **more: object) -> dict[str, Any]:
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": "cron(0 9 * * ? *)",
            "ScheduleExpressionTimezone": "Asia/Seoul",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": {"Fn::GetAtt": [target, "Arn"]},
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "Input": '{"at": "<aws.scheduler.scheduled-time>"}',
                "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
            **more,
        },
    }


def template(code: Path) -> dict[str, Any]:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 2}
    function = {
        "Handler": "app.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"S3Key": str(code)},
        "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
        "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
    }
    mapping = {
        "EventSourceArn": {"Fn::GetAtt": ["Work", "Arn"]},
        "FunctionName": {"Ref": "Function"},
        "BatchSize": 3,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    return {
        "Resources": {
            "Role": role("sqs:*", "logs:*", "lambda:InvokeFunction"),
            "Dead": {"Type": "AWS::SQS::Queue"},
            "Work": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"VisibilityTimeout": 60, "RedrivePolicy": redrive},
            },
            "Logs": {"Type": "AWS::Logs::LogGroup"},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
        }
    }


@pytest.fixture
def runtime() -> PythonRuntime:
    return PythonRuntime()


type Wire = Callable[..., Wiring]


@pytest.fixture
def wire(
    sandbox: Sandbox, runtime: PythonRuntime, tmp_path: Path, request: pytest.FixtureRequest
) -> Wire:
    def wiring(**more: dict[str, Any]) -> Wiring:
        wanted = template(tmp_path)
        wanted["Resources"] |= more
        lasting = wired(sandbox, deploy(sandbox, wanted, name="s"), runtime)  # type: ignore[arg-type]  # a stand-in
        entered = lasting.__enter__()
        request.addfinalizer(lambda: lasting.__exit__(None, None, None))
        return entered

    return wiring


def send(wiring: Wiring, *bodies: str) -> None:
    for body in bodies:
        url = wiring.stack.resources["Work"].ref
        wiring.sandbox.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def refuse(*bodies: str) -> Handler:
    def handler(event: dict[str, Any]) -> Any:
        named = [
            {"itemIdentifier": record["messageId"]}
            for record in event["Records"]
            if record["body"] in bodies
        ]
        return {"batchItemFailures": named}

    return handler


def fail(_event: dict[str, Any]) -> None:
    raise ValueError("broken")


def later(wiring: Wiring, minutes: int) -> None:
    wiring.run_until(wiring.sandbox.clock.now() + timedelta(minutes=minutes))


def test_a_batch_is_no_larger_than_its_mapping_says(wire: Wire, runtime: PythonRuntime) -> None:
    wiring = wire()
    send(wiring, *"abcd")

    wiring.deliver()

    assert runtime.bodies == [["a", "b", "c"], ["d"]]
    assert runtime.events[0]["Records"][0]["eventSource"] == "aws:sqs"


def test_only_what_failed_comes_back_after_its_timeout_and_then_is_dead(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire()
    runtime.handler = refuse("b")
    send(wiring, "a", "b")

    wiring.deliver()
    later(wiring, 3)

    assert runtime.bodies == [["a", "b"], ["b"]]
    assert (wiring.waiting_in("s-Work"), wiring.waiting_in("s-Dead")) == (0, 1)


@pytest.mark.parametrize("answer", [{"batchItemFailures": [{"itemIdentifier": "no such"}]}, None])
def test_an_answer_that_names_what_was_never_sent_fails_the_batch_and_none_is_success(
    wire: Wire, runtime: PythonRuntime, answer: object
) -> None:
    wiring = wire()
    runtime.handler = lambda _event: answer
    send(wiring, "a")

    wiring.deliver()

    assert wiring.waiting_in("s-Work") == (0 if answer is None else 1)


def test_an_error_fails_the_whole_batch_and_is_noted(wire: Wire, runtime: PythonRuntime) -> None:
    wiring = wire()
    runtime.handler = fail
    send(wiring, "a", "b")

    later(wiring, 3)

    assert [failure.error for failure in wiring.failures] == ["ValueError: broken"] * 2
    assert wiring.waiting_in("s-Dead") == 2


def test_a_schedule_sends_at_its_hour_with_its_time_filled_in(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire(Daily=schedule("Work"), Off=schedule("Work", State="DISABLED"))

    wiring.run_until(NINE_IN_SEOUL + timedelta(days=1))

    assert [json.loads(body)["at"] for [body] in runtime.bodies] == [
        "2026-11-19T00:00:00Z",
        "2026-11-20T00:00:00Z",
    ]


def test_while_the_stack_sleeps_schedules_are_lost(wire: Wire, runtime: PythonRuntime) -> None:
    wiring = wire(Daily=schedule("Work"))

    wiring.sleep_until(NINE_IN_SEOUL + timedelta(hours=1))
    wiring.run_until(NINE_IN_SEOUL + timedelta(hours=2))

    assert runtime.events == []


def test_only_the_schedules_that_are_let_fire(wire: Wire, runtime: PythonRuntime) -> None:
    wiring = wire(Daily=schedule("Work"), Other=schedule("Function"))

    wiring.let_fire("Daily")
    wiring.run_until(NINE_IN_SEOUL)

    assert len(runtime.bodies) == 1


def test_a_function_that_fails_its_schedule_is_tried_three_times_and_the_event_is_kept(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire(Daily=schedule("Function"))
    runtime.handler = fail

    wiring.run_until(NINE_IN_SEOUL)

    assert runtime.events == [{"at": "2026-11-19T00:00:00Z"}] * 3
    assert wiring.waiting_in("s-Dead") == 1
    asked = {request.action for request in wiring.recorder.requests}
    assert {"lambda:InvokeFunction", "sqs:SendMessage"} <= asked


def test_what_cannot_be_delivered_goes_to_the_schedules_own_dead_letters(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire(Daily=schedule("Work"))
    wiring.unreachable.add(wiring.stack.resources["Work"].attributes["Arn"])

    wiring.run_until(NINE_IN_SEOUL)

    assert (runtime.events, wiring.waiting_in("s-Dead")) == ([], 1)


def test_a_functions_output_is_in_its_log_group(wire: Wire) -> None:
    wiring = wire()
    send(wiring, "a")

    wiring.deliver()

    logs = wiring.sandbox.client("logs")
    events = logs.filter_log_events(logGroupName=wiring.stack.resources["Logs"].ref)["events"]
    assert [event["message"] for event in events] == ["done"]


def test_calls_of_the_roles_are_recorded_and_those_of_people_are_not(wire: Wire) -> None:
    wiring = wire()
    send(wiring, "a")

    wiring.deliver()

    arn = wiring.stack.resources["Role"].attributes["Arn"]
    assert {request.role for request in wiring.recorder.requests} == {arn}
    actions = {request.action for request in wiring.recorder.requests}
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage", "logs:PutLogEvents"} <= actions
    assert "sqs:SendMessage" not in actions


def test_a_call_that_nobody_can_judge_is_kept_by_name(wire: Wire) -> None:
    wiring = wire()
    arn = wiring.stack.resources["Role"].attributes["Arn"]

    wiring.sandbox.client_as(arn, "ec2").describe_vpcs()

    assert len(wiring.recorder.unknown) == 1
    assert "ec2.DescribeVpcs is in no table" in wiring.recorder.unknown[0]


def test_a_mapping_with_a_filter_is_refused_rather_than_played_wrongly(wire: Wire) -> None:
    filtered = {
        "EventSourceArn": {"Fn::GetAtt": ["Work", "Arn"]},
        "FunctionName": {"Ref": "Function"},
        "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
    }

    with pytest.raises(NotWiredError, match="only queues without filters"):
        wire(Second={"Type": "AWS::Lambda::EventSourceMapping", "Properties": filtered})


@pytest.fixture
def layered(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer/governance.yaml").write_text("version: 1\n")
    wanted = template(tmp_path)
    content = {"Content": {"S3Key": str(tmp_path / "layer")}}
    wanted["Resources"]["Layer"] = {"Type": "AWS::Lambda::LayerVersion", "Properties": content}
    wanted["Resources"]["Function"]["Properties"]["Layers"] = [{"Ref": "Layer"}]
    return wanted


def test_a_path_in_opt_is_the_layers_own_file(sandbox: Sandbox, layered: dict[str, Any]) -> None:
    stack = deploy(sandbox, layered, name="s")

    [function] = functions_of(stack, {"POLICY_FILE": "/opt/governance.yaml"}).values()

    assert Path(function.environment["POLICY_FILE"]).read_text() == "version: 1\n"
    assert function.python_path[1] == function.layers[0] / "python"


def test_a_file_that_no_layer_has_and_code_that_was_not_built_are_named(
    sandbox: Sandbox, layered: dict[str, Any]
) -> None:
    with pytest.raises(ArtifactError, match="no layer has /opt/other"):
        functions_of(deploy(sandbox, layered, name="s"), {"POLICY_FILE": "/opt/other"})
    sandbox.reset()
    layered["Resources"]["Function"]["Properties"]["Code"]["S3Key"] = "nowhere/at/all"
    with pytest.raises(ArtifactError, match="Function: /nowhere/at/all is not there"):
        functions_of(deploy(sandbox, layered, name="s"))
