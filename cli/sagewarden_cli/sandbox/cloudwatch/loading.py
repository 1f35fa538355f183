"""Metrics put into the store in bulk, of any age, without HTTP."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sagewarden_cli.sandbox.cloudwatch.series import MetricStore, Sample
from sagewarden_cli.sandbox.world import World

_DEFAULT_REGION = "us-east-1"


class MetricLoader:
    """Plays the part of the AWS services that publish metrics."""

    def __init__(self, world: World) -> None:
        self._world = world

    def load(  # noqa: PLR0913  # a series is named by all of these
        self,
        account: str | None,
        region: str | None,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        points: Iterable[tuple[datetime, float]],
        *,
        unit: str = "None",
    ) -> None:
        """Add data points to one series.

        Args:
            account: The account, the default one if None.
            region: The region, us-east-1 if None.
            namespace: Such as ``AWS/SageMaker``.
            metric: Such as ``Invocations``.
            dimensions: All dimensions of the series by name.
            points: Aware moments and their values, one sample each, in any order.
            unit: The unit in which they are published.

        Raises:
            ValueError: A moment is naive.
        """
        here = self._world.at(account, region or _DEFAULT_REGION)
        samples = []
        for moment, value in points:
            if moment.tzinfo is None:
                raise ValueError(f"{moment.isoformat()} has no time zone: give an aware datetime")
            samples.append(Sample(moment.timestamp(), 1.0, value, value, value))
        key = (namespace, metric, tuple(sorted(dimensions.items())))
        with here.lock:
            here.part(MetricStore).add(key, unit, samples)
