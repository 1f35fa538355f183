"""Find where SageMaker still names Elastic Inference: configs, models and notebook instances."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sagewarden.adapters.descriptions import Descriptions, containers_of, variants_of
from sagewarden.adapters.errors import AWS_ERRORS, tried, why
from sagewarden.adapters.resource_identity import own_tags
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.advice.elastic_inference import (
    Naming,
    Place,
    accelerators_in,
    names_elastic_inference,
)
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint, ResourceRef, Tags

PAGE = 100


class SageMakerAccelerators:
    """The accelerator source on SageMaker.

    Args:
        sessions: The account's clients.
        descriptions: What is known of configs and models already.
    """

    def __init__(self, sessions: Sessions, descriptions: Descriptions | None = None) -> None:
        self._sessions = sessions
        self._descriptions = descriptions or Descriptions(sessions)

    def naming(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Naming]:
        """Everything of SageMaker in a region that names Elastic Inference.

        Calls: the pages of three lists, one for each notebook instance and each endpoint config
        and model that is not known, and one more for each that names it.
        """
        read, client = _Read(self._sessions, region), self._sessions.client("sagemaker", region)
        known = self._descriptions
        configs = read.all_of("endpoint config", _CONFIGS, lambda name: known.config(region, name))
        found_models = read.all_of("model", _MODELS, lambda name: known.model(region, name))
        models = {item["ModelName"]: item for item in found_models}
        notebooks = read.all_of(
            "notebook instance",
            _NOTEBOOKS,
            lambda name: client.describe_notebook_instance(NotebookInstanceName=name),
        )
        running: defaultdict[str, list[str]] = defaultdict(list)
        for endpoint in endpoints:
            if endpoint.details:
                running[endpoint.details.config_name].append(endpoint.ref.name)
        found = [
            *read.in_configs(configs, models, running),
            *read.in_models(models, configs, running),
            *read.in_notebooks(notebooks),
        ]
        return Listing(tuple(found), tuple(read.incomplete))


_CONFIGS = ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName")
_MODELS = ("list_models", "Models", "ModelName")
_NOTEBOOKS = ("list_notebook_instances", "NotebookInstances", "NotebookInstanceName")
"""A list, and the members of its pages and of their items."""


@dataclass(slots=True)
class _Read:
    """One reading of a region; what could not be read is collected."""

    sessions: Sessions
    region: str
    incomplete: list[Incomplete] = field(default_factory=list[Incomplete])

    def all_of(
        self,
        noun: str,
        listed: tuple[str, str, str],
        describe: Callable[[str], Mapping[str, Any]],
    ) -> list[Mapping[str, Any]]:
        """Everything of a kind, described."""
        operation, key, member = listed
        client = self.sessions.client("sagemaker", self.region)
        names: list[str] = []
        try:
            pages = client.get_paginator(operation).paginate(  # type: ignore[call-overload]  # a name, not a literal
                PaginationConfig={"PageSize": PAGE}
            )
            for page in pages:
                names += [item[member] for item in page[key]]
        except AWS_ERRORS as error:
            self.incomplete.append(Incomplete(f"{noun} resources in {self.region}", why(error)))
        with ThreadPoolExecutor(min(CONNECTIONS, len(names)) or 1) as pool:
            found = pool.map(
                lambda name: tried(
                    f"{noun} {name} in {self.region}", lambda: describe(name), self.incomplete
                ),
                names,
            )
            return [item for item in found if item is not None]

    def in_configs(
        self,
        configs: Sequence[Mapping[str, Any]],
        models: Mapping[str, Mapping[str, Any]],
        running: Mapping[str, list[str]],
    ) -> Iterator[Naming]:
        """The variants of endpoint configs that name an accelerator."""
        for config in configs:
            name = config["EndpointConfigName"]
            for variant in variants_of(config):
                types = [variant.get("AcceleratorType"), variant.get("InstanceType")]
                found = accelerators_in(" ".join(item for item in types if item))
                if not found:
                    continue
                model = models.get(variant.get("ModelName", ""), {})
                arn = config["EndpointConfigArn"]
                yield Naming(
                    ref=self._ref(Place.ENDPOINT_CONFIG, name, arn),
                    where=f"AcceleratorType of variant {variant['VariantName']}",
                    accelerators=found,
                    tags=self._tags(arn),
                    variant=variant["VariantName"],
                    instance_type=variant.get("InstanceType"),
                    count=variant.get("InitialInstanceCount", 1),
                    images=_images(model),
                    endpoints=tuple(running.get(name, ())),
                )

    def in_models(
        self,
        models: Mapping[str, Mapping[str, Any]],
        configs: Sequence[Mapping[str, Any]],
        running: Mapping[str, list[str]],
    ) -> Iterator[Naming]:
        """Models with an image for it, but those of a variant that names an accelerator itself."""
        users: defaultdict[str, list[str]] = defaultdict(list)
        told: set[str] = set()
        for config in configs:
            for variant in variants_of(config):
                model = variant.get("ModelName", "")
                users[model] += running.get(config["EndpointConfigName"], ())
                if variant.get("AcceleratorType"):
                    told.add(model)
        for name, model in models.items():
            images = [image for image in _images(model) if names_elastic_inference(image)]
            if not images or name in told:
                continue
            yield Naming(
                ref=self._ref(Place.MODEL, name, model["ModelArn"]),
                where=f"image {images[0]}",
                tags=self._tags(model["ModelArn"]),
                images=tuple(images),
                endpoints=tuple(sorted(set(users[name]))),
            )

    def in_notebooks(self, notebooks: Sequence[Mapping[str, Any]]) -> Iterator[Naming]:
        """Notebook instances with accelerators."""
        for notebook in notebooks:
            if not (types := accelerators_in(" ".join(notebook.get("AcceleratorTypes", ())))):
                continue
            arn, name = notebook["NotebookInstanceArn"], notebook["NotebookInstanceName"]
            yield Naming(
                ref=self._ref(Place.NOTEBOOK_INSTANCE, name, arn),
                where="AcceleratorTypes",
                accelerators=types,
                tags=self._tags(arn),
                instance_type=notebook.get("InstanceType"),
                endpoints=None,
            )

    def _ref(self, place: Place, name: str, arn: str) -> ResourceRef:
        return ResourceRef(place, arn.split(":")[4], self.region, name, arn)

    def _tags(self, arn: str) -> Tags | None:
        client = self.sessions.client("sagemaker", self.region)
        return tried(f"tags of {arn}", lambda: own_tags(client, arn), self.incomplete)


def _images(model: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(item.image for item in containers_of(model) if item.image)
