"""The stack with Slack: owners are warned there, and what they click comes back to it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sagewarden.adapters.clock import SystemClock
from sagewarden.application.ports import Clock
from sagewarden.bootstrap import compile_policy_file
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.slack import Acknowledgement, LocalSlack, SignedRequest
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.stack.building import Built
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.conftest import FIXTURES, Play
from tests.e2e.stack.described import described
from tests.e2e.stack.scenarios import Chronicle, at
from tests.e2e.stack.watching import add_alarm, add_scalable_target
from tests.support.container_insights import publish
from tests.support.url_events import a_url_event

HOUR = timedelta(hours=1)
TOM = {"Owner": "tom@example.com", "Team": "Chat"}


@dataclass
class _Following:
    """A clock that follows another one, from when that is there."""

    clock: Clock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        return self.clock.now()


@dataclass
class Talking:
    """The stack at work, and the workspace that it talks to.

    Attributes:
        wiring: The stack.
        slack: The workspace; Tom owns things there, ops may decide over everything.
    """

    wiring: Wiring
    slack: LocalSlack

    def interact(self, request: SignedRequest) -> Acknowledgement:
        """Bring what Slack signed to the function behind the URL."""
        arn = self.wiring.stack.resources["InteractionsFunction"].attributes["Arn"]
        result = self.wiring.invoke(self.wiring.functions[arn], a_url_event(request))
        return Acknowledgement(result.payload["statusCode"], result.payload["body"])

    def click(self, action: str, name: str) -> int:
        """Let Tom click a button of a resource's card in his latest message, and answer him."""
        return self._click(self.messages()[-1], action, name, "tom")

    def click_in_the_channel(self, action: str, name: str) -> int:
        """Let ops do the same in the newest message of the channel that names a resource."""
        told = [one for one in self.slack.messages("ml-costs") if f"`{name}`" in str(one.blocks)]
        return self._click(told[-1], action, name, "ops")

    def _click(self, message: Message, action: str, name: str, by: str) -> int:
        status = self.slack.click(message, action, by=by, block_id=_card_of(message, name))
        self.wiring.deliver()
        return status.status

    def command(self, words: str) -> str:
        """Let ops type a command; what they are answered."""
        self.slack.command("/sagewarden", words, by="ops")
        self.wiring.deliver()
        answers = self.slack.ephemerals(self.slack.dm("ops"), "ops")
        return str(answers[-1].blocks[0]["text"]["text"])

    def messages(self) -> list[Message]:
        """What Tom has from the bot; no replies."""
        return [one for one in self.slack.messages_to("tom") if one.thread_ts is None]

    def replies(self) -> list[str]:
        """What was said in threads of Tom's messages."""
        return [one.text for one in self.slack.messages_to("tom") if one.thread_ts is not None]

    def sentences(self) -> list[list[str]]:
        """What each of Tom's messages says of each resource, without the moments."""
        return [said_in(message) for message in self.messages()]


def said_in(message: Message) -> list[str]:
    """What a message says of each resource, without the moments."""
    return [
        block["text"]["text"].partition(" <!date")[0]
        for block in message.blocks
        if block["type"] == "section"
    ]


@contextmanager
def talking(
    sagewarden: Built,
    play: Play,
    folder: Path,
    now: datetime,
    text: str | None = None,
    **parameters: str,
) -> Iterator[Talking]:
    """Set the stack to work with a secret that opens a local Slack."""
    policy = folder / "governance.yaml"
    shipped = (FIXTURES / "policy/slack.yaml").read_text(encoding="utf-8")
    policy.write_text(text or shipped, encoding="utf-8")
    compiled = compile_policy_file(policy, range(2025, 2028))
    policy.with_suffix(".json").write_text(compiled, encoding="utf-8")
    clock = _Following()
    with LocalSlack(clock) as slack:
        slack.add_user("tom", email="tom@example.com")
        slack.add_user("ops", email="ops@example.com")
        slack.add_group("ml-platform", ["ops"])
        slack.add_channel("ml-costs", ["tom", "ops"])
        slack.add_channel("team-chat", ["tom"])

        def prepare(sandbox: Sandbox) -> Mapping[str, str]:
            clock.clock = sandbox.clock
            content = {"bot_token": slack.token, "signing_secret": slack.signing_secret}
            made = sandbox.client("secretsmanager").create_secret(
                Name="sagewarden/slack", SecretString=json.dumps(content)
            )
            return {"SlackSecret": made["ARN"]}

        variables = {"POLICY_FILE": str(policy), "SLACK_API_URL": slack.url}
        settings = {"Timezone": "Asia/Seoul", **parameters}
        playing = play(
            sagewarden, "slack", now, parameters=settings, variables=variables, prepare=prepare
        )
        with playing as wiring:
            found = Talking(wiring, slack)
            slack.request_url = found.interact
            yield found


