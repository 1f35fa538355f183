"""The matrix: which faults strike where, and what may differ from a life without them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from botocore.awsrequest import AWSResponse

from tests.integration.faults.ground import Chronicle
from tests.integration.faults.plays import Play
from tests.integration.faults.strikes import NAMED, Blow, Stage, Step, Sweep
from tests.support.wire import SLACK, Attempt, Send
from tests.support.wire_faults import (
    Kind,
    Lagging,
    broken,
    colliding,
    cut_after,
    cut_before,
    denied,
    denied_for,
    garbled,
    lost,
    overtaken,
    reset,
    skewed,
    throttled,
    torn,
)

MINUTE = timedelta(minutes=1)

TRIES = 4
"""Fewer failed attempts than a case survives: it is given up after five."""

type Plot = Sequence[Sweep]
"""The sweeps of one play."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of the matrix.

    Attributes:
        name: Its name.
        what: What happens.
        kind: What strikes; None for what is no blow at a step.
        strikes: The steps of a clean sweep that it strikes, one at a time; None for all at once.
        tells_twice: Whether a topic's readers may hear something twice: SNS cannot tell.
        loud: Whether a message has to fail.
    """

    name: str
    what: str
    kind: Kind | None
    strikes: Callable[[Step], bool] | None
    tells_twice: bool = False
    loud: bool = True

    def __str__(self) -> str:
        """Its name."""
        return self.name


def anything(step: Step) -> bool:
    """Every step."""
    del step
    return True


def writes(step: Step) -> bool:
    """The steps that change something."""
    operation = step.call.partition(".")[2]
    return not operation.startswith(("Get", "List", "Describe", "Query"))


def writes_the_ledger(step: Step) -> bool:
    """The ledger's transactions."""
    return step.call == "dynamodb.TransactWriteItems"


def writes_conditionally(step: Step) -> bool:
    """The ledger's conditional writes."""
    return step.call in {"dynamodb.PutItem", "dynamodb.TransactWriteItems", "dynamodb.DeleteItem"}


def lists(step: Step) -> bool:
    """The steps that read page after page, of services that answer in JSON."""
    service, _, operation = step.call.partition(".")
    paged = operation in {"GetResources", "GetMetricData", "Query"}
    paged |= service == "application-auto-scaling" and operation.startswith("Describe")
    paged |= operation == "DescribeAlarms"
    paged |= operation.startswith("List")
    return service != "sns" and paged and step.about != NAMED


def may_lag(call: str) -> bool:
    """Lists of resources and of their tags, which AWS brings up to date in its own time."""
    service, _, operation = call.partition(".")
    own = service in {"sns", "dynamodb", "cloudwatch", SLACK} or operation == "ListTags"
    return not own and (operation.startswith("List") or operation == "GetResources")


def thrice(attempt: Attempt, send: Send) -> AWSResponse | None:
    """Throttled, then an error of AWS's own, then no connection; the fourth attempt succeeds."""
    kinds = {1: throttled, 2: broken, 3: reset}
    kind = kinds.get(attempt.number)
    return kind(attempt, send) if kind else None


def lost_once(attempt: Attempt, send: Send) -> AWSResponse | None:
    """It is done, its answer is lost, and botocore asks for it again."""
    return lost(attempt, send) if attempt.number == 1 else None


