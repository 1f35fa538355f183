"""The people of the demo: what they do to their notebooks and endpoints by hand."""

from collections.abc import Mapping
from typing import Any

from sagewarden_cli.demo.organisation import REGIONS, Deed, Endpoint, HumanEvent, Organisation
from sagewarden_cli.sandbox import Sandbox


class People:
    """Carries out what people do, through the same API as everybody else."""

    def __init__(self, sandbox: Sandbox, organisation: Organisation) -> None:
        self._clients: Mapping[str, Any] = {
            region: sandbox.client("sagemaker", region) for region in REGIONS
        }
        self._endpoints: Mapping[tuple[str, str], Endpoint] = {
            (endpoint.region, endpoint.name): endpoint for endpoint in organisation.endpoints
        }

    def do(self, event: HumanEvent) -> str:
        """Do one thing, unless it is done already; return the resource's ARN."""
        if event.deed in {Deed.START, Deed.STOP}:
            return self._press(event)
        return self._deploy(event)

    def _press(self, event: HumanEvent) -> str:
        client = self._clients[event.region]
        seen = client.describe_notebook_instance(NotebookInstanceName=event.name)
        status = seen["NotebookInstanceStatus"]
        if event.deed is Deed.START and status == "Stopped":
            client.start_notebook_instance(NotebookInstanceName=event.name)
        elif event.deed is Deed.STOP and status == "InService":
            client.stop_notebook_instance(NotebookInstanceName=event.name)
        return str(seen["NotebookInstanceArn"])

    def _deploy(self, event: HumanEvent) -> str:
        client = self._clients[event.region]
        endpoint = self._endpoints[event.region, event.name]
        if event.deed is Deed.RECREATE:
            client.delete_endpoint(EndpointName=event.name)
        created = client.create_endpoint(
            EndpointName=event.name,
            EndpointConfigName=event.name,
            Tags=[{"Key": key, "Value": value} for key, value in endpoint.tags.items()],
        )
        return str(created["EndpointArn"])
