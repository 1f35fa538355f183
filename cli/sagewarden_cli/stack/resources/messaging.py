"""Queues, topics, rules and schedules."""

import json
from typing import Any

from sagewarden_cli.stack.resources.site import Physical, Properties, Site, without


class NotWiredError(ValueError):
    """A trigger asks for something that nobody here would play."""


def queue(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A queue with all of its attributes; a FIFO queue's name ends as SQS asks."""
    name = site.name(logical_id, properties, "QueueName")
    if properties.get("FifoQueue"):
        name = f"{name.removesuffix(_IN_ORDER)}{_IN_ORDER}"
    attributes = {
        key: _text(value) for key, value in without(properties, "QueueName", "Tags").items()
    }
    url = site.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return Physical(url, {"Arn": site.arn("sqs", name), "QueueName": name, "QueueUrl": url})


def queue_policy(site: Site, logical_id: str, properties: Properties) -> Physical:
    """Who may send to queues."""
    document = json.dumps(properties["PolicyDocument"])
    for url in properties["Queues"]:
        site.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    return Physical(f"{site.stack}-{logical_id}")


def topic(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A topic with its inline subscriptions."""
    sns, name = site.client("sns"), site.name(logical_id, properties, "TopicName")
    arn = sns.create_topic(Name=name)["TopicArn"]
    for subscription in properties.get("Subscription", ()):
        sns.subscribe(TopicArn=arn, **subscription)
    return Physical(arn, {"TopicArn": arn, "TopicName": name, "Arn": arn})


def topic_policy(site: Site, logical_id: str, properties: Properties) -> Physical:
    """Who may publish to topics."""
    document = json.dumps(properties["PolicyDocument"])
    for arn in properties["Topics"]:
        site.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=document
        )
    return Physical(f"{site.stack}-{logical_id}")


def event_bus(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A bus of our own."""
    name = site.name(logical_id, properties, "Name")
    arn = site.client("events").create_event_bus(Name=name)["EventBusArn"]
    return Physical(name, {"Arn": arn, "Name": name})


def event_bus_policy(site: Site, logical_id: str, properties: Properties) -> Physical:
    """Who may put events on a bus."""
    statement = {"Sid": properties["StatementId"], **properties["Statement"]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    site.client("events").put_permission(
        EventBusName=properties["EventBusName"], Policy=json.dumps(document)
    )
    return Physical(f"{site.stack}-{logical_id}")


def event_rule(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A rule on events; moto matches them and delivers them to queues.

    Raises:
        NotWiredError: It is a schedule, or one of its targets is not a queue, a bus or an API
            destination that gets the event as it is.
    """
    if "ScheduleExpression" in properties:
        raise NotWiredError(f"{logical_id}: schedules belong to EventBridge Scheduler")
    for target in properties.get("Targets", ()):
        if target["Arn"].split(":")[2] not in {"sqs", "events"}:
            raise NotWiredError(f"{logical_id}: the target {target['Arn']} is no queue and no bus")
        changed = [name for name in _CHANGES if name in target]
        if changed and ":api-destination/" in target["Arn"]:
            raise NotWiredError(f"{logical_id}: {changed} of the target {target['Arn']}")
    events, name = site.client("events"), site.name(logical_id, properties, "Name")
    wanted = without(properties, "Name", "Targets", "EventPattern", "Tags")
    pattern = json.dumps(properties["EventPattern"])
    arn = events.put_rule(Name=name, EventPattern=pattern, **wanted)["RuleArn"]
    bus = {key: wanted[key] for key in ("EventBusName",) if key in wanted}
    events.put_targets(Rule=name, Targets=properties.get("Targets", []), **bus)
    return Physical(name, {"Arn": arn})


def connection(site: Site, logical_id: str, properties: Properties) -> Physical:
    """How EventBridge proves who it is to an API; it keeps the key in a secret of its own.

    Raises:
        NotWiredError: It is not done with a key in a header.
    """
    if properties["AuthorizationType"] != "API_KEY":
        raise NotWiredError(f"{logical_id}: {properties['AuthorizationType']} is not played here")
    events, name = site.client("events"), site.name(logical_id, properties, "Name")
    arn = events.create_connection(Name=name, **without(properties, "Name"))["ConnectionArn"]
    secret = events.describe_connection(Name=name)["SecretArn"]
    return Physical(name, {"Arn": arn, "SecretArn": secret})


def api_destination(site: Site, logical_id: str, properties: Properties) -> Physical:
    """An API that rules send events to.

    Raises:
        NotWiredError: Its URL is none that AWS takes.
    """
    if not str(properties["InvocationEndpoint"]).startswith("https://"):
        raise NotWiredError(f"{logical_id}: {properties['InvocationEndpoint']} is no HTTPS URL")
    name = site.name(logical_id, properties, "Name")
    wanted = without(properties, "Name")
    if "InvocationRateLimitPerSecond" in wanted:
        rate = int(wanted["InvocationRateLimitPerSecond"])
        wanted["InvocationRateLimitPerSecond"] = rate
    made = site.client("events").create_api_destination(Name=name, **wanted)
    return Physical(name, {"Arn": made["ApiDestinationArn"]})


def schedule_group(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A group of schedules."""
    name = site.name(logical_id, properties, "Name")
    arn = site.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]
    return Physical(name, {"Arn": arn})


def schedule(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A schedule; moto stores it, and the driver fires it."""
    name = site.name(logical_id, properties, "Name")
    wanted = without(properties, "Name")
    arn = site.client("scheduler").create_schedule(Name=name, **wanted)["ScheduleArn"]
    return Physical(name, {"Arn": arn})


_IN_ORDER = ".fifo"
_CHANGES = ("Input", "InputPath", "InputTransformer", "HttpParameters")


def _text(value: Any) -> str:  # noqa: ANN401 - what JSON can hold
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)
