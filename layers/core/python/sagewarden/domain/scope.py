"""Which resources a rule speaks of, and which of them it must leave in peace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from fnmatch import fnmatchcase

from sagewarden.domain.resources import Resource, Tags
from sagewarden.domain.verdicts import Verdict, VerdictKind

EXEMPT_TAG = "SagewardenExempt"
"""The tag with which an owner exempts a resource: ``2027-01-31: migrating``."""

IAC_TAGS: Mapping[str, tuple[str, ...]] = {
    "aws:cloudformation:stack-id": (),
    "aws:cloudformation:stack-name": (),
    "aws:servicecatalog:provisionedproductarn": (),
    "terraform": (),
    "managedby": ("terraform*", "opentofu*", "pulumi*", "cdk*", "cloudformation*", "crossplane*"),
    "managed-by": ("terraform*", "opentofu*", "pulumi*", "cdk*", "cloudformation*", "crossplane*"),
}
"""Tags by which infrastructure as code marks what it manages: key in lower case -> value globs,
() for any value."""

_LAST_ZONE = timezone(timedelta(hours=-12))


class Mode(StrEnum):
    """How far a rule may go: ``observe`` only reports, ``warn`` tells owners, ``enforce`` acts."""

    OBSERVE = "observe"
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class TagMatch:
    """A condition on one tag.

    Attributes:
        key: The tag's key, compared exactly.
        values: Globs of which its value must match one; none of them means any value.
    """

    key: str
    values: tuple[str, ...] = ()

    def matches(self, tags: Tags) -> bool:
        """Whether the tags fulfil the condition; values are compared in any letter case."""
        value = tags.get(self.key)
        if value is None:
            return False
        return not self.values or any(
            fnmatchcase(value.lower(), glob.lower()) for glob in self.values
        )

    def __str__(self) -> str:
        return f"{self.key}={'|'.join(self.values)}" if self.values else self.key


@dataclass(frozen=True, slots=True)
class Scope:
    """What every rule has: its name, its reach and what it spares.

    Attributes:
        rule: The rule's name.
        mode: How far it may go.
        names: Globs of resource names it speaks of.
        except_names: Globs of resource names it does not speak of.
        when: Tag conditions that must all hold.
        protections: Tags that protect a resource from every action.
        spare_iac: Whether what infrastructure as code manages is left alone.
    """

    rule: str
    mode: Mode = Mode.OBSERVE
    names: tuple[str, ...] = ("*",)
    except_names: tuple[str, ...] = ()
    when: tuple[TagMatch, ...] = ()
    protections: tuple[TagMatch, ...] = ()
    spare_iac: bool = True

    def names_match(self, name: str) -> bool:
        """Whether the rule speaks of a resource of this name."""
        return any(fnmatchcase(name, glob) for glob in self.names) and not any(
            fnmatchcase(name, glob) for glob in self.except_names
        )

    def covers(self, resource: Resource) -> bool:
        """Whether the rule speaks of a resource at all.

        Unreadable tags do not put a resource out of reach: it stays in the report, as UNKNOWN.
        """
        return self.reaches(resource.ref.name, resource.tags)

    def reaches(self, name: str, tags: Tags | None) -> bool:
        """Whether the rule speaks of what has this name and these tags; None when not known."""
        if not self.names_match(name):
            return False
        return tags is None or all(condition.matches(tags) for condition in self.when)

    def verdict(
        self, resource: Resource, kind: VerdictKind, reason: str, **evidence: str | float | None
    ) -> Verdict:
        """A verdict of this rule that leads to no action."""
        return Verdict(self.rule, resource.ref, kind, reason, evidence)


@dataclass(frozen=True, slots=True)
class Spared:
    """Why something is left alone: EXEMPT, or UNKNOWN where its tags do not tell."""

    kind: VerdictKind
    reason: str
    exempt_until: date | None = None


def spared(resource: Resource, scope: Scope, now: datetime) -> Verdict | None:
    """Say why a resource must be left alone whatever its state, or None.

    Unreadable tags are UNKNOWN: they might hold a protection. So is an exemption that cannot be
    read, because somebody meant to exempt the resource.
    """
    found = spared_by_tags(resource.tags, scope, now)
    if found is None:
        return None
    if found.exempt_until is None:
        return scope.verdict(resource, found.kind, found.reason)
    until = found.exempt_until.isoformat()
    return scope.verdict(resource, found.kind, found.reason, exempt_until=until)


def spared_by_tags(tags: Tags | None, scope: Scope, now: datetime) -> Spared | None:
    """Say why what has these tags must be left alone, or None; tags are None when not known."""
    if tags is None:
        return Spared(VerdictKind.UNKNOWN, "its tags could not be read")
    for protection in scope.protections:
        if protection.matches(tags):
            reason = f"protected by the policy: tag {protection.key}={tags[protection.key]}"
            return Spared(VerdictKind.EXEMPT, reason)
    exemption = tags.get(EXEMPT_TAG)
    if exemption is not None and (found := _exempt(exemption, now)):
        return found
    if scope.spare_iac and (mark := _iac_mark(tags)):
        reason = (
            f"managed by infrastructure as code (tag {mark}={tags[mark]}): change it there, "
            "or set iac_managed: act in the rule"
        )
        return Spared(VerdictKind.EXEMPT, reason)
    return None


def expired_exemption(tags: Tags | None, now: datetime) -> str | None:
    """Say since when a resource's exemption has run out, if it has one that did."""
    text = (tags or {}).get(EXEMPT_TAG)
    until = _until(text) if text is not None else None
    if until is None or _today(now) <= until:
        return None
    return f"its exemption ran out on {until.isoformat()}"


def _exempt(text: str, now: datetime) -> Spared | None:
    until = _until(text)
    if until is None:
        reason = (
            f"its exemption cannot be read: {EXEMPT_TAG}={text!r}; "
            "write the last day and why, as in 2027-01-31: migrating"
        )
        return Spared(VerdictKind.UNKNOWN, reason)
    if _today(now) > until:
        return None
    why = text.partition(":")[2].strip() or "no reason given"
    reason = f"exempt by its owner until {until.isoformat()}: {why}"
    return Spared(VerdictKind.EXEMPT, reason, until)


def _today(now: datetime) -> date:
    """The date where the day ends last, UTC-12: a last day holds in its owner's zone, too."""
    return now.astimezone(_LAST_ZONE).date()


def _until(text: str) -> date | None:
    try:
        return date.fromisoformat(text.partition(":")[0].strip())
    except ValueError:
        return None


def _iac_mark(tags: Tags) -> str | None:
    for key in tags:
        values = IAC_TAGS.get(key.lower())
        if values is not None and TagMatch(key, values).matches(tags):
            return key
    return None
