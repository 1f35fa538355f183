"""Lengths of time in words."""

from collections.abc import Iterator
from datetime import timedelta

_MANY = 999.5
"""Hours from which three figures would be written with an exponent."""


def spoken(length: timedelta) -> str:
    """A length of time in words, such as ``1 d 12 h``."""
    return " ".join(_parts(length)) or "0 s"


def hours(length: timedelta) -> str:
    """A length of time in hours, to three figures or the hour, such as ``1.5 h`` or ``1,200 h``."""
    number = length / timedelta(hours=1)
    return f"{number:.3g} h" if number < _MANY else f"{number:,.0f} h"


def _parts(length: timedelta) -> Iterator[str]:
    rest = int(length.total_seconds())
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, seconds)
        if count:
            yield f"{count} {unit}"
