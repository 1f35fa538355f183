"""What stands at /var/runtime: AWS's runtime interface client, on the sandbox's clock.

Run by the Python of .tools/ric under the runtime interface emulator: ``python runtime.py HANDLER``.
The client, its loading of the handler and its reporting are AWS's own. Added is only this: before
each invocation the process's clock is set to the emulated AWS's, as a host's clock would be, the
invocation's deadline is moved along with it, and the function's ARN, which the emulator makes up,
becomes the deployed one.
"""

import inspect
import json
import os
import sys
import time
import urllib.request
from datetime import datetime

import time_machine
from awslambdaric import __main__ as client
from awslambdaric import bootstrap

as_shipped = bootstrap.handle_event_request
signature = inspect.signature(as_shipped)
function_arn = os.environ.pop("STACK_FUNCTION_ARN")


def aws_time() -> datetime:
    """Ask the emulated AWS what time it is."""
    url = os.environ["AWS_ENDPOINT_URL"] + "/sagewarden/clock"
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
        return datetime.fromisoformat(json.load(answer)["now"])


def handle_event_request(*args: object, **kwargs: object) -> None:
    """Handle one invocation at AWS's time."""
    bound = signature.bind(*args, **kwargs)
    now = aws_time()
    shift = (now.timestamp() - time.time()) * 1000  # noqa: TID251 - this is the clock
    deadline = int(bound.arguments["epoch_deadline_time_in_ms"])
    bound.arguments["epoch_deadline_time_in_ms"] = int(deadline + shift)
    bound.arguments["invoked_function_arn"] = function_arn
    with time_machine.travel(now, tick=True):
        as_shipped(*bound.args, **bound.kwargs)


bootstrap.handle_event_request = handle_event_request
client.main(sys.argv)
