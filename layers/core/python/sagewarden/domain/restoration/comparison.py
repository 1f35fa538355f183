"""Field by field: what is not as it was. Times, statuses and ARNs made anew do not count."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from sagewarden.domain.restoration.steps import Difference, Json
from sagewarden.domain.restoration.surroundings import Item, Surroundings, own_tags

_ALWAYS = frozenset(
    {
        "CreationTime",
        "LastModifiedTime",
        "ResolutionTime",
        "FailureReason",
        "VariantStatus",
        "CaptureStatus",
    }
)
"""Of a moment, at any depth."""

_TOP: Mapping[str, frozenset[str]] = {
    "endpoint": frozenset({"EndpointStatus", "PendingDeploymentSummary"}),
    # Whether its user did something, and how it was, at that moment.
    "app": frozenset({"Status", "LastHealthCheckTimestamp", "LastUserActivityTimestamp"}),
    "space": frozenset({"Status"}),
    # Who changed it last, and how it was then.
    "tracking server": frozenset(
        {
            "TrackingServerStatus",
            "TrackingServerMaintenanceStatus",
            "IsActive",
            "LastModifiedBy",
        }
    ),
    "monitoring schedule": frozenset(
        {"MonitoringScheduleStatus", "LastMonitoringExecutionSummary"}
    ),
    "provisioned throughput": frozenset(
        {"status", "creationTime", "lastModifiedTime", "failureMessage"}
    ),
    # How the last update was rolled out; no call sets it at creation.
    "inference component": frozenset({"InferenceComponentStatus", "LastDeploymentConfig"}),
    "scalable target": frozenset({"ScalableTargetARN", "PredictedCapacity"}),
    # Application Auto Scaling makes a policy's own alarms anew.
    "scaling policy": frozenset({"PolicyARN", "Alarms"}),
    "scheduled action": frozenset({"ScheduledActionARN"}),
    "alarm": frozenset(
        {
            "AlarmConfigurationUpdatedTimestamp",
            "EvaluationState",
            "StateValue",
            "StateReason",
            "StateReasonData",
            "StateUpdatedTimestamp",
            "StateTransitionedTimestamp",
        }
    ),
}
"""Of a moment, or made by AWS, of each kind of thing."""

_COUNTS = frozenset({"CurrentInstanceCount", "DesiredInstanceCount", "InstancePools"})
_CONCURRENCY = frozenset({"CurrentServerlessConfig", "DesiredServerlessConfig"})
_COPIES = frozenset({"CurrentCopyCount", "DesiredCopyCount"})


def same(kind: str, was: Json, now: Json) -> bool:
    """Whether two descriptions of one kind tell the same thing."""
    return not any(differences_of(kind, "", was, now))


def differences_of(kind: str, name: str, was: Json, now: Json) -> Iterator[Difference]:
    """Every field that differs between two descriptions of a thing.

    Args:
        kind: What it is: ``endpoint``, ``model``, ``alarm``, ...
        name: Its name.
        was: What it was described as.
        now: What it is described as.
    """
    ignored = _TOP.get(kind, frozenset())
    yield from _compared(f"{kind} {name}".strip(), _without(was, ignored), _without(now, ignored))


def item_differences(kind: str, name: str, was: Item, now: Item) -> Iterator[Difference]:
    """Every field that differs between two descriptions of a thing; of its tags, those it had.

    Args:
        kind: What it is, as in `differences_of`.
        name: Its name.
        was: What it was described as, with its tags.
        now: What it is described as, with its tags.
    """
    yield from differences_of(kind, name, was.described, now.described)
    yield from _tag_differences(f"{kind} {name}", was, now)


def differences(was: Surroundings, now: Surroundings) -> Iterator[Difference]:
    """Everything that is not as it was.

    What Application Auto Scaling or managed instance scaling moves by itself (the capacity of what
    has a scalable target) may have any value.
    """
    if was.endpoint is not None and now.endpoint is not None:
        both = (was.endpoint, now.endpoint)
        old, new = (Item(_still(item.described, was), item.tags) for item in both)
        yield from item_differences("endpoint", old.described["EndpointName"], old, new)
    if was.config is not None and now.config is not None:
        name = was.config.described["EndpointConfigName"]
        yield from item_differences("endpoint config", name, was.config, now.config)
    yield from _all("model", was.models, now.models)
    yield from _all("inference component", *_still_components(was, now))
    yield from _all("scalable target", _spelt(was.targets), _spelt(now.targets))
    for kind, before, after in (
        ("scaling policy", was.policies, now.policies),
        ("scheduled action", was.scheduled_actions, now.scheduled_actions),
    ):
        items = ({key: Item(item, {}) for key, item in part.items()} for part in (before, after))
        yield from _all(kind, *(_spelt(part) for part in items))


def _still_components(
    was: Surroundings, now: Surroundings
) -> tuple[Mapping[str, Item], Mapping[str, Item]]:
    scaled = {key[0].partition("/")[2] for key in was.targets}

    def still(part: Mapping[str, Item]) -> dict[str, Item]:
        return {
            name: Item(_deep_without(item.described, _COPIES), item.tags)
            if name in scaled
            else item
            for name, item in part.items()
        }

    return still(was.components), still(now.components)


def _still(endpoint: Json, was: Surroundings) -> Json:
    """An endpoint's description without what scales by itself."""
    moved = {}
    for kind in ("ProductionVariants", "ShadowProductionVariants"):
        if kind in endpoint:
            moved[kind] = [
                _without(variant, _moving(variant, endpoint["EndpointName"], was))
                for variant in endpoint[kind]
            ]
    return {**endpoint, **moved}


