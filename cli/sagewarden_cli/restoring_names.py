"""What a person means by a name: an ARN, a case, or a resource's own name."""

from collections.abc import Iterator

from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Ledger
from sagewarden.application.undoing import find_undoing
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden_cli.options import BadOptionError, NoRegionError

_KINDS = (
    ResourceKind.ENDPOINT.value,
    ResourceKind.NOTEBOOK_INSTANCE.value,
    ResourceKind.TRAINING_JOB.value,
    ResourceKind.PROCESSING_JOB.value,
    ResourceKind.TRANSFORM_JOB.value,
    ResourceKind.TUNING_JOB.value,
    "automl-job",
    ResourceKind.MLFLOW_TRACKING_SERVER.value,
    ResourceKind.MONITORING_SCHEDULE.value,
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB.value,
)
"""Kinds, as ARNs call them."""


def arn_of(
    what: str, ledger: Ledger, sessions: Sessions, account: str, region: str | None
) -> str | None:
    """The ARN of what is meant; None when the ledger knows nothing of it.

    Args:
        what: An ARN, the id of a case, or a name. A Studio app is also meant by its space's or
            user profile's name, a node group without its cluster's.
        ledger: Remembers cases, and what was done.
        sessions: Tell the partition of a region.
        account: Where a name is looked for.
        region: The same; None when none is set.

    Raises:
        BadOptionError: A name means several resources.
        NoRegionError: A name is given, and no region is set.
    """
    if what.startswith("arn:"):
        return what
    if (case := ledger.case(what)) is not None:
        return case.ref.arn
    if region is None:
        raise NoRegionError(f"{what}: a name needs a region: give --region, or set AWS_REGION")
    others = [item.action.ref for item in ledger.undoable(account, region)]
    prefix = f"arn:{sessions.partition(region)}:sagemaker:{region}:{account}"
    found = [arn for arn in _candidates(prefix, what) if find_undoing(arn, ledger) is not None]
    found += [ref.arn for ref in others if _is_app(ref, what) or _is_node_group(ref, what)]
    found += [ref.arn for ref in others if _is_throughput(ref, what)]
    if len(found) > 1:
        raise BadOptionError(f"{what} may be any of these, give its ARN: {', '.join(found)}")
    return found[0] if found else None


def _is_app(ref: ResourceRef, name: str) -> bool:
    """Whether a name means a Studio app: all of its name, or where it runs."""
    if ref.kind != ResourceKind.STUDIO_APP:
        return False
    return name in {ref.name, "/".join(ref.name.split("/")[:2]), ref.name.split("/")[1]}


def _is_node_group(ref: ResourceRef, name: str) -> bool:
    """Whether a name means a node group: with its cluster's name before it, or without."""
    return ref.kind == ResourceKind.NODE_GROUP and name in {ref.name, ref.name.partition("/")[2]}


def _is_throughput(ref: ResourceRef, name: str) -> bool:
    """Whether a name means provisioned throughput, whose ARN does not tell its name."""
    return ref.kind == ResourceKind.PROVISIONED_MODEL and name == ref.name


def _candidates(prefix: str, name: str) -> Iterator[str]:
    """SageMaker writes names in lower case in the ARNs of some resources."""
    for kind in _KINDS:
        for spelt in dict.fromkeys((name, name.lower())):
            yield f"{prefix}:{kind}/{spelt}"
