"""How a policy says which jobs waste money, and what follows."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.jobs.questions import IdleGpus, Questions
from sagewarden.domain.jobs.rule import IdleJobs
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Scope
from sagewarden.policy.problems import Finding, RefusedError
from sagewarden.policy.rule_model import JudgedRuleModel
from sagewarden.policy.values import Duration, PolicyModel, between, distinct, each_of, one_or_more

JobKind = Literal[
    "training-job",
    "processing-job",
    "transform-job",
    "hyper-parameter-tuning-job",
    "auto-ml-job",
]
JobKinds = Annotated[
    tuple[JobKind, ...],
    Field(min_length=1),
    AfterValidator(distinct),
    BeforeValidator(one_or_more, json_schema_input_type=JobKind | list[JobKind]),
]
JOB_KINDS: tuple[str, ...] = get_args(JobKind)
"""The kinds of job."""

_MINUTE = timedelta(minutes=1)
_LONGEST_LOOK = timedelta(hours=24)
"""AWS keeps the metrics of each minute for 15 days, and one call reads 100,800 of them."""


class IdleGpusModel(PolicyModel):
    """GPUs that do nothing while their job is at work."""

    gpu_below: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = Field(
        default=5.0,
        description="The percentage that no instance may have reached in any minute, its GPUs "
        "added up.",
        examples=[5],
    )
    length: Annotated[Duration, between(10 * _MINUTE, _LONGEST_LOOK)] = Field(
        default=30 * _MINUTE,
        alias="for",
        description="For how long: 10m to 24h. A job that has been at work for less is too new.",
        examples=["30m"],
    )


def _one_question_at_least(schema: JsonDict) -> None:
    schema["anyOf"] = [{"required": [key]} for key in QUESTIONS]


class IdleJobsRule(JudgedRuleModel):
    """Stop jobs that are stuck, late or only fail, and end warm pools that nobody uses.

    A job that a tuning or AutoML job launched is judged with that one, and never stopped by
    itself. No data is no idleness.
    """

    model_config = ConfigDict(json_schema_extra=_one_question_at_least)

    resources: JobKinds = Field(
        description="The kinds of job, one or a list.",
        examples=[["training-job", "hyper-parameter-tuning-job"]],
    )
    idle: IdleGpusModel | None = Field(
        default=None,
        description="Jobs whose GPUs idle while they are at work. A tuning job is judged by all of "
        "its training jobs that run. Without metrics from every instance nothing is idle.",
        examples=[{"gpu_below": 5, "for": "30m"}],
    )
    past_max_runtime: Annotated[Duration, between(5 * _MINUTE, timedelta(days=1))] | None = Field(
        default=None,
        description="Jobs that run for longer than this beyond their own `MaxRuntimeInSeconds` (a "
        "managed spot job: `MaxWaitTimeInSeconds`): 5m to 24h.",
        examples=["30m"],
    )
    failing_children: Annotated[int, Field(ge=2, le=1_000)] | None = Field(
        default=None,
        description="Tuning jobs of which at least so many training jobs have ended, all of them "
        "by failing.",
        examples=[5],
    )
    unused_warm_pools: Annotated[Duration, between(5 * _MINUTE, timedelta(hours=6))] | None = Field(
        default=None,
        description="Warm pools of training jobs that nobody has used for so long: 5m to 6h. They "
        "are ended by setting `KeepAlivePeriodInSeconds` to 0.",
        examples=["30m"],
    )
    action: Literal[ActionKind.STOP, ActionKind.NOTIFY] = Field(
        default=ActionKind.STOP,
        description="Whether to `stop` them, or only to `notify` their owners. A stopped job "
        "cannot be resumed: the ledger keeps what runs it again.",
    )
    grace: Annotated[Duration, between(5 * _MINUTE, timedelta(days=7))] = Field(
        default=timedelta(hours=1),
        description="How long after an accepted warning one is stopped: 5m to 7d.",
        examples=["1h"],
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if all(getattr(self, key) is None for key in QUESTIONS):
            problem = "the rule asks nothing of its jobs"
            raise RefusedError.because(problem, f"add one of {', '.join(QUESTIONS)}")
        pairs = (
            ("failing_children", "hyper-parameter-tuning-job"),
            ("unused_warm_pools", "training-job"),
        )
        found = tuple(
            Finding((key,), f"it is asked of {kind} only", f"add {kind} to resources")
            for key, kind in pairs
            if getattr(self, key) is not None and kind not in self.resources
        )
        if found:
            raise RefusedError(found)
        return self

    @classmethod
    def claims(cls, rule: Mapping[str, Any]) -> bool:
        """Whether it asks what is asked of jobs; ``idle`` is asked of others, too."""
        if any(key in rule for key in QUESTIONS if key != "idle"):
            return True
        named = each_of(rule.get("resources"))
        return "idle" in rule and any(item in JOB_KINDS for item in named)

    def compiled(self, scope: Scope, book: ScheduleBook) -> IdleJobs:
        """The rule of the domain."""
        del book
        pools = (ResourceKind.WARM_POOL.value,) if self.unused_warm_pools is not None else ()
        idle = self.idle
        return IdleJobs(
            scope=scope,
            kinds=(*self.resources, *pools),
            grace=self.grace,
            asks=Questions(
                idle=IdleGpus(idle.gpu_below, idle.length) if idle is not None else None,
                past_max_runtime=self.past_max_runtime,
                failing_children=self.failing_children,
                warm_pool=self.unused_warm_pools,
                action=ActionKind(self.action),
            ),
        )


QUESTIONS = ("idle", "past_max_runtime", "failing_children", "unused_warm_pools")
"""What a rule may ask of jobs."""
