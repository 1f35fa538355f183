"""What advice is given about: an endpoint, its models, how it scales and how it is used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.resources import Endpoint, EndpointDetails, Variant


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a model.

    Attributes:
        image: Its image; None where a model package tells it.
        multi_model: Whether it loads many models from one place.
    """

    image: str | None
    multi_model: bool = False


@dataclass(frozen=True, slots=True)
class ServedModel:
    """What a variant runs.

    Attributes:
        name: The model's name.
        containers: Its containers, in the order in which they are called.
        vpc: Whether it is attached to a VPC.
        isolated: Whether it has network isolation.
        image_gb: The size of its largest image as ECR stores it, compressed; None when not known.
        role: The ARN of its execution role.
    """

    name: str
    containers: tuple[Container, ...] = ()
    vpc: bool = False
    isolated: bool = False
    image_gb: Decimal | None = None
    role: str | None = None

    @property
    def images(self) -> tuple[str, ...]:
        """The images of its containers, where they are known."""
        return tuple(item.image for item in self.containers if item.image)

    @property
    def multi_model(self) -> bool:
        """Whether one of its containers loads many models."""
        return any(item.multi_model for item in self.containers)


@dataclass(frozen=True, slots=True)
class Scaling:
    """How Application Auto Scaling scales the instances of a variant.

    Attributes:
        minimum: The least instances.
        maximum: The most instances.
        policies: How many scaling policies there are.
        scheduled: How many scheduled actions there are.
        suspended: Whether scaling in or out is suspended.
    """

    minimum: int
    maximum: int
    policies: int = 0
    scheduled: int = 0
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosting:
    """What an endpoint's configuration and models say beside what its snapshot has.

    Attributes:
        endpoint: Its name.
        models: What each variant runs, by the variant's name; what could not be read is missing.
        data_capture: Whether requests are captured.
        isolated: Whether the configuration asks for network isolation.
        vpc: Whether the configuration is attached to a VPC.
        scaling: How variants with instances scale, by name: None where they do not.
        scaling_known: Whether that could be read.
    """

    endpoint: str
    models: Mapping[str, ServedModel] = field(default_factory=dict[str, ServedModel])
    data_capture: bool = False
    isolated: bool = False
    vpc: bool = False
    scaling: Mapping[str, Scaling | None] = field(default_factory=dict[str, "Scaling | None"])
    scaling_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Instances of one type that run for a variant."""

    variant: str
    instance_type: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """An endpoint in service, and all that advice about it rests on.

    Attributes:
        endpoint: Its snapshot.
        details: How it serves.
        hosting: What its configuration and models say; None when they could not be read.
        usage: How each variant is used, by name.
        owner: Whose it is.
        team: Which team's.
    """

    endpoint: Endpoint
    details: EndpointDetails
    hosting: Hosting | None
    usage: Mapping[str, Usage]
    owner: str | None = None
    team: str | None = None

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.endpoint.ref.name

    @property
    def region(self) -> str:
        """Its region."""
        return self.endpoint.ref.region

    @property
    def is_idle(self) -> bool:
        """Whether it is known that nobody calls any of its variants."""
        return bool(self.usage) and all(item.calls == 0 for item in self.usage.values())

    @property
    def production(self) -> tuple[Variant, ...]:
        """The variants that answer; shadow variants only mirror."""
        return tuple(variant for variant in self.details.variants if not variant.shadow)

    @property
    def running(self) -> Iterator[Running]:
        """The instances of each variant, where their one type and their number are known."""
        for variant in self.details.variants:
            if len(variant.instance_types) == 1 and variant.instance_count:
                yield Running(
                    variant=variant.name,
                    instance_type=variant.instance_types[0],
                    count=variant.instance_count,
                )

    @property
    def alone(self) -> Running | None:
        """Its instances where one variant is all it has; None otherwise."""
        found = list(self.running)
        return found[0] if len(found) == len(self.details.variants) == 1 else None

    def model(self, variant: str) -> ServedModel | None:
        """What a variant runs; None when not known."""
        return None if self.hosting is None else self.hosting.models.get(variant)

    def which(self, variant: str) -> str:
        """How a sentence names a variant: by the endpoint alone where it has no other."""
        return self.name if len(self.details.variants) == 1 else f"{self.name}/{variant}"
