import json
from collections import Counter
from typing import Any

from sagewarden_cli.pages.running_cost.usage import Usage
from sagewarden_cli.sandbox.observation import ObservedCall


def call(service: str, operation: str, **params: Any) -> ObservedCall:
    return ObservedCall(None, "123456789012", "us-east-1", service, operation, params)


def test_metrics_are_counted_by_query_and_expressions_are_free() -> None:
    usage = Usage()

    usage.see(
        call(
            "cloudwatch",
            "GetMetricData",
            MetricDataQueries=[{"MetricStat": {}}, {"MetricStat": {}}, {"Expression": "a+b"}],
        )
    )

    assert usage.metrics_requested == 2
    assert usage.calls == {"cloudwatch.GetMetricData": 1}


def test_writes_are_counted_by_the_kilobyte_and_in_transactions_twice() -> None:
    usage, large = Usage(), {"body": {"S": "x" * 1500}}

    usage.see(call("dynamodb", "PutItem", Item=large))
    usage.see(call("dynamodb", "DeleteItem", Key={}))
    usage.see(
        call(
            "dynamodb",
            "TransactWriteItems",
            TransactItems=[{"Put": {"Item": large}}, {"Delete": {}}],
        )
    )

    assert usage.write_units == 2 + 1 + 2 * 2 + 2 * 1
    assert usage.written_bytes > 3000


def test_log_lines_with_metrics_are_counted_apart() -> None:
    usage = Usage()

    usage.log(f"{json.dumps({'message': 'verdict'})}\n{json.dumps({'_aws': {}})}\n")

    assert (usage.log_bytes, usage.metric_bytes) == (23, 13)


def test_what_goes_beyond_usual_runs_is_never_less_than_nothing() -> None:
    usual = Usage(Counter({"a.B": 2}), log_bytes=10)
    runs = Usage(Counter({"a.B": 4, "c.D": 1}), log_bytes=15, write_units=3)

    beyond = runs.beyond(usual, 2)

    assert beyond == Usage(Counter({"c.D": 1}), write_units=3)
