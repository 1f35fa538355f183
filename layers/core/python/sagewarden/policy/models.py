"""governance.yaml as a whole."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from sagewarden.domain.scope import Mode
from sagewarden.policy.calendars import CalendarModel
from sagewarden.policy.custodian import Custodian
from sagewarden.policy.document import Document
from sagewarden.policy.instance_scheduler import InstanceScheduler
from sagewarden.policy.problems import Finding, PolicyError, Problem, RefusedError, spell
from sagewarden.policy.rule_models import AnyRule
from sagewarden.policy.values import (
    ENABLED,
    Accounts,
    Address,
    Approver,
    Channel,
    Day,
    Excepted,
    Glob,
    Globs,
    Name,
    PolicyModel,
    Switch,
    TagKey,
    TagValue,
    TargetRegions,
    Units,
    Version,
    Words,
    Zone,
    told_apart,
)


class OrganizationModel(PolicyModel):
    """Accounts of the AWS organisation, found by AWS Organizations; `{}` means all of them.

    The hub has to be its management account, or a delegated administrator. Accounts that are not
    active are left out. Who is there is asked every hour: docs/deployment.md, "An organisation".
    """

    units: Units | None = Field(
        default=None,
        description="The ids of the roots and organisational units whose accounts it governs, "
        "those of units below them included; the whole organisation unless given.",
        examples=[["ou-ab12-cdefgh34"]],
    )
    tags: Annotated[dict[TagKey, Globs], Field(min_length=1)] | None = Field(
        default=None,
        description="Tags that an account itself must all have, each with one of the values. "
        "Patterns are allowed, letter case matters in the key only, and `*` stands for any value.",
        examples=[{"Workload": ["ml", "ml-*"]}],
    )
    except_: Excepted = Field(
        default=(),
        alias="except",
        description="The ids of accounts, and of organisational units with all below them, that "
        "it never governs.",
        examples=[["111122223333", "ou-ab12-sandbox1"]],
    )


class Targets(PolicyModel):
    """Where the policy holds."""

    accounts: Accounts = Field(
        default=(),
        description="`self` for the account it is deployed in, or the 12-digit ids of accounts: "
        "beside `organization`, those that are governed as well.",
        examples=["self"],
    )
    organization: OrganizationModel | None = Field(
        default=None,
        description="The accounts of the AWS organisation that it governs, as they come and go.",
        examples=[{"units": ["ou-ab12-cdefgh34"], "except": ["111122223333"]}],
    )
    regions: TargetRegions = Field(
        default=(),
        description="The regions it governs, or beside `organization` `enabled`: every region with "
        "SageMaker that an account has enabled; the one it is deployed in unless given.",
        examples=[["ap-northeast-2", "us-east-1"], "enabled"],
    )

    @model_validator(mode="after")
    def _asked(self) -> Self:
        """Only where the hub asks about an organisation it may ask which regions are enabled."""
        if ENABLED in self.regions and self.organization is None:
            problem = "it is asked of the accounts of an organisation only"
            raise RefusedError(
                (Finding(("regions",), problem, "add organization, or list the regions"),)
            )
        return self


class Owners(PolicyModel):
    """Who hears of what happens to a resource, and who may decide over it."""

    tag: TagKey = Field(default="Owner", description="The tag that names a resource's owner.")
    people: Annotated[dict[TagValue, Address], AfterValidator(told_apart)] = Field(
        default={},
        description="Who in Slack is meant, by what the owner's tag says, in any letter case: an "
        "e-mail address or id of a person, a user group (`@handle` or id), or a channel. What is "
        "not listed is understood as it stands. Quote what begins with `@` or `#`.",
        examples=[{"tom": "tom@example.com", "data-eng": "@data-eng"}],
    )
    team_tag: TagKey = Field(default="Team", description="The tag that names a resource's team.")
    teams: Annotated[dict[TagValue, Channel], AfterValidator(told_apart)] = Field(
        default={},
        description="The Slack channel of each team, by what the team's tag says, in any letter "
        "case: it is told where no owner can be found, or a user group is the owner. Quote the "
        "channels.",
        examples=[{"vision": "#team-vision"}],
    )
    fallback_channel: Channel | None = Field(
        default=None,
        description="The Slack channel that is told when neither an owner can be found nor a "
        "channel of the team. It must be quoted.",
        examples=["#ml-costs"],
    )
    approvers: tuple[Approver, ...] = Field(
        default=(),
        description="Slack users and groups who may decide over any resource. Quote them.",
        examples=[["@ml-platform"]],
    )
    warn_during: Name | None = Field(
        default=None,
        description="The calendar of `calendars` or the schedule of `instance_scheduler` outside "
        "which sweeps give no warning that can wait: one with a grace period of four hours or "
        "more, or with which nothing else happens. The grace period begins with the warning. At "
        "any time unless given; the closing of notebooks and what somebody creates just now are "
        "told at any time. In Slack the hours are those of each reader's own time zone.",
        examples=["business-hours"],
    )


class Protection(PolicyModel):
    """A tag that protects every resource that carries it from every rule."""

    tag: TagKey = Field(description="The tag's key, letter case matters.", examples=["Stage"])
    values: Globs | None = Field(
        default=None,
        description="The values that protect, patterns allowed, in any letter case; any value "
        "protects unless given.",
        examples=[["prod", "prod-*"]],
    )


class ExemptionModel(PolicyModel):
    """Resources that are left alone, until when, and why.

    An exemption that has run out is named in the evidence of every verdict it would have changed.
    """

    resources: Glob = Field(
        description="A pattern of names, or of ARNs where it begins with `arn:`.",
        examples=["train-*"],
    )
    rule: Glob = Field(
        default="*",
        description="The name of the rule that leaves them alone, patterns allowed; every rule "
        "unless given.",
        examples=["idle-endpoints"],
    )
    accounts: Accounts = Field(
        default=(),
        description="The 12-digit ids of the accounts in which it holds; all of them unless given.",
        examples=[["111122223333"]],
    )
    until: Day | None = Field(
        default=None,
        description="The last day on which it holds, in whatever time zone that ends last. "
        "Mandatory unless the policy says `exemptions_may_be_permanent: true`.",
        examples=["2027-01-31"],
    )
    why: Words = Field(description="The justification.", examples=["migrating to serverless"])
    who: Words = Field(description="Who gave it.", examples=["mina@example.com"])


class LimitsModel(PolicyModel):
    """How much one run may do; a run that would do more does nothing at all.

    Where `limits` is given, every action counts. Where it is not, the defaults bound only what a
    start or a stop cannot simply take back, since business hours close for a whole fleet at once.
    """

    actions_per_run: Annotated[int, Field(ge=0, le=10_000)] = Field(
        default=20, description="The most actions of a run; 0 allows none."
    )
    percent_of_kind: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = Field(
        default=25,
        description="The most actions of a run, in percent of the resources of a kind; 0 allows "
        "none. Kinds with fewer than 10 resources are bounded by `actions_per_run` alone.",
    )


class GovernancePolicy(PolicyModel):
    """What Sagewarden watches over, and how far it may go.

    All values may be written with or without quotes, except text that begins with `#` or `@`.
    Keys that are not listed here are refused.
    """

    version: Version = Field(description="The version of this format.", examples=[1])
    mode: Mode = Field(
        default=Mode.OBSERVE,
        description="How far any rule may go: `observe` only reports, `warn` tells owners, "
        "`enforce` acts. Of this and a rule's own `mode` the more careful one counts.",
    )
    timezone: Zone = Field(
        default="UTC",
        description="The IANA time zone of every calendar and schedule that names none.",
        examples=["Asia/Seoul"],
    )
    targets: Targets = Field(
        default=Targets(), description="The accounts and regions that are governed."
    )
    owners: Owners = Field(default=Owners(), description="Who is told, and who decides.")
    protect: tuple[Protection, ...] = Field(
        default=(),
        description="Tags that protect a resource from every rule.",
        examples=[[{"tag": "Stage", "values": ["prod"]}, {"tag": "DoNotDelete"}]],
    )
    exemptions: tuple[ExemptionModel, ...] = Field(
        default=(),
        description="What is left alone for a time, beside what owners exempt by tag or click.",
        examples=[
            [{"resources": "train-*", "until": "2027-01-31", "why": "migrating", "who": "mina"}]
        ],
    )
    exemptions_may_be_permanent: Switch = Field(
        default=False, description="Whether an exemption may do without a last day."
    )
    limits: LimitsModel | None = Field(default=None, description="How much one run may do.")
    calendars: dict[Name, CalendarModel] = Field(
        default={},
        description="Business hours by name, for rules and for schedule tags.",
        examples=[{"business-hours": {"weekdays": "mon-fri", "from": "09:00", "to": "18:00"}}],
    )
    custodian: Custodian | None = Field(
        default=None, description="Cloud Custodian's off-hours options, to honour its tags."
    )
    instance_scheduler: InstanceScheduler | None = Field(
        default=None, description="Periods and schedules of Instance Scheduler on AWS."
    )
    rules: tuple[AnyRule, ...] = Field(
        description="The rules, in order: a resource is acted on once, and the first rule wins.",
        examples=[[]],
    )

    _document: Document | None = PrivateAttr(default=None)

    def model_post_init(self, context: object, /) -> None:
        """Remember the document it was read from, so that later problems find their lines."""
        if isinstance(context, Document):
            self._document = context

    def refused(self, findings: tuple[Finding, ...]) -> PolicyError:
        """An error that locates findings in the document the policy was read from."""
        if self._document is None:
            return PolicyError(
                Problem("policy", 1, 1, spell(item.path), item.problem, item.remedy)
                for item in findings
            )
        return PolicyError(map(self._document.problem, findings))
