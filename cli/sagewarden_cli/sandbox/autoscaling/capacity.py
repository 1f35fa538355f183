"""What a scalable target's capacity is, and how it is changed: as any caller of SageMaker would."""

from collections.abc import Mapping
from datetime import timedelta

from sagewarden_cli.sandbox.autoscaling.resources import (
    AutoScalingStore,
    Dimension,
    ScalableTarget,
    ScalingActivity,
    is_there,
)
from sagewarden_cli.sandbox.backend import AccountRegion, Json, Params
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.endpoints import Endpoints
from sagewarden_cli.sandbox.sagemaker.inference_components import InferenceComponents
from sagewarden_cli.sandbox.sagemaker.resources import (
    Endpoint,
    InferenceComponent,
    SageMakerStore,
    Variant,
)
from sagewarden_cli.sandbox.shapes import complaint_message, operation_model, read_params

_NOUNS: Mapping[str, str] = {
    Dimension.INSTANCES: "desired instance count",
    Dimension.CONCURRENCY: "desired provisioned concurrency",
    Dimension.COPIES: "desired copy count",
}


def resource_to_scale(here: AccountRegion, params: Params) -> Endpoint | InferenceComponent:
    """Return the endpoint or component that a call names, if its dimension fits it.

    Raises:
        ValidationException: It does not exist, or cannot be scaled along this dimension.
    """
    store = here.part(SageMakerStore)
    dimension = params["ScalableDimension"]
    match params["ResourceId"].split("/"), dimension:
        case ["inference-component", name], Dimension.COPIES:
            return store.inference_component(name)
        case ["endpoint", name, "variant", variant_name], (
            Dimension.INSTANCES | Dimension.CONCURRENCY
        ):
            endpoint = store.endpoint(name)
            _check_dimension(_variant(endpoint, variant_name), endpoint, dimension)
            return endpoint
    raise ValidationException(
        "Unsupported service namespace, resource type or scalable dimension: "
        f"{params['ResourceId']} cannot be scaled by {dimension}",
    )


def _check_dimension(variant: Variant | None, endpoint: Endpoint, dimension: str) -> None:
    if variant is None:
        raise ValidationException(
            f'The production variant does not exist in endpoint "{endpoint.arn}", '
            f"which is {endpoint.status}.",
        )
    is_serverless = variant.serverless is not None
    if is_serverless != (dimension == Dimension.CONCURRENCY):
        kind = "serverless" if is_serverless else "instance-based"
        raise ValidationException(
            f"{dimension} is not supported for {kind} production variant {variant.name}.",
        )
    if variant.serverless is not None and "ProvisionedConcurrency" not in variant.serverless:
        raise ValidationException(
            f"Production variant {variant.name} has no provisioned concurrency to scale: "
            "deploy it with ProvisionedConcurrency first.",
        )


def capacity_of(target: ScalableTarget) -> int:
    """Return what a target was last asked to be; 0 if its variant is not there any more."""
    if isinstance(target.of, InferenceComponent):
        return target.of.desired_copies
    variant = _variant_of(target)
    if variant is None:
        return 0
    if target.dimension == Dimension.INSTANCES:
        return variant.desired_instances or 0
    return int((variant.desired_serverless or {}).get("ProvisionedConcurrency", 0))


def clamp(store: AutoScalingStore, target: ScalableTarget) -> None:
    """Bring a target's capacity into its bounds, if it is not there."""
    current = capacity_of(target)
    wanted = target.bounded(current)
    if wanted != current:
        bound = "minimum" if wanted > current else "maximum"
        scale(store, target, wanted, f"{bound} capacity was set to {wanted}")


def scale(
    store: AutoScalingStore, target: ScalableTarget, capacity: int, cause: str
) -> ScalingActivity:
    """Ask SageMaker for another capacity and return the activity that tells what became of it."""
    here = store.here
    what = f"{_NOUNS[target.dimension]} to {capacity}."
    activity = store.begin(target.key, f"Setting {what}", cause)
    try:
        _ask(here, target, capacity)
    except ValidationException as refusal:
        reason = f"{refusal.message} (Service: AmazonSageMaker; Status Code: 400; "
        message = f"Failed to set {what} Reason: {reason}Error Code: {refusal.code})"
        activity.end("Failed", message, here.now())
        return activity
    activity.message = f"Successfully set {what} Waiting for change to be fulfilled by sagemaker."
    change = target.of.transition
    if change is not None:
        here.later(
            timedelta(0),
            lambda at: activity.end(*_end_of(here, target, capacity, what), at),
            since=change.due_at,
        )
    return activity


def _end_of(
    here: AccountRegion, target: ScalableTarget, capacity: int, what: str
) -> tuple[str, str]:
    if not is_there(here, target.of):
        return "Failed", f"Failed to set {what} Reason: the resource was deleted."
    if capacity_of(target) != capacity:
        return "Overridden", f"Another change came before setting {what}"
    if target.of.status != "InService":
        return "Failed", f"Failed to set {what} Reason: the resource is {target.of.status}."
    return "Successful", f"Successfully set {what} Change successfully fulfilled by sagemaker."


def _ask(here: AccountRegion, target: ScalableTarget, capacity: int) -> None:
    """Call SageMaker's own operation, its limits included."""
    if isinstance(target.of, InferenceComponent):
        runtime = {"DesiredRuntimeConfig": {"CopyCount": capacity}}
        name = "UpdateInferenceComponentRuntimeConfig"
        asked = _checked(name, {"InferenceComponentName": target.of.name, **runtime})
        here.part(InferenceComponents).update_runtime_config(asked)
        return
    change: Json = {"VariantName": _variant_name(target)}
    if target.dimension == Dimension.INSTANCES:
        change["DesiredInstanceCount"] = capacity
    else:
        change["ServerlessUpdateConfig"] = {"ProvisionedConcurrency": capacity}
    asked = {"EndpointName": target.of.name, "DesiredWeightsAndCapacities": [change]}
    checked = _checked("UpdateEndpointWeightsAndCapacities", asked)
    here.part(Endpoints).rescale(checked)


def _checked(operation: str, asked: Json) -> Json:
    params, complaints = read_params(operation_model("sagemaker", operation).input_shape, asked)
    if complaints:
        raise ValidationException(complaint_message(complaints))
    return params


def _variant_name(target: ScalableTarget) -> str:
    return target.resource_id.rsplit("/", 1)[1]


def _variant_of(target: ScalableTarget) -> Variant | None:
    return _variant(target.of, _variant_name(target)) if isinstance(target.of, Endpoint) else None


def _variant(endpoint: Endpoint, name: str) -> Variant | None:
    return next((variant for variant in endpoint.variants if variant.name == name), None)
