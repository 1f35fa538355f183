"""What a rule for idle services says of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Scope
from sagewarden.domain.services.rule import IdleServices
from sagewarden.policy.rule_model import JudgedRuleModel
from sagewarden.policy.values import (
    Duration,
    PolicyModel,
    all_among,
    between,
    distinct,
    one_or_more,
    whole_hours,
)

Service = Literal[
    "mlflow-tracking-server",
    "monitoring-schedule",
    "inference-recommendations-job",
    "provisioned-model",
    "cluster",
    "studio-file-system",
    "studio-space",
]
SERVICE_KINDS: tuple[str, ...] = get_args(Service)
Services = Annotated[
    tuple[Service, ...],
    Field(min_length=1),
    AfterValidator(distinct),
    BeforeValidator(one_or_more, json_schema_input_type=Service | list[Service]),
]

_HOUR = timedelta(hours=1)


class IdleService(PolicyModel):
    """What counts as an idle service."""

    window: Annotated[Duration, between(_HOUR, timedelta(days=14)), AfterValidator(whole_hours)] = (
        Field(
            default=timedelta(hours=72),
            alias="for",
            description="How long nobody may have used it, in whole hours: 1h to 14d. What was "
            "created or changed more recently is too new to be judged. AWS maintains tracking "
            "servers every week: a week or more may never find one unchanged. AWS tells of a "
            "space's apps for a day: beyond that, every look must have found none.",
            examples=["72h"],
        )
    )


class IdleServicesRule(JudgedRuleModel):
    """Stop, delete or tell of services that are billed by the hour and that nobody uses."""

    resources: Services = Field(
        description="The kinds of service, one or a list. `provisioned-model` is provisioned "
        "throughput of Amazon Bedrock, `cluster` SageMaker HyperPod, `studio-file-system` what a "
        "Studio domain keeps its users' homes in, `studio-space` a space with its volume.",
        examples=[["mlflow-tracking-server", "monitoring-schedule"]],
    )
    idle: IdleService = Field(
        default=IdleService(),
        description="What counts as idle. An inference recommendations job runs too long when it "
        "has run twice its limit.",
        examples=[{"for": "72h"}],
    )
    action: Literal[ActionKind.STOP, ActionKind.DELETE, ActionKind.NOTIFY] = Field(
        default=ActionKind.STOP,
        description="`stop` stops tracking servers, monitoring schedules and recommendations jobs, "
        "and tells of the rest; `delete` also deletes provisioned throughput without a commitment; "
        "`notify` only tells. Clusters, file systems and spaces are only ever told of.",
    )
    grace: Annotated[Duration, between(_HOUR, timedelta(days=30))] = Field(
        default=timedelta(hours=24),
        description="How long after an accepted warning it is acted on: 1h to 30d. It is looked at "
        "every hour until then.",
        examples=["24h"],
    )

    @classmethod
    def claims(cls, rule: Mapping[str, Any]) -> bool:
        """Whether it names services, and nothing else."""
        return all_among(rule.get("resources"), SERVICE_KINDS)

    def compiled(self, scope: Scope, book: ScheduleBook) -> IdleServices:
        """The rule of the domain."""
        del book
        return IdleServices(
            scope=scope,
            kinds=self.resources,
            grace=self.grace,
            idle_for=self.idle.window,
            action=ActionKind(self.action),
        )
