"""What is wrong with a policy beyond the types of its values: unknown names, clashes, gaps.

These checks look at the document, not at the models, so that they speak up in the same go as the
models' own.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from sagewarden.domain.endpoint_capacity.rule import Served
from sagewarden.policy.custodian import CUSTODIAN
from sagewarden.policy.guardrails import DEMANDS, KINDS
from sagewarden.policy.jobs import JOB_KINDS, QUESTIONS
from sagewarden.policy.problems import Finding, Path, shown
from sagewarden.policy.rule_models import (
    ENDPOINT_CAPACITY,
    NODE_GROUP_HOURS,
    NOTEBOOK_HOURS,
    PROVISIONED_CONCURRENCY,
    kind_of,
)
from sagewarden.policy.services import SERVICE_KINDS
from sagewarden.policy.values import all_among, suggestion

type Data = Mapping[str, object]

_KINDS = (
    "serverless-endpoint",
    *Served,
    *SERVICE_KINDS,
    *(kind for kind in KINDS if kind != "*"),
)
_ON_HOURS = frozenset({NOTEBOOK_HOURS, NODE_GROUP_HOURS})
_OPT_WORDS = frozenset({"on", "off", CUSTODIAN})
_YES = frozenset({"true", "yes", "on"})
_NULLS_MEAN_NOTHING = "instance_scheduler"


def unavailable_rules(policy: Data) -> Iterator[Finding]:
    """Find the rules that this version does not have."""
    for position, rule in enumerate(_list(policy, "rules")):
        if not isinstance(rule, Mapping):
            continue
        if kind_of(rule) is None:
            yield _of_no_kind(rule, ("rules", position))


def contradictions(policy: Data) -> Iterator[Finding]:
    """Find names that clash or lead nowhere, and rules that could never do anything."""
    yield from _repeated_rule_names(policy)
    yield from _clashing_schedule_names(policy)
    for position, rule in enumerate(_list(policy, "rules")):
        if isinstance(rule, Mapping) and kind_of(rule) in _ON_HOURS:
            yield from _hours_of(rule, ("rules", position), policy)
        elif isinstance(rule, Mapping) and kind_of(rule) == PROVISIONED_CONCURRENCY:
            yield from _calendar_of(rule, ("rules", position), policy, "provisioned_concurrency")
        elif isinstance(rule, Mapping) and kind_of(rule) == ENDPOINT_CAPACITY:
            yield from _calendar_of(rule, ("rules", position), policy, "capacity")
    yield from _hours_of_warnings(policy)
    yield from _unused_custodian(policy)
    yield from _exemptions(policy)


def nothing_written(policy: Data) -> Iterator[Finding]:
    """Find keys and list entries without a value."""
    for key, value in policy.items():
        if key != _NULLS_MEAN_NOTHING or value is None:
            yield from _nothing_below(value, (key,))


def _nothing_below(value: object, path: Path) -> Iterator[Finding]:
    match value:
        case None:
            remedy = "write one (text that begins with # or @ in quotes), or remove the key"
            yield Finding(path, "it has no value", remedy, on_key=True)
        case dict():
            for key, below in value.items():
                yield from _nothing_below(below, (*path, str(key)))
        case list():
            for position, below in enumerate(value):
                yield from _nothing_below(below, (*path, position))
        case _:
            return


def _of_no_kind(rule: Data, path: Path) -> Finding:
    if "resources" not in rule:
        remedy = f"write resources: and one of {', '.join(_KINDS)}"
        return Finding((*path, "resources"), "it is missing", remedy)
    resources = rule["resources"]
    if all_among(resources, KINDS):
        problem = f"the rule demands nothing of {shown(resources)}"
        keys = (*DEMANDS, *QUESTIONS) if all_among(resources, JOB_KINDS) else DEMANDS
        return Finding((*path, "resources"), problem, f"add one of {', '.join(keys)}")
    problem = f"{shown(resources)} is no kind of resource that rules speak of"
    if isinstance(resources, str):
        remedy = suggestion(resources, _KINDS)
    else:
        remedy = f"write one kind: {', '.join(_KINDS)}"
    return Finding((*path, "resources"), problem, remedy)


def _repeated_rule_names(policy: Data) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for position, rule in enumerate(_list(policy, "rules")):
        name = rule.get("name") if isinstance(rule, Mapping) else None
        if not isinstance(name, str):
            continue
        if name in first:
            problem = f"rules[{first[name]}] is called {shown(name)} too"
            yield Finding(("rules", position, "name"), problem, "give each rule a name of its own")
        first.setdefault(name, position)


def _clashing_schedule_names(policy: Data) -> Iterator[Finding]:
    calendars = _mapping(policy, "calendars")
    schedules = _mapping(_mapping(policy, "instance_scheduler"), "schedules")
    places: list[tuple[Path, str]] = [(("calendars", name), name) for name in calendars]
    places += [(("instance_scheduler", "schedules", name), name) for name in schedules]
    for path, name in places:
        if name.lower() in _OPT_WORDS:
            problem = f"{shown(name)} has a meaning of its own"
            yield Finding(path, problem, "choose another name", on_key=True)
        elif path[0] != "calendars" and name in calendars:
            problem = f"there is a calendar called {shown(name)}, too"
            yield Finding(path, problem, "give one of them another name", on_key=True)


def _hours_of(rule: Data, path: Path, policy: Data) -> Iterator[Finding]:
    outside = rule.get("outside")
    if "outside" not in rule and "schedule_tag" not in rule:
        remedy = "name a calendar in outside, or a tag in schedule_tag"
        yield Finding((*path, "outside"), "the rule has no hours", remedy)
    if not isinstance(outside, str):
        return
    if outside == CUSTODIAN:
        if CUSTODIAN not in policy:
            remedy = "add custodian: with default_tz, offhour and onhour"
            yield Finding((*path, "outside"), "the policy has no custodian block", remedy)
        return
    known = _schedule_names(policy)
    if outside not in known:
        problem = f"there is no calendar or schedule {shown(outside)}"
        yield Finding((*path, "outside"), problem, suggestion(outside, known))


def _schedule_names(policy: Data) -> set[str]:
    """The names that a rule may give its hours."""
    return {
        *_mapping(policy, "calendars"),
        *_mapping(_mapping(policy, "instance_scheduler"), "schedules"),
    }


def _calendar_of(rule: Data, path: Path, policy: Data, key: str) -> Iterator[Finding]:
    hours = _mapping(rule, key).get("hours")
    calendars = _mapping(policy, "calendars")
    if isinstance(hours, str) and hours not in calendars:
        problem = f"there is no calendar {shown(hours)}"
        place = (*path, key, "hours")
        yield Finding(place, problem, suggestion(hours, calendars))


def _hours_of_warnings(policy: Data) -> Iterator[Finding]:
    hours = _mapping(policy, "owners").get("warn_during")
    known = _schedule_names(policy)
    if isinstance(hours, str) and hours not in known:
        problem = f"there is no calendar or schedule {shown(hours)}"
        yield Finding(("owners", "warn_during"), problem, suggestion(hours, known))


def _unused_custodian(policy: Data) -> Iterator[Finding]:
    rules = [rule for rule in _list(policy, "rules") if isinstance(rule, Mapping)]
    if CUSTODIAN in policy and not any(rule.get("outside") == CUSTODIAN for rule in rules):
        remedy = f"write outside: {CUSTODIAN} in a rule for notebook-instance, or remove the block"
        yield Finding((CUSTODIAN,), "no rule follows it", remedy, on_key=True)


def _exemptions(policy: Data) -> Iterator[Finding]:
    """Find exemptions without an end where none may be, and those of rules that there are not."""
    permanent = str(policy.get("exemptions_may_be_permanent")).lower() in _YES
    named = [rule.get("name") for rule in _list(policy, "rules") if isinstance(rule, Mapping)]
    rules = [name for name in named if isinstance(name, str)]
    for position, given in enumerate(_list(policy, "exemptions")):
        if not isinstance(given, Mapping):
            continue
        path: Path = ("exemptions", position)
        if "until" not in given and not permanent:
            remedy = "add until: and its last day, or set exemptions_may_be_permanent: true"
            yield Finding((*path, "until"), "it is missing", remedy)
        rule = given.get("rule")
        if isinstance(rule, str) and not any(fnmatchcase(name, rule) for name in rules):
            problem = f"there is no rule {shown(rule)}"
            yield Finding((*path, "rule"), problem, suggestion(rule, rules))


def _mapping(data: Data, key: str) -> Data:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _list(data: Data, key: str) -> list[object]:
    value = data.get(key)
    return value if isinstance(value, list) else []
