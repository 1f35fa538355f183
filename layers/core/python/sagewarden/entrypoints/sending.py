"""Which way a letter goes: into Slack where its reader reads there, else to the topic."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sagewarden.application.letters import Letter, Outbox, publish_once, was_sent
from sagewarden.entrypoints.deployment import Deployment


def teams_told(deployment: Deployment) -> Iterable[str]:
    """The teams that have a channel; without Slack none is told by itself."""
    with_slack = deployment.settings.notices_queue is not None
    return deployment.policy.owners.teams if with_slack else ()


def send_once[Item: Letter](
    letter: Item,
    deployment: Deployment,
    published: Callable[[], Outbox[Item]],
    queued: Callable[[str], Outbox[Item]],
) -> bool:
    """Send a letter, unless its reader has it: what ops cannot read in Slack is published.

    Args:
        letter: The letter; it will name the run that sends it.
        deployment: The function's wiring, in a run.
        published: The outbox that ends at the topic.
        queued: The outbox on a queue, by its URL.

    Returns:
        Whether it was sent now.

    Raises:
        UnreadableError: The ledger could not be read.
        ActionFailedError: It was not taken, or the ledger could not be written.
    """
    hub, queue = deployment.hub, deployment.settings.notices_queue
    letter = replace(letter, run=hub.run)
    nowhere = letter.team is None and deployment.policy.owners.fallback_channel is None
    if queue is None or nowhere:
        return publish_once(letter, published(), hub.ledger, hub.clock.now())
    if was_sent(letter, hub.ledger):
        return False
    queued(queue).put(letter)
    return True
