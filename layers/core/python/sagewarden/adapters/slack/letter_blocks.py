"""A digest, or a week's advice, in Block Kit, within the limits of Slack's block reference."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sagewarden.adapters.slack.blocks import Block, Message
from sagewarden.adapters.slack.letters import LaidOut
from sagewarden.adapters.slack.mrkdwn import code, escaped, moment
from sagewarden.adapters.slack.texts import Language
from sagewarden.domain.digest import Digest

if TYPE_CHECKING:
    from sagewarden.application.messaging import Told
    from sagewarden.domain.weekly_advice import WeeklyAdvice

_LONGEST_HEADER = 150
"""Of a header block (its reference)."""

_LONGEST_SECTION = 3000
"""Of a section's text (its reference)."""

_LONGEST_TEXT, _LONGEST_PERSON, _LONGEST_NAME = 200, 60, 90
"""Of what people wrote, once it is escaped: all of a message together may not be too long either.

SageMaker's own names have 63 letters at most; tags and patterns may be longer.
"""


class Mrkdwn:
    """The form of text of sections: no link and no mention arises from what people wrote."""

    def text(self, text: str) -> str:
        """Text that people wrote, on one line."""
        return escaped(_fitting(text, _LONGEST_TEXT))

    def person(self, person: str) -> str:
        """Somebody, as they are written."""
        return escaped(_fitting(person, _LONGEST_PERSON))

    def name(self, name: str) -> str:
        """A name as code."""
        return code(_fitting(name, _LONGEST_NAME))

    def moment(self, at: datetime) -> str:
        """A moment in its reader's own time zone."""
        return moment(at)


def letter_message(letter: "Told", language: Language) -> Message:
    """Lay a digest, or a week's advice, out in one message."""
    if isinstance(letter, Digest):
        return _message(_digest(letter, language))
    return _message(_advice(letter, language))


def _digest(digest: Digest, language: Language) -> LaidOut:
    from sagewarden.adapters.slack.digest_layout import laid_out  # noqa: PLC0415 - one of the two
    from sagewarden.adapters.slack.digest_texts import DIGEST_WORDS  # noqa: PLC0415

    return laid_out(digest, DIGEST_WORDS[language], Mrkdwn())


def _advice(advice: "WeeklyAdvice", language: Language) -> LaidOut:
    from sagewarden.adapters.slack.advice_layout import laid_out  # noqa: PLC0415 - one of the two
    from sagewarden.adapters.slack.advice_texts import ADVICE_WORDS  # noqa: PLC0415

    return laid_out(advice, ADVICE_WORDS[language], Mrkdwn())


def _message(found: LaidOut) -> Message:
    title = found.title if len(found.title) <= _LONGEST_HEADER else f"{found.title[:149]}…"
    blocks: list[Block] = [{"type": "header", "text": _plain(title)}]
    blocks += [
        {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        for lines in found.paragraphs
        for text in _sections(lines)
    ]
    blocks.append({"type": "context", "elements": [_plain(" · ".join(found.small_print))]})
    return Message(title, tuple(blocks), ())


def _sections(lines: Sequence[str]) -> Iterator[str]:
    """A paragraph, in as many texts as it takes; escaping lengthens what people wrote."""
    text = ""
    for line in lines:
        if text and len(text) + 1 + len(line) > _LONGEST_SECTION:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    yield text


def _fitting(text: str, longest: int) -> str:
    """As much of a text, on one line, as is no longer than that once it is escaped."""
    line = " ".join(text.split())[:longest]
    while len(escaped(line)) > longest:
        line = line[:-1]
    return line


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
