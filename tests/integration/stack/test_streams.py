"""Streams, API destinations and dynamic references, as AWS plays them; the function is ours."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import deploy
from sagewarden_cli.stack.resources.dynamic_references import DynamicReferenceError
from sagewarden_cli.stack.resources.messaging import NotWiredError
from sagewarden_cli.stack.wiring import Wiring, wired
from tests.integration.stack.test_wiring import PythonRuntime, role

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    },
}

type Wire = Callable[..., Wiring]


def template(code: Path, **mapping: object) -> dict[str, Any]:
    function = {
        "Handler": "app.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"S3Key": str(code)},
        "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
    }
    wanted = {
        "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
        "FunctionName": {"Ref": "Function"},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 4,
        **mapping,
    }
    return {
        "Resources": {
            "Role": role("dynamodb:*", "sqs:*", "logs:*"),
            "Dead": {"Type": "AWS::SQS::Queue"},
            "Logs": {"Type": "AWS::Logs::LogGroup"},
            "Table": TABLE,
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": wanted},
        }
    }


@pytest.fixture
def runtime() -> PythonRuntime:
    return PythonRuntime()


@pytest.fixture
def wire(
    sandbox: Sandbox, runtime: PythonRuntime, tmp_path: Path, request: pytest.FixtureRequest
) -> Wire:
    def wiring(**mapping: object) -> Wiring:
        stack = deploy(sandbox, template(tmp_path, **mapping), name="s")
        lasting = wired(sandbox, stack, runtime)  # type: ignore[arg-type]  # a stand-in
        entered = lasting.__enter__()
        request.addfinalizer(lambda: lasting.__exit__(None, None, None))
        return entered

    return wiring


def write(wiring: Wiring, *keys: str) -> None:
    client = wiring.sandbox.client("dynamodb")
    for key in keys:
        client.put_item(TableName="s-Table", Item={"pk": {"S": key}})


def batches(runtime: PythonRuntime) -> list[str]:
    return [
        "".join(record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"])
        for event in runtime.events
    ]


def number_of(event: dict[str, Any], key: str) -> str:
    return next(
        str(record["dynamodb"]["SequenceNumber"])
        for record in event["Records"]
        if record["dynamodb"]["Keys"]["pk"]["S"] == key
    )


def later(wiring: Wiring, minutes: int = 10) -> None:
    wiring.run_until(wiring.sandbox.clock.now() + timedelta(minutes=minutes))


def fail_with(*poison: str) -> Callable[[dict[str, Any]], None]:
    def handler(event: dict[str, Any]) -> None:
        if any(record["dynamodb"]["Keys"]["pk"]["S"] in poison for record in event["Records"]):
            raise ValueError("broken")

    return handler


def test_records_come_in_order_in_batches_as_lambda_hands_them_over(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire()
    write(wiring, *"abcdef")

    wiring.deliver()
    wiring.deliver()

    [record] = runtime.events[0]["Records"][:1]
    assert batches(runtime) == ["abcd", "ef"]
    assert record["eventName"] == "INSERT"
    assert record["eventSourceARN"] == wiring.stack.resources["Table"].attributes["StreamArn"]
    created = record["dynamodb"]["ApproximateCreationDateTime"]
    assert created == wiring.sandbox.clock.now().timestamp()
    assert record["dynamodb"]["NewImage"] == {"pk": {"S": "a"}}


def test_only_records_that_pass_one_of_the_filters_wake_the_function(
    wire: Wire, runtime: PythonRuntime
) -> None:
    patterns = [
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "a"}]}}}},
        {"eventName": ["REMOVE"]},
    ]
    filters = [{"Pattern": json.dumps(pattern)} for pattern in patterns]
    wiring = wire(FilterCriteria={"Filters": filters})
    write(wiring, "a1", "b", "a1", "a2")
    wiring.sandbox.client("dynamodb").delete_item(TableName="s-Table", Key={"pk": {"S": "b"}})

    wiring.deliver()

    assert batches(runtime) == ["a1a2b"]


def test_a_batch_response_sends_everything_from_the_first_failure_again(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire(FunctionResponseTypes=["ReportBatchItemFailures"])
    answers = ["c", "b"]

    def handler(event: dict[str, Any]) -> Any:
        if not answers:
            return {"batchItemFailures": []}
        named = [number_of(event, key) for key in answers]
        answers.clear()
        return {"batchItemFailures": [{"itemIdentifier": number} for number in named]}

    runtime.handler = handler
    write(wiring, *"abcdef")

    wiring.deliver()
    at_once = batches(runtime)
    later(wiring)

    assert at_once == ["abcd"]
    assert batches(runtime) == ["abcd", "bcd", "ef"]


def test_an_answer_that_names_no_record_fails_the_batch(wire: Wire, runtime: PythonRuntime) -> None:
    wiring = wire(FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1)
    runtime.handler = lambda _event: {"batchItemFailures": [{"itemIdentifier": "no such"}]}
    write(wiring, "a")

    later(wiring)

    assert batches(runtime) == ["a", "a"]


def test_the_shard_waits_for_what_fails_and_goes_on_behind_what_is_given_up(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire(
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": {"Fn::GetAtt": ["Dead", "Arn"]}}},
    )
    runtime.handler = fail_with("b")
    write(wiring, *"abcde")

    later(wiring)

    assert batches(runtime) == ["abcd", "ab", "a", "bcde", "bc", "b", "b", "b", "cde"]
    url = wiring.stack.resources["Dead"].ref
    [letter] = wiring.sandbox.client("sqs").receive_message(QueueUrl=url)["Messages"]
    told = json.loads(letter["Body"])
    first = number_of(runtime.events[0], "b")
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    assert told["DDBStreamBatchInfo"]["startSequenceNumber"] == first


def test_what_grows_too_old_is_given_up_in_silence_where_nobody_is_to_be_told(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire(MaximumRecordAgeInSeconds=120)
    runtime.handler = fail_with("a")
    write(wiring, "a", "b")
    wiring.deliver()

    later(wiring)
    write(wiring, "c")
    wiring.deliver()

    assert batches(runtime)[-1] == "c"
    assert wiring.waiting_in("s-Dead") == 0


def test_what_a_cancelled_transaction_wrote_is_never_seen(
    wire: Wire, runtime: PythonRuntime
) -> None:
    wiring = wire()
    write(wiring, "a")
    wiring.deliver()
    client = wiring.sandbox.client("dynamodb")
    puts = [
        {"Put": {"TableName": "s-Table", "Item": {"pk": {"S": "b"}}}},
        {
            "Put": {
                "TableName": "s-Table",
                "Item": {"pk": {"S": "a"}},
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        },
    ]
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=puts)
    write(wiring, "c")

    wiring.deliver()

    assert batches(runtime) == ["a", "c"]


@pytest.mark.parametrize(
    "asked", [{"ParallelizationFactor": 2}, {"StartingPosition": "LATEST"}], ids=str
)
def test_what_is_not_played_is_refused(wire: Wire, asked: dict[str, object]) -> None:
    with pytest.raises(NotWiredError, match="not wired"):
        wire(**asked)


def test_a_source_that_nobody_plays_is_refused(wire: Wire) -> None:
    with pytest.raises(NotWiredError, match="kinesis as a source"):
        wire(EventSourceArn="arn:aws:kinesis:us-east-1:123456789012:stream/s")


@pytest.mark.aws
def test_moto_writes_a_record_of_a_write_that_changes_nothing(sandbox: Sandbox) -> None:
    """AWS writes none. The day this fails, the filter on INSERT is no longer what hides it."""
    properties: dict[str, Any] = TABLE["Properties"]  # type: ignore[assignment]
    client = sandbox.client("dynamodb")
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    made = client.create_table(TableName="t", **{**properties, "StreamSpecification": stream})[
        "TableDescription"
    ]
    for _ in range(2):
        client.put_item(TableName="t", Item={"pk": {"S": "a"}})
    streams: Any = sandbox.client("dynamodbstreams")
    [shard] = streams.describe_stream(StreamArn=made["LatestStreamArn"])["StreamDescription"][
        "Shards"
    ]
    iterator = streams.get_shard_iterator(
        StreamArn=made["LatestStreamArn"],
        ShardId=shard["ShardId"],
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]

    records = streams.get_records(ShardIterator=iterator)["Records"]

    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY"]


def connection(value: str) -> dict[str, Any]:
    key = {"ApiKeyName": "X-Api-Key", "ApiKeyValue": value}
    return {
        "Type": "AWS::Events::Connection",
        "Properties": {
            "AuthorizationType": "API_KEY",
            "AuthParameters": {"ApiKeyAuthParameters": key},
        },
    }


def test_a_dynamic_reference_is_looked_up_and_is_not_in_the_stacks_record(sandbox: Sandbox) -> None:
    secrets = sandbox.client("secretsmanager")
    secret = secrets.create_secret(Name="s", SecretString='{"api_key": "k"}')["ARN"]
    reference = f"{{{{resolve:secretsmanager:{secret}:SecretString:api_key}}}}"

    stack = deploy(sandbox, {"Resources": {"C": connection(f"Bearer {reference}")}}, name="s")

    made = stack.resources["C"]
    kept = secrets.get_secret_value(SecretId=made.attributes["SecretArn"])["SecretString"]
    assert json.loads(kept)["api_key_value"] == "Bearer k"
    assert reference in str(made.properties)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("{{resolve:secretsmanager:s:SecretString:no}}", "has no 'no', only"),
        ("{{resolve:ssm:parameter}}", "is not understood here"),
    ],
)
def test_a_dynamic_reference_to_nothing_is_refused(
    sandbox: Sandbox, reference: str, why: str
) -> None:
    sandbox.client("secretsmanager").create_secret(Name="s", SecretString='{"api_key": "k"}')

    with pytest.raises(DynamicReferenceError, match=why):
        deploy(sandbox, {"Resources": {"C": connection(reference)}}, name="s")


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        ("C", {"AuthorizationType": "BASIC"}, "BASIC is not played"),
        ("D", {"InvocationEndpoint": "http://hooks.example.com"}, "is no HTTPS URL"),
        ("R", {"Targets": [{"Id": "t", "Input": "{}"}]}, "Input"),
    ],
)
def test_an_api_destination_that_is_not_played_is_refused(
    sandbox: Sandbox, kind: str, change: dict[str, Any], why: str
) -> None:
    destination = {
        "ConnectionArn": {"Fn::GetAtt": ["C", "Arn"]},
        "HttpMethod": "POST",
        "InvocationEndpoint": "https://hooks.example.com",
    }
    resources: dict[str, Any] = {
        "C": connection("k"),
        "D": {"Type": "AWS::Events::ApiDestination", "Properties": destination},
        "R": {
            "Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": {"source": ["s"]}, "Targets": []},
        },
    }
    for target in change.get("Targets", ()):
        target["Arn"] = {"Fn::GetAtt": ["D", "Arn"]}
    resources[kind]["Properties"] |= change

    with pytest.raises(NotWiredError, match=why):
        deploy(sandbox, {"Resources": resources}, name="s")


def test_a_binary_value_is_handed_over_in_base64(wire: Wire, runtime: PythonRuntime) -> None:
    wiring = wire(FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]})
    item = {"pk": {"S": "a"}, "body": {"B": b"\x00\xff"}, "parts": {"M": {"one": {"B": b"x"}}}}
    wiring.sandbox.client("dynamodb").put_item(TableName="s-Table", Item=item)

    wiring.deliver()

    image = runtime.events[0]["Records"][0]["dynamodb"]["NewImage"]
    assert image["body"] == {"B": "AP8="}
    assert image["parts"] == {"M": {"one": {"B": "eA=="}}}
