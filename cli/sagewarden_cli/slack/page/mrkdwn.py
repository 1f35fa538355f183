"""Slack's text as HTML: what is markup becomes elements, everything else is escaped.

https://docs.slack.dev/messaging/formatting-message-text
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from sagewarden_cli.slack.directory import Directory, User
from sagewarden_cli.slack.page.date_tokens import rendered

EMOJI = {
    "alarm_clock": "⏰",
    "bell": "🔔",
    "calendar": "📆",
    "checkered_flag": "🏁",
    "hourglass_flowing_sand": "⏳",
    "information_source": "ℹ️",  # noqa: RUF001 - the emoji itself
    "leftwards_arrow_with_hook": "↩️",
    "lock": "🔒",
    "moneybag": "💰",
    "mag": "🔍",
    "no_entry": "⛔",
    "no_bell": "🔕",
    "octagonal_sign": "🛑",
    "question": "❓",
    "recycle": "♻️",
    "rotating_light": "🚨",
    "seedling": "🌱",
    "shield": "🛡️",
    "stopwatch": "⏱️",
    "tada": "🎉",
    "warning": "⚠️",
    "wastebasket": "🗑️",
    "wave": "👋",
    "white_check_mark": "✅",
    "x": "❌",
    "zzz": "💤",
}
"""The emoji that are shown as such; any other stays ``:name:``."""

_ATOM = re.compile(r"```(?P<fence>.+?)```|`(?P<code>[^`\n]+)`|<(?P<control>[^<>\n]+)>", re.DOTALL)
_KEPT = re.compile("[\ue000-\uf8ff]")
_FIRST_KEPT = 0xE000
_MOST_KEPT = 0xF8FF - _FIRST_KEPT
_STYLES = tuple(
    (re.compile(rf"(?<![\w{mark}]){mark}(?!\s)([^{mark}\n]+?)(?<!\s){mark}(?![\w{mark}])"), tag)
    for mark, tag in ((r"\*", "b"), ("_", "i"), ("~", "s"))
)
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_QUOTE = re.compile(r"(?:^&gt; ?[^\n]*(?:\n|\Z))+", re.MULTILINE)
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_DATE = re.compile(r"!date\^(?P<at>-?\d{1,12})\^(?P<form>[^^|]+)(?:\^(?P<link>[^|]+))?")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and when: mentions and dates are shown to somebody."""

    user: User
    directory: Directory
    now: datetime

    def local(self, at: datetime) -> datetime:
        """Return a moment in the reader's time zone."""
        return at.astimezone(ZoneInfo(self.user.tz))


def plain(text: str) -> Markup:
    """Return a plain_text as HTML: no markup but emoji."""
    return Markup(_with_emoji(_escaped(text)).replace("\n", "<br>"))  # noqa: S704 - escaped before


def mrkdwn(text: str, reader: Reader) -> Markup:
    """Return a mrkdwn text as HTML."""
    kept: list[str] = []

    def keep(element: str) -> str:
        kept.append(element)
        return chr(_FIRST_KEPT + len(kept) - 1)

    def atom(found: re.Match[str]) -> str:
        if len(kept) >= _MOST_KEPT:
            return found[0]
        if found["fence"] is not None:
            return keep(f"<pre>{_escaped(found['fence'].strip(chr(10)))}</pre>")
        if found["code"] is not None:
            return keep(f"<code>{_escaped(found['code'])}</code>")
        element = _control(found["control"], reader)
        return found[0] if element is None else keep(element)

    marked = _escaped(_ATOM.sub(atom, _KEPT.sub("", text)))
    marked = _QUOTE.sub(_quoted(keep), marked)
    for pattern, tag in _STYLES:
        marked = pattern.sub(rf"<{tag}>\1</{tag}>", marked)
    marked = _with_emoji(marked).replace("\n", "<br>")
    marked = _KEPT.sub(lambda mark: kept[ord(mark[0]) - _FIRST_KEPT], marked)
    return Markup(marked)  # noqa: S704 - every part has been escaped above


def _quoted(keep: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        lines = [line.removeprefix("&gt;").strip() for line in found[0].splitlines()]
        inner = "\n".join(lines)
        return f"{keep('<blockquote>')}{inner}{keep('</blockquote>')}"

    return replace


def _escaped(text: str) -> str:
    """Escape for HTML; the three entities of Slack's are the characters they stand for."""
    meant = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return html.escape(meant)


def _with_emoji(escaped: str) -> str:
    return _EMOJI.sub(lambda found: EMOJI.get(found[1], found[0]), escaped)


def _control(content: str, reader: Reader) -> str | None:
    """Return what stands between angle brackets as HTML; None when it is no markup."""
    target, _, label = content.partition("|")
    if target.startswith("!date^"):
        return _date(content, reader)
    if target.startswith("@"):
        user = reader.directory.users.get(target[1:])
        return _mention(f"@{user.name}" if user else label or target, user == reader.user)
    if target.startswith("#"):
        channel = reader.directory.channels.get(target[1:])
        return _mention(f"#{channel.name}" if channel else label or target, is_me=False)
    if target.startswith("!subteam^"):
        group = reader.directory.groups.get(target.removeprefix("!subteam^"))
        is_me = group is not None and reader.user.id in group.members
        return _mention(f"@{group.handle}" if group else label or target, is_me)
    if target in {"!here", "!channel", "!everyone"}:
        return _mention(f"@{target[1:]}", is_me=True)
    return _link(target, _escaped(label or target)) if _LINK.fullmatch(target) else None


def _mention(name: str, is_me: bool) -> str:  # noqa: FBT001 - a word of the page
    return f'<span class="mention{" me" if is_me else ""}">{_escaped(name)}</span>'


def _link(target: str, shown: str) -> str:
    return f'<a href="{_escaped(target)}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _date(content: str, reader: Reader) -> str | None:
    token, bar, fallback = content.partition("|")
    found = _DATE.fullmatch(token)
    if found is None or not bar:
        return None
    try:
        at = reader.local(datetime.fromtimestamp(int(found["at"]), UTC))
        told = rendered(found["form"], at, reader.local(reader.now), reader.user.locale)
    except (KeyError, OverflowError, ValueError):
        return _escaped(fallback)
    shown = f'<time title="{_escaped(at.isoformat())}">{_escaped(told)}</time>'
    link = found["link"]
    return _link(link, shown) if link and _LINK.fullmatch(link) else shown
