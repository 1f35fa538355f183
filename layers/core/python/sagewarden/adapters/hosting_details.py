"""Read what endpoint configs, models and Application Auto Scaling say of how endpoints serve."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from sagewarden.adapters.descriptions import Descriptions, containers_of, variants_of
from sagewarden.adapters.endpoint_details import INSTANCE_COUNT
from sagewarden.adapters.errors import tried
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.advice.workload import Hosting, Scaling, ServedModel
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint

_IMAGE = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)
_BYTES_PER_GB = 10**9
_NO_IMAGE = {"ImageNotFoundException", "RepositoryNotFoundException"}


class SageMakerHosting:
    """The hosting source on boto3.

    Args:
        sessions: The account's clients.
        descriptions: What is known of configs and models already.
    """

    def __init__(self, sessions: Sessions, descriptions: Descriptions | None = None) -> None:
        self._sessions = sessions
        self._descriptions = descriptions or Descriptions(sessions)

    def of(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Hosting]:
        """What the configurations of endpoints say.

        Calls: one for each config and for each model that is not known; one for each image in the
        account's own registry; the pages of three lists of Application Auto Scaling, once for all.
        """
        if not endpoints:
            return Listing(())
        account = endpoints[0].ref.account
        read = _Read(self._sessions, self._descriptions, region, account)
        scaling = read.scaling()
        with ThreadPoolExecutor(min(CONNECTIONS, len(endpoints))) as pool:
            found = list(pool.map(read.hosting, endpoints))
        known = [item for item in found if item is not None]
        if scaling is None:
            items = [replace(item, scaling_known=False) for item in known]
        else:
            items = [_scaled(item, scaling) for item in known]
        return Listing(tuple(items), tuple(dict.fromkeys(read.incomplete)))


@dataclass(slots=True)
class _Read:
    """One reading of a region; what could not be read is collected."""

    sessions: Sessions
    descriptions: Descriptions
    region: str
    account: str
    sizes: dict[str, Decimal | None] = field(default_factory=dict[str, "Decimal | None"])
    incomplete: list[Incomplete] = field(default_factory=list[Incomplete])

    def hosting(self, endpoint: Endpoint) -> Hosting | None:
        config_name = endpoint.details.config_name if endpoint.details else ""
        config = tried(
            f"endpoint config {config_name} in {self.region}",
            lambda: self.descriptions.config(self.region, config_name),
            self.incomplete,
        )
        if config is None:
            return None
        models: dict[str, ServedModel] = {}
        for variant in variants_of(config):
            if (name := variant.get("ModelName")) and (model := self._model(name)):
                models[variant["VariantName"]] = model
        return Hosting(
            endpoint=endpoint.ref.name,
            models=models,
            data_capture=bool(config.get("DataCaptureConfig", {}).get("EnableCapture")),
            isolated=bool(config.get("EnableNetworkIsolation")),
            vpc=bool(config.get("VpcConfig")),
            scaling={variant["VariantName"]: None for variant in variants_of(config)},
        )

    def scaling(self) -> Mapping[str, Scaling] | None:
        """How variants scale, by resource id; None when that could not be read."""
        return tried(f"autoscaling in {self.region}", self._scaling, self.incomplete)

    def _scaling(self) -> dict[str, Scaling]:
        policies = Counter(self._named("describe_scaling_policies", "ScalingPolicies"))
        actions = Counter(self._named("describe_scheduled_actions", "ScheduledActions"))
        return {
            item["ResourceId"]: Scaling(
                minimum=item["MinCapacity"],
                maximum=item["MaxCapacity"],
                policies=policies[item["ResourceId"]],
                scheduled=actions[item["ResourceId"]],
                suspended=any(
                    value
                    for key, value in item.get("SuspendedState", {}).items()
                    if key.startswith("Dynamic")
                ),
            )
            for item in self._scaled("describe_scalable_targets", "ScalableTargets")
        }

    def _named(self, operation: str, key: str) -> Iterator[str]:
        return (item["ResourceId"] for item in self._scaled(operation, key))

    def _scaled(self, operation: str, key: str) -> Iterator[Mapping[str, Any]]:
        client = self.sessions.client("application-autoscaling", self.region)
        pages = client.get_paginator(operation).paginate(  # type: ignore[call-overload]  # a name, not a literal
            ServiceNamespace="sagemaker"
        )
        for page in pages:
            yield from (item for item in page[key] if item["ScalableDimension"] == INSTANCE_COUNT)

    def _model(self, name: str) -> ServedModel | None:
        found = tried(
            f"model {name} in {self.region}",
            lambda: self.descriptions.model(self.region, name),
            self.incomplete,
        )
        if found is None:
            return None
        containers = containers_of(found)
        return ServedModel(
            name=name,
            containers=containers,
            vpc=bool(found.get("VpcConfig")),
            isolated=bool(found.get("EnableNetworkIsolation")),
            image_gb=self._largest([item.image for item in containers if item.image]),
            role=found.get("ExecutionRoleArn"),
        )

    def _largest(self, images: Sequence[str]) -> Decimal | None:
        wanted = [image for image in images if image not in self.sizes]
        self.sizes |= {image: self._size(image) for image in wanted}
        known = [size for image in images if (size := self.sizes[image]) is not None]
        return max(known) if known else None

    def _size(self, image: str) -> Decimal | None:
        """An image's size, where it lies in the account's own registry; others may not be asked."""
        parts = _IMAGE.fullmatch(image)
        if parts is None or parts["registry"] != self.account:
            return None
        which = (
            {"imageDigest": parts["digest"]}
            if parts["digest"]
            else {"imageTag": parts["tag"] or "latest"}
        )
        client = self.sessions.client("ecr", parts["region"])
        return tried(
            f"size of image {image}",
            lambda: _size_in_ecr(client, parts["repository"], which),
            self.incomplete,
        )


def _size_in_ecr(client: Any, repository: str, which: Mapping[str, str]) -> Decimal | None:  # noqa: ANN401 - boto3 makes its clients at run time
    """An image's size; None where it is gone, as it may be while an endpoint runs it."""
    try:
        answer = client.describe_images(repositoryName=repository, imageIds=[which])
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _NO_IMAGE:
            return None
        raise
    return Decimal(max(item["imageSizeInBytes"] for item in answer["imageDetails"])) / _BYTES_PER_GB


def _scaled(item: Hosting, scaling: Mapping[str, Scaling]) -> Hosting:
    return replace(
        item,
        scaling={
            name: scaling.get(f"endpoint/{item.endpoint}/variant/{name}") for name in item.scaling
        },
    )
