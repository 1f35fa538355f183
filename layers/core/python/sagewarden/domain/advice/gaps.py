"""What keeps advice about an endpoint from being whole: no silence may look like approval."""

from collections.abc import Iterator

from sagewarden.domain.advice.catalogue import Catalogue
from sagewarden.domain.advice.workload import Workload
from sagewarden.domain.resources import EndpointKind, Variant

_WITHOUT_INVOCATIONS = frozenset({EndpointKind.ASYNC, EndpointKind.COMPONENTS})


def gaps(workload: Workload, catalogue: Catalogue) -> Iterator[str]:
    """Why nothing, or not everything, can be said of an endpoint; nothing where all can.

    Asynchronous endpoints and inference components publish no invocations of a variant (SageMaker
    guide, "Monitor an asynchronous endpoint"): that is no gap.
    """
    if workload.is_idle:
        yield "nobody calls it: that is for a rule for idle endpoints"
        return
    if workload.details.kind not in _WITHOUT_INVOCATIONS:
        missing = [name for name, usage in workload.usage.items() if usage.invocations is None]
        if missing:
            yield f"no data is no evidence: Invocations of {', '.join(missing)} have gaps"
    for variant in workload.details.variants:
        if variant.serverless is None and variant.instance_count != 0:
            yield from _of_instances(workload, variant, catalogue)


def _of_instances(workload: Workload, variant: Variant, catalogue: Catalogue) -> Iterator[str]:
    if not variant.instance_types:
        yield f"what {variant.name} runs on is not known"
        return
    if len(variant.instance_types) > 1:
        yield f"{variant.name} may run on {len(variant.instance_types)} instance types"
        return
    spec = catalogue.spec(variant.instance_types[0])
    if spec is None:
        yield f"nothing is known of {variant.instance_types[0]}"
    elif spec.gpus and workload.usage[variant.name].gpu is None:
        yield f"no data is no evidence: GPUUtilization of {variant.name} has gaps"
