"""Find where ECS task definitions still name Elastic Inference."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from sagewarden.adapters.errors import AWS_ERRORS, tried, why
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.advice.elastic_inference import (
    Naming,
    Place,
    accelerators_in,
    names_elastic_inference,
    speaks_of_elastic_inference,
)
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint, ResourceRef

_SERVICES = 10
"""The most services of one DescribeServices call (its API reference)."""


class EcsAccelerators:
    """The accelerator source on ECS.

    Looked at are the latest active revision of each family, and whatever revision a service runs.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def naming(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Naming]:  # noqa: ARG002 - ECS runs no endpoints
        """Every task definition in a region that names Elastic Inference.

        Calls: the pages of ListTaskDefinitionFamilies and ListClusters, for each cluster those of
        ListServices and one for each 10 services, and one for each task definition.
        """
        read = _Read(self._sessions.client("ecs", region), region)
        families = read.listed(
            "ECS task definitions", "list_task_definition_families", "families", status="ACTIVE"
        )
        services = read.services()
        unknown = bool(read.incomplete)
        keys = dict.fromkeys([*families, *services])
        with ThreadPoolExecutor(min(CONNECTIONS, len(keys)) or 1) as pool:
            described = {
                item["taskDefinitionArn"]: (item, tags)
                for item, tags in filter(None, pool.map(read.described, keys))
            }
        found = [
            naming
            for arn, (item, tags) in described.items()
            for naming in _naming(item, tags, region, None if unknown else services.get(arn, []))
        ]
        return Listing(tuple(found), tuple(read.incomplete))


@dataclass(slots=True)
class _Read:
    """One reading of a region; what could not be read is collected."""

    client: Any
    region: str
    incomplete: list[Incomplete] = field(default_factory=list[Incomplete])

    def listed(self, what: str, operation: str, key: str, **which: str) -> list[str]:
        """The pages of a list of names or ARNs, up to where it could be read."""
        found: list[str] = []
        try:
            for page in self.client.get_paginator(operation).paginate(**which):
                found += page[key]
        except AWS_ERRORS as error:
            self.incomplete.append(Incomplete(f"{what} in {self.region}", why(error)))
        return found

    def services(self) -> dict[str, list[str]]:
        """The names of services by the task definition that they run."""
        running: defaultdict[str, list[str]] = defaultdict(list)
        for cluster in self.listed("ECS clusters", "list_clusters", "clusterArns"):
            arns = self.listed(
                f"services of {cluster}", "list_services", "serviceArns", cluster=cluster
            )
            for batch in batched(arns, _SERVICES):
                for service in self._described_services(cluster, batch):
                    if service.get("status") != "INACTIVE":
                        running[service["taskDefinition"]].append(service["serviceName"])
        return dict(running)

    def _described_services(self, cluster: str, arns: Iterable[str]) -> Iterable[Mapping[str, Any]]:
        answer = tried(
            f"services of {cluster} in {self.region}",
            lambda: self.client.describe_services(cluster=cluster, services=list(arns)),
            self.incomplete,
        )
        return answer["services"] if answer else ()

    def described(self, key: str) -> tuple[Mapping[str, Any], Mapping[str, str]] | None:
        """A task definition, by its family or ARN, and its tags."""
        answer = tried(
            f"ECS task definition {key} in {self.region}",
            lambda: self.client.describe_task_definition(taskDefinition=key, include=["TAGS"]),
            self.incomplete,
        )
        if answer is None:
            return None
        tags = {tag["key"]: tag["value"] for tag in answer.get("tags", ())}
        return answer["taskDefinition"], tags


def _naming(
    item: Mapping[str, Any], tags: Mapping[str, str], region: str, services: list[str] | None
) -> Iterator[Naming]:
    where = list(_places(item))
    if not where:
        return
    containers = item.get("containerDefinitions", ())
    arn = item["taskDefinitionArn"]
    devices = " ".join(one["deviceType"] for one in item.get("inferenceAccelerators", ()))
    variables = json.dumps([one.get("environment", []) for one in containers])
    name = f"{item['family']}:{item['revision']}"
    yield Naming(
        ref=ResourceRef(Place.TASK_DEFINITION, arn.split(":")[4], region, name, arn),
        where="; ".join(where),
        accelerators=accelerators_in(f"{devices} {variables}"),
        tags=tags,
        images=tuple(one["image"] for one in containers if one.get("image")),
        endpoints=None if services is None else tuple(sorted(services)),
    )


def _places(item: Mapping[str, Any]) -> Iterator[str]:
    """Where a task definition names it."""
    if item.get("inferenceAccelerators"):
        yield "inferenceAccelerators"
    for container in item.get("containerDefinitions", ()):
        name = container["name"]
        if names_elastic_inference(container.get("image", "")):
            yield f"image of container {name}"
        if any(
            one["type"] == "InferenceAccelerator"
            for one in container.get("resourceRequirements", ())
        ):
            yield f"resourceRequirements of container {name}"
        for variable in container.get("environment", ()):
            if speaks_of_elastic_inference(f"{variable['name']}={variable['value']}"):
                yield f"environment {variable['name']} of container {name}"
