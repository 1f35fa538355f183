"""What flows between the resources of a template, as its references say it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sagewarden_cli.pages.cloudformation import Json, Resources, blocks_with, listed, referred

ACCOUNTS = "GovernedAccounts"
"""Outside the template: where the fleet lives that functions read and act on."""
EVENTS_OF_ACCOUNTS = "EventsOfAccounts"
"""Outside the template: what the governed accounts send."""
SUBSCRIBERS = "Subscribers"
"""Outside the template: who reads a topic's messages."""
WEBHOOK = "Webhook"
"""Outside the template: what an API destination calls."""
CALLERS = "Callers"
"""Outside the template: who calls a function's URL."""

OUTSIDE: Mapping[str, str] = {
    ACCOUNTS: "SageMaker in the<br/>governed accounts",
    EVENTS_OF_ACCOUNTS: "events of the<br/>governed accounts",
    SUBSCRIBERS: "e-mail and other<br/>subscribers",
    WEBHOOK: "your webhook",
    CALLERS: "HTTPS callers",
}


class Flow(StrEnum):
    """Why something goes from one resource to another."""

    WORK = "work"
    FAILURE = "failure"


UNDRAWN = frozenset({"AWS::IAM::Role", "AWS::KMS::Key", "AWS::Logs::LogGroup"})
"""Types that serve others: nothing flows through them that a reader looks for."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Something goes from one resource to another.

    Attributes:
        source: The logical id it comes from, or a name of OUTSIDE.
        target: Where it goes.
        flow: Whether it is what happens, or what is left when that fails.
        label: What, where that is not plain.
    """

    source: str
    target: str
    flow: Flow = Flow.WORK
    label: str = ""


type _Rule = Callable[[str, Mapping[str, Json], Resources], Iterator[Edge]]


def edges_of(resources: Resources) -> tuple[Edge, ...]:
    """Every edge between resources, each pair once: what works says more than what is allowed."""
    found: dict[frozenset[str], Edge] = {}
    for rules in (_WIRES, _GRANTS):
        for name, resource in resources.items():
            rule = rules.get(resource["Type"])
            for edge in rule(name, resource.get("Properties", {}), resources) if rule else ():
                if _is_drawn(edge.source, resources) and _is_drawn(edge.target, resources):
                    found.setdefault(frozenset((edge.source, edge.target)), edge)
    return tuple(found.values())


def _is_drawn(end: str, resources: Resources) -> bool:
    return end in OUTSIDE or (end in resources and resources[end]["Type"] not in UNDRAWN)


def _schedule(name: str, properties: Mapping[str, Json], _: Resources) -> Iterator[Edge]:
    yield from _to_target(name, properties["Target"])


def _rule(name: str, properties: Mapping[str, Json], _: Resources) -> Iterator[Edge]:
    bus = properties.get("EventBusName")
    for source in referred(bus) if isinstance(bus, Mapping) else (EVENTS_OF_ACCOUNTS,):
        yield Edge(source, name)
    for target in properties.get("Targets", ()):
        yield from _to_target(name, target)


def _to_target(name: str, target: Mapping[str, Json]) -> Iterator[Edge]:
    for arn in referred(target["Arn"]):
        yield Edge(name, arn)
    for arn in referred(target.get("DeadLetterConfig")):
        yield Edge(name, arn, Flow.FAILURE)


def _queue(name: str, properties: Mapping[str, Json], _: Resources) -> Iterator[Edge]:
    redrive = properties.get("RedrivePolicy", {})
    for dead in referred(redrive):
        yield Edge(name, dead, Flow.FAILURE, f"{redrive['maxReceiveCount']} attempts")


def _mapping(_name: str, properties: Mapping[str, Json], _: Resources) -> Iterator[Edge]:
    for source in referred(properties["EventSourceArn"]):
        for function in referred(properties["FunctionName"]):
            yield Edge(source, function)


def _url(_name: str, properties: Mapping[str, Json], _: Resources) -> Iterator[Edge]:
    for function in referred(properties["TargetFunctionArn"]):
        yield Edge(CALLERS, function)


def _function(name: str, properties: Mapping[str, Json], resources: Resources) -> Iterator[Edge]:
    for event in properties.get("Events", {}).values():
        wanted = dict(event.get("Properties", {}))
        for dead in referred(wanted.pop("DestinationConfig", None)):
            yield Edge(name, dead, Flow.FAILURE)
        for source in referred(wanted):
            if source in resources:
                yield Edge(source, name)
    if "FunctionUrlConfig" in properties:
        yield Edge(CALLERS, name)
    for dead in referred(properties.get("DeadLetterQueue")):
        yield Edge(name, dead, Flow.FAILURE)
    for dead in referred(properties.get("EventInvokeConfig")):
        yield Edge(name, dead, Flow.FAILURE)


def _topic(name: str, properties: Mapping[str, Json], resources: Resources) -> Iterator[Edge]:
    for subscription in blocks_with(properties.get("Subscription"), "Protocol"):
        inside = [end for end in referred(subscription["Endpoint"]) if end in resources]
        for target in inside or [SUBSCRIBERS]:
            yield Edge(name, target)


def _subscription(_: str, properties: Mapping[str, Json], resources: Resources) -> Iterator[Edge]:
    for topic in referred(properties["TopicArn"]):
        inside = [end for end in referred(properties.get("Endpoint")) if end in resources]
        for target in inside or [SUBSCRIBERS]:
            yield Edge(topic, target)


def _api_destination(name: str, _: Mapping[str, Json], __: Resources) -> Iterator[Edge]:
    yield Edge(name, WEBHOOK)


def _bus_policy(_: str, properties: Mapping[str, Json], __: Resources) -> Iterator[Edge]:
    for bus in referred(properties.get("EventBusName")):
        yield Edge(EVENTS_OF_ACCOUNTS, bus)


def _granted(name: str, properties: Mapping[str, Json], resources: Resources) -> Iterator[Edge]:
    """What a function's role lets it reach; a variable in its environment alone proves nothing."""
    roles = [role for role in referred(properties.get("Role")) if role in resources]
    policies = [resources[role].get("Properties", {}).get("Policies") for role in roles]
    for statement in blocks_with([policies, properties.get("Policies")], "Action", "Resource"):
        if statement.get("Effect") == "Deny":
            continue
        actions = [str(action) for action in listed(statement["Action"])]
        for target in referred(statement["Resource"]):
            yield Edge(name, target)
        if any(action.startswith("sagemaker:") for action in actions):
            yield Edge(name, ACCOUNTS)


_WIRES: Mapping[str, _Rule] = {
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Events::Rule": _rule,
    "AWS::SQS::Queue": _queue,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::Url": _url,
    "AWS::Serverless::Function": _function,
    "AWS::Lambda::Function": _function,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::Subscription": _subscription,
    "AWS::Events::ApiDestination": _api_destination,
    "AWS::Events::EventBusPolicy": _bus_policy,
}

_GRANTS: Mapping[str, _Rule] = {
    "AWS::Serverless::Function": _granted,
    "AWS::Lambda::Function": _granted,
}
