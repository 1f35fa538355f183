"""EventBridge's events as AWS delivers them: whole, between accounts and to the world as well.

Moto leaves the account out of what a queue gets, and makes an event that one bus sends to another
anew: its account, its region and its time are lost then. To an API destination it would send a
request without a body and without its connection's key.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.events.models import Rule, events_backends

type TakeOut = Callable[[str, Mapping[str, Any], Mapping[str, Any]], None]
"""Takes an event for an API destination: the rule's ARN, its target, the event."""


@contextmanager
def events_kept_whole(take_out: TakeOut) -> Iterator[None]:
    """Let moto's rules deliver events as they are for as long as the ``with`` block lasts.

    Args:
        take_out: Gets what goes to API destinations.
    """
    before = Rule.send_to_targets

    def send(rule: Any, event: Mapping[str, Any], **how: bool) -> None:  # noqa: ANN401 - moto's own
        if not rule.event_pattern.matches_event(event):
            return
        rest = copy.copy(rule)
        rest.targets = []
        for target in rule.targets:
            if ":event-bus/" in target["Arn"]:
                _forward(target["Arn"], event)
            elif ":api-destination/" in target["Arn"]:
                take_out(rule.arn, target, event)
            elif ":sqs:" in target["Arn"] and "InputTransformer" not in target:
                _to_queue(rule, target["Arn"], event)
            else:
                rest.targets.append(target)
        before(rest, event, **how)

    Rule.send_to_targets = send
    try:
        yield
    finally:
        Rule.send_to_targets = before


def _to_queue(rule: Any, queue: str, event: Mapping[str, Any]) -> None:  # noqa: ANN401 - moto's own
    whole = {key: value for key, value in event.items() if key != "ingestion-time"}
    rule._send_to_sqs_queue(queue.rpartition(":")[2], whole)  # noqa: SLF001 - the only way


def _forward(bus: str, event: Mapping[str, Any]) -> None:
    """Let the rules of a bus, given by its ARN, see an event."""
    _, _, _, region, account, resource = bus.split(":", 5)
    found = events_backends[account][region].describe_event_bus(resource.partition("/")[2])
    for rule in found.rules.values():
        rule.send_to_targets(copy.deepcopy(dict(event)))
