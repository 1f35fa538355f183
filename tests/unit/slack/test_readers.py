"""Readers whom Slack describes in ways that the local Slack does not."""

from typing import Any

import pytest
from slack_sdk import WebClient

from sagewarden.adapters.slack.readers import SlackReaders, UserGroups
from sagewarden.domain.owners import Owners
from tests.support.builders import NOW
from tests.support.fakes import HandClock


class OneUser(WebClient):
    """A client that knows one person."""

    def __init__(self, **known: str) -> None:
        super().__init__()
        self._known = known

    def api_call(self, api_method: str, **_: Any) -> Any:
        if api_method == "users.info":
            return {"user": {"id": "U0123ABCD", **self._known}}
        return {"channel": {"id": "D0123ABCD"}}


@pytest.mark.parametrize("known", [{}, {"tz": "Mars/Olympus"}, {"tz": "../etc/passwd"}])
def test_whose_time_zone_is_not_known_here_has_none(known: dict[str, str]) -> None:
    readers = SlackReaders(OneUser(**known), Owners(), UserGroups(HandClock(NOW)), "ko-KR")

    reader = readers.reader("U0123ABCD", None)

    assert (reader.zone, reader.user, reader.locale) == (None, "U0123ABCD", "ko-KR")
