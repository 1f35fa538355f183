"""What the template tells a function through its environment."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sagewarden.application.targets import Target

if TYPE_CHECKING:
    from sagewarden.bootstrap import HubSettings
    from sagewarden.bots import Bot

POLICY = "/opt/governance.yaml"
"""Where Lambda unpacks the policy layer."""

PRICES = "prices.json"
"""The price file beside the policy: ``sagewarden prices refresh --file`` writes it, or nobody."""


class SettingsError(Exception):
    """The function's environment is not what its template should have made it."""


def home(function_arn: str) -> Target:
    """Where a function runs, as its own ARN says it: no call is needed.

    Raises:
        SettingsError: It is no function's ARN.
    """
    parts = function_arn.split(":")
    if len(parts) < 7 or parts[2] != "lambda":  # noqa: PLR2004 - arn:aws:lambda:region:account:function:name
        raise SettingsError(f"invoked_function_arn: {function_arn!r} is no ARN of a function")
    return Target(account=parts[4], region=parts[3])


def hub_settings(function_arn: str) -> "HubSettings":
    """The settings of a bot's function.

    Not every function has them: what they come with is imported here.

    Raises:
        SettingsError: A variable is missing or wrong.
    """
    from sagewarden.bootstrap import HubSettings  # noqa: PLC0415 - see above

    zone = variable("NOTICE_TIMEZONE")
    try:
        notice_zone = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(f"NOTICE_TIMEZONE: {zone!r} is no IANA zone such as UTC") from error
    return HubSettings(
        notices_queue=os.environ.get("NOTICES_QUEUE") or None,
        home=home(function_arn),
        table=variable("LEDGER_TABLE"),
        archive=variable("ARCHIVE_BUCKET"),
        topic=variable("NOTICES_TOPIC"),
        dead_letters=variable("DEAD_LETTERS_QUEUE"),
        zone=notice_zone,
        spoke_role=variable("SPOKE_ROLE"),
        external_id=variable("SPOKE_EXTERNAL_ID"),
        prices=policy_file().with_name(PRICES),
    )


def policy_file() -> Path:
    """The policy's file: the policy layer's, unless POLICY_FILE names another."""
    return Path(os.environ.get("POLICY_FILE", POLICY))


def queue_url(bot: "Bot") -> str:
    """The URL of a bot's queue.

    Raises:
        SettingsError: The dispatcher was not told.
    """
    return variable(bot.queue_variable)


def variable(name: str) -> str:
    """The value of an environment variable.

    Raises:
        SettingsError: It is missing.
    """
    value = os.environ.get(name)
    if not value:
        raise SettingsError(f"environment variable {name} is missing: the template sets it")
    return value
