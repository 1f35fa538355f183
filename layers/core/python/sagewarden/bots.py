"""The registry: one entry per bot, which the template, the functions, the events and docs follow.

`tests/architecture/test_stack.py` names whatever is missing for an entry. What a bot's role may do
stands in `rights.py`, which no function has to read.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.idle_notebooks import IdleNotebooks
from sagewarden.domain.jobs.rule import IdleJobs
from sagewarden.domain.node_groups.rules import IdleNodeGroups, NodeGroupHours
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.rules import Policy
from sagewarden.domain.services.rule import IdleServices


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot.

    Attributes:
        name: Its name: of its function's folder, its events and its metrics' service.
        schedule: When the dispatcher wakes it, as an EventBridge Scheduler expression.
        meaning: The schedule in words.
        silent_after: How long it may not complete a sweep before an alarm.
        rules: The kinds of rule that it runs.
        follows_events: Whether SageMaker's events come to its queue beside the wake-ups.
        keeps_manifests: Whether it does what a start or a stop cannot take back.
        reads_manifests: Whether a manifest tells it what to start again, and how.
        looks_again: Whether it remembers what it saw, and reads only what can have changed since.
    """

    name: str
    schedule: str
    meaning: str
    silent_after: timedelta
    rules: tuple[type, ...]
    follows_events: bool = False
    keeps_manifests: bool = True
    reads_manifests: bool = False
    looks_again: bool = False

    @property
    def logical_id(self) -> str:
        """How its resources begin in the template: ``NotebookHours``."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def queue(self) -> str:
        """Its queue's logical id in the template."""
        return f"{self.logical_id}Queue"

    @property
    def queue_variable(self) -> str:
        """The dispatcher's environment variable with its queue's URL."""
        return f"QUEUE_{self.name.upper()}"

    @property
    def dead_letters(self) -> str:
        """Its dead-letter queue's logical id in the template."""
        return f"{self.logical_id}DeadLetters"

    @property
    def page(self) -> str:
        """Its docs page, from the repository's root."""
        return f"docs/bots/{self.name.replace('_', '-')}.md"

    def part_of(self, policy: Policy) -> Policy:
        """The policy with only the rules that this bot runs."""
        return replace(
            policy, rules=tuple(rule for rule in policy.rules if isinstance(rule, self.rules))
        )


NOTEBOOK_HOURS = Bot(
    name="notebook_hours",
    schedule="cron(0/5 * * * ? *)",
    meaning="every five minutes, on the clock's fives: a closing at 18:00 is acted on at 18:00",
    silent_after=timedelta(minutes=15),
    rules=(NotebookHours, IdleApps, IdleNotebooks),
)

IDLE_ENDPOINTS = Bot(
    name="idle_endpoints",
    schedule="cron(10 * * * ? *)",
    meaning="hourly, ten minutes past: the hour's metrics have arrived by then",
    silent_after=timedelta(hours=3),
    rules=(IdleEndpoints,),
    looks_again=True,
)

GUARDRAILS = Bot(
    name="guardrails",
    schedule="cron(3/15 * * * ? *)",
    meaning="every quarter of an hour, and at once for each event: what is due is done by then",
    silent_after=timedelta(minutes=45),
    rules=(Guardrail,),
    follows_events=True,
)

PROVISIONED_CONCURRENCY = Bot(
    name="provisioned_concurrency",
    schedule="cron(0/15 * * * ? *)",
    meaning="every quarter of an hour: AWS itself scales in between",
    silent_after=timedelta(minutes=45),
    rules=(ProvisionedConcurrency, EndpointCapacity),
)

TRAINING = Bot(
    name="training",
    schedule="cron(7/15 * * * ? *)",
    meaning="every quarter of an hour: a GPU that idles for half an hour is seen in time",
    silent_after=timedelta(minutes=45),
    rules=(IdleJobs,),
)

NODE_GROUPS = Bot(
    name="node_groups",
    schedule="cron(0/15 * * * ? *)",
    meaning="every quarter of an hour: a closing at 18:00 is acted on at 18:00",
    silent_after=timedelta(minutes=45),
    rules=(NodeGroupHours, IdleNodeGroups),
    reads_manifests=True,
)

IDLE_SERVICES = Bot(
    name="idle_services",
    schedule="cron(25 * * * ? *)",
    meaning="hourly, 25 minutes past: the hour's metrics have arrived, and other bots are done",
    silent_after=timedelta(hours=3),
    rules=(IdleServices,),
)

BOTS: tuple[Bot, ...] = (
    NOTEBOOK_HOURS,
    IDLE_ENDPOINTS,
    GUARDRAILS,
    PROVISIONED_CONCURRENCY,
    NODE_GROUPS,
    TRAINING,
    IDLE_SERVICES,
)
"""Every bot. A new one: an entry above, ``functions/<name>/app.py``, a stanza in the template,
``events/<name>/``, its docs page, and its grants in ``spoke.yaml``."""


def bot_of(rule: object) -> Bot | None:
    """The bot that runs a rule, or None."""
    return next((bot for bot in BOTS if isinstance(rule, bot.rules)), None)


def find_bot(name: str) -> Bot:
    """The bot of a name.

    Raises:
        ValueError: There is none.
    """
    for bot in BOTS:
        if bot.name == name:
            return bot
    known = ", ".join(bot.name for bot in BOTS)
    raise ValueError(f"bot: there is none named {name!r}; use one of {known}")
