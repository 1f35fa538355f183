"""The arguments of a call: a form's strings or a JSON body's values."""

from collections.abc import Mapping
from typing import Any

from sagewarden_cli.slack.errors import SlackRefusal

MOST_PER_PAGE = 1000
"""The largest page (docs.slack.dev/apis/web-api/pagination)."""


class Arguments:
    """What a method was called with.

    Args:
        values: The arguments by name.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def raw(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Return an argument as it was sent; None when it was not."""
        return self._values.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return a string."""
        value = self._values.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Return a string that must be there.

        Raises:
            SlackRefusal: It is not.
        """
        value = self.text(name)
        if not value:
            reason = f"[ERROR] missing required field: {name}"
            raise SlackRefusal("invalid_arguments", [reason])
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean; forms carry it as a word or a digit."""
        return str(self._values.get(name, "")).lower() in {"1", "true"}

    def page(self, found: list[Any], default: int = 100) -> tuple[list[Any], str]:
        """Return the page that was asked for, and the cursor of the next one.

        Raises:
            SlackRefusal: The cursor or the limit is none.
        """
        cursor, limit = self.text("cursor", "0") or "0", self.text("limit") or str(default)
        if not cursor.isdecimal():
            raise SlackRefusal("invalid_cursor")
        if not limit.isdecimal() or not 0 <= int(limit) <= MOST_PER_PAGE:
            raise SlackRefusal("invalid_limit")
        start, size = int(cursor), int(limit) or default
        following = start + size
        return found[start:following], str(following) if following < len(found) else ""
