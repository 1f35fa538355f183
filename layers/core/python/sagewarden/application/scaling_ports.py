"""What scaling provisioned concurrency needs from the world outside, as Protocols."""

from collections.abc import Mapping
from typing import Protocol

from sagewarden.domain.provisioned_concurrency.quotas import Quotas
from sagewarden.domain.provisioned_concurrency.scaling import ScalingState
from sagewarden.domain.provisioned_concurrency.steps import Step


class Scaling(Protocol):
    """Application Auto Scaling, as far as it scales provisioned concurrency.

    A variant is named by its resource id, ``endpoint/<endpoint>/variant/<variant>``.
    """

    def states(self, region: str) -> Mapping[str, ScalingState]:
        """What is registered in a region, by resource id; what is not there is not registered.

        Raises:
            UnreadableError: It could not be read as a whole.
        """
        ...

    def state(self, region: str, target: str) -> ScalingState:
        """What is registered for one variant now.

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
