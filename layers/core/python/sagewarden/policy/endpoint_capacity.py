"""How a policy says how many instances or copies an endpoint has, and when."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sagewarden.domain.endpoint_capacity.rule import Served
from sagewarden.policy.bounds import ordered, pair
from sagewarden.policy.problems import Finding, RefusedError
from sagewarden.policy.values import PolicyModel, Switch, TagKey

MOST_INSTANCES = 1000
"""No quota for instances or copies of one endpoint is known to be higher."""

_Count = Annotated[int, Field(ge=0, le=MOST_INSTANCES)]
Counts = Annotated[tuple[_Count, _Count], BeforeValidator(pair), AfterValidator(ordered)]
_Target = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_SETS = ("adopt", "hours", "outside", "schedule_tag")


class CapacityModel(PolicyModel):
    """How many instances or copies there are, by the clock, by their use, or both.

    With nothing in it, nothing is set: autoscaling that is missing or broken is told of.
    """

    during: Counts | None = Field(
        default=None,
        description="The least and the most; by day, where it keeps hours. Without it nothing is "
        "set: autoscaling that is missing or broken is only told of.",
        examples=[[1, 4]],
    )
    hours: str | None = Field(
        default=None,
        description="The calendar of `calendars` that the bounds follow. Without it, what carries "
        "no schedule tag is left alone.",
        examples=["business-hours"],
    )
    schedule_tag: TagKey | None = Field(
        default=None,
        description="The tag in which an owner may name a calendar of their own, write one "
        "(`mon-fri 09:00-18:00 Asia/Seoul`), or opt out (`off`).",
        examples=["Schedule"],
    )
    outside: Counts = Field(
        default=(1, 1),
        description="The bounds outside the hours. A least of 0 where AWS can wake it: "
        "asynchronous endpoints, and inference components whose variant has "
        "ManagedInstanceScaling with MinInstanceCount 0.",
        examples=[[1, 1]],
    )
    target_invocations: _Target | None = Field(
        default=None,
        description="How many calls a minute one instance or copy is to serve: target tracking "
        "keeps it there. Not for `async-endpoint`.",
        examples=[100],
    )
    target_backlog: _Target | None = Field(
        default=None,
        description="How many requests may wait per instance: target tracking keeps it there. "
        "Only for `async-endpoint`.",
        examples=[5],
    )
    adopt: Switch = Field(
        default=False,
        description="Whether scalable targets that somebody else registered are taken over. "
        "Where not, an owner hands one over with the tag `SagewardenAdopt=yes`.",
    )

    @property
    def target_value(self) -> float | None:
        """What target tracking keeps its metric at, if there is any."""
        return self.target_backlog if self.target_invocations is None else self.target_invocations

    @property
    def keeps_hours(self) -> bool:
        """Whether its bounds follow a calendar."""
        return self.hours is not None or self.schedule_tag is not None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        findings = tuple(self._contradictions())
        if findings:
            raise RefusedError(findings)
        return self

    def _contradictions(self) -> Iterator[Finding]:
        given = self.model_fields_set
        if self.during is None:
            for key in (key for key in _SETS if key in given):
                remedy = "add during: [1, 4], or remove it"
                yield Finding((key,), "nothing is set without during", remedy, on_key=True)
            return
        if not self.keeps_hours and self.target_value is None:
            remedy = "name a calendar in hours, or write target_invocations"
            yield Finding(("during",), "nothing changes how many there are", remedy)
        if not self.keeps_hours:
            if "outside" in given:
                remedy = "name a calendar in hours, or remove it"
                yield Finding(("outside",), "the rule keeps no hours", remedy, on_key=True)
        elif self.target_value is None and self.outside[1] > self.during[0]:
            problem = f"nothing would let it fall from {self.during[0]} after hours"
            remedy = f"write a most of at most {self.during[0]}, or add a target"
            yield Finding(("outside",), problem, remedy)

    def misfits(self, what: Served) -> Iterator[Finding]:
        """Find what such a resource cannot have.

        Args:
            what: What the rule speaks of.
        """
        if what is Served.ASYNC and self.target_invocations is not None:
            problem = f"an {what} publishes no invocations per instance"
            yield Finding(("target_invocations",), problem, "use target_backlog", on_key=True)
        if what is not Served.ASYNC and self.target_backlog is not None:
            problem = (
                f"an {what} has no backlog" if what is Served.COMPONENTS else "it has no backlog"
            )
            yield Finding(("target_backlog",), problem, "use target_invocations", on_key=True)
        named = {"during": self.during, "outside": self.outside if self.keeps_hours else None}
        for key, bounds in named.items():
            if bounds is None or bounds[0] > 0:
                continue
            if what is Served.REAL_TIME:
                remedy = f"write [1, {max(bounds[1], 1)}]"
                yield Finding((key,), "a real-time endpoint keeps one instance", remedy)
            elif bounds[1] == 0:
                problem = "nothing could wake it: the most is 0"
                yield Finding((key,), problem, "write [0, 1]: it sleeps until it is called")
            elif self.target_value is None:
                remedy = "add target_backlog" if what is Served.ASYNC else "add target_invocations"
                yield Finding((key,), "nothing would let it fall to 0", remedy)
