"""The sandbox itself: its clock, its remote control, its neighbours and moto behind it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from botocore.exceptions import ClientError
from botocore.model import StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.clock import SandboxClock
from sagewarden_cli.sandbox.shapes import operation_model

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)

type Client = Any  # boto3 makes its clients at run time
type Call = Callable[..., tuple[int, dict[str, Any]]]


def http(
    url: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    answer = urllib3.request(method, url, body=body, headers=headers, retries=False)
    return answer.status, answer.data


@pytest.fixture
def control(sandbox: Sandbox) -> Call:
    def call(method: str, path: str, **body: object) -> tuple[int, dict[str, Any]]:
        sent = json.dumps(body).encode() if body else None
        status, found = http(f"{sandbox.endpoint_url}/sagewarden/{path}", method, sent)
        return status, json.loads(found)

    return call


def test_a_clock_that_was_given_a_time_stands_still_until_it_is_moved() -> None:
    clock = SandboxClock(NINE)

    before = clock.now()
    clock.advance(timedelta(hours=1))
    seoul = timezone(timedelta(hours=9))
    clock.set(datetime(2026, 11, 2, 20, tzinfo=seoul))

    assert before == NINE
    assert clock.now() == datetime(2026, 11, 2, 11, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_a_clock_of_its_own_ticks_and_can_be_moved_ahead() -> None:
    clock = SandboxClock()

    before = clock.now()
    clock.advance(timedelta(days=1))
    after = clock.now()

    assert not clock.is_frozen
    assert timedelta(days=1) <= after - before < timedelta(days=1, minutes=1)


@pytest.mark.parametrize(
    "move",
    [
        lambda clock: clock.advance(timedelta(seconds=-1)),
        lambda clock: clock.set(NINE - timedelta(seconds=1)),
        lambda clock: clock.set(datetime(2027, 1, 1)),  # noqa: DTZ001  # naive on purpose
    ],
)
def test_a_clock_runs_only_forward_and_needs_a_time_zone(
    move: Callable[[SandboxClock], object],
) -> None:
    clock = SandboxClock(NINE)

    with pytest.raises(ValueError, match=r"clock|time zone"):
        move(clock)

    assert clock.now() == NINE


def test_the_clock_is_read_and_moved_over_http(sandbox: Sandbox, control: Call) -> None:
    first = control("GET", "clock")
    control("POST", "clock", advance_seconds=90)
    second = control("POST", "clock", now="2026-11-03T09:00:00+09:00")

    assert first == (200, {"now": "2026-11-02T09:00:00+00:00", "frozen": True})
    assert second == (200, {"now": "2026-11-03T00:00:00+00:00", "frozen": True})
    assert sandbox.clock.now() == datetime(2026, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "complaint"),
    [
        ("POST", "clock", {"now": "2020-01-01T00:00:00Z"}, 400, "cannot go back"),
        ("POST", "clock", {"then": 1}, 400, "advance_seconds"),
        ("POST", "transition-times", {"endpoint": {"Dreaming": 1}}, 400, "Dreaming"),
        ("POST", "transition-times", {"all": -1}, 400, "0 or more"),
        ("POST", "status", {"kind": "endpoint", "name": "x"}, 400, "status"),
        (
            "POST",
            "status",
            {"kind": "endpoint", "name": "x", "status": "Failed"},
            400,
            "no endpoint 'x'",
        ),
        ("POST", "status", {"kind": "toy", "name": "x", "status": "Failed"}, 400, "toy"),
        ("POST", "latency", {"seconds": -1}, 400, "0 or more"),
        ("GET", "nothing", {}, 404, "GET /sagewarden/clock"),
    ],
)
def test_a_wrong_control_request_is_told_what_would_be_right(
    control: Call, method: str, path: str, body: dict[str, Any], status: int, complaint: str
) -> None:
    answer, found = control(method, path, **body)

    assert answer == status
    assert complaint in found["error"]


def test_transition_times_are_set_over_http(sagemaker: Client, control: Call) -> None:
    _, times = control(
        "POST", "transition-times", **{"all": 7, "notebook-instance": {"Pending": 0}}
    )
    sagemaker.create_notebook_instance(
        NotebookInstanceName="nb",
        InstanceType="ml.t3.medium",
        RoleArn="arn:aws:iam::123456789012:role/r",
    )

    found = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")

    assert times["endpoint"] == {"Creating": 7.0, "Updating": 7.0, "Deleting": 7.0}
    assert found["NotebookInstanceStatus"] == "InService"


def test_each_call_takes_as_long_as_its_latency_says(
    sandbox: Sandbox, sagemaker: Client, control: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(sandbox.latency, "_sleep", waited.append)

    sagemaker.list_endpoints()
    _, before = control("GET", "latency")
    _, slow = control("POST", "latency", seconds=0.05)
    sagemaker.list_endpoints()
    sandbox.client("sts").get_caller_identity()
    sandbox.latency.set(timedelta(0))

    assert (before, slow) == ({"seconds": 0.0}, {"seconds": 0.05})
    assert waited == [0.05, 0.05]


def test_a_status_is_forced_over_http(sandbox: Sandbox, sagemaker: Client, control: Call) -> None:
    sandbox.sagemaker().add_endpoint("e")

    status, _ = control("POST", "status", kind="endpoint", name="e", status="SystemUpdating")

    assert status == 200
    assert sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"] == "SystemUpdating"


def test_metrics_are_loaded_over_http(cloudwatch: Client, control: Call) -> None:
    status, found = control(
        "POST",
        "metrics",
        namespace="AWS/SageMaker",
        metric="Invocations",
        dimensions={"EndpointName": "e", "VariantName": "v"},
        points=[["2026-11-02T08:00:00Z", 3], ["2026-11-02T07:00:00Z", 0]],
    )

    assert (status, found) == (200, {"loaded": 2})
    assert len(cloudwatch.list_metrics()["Metrics"]) == 1


def test_calls_are_counted_whoever_answers_them(
    sandbox: Sandbox, client: Callable[[str], Client], control: Call
) -> None:
    client("sagemaker").list_endpoints()
    client("sagemaker").list_endpoints()
    client("lambda").list_functions()
    client("sqs").list_queues()

    _, found = control("GET", "calls")
    _, cleared = control("DELETE", "calls")

    assert found["calls"] == {
        "sagemaker.ListEndpoints": 2,
        "lambda.ListFunctions": 1,
        "sqs.ListQueues": 1,
    }
    assert cleared["calls"] == {}
    assert sandbox.calls.count("sagemaker") == 0


def test_a_reset_empties_everything_and_starts_time_anew(
    sandbox: Sandbox, client: Callable[[str], Client], control: Call
) -> None:
    sandbox.sagemaker().add_endpoint("e", tags={"Owner": "mina"})
    sandbox.metrics.load(None, None, "N", "M", {}, [(NINE, 1.0)])
    sandbox.transition_times.set_all(timedelta(0))
    client("sqs").create_queue(QueueName="q")
    sandbox.clock.advance(timedelta(days=1))

    status, clock = control("POST", "reset", now="2026-11-02T09:00:00Z")

    assert (status, clock["now"]) == (200, "2026-11-02T09:00:00+00:00")
    assert client("sagemaker").list_endpoints()["Endpoints"] == []
    assert client("cloudwatch").list_metrics()["Metrics"] == []
    assert "QueueUrls" not in client("sqs").list_queues()
    assert sandbox.transition_times.of("endpoint", "Creating") == timedelta(minutes=5)


def test_a_builder_of_before_a_reset_builds_in_what_is_there_after_it(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    fleet = sandbox.sagemaker()

    sandbox.reset(now=NINE)
    fleet.add_endpoint("e")

    assert len(sagemaker.list_endpoints()["Endpoints"]) == 1


def test_two_sandboxes_have_their_own_time_and_resources(sandbox: Sandbox) -> None:
    with Sandbox(now=NINE + timedelta(days=1)) as other:
        other.sagemaker().add_endpoint("e")
        found = other.client("sagemaker").list_endpoints()["Endpoints"]

    assert [endpoint["EndpointName"] for endpoint in found] == ["e"]
    assert found[0]["CreationTime"] == NINE + timedelta(days=1)
    assert sandbox.client("sagemaker").list_endpoints()["Endpoints"] == []


def test_a_sandbox_that_does_not_run_has_no_port_and_none_starts_twice(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = Sandbox().endpoint_url

    with pytest.raises(RuntimeError, match="running already"):
        sandbox.start()


def test_what_is_not_emulated_is_answered_by_moto(client: Callable[[str], Client]) -> None:
    table = client("dynamodb")
    table.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    table.put_item(TableName="t", Item={"k": {"S": "한글"}})
    item = table.get_item(TableName="t", Key={"k": {"S": "한글"}})["Item"]
    identity = client("sts").get_caller_identity()

    assert item == {"k": {"S": "한글"}}
    assert identity["Account"] == "123456789012"


def test_the_query_protocol_of_older_clients_reaches_the_same_metrics(sandbox: Sandbox) -> None:
    sandbox.metrics.load(None, None, "N", "M", {"D": "d"}, [(NINE - timedelta(hours=1), 4.0)])
    operation = operation_model("cloudwatch", "GetMetricData")
    metric = {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "D", "Value": "d"}]}
    stat = {"Metric": metric, "Period": 3600, "Stat": "Sum"}
    sent = create_serializer("query").serialize_to_request(
        {
            "MetricDataQueries": [{"Id": "a", "MetricStat": stat}],
            "StartTime": NINE - timedelta(hours=2),
            "EndTime": NINE,
        },
        operation,
    )
    scope = "testing/20261102/us-east-1/monitoring/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=x, Signature=x"

    status, body = http(
        sandbox.endpoint_url,
        "POST",
        urlencode(sent["body"]).encode(),
        **sent["headers"],
        Authorization=signature,
    )
    raw = {"body": body, "headers": {}, "status_code": status}
    shape = operation.output_shape
    assert isinstance(shape, StructureShape)
    found = create_parser("query").parse(raw, shape)

    assert found["MetricDataResults"][0]["Values"] == [4.0]
    assert found["MetricDataResults"][0]["Timestamps"] == [NINE - timedelta(hours=1)]


def test_a_served_sandbox_is_reached_by_another_process() -> None:
    program = (
        "from datetime import datetime, UTC\n"
        "from sagewarden_cli.sandbox import sandbox as module\n"
        "real = module.Sandbox.start\n"
        "def start(self):\n"
        "    real(self)\n"
        "    print(self.endpoint_url, flush=True)\n"
        "module.Sandbox.start = start\n"
        "module.serve(port=0, now=datetime(2026, 11, 2, 9, tzinfo=UTC))\n"
    )
    with subprocess.Popen(  # noqa: S603  # our own program, above
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env=dict(os.environ),
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        _, clock = http(f"{url}/sagewarden/clock")
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=20)

    assert json.loads(clock) == {"now": "2026-11-02T09:00:00+00:00", "frozen": True}
    assert code == 0


def test_many_clients_at_once_lose_nothing(sandbox: Sandbox) -> None:
    clients = [sandbox.client("sagemaker") for _ in range(8)]

    def work(number: int) -> None:
        for step in range(10):
            clients[number].create_notebook_instance(
                NotebookInstanceName=f"nb-{number}-{step}",
                InstanceType="ml.t3.medium",
                RoleArn="arn:aws:iam::123456789012:role/r",
            )
            clients[number].list_notebook_instances(MaxResults=100)

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(work, range(8)))

    found = clients[0].list_notebook_instances(MaxResults=100)["NotebookInstances"]
    assert len(found) == 80
    assert sandbox.calls.count("sagemaker") == 161


def test_the_example_of_the_documentation_runs() -> None:
    page = Path(__file__).parents[3] / "docs" / "sandbox.md"
    example = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]

    done = subprocess.run(  # noqa: S603  # our own documentation
        [sys.executable, "-c", example], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("service", "call"),
    [("sagemaker", "list_feature_groups"), ("cloudwatch", "list_metric_streams")],
)
def test_an_operation_that_moto_lacks_too_fails_loudly_and_at_once(
    client: Callable[[str], Client], service: str, call: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client(service), call)()

    error = caught.value.response["Error"]
    assert error["Code"] == "NotImplemented"
    assert f"Neither the sandbox nor moto emulates {service}." in error["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
