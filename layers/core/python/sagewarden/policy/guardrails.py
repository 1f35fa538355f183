"""How a policy says what may be created, and how it must be tagged."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from sagewarden.domain.guardrails.conditions import (
    AllowedTypes,
    AllowedValue,
    Condition,
    CountCap,
    DeniedTypes,
    GpuCeiling,
    PriceCeiling,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.idle_conditions import (
    WITH_IDLE_SHUTDOWN,
    WITH_LIFECYCLE_CONFIGS,
    RequiredIdleShutdown,
    RequiredLifecycleConfig,
)
from sagewarden.domain.guardrails.job_conditions import (
    BOUNDED_KINDS,
    COUNTED_KINDS,
    SPOT_KINDS,
    InstanceCap,
    RuntimeCeiling,
    SpotRequired,
    WaitCeiling,
)
from sagewarden.domain.guardrails.remedies import ACTED_ON, Remedy
from sagewarden.domain.guardrails.subject import UNTYPED
from sagewarden.domain.guardrails.tag_pattern import UnsafePatternError, compile_pattern
from sagewarden.policy.problems import Finding, RefusedError, shown
from sagewarden.policy.values import (
    Duration,
    Glob,
    Globs,
    PolicyModel,
    TagKey,
    between,
    distinct,
    one_or_more,
    read_switch,
)

_OF_INSTANCES = (
    "deny_instance_types",
    "allow_instance_types",
    "max_price_per_hour",
    "max_gpus",
    "max_volume_gb",
)
"""The demands on what something runs on."""

_TYPE = re.compile(r"retired|[A-Za-z0-9.*?\[\]!-]{1,64}")
_COUNTED = frozenset({"notebook-instance", "endpoint"})
_HOUR = timedelta(hours=1)
_SHORTEST_RUN, _LONGEST_RUN = timedelta(minutes=1), timedelta(days=182)
"""The bounds of what AWS takes as the longest run time of any job (botocore 1.44)."""
_LARGEST_VOLUME = 16_384
_SHORTEST_IDLE, _LONGEST_IDLE = timedelta(minutes=60), timedelta(minutes=525_600)
"""The bounds of Studio's own settings (botocore 1.44, IdleTimeoutInMinutes)."""


def _type_name(text: str) -> str:
    if not _TYPE.fullmatch(text):
        problem = f"{shown(text)} is no instance type"
        raise RefusedError.because(
            problem, 'write a type, a family or a pattern: ml.p4d.24xlarge, p4d or "ml.p4*"'
        )
    return text


def _safe_pattern(text: str) -> str:
    try:
        compile_pattern(text)
    except UnsafePatternError as error:
        problem = f"{shown(text)} cannot be used: {error}"
        remedy = "write a short regular expression for the whole value, as in CC-[0-9]{4}"
        raise RefusedError.because(problem, remedy) from error
    return text


def _any_or_globs(value: object) -> object:
    """Read ``true`` as any name at all."""
    match read_switch(value):
        case True:
            return ["*"]
        case False:
            problem = "false demands nothing"
            raise RefusedError.because(problem, "write true or names, or remove the key")
    return one_or_more(value)


Kind = Literal[
    "notebook-instance",
    "endpoint",
    "training-job",
    "processing-job",
    "transform-job",
    "hyper-parameter-tuning-job",
    "auto-ml-job",
    "studio-domain",
    "studio-user-profile",
    "studio-app",
    "studio-space",
    "node-group",
    "mlflow-tracking-server",
    "monitoring-schedule",
    "inference-recommendations-job",
    "cluster",
    "provisioned-model",
    "*",
]
Kinds = Annotated[
    tuple[Kind, ...],
    Field(min_length=1),
    AfterValidator(distinct),
    BeforeValidator(one_or_more, json_schema_input_type=Kind | list[Kind]),
]
Remedies = Annotated[
    tuple[Remedy, ...],
    Field(min_length=1),
    AfterValidator(distinct),
    BeforeValidator(one_or_more, json_schema_input_type=Remedy | list[Remedy]),
]
TypeNames = Annotated[
    tuple[Annotated[str, AfterValidator(_type_name)], ...],
    Field(min_length=1),
    BeforeValidator(one_or_more, json_schema_input_type=str | list[str]),
]
TagPattern = Annotated[str, AfterValidator(_safe_pattern)]
AnyOrGlobs = Annotated[
    tuple[Glob, ...],
    Field(min_length=1),
    BeforeValidator(_any_or_globs, json_schema_input_type=Literal[True] | str | list[str]),
]


class RequiredTag(PolicyModel):
    """What the value of a required tag may be; anything but nothing unless said otherwise."""

    values: Globs | None = Field(
        default=None,
        description="The values it may have. Patterns are allowed, letter case matters.",
        examples=[["dev", "test", "prod"]],
    )
    pattern: TagPattern | None = Field(
        default=None,
        description="A regular expression that the whole value must match: up to 200 characters, "
        "without nested repetitions, look-arounds and back-references, so that no value can make "
        "it run for long.",
        examples=["CC-[0-9]{4}"],
    )


