"""What setting how something scales needs from the world outside, as Protocols."""

from collections.abc import Mapping
from typing import Protocol

from sagewarden.domain.autoscaling.scaling import ScalingState
from sagewarden.domain.autoscaling.steps import Step
from sagewarden.domain.provisioned_concurrency.quotas import Quotas


class Scaling(Protocol):
    """Application Auto Scaling, as far as it scales along one dimension.

    What it scales is named by its resource id: ``endpoint/<endpoint>/variant/<variant>`` or
    ``inference-component/<component>``.
    """

    def states(self, region: str) -> Mapping[str, ScalingState]:
        """What is registered in a region, by resource id; what is not there is not registered.

        Raises:
            UnreadableError: It could not be read as a whole.
        """
        ...

    def state(self, region: str, target: str) -> ScalingState:
        """What is registered for one of them now.

        Raises:
            UnreadableError: It could not be read.
        """
        ...

    def apply(self, region: str, target: str, step: Step) -> None:
        """Take one step. What a step removes and is not there any more is no error.

        Raises:
            ActionFailedError: It failed, or its effect is not certain.
        """
        ...

    def command(self, region: str, target: str, step: Step) -> str:
        """The command line that takes a step."""
        ...


class QuotaSource(Protocol):
    """Service Quotas."""

    def of(self, region: str) -> Quotas:
        """What a region allows; the documented defaults, marked as assumed, when unreadable."""
        ...


class InstanceQuotas(Protocol):
    """Service Quotas, as far as it limits the instances of endpoints."""

    def hosting(self, region: str) -> Mapping[str, int] | None:
        """How many instances of each type endpoints may have; None when unreadable.

        A type without an entry has a quota that is not known.
        """
        ...


class EndpointQuotas(QuotaSource, InstanceQuotas, Protocol):
    """Service Quotas, as far as it limits endpoints of any kind."""
