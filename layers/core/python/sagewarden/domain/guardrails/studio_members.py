"""Where requests, events and answers say what Studio's settings are."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sagewarden.domain.guardrails.event_fields import EventError, Fields
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.studio_settings import IdleShutdown, StudioSettings

KINDS: Mapping[str, str] = {
    "domain": ResourceKind.STUDIO_DOMAIN,
    "user-profile": ResourceKind.STUDIO_USER_PROFILE,
    "app": ResourceKind.STUDIO_APP,
    "space": ResourceKind.STUDIO_SPACE,
}
"""The policy's words for what SageMaker's API and its ARNs call otherwise."""

_SETTINGS: Mapping[str, str] = {
    ResourceKind.STUDIO_DOMAIN: "DefaultUserSettings",
    ResourceKind.STUDIO_USER_PROFILE: "UserSettings",
}
WITH_SETTINGS = frozenset(_SETTINGS)
"""The kinds that have settings of their own."""

_WITH_IDLE_SHUTDOWN = ("JupyterLab", "CodeEditor")
_WITH_LIFECYCLE_CONFIGS = ("JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway")
_CONFIG = ":studio-lifecycle-config/"
_SWITCH: Mapping[str | None, bool | None] = {"ENABLED": True, "DISABLED": False, None: None}


def studio_settings(kind: str, told: Fields) -> StudioSettings | None:
    """Read the settings of a Studio domain or user profile, as a creation or an answer tells them.

    Args:
        kind: The kind of resource, in the policy's words.
        told: The request, or the answer of a Describe call.

    Returns:
        The settings; None where they are not told or cannot be read. A user profile without any
        sets nothing itself.
    """
    try:
        settings = told.member(_SETTINGS[kind])
        if settings.value is None and kind == ResourceKind.STUDIO_DOMAIN:
            return None
        return StudioSettings(
            idle_shutdown=tuple(_idle_shutdown(app, settings) for app in _WITH_IDLE_SHUTDOWN),
            lifecycle_configs=tuple(dict.fromkeys(_lifecycle_configs(settings))),
        )
    except EventError:
        return None


def app_name(told: Fields) -> str | None:
    """How people know an app, as a creation tells it: ``space/mina-lab/JupyterLab/default``.

    Args:
        told: The request, in CloudTrail's spelling.
    """
    space = told.member("spaceName").optional_text()
    place = space or told.member("userProfileName").optional_text()
    words = [told.member(name).optional_text() for name in ("appType", "appName")]
    if place is None or None in words:
        return None
    return "/".join(filter(None, ("space" if space else "user", place, *words)))


def _idle_shutdown(app: str, settings: Fields) -> IdleShutdown:
    idle = settings.at(f"{app}AppSettings", "AppLifecycleManagement", "IdleSettings")
    switch = idle.member("LifecycleManagement")
    if switch.optional_text() not in _SWITCH:
        raise switch.wrong("ENABLED or DISABLED")
    return IdleShutdown(
        app=app,
        enabled=_SWITCH[switch.optional_text()],
        timeout=_minutes(idle.member("IdleTimeoutInMinutes")),
        longest=_minutes(idle.member("MaxIdleTimeoutInMinutes")),
    )


def _minutes(number: Fields) -> timedelta | None:
    if number.value is None:
        return None
    if not isinstance(number.value, int) or isinstance(number.value, bool):
        raise number.wrong("a number of minutes")
    return timedelta(minutes=number.value)


def _lifecycle_configs(settings: Fields) -> Iterator[str]:
    """The names in the ARNs; the word ``None``, which the API takes for an ARN, names nothing."""
    for app in _WITH_LIFECYCLE_CONFIGS:
        arns = settings.at(f"{app}AppSettings", "LifecycleConfigArns")
        if not isinstance(arns.value, list | None):
            raise arns.wrong("a list")
        for arn in arns.value or ():
            _, config, name = Fields(arn, arns.place).text().partition(_CONFIG)
            if config:
                yield name