FAULTS = (
    Fault(
        "passing",
        "every call is throttled, then meets an error of AWS's own, then a broken connection",
        thrice,
        None,
        loud=False,
    ),
    Fault(
        "lost once",
        "a step is done, its answer is lost, and the SDK asks for it again",
        lost_once,
        writes,
        tells_twice=True,
        loud=False,
    ),
    Fault("throttled", "a step is throttled for as long as anybody tries", throttled, anything),
    Fault("broken", "a step meets errors of AWS's own (5xx) throughout", broken, anything),
    Fault("garbled", "a proxy answers a step with a page of its own", garbled, anything),
    Fault("denied", "the role may not take a step", denied, anything),
    Fault("reset", "a step's connection breaks before the call arrives", reset, anything),
    Fault("colliding", "another transaction is at the ledger's item", colliding, writes_the_ledger),
    Fault("lost", "a step is done, and no answer comes", lost, writes, tells_twice=True),
    Fault("killed", "the function ends before a step", cut_before, writes, tells_twice=True),
    Fault("timed out", "the function ends right after a step", cut_after, writes, tells_twice=True),
    Fault(
        "overtaken",
        "another run does the same before a conditional write",
        overtaken,
        writes_conditionally,
        loud=False,
    ),
    Fault("torn", "a list breaks off after half a page", torn, lists),
    Fault("lagging", "lists show what there was a sweep ago", None, None, loud=False),
    Fault("denied one", "the role may not look at one resource", denied_for("go"), None),
    Fault("skewed", "AWS takes no signature: the clock is wrong", skewed, None),
    Fault("early", "the function's clock is wrong by minutes", None, None, loud=False),
    Fault("twice", "every message comes twice, and events again a day later", None, None),
)
"""The rows of the matrix."""

OFF = 4 * MINUTE
"""By how much a clock is wrong; AWS takes no signature that is off by more than five."""


def plots(play: Play, clean: Chronicle, fault: Fault) -> Iterator[Plot]:
    """The plays in which a fault strikes each of its steps.

    Args:
        play: The play.
        clean: How it goes without faults.
        fault: The fault.
    """
    first, act = play.warns[0], play.acts[0]
    rest = [Sweep(at) for at in (play.acts[-1], *play.after)]
    if fault.name in _WHOLE:
        yield from _WHOLE[fault.name](play)
        return
    if fault.strikes is None:
        assert fault.kind is not None
        blow = Blow(fault.kind)
        struck = [Sweep(at, blow, fault.loud) for at in (first, act)]
        yield (struck[0], Sweep(play.warns[-1]), struck[1], *rest)
        return
    blows = _blows(clean.steps[first], fault)
    yield (*_rolling(play.warns, blows, fault), Sweep(act), *rest)
    looking, acting = _in_order(clean.steps[act], fault.strikes)
    for some in batched(acting or [None], TRIES):
        steps = [*looking[0], *(step for step in some if step), *looking[1]]
        looking = ([], [])
        blows = _blows(steps, fault)
        yield (Sweep(first), *_rolling(play.acts, blows, fault), *map(Sweep, play.after))


def _lagging(play: Play) -> Iterator[Plot]:
    late = Blow(Lagging(may_lag))
    struck = [Sweep(at, late, loud=False) for at in (*play.warns, *play.acts)]
    yield (*struck, *map(Sweep, play.after))


def _early(play: Play) -> Iterator[Plot]:
    for ahead, behind in ((OFF, -OFF), (-OFF, OFF)):
        warns = [Sweep(play.warns[0] + wait, off=ahead) for wait in (timedelta(0), 5 * MINUTE)]
        yield (*warns, *(Sweep(at, off=behind) for at in play.acts), *map(Sweep, play.after))


def _twice(play: Play) -> Iterator[Plot]:
    late = {at for at in play.moments if at >= play.warns[0] + timedelta(days=1)}
    yield [Sweep(at, times=2, late_events=at in late) for at in play.moments]


_WHOLE: Mapping[str, Callable[[Play], Iterator[Plot]]] = {
    "lagging": _lagging,
    "early": _early,
    "twice": _twice,
}
"""Faults that are no blow at a step."""


def alone(play: Play, clean: Chronicle, fault: Fault, step: Step) -> Plot:
    """A play in which a step is struck that others hide when they are struck before."""
    sweeps = [Sweep(at) for at in play.moments]
    at = play.warns[0] if step in clean.steps[play.warns[0]] else play.acts[0]
    (blow,) = _blows([step], fault)
    return [Sweep(one.at, blow, fault.loud) if one.at == at else one for one in sweeps]


