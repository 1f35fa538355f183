"""An endpoint with all that belongs to it, read from a manifest or from a fresh look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagewarden.domain.restoration.steps import Json, Tags

type TargetKey = tuple[str, str]
"""A scalable target's resource id and dimension."""

type NameKey = tuple[str, str, str]
"""The same, with the name of a policy or scheduled action."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing as AWS describes it, with its tags."""

    described: Json
    tags: Tags


@dataclass(frozen=True, slots=True)
class Surroundings:
    """An endpoint with all that belongs to it.

    Attributes:
        endpoint: The endpoint; None when there is none.
        config: The config that the manifest names; None when there is none.
        running_config: What the endpoint runs now, where that is another config.
        models: By name.
        components: Inference components, by name.
        targets: Scalable targets.
        policies: Scaling policies.
        scheduled_actions: Scheduled actions.
        alarms: Alarms that watch it, by name.
    """

    endpoint: Item | None
    config: Item | None
    running_config: Json | None
    models: Mapping[str, Item]
    components: Mapping[str, Item]
    targets: Mapping[TargetKey, Item]
    policies: Mapping[NameKey, Json]
    scheduled_actions: Mapping[NameKey, Json]
    alarms: Mapping[str, Item]

    @property
    def status(self) -> str | None:
        """The endpoint's status; None when there is none."""
        return None if self.endpoint is None else str(self.endpoint.described["EndpointStatus"])


def read_surroundings(content: Mapping[str, Any]) -> Surroundings:
    """Read what a manifest, or a fresh look in the same form, says.

    Manifests of earlier versions lack the tags of models and components, and alarms: what they do
    not tell is taken as absent.
    """
    scaling: Mapping[str, Any] = content.get("autoscaling", {})
    target_tags: Mapping[str, Tags] = scaling.get("Tags", {})
    return Surroundings(
        endpoint=_item(content.get("endpoint"), content.get("tags")),
        config=_item(content.get("endpoint_config"), content.get("endpoint_config_tags")),
        running_config=content.get("running_config"),
        models=_named(content, "models", "model_tags", "ModelName"),
        components=_named(
            content,
            "inference_components",
            "inference_component_tags",
            "InferenceComponentName",
        ),
        targets={
            target_key(item): Item(item, target_tags.get(item.get("ScalableTargetARN", ""), {}))
            for item in scaling.get("ScalableTargets", ())
        },
        policies={
            (*target_key(item), item["PolicyName"]): item
            for item in scaling.get("ScalingPolicies", ())
        },
        scheduled_actions={
            (*target_key(item), item["ScheduledActionName"]): item
            for item in scaling.get("ScheduledActions", ())
        },
        alarms=_named(content, "alarms", "alarm_tags", "AlarmName"),
    )


def target_key(item: Json) -> TargetKey:
    """Which scalable target something is, or belongs to."""
    return item["ResourceId"], item["ScalableDimension"]


def own_tags(tags: Tags) -> dict[str, str]:
    """The tags that people can set; those that begin with ``aws:`` are AWS's own."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def _item(described: Json | None, tags: Tags | None) -> Item | None:
    return None if described is None else Item(described, tags or {})


def _named(content: Mapping[str, Any], items: str, tags: str, name: str) -> dict[str, Item]:
    tags_of: Mapping[str, Tags] = content.get(tags, {})
    return {item[name]: Item(item, tags_of.get(item[name], {})) for item in content.get(items, ())}
