"""Time zones as Cloud Custodian's off-hours tags name them.

Facts: Cloud Custodian 0.9.53, documentation of the off-hours filters and measured answers.
Daylight names and standard names mean the same zone: ``est`` and ``edt`` both follow New York.
"""

import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sagewarden.domain.schedules.reading import InvalidScheduleError

ALIASES = {
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "mt": "America/Denver",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "ct": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "at": "America/Phoenix",
    "ast": "America/Phoenix",
    "gt": "Etc/GMT",
    "gmt": "Etc/GMT",
    "utc": "Etc/UTC",
    "bst": "Europe/London",
    "ist": "Europe/Dublin",
    "cet": "Europe/Berlin",
    "it": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "aet": "Australia/Sydney",
    "brt": "America/Sao_Paulo",
    "nzst": "Pacific/Auckland",
}
"""Short names that Custodian has a meaning of its own for."""

_OFFSET = re.compile(r"(?:etc/)?(?:utc|gmt)([+-])(\d{1,2})", re.IGNORECASE)
_MOST_HOURS = 14


def find_zone(name: str, where: str) -> ZoneInfo:
    """Find a zone by Custodian's rules.

    Short names and lower-case IANA names are known; of other spellings only those whose words
    begin with capitals, such as ``America/New_York``. An offset has the POSIX sign, as in
    ``Etc/GMT+8``: ``utc-5`` is five hours *east* of Greenwich.

    Raises:
        InvalidScheduleError: Custodian knows no such zone; it names `where`.
    """
    zone = _find(name)
    if zone is None:
        raise InvalidScheduleError(
            where,
            f"{name!r} is no zone to Cloud Custodian",
            "use a short name such as et, or an IANA name in lower case such as asia/seoul",
        )
    return zone


def _find(name: str) -> ZoneInfo | None:
    if alias := ALIASES.get(name):
        return ZoneInfo(alias)
    if zone := _by_lower_case().get(name):
        return ZoneInfo(zone)
    if name == name.title() and name in available_timezones():
        return ZoneInfo(name)
    if match := _OFFSET.fullmatch(name):
        return _offset(match.group(1), int(match.group(2)))
    return None


def _offset(sign: str, hours: int) -> ZoneInfo | None:
    if hours > _MOST_HOURS or (hours > _MOST_HOURS - 2 and sign == "+"):
        return None
    return ZoneInfo(f"Etc/GMT{sign}{hours}" if hours else "Etc/GMT")


@cache
def _by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in sorted(available_timezones())}
