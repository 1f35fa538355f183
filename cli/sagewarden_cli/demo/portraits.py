"""What AWS describes of a resource: to say that it is, at the end, as it was at the beginning."""

from collections.abc import Callable, Mapping
from typing import Any

from sagewarden_cli.demo.organisation import WEEK, WEEK_BEGINS, Organisation

type Clients = Callable[[str, str], Any]
"""AWS's client of a service in a region; ``Any``, since boto3 makes them at run time."""

type Portrait = Mapping[str, Any]
"""What AWS describes of a resource, its tags with it; ``Any``, since every kind has its own."""


def untouched_by_people(organisation: Organisation) -> tuple[str, ...]:
    """The names of the traps that nobody at all is to touch in the whole week."""
    deeds = {event.name for event in organisation.events}
    return tuple(
        trap.name
        for trap in organisation.traps
        if (trap.since, trap.until) == (WEEK_BEGINS, WEEK_BEGINS + WEEK) and trap.name not in deeds
    )


def portray_traps(clients: Clients, organisation: Organisation) -> dict[str, Portrait]:
    """What AWS describes of the notebooks and endpoints that nobody is to touch, by name."""
    names = set(untouched_by_people(organisation))
    portraits: dict[str, Portrait] = {}
    for notebook in organisation.notebooks:
        if notebook.name in names:
            portraits[notebook.name] = portray_notebook(clients, notebook.region, notebook.name)
    for endpoint in organisation.endpoints:
        if endpoint.name in names:
            client = clients("sagemaker", endpoint.region)
            seen = client.describe_endpoint(EndpointName=endpoint.name)
            tags = tags_at(client, seen["EndpointArn"])
            portraits[endpoint.name] = {"endpoint": without(seen), "tags": tags}
    return portraits


def portray_notebook(clients: Clients, region: str, name: str) -> Portrait:
    """What AWS describes of a notebook instance."""
    client = clients("sagemaker", region)
    seen = client.describe_notebook_instance(NotebookInstanceName=name)
    tags = tags_at(client, seen["NotebookInstanceArn"])
    return {"notebook": without(seen), "tags": tags}


def without(answer: Mapping[str, Any], *moving: str) -> Mapping[str, Any]:
    """An answer of AWS without what tells of the call, or moves though nobody touches anything."""
    return {key: value for key, value in answer.items() if key not in {"ResponseMetadata", *moving}}


def tags_at(client: Any, arn: str) -> Mapping[str, str]:  # noqa: ANN401 - a client of boto3
    """The tags of a resource of SageMaker."""
    return {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
