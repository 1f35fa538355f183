"""Text from AWS, tags and files as it may safely be printed."""

import re

from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~&$])")


def harmless(text: str) -> str:
    """The text without control characters: what a tag holds must not steer a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def plain(text: str, style: str = "") -> Text:
    """The text for a terminal, never read as Rich markup."""
    return Text(harmless(text), style=style)


def in_markdown(text: str) -> str:
    """The text for one cell of a Markdown table."""
    return _MARKDOWN.sub(r"\\\1", " ".join(harmless(text).split()))
