"""The rules as a policy writes them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.endpoint_capacity.rule import Served
from sagewarden.policy.endpoint_capacity import CapacityModel
from sagewarden.policy.guardrails import DEMANDS, Demands
from sagewarden.policy.idle_notebooks import IdleNotebooksRule
from sagewarden.policy.jobs import IdleJobsRule
from sagewarden.policy.node_groups import IdleNodeGroupsRule, NodeGroupHoursRule
from sagewarden.policy.problems import Finding, RefusedError
from sagewarden.policy.provisioned_concurrency import ProvisionedConcurrencyModel
from sagewarden.policy.rule_model import Enforcement, JudgedRuleModel, Notice, RuleModel
from sagewarden.policy.services import IdleServicesRule
from sagewarden.policy.values import (
    Duration,
    PolicyModel,
    Switch,
    TagKey,
    between,
    distinct,
    one_or_more,
    whole_hours,
)

LONGEST_WINDOW = timedelta(days=14)
"""CloudWatch's ListMetrics, which finds the series to read, sees only two weeks back."""

_HOUR = timedelta(hours=1)

Hourly = Literal["notebook-instance", "studio-app"]
HourlyKinds = Annotated[
    tuple[Hourly, ...],
    Field(min_length=1),
    AfterValidator(distinct),
    BeforeValidator(one_or_more, json_schema_input_type=Hourly | list[Hourly]),
]


class NotebookHoursRule(RuleModel):
    """Stop notebook instances and Studio apps outside their hours; start again what was stopped.

    A notebook without `schedule_tag` follows `outside`. A tag that cannot be read is reported,
    and its notebook left alone. For Studio apps the tags of their space and of its owner's user
    profile count as well.
    """

    resources: HourlyKinds = Field(
        description="The kinds of resource, one or a list. A Studio app is stopped by deleting it; "
        "its space stays.",
        examples=["notebook-instance"],
    )
    outside: str | None = Field(
        default=None,
        description="The calendar of `calendars` or the schedule of `instance_scheduler` outside "
        "which notebooks are stopped, or `custodian` for the `custodian` block. Without it, "
        "notebooks that carry no schedule tag are left alone.",
        examples=["business-hours"],
    )
    schedule_tag: TagKey | None = Field(
        default=None,
        description="The tag in which a notebook may name a calendar or schedule of its own, "
        "write one (`mon-fri 09:00-18:00 Asia/Seoul`), or opt out (`off`).",
        examples=["Schedule"],
    )
    action: Literal["stop"] = Field(default="stop", description="What to do with it.")
    start_again: Switch = Field(
        default=False,
        description="Whether what this rule stopped, and nothing else, is started at opening. Not "
        "for `studio-app`: whoever opens the space starts its app.",
    )
    enforce: Enforcement = Field(
        default=Enforcement.RESPECTFUL,
        description="Whether a notebook that somebody started after closing keeps running until "
        "the next closing (`respectful`) or is stopped again (`strict`).",
    )
    warn: Notice = timedelta(minutes=30)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.start_again and "studio-app" in self.resources:
            problem = "a Studio app is not started again: nobody would be there to use it"
            remedy = "remove start_again; give studio-app a rule of its own"
            raise RefusedError((Finding(("start_again",), problem, remedy),))
        return self


class IdleApp(PolicyModel):
    """What counts as an idle app."""

    window: Annotated[Duration, between(_HOUR, timedelta(days=14))] = Field(
        default=timedelta(hours=2),
        alias="for",
        description="How long nobody may have used it: 1h to 14d. Where AWS does not tell when it "
        "was last used, it is reported, and never stopped.",
        examples=["2h"],
    )


class IdleAppsRule(RuleModel):
    """Stop Studio apps that nobody uses.

    A Studio app is stopped by deleting it; its space and what is stored there stay.
    """

    resources: Literal["studio-app"] = Field(
        description="The kind of resource.", examples=["studio-app"]
    )
    idle: IdleApp = Field(description="What counts as idle.", examples=[{"for": "2h"}])
    action: Literal["stop"] = Field(default="stop", description="What to do with it.")
    warn: Notice = timedelta(minutes=30)


