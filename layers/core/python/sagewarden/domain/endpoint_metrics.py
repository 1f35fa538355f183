"""Which CloudWatch series tell whether an endpoint is used, by the way it serves.

Source of the names and dimensions: docs.aws.amazon.com/sagemaker, "Monitor Amazon SageMaker AI
with Amazon CloudWatch" and "Monitor an asynchronous endpoint" (read 2026-11).
"""

from collections.abc import Collection, Iterator

from sagewarden.domain.metrics import Series
from sagewarden.domain.resources import EndpointDetails, EndpointKind

NAMESPACE = "AWS/SageMaker"
INVOCATIONS = "Invocations"
INVOCATIONS_PROCESSED = "InvocationsProcessed"
BACKLOG = "ApproximateBacklogSize"
USE_METRICS = (INVOCATIONS, INVOCATIONS_PROCESSED, BACKLOG)
"""The metrics of which any value above zero means that an endpoint is used."""

_STATISTIC = {INVOCATIONS: "Sum", INVOCATIONS_PROCESSED: "Sum", BACKLOG: "Maximum"}


def series_of(metric: str, dimensions: tuple[tuple[str, str], ...]) -> Series:
    """The series of a use metric with exactly these dimensions (sorted by name)."""
    return Series(NAMESPACE, metric, tuple(sorted(dimensions)), _STATISTIC[metric])


def variant_series(metric: str, endpoint: str, variant: str) -> Series:
    """A variant's series: EndpointName and VariantName, never EndpointName alone."""
    return series_of(metric, (("EndpointName", endpoint), ("VariantName", variant)))


def component_series(component: str) -> Series:
    """An inference component's invocations."""
    return series_of(INVOCATIONS, (("InferenceComponentName", component),))


def backlog_series(endpoint: str) -> Series:
    """An asynchronous endpoint's backlog: the one metric that carries EndpointName alone."""
    return series_of(BACKLOG, (("EndpointName", endpoint),))


def concerns(series: Series, endpoints: Collection[str]) -> bool:
    """Whether a published series is one that tells of the use of these endpoints.

    Inference components are not named after their endpoint, so all of theirs concern us.
    """
    dimensions = dict(series.dimensions)
    if dimensions.keys() == {"InferenceComponentName"}:
        return series.metric == INVOCATIONS
    if dimensions.get("EndpointName") not in endpoints:
        return False
    if series.metric == BACKLOG:
        return dimensions.keys() == {"EndpointName"}
    return dimensions.keys() == {"EndpointName", "VariantName"}


def evidence_series(endpoint: str, details: EndpointDetails) -> Iterator[Series]:
    """Every series that must be read, and must say zero, before an endpoint is called idle.

    Args:
        endpoint: The endpoint's name.
        details: How it serves. Its components must be known.
    """
    if details.kind is EndpointKind.COMPONENTS:
        for component in details.components or ():
            yield component_series(component.name)
        return
    metric = INVOCATIONS_PROCESSED if details.asynchronous else INVOCATIONS
    for variant in details.variants:
        yield variant_series(metric, endpoint, variant.name)
    if details.asynchronous:
        yield backlog_series(endpoint)
