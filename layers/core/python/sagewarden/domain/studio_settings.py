"""What a Studio domain, or a user profile in one, says of its apps: idle shutdown, scripts."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class IdleShutdown:
    """The idle shutdown of one type of app; None stands for what is not set.

    Attributes:
        app: The type of app: ``JupyterLab`` or ``CodeEditor``.
        enabled: Whether idle apps are shut down (IdleSettings.LifecycleManagement).
        timeout: After how long (IdleTimeoutInMinutes).
        longest: The most that a user may choose instead (MaxIdleTimeoutInMinutes).
    """

    app: str
    enabled: bool | None = None
    timeout: timedelta | None = None
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class StudioSettings:
    """The settings of a domain's users, or those that a user profile sets itself.

    Attributes:
        idle_shutdown: Of each type of app that has one.
        lifecycle_configs: The names of the lifecycle configurations that apps may start with.
    """

    idle_shutdown: tuple[IdleShutdown, ...]
    lifecycle_configs: tuple[str, ...]
