"""What happens in the scenarios: each is played once, and what came of it is looked at."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sagewarden.bots import BOTS
from sagewarden_cli.stack.iam.grants import Grants, grants_of
from sagewarden_cli.stack.iam.proof import Proof, prove
from sagewarden_cli.stack.iam.requests import Request
from sagewarden_cli.stack.topics import published
from sagewarden_cli.stack.wiring import Failure, Wiring
from tests.e2e.stack.watching import add_alarm

SEOUL = ZoneInfo("Asia/Seoul")
FORGOTTEN = ("forgotten", "components", "serverless")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Seoul; the 16th is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SEOUL)


@dataclass(slots=True)
class Chronicle:
    """What came of a scenario.

    Attributes:
        states: What was seen in the emulated AWS, by moment.
        notices: The first lines of what owners were told, in order.
        failures: Invocations that failed.
        letters: Messages in dead-letter queues at the end: why, or what they ask.
        requests: What the stack's roles asked of IAM.
        unknown: Calls that no table explains.
        grants: What the stack grants to its roles.
    """

    states: dict[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    letters: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()
    unknown: tuple[str, ...] = ()
    grants: Grants = field(default_factory=dict)

    @property
    def proof(self) -> Proof:
        """How the stack's policies compare with what its roles did."""
        return prove(self.grants, self.requests)

    def close(self, wiring: Wiring) -> "Chronicle":
        """Take down how it ended."""
        sent = published(wiring.stack.outputs["NoticesTopicArn"])
        queues = [one.attributes["QueueName"] for one in wiring.stack.of_type("AWS::SQS::Queue")]
        self.notices = tuple(message.partition("\n")[0] for message in sent)
        self.failures = tuple(wiring.failures)
        dead = [name for name in queues if "DeadLetters" in name]
        self.letters = tuple(letter for name in dead for letter in _letters(wiring, name))
        self.requests = tuple(wiring.recorder.requests)
        self.unknown = tuple(wiring.recorder.unknown)
        self.grants = grants_of(wiring.stack)
        return self


def week_of_a_notebook(
    playing: AbstractContextManager[Wiring], *, twice: bool = False
) -> Chronicle:
    """Monday morning to the next Monday morning; a person restarts it on Wednesday evening."""
    chronicle = Chronicle()
    with playing as wiring:
        if twice:
            deliver_twice(wiring, "NotebookHoursSchedule", "ReporterSchedule")
        fleet = wiring.sandbox.sagemaker()
        fleet.add_notebook_instance("nb", created_at=at(2, 9), tags={"Owner": "mina"})
        fleet.add_notebook_instance("prod", created_at=at(2, 9), tags={"Stage": "prod"})
        for day in (16, 17, 18, 19, 20):
            wiring.sleep_until(at(day, 17, 27))
            wiring.run_until(at(day, 17, 59))
            chronicle.states[f"{day} 17:59"] = notebooks(wiring)
            wiring.run_until(at(day, 18, 6))
            chronicle.states[f"{day} 18:06"] = notebooks(wiring)
            if day == 18:
                client = wiring.sandbox.client("sagemaker")
                client.start_notebook_instance(NotebookInstanceName="nb")
                wiring.run_until(at(day, 18, 26))
                chronicle.states[f"{day} 18:26"] = notebooks(wiring)
            morning = day + 3 if day == 20 else day + 1
            wiring.sleep_until(at(morning, 8, 57))
            wiring.run_until(at(morning, 9, 6))
            chronicle.states[f"{morning} 09:06"] = notebooks(wiring)
        return chronicle.close(wiring)


def endpoints_going_idle(
    playing: AbstractContextManager[Wiring], *, twice: bool = False
) -> Chronicle:
    """Nobody calls three endpoints of three kinds; one is called, one is protected."""
    chronicle = Chronicle()
    with playing as wiring:
        if twice:
            deliver_twice(wiring, "IdleEndpointsSchedule")
        add_endpoints(wiring)
        for day, hour in ((17, 9), (18, 8), (18, 10)):
            wiring.sleep_until(at(day, hour, 6))
            wiring.run_until(at(day, hour, 12))
            chronicle.states[f"{day} {hour:02}:12"] = endpoints(wiring)
        wiring.run_until(at(18, 10, 31))
        chronicle.states["18 10:31"] = endpoints(wiring)
        return chronicle.close(wiring)


