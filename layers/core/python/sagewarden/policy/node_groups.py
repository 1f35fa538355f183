"""The rules on EKS node groups as a policy writes them: their hours, and when they stand idle."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from sagewarden.domain.node_groups.care import (
    Care,
    ClusterAutoscaler,
    RunningWork,
    UnderAutoscaler,
)
from sagewarden.domain.node_groups.rules import IdleNodeGroups, NodeGroupHours
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Scope
from sagewarden.policy.rule_model import Enforcement, JudgedRuleModel, Notice, schedules_of
from sagewarden.policy.values import Duration, PolicyModel, Switch, TagKey, between

KIND = "node-group"
_SHORTEST, _LONGEST = timedelta(minutes=30), timedelta(days=1)


class CarefulRule(JudgedRuleModel):
    """What both rules on node groups have."""

    resources: Literal["node-group"] = Field(
        description="The kind of resource: managed node groups of Amazon EKS with GPUs, "
        "Inferentia or Trainium. Their names are `cluster/node-group`.",
        examples=["node-group"],
    )
    action: Literal["scale-to-zero"] = Field(
        default="scale-to-zero",
        description="What to do with it: minSize and desiredSize become 0, maxSize stays.",
    )
    running_work: RunningWork = Field(
        default=RunningWork.HOLD,
        description="Whether pods that reserve accelerators `hold` it, as Container Insights tells "
        "(where that is not known, it is held and reported), or whether they are evicted "
        "(`ignore`): EKS ends a node after 15 minutes, whatever its disruption budgets say.",
    )
    under_autoscaler: UnderAutoscaler = Field(
        default=UnderAutoscaler.ADVISE,
        description="What becomes of one whose size the Cluster Autoscaler, Karpenter or EKS Auto "
        "Mode sets: it is reported with `advise`; with `min-size` its minSize is lowered to 0. Its "
        "desiredSize is never touched.",
    )
    cluster_autoscaler: ClusterAutoscaler = Field(
        default=ClusterAutoscaler.BY_TAGS,
        description="Whether the Cluster Autoscaler's tags on an Auto Scaling group mean that one "
        "runs (`by-tags`). EKS writes them on every managed node group: say `absent` where none "
        "runs in these clusters.",
    )

    def care(self) -> Care:
        """What it heeds, in the domain's terms."""
        return Care(self.running_work, self.under_autoscaler, self.cluster_autoscaler)


class NodeGroupHoursRule(CarefulRule):
    """Scale GPU node groups to zero outside their hours, and back to the sizes that they had.

    A node group without `schedule_tag` follows `outside`. One that somebody changed after closing
    keeps running until the next closing.
    """

    outside: str | None = Field(
        default=None,
        description="The calendar of `calendars` or the schedule of `instance_scheduler` outside "
        "which node groups are scaled to zero, or `custodian` for the `custodian` block.",
        examples=["business-hours"],
    )
    schedule_tag: TagKey | None = Field(
        default=None,
        description="The tag in which a node group may name a calendar or schedule of its own, "
        "write one, or opt out (`off`).",
        examples=["Schedule"],
    )
    start_again: Switch = Field(
        default=True,
        description="Whether what this rule scaled to zero, and nothing else, has its sizes back "
        "at opening.",
    )
    enforce: Enforcement = Field(
        default=Enforcement.RESPECTFUL,
        description="Whether one that somebody changed after closing keeps running until the next "
        "closing (`respectful`) or is scaled to zero again (`strict`).",
    )
    warn: Notice = timedelta(minutes=30)

    @classmethod
    def claims(cls, rule: Mapping[str, Any]) -> bool:
        """Whether it speaks of node groups, and of no idleness."""
        return rule.get("resources") == KIND and "idle" not in rule

    def compiled(self, scope: Scope, book: ScheduleBook) -> NodeGroupHours:
        """The rule of the domain."""
        return NodeGroupHours(
            scope=scope,
            grace=self.warn,
            schedules=schedules_of(self.outside, self.schedule_tag, book),
            start_again=self.start_again,
            strict=self.enforce is Enforcement.STRICT,
            care=self.care(),
        )


class IdleNodes(PolicyModel):
    """What counts as an idle node group."""

    gpu_below: Annotated[float, Field(ge=1, le=100, allow_inf_nan=False)] = Field(
        default=5,
        description="The utilisation, in percent, that no GPU or NeuronCore may have reached. A "
        "node without data over the whole time is reported, and its node group left alone.",
        examples=[5],
    )
    window: Annotated[Duration, between(_SHORTEST, _LONGEST)] = Field(
        default=timedelta(hours=2),
        alias="for",
        description="For how long: 30m to 24h.",
        examples=["2h"],
    )


class IdleNodeGroupsRule(CarefulRule):
    """Scale GPU node groups to zero whose accelerators do next to nothing.

    Container Insights with accelerated compute metrics must measure every node. Nothing is scaled
    up again by itself: `sagewarden restore` gives the sizes back.
    """

    idle: IdleNodes = Field(
        description="What counts as idle.", examples=[{"gpu_below": 5, "for": "2h"}]
    )
    grace: Annotated[Duration, between(timedelta(minutes=5), timedelta(days=30))] = Field(
        default=timedelta(hours=1),
        description="How long after an accepted warning it is scaled to zero: 5m to 30d.",
        examples=["1h"],
    )

    @classmethod
    def claims(cls, rule: Mapping[str, Any]) -> bool:
        """Whether it speaks of idle node groups."""
        return rule.get("resources") == KIND and "idle" in rule

    def compiled(self, scope: Scope, book: ScheduleBook) -> IdleNodeGroups:
        """The rule of the domain."""
        del book
        return IdleNodeGroups(
            scope=scope,
            grace=self.grace,
            idle_for=self.idle.window,
            gpu_below=self.idle.gpu_below,
            care=self.care(),
        )
