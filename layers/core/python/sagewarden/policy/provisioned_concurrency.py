"""How a policy says what provisioned concurrency should follow."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sagewarden.domain.provisioned_concurrency.quotas import LEAST, MOST
from sagewarden.domain.provisioned_concurrency.rule import Strategy
from sagewarden.policy.bounds import ordered, pair
from sagewarden.policy.problems import Finding, RefusedError
from sagewarden.policy.values import (
    Duration,
    PolicyModel,
    Switch,
    TagKey,
    between,
    whole_hours,
)

_HOUR = timedelta(hours=1)

_Bound = Annotated[int, Field(ge=LEAST, le=MOST)]
Bounds = Annotated[tuple[_Bound, _Bound], BeforeValidator(pair), AfterValidator(ordered)]


class ProvisionedConcurrencyModel(PolicyModel):
    """What the provisioned concurrency of an endpoint follows, and within which bounds.

    Whatever the bounds say, an endpoint never gets more than its MaxConcurrency and than the
    quotas of the region allow.
    """

    strategy: Strategy = Field(
        description="`target-tracking` follows the use, `business-hours` changes the bounds by "
        "the clock, `both` does both.",
        examples=["both"],
    )
    bounds: Bounds = Field(
        description="The least and the most, 1 to 200; by day, where it keeps hours. AWS takes "
        "no 0: see `release_when_idle`.",
        examples=[[1, 20]],
    )
    target_utilization: Annotated[float, Field(ge=0.1, le=0.9, allow_inf_nan=False)] = Field(
        default=0.7,
        description="The share of the provisioned concurrency that target tracking keeps in use, "
        "0.1 to 0.9.",
    )
    hours: str | None = Field(
        default=None,
        description="The calendar of `calendars` that the bounds follow. Without it, endpoints "
        "that carry no schedule tag are left alone.",
        examples=["business-hours"],
    )
    schedule_tag: TagKey | None = Field(
        default=None,
        description="The tag in which an endpoint may name a calendar of its own, write one "
        "(`mon-fri 09:00-18:00 Asia/Seoul`), or opt out (`off`).",
        examples=["Schedule"],
    )
    outside_hours: Bounds = Field(
        default=(LEAST, LEAST), description="The bounds outside the hours.", examples=[[1, 2]]
    )
    release_when_idle: (
        Annotated[Duration, between(_HOUR, timedelta(days=14)), AfterValidator(whole_hours)] | None
    ) = Field(
        default=None,
        description="After how long without a call the provisioned concurrency is released "
        "altogether, in whole hours: 1h to 14d. Never unless given.",
        examples=["48h"],
    )
    grace: Annotated[Duration, between(_HOUR, timedelta(days=30))] = Field(
        default=timedelta(hours=24),
        description="How long after an accepted warning it is released: 1h to 30d.",
        examples=["24h"],
    )
    adopt: Switch = Field(
        default=False,
        description="Whether scalable targets that somebody else registered are taken over. "
        "Where not, an owner hands one over with the tag `SagewardenAdopt=yes`.",
    )

    @model_validator(mode="after")
    def _fits_its_strategy(self) -> Self:
        findings = tuple(self._contradictions())
        if findings:
            raise RefusedError(findings)
        return self

    def _contradictions(self) -> Iterator[Finding]:
        given, strategy = self.model_fields_set, self.strategy
        if strategy.keeps_hours and not {"hours", "schedule_tag"} & given:
            remedy = "name a calendar in hours, or a tag in schedule_tag"
            yield Finding(("hours",), f"{strategy} has no hours to keep", remedy)
        if not strategy.keeps_hours:
            for key in sorted({"hours", "schedule_tag", "outside_hours"} & given):
                problem = f"{strategy} keeps no hours"
                yield Finding((key,), problem, "use strategy: both, or remove it", on_key=True)
        if strategy.tracks:
            return
        if "target_utilization" in given:
            problem = f"{strategy} tracks no utilisation"
            remedy = "use strategy: both, or remove it"
            yield Finding(("target_utilization",), problem, remedy, on_key=True)
        if self.outside_hours[1] > self.bounds[0]:
            problem = f"nothing would let it fall from {self.bounds[0]} after hours"
            remedy = f"write a most of at most {self.bounds[0]}, or use strategy: both"
            yield Finding(("outside_hours",), problem, remedy)
