"""The matrix where owners are told in Slack: what strikes there, and what must hold."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import zip_longest

from tests.integration.faults.matrix import (
    CONVENIENCE,
    FAULTS,
    OURS,
    QUIET,
    Fault,
    may_lag,
    table,
)
from tests.integration.faults.office import Beat, Record
from tests.integration.faults.slack_story import STORY, Act
from tests.integration.faults.strikes import Blow, Stage, Step
from tests.support.wire import SLACK
from tests.support.wire_faults import (
    Busy,
    Kind,
    Lagging,
    broken,
    denied,
    down,
    limited,
    lost,
    reset,
    revoked,
    throttled,
    turned_away,
)

type Plot = Sequence[tuple[Act, Sequence[Beat]]]
"""The acts of one story, and what strikes in each."""


def is_of_slack(step: Step) -> bool:
    """The steps of the functions that speak with Slack; a bot has one that others do not have.

    The bot's others are struck in its play without Slack.
    """
    return step.stage not in {Stage.LOOKING, Stage.ACTING} or step.call == "sqs.SendMessage"


def asks_slack(step: Step) -> bool:
    """Every step to Slack."""
    return step.call.startswith("slack.")


def speaks(step: Step) -> bool:
    """The steps in which somebody is shown something."""
    return step.call.startswith(("slack.chat.", "slack.views."))


SLACKS_FAULTS = (
    Fault(
        "busy",
        "every second call to Slack is one too many: HTTP 429, come again in a second",
        Busy(),
        None,
        loud=False,
    ),
    Fault(
        "limited", "Slack says `ratelimited` with HTTP 200, and not how long", limited, asks_slack
    ),
    Fault("revoked", "Slack takes our token no more: `account_inactive`", revoked, asks_slack),
    Fault(
        "turned away",
        "Slack will never take it: `channel_not_found`, `message_not_found`, "
        "`expired_trigger_id`; it is mended and redriven",
        turned_away,
        speaks,
    ),
    Fault("outage", "Slack is down for 26 hours", down, None),
    Fault(
        "not found",
        "an answer of Slack's is lost, and then the look for what was posted fails in each way",
        None,
        None,
    ),
)
"""Rows that only Slack has."""

ROWS = (*(fault for fault in FAULTS if fault.name != "early"), *SLACKS_FAULTS)
"""The rows of a story with Slack; of clocks that are wrong, its own acts are too far apart."""


def _shows_itself(step: Step) -> bool:
    """Whether what was done is seen, though no answer came: a form is, and what AWS did."""
    service = step.call.partition(".")[0]
    return step.call == "slack.views.open" or service not in {*OURS, SLACK, "sqs"}


IN_PERSON = "slack.chat.postEphemeral"
"""What is said in somebody's own conversation where it can never be said in a channel."""

OUTAGE = timedelta(hours=26)

EVENTFUL, QUIET_DAYS = STORY[:6], STORY[6:]
"""The acts in which something happens, and those in which nothing is to happen any more."""


def plots(clean: Record, fault: Fault) -> Iterator[Plot]:
    """The stories in which a fault strikes each of their steps."""
    if fault.name in _WHOLE:
        yield _WHOLE[fault.name](fault)
    elif fault.strikes is None:
        yield [(act, (Beat(_blow(fault), loud=fault.loud),)) for act in STORY]
    else:
        struck = [_beats(clean.steps[act.name], fault) for act in EVENTFUL]
        yield [*zip(EVENTFUL, struck, strict=True), *((act, ()) for act in QUIET_DAYS)]


def hidden(clean: Record, fault: Fault, steps: Collection[Step]) -> Iterator[Plot]:
    """Stories in which steps are struck that others hide when they are struck before.

    One in each act; a step that several acts have is struck in the first of them.
    """
    left = list(steps)
    by_act: list[list[Beat]] = []
    for act in EVENTFUL:
        own = [step for step in left if step in clean.steps[act.name]]
        left = [step for step in left if step not in own]
        by_act.append([Beat(Blow(_kind(fault), step), fault.loud) for step in own])
    for beats in zip_longest(*by_act):
        struck = [(beat,) if beat else () for beat in beats]
        yield [*zip(EVENTFUL, struck, strict=True), *((act, ()) for act in QUIET_DAYS)]


