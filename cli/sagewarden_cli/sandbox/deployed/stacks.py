"""CloudFormation's reads of stacks that `sagewarden_cli.stack` deployed; all others are moto's.

Moto would have to deploy a template by itself to describe it, which it cannot: see there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError
from sagewarden_cli.sandbox.pagination import page_after

_PAGE = 100
"""Resources a page (ListStackResources returns up to 1 MB; this is of the same order)."""


@dataclass(slots=True)
class StackRecord:
    """A stack as CloudFormation knows it.

    Attributes:
        name: Its name.
        created: When it was made.
        parameters: By name.
        outputs: By name.
        resources: The physical id and the type of each, by logical id.
        status: Its status.
    """

    name: str
    created: datetime
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    resources: Mapping[str, tuple[str, str]]
    status: str = "CREATE_COMPLETE"


@dataclass(slots=True)
class FunctionRecord:
    """A function as Lambda knows it.

    Attributes:
        layers: The ARNs of its layers' versions.
        state: Its state.
        updated: How its last update went.
    """

    layers: tuple[str, ...] = ()
    state: str = "Active"
    updated: str = "Successful"


@dataclass(slots=True)
class DeployedStore:
    """The stacks of an account and region, their functions by name, and where layers lie by ARN."""

    here: AccountRegion
    stacks: dict[str, StackRecord] = field(default_factory=dict[str, StackRecord])
    functions: dict[str, FunctionRecord] = field(default_factory=dict[str, FunctionRecord])
    layers: dict[str, str] = field(default_factory=dict[str, str])


class DeployedStacks(Backend):
    """The operations that read a stack."""

    service = "cloudformation"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(DeployedStore)

    @operation("DescribeStacks")
    def describe(self, params: Params) -> Json:
        """Describe one stack."""
        stack = self._named(params)
        return {
            "Stacks": [
                {
                    "StackId": self.here.arn("cloudformation", f"stack/{stack.name}/1"),
                    "StackName": stack.name,
                    "CreationTime": stack.created,
                    "StackStatus": stack.status,
                    "Parameters": [
                        {"ParameterKey": key, "ParameterValue": value}
                        for key, value in stack.parameters.items()
                    ],
                    "Outputs": [
                        {"OutputKey": key, "OutputValue": value}
                        for key, value in stack.outputs.items()
                    ],
                }
            ]
        }

    @operation("ListStackResources")
    def list_page(self, params: Params) -> Json:
        """List what a stack consists of."""
        stack = self._named(params)
        page, token = page_after(
            sorted(stack.resources),
            lambda name: (name,),
            params.get("NextToken"),
            _PAGE,
            invalid=AwsError("ValidationError", "NextToken is invalid"),
        )
        summaries = [
            {
                "LogicalResourceId": name,
                "PhysicalResourceId": stack.resources[name][0],
                "ResourceType": stack.resources[name][1],
                "LastUpdatedTimestamp": stack.created,
                "ResourceStatus": stack.status,
            }
            for name in page
        ]
        return {"StackResourceSummaries": summaries, "NextToken": token}

    def _named(self, params: Params) -> StackRecord:
        name = params.get("StackName")
        if name not in self._store.stacks:
            raise NotEmulatedError(str(name))
        return self._store.stacks[name]


class DeployedFunctions(Backend):
    """Lambda's reads of a stack's functions and layers, which nobody makes in moto."""

    service = "lambda"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(DeployedStore)

    @operation("GetFunctionConfiguration")
    def configuration(self, params: Params) -> Json:
        """Describe a function."""
        name = params["FunctionName"]
        function = self._store.functions.get(name)
        if function is None:
            raise NotEmulatedError(name)
        return {
            "FunctionName": name,
            "FunctionArn": self.here.arn("lambda", f"function:{name}"),
            "State": function.state,
            "LastUpdateStatus": function.updated,
            "Layers": [{"Arn": arn} for arn in function.layers],
        }

    @operation("GetLayerVersionByArn")
    def layer(self, params: Params) -> Json:
        """Describe a layer's version, and where it can be fetched from."""
        arn = params["Arn"]
        if arn not in self._store.layers:
            raise NotEmulatedError(arn)
        return {"LayerVersionArn": arn, "Content": {"Location": self._store.layers[arn]}}
