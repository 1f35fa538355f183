"""Deploy a translated template onto the sandbox, resource by resource, through AWS's own APIs.

Moto's CloudFormation reports success for resources that it never makes (schedules, queue policies,
function URLs, alarms, ...), and deploys functions without their layers. So the template is carried
out here: references are resolved as CloudFormation resolves them, and every type of resource has
a handler that creates it, or a reason why nothing has to be created. Any other type is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.intrinsics import IntrinsicError, Json, Resolver
from sagewarden_cli.stack.registration import Deployed, register
from sagewarden_cli.stack.resources import HANDLERS, Physical, Site
from sagewarden_cli.stack.resources.dynamic_references import looked_up

type Template = Mapping[str, Any]


class DeploymentError(RuntimeError):
    """A template cannot be deployed."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack.

    Attributes:
        name: The stack's name.
        region: Where it was deployed.
        resources: By logical id; those whose condition does not hold are absent.
        outputs: By name.
    """

    name: str
    region: str
    resources: Mapping[str, Deployed]
    outputs: Mapping[str, str]

    def of_type(self, kind: str) -> tuple[Deployed, ...]:
        """The resources of a type."""
        return tuple(found for found in self.resources.values() if found.kind == kind)

    def by_arn(self, arn: str) -> Deployed | None:
        """The resource that has an ARN, or None."""
        found = (r for r in self.resources.values() if arn in (r.ref, r.attributes.get("Arn")))
        return next(found, None)


def deploy(
    sandbox: Sandbox,
    template: Template,
    *,
    name: str,
    region: str = "us-east-1",
    parameters: Mapping[str, str] | None = None,
    account: str | None = None,
) -> Stack:
    """Create a stack.

    Args:
        sandbox: Where to.
        template: A translated CloudFormation template.
        name: The stack's name; resources without a name of their own get theirs from it.
        region: The region to deploy in.
        parameters: Values for template parameters, over their defaults.
        account: The account to deploy in; the sandbox's own when not given.

    Raises:
        DeploymentError: A type of resource has no handler, resources refer to each other in a
            circle, or a parameter has no value.
        IntrinsicError: An intrinsic function is not understood, or refers to nothing.
        DynamicReferenceError: A dynamic reference is not understood, or leads to nothing.
    """
    site = Site(sandbox, name, region, account or sandbox.account_id)
    return _Deployment(template, site, parameters or {}).carry_out()


class _Deployment:
    """A deployment under way: resources are made when something refers to them, each once."""

    def __init__(self, template: Template, site: Site, parameters: Mapping[str, str]) -> None:
        self._template = template
        self._site = site
        self._resolver = Resolver(template, self)
        self._parameters = _parameters(template, parameters)
        self._made: dict[str, Deployed] = {}
        self._underway: list[str] = []

    def carry_out(self) -> Stack:
        resources: Mapping[str, Any] = self._template["Resources"]
        for logical_id, resource in resources.items():
            if self._wanted(resource):
                self._resource(logical_id)
        outputs = {
            name: str(self._resolver.resolve(output["Value"]))
            for name, output in self._template.get("Outputs", {}).items()
            if self._wanted(output)
        }
        register(self._site, self._parameters, self._made, outputs)
        return Stack(self._site.stack, self._site.region, self._made, outputs)

    def ref(self, name: str) -> Json:
        pseudo = {
            "AWS::AccountId": self._site.account,
            "AWS::Partition": "aws",
            "AWS::Region": self._site.region,
            "AWS::StackName": self._site.stack,
            "AWS::StackId": self._site.arn("cloudformation", f"stack/{self._site.stack}/1"),
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        return self._parameters[name] if name in self._parameters else self._resource(name).ref

    def attribute(self, logical_id: str, name: str) -> Json:
        attributes = self._resource(logical_id).attributes
        if name not in attributes:
            known = sorted(attributes)
            raise IntrinsicError(f"{logical_id} has no attribute {name!r} here, only {known}")
        return attributes[name]

    def _wanted(self, part: Mapping[str, Any]) -> bool:
        return "Condition" not in part or self._resolver.condition(part["Condition"])

    def _resource(self, logical_id: str) -> Deployed:
        if logical_id in self._made:
            return self._made[logical_id]
        resource = self._template["Resources"].get(logical_id)
        if resource is None or not self._wanted(resource):
            raise IntrinsicError(f"{logical_id!r} is no parameter and no resource of this stack")
        if logical_id in self._underway:
            circle = " -> ".join([*self._underway, logical_id])
            raise DeploymentError(f"resources refer to each other in a circle: {circle}")
        self._underway.append(logical_id)
        made = self._make(logical_id, resource)
        self._underway.pop()
        return self._made.setdefault(logical_id, made)

    def _make(self, logical_id: str, resource: Mapping[str, Any]) -> Deployed:
        kind = resource["Type"]
        handler = HANDLERS.get(kind)
        if handler is None:
            known = ", ".join(sorted(HANDLERS))
            raise DeploymentError(f"{logical_id}: no handler for {kind}; there are {known}")
        earlier = resource.get("DependsOn", [])
        for other in [earlier] if isinstance(earlier, str) else earlier:
            if self._wanted(self._template["Resources"][other]):
                self._resource(other)
        properties = self._resolver.resolve(resource.get("Properties", {}))
        physical: Physical = handler(self._site, logical_id, looked_up(self._site, properties))
        return Deployed(logical_id, kind, properties, physical.ref, physical.attributes)


def _parameters(template: Template, given: Mapping[str, str]) -> dict[str, Json]:
    declared: Mapping[str, Any] = template.get("Parameters", {})
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        raise DeploymentError(f"the template has no parameters {unknown}; it has {list(declared)}")
    values = {}
    for name, declaration in declared.items():
        value = given.get(name, declaration.get("Default"))
        if value is None:
            raise DeploymentError(f"the parameter {name} has no default: give it a value")
        is_list = "List" in declaration["Type"]
        values[name] = [part for part in str(value).split(",") if part] if is_list else value
    return values
