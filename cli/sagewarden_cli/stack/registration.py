"""What a deployed stack is to CloudFormation and Lambda, so that it can be read there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagewarden_cli.sandbox.deployed.stacks import FunctionRecord, StackRecord
from sagewarden_cli.stack.resources import Site


@dataclass(frozen=True, slots=True)
class Deployed:
    """One resource of a stack.

    Attributes:
        logical_id: Its name in the template.
        kind: Its type, such as ``AWS::SQS::Queue``.
        properties: Its properties, without intrinsic functions.
        ref: What ``Ref`` gives.
        attributes: What ``Fn::GetAtt`` gives.
    """

    logical_id: str
    kind: str
    properties: Mapping[str, Any]
    ref: str
    attributes: Mapping[str, str]


def register(
    site: Site,
    parameters: Mapping[str, Any],
    resources: Mapping[str, Deployed],
    outputs: Mapping[str, str],
) -> None:
    """Tell CloudFormation and Lambda of a stack."""
    known = site.sandbox.deployed(site.account, site.region)
    known.stacks[site.stack] = StackRecord(
        name=site.stack,
        created=site.sandbox.clock.now(),
        parameters={name: _text(value) for name, value in parameters.items()},
        outputs=outputs,
        resources={name: (_physical(item), item.kind) for name, item in resources.items()},
    )
    for item in resources.values():
        if item.kind == "AWS::Lambda::Function":
            known.functions[item.ref] = FunctionRecord(tuple(item.properties.get("Layers", ())))


def _physical(item: Deployed) -> str:
    """A resource's physical id: a rule's names its bus, where that is not the default one."""
    bus = item.properties.get("EventBusName") if item.kind == "AWS::Events::Rule" else None
    return f"{bus}|{item.ref}" if bus else item.ref


def _text(value: Any) -> str:  # noqa: ANN401 - a text or a list of them
    return ",".join(value) if isinstance(value, list) else str(value)