def accidents(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """The scheduler cannot reach the dispatcher; then it gets a wake-up of another version.

    At last every bot gets a message that it cannot understand, and the announcer such an entry.
    """
    chronicle = Chronicle()
    with playing as wiring:
        dispatcher = wiring.stack.resources["DispatcherFunction"].attributes["Arn"]
        wiring.unreachable.add(dispatcher)
        wiring.run_until(at(16, 8, 56))
        chronicle.states["unreachable"] = _dead_letters(wiring)
        wiring.unreachable.clear()
        wrong = json.dumps({"version": 2, "bot": "notebook_hours"})
        wiring.invoke_asynchronously(wiring.functions[dispatcher], wrong)
        chronicle.states["not understood"] = _dead_letters(wiring)
        sqs = wiring.sandbox.client("sqs")
        for bot in BOTS:
            sqs.send_message(QueueUrl=wiring.stack.resources[bot.queue].ref, MessageBody=wrong)
        _write_strange_entry(wiring)
        wiring.deliver()
        dead = wiring.stack.resources["AnnouncerDeadLetters"].attributes["QueueName"]
        chronicle.states["announcer"] = wiring.waiting_in(dead)
        for bot in BOTS:
            url = wiring.stack.resources[bot.dead_letters].ref
            letters = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
            chronicle.states[bot.name] = [
                (letter["Body"] == wrong, letter["MessageAttributes"]["Reason"]["StringValue"])
                for letter in letters
            ]
        return chronicle.close(wiring)


def deliver_twice(wiring: Wiring, *schedules: str) -> None:
    """Deliver every message twice, those of the bots that have nothing to do left out."""
    wiring.deliver_twice = True
    wiring.let_fire(*schedules)


def notebooks(wiring: Wiring) -> dict[str, str]:
    """The status of every notebook instance."""
    listed = wiring.sandbox.client("sagemaker").list_notebook_instances()["NotebookInstances"]
    return {one["NotebookInstanceName"]: one["NotebookInstanceStatus"] for one in listed}


def endpoints(wiring: Wiring) -> dict[str, str]:
    """What every endpoint runs on: its config, or how many copies of its components."""
    client = wiring.sandbox.client("sagemaker")
    found = {}
    for listed in client.list_endpoints()["Endpoints"]:
        name = listed["EndpointName"]
        found[name] = client.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    component = client.describe_inference_component(InferenceComponentName="component")
    found["components"] = f"{component['RuntimeConfig']['DesiredCopyCount']} copies"
    return found


def add_endpoints(wiring: Wiring) -> None:
    fleet, created = wiring.sandbox.sagemaker(), at(10, 9)
    fleet.add_endpoint("forgotten", created_at=created, tags={"Owner": "mina"})
    fleet.add_endpoint("used", created_at=created, tags={"Owner": "mina"})
    fleet.add_endpoint("prod", created_at=created, tags={"Stage": "prod"})
    _add_serverless(wiring, created)
    add_components(wiring, created)
    add_alarm(wiring, "forgotten")
    for name in ("forgotten", "prod", "serverless"):
        _traffic(wiring, {"EndpointName": name, "VariantName": "AllTraffic"}, 0.0)
    _traffic(wiring, {"EndpointName": "used", "VariantName": "AllTraffic"}, 3.0)
    _traffic(wiring, {"InferenceComponentName": "component"}, 0.0)


def _add_serverless(wiring: Wiring, created: datetime) -> None:
    fleet = wiring.sandbox.sagemaker()
    fleet.add_model("served", created_at=created)
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 10, "ProvisionedConcurrency": 2}
    variant = {"VariantName": "AllTraffic", "ModelName": "served", "ServerlessConfig": serverless}
    fleet.add_endpoint_config("serverless", variants=[variant], tags={"Team": "fraud"})
    fleet.add_endpoint(
        "serverless", config="serverless", created_at=created, tags={"Owner": "mina"}
    )
    wiring.sandbox.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/serverless/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredProvisionedConcurrency",
        MinCapacity=1,
        MaxCapacity=4,
    )


def add_components(wiring: Wiring, created: datetime) -> None:
    """An endpoint that hosts an inference component."""
    fleet = wiring.sandbox.sagemaker()
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.g5.xlarge",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {
            "Status": "ENABLED",
            "MinInstanceCount": 0,
            "MaxInstanceCount": 2,
        },
    }
    fleet.add_endpoint_config("components", variants=[variant])
    fleet.add_endpoint(
        "components", config="components", created_at=created, tags={"Owner": "mina"}
    )
    fleet.add_inference_component(
        "component", endpoint="components", variant="AllTraffic", copies=1
    )


def _traffic(wiring: Wiring, dimensions: dict[str, str], calls: float) -> None:
    """Publish the same number of invocations every hour."""
    hour = timedelta(hours=1)
    points = [(at(12, 0) + number * hour, calls) for number in range(24 * 8)]
    metrics = wiring.sandbox.metrics
    metrics.load(None, None, "AWS/SageMaker", "Invocations", dimensions, points)


def _write_strange_entry(wiring: Wiring) -> None:
    """Put something into the ledger's audit trail that is no entry."""
    item = {"pk": {"S": "RESOURCE#x"}, "sk": {"S": "AUDIT#2026#1"}, "body": {"S": "{}"}}
    table = wiring.stack.outputs["LedgerTable"]
    wiring.sandbox.client("dynamodb").put_item(TableName=table, Item=item)


def _letters(wiring: Wiring, queue: str) -> Iterator[str]:
    sqs = wiring.sandbox.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    while found := sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages"):
        for letter in found:
            reason = letter.get("MessageAttributes", {}).get("Reason", {})
            yield reason.get("StringValue", letter["Body"])


def _dead_letters(wiring: Wiring) -> int:
    return wiring.waiting_in(
        wiring.stack.resources["DispatcherDeadLetters"].attributes["QueueName"]
    )
