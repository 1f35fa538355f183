"""Reading the JSON of an event so that an error names its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


class EventError(ValueError):
    """An event cannot be read; the message names the place and what would be right there."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A value of an event, and its place.

    Members are found in any letter case: CloudTrail writes ``instanceType`` where the API and
    SageMaker's own events write ``InstanceType``.

    Attributes:
        value: What stands there; None when nothing does.
        place: For example ``detail.userIdentity``.
    """

    value: object
    place: str = ""

    def member(self, key: str) -> "Fields":
        """A member, or nothing when there is none.

        Raises:
            EventError: This is neither an object nor nothing.
        """
        return Fields(_member(self.mapping(), key), f"{self.place}.{key}" if self.place else key)

    def at(self, *keys: str) -> "Fields":
        """A member of a member."""
        found = self
        for key in keys:
            found = found.member(key)
        return found

    def mapping(self) -> Mapping[str, object]:
        """The members; none where nothing stands.

        Raises:
            EventError: This is neither an object nor nothing.
        """
        if self.value is None:
            return {}
        if not isinstance(self.value, Mapping):
            raise self.wrong("an object")
        return self.value

    def optional_text(self) -> str | None:
        """A text, or None where nothing or an empty text stands.

        Raises:
            EventError: Something else stands there.
        """
        if self.value is not None and not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value or None

    def text(self) -> str:
        """A text that must be there.

        Raises:
            EventError: It is not.
        """
        found = self.optional_text()
        if found is None:
            raise self.wrong("text")
        return found

    def moment(self) -> datetime:
        """An aware time in ISO 8601.

        Raises:
            EventError: It is none.
        """
        right = "a time such as 2026-11-21T02:15:30Z"
        try:
            found = datetime.fromisoformat(self.text())
        except ValueError as error:
            raise self.wrong(right) from error
        if found.tzinfo is None:
            raise self.wrong(right)
        return found

    def wrong(self, wanted: str) -> EventError:
        """The error that says what would be right here."""
        where = f"{self.place}: " if self.place else ""
        if self.value is None:
            return EventError(f"{where}it is missing; it should be {wanted}")
        shown = repr(self.value)
        if len(shown) > 60:  # noqa: PLR2004 - a longer value would hide the message
            shown = f"{shown[:57]}..."
        return EventError(f"{where}{shown} should be {wanted}")


def _member(members: Mapping[str, object], key: str) -> object:
    if key in members:
        return members[key]
    folded = key.lower()
    return next((value for name, value in members.items() if name.lower() == folded), None)
