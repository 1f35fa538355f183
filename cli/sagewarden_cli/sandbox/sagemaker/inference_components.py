"""Inference components: copies of a model on an endpoint's instances, down to none at all."""

from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.managed_scaling import follow_copies
from sagewarden_cli.sandbox.sagemaker.resources import InferenceComponent, SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_IN_PROGRESS = frozenset({"Creating", "Updating", "Deleting"})


class InferenceComponents(Backend):
    """The operations on inference components."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all = self._store.inference_components

    @operation("CreateInferenceComponent")
    def create(self, params: Params) -> Json:
        """Create a component on an endpoint that is InService; it is Creating, then InService."""
        name = params["InferenceComponentName"]
        arn = self._store.arn(InferenceComponent.kind, name)
        if name in self._all:
            raise ValidationException(
                f'Cannot create already existing inference component "{arn}".',
            )
        variant = self._variant_for(params)
        _check_specification(params)
        for model in _model_names(params):
            self._store.model(model)
        now = self.here.now()
        component = InferenceComponent(
            name=name,
            arn=arn,
            created_at=now,
            modified_at=now,
            status="Creating",
            details=component_details(params),
            endpoint_name=params["EndpointName"],
            variant_name=variant,
            copies=0,
            desired_copies=params.get("RuntimeConfig", {}).get("CopyCount", 1),
        )
        component.tag(tags_in(params))
        self._all[name] = component
        self._enter(component, "Creating")
        return {"InferenceComponentArn": arn}

    @operation("DescribeInferenceComponent")
    def describe(self, params: Params) -> Json:
        """Describe a component."""
        component = self._store.inference_component(params["InferenceComponentName"])
        runtime: Json = {
            "DesiredCopyCount": component.desired_copies,
            "CurrentCopyCount": component.copies,
        }
        return {
            **self._identity(component),
            "FailureReason": component.failure_reason,
            "Specification": _deployed(component.details.get("Specification")),
            "Specifications": (
                [_deployed(s) for s in component.details.get("Specifications", ())] or None
            ),
            "RuntimeConfig": runtime,
            "LastDeploymentConfig": component.details.get("DeploymentConfig"),
        }

    @operation("ListInferenceComponents")
    def list_page(self, params: Params) -> Json:
        """List components, the newest first unless asked otherwise."""
        wanted = [
            component
            for component in self._all.values()
            if params.get("EndpointNameEquals", component.endpoint_name) == component.endpoint_name
            and params.get("VariantNameEquals", component.variant_name) == component.variant_name
        ]
        page, token = listed(wanted, params)
        return {"InferenceComponents": [self._identity(c) for c in page], "NextToken": token}

    @operation("UpdateInferenceComponent")
    def update(self, params: Params) -> Json:
        """Change what a component runs or in how many copies."""
        component = self._at_rest(params)
        for model in _model_names(params):
            self._store.model(model)
        for member in ("Specification", "Specifications", "DeploymentConfig"):
            if member in params:
                component.details[member] = params[member]
        if "RuntimeConfig" in params:
            component.desired_copies = params["RuntimeConfig"]["CopyCount"]
        self._enter(component, "Updating")
        return {"InferenceComponentArn": component.arn}

    @operation("UpdateInferenceComponentRuntimeConfig")
    def update_runtime_config(self, params: Params) -> Json:
        """Change in how many copies a component runs; none is allowed."""
        component = self._at_rest(params)
        component.desired_copies = params["DesiredRuntimeConfig"]["CopyCount"]
        self._enter(component, "Updating")
        return {"InferenceComponentArn": component.arn}

    @operation("DeleteInferenceComponent")
    def delete(self, params: Params) -> Json:
        """Delete a component that is at rest."""
        component = self._at_rest(params)
        component.enter("Deleting", self.here.now())
        component.transition = self.here.after(
            component.kind,
            "Deleting",
            lambda at: self._gone(component, at),
        )
        return {}

    def _enter(self, component: InferenceComponent, status: str) -> None:
        def arrive(at: datetime) -> None:
            component.copies = component.desired_copies
            component.enter("InService", at)
            follow_copies(self._store, component, at)

        component.enter(status, self.here.now())
        component.transition = self.here.after(component.kind, status, arrive)

    def _gone(self, component: InferenceComponent, at: datetime) -> None:
        if self._all.get(component.name) is component:
            del self._all[component.name]
            follow_copies(self._store, component, at)

    def _at_rest(self, params: Params) -> InferenceComponent:
        component = self._store.inference_component(params["InferenceComponentName"])
        if component.status in _IN_PROGRESS:
            raise ValidationException(
                f'Cannot update in-progress inference component "{component.arn}".',
            )
        return component

    def _variant_for(self, params: Params) -> str:
        endpoint = self._store.endpoint(params["EndpointName"])
        if endpoint.status != "InService":
            raise ValidationException(
                f'Endpoint "{endpoint.arn}" must be InService; it is {endpoint.status}.',
            )
        name = str(params.get("VariantName", endpoint.variants[0].name))
        variant = next((v for v in endpoint.variants if v.name == name), None)
        if variant is None:
            raise ValidationException(
                f'Variant "{name}" does not exist in endpoint "{endpoint.arn}".',
            )
        if "ModelName" in variant.settings:
            raise ValidationException(
                f'Variant "{name}" of endpoint "{endpoint.arn}" runs a model of its own and '
                "takes no inference components.",
            )
        return name

    def _identity(self, component: InferenceComponent) -> Json:
        return {
            "InferenceComponentName": component.name,
            "InferenceComponentArn": component.arn,
            "EndpointName": component.endpoint_name,
            "EndpointArn": self._store.arn("endpoint", component.endpoint_name),
            "VariantName": component.variant_name,
            "CreationTime": component.created_at,
            "LastModifiedTime": component.modified_at,
            "InferenceComponentStatus": component.status,
        }


def component_details(params: Params) -> Json:
    """Return what describing a component gives back of the call that made it."""
    return {k: params[k] for k in ("Specification", "Specifications") if k in params}


def _check_specification(params: Params) -> None:
    if ("Specification" in params) == ("Specifications" in params):
        raise ValidationException("Specify exactly one of Specification and Specifications.")


def _model_names(params: Params) -> list[str]:
    specifications = [params.get("Specification", {}), *params.get("Specifications", ())]
    return [s["ModelName"] for s in specifications if "ModelName" in s]


def _deployed(specification: Json | None) -> Json | None:
    if specification is None or "Container" not in specification:
        return specification
    container = dict(specification["Container"])
    image = container.pop("Image", None)
    if image is not None:
        container["DeployedImage"] = {"SpecifiedImage": image, "ResolvedImage": image}
    return {**specification, "Container": container}
