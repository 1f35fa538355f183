"""What still names Elastic Inference, which is gone.

Elastic Inference took no new customers from 2023-04-15 and "is no longer available" (botocore 1.44,
ProductionVariant.AcceleratorType). What names it cannot be created again, so it is found before
somebody has to.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sagewarden.domain.resources import ResourceRef, Tags

_IMAGE = re.compile(r"-eia(?=[:@/.]|$)")
_TYPE = re.compile(r"\b(?:ml\.)?eia[0-9]+\.[a-z0-9]+\b")
_WORDS = ("elastic-inference", "elastic_inference", "elasticinference")


class Place(StrEnum):
    """The kinds of thing that may name Elastic Inference."""

    ENDPOINT_CONFIG = "endpoint-config"
    NOTEBOOK_INSTANCE = "notebook-instance"
    MODEL = "model"
    TASK_DEFINITION = "ecs-task-definition"


class Framework(StrEnum):
    """What the images of Elastic Inference were made for."""

    TENSORFLOW = "TensorFlow"
    PYTORCH = "PyTorch"
    MXNET = "MXNet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Something that names Elastic Inference.

    Attributes:
        ref: What it is; its kind is a `Place`.
        where: Where it names it, for example ``AcceleratorType of variant AllTraffic``.
        accelerators: The types that it names, as ``ml.eia2.medium``; empty for an image.
        tags: Its tags; None when they could not be read.
        variant: The variant, of an endpoint config.
        instance_type: The instance that the accelerator hangs on; None when not known.
        count: How many of them it asks for.
        images: The images that tell the framework.
        endpoints: The endpoints that run on it, or on a config of it; None when not known.
    """

    ref: ResourceRef
    where: str
    accelerators: tuple[str, ...] = ()
    tags: Tags | None = None
    variant: str | None = None
    instance_type: str | None = None
    count: int = 1
    images: tuple[str, ...] = ()
    endpoints: tuple[str, ...] | None = ()


def names_elastic_inference(image: str) -> bool:
    """Whether an image is one of those that were made for Elastic Inference."""
    return bool(_IMAGE.search(image.lower()))


def accelerators_in(text: str) -> tuple[str, ...]:
    """The accelerator types that a text names, as SageMaker writes them."""
    found = _TYPE.findall(text.lower())
    return tuple(dict.fromkeys(f"ml.{item.removeprefix('ml.')}" for item in found))


def speaks_of_elastic_inference(text: str) -> bool:
    """Whether a text names the service or one of its accelerators."""
    lowered = text.lower()
    return any(word in lowered for word in _WORDS) or bool(_TYPE.search(lowered))


def framework_of(images: Iterable[str]) -> Framework | None:
    """The framework that images tell; None when they tell none, or several."""
    found = {item for item in Framework for image in images if item.value.lower() in image.lower()}
    return found.pop() if len(found) == 1 else None
