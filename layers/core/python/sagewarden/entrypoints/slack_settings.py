"""What the template tells a function of Slack through its environment."""

import os

from sagewarden.entrypoints.settings import variable
from sagewarden.slack_bootstrap.access import SlackSettings


def slack_settings() -> SlackSettings:
    """The settings of a function that speaks with Slack.

    Raises:
        SettingsError: A variable is missing.
    """
    return SlackSettings(
        secret=variable("SLACK_SECRET"),
        api_url=os.environ.get("SLACK_API_URL") or None,
        locale=os.environ.get("SLACK_LOCALE") or "en-US",
    )


def clicks_queue_url() -> str:
    """The URL of the queue of clicks and commands.

    Raises:
        SettingsError: The function was not told.
    """
    return variable("CLICKS_QUEUE")


def restores_queue_url() -> str | None:
    """The URL of the queue of wishes to restore; None where clicks do not restore."""
    return os.environ.get("RESTORES_QUEUE") or None
