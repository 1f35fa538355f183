"""A workspace with three people, two channels and a group, and an app that notes what it gets."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sagewarden_cli.slack import LocalSlack
from tests.support.fakes import HandClock
from tests.support.slack_app import RecordingApp

MONDAY_NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(MONDAY_NINE)


@pytest.fixture
def app() -> RecordingApp:
    return RecordingApp()


@pytest.fixture
def slack(clock: HandClock, app: RecordingApp) -> Iterator[LocalSlack]:
    with LocalSlack(clock, request_url=app) as slack:
        slack.add_user("mina", email="mina@example.com", tz="Asia/Seoul", locale="ko-KR")
        slack.add_user("tom", email="tom@example.com", tz="America/New_York")
        slack.add_user("ops", email="ops@example.com")
        slack.add_group("ml-platform", ["mina", "ops"])
        slack.add_channel("ml-costs", ["mina", "tom"])
        slack.add_channel("elsewhere", ["tom"], with_bot=False)
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return WebClient(slack.token, base_url=slack.url, retry_handlers=[])


@pytest.fixture
def refusal() -> Callable[..., dict[str, Any]]:
    """Return a caller that expects Slack to refuse, and gives back its answer."""

    def call(method: Callable[..., Any], **params: Any) -> dict[str, Any]:
        with pytest.raises(SlackApiError) as caught:
            method(**params)
        answer = caught.value.response.data
        assert isinstance(answer, dict)
        return answer

    return call