class IdleShutdownModel(PolicyModel):
    """Idle shutdown of JupyterLab and Code Editor, as Studio offers it."""

    at_most: Annotated[Duration, between(_SHORTEST_IDLE, _LONGEST_IDLE)] = Field(
        description="The longest idle timeout, and the longest that users may be allowed to choose "
        "where they may: 60m to 365d.",
        examples=["2h"],
    )


def _one_demand_at_least(schema: JsonDict) -> None:
    schema["anyOf"] = [{"required": [key]} for key in DEMANDS]


class Demands(PolicyModel):
    """What a guardrail demands, of what, and what follows when it is not so."""

    model_config = ConfigDict(json_schema_extra=_one_demand_at_least)

    resources: Kinds = Field(
        description='The kinds of resource, one or a list; `"*"` for everything that is created. '
        "A rule for `endpoint` judges the instances of endpoint configs and inference components "
        "as well, one for `training-job` those of tuning jobs.",
        examples=[["notebook-instance", "endpoint"]],
    )
    require_tags: Annotated[dict[TagKey, RequiredTag], Field(min_length=1)] | None = Field(
        default=None,
        description="The tags that must be there, each with what its value may be.",
        examples=[{"Owner": {}, "CostCenter": {"pattern": "CC-[0-9]{4}"}}],
    )
    deny_instance_types: TypeNames | None = Field(
        default=None,
        description="What nothing may run on: types, families, patterns, or `retired` for what "
        "AWS no longer offers to new users (P2, Elastic Inference).",
        examples=[["ml.p4*", "p5", "retired"]],
    )
    allow_instance_types: TypeNames | None = Field(
        default=None,
        description="The only types, families and patterns that anything may run on.",
        examples=[["ml.t3.*", "m5"]],
    )
    max_price_per_hour: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = (
        Field(
            default=None,
            description="The most US dollars that one instance may cost an hour at list price. A "
            "type without a known price is reported, and never a violation.",
            examples=[5],
        )
    )
    max_gpus: Annotated[int, Field(ge=0, le=1_000)] | None = Field(
        default=None, description="The most GPUs that one instance may have.", examples=[1]
    )
    max_volume_gb: Annotated[int, Field(ge=1, le=_LARGEST_VOLUME)] | None = Field(
        default=None,
        description="The most gigabytes that one volume may have. Judged when it is asked for.",
        examples=[500],
    )
    max_count: Annotated[int, Field(ge=0, le=10_000)] | None = Field(
        default=None,
        description="The most that may run at once in one account and region; the oldest ones may "
        "stay. For `notebook-instance` and `endpoint`.",
        examples=[10],
    )
    require_lifecycle_config: AnyOrGlobs | None = Field(
        default=None,
        description="The lifecycle configuration that must be there: `true` for any, or names and "
        "patterns of which one must match, in any letter case. For `notebook-instance`, and for "
        "`studio-domain` and `studio-user-profile` by what they name for JupyterLab, Code Editor, "
        "JupyterServer or KernelGateway.",
        examples=[["auto-stop-*"]],
    )
    require_idle_shutdown: IdleShutdownModel | None = Field(
        default=None,
        description="Idle shutdown must be enabled for JupyterLab and Code Editor. For "
        "`studio-domain`, and for `studio-user-profile` by what it overrides.",
        examples=[{"at_most": "2h"}],
    )
    managed_spot: Literal["required"] | None = Field(
        default=None,
        description="Training jobs that write checkpoints must use managed spot training. The "
        "owner of one that writes none is told what to configure, and it is never stopped for it. "
        "For `training-job`, and for `hyper-parameter-tuning-job` by its definitions.",
        examples=["required"],
    )
    max_runtime: Annotated[Duration, between(_SHORTEST_RUN, _LONGEST_RUN)] | None = Field(
        default=None,
        description="The longest run time that a job may ask for (`MaxRuntimeInSeconds` and its "
        "like): 1m to 182d. A tuning or AutoML job must set one, as AWS sets none. For every kind "
        "of job but `transform-job`, for which AWS knows none.",
        examples=["24h"],
    )
    max_wait: Annotated[Duration, between(_SHORTEST_RUN, _LONGEST_RUN)] | None = Field(
        default=None,
        description="The longest that a managed spot job may ask to wait for capacity and run, "
        "together (`MaxWaitTimeInSeconds`): 1m to 182d. For `training-job` and "
        "`hyper-parameter-tuning-job`.",
        examples=["36h"],
    )
    max_instances: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None,
        description="The most instances that one job may run on at once, all groups together; of "
        "a tuning job, those of all training jobs at once. For every kind of job but "
        "`auto-ml-job`, whose instances AWS chooses.",
        examples=[4],
    )
    action: Remedies = Field(
        default=(Remedy.NOTIFY,),
        description="What follows, one or a list: `tag-owner` writes the owner's tag from whoever "
        "made the call, `notify` tells the owner, `stop` stops notebook instances, Studio apps, "
        "jobs of every kind, MLflow tracking servers and monitoring schedules, `delete` deletes "
        "endpoints and Bedrock's provisioned throughput. Everything else is only tagged and told "
        "of.",
        examples=[["tag-owner", "notify"]],
    )
    grace: Annotated[Duration, between(timedelta(minutes=5), timedelta(days=30))] = Field(
        default=timedelta(hours=24),
        description="How long after an accepted warning it is stopped or deleted: 5m to 30d, at "
        "least 1h before a delete.",
        examples=["24h"],
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        found = tuple(self._impossible())
        if found:
            raise RefusedError(found)
        return self

    def _impossible(self) -> Iterator[Finding]:
        """Find what the rule could never do."""
        kinds: set[str] = set(self.resources)
        if Remedy.DELETE in self.action:
            if not kinds & {*ACTED_ON[Remedy.DELETE], "*"}:
                problem = "only endpoints and provisioned models are deleted"
                yield Finding(("action",), problem, "add endpoint or provisioned-model, or stop")
            if self.grace < _HOUR:
                yield Finding(("grace",), "it is too short for a delete", "use 1h to 30d")
        if Remedy.STOP in self.action and not kinds & {*ACTED_ON[Remedy.STOP], "*"}:
            deleted = kinds & ACTED_ON[Remedy.DELETE]
            remedy = "use notify or delete" if deleted else "use notify or tag-owner"
            yield Finding(("action",), f"{_listed(kinds)} cannot be stopped", remedy)
        if self.max_count is not None and kinds - _COUNTED:
            problem = f"{_listed(kinds - _COUNTED)} cannot be counted"
            yield Finding(("max_count",), problem, "count notebook-instance or endpoint")
        yield from self._never_asked(kinds)

    def _never_asked(self, kinds: set[str]) -> Iterator[Finding]:
        """Find demands that concern none of the rule's kinds of resource."""
        demands = {
            "require_lifecycle_config": WITH_LIFECYCLE_CONFIGS,
            "require_idle_shutdown": WITH_IDLE_SHUTDOWN,
            "managed_spot": SPOT_KINDS,
            "max_runtime": BOUNDED_KINDS,
            "max_wait": SPOT_KINDS,
            "max_instances": COUNTED_KINDS,
        }
        for key, possible in demands.items():
            if getattr(self, key) is not None and not kinds & {*possible, "*"}:
                problem = f"{_listed(kinds)} cannot have it"
                yield Finding((key,), problem, f"speak of {' or '.join(sorted(possible))}")
        for key in _OF_INSTANCES:
            if getattr(self, key) is not None and kinds <= UNTYPED:
                problem = f"{_listed(kinds)} has no instances of yours"
                yield Finding((key,), problem, "speak of kinds that run on instance types")

    def conditions(self) -> tuple[Condition, ...]:
        """The demands, in the domain's terms."""
        return tuple(self._conditions())

    def _conditions(self) -> Iterator[Condition]:
        if self.require_tags is not None:
            yield RequiredTags(
                {
                    key: AllowedValue(item.values or (), item.pattern)
                    for key, item in self.require_tags.items()
                }
            )
        if self.deny_instance_types is not None:
            yield DeniedTypes(self.deny_instance_types)
        if self.allow_instance_types is not None:
            yield AllowedTypes(self.allow_instance_types)
        if self.max_price_per_hour is not None:
            yield PriceCeiling(Decimal(str(self.max_price_per_hour)))
        if self.max_gpus is not None:
            yield GpuCeiling(self.max_gpus)
        if self.max_volume_gb is not None:
            yield VolumeCeiling(self.max_volume_gb)
        if self.max_count is not None:
            yield CountCap(self.max_count)
        if self.require_lifecycle_config is not None:
            yield RequiredLifecycleConfig(_named(self.require_lifecycle_config))
        if self.require_idle_shutdown is not None:
            yield RequiredIdleShutdown(self.require_idle_shutdown.at_most)
        yield from self._job_conditions()

    def _job_conditions(self) -> Iterator[Condition]:
        if self.managed_spot is not None:
            yield SpotRequired()
        if self.max_runtime is not None:
            yield RuntimeCeiling(limit=self.max_runtime)
        if self.max_wait is not None:
            yield WaitCeiling(limit=self.max_wait)
        if self.max_instances is not None:
            yield InstanceCap(most=self.max_instances)


def _named(globs: tuple[str, ...]) -> tuple[str, ...]:
    """The globs, none of them where any name will do."""
    return () if "*" in globs else globs


def _listed(kinds: set[str]) -> str:
    return ", ".join(sorted(kinds))


DEMANDS = tuple(
    name for name in Demands.model_fields if name not in {"resources", "action", "grace"}
)
"""The keys that mark a rule as a guardrail."""

KINDS: tuple[str, ...] = get_args(Kind)
"""The kinds of resource that guardrails speak of."""
