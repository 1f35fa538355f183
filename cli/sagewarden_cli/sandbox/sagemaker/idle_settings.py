"""What Studio's idle shutdown may be set to."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from sagewarden_cli.sandbox.errors import ValidationException

_APPS = ("JupyterLabAppSettings", "CodeEditorAppSettings")
_LEAST, _TIMEOUT, _MOST = (
    "MinIdleTimeoutInMinutes",
    "IdleTimeoutInMinutes",
    "MaxIdleTimeoutInMinutes",
)


def check_idle_settings(settings: Mapping[str, Any]) -> None:
    """Check the settings of a domain's or a person's apps.

    Raises:
        ValidationException: A timeout is not between its minimum and its maximum.
    """
    for app, idle in _idle_settings(settings):
        _check(app, idle, idle)


def check_space_idle_settings(settings: Mapping[str, Any], allowed: Mapping[str, Any]) -> None:
    """Check the settings of a space's apps against what its owner's settings allow.

    Raises:
        ValidationException: A timeout is not between the minimum and the maximum.
    """
    limits = dict(_idle_settings(allowed))
    for app, idle in _idle_settings(settings):
        _check(app, idle, limits.get(app, {}))


def _idle_settings(settings: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for app in _APPS:
        idle = settings.get(app, {}).get("AppLifecycleManagement", {}).get("IdleSettings")
        if idle is not None:
            yield app, idle


def _check(app: str, idle: Mapping[str, Any], limits: Mapping[str, Any]) -> None:
    steps = [(_LEAST, limits), (_TIMEOUT, idle), (_MOST, limits)]
    given = [(name, holder[name]) for name, holder in steps if name in holder]
    for (lower, low), (upper, high) in pairwise(given):
        if low > high:
            raise ValidationException(f"{app}: {lower} ({low}) must not exceed {upper} ({high}).")