class Idle(PolicyModel):
    """What counts as idle."""

    invocations: Annotated[int, Field(ge=0, le=0)] = Field(
        default=0, description="The most calls in that time. Only 0 is available in this version."
    )
    window: Annotated[
        Duration,
        between(_HOUR, LONGEST_WINDOW, "the list of CloudWatch metrics reaches back two weeks"),
        AfterValidator(whole_hours),
    ] = Field(
        default=timedelta(hours=48),
        alias="for",
        description="How long nobody may have called it, in whole hours: 1h to 14d. An endpoint "
        "created or updated more recently is too new to be judged.",
        examples=["48h"],
    )


class IdleEndpointsRule(RuleModel):
    """Release what an endpoint keeps running though nobody has called it.

    Serverless endpoints lose their provisioned concurrency and inference components are scaled
    to zero whatever the action says: the gentlest action that ends the cost is taken.
    """

    resources: Literal["endpoint"] = Field(
        description="The kind of resource.", examples=["endpoint"]
    )
    idle: Idle = Field(
        description="What counts as idle, and for how long.",
        examples=[{"invocations": 0, "for": "48h"}],
    )
    action: Literal[
        ActionKind.DELETE,
        ActionKind.SCALE_TO_ZERO,
        ActionKind.RELEASE_PROVISIONED_CONCURRENCY,
    ] = Field(
        default=ActionKind.DELETE,
        description="What to do with it, where it fits the way the endpoint serves.",
    )
    grace: Annotated[Duration, between(_HOUR, timedelta(days=30))] = Field(
        default=timedelta(hours=24),
        description="How long after an accepted warning it is acted on: 1h to 30d.",
        examples=["24h"],
    )


class ProvisionedConcurrencyRule(RuleModel):
    """Let the provisioned concurrency of serverless endpoints follow their use and their hours.

    It governs endpoints that have provisioned concurrency, and never those whose scaling somebody
    else set up. Of several such rules the first that speaks of an endpoint governs it.
    """

    resources: Literal["serverless-endpoint"] = Field(
        description="The kind of resource.", examples=["serverless-endpoint"]
    )
    provisioned_concurrency: ProvisionedConcurrencyModel = Field(
        description="What it follows, and within which bounds.",
        examples=[{"strategy": "target-tracking", "bounds": [1, 20]}],
    )


class EndpointCapacityRule(RuleModel):
    """Let the instances or copies of endpoints follow the hours and their use.

    It tells of autoscaling that is missing or broken, too, and never touches what somebody else
    set up. Of several such rules the first that speaks of a resource governs it.
    """

    resources: Served = Field(
        description="The kind of resource: `async-endpoint` and `real-time-endpoint` have "
        "instances, an `inference-component` has copies.",
        examples=["real-time-endpoint"],
    )
    capacity: CapacityModel = Field(
        description="How many there are, and when.",
        examples=[{"hours": "business-hours", "during": [1, 4], "outside": [1, 1]}],
    )

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        found = self.capacity.misfits(self.resources)
        findings = tuple(replace(item, path=("capacity", *item.path)) for item in found)
        if findings:
            raise RefusedError(findings)
        return self


class GuardrailRule(Demands, RuleModel):
    """Say what may be created or kept, and how it must be tagged.

    Judged when something is created or changed, and again in each sweep. What an event does not
    tell is looked up before anything is done.
    """


NOTEBOOK_HOURS = "notebook hours"
IDLE_APPS = "idle apps"
IDLE_NOTEBOOKS = "idle notebooks"
IDLE_ENDPOINTS = "idle endpoints"
NODE_GROUP_HOURS = "node group hours"
IDLE_NODE_GROUPS = "idle node groups"
IDLE_JOBS = "idle jobs"
PROVISIONED_CONCURRENCY = "provisioned concurrency"
ENDPOINT_CAPACITY = "endpoint capacity"
IDLE_SERVICES = "idle services"
GUARDRAILS = "guardrails"