def _blows(steps: Iterable[Step], fault: Fault) -> list[Blow]:
    assert fault.strikes is not None
    assert fault.kind is not None
    return [Blow(fault.kind, step) for step in steps if fault.strikes(step)]


def _rolling(between: Sequence[datetime], blows: Sequence[Blow], fault: Fault) -> Iterator[Sweep]:
    """One blow a minute, and then a sweep without."""
    begin, end = between[0], between[-1]
    for number, blow in enumerate(blows):
        assert begin + number * MINUTE < end
        yield Sweep(begin + number * MINUTE, blow, fault.loud)
    yield Sweep(end)


def _in_order(
    steps: Iterable[Step], strikes: Callable[[Step], bool]
) -> tuple[tuple[list[Step], list[Step]], list[Step]]:
    """The steps before acting that keep a sweep from it, those that do not, and those of acting."""
    chosen = [step for step in steps if strikes(step)]
    looking = [step for step in chosen if step.stage is Stage.LOOKING]
    late = [step for step in looking if writes(step) or step.call.startswith("sns.")]
    early = [step for step in looking if step not in late]
    return (early, late), [step for step in chosen if step.stage is Stage.ACTING]


QUIET = frozenset(
    {
        "service-quotas.ListServiceQuotas",  # AWS's documented defaults are taken, and said so
        "sagemaker.ListMonitoringExecutions",  # what ran last is on its first page
        "dynamodb.DeleteItem",  # a claim that is not given up lapses by itself
    }
)
"""What may fail without any message's failing."""

CONVENIENCE = "SURVEY"
"""What a bot remembers of what it saw: without it, it reads everything, and says so in its log."""

OURS = frozenset({"dynamodb", "sns", "s3"})
"""The services that a run remembers and speaks with."""

ONCE = "was given other"
"""What has no case that would remember that its readers were not told."""


def broken_promises(clean: Chronicle, found: Chronicle, fault: Fault) -> list[str]:
    """What does not hold after a play.

    Args:
        clean: How the play goes without faults.
        found: How it went.
        fault: What struck.
    """
    wrongs = [*found.wrongs]
    if found.states != clean.states:
        wrongs.append(f"lost: {found.states} instead of {clean.states}")
    if found.cases != clean.cases:
        wrongs.append(f"lost: cases {found.cases} instead of {clean.cases}")
    seen = fault.kind is lost  # what was done is seen, though AWS did not answer
    wrongs += [
        f"silent: {step}"
        for step in found.silent
        if step.call not in QUIET
        and step.about != CONVENIENCE
        and not (seen and step.call.split(".")[0] not in OURS)
    ]
    forgets = any(step.call == "dynamodb.TransactWriteItems" for step in found.struck)
    if not fault.tells_twice and not forgets:
        twice = {subject for subject, times in found.told.items() if times > clean.told[subject]}
        wrongs += [f"twice: {subject}" for subject in sorted(twice)]
    untold = set(clean.told - found.told)
    if found.struck and fault.loud:
        untold = {subject for subject in untold if ONCE not in subject}
    return [*wrongs, *(f"never told: {subject}" for subject in sorted(untold))]


def table(faults: Iterable[Fault], further: Mapping[object, str] | None = None) -> str:
    """Rows of the matrix, as its page has them."""
    struck: dict[object, str] = {
        anything: "each",
        writes: "each write",
        writes_the_ledger: "each transaction of the ledger",
        writes_conditionally: "each conditional write of the ledger",
        lists: "each list",
        None: "all at once",
        **(further or {}),
    }
    rows = [f"| {fault.name} | {fault.what} | {struck[fault.strikes]} |" for fault in faults]
    return "\n".join(["| fault | what happens | at which steps |", "|---|---|---|", *rows])
