"""What Lambda calls: a function of ours with its log's context, metrics and meter around it."""

import gc
from collections.abc import Callable
from typing import Any, Protocol

from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.entrypoints.metering import Metered


class Function[Answer](Metered, Protocol):
    """What answers the events of one Lambda function."""

    def answer(self, event: dict[str, Any], context: LambdaContext, /) -> Answer:
        """Answer one event."""
        ...


def handler_of[Answer](
    function: Function[Answer],
) -> Callable[[dict[str, Any], LambdaContext], Answer]:
    """The Lambda handler of a function that is wired, or wires itself when it is first invoked.

    From its first invocation on garbage is looked for, but not among what was loaded before.
    """

    @function.logger.inject_lambda_context(clear_state=True)
    @function.metrics.log_metrics
    def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        with function.meter.invocation(int(context.memory_limit_in_mb)):
            return function.answer(event, context)

    return handler
