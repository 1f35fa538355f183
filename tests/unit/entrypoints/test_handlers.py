"""What Lambda calls: garbage is not looked for while a function is loaded, and is from then on."""

import os
import subprocess
import sys

import pytest

INVOKED = """
import gc
from types import SimpleNamespace
from aws_lambda_powertools import Logger, Metrics
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.metering import Meter

loading = gc.isenabled()
logger, metrics = Logger(service="f"), Metrics(service="f", namespace="Sagewarden")
function = SimpleNamespace(
    logger=logger, metrics=metrics, meter=Meter(logger, metrics), answer=lambda *_: gc.isenabled()
)
context = SimpleNamespace(
    function_name="f", memory_limit_in_mb=256, aws_request_id="1",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:f",
)
answer = handler_of(function)({}, context)
print(loading, answer, gc.get_freeze_count() > 10_000)
"""


@pytest.mark.parametrize(
    ("where", "seen"),
    [({"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}, "False True True"), ({}, "True True False")],
    ids=["in Lambda", "elsewhere"],
)
def test_garbage_is_looked_for_from_the_first_invocation_on(
    where: dict[str, str], seen: str
) -> None:
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", INVOKED],
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == seen