RULE_KINDS: Mapping[str, type[RuleModel]] = {
    NOTEBOOK_HOURS: NotebookHoursRule,
    IDLE_APPS: IdleAppsRule,
    IDLE_NOTEBOOKS: IdleNotebooksRule,
    IDLE_ENDPOINTS: IdleEndpointsRule,
    NODE_GROUP_HOURS: NodeGroupHoursRule,
    IDLE_NODE_GROUPS: IdleNodeGroupsRule,
    IDLE_JOBS: IdleJobsRule,
    PROVISIONED_CONCURRENCY: ProvisionedConcurrencyRule,
    ENDPOINT_CAPACITY: EndpointCapacityRule,
    IDLE_SERVICES: IdleServicesRule,
    GUARDRAILS: GuardrailRule,
}
"""The rules of this version by what people call them."""

_BY_RESOURCE = {
    "notebook-instance": NOTEBOOK_HOURS,
    "studio-app": NOTEBOOK_HOURS,
    "endpoint": IDLE_ENDPOINTS,
    "serverless-endpoint": PROVISIONED_CONCURRENCY,
    "real-time-endpoint": ENDPOINT_CAPACITY,
    "async-endpoint": ENDPOINT_CAPACITY,
    "inference-component": ENDPOINT_CAPACITY,
}
_HOURLY = get_args(Hourly)
_BY_KEY = {
    "idle": IDLE_ENDPOINTS,
    "grace": IDLE_ENDPOINTS,
    "outside": NOTEBOOK_HOURS,
    "schedule_tag": NOTEBOOK_HOURS,
    "start_again": NOTEBOOK_HOURS,
    "warn": NOTEBOOK_HOURS,
    "provisioned_concurrency": PROVISIONED_CONCURRENCY,
    "capacity": ENDPOINT_CAPACITY,
}


def kind_of(rule: object) -> str | None:
    """Say what kind of rule something is.

    A demand makes it a guardrail; else its resources decide, or else its telling keys.
    """
    for kind, model in RULE_KINDS.items():
        if isinstance(rule, model):
            return kind
    if not isinstance(rule, Mapping):
        return None
    if any(key in rule for key in DEMANDS):
        return GUARDRAILS
    for kind, model in RULE_KINDS.items():
        if issubclass(model, JudgedRuleModel) and model.claims(rule):
            return kind
    resources = rule.get("resources")
    if isinstance(resources, list) and resources and all(item in _HOURLY for item in resources):
        resources = resources[0]
    if resources == "studio-app" and "idle" in rule:
        return IDLE_APPS
    if isinstance(resources, str) and resources in _BY_RESOURCE:
        return _BY_RESOURCE[resources]
    known = next((kind for key, kind in _BY_KEY.items() if key in rule), None)
    return known or (GUARDRAILS if any(_nearly_demands(key) for key in rule) else None)


def _nearly_demands(key: object) -> bool:
    """Whether a key seems to be a misspelt demand."""
    return isinstance(key, str) and bool(get_close_matches(key, DEMANDS, n=1, cutoff=0.8))


AnyRule = Annotated[
    Annotated[NotebookHoursRule, Tag(NOTEBOOK_HOURS)]
    | Annotated[IdleAppsRule, Tag(IDLE_APPS)]
    | Annotated[IdleNotebooksRule, Tag(IDLE_NOTEBOOKS)]
    | Annotated[IdleEndpointsRule, Tag(IDLE_ENDPOINTS)]
    | Annotated[NodeGroupHoursRule, Tag(NODE_GROUP_HOURS)]
    | Annotated[IdleNodeGroupsRule, Tag(IDLE_NODE_GROUPS)]
    | Annotated[IdleJobsRule, Tag(IDLE_JOBS)]
    | Annotated[ProvisionedConcurrencyRule, Tag(PROVISIONED_CONCURRENCY)]
    | Annotated[EndpointCapacityRule, Tag(ENDPOINT_CAPACITY)]
    | Annotated[IdleServicesRule, Tag(IDLE_SERVICES)]
    | Annotated[GuardrailRule, Tag(GUARDRAILS)],
    Discriminator(kind_of),
]
