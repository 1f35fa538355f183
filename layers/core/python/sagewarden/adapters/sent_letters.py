"""Where letters go: to the queue that leads to Slack, or to an SNS topic as plain text."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sagewarden.adapters.errors import acting
from sagewarden.adapters.slack.letters import LaidOut
from sagewarden.adapters.sns_notices import mail_subject
from sagewarden.application.letters import Letter


class QueuedLetters[Item: Letter]:
    """The outbox port on the queue of notices; each reader's letters keep a line of their own.

    What Slack will not take of a letter does not hold up warnings.

    Args:
        send: Puts a body on the queue, behind everything else in the same line.
        envelope: How a letter is written down.
    """

    def __init__(
        self,
        send: Callable[[str, str], None],
        envelope: Callable[[Item], Mapping[str, Any]],
    ) -> None:
        self._send = send
        self._envelope = envelope

    def put(self, letter: Item) -> None:
        """Queue a letter.

        Raises:
            ActionFailedError: It was not taken.
        """
        self._send(json.dumps(self._envelope(letter), sort_keys=True), letter.line)


class PublishedLetters[Item: Letter]:
    """The outbox port on an SNS topic: its subscribers get plain text, as an e-mail shows it.

    Args:
        client: An SNS client.
        topic: The topic's ARN.
        words: Puts a letter into plain words.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - an SNS client, or a stand-in for one
        topic: str,
        words: Callable[[Item], LaidOut],
    ) -> None:
        self._client = client
        self._topic = topic
        self._words = words

    def put(self, letter: Item) -> None:
        """Publish a letter.

        Raises:
            ActionFailedError: It was not taken.
        """
        found = self._words(letter)
        subject = mail_subject(found.title)
        paragraphs = ["\n".join(lines) for lines in found.paragraphs]
        text = "\n\n".join([found.title, *paragraphs, "\n".join(found.small_print), ""])
        with acting(f"publishing to {self._topic}"):
            self._client.publish(TopicArn=self._topic, Subject=subject, Message=text)
