"""Exemptions: what somebody said is to be left alone, until when, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fnmatch import fnmatchcase

from sagewarden.domain.resources import ResourceRef

ANY = "*"

_LAST_ZONE = timezone(timedelta(hours=-12))


@dataclass(frozen=True, slots=True)
class Exemption:
    """That some resources are left alone by a rule, or by all of them.

    Attributes:
        resources: A glob: of ARNs where it begins with ``arn:``, else of names.
        until: The last day on which it holds; None for one without an end.
        why: The justification.
        by: Who gave it.
        at: When (aware); None where the policy file has it.
        rule: The name of the rule, or a glob of names.
        accounts: The accounts in which it holds; none of them means all.
    """

    resources: str
    until: date | None
    why: str
    by: str
    at: datetime | None = None
    rule: str = ANY
    accounts: tuple[str, ...] = ()

    def covers(self, ref: ResourceRef, rule: str) -> bool:
        """Whether it speaks of a resource under a rule, whatever the date."""
        subject = ref.arn if self.resources.startswith("arn:") else ref.name
        return (
            fnmatchcase(subject, self.resources)
            and fnmatchcase(rule, self.rule)
            and (not self.accounts or ref.account in self.accounts)
        )

    def in_force(self, now: datetime) -> bool:
        """Whether its last day is not over."""
        return self.until is None or last_day_lasts(self.until, now)

    @property
    def place(self) -> tuple[str, str] | None:
        """The account and region whose resources alone it can cover; None when it can be any."""
        parts = self.resources.split(":")
        if parts[0] != "arn" or len(parts) <= _ACCOUNT_PART:
            return None
        region, account = parts[_ACCOUNT_PART - 1], parts[_ACCOUNT_PART]
        plain = not any(sign in region + account for sign in "*?[")
        return (account, region) if plain else None

    def __str__(self) -> str:
        end = f"until {self.until.isoformat()}" if self.until else "for good"
        return f"{end} by {self.by}: {self.why}"


_ACCOUNT_PART = 4
"""Where an ARN has its account, counted from 0; the region stands before it."""


def holding(
    exemptions: Iterable[Exemption], ref: ResourceRef, rule: str, now: datetime
) -> Exemption | None:
    """The exemption of a resource that holds longest, if one does."""
    found = [item for item in exemptions if item.covers(ref, rule) and item.in_force(now)]
    return max(found, key=lambda item: item.until or date.max, default=None)


def expired(
    exemptions: Iterable[Exemption], ref: ResourceRef, rule: str, now: datetime
) -> Iterator[Exemption]:
    """The exemptions of a resource that have run out."""
    return (item for item in exemptions if item.covers(ref, rule) and not item.in_force(now))


def last_day_lasts(day: date, now: datetime) -> bool:
    """Whether a last day is not over where it ends last, UTC-12: it holds in its owner's zone."""
    return now.astimezone(_LAST_ZONE).date() <= day
