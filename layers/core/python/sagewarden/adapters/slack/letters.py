"""What letters are made of, a digest and a week's advice alike, in any form of text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Style(Protocol):
    """A form of text."""

    def text(self, text: str) -> str:
        """Text that people wrote, shown as it is."""
        ...

    def person(self, person: str) -> str:
        """Somebody, as a tag or a message names them."""
        ...

    def name(self, name: str) -> str:
        """A name of something."""
        ...

    def moment(self, at: datetime) -> str:
        """A moment, as its reader reads it."""
        ...


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A letter in words.

    Attributes:
        title: What it is, in plain text.
        paragraphs: What it says, each in lines.
        small_print: What is worth knowing beside it, in plain text.
    """

    title: str
    paragraphs: tuple[tuple[str, ...], ...]
    small_print: tuple[str, ...]
