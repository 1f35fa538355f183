"""Which resources a rule speaks of, and which of them it must leave in peace."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from sagewarden.domain.exemptions import Exemption, expired, holding, last_day_lasts
from sagewarden.domain.owners import named_in
from sagewarden.domain.resources import Resource, ResourceRef, Tags
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
        owner_tag: The tag that names a resource's owner.
        team_tag: The tag that names its team.
        exemptions: What somebody said is to be left alone, by the policy or in the ledger.
    """

    rule: str
    mode: Mode = Mode.OBSERVE
    names: tuple[str, ...] = ("*",)
    except_names: tuple[str, ...] = ()
    when: tuple[TagMatch, ...] = ()
    protections: tuple[TagMatch, ...] = ()
    spare_iac: bool = True
    exemptions: tuple[Exemption, ...] = ()
    owner_tag: str = "Owner"
    team_tag: str = "Team"

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

    def belonging(self, verdict: Verdict, tags: Tags | None) -> Verdict:
        """The verdict with the owner and the team that its resource's tags name."""
        owner, team = named_in(tags, self.owner_tag), named_in(tags, self.team_tag)
        return replace(verdict, owner=owner, team=team)

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
    exemption: Exemption | None = None


def spared(resource: Resource, scope: Scope, now: datetime) -> Verdict | None:
    """Say why a resource must be left alone whatever its state, or None.

    Unreadable tags are UNKNOWN: they might hold a protection. So is an exemption that cannot be
    read, because somebody meant to exempt the resource.
    """
    found = spared_by_word(resource.ref, scope, now) or spared_by_tags(resource.tags, scope, now)
    if found is None:
        return None
    verdict = scope.verdict(resource, found.kind, found.reason)
    until = found.exempt_until.isoformat() if found.exempt_until else None
    if given := found.exemption:
        evidence = {"exempt_until": until, "exempt_by": given.by, "exempt_because": given.why}
        return replace(verdict, evidence=evidence)
    return replace(verdict, evidence={"exempt_until": until}) if until else verdict


def spared_by_word(ref: ResourceRef, scope: Scope, now: datetime) -> Spared | None:
    """Say by which exemption of the policy or the ledger something is left alone, or None."""
    given = holding(scope.exemptions, ref, scope.rule, now)
    if given is None:
        return None
    return Spared(VerdictKind.EXEMPT, f"exempt {given}", given.until, given)


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
    if until is None or last_day_lasts(until, now):
        return None
    return f"its exemption ran out on {until.isoformat()}"


def described(verdict: Verdict, resource: Resource, scope: Scope, now: datetime) -> Verdict:
    """The verdict with its resource's owner and team, and with every exemption that ran out."""
    verdict = scope.belonging(verdict, resource.tags)
    if verdict.kind is VerdictKind.EXEMPT:
        return verdict
    found = [expired_exemption(resource.tags, now)]
    found += [f"exempt {item}" for item in expired(scope.exemptions, resource.ref, scope.rule, now)]
    told = "; ".join(text for text in found if text)
    if not told:
        return verdict
    return replace(verdict, evidence={**verdict.evidence, "exemption_ran_out": told})


def _exempt(text: str, now: datetime) -> Spared | None:
    until = _until(text)
    if until is None:
        reason = (
            f"its exemption cannot be read: {EXEMPT_TAG}={text!r}; "
            "write the last day and why, as in 2027-01-31: migrating"
        )
        return Spared(VerdictKind.UNKNOWN, reason)
    if not last_day_lasts(until, now):
        return None
    why = text.partition(":")[2].strip() or "no reason given"
    reason = f"exempt by its owner until {until.isoformat()}: {why}"
    return Spared(VerdictKind.EXEMPT, reason, until)


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
