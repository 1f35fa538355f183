"""Values of a JSON or YAML file that know their place, so that an error can name it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import yaml

_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


class UnreadableFileError(Exception):
    """A file cannot be used; the message names the file, the place, and what would be right."""


@dataclass(frozen=True, slots=True)
class Located:
    """A value and its place in its file.

    Attributes:
        value: What the file says.
        where: The place, for example ``plan.json: actions[3].resource``.
    """

    value: object
    where: str

    def wrong(self, wanted: str) -> UnreadableFileError:
        """The error that says what would be right here."""
        shown = repr(self.value)
        if len(shown) > 60:  # noqa: PLR2004 - a longer value would hide the message
            shown = f"{shown[:57]}..."
        return UnreadableFileError(f"{self.where}: {shown} should be {wanted}")

    def child(self, key: str) -> "Located":
        """A field that must be there."""
        found = self.optional(key)
        if found is None:
            raise UnreadableFileError(f"{self.where}: the field {key!r} is missing")
        return found

    def optional(self, key: str) -> "Located | None":
        """A field that may be missing or null."""
        value = self.mapping().get(key)
        return None if value is None else Located(value, self._below(key))

    def items(self) -> list["Located"]:
        """The entries of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return [Located(item, f"{self.where}[{index}]") for index, item in enumerate(self.value)]

    def mapping(self) -> Mapping[str, object]:
        """The fields of an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return {str(key): value for key, value in self.value.items()}

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def integer(self) -> int:
        """A whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("a whole number")
        return self.value

    def number(self) -> float:
        """A number."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self.wrong("a number")
        return self.value

    def boolean(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def moment(self) -> datetime:
        """An aware time in ISO 8601."""
        right = "a time with its offset, such as 2026-11-21T09:00:00+09:00"
        try:
            found = datetime.fromisoformat(self.text())
        except ValueError as error:
            raise self.wrong(right) from error
        if found.tzinfo is None:
            raise self.wrong(right)
        return found

    def one_of[Choice: StrEnum](self, choices: type[Choice]) -> Choice:
        """One of a set of words."""
        if isinstance(self.value, str) and self.value in {choice.value for choice in choices}:
            return choices(self.value)
        raise self.wrong(f"one of {', '.join(choices)}")

    def _below(self, key: str) -> str:
        return f"{self.where}: {key}" if ": " not in self.where else f"{self.where}.{key}"


def read_json_file(path: Path) -> Located:
    """Read a JSON file.

    Raises:
        UnreadableFileError: It cannot be read, or is no JSON.
    """
    try:
        return Located(json.loads(_text(path)), str(path))
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise UnreadableFileError(f"{place}: this is no JSON: {error.msg}") from error


def read_yaml_file(path: Path) -> Located:
    """Read a YAML file; every scalar stays the text that was written.

    YAML 1.1 would turn an unquoted ``18:00`` into 1080 and ``on`` into true.

    Raises:
        UnreadableFileError: It cannot be read, or is no YAML.
    """
    try:
        content = yaml.load(_text(path), Loader=_LOADER)  # noqa: S506 - it makes only text
        return Located(content, str(path))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise UnreadableFileError(f"{place}: this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise UnreadableFileError(f"{path}: this is no YAML: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path}: cannot be read: it is not UTF-8 text") from error
