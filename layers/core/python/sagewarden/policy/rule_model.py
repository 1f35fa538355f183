"""What every rule of a policy has, and what a rule that judges by itself has beside it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from sagewarden.domain.judged import JudgedRule
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Mode, Scope
from sagewarden.policy.custodian import CUSTODIAN
from sagewarden.policy.values import Duration, Globs, Name, PolicyModel, TagKey, between


class Enforcement(StrEnum):
    """What becomes of what a human started after closing."""

    RESPECTFUL = "respectful"
    STRICT = "strict"


class IacManaged(StrEnum):
    """What becomes of what infrastructure as code manages."""

    LEAVE = "leave"
    ACT = "act"


class When(PolicyModel):
    """Conditions that a resource must fulfil for a rule to speak of it."""

    tag: Annotated[dict[TagKey, Globs], Field(min_length=1)] = Field(
        description="Tags it must all have, each with one of the values. Patterns are allowed, "
        "letter case matters in the key only, and `*` stands for any value.",
        examples=[{"Stage": ["dev", "test"]}],
    )


class RuleModel(PolicyModel):
    """What every rule has."""

    name: Name = Field(
        description="Its name in plans, messages and the ledger; no two rules share one.",
        examples=["notebooks-off-hours"],
    )
    mode: Mode | None = Field(
        default=None,
        description="How far this rule may go: the more careful of this and the policy's `mode` "
        "counts, so a rule can hold itself back but never go further than the policy.",
    )
    names: Globs = Field(
        default=("*",),
        description="Patterns of resource names it speaks of, letter case matters.",
        examples=["team-a-*"],
    )
    except_names: Globs | None = Field(
        default=None,
        alias="except",
        description="Patterns of resource names it does not speak of.",
        examples=[["*-prod", "demo"]],
    )
    when: When | None = Field(
        default=None,
        description="Tags that a resource must have for the rule to speak of it.",
    )
    iac_managed: IacManaged = Field(
        default=IacManaged.LEAVE,
        description="Whether to `leave` or to `act` on what CloudFormation, Terraform and the "
        "like manage, as its tags tell.",
    )


class JudgedRuleModel(RuleModel):
    """A rule that judges by itself: it says which rules are of its kind, and what one comes to."""

    @classmethod
    def claims(cls, rule: Mapping[str, Any]) -> bool:
        """Whether a rule, as it is written, is of this kind."""
        raise NotImplementedError

    def compiled(self, scope: Scope, book: ScheduleBook) -> JudgedRule:
        """The rule of the domain.

        Args:
            scope: Which resources.
            book: The policy's schedules by name, and what an expression means in it.
        """
        raise NotImplementedError


def schedules_of(hours: str | None, tag: str | None, book: ScheduleBook) -> ScheduleBook:
    """Where the schedules of a rule's resources come from.

    Args:
        hours: The calendar or schedule of those that name none, or ``custodian`` for that block.
        tag: The tag in which one may name its own.
        book: The policy's schedules by name, and what an expression means in it.
    """
    return ScheduleBook(
        default=book.named.get(hours) if hours else None,
        named=book.named,
        expressions=book.expressions,
        tag=tag,
        off_hours=book.off_hours if hours == CUSTODIAN else None,
    )


Notice = Annotated[
    Duration,
    between(timedelta(minutes=1), timedelta(days=1)),
    Field(
        description="How long before a stop its owner is told: 1m to 24h.",
        examples=["30m"],
    ),
]
