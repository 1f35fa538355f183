"""The grammar of Cloud Custodian's off-hours tags.

A value is ``on`` or empty, ``off``, or ``;``-joined ``off=<hours>``, ``on=<hours>``, ``tz=<zone>``,
where hours are ``(days,hour)`` or a list of them. Letter case and quotes do not matter. Characters
that a tag may not hold are written as ``u28`` and the like.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sagewarden.domain.schedules.reading import InvalidScheduleError

EXAMPLE = "off=(M-F,19);on=(M-F,7);tz=et"
LEGAL_EXAMPLE = "off=M-Fu2c19u3bon=M-Fu2c7u3btz=et"
"""The example as a SageMaker tag may hold it: ``( ) [ ] , ;`` are not legal there."""

KEYS = ("off", "on", "tz")
TOLERATED_WORDS = ("on", "offhours", "onhours")
"""Words that may stand beside ``tz=``; Custodian's own examples have them there."""

_ESCAPES = {
    "u28": "(",
    "u29": ")",
    "u5b": "[",
    "u5d": "]",
    "u2c": ",",
    "u3b": ";",
    "u3d": "=",
    "u2f": "/",
    "u2d": "-",
}
_ESCAPE = re.compile("|".join(_ESCAPES))
_DAY_NAMES = "mtwhfsu"
_ENTRY = re.compile(rf"([{_DAY_NAMES}])(?:-([{_DAY_NAMES}]))?,0*([0-9]|1[0-9]|2[0-3])")


class Kind(StrEnum):
    """The two kinds of events that a tag may name."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class HourRule:
    """An hour of the day on some weekdays (0 is Monday)."""

    days: frozenset[int]
    hour: int


@dataclass(frozen=True, slots=True)
class Tag:
    """What the value of a tag says.

    Attributes:
        zone: The zone it names, if it names one.
        opted_out: Whether it is ``off``.
        hours: The hours it gives of a kind; a kind it leaves to the defaults is missing, and one
            that Custodian would read by the clock of its own host is empty.
    """

    zone: str | None = None
    opted_out: bool = False
    hours: Mapping[Kind, tuple[HourRule, ...]] = field(
        default_factory=dict[Kind, tuple[HourRule, ...]]
    )


def read_tag(value: str, kinds: Collection[Kind], where: str) -> Tag:
    """Read the value of an off-hours tag, escaped or not.

    Args:
        value: The value; empty means ``on``.
        kinds: The kinds of hours to read. Custodian's two filters each read the tag for
            themselves; with one kind, what is wrong with the other does not matter.
        where: What an error calls the value.

    Raises:
        InvalidScheduleError: The value cannot be read. Custodian takes words that say nothing,
            such as ``never``, for "on"; they are refused here.
    """
    text = _normalised(value)
    if text == "off":
        return Tag(opted_out=True)
    named = _assignments(text)
    if named == {"tz": ""}:
        raise InvalidScheduleError(
            f"{where}={text}",
            "tz= is empty, and Custodian would follow the clock of its own host",
            "name a zone, as in tz=et",
        )
    if len(kinds) > 1 or not named:
        _refuse_stray_words(text, named, where)
    for key in named:
        if key not in KEYS:
            raise InvalidScheduleError(
                f"{where}={text}", f"{key!r} is no key", f"use off, on and tz: {EXAMPLE}"
            )
    zone = named.get("tz")
    hours: dict[Kind, tuple[HourRule, ...]] = {}
    for kind in kinds:
        if kind in named:
            hours |= {kind: (), **_given_hours(text, where)}
        elif zone == "":
            hours[kind] = ()
    return Tag(zone or None, hours={kind: hours[kind] for kind in kinds if kind in hours})


def _normalised(value: str) -> str:
    """A tag value in lower case, without enclosing quotes and with its escapes undone."""
    bare = value.lower().strip("'").strip('"')
    return _ESCAPE.sub(lambda match: _ESCAPES[match.group()], bare)


def _assignments(text: str) -> dict[str, str]:
    """What the words of a value assign to their keys; other words are passed over."""
    pairs = (word.split("=") for word in re.split("[ ;]", text))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}  # noqa: PLR2004 - key and value


def _refuse_stray_words(text: str, named: Mapping[str, str], where: str) -> None:
    words = [word for word in re.split("[ ;]", text) if word.count("=") != 1]
    stray = [word for word in words if word and word not in TOLERATED_WORDS]
    if text not in {"", "on"} and (stray or not named):
        raise InvalidScheduleError(
            f"{where}={text}",
            f"{(stray or [text])[0]!r} says neither on nor off",
            f"write on, off, or hours as in {EXAMPLE}",
        )


def _given_hours(text: str, where: str) -> dict[Kind, tuple[HourRule, ...]]:
    """Read hours strictly: nothing but ``;``-joined assignments may stand beside them."""
    found: dict[Kind, tuple[HourRule, ...]] = {}
    for piece in filter(None, text.split(";")):
        key, equals, value = piece.partition("=")
        if not equals or "=" in value:
            raise InvalidScheduleError(
                f"{where}={text}",
                f"{piece!r} is no assignment to off, on or tz",
                f"join them with ; and without spaces: {EXAMPLE}",
            )
        if key != "tz":
            rules = tuple(_entries(value, f"{where}, {key}={value}"))
            found |= {Kind(key): rules} if key in KEYS else {}
    return found


def _entries(text: str, where: str) -> Iterator[HourRule]:
    without_brackets = text.replace("[", "").replace("]", "")
    for entry in without_brackets.split(",("):
        match = _ENTRY.fullmatch(entry.replace("(", "").replace(")", ""))
        if match is None:
            raise InvalidScheduleError(
                where,
                f"{entry!r} is no (days,hour)",
                "days are one of M T W H F S U or a range such as M-F, the hour is 0 to 23",
            )
        first = _DAY_NAMES.index(match.group(1))
        last = _DAY_NAMES.index(match.group(2) or match.group(1))
        length = (last - first) % 7
        yield HourRule(
            frozenset((first + step) % 7 for step in range(length + 1)), int(match.group(3))
        )
