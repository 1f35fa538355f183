"""Where digests go: to the queue that leads to Slack, or to an SNS topic as plain text."""

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from sagewarden.adapters.digest_plain import plain_digest
from sagewarden.adapters.digest_records import envelope
from sagewarden.adapters.errors import acting
from sagewarden.adapters.sns_notices import mail_subject
from sagewarden.domain.digest import Digest


class QueuedDigests:
    """The outbox port on the queue of notices; each reader's digests keep a line of their own.

    What Slack will not take of a digest does not hold up warnings.

    Args:
        send: Puts a body on the queue, behind everything else in the same line.
    """

    def __init__(self, send: Callable[[str, str], None]) -> None:
        self._send = send

    def put(self, digest: Digest) -> None:
        """Queue a digest.

        Raises:
            ActionFailedError: It was not taken.
        """
        line = f"digest:{(digest.team or '*').casefold()}"
        self._send(json.dumps(envelope(digest), sort_keys=True), line)


class SnsDigests:
    """The outbox port on an SNS topic: its subscribers get plain text, as an e-mail shows it.

    Args:
        client: An SNS client.
        topic: The topic's ARN.
        zone: The zone in which times are named.
    """

    def __init__(self, client: Any, topic: str, zone: ZoneInfo) -> None:  # noqa: ANN401 - an SNS client, or a stand-in for one
        self._client = client
        self._topic = topic
        self._zone = zone

    def put(self, digest: Digest) -> None:
        """Publish a digest.

        Raises:
            ActionFailedError: It was not taken.
        """
        found = plain_digest(digest, self._zone)
        subject = mail_subject(found.title)
        paragraphs = ["\n".join(lines) for lines in found.paragraphs]
        text = "\n\n".join([found.title, *paragraphs, "\n".join(found.small_print), ""])
        with acting(f"publishing to {self._topic}"):
            self._client.publish(TopicArn=self._topic, Subject=subject, Message=text)
