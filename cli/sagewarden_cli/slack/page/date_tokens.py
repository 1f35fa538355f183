"""Slack's date tokens, as the reader sees them: in his time zone and language.

https://docs.slack.dev/messaging/formatting-message-text, section Date formatting.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

_TOKEN = re.compile(r"\{(\w+)\}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KOREAN_DAYS = "월화수목금토일"
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_KOREAN_NEAR = {-1: "어제", 0: "오늘", 1: "내일"}
_NOON = 12
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def rendered(form: str, at: datetime, now: datetime, locale: str) -> str:
    """Return a date format string with its tokens filled in.

    Args:
        form: Such as ``{date_short_pretty} at {time}``.
        at: The moment that is told, in the reader's time zone.
        now: The present, in the same zone.
        locale: The reader's; Korean and English are known.

    Raises:
        KeyError: There is no such token.
    """
    korean = locale.lower().startswith("ko")
    return _TOKEN.sub(lambda found: _part(found[1], at, now, korean=korean), form)


def _part(name: str, at: datetime, now: datetime, *, korean: bool) -> str:
    plain = name.removesuffix("_pretty")
    if plain != name:
        near = (_KOREAN_NEAR if korean else _NEAR).get((at.date() - now.date()).days)
        if near is not None:
            return near
        plain = "date_long" if plain == "day_divider" else plain
    if name == "ago":
        return _ago(at - now, korean=korean)
    return (_KOREAN if korean else _ENGLISH)[plain](at)


def _clock(at: datetime, *, with_seconds: bool = False) -> str:
    hour = at.hour % _NOON or _NOON
    return f"{hour}:{at:%M:%S}" if with_seconds else f"{hour}:{at:%M}"


def _english_time(at: datetime, *, with_seconds: bool = False) -> str:
    half = "AM" if at.hour < _NOON else "PM"
    return f"{_clock(at, with_seconds=with_seconds)} {half}"


def _korean_time(at: datetime, *, with_seconds: bool = False) -> str:
    half = "오전" if at.hour < _NOON else "오후"
    return f"{half} {_clock(at, with_seconds=with_seconds)}"


def _ordinal(day: int) -> str:
    teens = range(11, 14)
    ending = "th" if day in teens else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _english_date(at: datetime) -> str:
    return f"{_MONTHS[at.month - 1]} {_ordinal(at.day)}, {at.year}"


def _korean_date(at: datetime) -> str:
    return f"{at.year}년 {at.month}월 {at.day}일"


_ENGLISH: dict[str, Callable[[datetime], str]] = {
    "date": _english_date,
    "date_num": lambda at: f"{at:%Y-%m-%d}",
    "date_slash": lambda at: f"{at:%m/%d/%Y}",
    "date_short": lambda at: f"{_MONTHS[at.month - 1][:3]} {at.day}, {at.year}",
    "date_long": lambda at: f"{_DAYS[at.weekday()]}, {_english_date(at)}",
    "date_long_full": lambda at: f"{_MONTHS[at.month - 1]} {at.day}, {at.year}",
    "time": _english_time,
    "time_secs": lambda at: _english_time(at, with_seconds=True),
}
_KOREAN: dict[str, Callable[[datetime], str]] = {
    "date": _korean_date,
    "date_num": lambda at: f"{at:%Y-%m-%d}",
    "date_slash": lambda at: f"{at:%Y/%m/%d}",
    "date_short": _korean_date,
    "date_long": lambda at: f"{_korean_date(at)} {_KOREAN_DAYS[at.weekday()]}요일",
    "date_long_full": _korean_date,
    "time": _korean_time,
    "time_secs": lambda at: _korean_time(at, with_seconds=True),
}


def _ago(distance: timedelta, *, korean: bool) -> str:
    seconds = abs(int(distance.total_seconds()))
    units = ((_DAY, "day", "일"), (_HOUR, "hour", "시간"), (_MINUTE, "minute", "분"))
    fitting = next((unit for unit in units if seconds >= unit[0]), None)
    if fitting is None:
        return "방금" if korean else "just now"
    size, english, hangul = fitting
    count = seconds // size
    is_past = distance < timedelta(0)
    if korean:
        return f"{count}{hangul} {'전' if is_past else '후'}"
    told = f"{count} {english}{'s' * (count > 1)}"
    return f"{told} ago" if is_past else f"in {told}"
