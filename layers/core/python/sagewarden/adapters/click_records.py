"""How clicks and commands are written down for a queue, and read from it."""

import json
from datetime import date, datetime
from typing import Any

from sagewarden.domain.cards import Click
from sagewarden.domain.clicks import Asked, Command

VERSION = 1


class ClickFormatError(ValueError):
    """A message is no click and no command of this version."""


def click_body(asked: Asked | Command) -> str:
    """Write down a click or a command."""
    content: dict[str, Any] = {
        "version": VERSION,
        "user": asked.user,
        "name": asked.name,
        "channel": asked.channel,
        "at": asked.at.isoformat(),
    }
    if isinstance(asked, Command):
        content["words"] = asked.words
    else:
        content |= {
            "click": asked.click.value,
            "case": asked.case_id,
            "until": asked.until.isoformat() if asked.until else None,
            "why": asked.why,
            "run": asked.run,
        }
    return json.dumps(content, sort_keys=True)


def read_click(body: str) -> Asked | Command:
    """Read a click or a command.

    Raises:
        ClickFormatError: It is none of this version.
    """
    try:
        content = _of_this_version(json.loads(body))
        at = datetime.fromisoformat(content["at"])
        who = (content["user"], content["name"], content["channel"], at)
        if "words" in content:
            return Command(content["words"], *who)
        until = date.fromisoformat(content["until"]) if content["until"] else None
        why, run = content["why"], content.get("run")
        return Asked(Click(content["click"]), content["case"], *who, until, why, run)
    except ClickFormatError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise ClickFormatError(f"{type(error).__name__}: {error}") from error


def _of_this_version(content: Any) -> Any:  # noqa: ANN401 - any JSON
    if content["version"] != VERSION:
        raise ClickFormatError(f"version: {content['version']!r} is not {VERSION}")
    return content