def warned_kept_ignored_deleted_and_restored(playing: AbstractContextManager[Talking]) -> Chronicle:
    """Two Mondays: one endpoint is kept for a week, ignored and asked back; one goes at a click."""
    chronicle = Chronicle()
    states = chronicle.states
    with playing as tom:
        wiring = tom.wiring
        _add_fleet(wiring)
        states["before"] = described(wiring, ["forgotten"])
        wiring.run_until(at(16, 10, 12))
        states["warned"] = tom.sentences()
        states["answers"] = [tom.click("keep", "forgotten"), tom.click("now", "unwanted")]
        states["answered"] = (tom.sentences(), _endpoints(wiring))
        wiring.sleep_until(at(16, 17, 29))
        wiring.run_until(at(16, 17, 31))  # half an hour before a notebook's closing
        for day in range(17, 23):
            _look(wiring, day, 10)
        states["kept"] = (tom.sentences(), _endpoints(wiring))
        states["digests"] = _digests(tom)
        _look(wiring, 23, 11)
        states["warned anew"] = (tom.sentences()[-1], _endpoints(wiring))
        wiring.sleep_until(at(24, 11, 5))
        states["halt"] = tom.command("halt the bill looks wrong")
        _look(wiring, 24, 11)
        states["halted"] = _endpoints(wiring)
        wiring.sleep_until(at(24, 11, 50))
        states["resume"] = tom.command("resume")
        _look(wiring, 24, 13)
        states["deleted"] = (tom.sentences()[-1], _endpoints(wiring))
        states["answers"].append(tom.click("restore", "forgotten"))
        states["asked back"] = tom.sentences()[-1]
        wiring.run_until(at(24, 13, 43))
        states["restored"] = (tom.sentences()[-1], _endpoints(wiring))
        states["after"] = described(wiring, ["forgotten"])
        states["story"] = tom.command("explain forgotten")
        states["channel"] = [one.text for one in tom.slack.messages("ml-costs")]
        states["who queued"] = _who_queued(wiring)
        return chronicle.close(wiring)


def strangers_write_into_the_queues(playing: AbstractContextManager[Talking]) -> Chronicle:
    """Messages that are no notices and no clicks, and a request that Slack did not sign."""
    chronicle = Chronicle()
    with playing as tom:
        sqs = tom.wiring.sandbox.client("sqs")
        resources = tom.wiring.stack.resources
        sqs.send_message(QueueUrl=resources["ClicksQueue"].ref, MessageBody="{}")
        sqs.send_message(
            QueueUrl=resources["NoticesQueue"].ref, MessageBody="{}", MessageGroupId="a"
        )
        tom.wiring.deliver()
        chronicle.states["forged"] = tom.interact(SignedRequest({}, b"payload={}")).status
        chronicle.states["calls"] = tom.slack.calls
        return chronicle.close(tom.wiring)


def _digests(tom: Talking) -> list[list[str]]:
    """What ops and Tom's team are told on Monday at nine, and not again when somebody asks.

    Ops are also told once what would do the same for less: the advisor is asked twice.
    """
    wiring = tom.wiring
    wiring.sleep_until(at(23, 8, 59))
    wiring.run_until(at(23, 9, 1))
    reporter = wiring.stack.resources["ReporterFunction"].attributes["Arn"]
    wiring.invoke_asynchronously(wiring.functions[reporter], '{"version": 1}')
    advisor = wiring.stack.resources["AdvisorFunction"].attributes["Arn"]
    for _ in range(2):
        wiring.invoke_asynchronously(wiring.functions[advisor], '{"version": 1}')
        wiring.deliver()
    channels = ("ml-costs", "team-chat")
    texts = [[message.text for message in tom.slack.messages(name)] for name in channels]
    weekly = ("2026-11-16 to 2026-11-22", "week of 2026-11-23")
    return [[text for text in found if any(one in text for one in weekly)] for found in texts]


def _add_fleet(wiring: Wiring) -> None:
    fleet, created = wiring.sandbox.sagemaker(), at(10, 9)
    points = [(at(12, 0) + number * HOUR, 0.0) for number in range(24 * 14)]
    for name in ("forgotten", "unwanted"):
        fleet.add_endpoint(name, created_at=created, tags=TOM)
        add_alarm(wiring, name)
        add_scalable_target(wiring, name)
        dimensions = {"EndpointName": name, "VariantName": "AllTraffic"}
        wiring.sandbox.metrics.load(None, None, "AWS/SageMaker", "Invocations", dimensions, points)
    fleet.add_notebook_instance("nb", created_at=created, instance_type="ml.m5.large", tags=TOM)
    wiring.sandbox.eks().add_node_group("trainers", sizes=(1, 4, 2), modified_at=created)
    publish(wiring.sandbox, "trainers", now=at(16, 17, 31))
    stuck, minute = at(16, 8), timedelta(minutes=1)
    fleet.add_training_job("stuck", instance_type="ml.g5.xlarge", created_at=stuck)
    fleet.publish_job_metric(
        "training-job", "stuck", [(stuck + number * minute, 0.0) for number in range(180)]
    )
    fleet.add_model("served", created_at=created)
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 3}
    variant = {"VariantName": "AllTraffic", "ModelName": "served", "ServerlessConfig": serverless}
    fleet.add_endpoint_config("warm", variants=[variant])
    fleet.add_endpoint("warm", config="warm", created_at=created, tags=TOM)


def _look(wiring: Wiring, day: int, hour: int) -> None:
    """Let the bots run at ten past an hour, and what is queued arrive."""
    wiring.sleep_until(at(day, hour, 9))
    wiring.run_until(at(day, hour, 13))


def _endpoints(wiring: Wiring) -> list[str]:
    listed = wiring.sandbox.client("sagemaker").list_endpoints()["Endpoints"]
    return sorted(one["EndpointName"] for one in listed if one["EndpointStatus"] != "Deleting")


def _who_queued(wiring: Wiring) -> set[str]:
    """The roles that put notices on the queue."""
    queue = wiring.stack.resources["NoticesQueue"].attributes["Arn"]
    return {
        request.role.rpartition("/")[2].removeprefix("slack-")
        for request in wiring.recorder.requests
        if (request.action, request.resource) == ("sqs:SendMessage", queue)
    }


def _card_of(message: Message, name: str) -> str:
    """The block with the buttons of a resource: the next after the sentence that names it."""
    after = iter(message.blocks)
    next(block for block in after if f"`{name}`" in str(block))
    return str(next(block for block in after if block["type"] == "actions")["block_id"])
