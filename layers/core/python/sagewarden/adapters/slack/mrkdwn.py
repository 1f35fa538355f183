"""Text in Slack's mrkdwn that says what it says, whatever it holds.

Formatting, links and mentions are Slack's ("Formatting text for app surfaces"): the characters
``&``, ``<`` and ``>`` are escaped there; names are shown as code, so that nothing in them formats.
"""

from datetime import UTC, datetime

LONGEST_NAME = 150


def escaped(text: str) -> str:
    """Text with Slack's three control characters escaped: no link and no mention arises."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """A name as code: one line, without backticks of its own."""
    line = " ".join(text.split()).replace("`", "'")
    return f"`{escaped(line[:LONGEST_NAME])}`"


def mention(user_id: str) -> str:
    """A mention of a person, by the id that Slack gave them: never what somebody wrote."""
    return f"<@{user_id}>"


def group_mention(group_id: str) -> str:
    """A mention of a user group, by the id that Slack gave it: never what somebody wrote."""
    return f"<!subteam^{group_id}>"


def moment(at: datetime) -> str:
    """A moment in its reader's own time zone, or in UTC where Slack cannot tell it."""
    stamp = int(at.timestamp())
    plain = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{stamp}^{{date_short_pretty}} {{time}}|{plain}>"
