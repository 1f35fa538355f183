"""Lengths of time in words."""

from collections.abc import Iterator
from datetime import timedelta


def spoken(length: timedelta) -> str:
    """A length of time in words, such as ``1 d 12 h``."""
    return " ".join(_parts(length)) or "0 s"


def hours(length: timedelta) -> str:
    """A length of time in hours, such as ``1.5 h``."""
    return f"{length / timedelta(hours=1):.3g} h"


def _parts(length: timedelta) -> Iterator[str]:
    rest = int(length.total_seconds())
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, seconds)
        if count:
            yield f"{count} {unit}"