def _moving(variant: Json, endpoint: str, was: Surroundings) -> frozenset[str]:
    target = f"endpoint/{endpoint}/variant/{variant['VariantName']}"
    dimensions = [key[1] for key in was.targets if key[0] == target]
    if any(dimension.endswith("ProvisionedConcurrency") for dimension in dimensions):
        return _CONCURRENCY
    return _COUNTS if dimensions or "ManagedInstanceScaling" in variant else frozenset()


def _spelt[K: tuple[str, ...]](items: Mapping[K, Item]) -> dict[str, Item]:
    return {" ".join(reversed(key)): item for key, item in items.items()}


def _all(kind: str, was: Mapping[str, Item], now: Mapping[str, Item]) -> Iterator[Difference]:
    for name, item in was.items():
        if name in now:
            yield from item_differences(kind, name, item, now[name])


def _tag_differences(what: str, was: Item, now: Item) -> Iterator[Difference]:
    """Every tag that is missing or has another value. Further tags are nobody's loss."""
    theirs = now.tags
    for key, value in own_tags(was.tags).items():
        if theirs.get(key) != value:
            yield Difference(f"{what}: tag {key}", value, theirs.get(key))


def _without(described: Json, names: frozenset[str]) -> Json:
    return {key: value for key, value in described.items() if key not in names}


def _deep_without(value: Any, names: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        return {k: _deep_without(v, names) for k, v in value.items() if k not in names}
    return value


def _compared(where: str, was: object, now: object) -> Iterator[Difference]:
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in sorted({*was, *now} - _ALWAYS):
            yield from _compared(f"{where}: {key}", was.get(key), now.get(key))
    elif _is_list(was) and _is_list(now) and len(was) == len(now):
        for number, (before, after) in enumerate(zip(was, now, strict=True)):
            yield from _compared(f"{where}[{number}]", before, after)
    elif was != now and not (_is_nothing(was) and _is_nothing(now)):
        yield Difference(where, was, now)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_nothing(value: object) -> bool:
    """AWS leaves out what is empty, or shows it empty: both say the same."""
    return value is None or value in ("", [], {})