def _kind(fault: Fault) -> Kind:
    assert fault.kind is not None
    return fault.kind


def _blow(fault: Fault) -> Blow:
    return Blow(_kind(fault))


def _beats(steps: Mapping[Step, None], fault: Fault) -> list[Beat]:
    assert fault.strikes is not None
    chosen = [step for step in steps if fault.strikes(step) and is_of_slack(step)]
    if fault.kind is lost:  # what is on a queue goes on, though its sender does not know
        chosen.sort(key=lambda step: step.call.startswith("sqs."))
    return [Beat(Blow(_kind(fault), step), fault.loud) for step in chosen]


def _outage(fault: Fault) -> Plot:
    """Slack is down from the first warning on; everything comes later by as much."""
    tried = [replace(act, wishes=(), before=None) for act in STORY if act.sweeps][:2]
    dark = tuple(Beat(_blow(fault)) for _ in range(8))
    later = [(replace(act, at=act.at + OUTAGE), ()) for act in STORY]
    return [(replace(tried[0], ends=False), dark), *later]


def _lagging(fault: Fault) -> Plot:
    del fault
    late = Beat(Blow(Lagging(may_lag)), loud=False)
    return [(act, (late,) if act in EVENTFUL else ()) for act in STORY]


def _twice(fault: Fault) -> Plot:
    del fault
    days = {act.at.date() for act in STORY[:2]}
    return [(act, (Beat(times=2, again=act.at.date() not in days),)) for act in STORY]


def _not_found(fault: Fault) -> Plot:
    """Both a message and a reply are posted, and nobody hears of it."""
    del fault
    posting = Step(Stage.NOTIFYING, "slack.chat.postMessage")
    looks = {
        STORY[0].name: "slack.conversations.history",
        STORY[4].name: "slack.conversations.replies",
    }
    found: list[tuple[Act, Sequence[Beat]]] = []
    for act in STORY:
        if act.name not in looks:
            found.append((act, ()))
            continue
        look = Step(Stage.NOTIFYING, looks[act.name])
        beats = [Beat(Blow(kind, look)) for kind in (throttled, broken, denied, reset)]
        found.append((act, (Beat(Blow(lost, posting)), *beats)))
    return found


_WHOLE: Mapping[str, Callable[[Fault], Plot]] = {
    "outage": _outage,
    "lagging": _lagging,
    "twice": _twice,
    "not found": _not_found,
}
"""Faults that are more than one blow at a step."""


def broken_promises(clean: Record, found: Record, fault: Fault) -> Iterator[str]:
    """What does not hold after a story."""
    yield from found.wrongs
    for what in ("states", "cases", "shown"):
        was, now = getattr(clean, what), getattr(found, what)
        if now != was:
            yield f"lost: {what}: {now} instead of {was}"
    for name in sorted(clean.said | found.said):
        was, now = clean.said.get(name, []), found.said.get(name, [])
        if was != now:
            yield f"told: {name}: {now} instead of {was}"
    if found.answers.keys() != clean.answers.keys():
        yield f"clicks: {found.answers} instead of {clean.answers}"
    for step in found.silent:
        seen = fault.kind is lost and _shows_itself(step)
        elsewhere = fault.kind is turned_away and step.call == IN_PERSON
        if step.call not in QUIET and step.about != CONVENIENCE and not (seen or elsewhere):
            yield f"silent: {step}"
    yield from (f"never told: {text}" for text in clean.whispered - found.whispered)


def slacks_table() -> str:
    """The rows that only Slack has, as the matrix's page has them."""
    return table(
        SLACKS_FAULTS, {asks_slack: "each call to Slack", speaks: "each that shows something"}
    )
