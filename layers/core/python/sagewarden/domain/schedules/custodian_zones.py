"""The time zone names that Cloud Custodian understands.

Its short names and its handling of letter case are facts about version 0.9.53, checked against
its answers: a name is one of the short names, or an IANA name in lower case or in title case, or
a POSIX offset such as `utc-5`.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sagewarden.domain.schedules.reading import InvalidScheduleError

SHORT_NAMES = {
    **dict.fromkeys(("pt", "pst", "pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("mt", "mst", "mdt"), "America/Denver"),
    **dict.fromkeys(("ct", "cst", "cdt"), "America/Chicago"),
    **dict.fromkeys(("et", "est", "edt"), "America/New_York"),
    **dict.fromkeys(("at", "ast"), "America/Phoenix"),
    **dict.fromkeys(("gt", "gmt"), "Etc/GMT"),
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
"""Places, not offsets: `est` and `edt` both follow New York through summer and winter."""

IRREGULAR_NAMES = (
    *("Africa/Dar_es_Salaam", "America/Argentina/ComodRivadavia", "America/Knox_IN"),
    *("America/Port-au-Prince", "America/Port_of_Spain", "Antarctica/DumontDUrville"),
    *("Antarctica/McMurdo", "Australia/ACT", "Australia/LHI", "Australia/NSW"),
    *("Brazil/DeNoronha", "CET", "CST6CDT", "Chile/EasterIsland", "EET", "EST", "EST5EDT"),
    *("Etc/GMT", "Etc/GMT0", "Etc/UCT", "Etc/UTC"),
    *(f"Etc/GMT+{hours}" for hours in range(13)),
    *(f"Etc/GMT-{hours}" for hours in range(15)),
    *("Europe/Isle_of_Man", "GB", "GB-Eire", "GMT", "GMT+0", "GMT-0", "GMT0", "HST", "MET"),
    *("MST", "MST7MDT", "Mexico/BajaNorte", "Mexico/BajaSur", "NZ", "NZ-CHAT", "PRC"),
    *("PST8PDT", "ROC", "ROK", "UCT", "US/Alaska", "US/Aleutian", "US/Arizona", "US/Central"),
    *("US/East-Indiana", "US/Eastern", "US/Hawaii", "US/Indiana-Starke", "US/Michigan"),
    *("US/Mountain", "US/Pacific", "US/Samoa", "UTC", "W-SU", "WET"),
)
"""The IANA names that are not in title case; named here so that no directory has to be listed."""

_BY_LOWER_CASE = {name.lower(): name for name in IRREGULAR_NAMES} | SHORT_NAMES
_IANA = re.compile(r"[A-Za-z0-9_+/-]{1,64}")
_POSIX = re.compile(r"(?:etc/)?[a-z]{3,}([+-]?)([0-9]{1,2})", re.IGNORECASE)


def find_zone(name: str, where: str) -> ZoneInfo:
    """Find the time zone that Cloud Custodian means by a name.

    Letter case counts as it does there: short names, and names not in title case, are known in
    lower case only. In an offset the sign is POSIX's: `utc-5` is five hours *ahead* of UTC.

    Args:
        name: The name; a tag's is lowered by the caller, a policy's is left as it is.
        where: The place to name in an error.

    Raises:
        InvalidScheduleError: There is no such zone, or it is an offset other than whole hours
            from twelve behind to fourteen ahead of UTC.
    """
    key = _BY_LOWER_CASE.get(name, name.title())
    if _IANA.fullmatch(key):
        try:
            return ZoneInfo(key)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            if (offset := _POSIX.fullmatch(name)) and (key := _whole_hours(offset)):
                return ZoneInfo(key)
    raise InvalidScheduleError(
        where,
        f"{name!r} is no zone to Cloud Custodian",
        "use a short name such as et, or an IANA name in lower case such as asia/seoul",
    )


def _whole_hours(offset: re.Match[str]) -> str:
    """The IANA name of a POSIX offset, whose sign is the same as POSIX's; empty if it has none."""
    name = f"Etc/GMT{offset[1] or '+'}{int(offset[2])}"
    return name if name in IRREGULAR_NAMES else ""
