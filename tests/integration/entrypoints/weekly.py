"""Who is told once a week: ops and two teams, each in a channel of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sagewarden_cli.slack import LocalSlack
from tests.integration.entrypoints.conftest import Stack
from tests.integration.entrypoints.slack_stack import SlackStack, add_slack

WAKE_UP = {"version": 1}
CHANNELS = ("ml-costs", "team-vision", "team-search")
OWNERS = """\
owners:
  fallback_channel: "#ml-costs"
  teams: {vision: "#team-vision", search: "#team-search"}
"""


@contextmanager
def in_slack(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStack]:
    """Let a stack talk in a workspace that has these channels."""
    with LocalSlack(stack.clock) as slack:
        slack.add_user("ops", email="ops@example.com")
        for channel in CHANNELS:
            slack.add_channel(channel, ["ops"])
        yield add_slack(stack, slack, monkeypatch)


def told(talking: SlackStack) -> dict[str, list[str]]:
    """The titles of what each channel has."""
    return {name: [message.text for message in talking.slack.messages(name)] for name in CHANNELS}
