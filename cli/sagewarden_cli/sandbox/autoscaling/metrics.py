"""Which CloudWatch metric a target tracking policy follows, and at which statistic."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sagewarden_cli.sandbox.autoscaling.resources import Dimension
from sagewarden_cli.sandbox.backend import Params
from sagewarden_cli.sandbox.cloudwatch.aggregation import STATISTICS, Statistic
from sagewarden_cli.sandbox.cloudwatch.series import SeriesKey, dimensions_of
from sagewarden_cli.sandbox.errors import AwsError, ValidationException

_NAMESPACE = "AWS/SageMaker"

# Per dimension, by predefined type: the CloudWatch metric and its statistic.
# Source: SageMaker Developer Guide, "Define a scaling policy" and "Monitor with CloudWatch". The
# statistics of the concurrency metrics are not documented: an average is what a ratio needs.
_PREDEFINED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    Dimension.INSTANCES: {
        "SageMakerVariantInvocationsPerInstance": ("InvocationsPerInstance", "Sum"),
        "SageMakerVariantConcurrentRequestsPerModelHighResolution": (
            "ConcurrentRequestsPerModel",
            "Average",
        ),
    },
    Dimension.CONCURRENCY: {
        "SageMakerVariantProvisionedConcurrencyUtilization": (
            "ServerlessProvisionedConcurrencyUtilization",
            "Average",
        ),
    },
    Dimension.COPIES: {
        "SageMakerInferenceComponentInvocationsPerCopy": ("InvocationsPerCopy", "Sum"),
        "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": (
            "ConcurrentRequestsPerCopy",
            "Average",
        ),
    },
}


@dataclass(frozen=True, slots=True)
class TrackedMetric:
    """One series and the statistic to take of each of its minutes."""

    key: SeriesKey
    statistic: str

    @property
    def of_minute(self) -> Statistic:
        """What makes one value of a minute's samples."""
        return STATISTICS[self.statistic]


def tracked_metric(configuration: Params, resource_id: str, dimension: str) -> TrackedMetric:
    """Return the metric of a target tracking configuration.

    Raises:
        ValidationException: It names none, both kinds, or one that the dimension does not have.
        AwsError: It is metric math, which is not emulated.
    """
    predefined = configuration.get("PredefinedMetricSpecification")
    customized = configuration.get("CustomizedMetricSpecification")
    if (predefined is None) == (customized is None):
        raise ValidationException(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must "
            "be specified.",
        )
    if customized is not None:
        return _customized(customized)
    known = _PREDEFINED[dimension]
    kind = configuration["PredefinedMetricSpecification"]["PredefinedMetricType"]
    if kind not in known:
        raise ValidationException(
            f"Scalable dimension {dimension} only supports the following predefined metric types: "
            f"{', '.join(known)}",
        )
    name, statistic = known[kind]
    parts = resource_id.split("/")
    where = (
        {"InferenceComponentName": parts[1]}
        if dimension == Dimension.COPIES
        else {"EndpointName": parts[1], "VariantName": parts[3]}
    )
    return TrackedMetric((_NAMESPACE, name, tuple(sorted(where.items()))), statistic)


def _customized(specification: Params) -> TrackedMetric:
    if "Metrics" in specification:
        message = "The sandbox follows single metrics only: Metrics (metric math) is not emulated."
        raise AwsError("NotImplemented", message, HTTPStatus.NOT_IMPLEMENTED)
    missing = [m for m in ("Namespace", "MetricName", "Statistic") if m not in specification]
    if missing:
        raise ValidationException(f"CustomizedMetricSpecification lacks {', '.join(missing)}.")
    dimensions = dimensions_of(specification.get("Dimensions", ()))
    key = (specification["Namespace"], specification["MetricName"], dimensions)
    return TrackedMetric(key, specification["Statistic"])
