"""Which dead-letter queues a deployed stack has: its outputs name them."""

import re
from dataclasses import dataclass
from typing import ClassVar

from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.options import BadOptionError
from sagewarden_cli.stack_place import describe_stack, outputs_of

_OUTPUT = re.compile(r"(\w+)DeadLettersUrl")
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """A dead-letter queue.

    Attributes:
        bot: The function whose messages end here: a bot, the dispatcher, the reporter, the
            advisor, one for Slack, the announcer; or the webhook.
        url: The queue's URL.
    """

    DISPATCHER: ClassVar[str] = "dispatcher"
    NOTIFIER: ClassVar[str] = "notifier"
    RESPONDER: ClassVar[str] = "responder"
    RESTORER: ClassVar[str] = "restorer"
    REPORTER: ClassVar[str] = "reporter"
    ADVISOR: ClassVar[str] = "advisor"
    ANNOUNCER: ClassVar[str] = "announcer"
    WEBHOOK: ClassVar[str] = "webhook"

    bot: str
    url: str

    @property
    def is_of_announcements(self) -> bool:
        """Whether its messages came from no queue: they belong on the bus for integrations."""
        return self.bot in {self.ANNOUNCER, self.WEBHOOK}


@dataclass(frozen=True, slots=True)
class DeployedQueues:
    """The dead-letter queues of a stack.

    Attributes:
        stack: The stack's name.
        region: Where it is deployed.
        queues: Its dead-letter queues, in the order of their names.
        bus: Its bus for integrations, by name; None in a stack from before there was one.
    """

    stack: str
    region: str
    queues: tuple[DeadLetterQueue, ...]
    bus: str | None = None

    def log_group(self, queue: DeadLetterQueue) -> str:
        """The log group of the function whose messages end in a queue."""
        return f"/sagewarden/{self.stack}/{queue.bot}"

    def only(self, names: list[str]) -> tuple[DeadLetterQueue, ...]:
        """The queues of some bots.

        Raises:
            BadOptionError: The stack has no queue of a name.
        """
        known = {queue.bot: queue for queue in self.queues}
        for name in names:
            if name not in known:
                raise BadOptionError(
                    f"--bot: stack {self.stack!r} has no dead-letter queue of {name!r}; "
                    f"it has those of {', '.join(known)}"
                )
        return tuple(queue for queue in self.queues if queue.bot in names)


def find_queues(sessions: Sessions, stack: str, region: str | None) -> DeployedQueues:
    """Find the dead-letter queues of a deployed stack.

    Args:
        sessions: Makes the clients.
        stack: The stack's name.
        region: Where it is deployed, or None for the region of boto3's own chain.

    Raises:
        NoRegionError: Nothing names a region.
        BadOptionError: There is no such stack, or its outputs name no dead-letter queue.
        ClientError: CloudFormation refused to describe it.
    """
    place, described = describe_stack(sessions, stack, region)
    outputs = outputs_of(described)
    queues = tuple(
        DeadLetterQueue(_WORD.sub("_", match[1]).lower(), url)
        for key, url in sorted(outputs.items())
        if (match := _OUTPUT.fullmatch(key))
    )
    if not queues:
        raise BadOptionError(
            f"--stack: {stack!r} in {place} has no output ...DeadLettersUrl; is it Sagewarden's, "
            "and deployed to its end?"
        )
    return DeployedQueues(stack, place, queues, outputs.get("AnnouncementsBusName"))
