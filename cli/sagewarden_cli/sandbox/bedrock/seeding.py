"""An in-process builder of provisioned throughput: no HTTP, any age, any status."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion
from sagewarden_cli.sandbox.bedrock.throughput import (
    BedrockStore,
    Throughput,
    throughput_details,
)

MODEL = "amazon.titan-text-express-v1"


class BedrockFleet:
    """Puts provisioned throughput straight into one account and region.

    Args:
        locate: Finds the account and region anew each time, because a reset replaces them.
    """

    def __init__(self, locate: Callable[[], AccountRegion]) -> None:
        self._locate = locate

    def add_provisioned_model(  # noqa: PLR0913  # one argument per field of what is bought
        self,
        name: str,
        *,
        model: str = MODEL,
        units: int = 1,
        commitment: str | None = None,
        status: str = "InService",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Add provisioned throughput and return its ARN.

        Args:
            name: Its name.
            model: The model's id or ARN.
            units: How many model units.
            commitment: ``OneMonth`` or ``SixMonths``; None for what is bought by the hour.
            status: ``Creating``, ``InService``, ``Updating`` or ``Failed``.
            created_at: When it was bought.
            modified_at: When it last changed.
            tags: Its tags.
        """
        here = self._locate()
        store, created = here.part(BedrockStore), created_at or here.now()
        throughput = Throughput(
            name=name,
            arn=store.new_arn(),
            created_at=created,
            modified_at=modified_at or created,
            status=status,
            details=throughput_details(store.model_arn(model), units, commitment),
        )
        throughput.tag(dict(tags or {}))
        with here.lock:
            return store.add(throughput)
