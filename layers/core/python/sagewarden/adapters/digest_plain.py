"""A digest in plain text, as an e-mail and a terminal show it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sagewarden.adapters.slack.digest_layout import laid_out
from sagewarden.adapters.slack.digest_texts import DIGEST_WORDS
from sagewarden.adapters.slack.letters import LaidOut
from sagewarden.adapters.slack.texts import Language
from sagewarden.domain.digest import Digest


class Plain:
    """The form of text that shows everything as it is.

    Args:
        zone: The zone in which times are named.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def text(self, text: str) -> str:
        """Text that people wrote, on one line."""
        return " ".join(text.split())

    def person(self, person: str) -> str:
        """Somebody, as they are written."""
        return self.text(person)

    def name(self, name: str) -> str:
        """A name as it is."""
        return self.text(name)

    def moment(self, at: datetime) -> str:
        """A moment in the zone."""
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")


def plain_digest(digest: Digest, zone: ZoneInfo) -> LaidOut:
    """A digest in plain English."""
    words = {key: text.replace("*", "") for key, text in DIGEST_WORDS[Language.ENGLISH].items()}
    return laid_out(digest, words, Plain(zone))
