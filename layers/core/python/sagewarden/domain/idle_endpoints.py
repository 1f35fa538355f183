"""The idle endpoints rule: what costs money and served nothing for the whole window."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.endpoint_metrics import evidence_series
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent, total
from sagewarden.domain.resources import (
    Endpoint,
    EndpointDetails,
    EndpointKind,
    EndpointStatus,
    Variant,
)
from sagewarden.domain.scope import Scope, expired_exemption, spared
from sagewarden.domain.verdicts import Verdict, VerdictKind

COVERAGE = 0.9
"""The share of the window's hours that must have a datapoint before zeros count as idleness.

CloudWatch may lag by minutes and drop the odd point; whole missing hours are no zeros.
"""

_SETTLES = {
    EndpointStatus.CREATING,
    EndpointStatus.UPDATING,
    EndpointStatus.SYSTEM_UPDATING,
    EndpointStatus.ROLLING_BACK,
}
_RUNS_NOTHING = {
    EndpointStatus.DELETING: "it is being deleted",
    EndpointStatus.FAILED: "it failed: nothing runs, and it can only be deleted by hand",
    EndpointStatus.OUT_OF_SERVICE: "it is out of service; AWS allows no scaling or update now",
}


@dataclass(frozen=True, slots=True)
class IdleEndpoints:
    """Release what an endpoint keeps running though nobody has called it.

    Attributes:
        scope: Which endpoints.
        window: How long nobody may have called it, and its least age.
        action: What to do about an idle one, where it fits the way it serves.
        grace: How long after an accepted warning it may be acted on.
    """

    scope: Scope
    window: timedelta = timedelta(hours=48)
    action: ActionKind = ActionKind.DELETE
    grace: timedelta = timedelta(hours=24)


def settled_verdict(endpoint: Endpoint, rule: IdleEndpoints, now: datetime) -> Verdict | None:
    """Judge what the list page and the tags already decide, before any metric is read.

    Returns:
        The verdict, or None when metrics and details must decide.
    """
    scope = rule.scope
    status = endpoint.status
    if verdict := spared(endpoint, scope, now):
        return verdict
    if status in _SETTLES:
        reason = f"it is {status}; judged when it is InService again"
        return scope.verdict(endpoint, VerdictKind.NOT_APPLICABLE, reason)
    if status in _RUNS_NOTHING:
        return scope.verdict(endpoint, VerdictKind.NOT_APPLICABLE, _RUNS_NOTHING[status])
    if status is not EndpointStatus.IN_SERVICE:
        reason = f"its status {status} does not say whether it serves"
        return scope.verdict(endpoint, VerdictKind.UNKNOWN, reason)
    since = max(endpoint.created, endpoint.modified)
    if now - since < rule.window:
        return scope.verdict(
            endpoint,
            VerdictKind.TOO_NEW,
            f"created or updated at {since.isoformat()}, less than {_hours(rule.window)} ago",
            judged_from=(since + rule.window).isoformat(),
        )
    return None


def judge_endpoint(
    endpoint: Endpoint,
    rule: IdleEndpoints,
    readings: Readings,
    prices: PriceBook,
    now: datetime,
) -> Verdict:
    """Judge whether an endpoint idles.

    Args:
        endpoint: The endpoint as it is.
        rule: The rule.
        readings: The use metrics over the rule's window, for the series of `evidence_series`.
        prices: List prices, for the saving.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION only when every series of every variant or component was read and says zero.
    """
    scope = rule.scope
    if verdict := settled_verdict(endpoint, rule, now):
        return verdict
    if verdict := _used(endpoint, scope, readings):
        return verdict
    details = endpoint.details
    if details is None:
        reason = "its description or its endpoint config could not be read"
        return scope.verdict(endpoint, VerdictKind.UNKNOWN, reason)
    if verdict := _costs_nothing(endpoint, scope, details):
        return verdict
    if details.components is None:
        reason = "its inference components could not be read"
        return scope.verdict(endpoint, VerdictKind.UNKNOWN, reason)
    if verdict := _not_proven(endpoint, scope, details, readings):
        return verdict
    return _idle(endpoint, rule, details, readings, prices, now)


def _costs_nothing(endpoint: Endpoint, scope: Scope, details: EndpointDetails) -> Verdict | None:
    """Spare what bills nothing now, or goes to zero by itself."""
    verdict = None
    if details.kind is EndpointKind.SERVERLESS:
        if not any(_provisioned(variant) for variant in details.variants):
            verdict = "serverless without provisioned concurrency costs nothing while idle"
    elif details.variants and all(variant.instance_count == 0 for variant in details.variants):
        verdict = "scaled to zero: no instance is running"
    elif details.variants and all(variant.autoscaling_minimum == 0 for variant in details.variants):
        verdict = "its autoscaling may go to zero by itself (MinCapacity 0)"
    if verdict is None:
        return None
    return scope.verdict(endpoint, VerdictKind.NOT_APPLICABLE, verdict)


def use_of(endpoint: Endpoint, readings: Readings) -> tuple[Series, float] | None:
    """The first series that shows an endpoint in use, with its total; None when none does."""
    name = endpoint.ref.name
    known = evidence_series(name, endpoint.details) if endpoint.details else ()
    for item in (*readings.naming("EndpointName", name), *known):
        if (calls := readings.total(item)) > 0:
            return item, calls
    return None


def _used(endpoint: Endpoint, scope: Scope, readings: Readings) -> Verdict | None:
    """COMPLIANT when any series shows use; use wins over gaps in the other series."""
    use = use_of(endpoint, readings)
    if use is None:
        return None
    item, calls = use
    window = _hours(readings.window.end - readings.window.start)
    return scope.verdict(
        endpoint,
        VerdictKind.COMPLIANT,
        f"in use: {item.metric} of {_who(item)} came to {calls:g} in {window}",
        invocations=calls,
    )


def _not_proven(
    endpoint: Endpoint, scope: Scope, details: EndpointDetails, readings: Readings
) -> Verdict | None:
    """UNKNOWN unless every billable variant or component has data for nearly every hour."""
    billable = tuple(variant for variant in details.variants if variant.instance_count != 0)
    series = tuple(evidence_series(endpoint.ref.name, replace(details, variants=billable)))
    if not series:
        reason = "it has no variant or inference component whose metrics could tell"
        return scope.verdict(endpoint, VerdictKind.UNKNOWN, reason)
    needed = max(1, round(readings.window.buckets * COVERAGE))
    for item in series:
        values = readings.of(item)
        if values is None:
            reason = f"{item.metric} of {_who(item)} could not be read"
            return scope.verdict(endpoint, VerdictKind.UNKNOWN, reason)
        if len(values) < needed:
            reason = (
                f"no data is not zero: {item.metric} of {_who(item)} has {len(values)} of "
                f"{readings.window.buckets} hourly datapoints"
            )
            return scope.verdict(endpoint, VerdictKind.UNKNOWN, reason, datapoints=len(values))
        if any(value != 0 for value in values):
            reason = f"{item.metric} of {_who(item)} has values that are no counts of calls"
            return scope.verdict(endpoint, VerdictKind.UNKNOWN, reason)
    return None


def _idle(
    endpoint: Endpoint,
    rule: IdleEndpoints,
    details: EndpointDetails,
    readings: Readings,
    prices: PriceBook,
    now: datetime,
) -> Verdict:
    window = readings.window
    reason = f"0 invocations in {_hours(rule.window)} over {_parts(details)}"
    if expired := expired_exemption(endpoint.tags, now):
        reason += f"; {expired}"
    verdict = Verdict(
        rule.scope.rule,
        endpoint.ref,
        VerdictKind.VIOLATION,
        reason,
        {
            "serves": details.kind.value,
            "invocations": 0,
            "window_start": window.start.isoformat(),
            "window_end": window.end.isoformat(),
            "variants": ", ".join(variant.name for variant in details.variants),
            "endpoint_config": details.config_name,
        },
    )
    kind, held_back = _fitting_action(rule.action, details)
    if kind is None:
        return replace(verdict, reason=f"{reason}; {held_back}")
    return replace(
        verdict,
        action=Action(kind, endpoint.ref, Precondition.of(endpoint)),
        saving=_saving(endpoint.ref.region, details, prices),
    )


def _fitting_action(
    wanted: ActionKind, details: EndpointDetails
) -> tuple[ActionKind | None, str | None]:
    """The gentlest action that ends the cost, or why none may be taken.

    Serverless endpoints lose their provisioned concurrency rather than be deleted: it saves as
    much. Inference components are scaled to zero, which releases instances only where
    ManagedInstanceScaling.MinInstanceCount is 0.
    """
    if details.kind is EndpointKind.SERVERLESS:
        return ActionKind.RELEASE_PROVISIONED_CONCURRENCY, None
    if details.kind is EndpointKind.COMPONENTS:
        if all(variant.managed_minimum == 0 for variant in details.variants):
            return ActionKind.SCALE_TO_ZERO, None
        return None, (
            "nothing is done: its instances stay at ManagedInstanceScaling.MinInstanceCount; "
            "set that to 0, or delete its inference components and the endpoint by hand"
        )
    if wanted is ActionKind.DELETE:
        return ActionKind.DELETE, None
    return None, (
        f"nothing is done: {wanted} does not fit a {details.kind} endpoint; use action: delete"
    )


def _saving(region: str, details: EndpointDetails, prices: PriceBook) -> MonthlyCost | None:
    billed = [variant for variant in details.variants if variant.instance_count != 0]
    return total([_variant_cost(region, variant, prices) for variant in billed])


def _variant_cost(region: str, variant: Variant, prices: PriceBook) -> MonthlyCost | None:
    if variant.serverless:
        return prices.provisioned_concurrency(
            region, variant.serverless.memory_mb, variant.serverless.provisioned_concurrency
        )
    if variant.instance_count is None or not variant.instance_types:
        return None
    if len(variant.instance_types) > 1:
        return None
    return prices.instances(
        PriceComponent.HOSTING, region, variant.instance_types[0], variant.instance_count
    )


def _provisioned(variant: Variant) -> bool:
    return bool(variant.serverless and variant.serverless.provisioned_concurrency)


def _parts(details: EndpointDetails) -> str:
    if details.kind is EndpointKind.COMPONENTS:
        return _count(len(details.components or ()), "inference component")
    return _count(len(details.variants), "variant")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _who(series: Series) -> str:
    return "/".join(value for _, value in series.dimensions)


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):g} h"
