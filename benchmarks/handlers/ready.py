"""A function that has done its first invocation: imported, wired, with every client, without AWS.

Deployed functions read their policy and make their clients when they are first invoked. To compare
them with handlers that make theirs on import, all of it is done on import here, by the function's
own code. Its handler works on an account that has nothing, and each of its calls is answered within
the process: what is measured has everything but the waiting for AWS. Then a single connection to
AWS is all that is missing.
"""

import json
import os
from types import SimpleNamespace
from typing import Any

import app

from sagewarden.adapters.sessions import Workshop


def answer(model: Any, **_: object) -> tuple[SimpleNamespace, dict[str, list[object]]]:  # noqa: ANN401 - botocore's
    """An answer that lists nothing, instead of a request."""
    members = model.output_shape.members if model.output_shape else {}
    nothing = {name: [] for name, shape in members.items() if shape.type_name == "list"}
    return SimpleNamespace(status_code=200), nothing


made: dict[str, Workshop] = {}
as_shipped = Workshop.made


def answered(workshop: Workshop, service: str, region: str, keys: dict[str, Any]) -> Any:  # noqa: ANN401 - botocore's
    """A client whose calls are answered here."""
    client = as_shipped(workshop, service, region, keys)
    client.meta.events.register("before-call", answer)
    made[service] = workshop
    return client


Workshop.made = answered
region = os.environ["AWS_REGION"]
context = SimpleNamespace(
    function_name="ready",
    memory_limit_in_mb=512,
    invoked_function_arn=f"arn:aws:lambda:{region}:123456789012:function:ready",
    aws_request_id="ready",
    get_remaining_time_in_millis=lambda: 900_000,
)
if (result := app.handler(json.loads(os.environ["BENCHMARK_EVENT"]), context)).get(
    "batchItemFailures"
):
    raise RuntimeError(f"the first invocation failed: {result}")
workshop = next(iter(made.values())) if made else Workshop(None)
for service in set(os.environ["BENCHMARK_CLIENTS"].split(",")) - made.keys():
    answered(workshop, service, region, {})


def handler(_event: object, _context: object) -> dict[str, str]:
    """Answer nothing."""
    return {}
