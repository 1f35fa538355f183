"""What of a request is paid for by other than the request: as CloudWatch and DynamoDB count it."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

KILOBYTE = 1024
"""What DynamoDB takes for one unit of a write; a transaction pays each of its items twice."""

READS = ("Query", "GetItem")
"""The operations that read of DynamoDB, each taken for one unit of up to 4 KB."""


def metrics_requested(params: Mapping[str, Any]) -> int:
    """The metrics that a request asks for; an expression over them is free."""
    return sum("MetricStat" in query for query in params.get("MetricDataQueries", ()))


def writes(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """The writes of a request to DynamoDB: of each its size in bytes, and the units it takes.

    An item is measured as it is sent, which is somewhat longer than what DynamoDB measures of it:
    the units are on the high side.
    """
    if "Item" in params:
        yield _write(params["Item"], 1)
    if operation == "DeleteItem":
        yield 0, 1
    for write in params.get("TransactItems", ()):
        [content] = write.values()
        yield _write(content.get("Item", {}), 2)


def _write(item: Mapping[str, Any], times: int) -> tuple[int, int]:
    size = len(json.dumps(item, ensure_ascii=False, default=_as_sent).encode())
    return size, times * max(1, -(-size // KILOBYTE))


def _as_sent(binary: bytes) -> str:
    return base64.b64encode(binary).decode()
