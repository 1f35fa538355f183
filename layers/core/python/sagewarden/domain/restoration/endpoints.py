"""Which steps bring an endpoint back, with its config, models and capacities."""

from collections.abc import Iterator
from datetime import datetime

from sagewarden.domain.restoration.alarms import alarm_steps
from sagewarden.domain.restoration.capacities import capacity_changes
from sagewarden.domain.restoration.comparison import differences, same
from sagewarden.domain.restoration.components import component_steps
from sagewarden.domain.restoration.scaling import scaling_steps
from sagewarden.domain.restoration.steps import Json, Obstacle, Restoration, Step, StepKind
from sagewarden.domain.restoration.surroundings import Item, Surroundings, own_tags

IN_SERVICE = "InService"
_GOING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""Statuses that end by themselves; nothing can be changed meanwhile."""


def plan_endpoint(was: Surroundings, now: Surroundings, moment: datetime) -> Restoration:
    """Say what is missing of an endpoint, in the order in which it can come back.

    Models and config first, then the endpoint; its weights and capacities while nothing scales
    it, since registering a scalable target clamps the capacity at once; then components, targets,
    policies, scheduled actions, alarms.

    Args:
        was: What the manifest says.
        now: What exists.
        moment: The present moment (aware): what was scheduled once may be over.
    """
    if refused := tuple(_refusals(was, now)):
        return Restoration(refused=refused)
    gate = _gate(was, now)
    foundations = tuple(_foundations(was, now))
    at_rest = _later(tuple(_capacities(was, now)), gate)
    gate = gate or ("its weights and capacities are set" if at_rest else None)
    components = component_steps(was, now, gate)
    scaling = scaling_steps(was, now, gate, components.awaited, moment)
    alarms = alarm_steps(was, now)
    steps = (*foundations, *at_rest, *_tags(was, now), *components.steps, *scaling.steps)
    steps += alarms.steps
    waiting = _underway(now) or components.waiting
    return Restoration(
        steps=steps,
        waiting=waiting,
        obstacles=(*components.obstacles, *scaling.obstacles, *alarms.obstacles),
        differences=() if steps or waiting else tuple(differences(was, now)),
    )


def is_released(was: Surroundings, running: Json | None) -> bool:
    """Whether a config is the one that a release made: the old without provisioned concurrency."""
    if was.config is None or running is None:
        return False
    old = was.config.described
    variants = [
        {
            **variant,
            **(
                {"ServerlessConfig": _unprovisioned(variant["ServerlessConfig"])}
                if "ServerlessConfig" in variant
                else {}
            ),
        }
        for variant in old["ProductionVariants"]
    ]
    identity = ("EndpointConfigName", "EndpointConfigArn")
    wanted = {**old, "ProductionVariants": variants} | {key: running[key] for key in identity}
    return same("endpoint config", wanted, running)


def _unprovisioned(serverless: Json) -> Json:
    return {key: value for key, value in serverless.items() if key != "ProvisionedConcurrency"}


def _refusals(was: Surroundings, now: Surroundings) -> Iterator[Obstacle]:
    """Why nothing is done: what stands in its place is somebody else's, or is broken."""
    if now.status == "Deleting" or now.endpoint is None or was.endpoint is None:
        yield from _changed_foundations(was, now)
        return
    old, new = was.endpoint.described, now.endpoint.described
    what = f"endpoint {old['EndpointName']}"
    if now.status not in {*_GOING, IN_SERVICE}:
        reason = new.get("FailureReason") or "AWS gives no reason"
        yield Obstacle(what, f"it is {now.status} ({reason}): delete it, then restore once more")
    elif _is_another(old, new):
        yield from _strangers(what, was.endpoint, now.endpoint)
        yield from _changed_foundations(was, now)
    elif _other_config(old, new) and not is_released(was, now.running_config):
        yield Obstacle(
            what,
            f"it runs endpoint config {new['EndpointConfigName']} now, which somebody gave it; "
            f"it is left as it is (it was {old['EndpointConfigName']})",
        )
    elif _other_config(old, new):
        yield from _changed_foundations(was, now)


