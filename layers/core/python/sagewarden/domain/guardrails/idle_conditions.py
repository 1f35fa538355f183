"""What a guardrail demands so that nothing runs idle: lifecycle configurations, idle shutdown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from sagewarden.domain.guardrails.answers import Answer, compliant, not_applicable
from sagewarden.domain.guardrails.subject import Subject
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.studio_settings import IdleShutdown
from sagewarden.domain.verdicts import VerdictKind

WITH_IDLE_SHUTDOWN = frozenset({ResourceKind.STUDIO_DOMAIN, ResourceKind.STUDIO_USER_PROFILE})
"""The kinds whose settings say when idle apps are shut down."""

WITH_LIFECYCLE_CONFIGS = WITH_IDLE_SHUTDOWN | {ResourceKind.NOTEBOOK_INSTANCE}
"""The kinds that name lifecycle configurations."""


@dataclass(frozen=True, slots=True)
class RequiredLifecycleConfig:
    """A lifecycle configuration that must be there.

    Attributes:
        names: Globs of which a name must match one, in any letter case; none of them means any.
    """

    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"a lifecycle configuration{self._wanted}"

    def answer(self, subject: Subject, _figures: object) -> Answer:
        """Judge the names; a user profile that names none has those of its domain."""
        if subject.kind not in WITH_LIFECYCLE_CONFIGS:
            return not_applicable(f"a {subject.kind} has no lifecycle configuration")
        present = subject.lifecycle_configs
        if present is None:
            return Answer(VerdictKind.UNKNOWN, "its lifecycle configurations are not known")
        if not present and subject.kind == ResourceKind.STUDIO_USER_PROFILE:
            return compliant("it names no lifecycle configuration instead of its domain's")
        if found := next(filter(self._allows, present), None):
            return compliant(f"it has the lifecycle configuration {found}")
        has = f"; it has {', '.join(present)}" if present else ""
        reason = f"it has no lifecycle configuration{self._wanted}{has}"
        return Answer(VerdictKind.VIOLATION, reason)

    @property
    def _wanted(self) -> str:
        return f" {' or '.join(self.names)}" if self.names else ""

    def _allows(self, name: str) -> bool:
        globs = (glob.lower() for glob in self.names or ("*",))
        return any(fnmatchcase(name.lower(), glob) for glob in globs)


@dataclass(frozen=True, slots=True)
class RequiredIdleShutdown:
    """Idle shutdown of every Studio app that knows it, after some time at most."""

    at_most: timedelta

    def __str__(self) -> str:
        return f"idle shutdown within {_spelled(self.at_most)}"

    def answer(self, subject: Subject, _figures: object) -> Answer:
        """Judge each type of app; what a user profile does not set, its domain does."""
        if subject.kind not in WITH_IDLE_SHUTDOWN:
            return not_applicable(f"a {subject.kind} has no idle shutdown")
        if subject.idle_shutdown is None:
            return Answer(VerdictKind.UNKNOWN, "its idle shutdown is not known")
        inherits = subject.kind == ResourceKind.STUDIO_USER_PROFILE
        faults = [
            f"{idle.app}: {fault}"
            for idle in subject.idle_shutdown
            for fault in self._faults(idle, inherits=inherits)
        ]
        if faults:
            return Answer(VerdictKind.VIOLATION, "; ".join(faults))
        if inherits:
            return compliant("it overrides no idle shutdown for the worse")
        return compliant(f"its idle apps are shut down within {_spelled(self.at_most)}")

    def _faults(self, idle: IdleShutdown, *, inherits: bool) -> Iterator[str]:
        if idle.enabled is False or (idle.enabled is None and not inherits):
            yield "idle shutdown is not enabled"
            return
        most = _spelled(self.at_most)
        if idle.timeout is None and not inherits:
            yield f"no idle timeout is set; {most} is the most"
        if idle.timeout is not None and idle.timeout > self.at_most:
            yield f"idle apps run for {_spelled(idle.timeout)}, more than {most}"
        if idle.longest is not None and idle.longest > self.at_most:
            yield f"users may choose up to {_spelled(idle.longest)}, more than {most}"


def _spelled(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"
