"""A function's environment is complete, or the error names what is missing."""

from pathlib import Path

import pytest

from sagewarden.application.targets import Target
from sagewarden.bots import NOTEBOOK_HOURS
from sagewarden.entrypoints.settings import (
    SettingsError,
    home,
    hub_settings,
    policy_file,
    queue_url,
)
from sagewarden.entrypoints.slack_settings import slack_settings
from sagewarden.slack_bootstrap.access import SlackSettings

ARN = "arn:aws-cn:lambda:cn-north-1:111122223333:function:a-function"
VARIABLES = {
    "LEDGER_TABLE": "ledger",
    "ARCHIVE_BUCKET": "archive",
    "NOTICES_TOPIC": "arn:aws-cn:sns:cn-north-1:111122223333:notices",
    "DEAD_LETTERS_QUEUE": "https://dead-letters",
    "NOTICE_TIMEZONE": "Asia/Seoul",
    "SPOKE_ROLE": "sagewarden-spoke",
    "SPOKE_EXTERNAL_ID": "sagewarden",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_function_learns_from_its_own_arn_where_it_runs() -> None:
    assert home(ARN) == Target("111122223333", "cn-north-1")


@pytest.mark.parametrize("text", ["", "a-function", "arn:aws:sqs:us-east-1:111122223333:queue:x"])
def test_what_is_no_functions_arn_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is no ARN of a function"):
        home(text)


@pytest.mark.usefixtures("environment")
def test_settings_come_from_the_environment() -> None:
    settings = hub_settings(ARN)

    assert (settings.table, settings.zone.key) == ("ledger", "Asia/Seoul")
    assert settings.notices_queue is None  # owners are told by SNS


def test_owners_are_told_in_slack_where_there_is_a_queue_for_it(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("NOTICES_QUEUE", "https://notices.fifo")

    assert hub_settings(ARN).notices_queue == "https://notices.fifo"


def test_settings_of_slack_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_SECRET", "arn:a-secret")

    assert slack_settings() == SlackSettings("arn:a-secret", None, "en-US")
    environment.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")
    environment.setenv("SLACK_LOCALE", "ko-KR")
    assert slack_settings() == SlackSettings("arn:a-secret", "http://127.0.0.1:1/api/", "ko-KR")


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_is_missing_is_named(name: str, environment: pytest.MonkeyPatch) -> None:
    environment.delenv(name)

    with pytest.raises(SettingsError, match=f"environment variable {name} is missing"):
        hub_settings(ARN)


@pytest.mark.parametrize("zone", ["Seoul", "../etc/passwd", "Asia"])
def test_a_zone_that_does_not_exist_is_refused(zone: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NOTICE_TIMEZONE", zone)

    with pytest.raises(SettingsError, match=r"NOTICE_TIMEZONE: .* is no IANA zone such as UTC"):
        hub_settings(ARN)


def test_the_policy_is_the_layers_unless_another_is_named(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.delenv("POLICY_FILE", raising=False)
    assert policy_file() == Path("/opt/governance.yaml")

    environment.setenv("POLICY_FILE", "/tmp/mine.yaml")  # noqa: S108 - only a name
    assert policy_file() == Path("/tmp/mine.yaml")  # noqa: S108 - only a name


def test_the_dispatcher_must_be_told_of_a_bots_queue(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="QUEUE_NOTEBOOK_HOURS is missing"):
        queue_url(NOTEBOOK_HOURS)

    environment.setenv("QUEUE_NOTEBOOK_HOURS", "https://queue")
    assert queue_url(NOTEBOOK_HOURS) == "https://queue"
