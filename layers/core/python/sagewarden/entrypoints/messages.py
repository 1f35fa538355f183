"""The messages between scheduler, dispatcher and bots: versioned, checked, refused with a place."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sagewarden.application.targets import Target
from sagewarden.bots import Bot, find_bot

VERSION = 1
"""Of all messages. A function of one version leaves the other's alone: they end in the DLQ."""

_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}")


class MessageError(Exception):
    """A message is not what it should be; it says where, what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """Asks one bot for one sweep.

    Attributes:
        bot: The bot.
        target: Where.
        run: The dispatcher's request id: the same for all messages of one wake-up.
    """

    bot: Bot
    target: Target
    run: str

    def body(self) -> str:
        """The message's text."""
        content = {
            "version": VERSION,
            "bot": self.bot.name,
            "account": self.target.account,
            "region": self.target.region,
            "run": self.run,
        }
        return json.dumps(content, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """Asks the advisor about one account.

    Attributes:
        monday: The first day of the week.
        account: The account.
        run: The request id of who asked: the same for all messages of one wake-up.
    """

    monday: date
    account: str
    run: str

    def body(self) -> str:
        """The message's text."""
        return _advice_body(self.monday, self.run, "account", self.account)


@dataclass(frozen=True, slots=True)
class AdviceClosing:
    """Asks the advisor to close a week, whoever has not answered by then.

    Attributes:
        monday: The first day of the week.
        closes: When (aware).
        run: As of the requests of the same wake-up.
    """

    monday: date
    closes: datetime
    run: str

    def body(self) -> str:
        """The message's text."""
        return _advice_body(self.monday, self.run, "closes", self.closes.isoformat())


def _advice_body(monday: date, run: str, name: str, value: str) -> str:
    content = {"version": VERSION, "monday": monday.isoformat(), name: value, "run": run}
    return json.dumps(content, separators=(",", ":"))


def read_wake_up(event: object) -> Bot:
    """The bot that a schedule wakes.

    Raises:
        MessageError: The event is no wake-up.
    """
    return _bot(_fields(event, "event", {"version", "bot"}, {"execution"}), "event")


def execution_of(event: Mapping[str, Any]) -> str | None:
    """By which EventBridge Scheduler knows a wake-up; None where somebody else woke the bot."""
    execution = event.get("execution")
    return str(execution) if execution else None


def read_weekly(event: object) -> None:
    """Check that an event is a weekly wake-up: the reporter's or the advisor's.

    Raises:
        MessageError: It is none.
    """
    _fields(event, "event", {"version"})


def read_sweep_request(body: str) -> SweepRequest:
    """Read a message of a bot's queue.

    Raises:
        MessageError: It is no request for a sweep.
    """
    fields = _fields(_content(body), "body", {"version", "bot", "account", "region", "run"})
    account = _matching(fields, "account", _ACCOUNT, "an account id of 12 digits")
    region = _matching(fields, "region", _REGION, "a region such as us-east-1")
    return SweepRequest(_bot(fields, "body"), Target(account, region), _text(fields, "run"))


def read_advice_message(body: str) -> AdviceRequest | AdviceClosing:
    """Read a message of the advisor's queue.

    Raises:
        MessageError: It is none.
    """
    content = _content(body)
    if isinstance(content, dict) and "closes" in content:
        fields = _fields(content, "body", {"version", "monday", "closes", "run"})
        return AdviceClosing(_monday(fields), _moment(fields, "closes"), _text(fields, "run"))
    fields = _fields(content, "body", {"version", "monday", "account", "run"})
    account = _matching(fields, "account", _ACCOUNT, "an account id of 12 digits")
    return AdviceRequest(_monday(fields), account, _text(fields, "run"))


def _content(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError as error:
        raise MessageError(f"body: it is no JSON ({error}); send a JSON object") from error


def _fields(
    content: object, place: str, names: set[str], optional: Collection[str] = ()
) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise MessageError(f"{place}: it is a {kind}; send an object with {sorted(names)}")
    if missing := names - content.keys():
        raise MessageError(f"{place}: {sorted(missing)} missing; send {sorted(names)}")
    if unknown := content.keys() - names - set(optional):
        raise MessageError(f"{place}: {sorted(unknown)} not known; send only {sorted(names)}")
    if content["version"] != VERSION:
        raise MessageError(
            f"{place}.version: {content['version']!r} is not {VERSION}; deploy sender and "
            "receiver together"
        )
    return content


def _bot(fields: Mapping[str, Any], place: str) -> Bot:
    try:
        return find_bot(fields["bot"])
    except ValueError as error:
        raise MessageError(f"{place}.{error}") from error


def _matching(fields: Mapping[str, Any], name: str, form: re.Pattern[str], right: str) -> str:
    value = _text(fields, name)
    if not form.fullmatch(value):
        raise MessageError(f"body.{name}: {value!r} is not {right}")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise MessageError(f"body.{name}: {value!r} is no text; send a text")
    return value


def _monday(fields: Mapping[str, Any]) -> date:
    text = _text(fields, "monday")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MessageError(f"body.monday: {text!r} is no day such as 2026-11-23") from error


def _moment(fields: Mapping[str, Any], name: str) -> datetime:
    text = _text(fields, name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MessageError(f"body.{name}: {text!r} is no ISO 8601 time") from error
    if moment.tzinfo is None:
        raise MessageError(f"body.{name}: {text!r} has no offset from UTC; send one")
    return moment
