"""Whether schedules and rules on events wake the bots."""

from collections.abc import Callable, Iterator
from functools import partial

from botocore.exceptions import ClientError

from sagewarden_cli.deployed.finding import Finding, Health, looked, well
from sagewarden_cli.deployed.stack import RULE, SCHEDULE, DeployedStack
from sagewarden_cli.plan_view import counted

_BUS = "AWS::Events::EventBus"
_ASLEEP = "deploy with Schedules=ENABLED when the bots are to be woken"
_BY_HAND = "it was disabled by hand: enable it, or deploy again"


def check_triggers(stack: DeployedStack) -> Iterator[Finding]:
    """Look at every schedule and rule; those that are enabled are told in one line each."""
    for kind, word, state_of in (
        (SCHEDULE, "schedule", _schedule_state),
        (RULE, "rule", _rule_state),
    ):
        triggers = stack.of_type(kind)
        found = [
            finding
            for logical_id, name in triggers.items()
            for finding in looked(
                f"{word} {logical_id}",
                partial(_wrong, stack, f"{word} {logical_id}", partial(state_of, stack, name)),
            )
        ]
        yield from found
        if fine := len(triggers) - len(found):
            yield well(f"{word}s", f"{counted(fine, word)} enabled")


def _wrong(stack: DeployedStack, about: str, state_of: Callable[[], str]) -> Iterator[Finding]:
    if state_of().startswith("ENABLED"):
        return
    meant = stack.parameters.get("Schedules") == "DISABLED"
    found = "disabled, as the stack was deployed" if meant else "disabled, and the stack is not"
    yield Finding(
        about, Health.WARN if meant else Health.FAIL, found, _ASLEEP if meant else _BY_HAND
    )


def _schedule_state(stack: DeployedStack, name: str) -> str:
    return str(stack.client("scheduler").get_schedule(Name=name)["State"])


def _rule_state(stack: DeployedStack, physical: str) -> str:
    """The state of a rule; CloudFormation names its bus before it, where it is not the default."""
    bus, divided, name = physical.rpartition("|")
    events, buses = stack.client("events"), [bus] if divided else ["default"]
    for place in (*buses, *stack.of_type(_BUS).values()):
        try:
            return str(events.describe_rule(Name=name, EventBusName=place)["State"])
        except ClientError as error:
            gone = error
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
    raise gone