def _strangers(what: str, was: Item, now: Item) -> Iterator[Obstacle]:
    old, new = was.described, now.described
    anew = f"somebody created it anew at {new['CreationTime']}"
    left = "it is left as it is: delete it first if it may go"
    if _other_config(old, new):
        runs = f"with endpoint config {new['EndpointConfigName']}, not {old['EndpointConfigName']}"
        yield Obstacle(what, f"{anew}, {runs}; {left}")
        return
    wanted = own_tags(was.tags)
    other = {key: now.tags[key] for key in wanted if now.tags.get(key, wanted[key]) != wanted[key]}
    if other:
        yield Obstacle(what, f"{anew}, with other tags ({other}); {left}")


def _changed_foundations(was: Surroundings, now: Surroundings) -> Iterator[Obstacle]:
    """The config and the models that the endpoint is to run, where they are others now."""
    if was.config is not None and now.config is not None:
        name = was.config.described["EndpointConfigName"]
        if not same("endpoint config", was.config.described, now.config.described):
            yield _changed("endpoint config", name)
    for name, model in was.models.items():
        if name in now.models and not same("model", model.described, now.models[name].described):
            yield _changed("model", name)


def _changed(kind: str, name: str) -> Obstacle:
    why = "one of this name was created anew, and is another; it is left as it is"
    return Obstacle(f"{kind} {name}", f"{why}: delete it first if it may go")


def _is_another(old: Json, new: Json) -> bool:
    return bool(old["CreationTime"] != new["CreationTime"])


def _other_config(old: Json, new: Json) -> bool:
    return bool(old["EndpointConfigName"] != new["EndpointConfigName"])


def _underway(now: Surroundings) -> str | None:
    if now.endpoint is None or now.status not in _GOING:
        return None
    return f"endpoint {now.endpoint.described['EndpointName']} is {now.status}"


def _gate(was: Surroundings, now: Surroundings) -> str | None:
    """What the endpoint's own parts have to await."""
    if was.endpoint is None:
        return None
    name = was.endpoint.described["EndpointName"]
    settled = now.endpoint is not None and now.status == IN_SERVICE
    if (
        settled
        and now.endpoint is not None
        and not _other_config(was.endpoint.described, now.endpoint.described)
    ):
        return None
    return f"endpoint {name} is in service again"


def _foundations(was: Surroundings, now: Surroundings) -> Iterator[Step]:
    if was.endpoint is None or was.config is None:
        return
    for name, model in was.models.items():
        if name not in now.models:
            yield Step(StepKind.CREATE_MODEL, name, model.described, own_tags(model.tags))
    config = was.config
    if now.config is None:
        name = config.described["EndpointConfigName"]
        yield Step(StepKind.CREATE_CONFIG, name, config.described, own_tags(config.tags))
    described = was.endpoint.described
    name = described["EndpointName"]
    if now.endpoint is None or now.status == "Deleting":
        awaits = _underway(now) and f"endpoint {name} is gone"
        yield Step(StepKind.CREATE_ENDPOINT, name, described, own_tags(was.endpoint.tags), awaits)
    elif _other_config(described, now.endpoint.described):
        awaits = f"endpoint {name} is at rest" if _underway(now) else None
        yield Step(StepKind.SWITCH_CONFIG, name, described, awaits=awaits)


def _capacities(was: Surroundings, now: Surroundings) -> Iterator[Step]:
    if was.endpoint is None:
        return
    if changes := capacity_changes(was, now):
        wanted = {"DesiredWeightsAndCapacities": changes}
        yield Step(StepKind.SET_CAPACITIES, was.endpoint.described["EndpointName"], wanted)


def _tags(was: Surroundings, now: Surroundings) -> Iterator[Step]:
    """The tags that an endpoint lacks which was created by hand, by the undo command perhaps."""
    if was.endpoint is None or now.endpoint is None or now.status == "Deleting":
        return
    if not _is_another(was.endpoint.described, now.endpoint.described):
        return
    missing = {
        key: value
        for key, value in own_tags(was.endpoint.tags).items()
        if key not in now.endpoint.tags
    }
    if missing:
        described = now.endpoint.described
        arn = {"ResourceArn": described["EndpointArn"]}
        yield Step(StepKind.ADD_TAGS, f"endpoint {described['EndpointName']}", arn, missing)


def _later(steps: tuple[Step, ...], gate: str | None) -> tuple[Step, ...]:
    return tuple(Step(s.kind, s.name, s.described, s.tags, gate) for s in steps)
