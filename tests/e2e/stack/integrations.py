"""The stack with a webhook, and with somebody who subscribes to its bus."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.stack.building import Built
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.conftest import VARIABLES, Play
from tests.e2e.stack.scenarios import Chronicle, add_endpoints, at
from tests.support.announcing import HOST, KEY, URL, subscribe
from tests.support.webhook_receiver import Receiver, receiving


@dataclass
class Listening:
    """The stack at work, and those who listen.

    Attributes:
        wiring: The stack.
        receiver: The webhook.
    """

    wiring: Wiring
    receiver: Receiver

    def heard(self) -> list[dict[str, Any]]:
        """What the subscriber has got since the last look, in order."""
        sqs = self.wiring.sandbox.client("sqs")
        url = sqs.get_queue_url(QueueName="subscriber")["QueueUrl"]
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def look(self, day: int, hour: int) -> None:
        """Let the bots run at ten past an hour, and what follows arrive."""
        self.wiring.sleep_until(at(day, hour, 9))
        self.wiring.run_until(at(day, hour, 13))


@contextmanager
def listening(sagewarden: Built, play: Play, now: datetime) -> Iterator[Listening]:
    """Set the stack to work with a webhook on this machine, and a subscriber."""

    def prepare(sandbox: Sandbox) -> Mapping[str, str]:
        secret = json.dumps({"api_key": f"Bearer {KEY}"})
        made = sandbox.client("secretsmanager").create_secret(
            Name="sagewarden/webhook", SecretString=secret
        )
        return {"WebhookSecret": made["ARN"]}

    settings = {"Timezone": "Asia/Seoul", "NotificationEmail": "mlops@example.com"}
    settings |= {"WebhookUrl": URL, "WebhookHeader": "Authorization"}
    playing = play(
        sagewarden, "hooked", now, parameters=settings, variables=VARIABLES, prepare=prepare
    )
    with receiving() as receiver, playing as wiring:
        wiring.webhooks.hosts[HOST] = receiver.url
        subscribe(wiring.sandbox, wiring.stack.outputs["AnnouncementsBusName"])
        yield Listening(wiring, receiver)


def endpoints_on_the_bus(listeners: Any) -> Chronicle:
    """Idle endpoints are warned of and deleted; the announcer dies once, the webhook rests once.

    The first time that the announcer has put something on the bus its host dies: nobody told the
    stream. While the endpoints are deleted nobody can reach the webhook; then it is back.
    """
    chronicle = Chronicle()
    states = chronicle.states
    with listeners as found:
        wiring: Wiring = found.wiring
        wiring.let_fire("IdleEndpointsSchedule")
        add_endpoints(wiring)
        wiring.sleep_until(at(17, 9, 6))
        with _killed_at_its_first_call(wiring):
            wiring.run_until(at(17, 9, 13))
        states["warned"] = found.heard()
        wiring.webhooks.hosts.clear()
        found.look(18, 10)
        states["deleted"] = found.heard()
        states["left"] = [
            one["EndpointName"]
            for one in wiring.sandbox.client("sagemaker").list_endpoints()["Endpoints"]
        ]
        states["webhook before"] = list(found.receiver.events)
        wiring.webhooks.hosts[HOST] = found.receiver.url
        wiring.run_until(at(18, 10, 31))
        states["later"] = found.heard()
        states["webhook"] = list(found.receiver.events)
        states["keys"] = {headers.get("authorization") for headers, _ in found.receiver.requests}
        return chronicle.close(wiring)


def what_the_webhook_refuses(listeners: Any) -> Chronicle:
    """The webhook is content with nothing; and an entry that nobody can read stands in the way."""
    chronicle = Chronicle()
    with listeners as found:
        wiring: Wiring = found.wiring
        wiring.let_fire("IdleEndpointsSchedule")
        found.receiver.answers = [404] * 1000
        item = {"pk": {"S": "RESOURCE#x"}, "sk": {"S": "AUDIT#2026#1"}, "body": {"S": "{}"}}
        table = wiring.stack.outputs["LedgerTable"]
        wiring.sandbox.client("dynamodb").put_item(TableName=table, Item=item)
        add_endpoints(wiring)
        found.look(17, 9)
        chronicle.states["heard"] = found.heard()
        return chronicle.close(wiring)


@contextmanager
def _killed_at_its_first_call(wiring: Wiring) -> Iterator[None]:
    """Let the announcer's host die once, when it has put events on the bus; they are there."""
    announcer = wiring.stack.resources["AnnouncerFunction"]
    alive = [True]

    def observe(call: ObservedCall) -> None:
        if alive[0] and (call.service, call.operation) == ("events", "PutEvents"):
            alive[0] = False
            wiring.runtime.kill(announcer.ref)

    with wiring.sandbox.observers.watching(observe):
        yield
