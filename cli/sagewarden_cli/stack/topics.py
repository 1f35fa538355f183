"""What reached the readers of SNS topics."""

from moto.sns import sns_backends


def published(topic: str) -> tuple[str, ...]:
    """The messages published to a topic so far, by its ARN."""
    _, _, _, region, account, _ = topic.split(":", 5)
    sent = sns_backends[account][region].topics[topic].sent_notifications
    return tuple(str(message) for _, message, *_ in sent)
