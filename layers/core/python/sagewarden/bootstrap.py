"""Wiring: which adapter stands behind which port."""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.cloudwatch_telemetry import CloudWatchTelemetry
from sagewarden.adapters.compiled_policy import StalePolicyError, dump_policy, load_compiled_policy
from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger
from sagewarden.adapters.manifest_archive import ManifestArchive
from sagewarden.adapters.price_snapshot import known_prices, shipped_prices
from sagewarden.adapters.public_holidays import holiday_table, public_holidays
from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sagemaker_paths import gpu_book
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.sns_notices import SnsNotices
from sagewarden.adapters.sqs_queues import SqsQueues
from sagewarden.adapters.tally import Tally
from sagewarden.application.carry_out import Hands
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.ports import Clock, Ledger, RunNotices
from sagewarden.application.targets import Target
from sagewarden.domain.money import PriceBook
from sagewarden.domain.rules import Policy
from sagewarden.domain.schedules.holiday_tables import HolidayTables

if TYPE_CHECKING:
    from sagewarden.application.adjust_concurrency import ConcurrencyHands
    from sagewarden.application.advise import AdviceHands
    from sagewarden.application.advise_all import Parts
    from sagewarden.application.letters import Outbox
    from sagewarden.application.remembering import RememberingEyes
    from sagewarden.application.restore import RestoreHands
    from sagewarden.application.roster import RosterReader
    from sagewarden.domain.advice.knowledge import Lines
    from sagewarden.domain.digest import Digest
    from sagewarden.domain.weekly_advice import WeeklyAdvice


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a run on an account needs.

    Attributes:
        sessions: AWS clients, and the count of their calls.
        hands: The ports to read a fleet and to act on it.
    """

    sessions: Sessions
    hands: Hands


def open_workbench(
    *,
    profile: str | None = None,
    ledger: Ledger | None = None,
    clock: Clock | None = None,
    prices: PriceBook | None = None,
    sessions: Sessions | None = None,
) -> Workbench:
    """Wire the adapters to an account.

    Args:
        profile: The AWS profile, or None for boto3's default chain.
        ledger: What to remember with; in memory, and so forgotten, when not given.
        clock: What tells the time; the machine's own when not given.
        prices: The list prices; the shipped ones when not given.
        sessions: The account's clients, where another account is meant than the profile's.
    """
    from sagewarden.adapters.ledger_memory import MemoryLedger  # noqa: PLC0415 - on a workstation only

    sessions = sessions or Sessions(profile)
    remembering = ledger if ledger is not None else MemoryLedger()
    hands = _hands(sessions, remembering, clock or SystemClock(), prices or shipped_prices())
    return Workbench(sessions, hands)


def concurrency_hands(hands: Hands, sessions: Sessions) -> "ConcurrencyHands":
    """What the provisioned concurrency bot needs beside what every bot does.

    No other bot pays for its modules at cold start: they are imported here.
    """
    from sagewarden.adapters.autoscaling import AutoScaling  # noqa: PLC0415 - see above
    from sagewarden.adapters.service_quotas import ServiceQuotas  # noqa: PLC0415
    from sagewarden.application.adjust_concurrency import ConcurrencyHands  # noqa: PLC0415
    from sagewarden.domain.autoscaling.scaling import Dimension  # noqa: PLC0415

    others = {
        dimension: AutoScaling(sessions, dimension)
        for dimension in (Dimension.INSTANCES, Dimension.COPIES)
    }
    return ConcurrencyHands(hands, AutoScaling(sessions), ServiceQuotas(sessions), others)


def advice_hands(hands: Hands, sessions: Sessions, lines: "Lines | None" = None) -> "AdviceHands":
    """What advising needs, in the account of these sessions; no bot pays for its modules.

    Args:
        hands: What every bot has.
        sessions: The account's clients.
        lines: Where lines are drawn; as the advisor draws them when not given.
    """
    from sagewarden.adapters.descriptions import Descriptions  # noqa: PLC0415 - see above
    from sagewarden.adapters.ecs_accelerators import EcsAccelerators  # noqa: PLC0415
    from sagewarden.adapters.hosting_details import SageMakerHosting  # noqa: PLC0415
    from sagewarden.adapters.instance_catalogue import instance_catalogue  # noqa: PLC0415
    from sagewarden.adapters.retired_accelerators import SageMakerAccelerators  # noqa: PLC0415
    from sagewarden.adapters.service_quotas import ServiceQuotas  # noqa: PLC0415
    from sagewarden.application.advise import AdviceHands  # noqa: PLC0415
    from sagewarden.domain.advice.knowledge import Lines  # noqa: PLC0415

    descriptions = Descriptions(sessions)
    return AdviceHands(
        inventory=hands.fleet.inventory,
        telemetry=hands.fleet.telemetry,
        hosting=SageMakerHosting(sessions, descriptions),
        accelerators=(SageMakerAccelerators(sessions, descriptions), EcsAccelerators(sessions)),
        quotas=ServiceQuotas(sessions),
        prices=hands.fleet.prices,
        catalogue=instance_catalogue(),
        lines=lines or Lines(),
    )


def restore_hands(hands: Hands, sessions: Sessions) -> "RestoreHands":
    """What undoing needs, in the account of these sessions; no bot pays for its modules."""
    from sagewarden.adapters.restorer import AwsRestorer  # noqa: PLC0415 - see above
    from sagewarden.application.restore import RestoreHands  # noqa: PLC0415

    return RestoreHands(hands.fleet.ledger, AwsRestorer(sessions), hands.clock)


@dataclass(frozen=True, slots=True)
class HubSettings:
    """What a deployed function is told of its stack.

    Attributes:
        home: The account and region of the stack.
        table: The ledger's DynamoDB table.
        archive: The bucket where the ledger's manifests lie.
        topic: The ARN of the SNS topic for notices.
        dead_letters: The URL of the function's dead-letter queue.
        zone: The zone in which notices name times.
        spoke_role: The name of the role in other accounts.
        external_id: What that role's trust policy asks for.
        notices_queue: The URL of the queue that leads to Slack, where owners are told there.
        prices: A file of list prices newer than those shipped; it need not be there.
    """

    home: Target
    table: str
    archive: str
    topic: str
    dead_letters: str
    zone: ZoneInfo
    spoke_role: str
    external_id: str
    notices_queue: str | None = None
    prices: Path | None = None


class Hub:
    """The adapters of a deployed function, made once and used for every account.

    Attributes:
        clock: What tells the time.
        sessions: The function's own AWS clients.
        ledger: What remembers.
        run: What correlates everything that one trigger leads to; None outside of a run.
    """

    run: str | None = None

    def __init__(
        self, settings: HubSettings, clock: Clock | None = None, tally: Tally | None = None
    ) -> None:
        self._settings = settings
        self.clock = clock or SystemClock()
        self.sessions = Sessions(tally=tally)
        client = self.sessions.client("dynamodb", settings.home.region)
        archive = ManifestArchive(
            lambda: self.sessions.client("s3", settings.home.region), settings.archive
        )
        self.ledger = DynamoDBLedger(client, settings.table, archive)
        self._prices = known_prices(settings.prices) if settings.prices else shipped_prices()

    def during(self, run: str) -> "Hub":
        """The same adapters in a run: what they note and what they tell names it."""
        hub = copy(self)
        hub.run, hub.ledger = run, self.ledger.during(run)
        return hub

    def hands(self, account: str) -> Hands:
        """The ports to read an account and to act on it: through its role, unless it is home.

        Raises:
            OutOfReachError: The account's role does not exist, or does not let us in.
            UnreadableError: It could not be assumed for another reason.
        """
        return self._hands(self._sessions_of(account))

    def concurrency_hands(self, account: str) -> "ConcurrencyHands":
        """The same, with what the provisioned concurrency bot needs beside it.

        Raises:
            OutOfReachError: The account's role does not exist, or does not let us in.
            UnreadableError: It could not be assumed for another reason.
        """
        sessions = self._sessions_of(account)
        return concurrency_hands(self._hands(sessions), sessions)

    def advice_hands(self, account: str) -> "AdviceHands":
        """What advising needs in an account: through its role, unless it is home.

        Raises:
            OutOfReachError: The account's role does not exist, or does not let us in.
            UnreadableError: It could not be assumed for another reason.
        """
        sessions = self._sessions_of(account)
        return advice_hands(self._hands(sessions), sessions)

    def advice_parts(self) -> "Parts":
        """Where what was found of each account lies until all have answered."""
        from sagewarden.adapters.advice_parts import ArchivedParts  # noqa: PLC0415 - the advisor only

        region = self._settings.home.region
        return ArchivedParts(lambda: self.sessions.client("s3", region), self._settings.archive)

    def restore_hands(self, account: str) -> "RestoreHands":
        """What undoing needs in an account: through its role, unless it is home.

        Raises:
            OutOfReachError: The account's role does not exist, or does not let us in.
            UnreadableError: It could not be assumed for another reason.
        """
        sessions = self._sessions_of(account)
        return restore_hands(self._hands(sessions), sessions)

    def roster_reader(self, policy: Policy) -> "RosterReader":
        """What knows the accounts that were found for a policy which does not name them all."""
        from sagewarden.adapters.rosters import DynamoDBRosters  # noqa: PLC0415 - few policies need it
        from sagewarden.application.roster import RosterReader, roster_key  # noqa: PLC0415

        settings = self._settings
        client = self.sessions.client("dynamodb", settings.home.region)
        rosters = DynamoDBRosters(client, settings.table)
        return RosterReader(rosters, roster_key(policy, settings.home), self.clock)

    def barred(self, target: Target) -> str | None:
        """Why an account's region lets nobody in; None when it does, or that cannot be told.

        Raises:
            OutOfReachError: The account's role does not exist, or does not let us in.
            UnreadableError: It could not be assumed for another reason.
        """
        return self._sessions_of(target.account).barred(target.region)

    def eyes(self, account: str, bot: str, troubled: Callable[[str], object]) -> "RememberingEyes":
        """How a bot looks at an account that remembers what it saw; few functions do.

        Raises:
            UnreadableError: The account's role could not be assumed.
        """
        from sagewarden.adapters.endpoint_rechecks import SageMakerRechecks  # noqa: PLC0415 - see above
        from sagewarden.adapters.survey_memory import DynamoDBSurveyMemory  # noqa: PLC0415
        from sagewarden.application.remembering import RememberingEyes  # noqa: PLC0415

        client = self.sessions.client("dynamodb", self._settings.home.region)
        memory = DynamoDBSurveyMemory(client, self._settings.table, bot)
        rechecks = SageMakerRechecks(self._sessions_of(account))
        return RememberingEyes(account, rechecks, memory, troubled)

    def notices(self) -> RunNotices:
        """A notifier for one run: to Slack through its queue where there is one, else to SNS."""
        queue = self._settings.notices_queue
        if queue is None:
            client = self.sessions.client("sns", self._settings.home.region)
            return SnsNotices(client, self._settings.topic, self._settings.zone, self.run)
        from sagewarden.adapters.queued_notices import QueuedNotices  # noqa: PLC0415 - with Slack only

        send = partial(self._queues().send_in_order, queue)
        return QueuedNotices(send, self.ledger, self.clock, self.run)

    def send(self, queue: str, bodies: Iterable[str]) -> None:
        """Put messages on a queue.

        Raises:
            ActionFailedError: Not all of them were accepted.
        """
        self._queues().send(queue, bodies)

    def show_again(self, queue: str, receipt_handle: str, after: timedelta) -> None:
        """Let a message that was received be shown again after a while.

        Raises:
            ActionFailedError: It was not accepted.
        """
        self._queues().show_again(queue, receipt_handle, after)

    def published_digests(self) -> "Outbox[Digest]":
        """Where digests go that are read as text: the topic. Few functions have any."""
        from sagewarden.adapters.digest_plain import plain_digest  # noqa: PLC0415 - see above
        from sagewarden.adapters.sent_letters import PublishedLetters  # noqa: PLC0415

        settings, client = self._settings, self.sessions.client("sns", self._settings.home.region)
        return PublishedLetters(
            client, settings.topic, lambda digest: plain_digest(digest, settings.zone)
        )

    def queued_digests(self, queue: str) -> "Outbox[Digest]":
        """Where digests go that are read in Slack: the queue that leads there."""
        from sagewarden.adapters.digest_records import envelope  # noqa: PLC0415 - see above
        from sagewarden.adapters.sent_letters import QueuedLetters  # noqa: PLC0415

        return QueuedLetters(partial(self._queues().send_in_order, queue), envelope)

    def published_advice(self) -> "Outbox[WeeklyAdvice]":
        """Where advice goes that is read as text: the topic."""
        from sagewarden.adapters.advice_plain import plain_advice  # noqa: PLC0415 - see above
        from sagewarden.adapters.sent_letters import PublishedLetters  # noqa: PLC0415

        settings, client = self._settings, self.sessions.client("sns", self._settings.home.region)
        return PublishedLetters(
            client, settings.topic, lambda advice: plain_advice(advice, settings.zone)
        )

    def queued_advice(self, queue: str) -> "Outbox[WeeklyAdvice]":
        """Where advice goes that is read in Slack: the queue that leads there."""
        from sagewarden.adapters.advice_records import envelope  # noqa: PLC0415 - see above
        from sagewarden.adapters.sent_letters import QueuedLetters  # noqa: PLC0415

        return QueuedLetters(partial(self._queues().send_in_order, queue), envelope)

    def set_aside(self, body: str, reason: str) -> None:
        """Put a message that can never succeed on the dead-letter queue, with its reason.

        Raises:
            ActionFailedError: It was not accepted.
        """
        self._queues().set_aside(self._settings.dead_letters, body, reason, self.clock.now())

    def _hands(self, sessions: Sessions) -> Hands:
        return _hands(sessions, self.ledger, self.clock, self._prices)

    def _queues(self) -> SqsQueues:
        return SqsQueues(self.sessions.client("sqs", self._settings.home.region))

    def _sessions_of(self, account: str) -> Sessions:
        home, sessions = self._settings.home, self.sessions
        if account == home.account:
            return sessions
        partition = sessions.partition(home.region)
        role = f"arn:{partition}:iam::{account}:role/{self._settings.spoke_role}"
        return sessions.assumed(role, self._settings.external_id, home.region, self.clock.now())


def _hands(sessions: Sessions, ledger: Ledger, clock: Clock, prices: PriceBook) -> Hands:
    fleet = Fleet(
        inventory=SageMakerInventory(sessions),
        telemetry=CloudWatchTelemetry(sessions),
        ledger=ledger,
        prices=prices,
        gpus=gpu_book(),
    )
    return Hands(fleet, SageMakerExecutor(sessions), clock)


def read_policy(path: Path) -> Policy:
    """Load a policy file and compile it with the real public holidays.

    Raises:
        PolicyError: It is not valid; the error names each place.
    """
    from sagewarden.policy import compile_policy, load_policy  # noqa: PLC0415 - see below

    return compile_policy(load_policy(path), public_holidays)


def compile_policy_file(path: Path, years: range) -> str:
    """Compile a policy file to the JSON that `read_deployed_policy` reads.

    pydantic, PyYAML and the holidays library are imported here and in `read_policy` only: a
    function that reads a compiled policy needs none of them.

    Args:
        path: The policy file.
        years: The years whose public holidays the compiled policy will know.

    Raises:
        PolicyError: It is not valid; the error names each place.
    """
    from sagewarden.policy import compile_policy, load_policy  # noqa: PLC0415 - see above

    model = load_policy(path)
    compile_policy(model, public_holidays)
    places = [item.holidays for item in model.calendars.values() if item.holidays is not None]
    tables = [holiday_table(place.country, place.subdivision, years) for place in places]
    source = HolidayTables({table.place: table for table in tables})
    return dump_policy(compile_policy(model, source), path.read_bytes())


def read_deployed_policy(file: Path) -> Policy:
    """Read the compiled policy beside a policy file; the file itself is not parsed.

    Raises:
        StalePolicyError: The policy file was not compiled, or was changed since it was.
    """
    compiled = file.with_suffix(".json")
    if not compiled.exists():
        raise StalePolicyError(f"{compiled} is missing: run sagewarden policy compile, and deploy")
    return load_compiled_policy(compiled.read_text(encoding="utf-8"), file.read_bytes())
