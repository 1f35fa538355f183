"""The rules of a policy, in the order in which it lists them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.judged import JudgedRule
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.organization import OrganizationTargets
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Limits
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.resources import ResourceKind

type SweptRule = NotebookHours | IdleApps | IdleEndpoints | Guardrail | JudgedRule
"""The rules whose violations a sweep follows up."""

type Rule = SweptRule | ProvisionedConcurrency | EndpointCapacity


def exempting[R: Rule](rule: R, exemptions: Sequence[Exemption]) -> R:
    """A rule that leaves alone what some exemptions cover, beside what it spares already."""
    known = rule.scope.exemptions
    return replace(rule, scope=replace(rule.scope, exemptions=(*known, *exemptions)))


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as the domain sees it.

    Attributes:
        fingerprint: Changes whenever what the policy says changes.
        regions: The regions it governs; none of them means the caller's own.
        rules: In the policy's order.
        limits: The bounds of a run.
        accounts: The ids of the accounts it governs; none of them means any it is run in.
        owners: Who is told, and who decides.
        organization: The accounts that it governs beside these, by their organisation.
        enabled_regions: Whether it governs every region that an account has enabled.
    """

    fingerprint: str
    regions: tuple[str, ...]
    rules: tuple[Rule, ...]
    limits: Limits
    accounts: tuple[str, ...] = ()
    owners: Owners = field(default_factory=Owners)
    organization: OrganizationTargets | None = None
    enabled_regions: bool = False

    @property
    def is_discovered(self) -> bool:
        """Whether AWS has to be asked what it governs: the policy itself does not name it."""
        return self.organization is not None

    def governs(self, account: str) -> bool:
        """Whether it may speak of an account's resources, as far as it can tell by itself.

        Where it names an organisation, only what was found there can tell more.
        """
        if self.organization is not None:
            return account not in self.organization.except_accounts
        return not self.accounts or account in self.accounts

    def exempting(self, exemptions: Sequence[Exemption]) -> "Policy":
        """The policy whose rules leave alone what some exemptions cover."""
        return replace(self, rules=tuple(exempting(rule, exemptions) for rule in self.rules))

    def rule(self, name: str) -> Rule | None:
        """Find a rule by its name."""
        return next((rule for rule in self.rules if rule.scope.rule == name), None)

    @property
    def swept_rules(self) -> Iterator[SweptRule]:
        """The rules whose violations a sweep follows up."""
        swept = NotebookHours | IdleApps | IdleEndpoints | Guardrail | JudgedRule
        return (rule for rule in self.rules if isinstance(rule, swept))

    @property
    def guardrails(self) -> Iterator[Guardrail]:
        """The rules that say what may be created, and how it must be tagged."""
        return (rule for rule in self.rules if isinstance(rule, Guardrail))

    @property
    def concurrency_rules(self) -> Iterator[ProvisionedConcurrency]:
        """The rules that speak of the provisioned concurrency of serverless endpoints."""
        return (rule for rule in self.rules if isinstance(rule, ProvisionedConcurrency))

    @property
    def capacity_rules(self) -> Iterator[EndpointCapacity]:
        """The rules that speak of the instances of endpoints, or of the copies on them."""
        return (rule for rule in self.rules if isinstance(rule, EndpointCapacity))

    @property
    def scaling_rules(self) -> Iterator[ProvisionedConcurrency | EndpointCapacity]:
        """The rules that say how something scales."""
        known = ProvisionedConcurrency | EndpointCapacity
        return (rule for rule in self.rules if isinstance(rule, known))

    @property
    def notebook_rules(self) -> Iterator[NotebookHours]:
        """The rules that know opening hours, of notebook instances and of Studio apps."""
        return (rule for rule in self.rules if isinstance(rule, NotebookHours))

    @property
    def hour_rules(self) -> Iterator[NotebookHours | JudgedRule]:
        """The rules whose coming violations are announced."""
        known = (rule for rule in self.rules if isinstance(rule, NotebookHours | JudgedRule))
        return (rule for rule in known if isinstance(rule, NotebookHours) or rule.keeps_hours)

    @property
    def judged_rules(self) -> Iterator[JudgedRule]:
        """The rules that judge by themselves."""
        return (rule for rule in self.rules if isinstance(rule, JudgedRule))

    @property
    def app_rules(self) -> Iterator[NotebookHours | IdleApps]:
        """The rules that speak of Studio apps."""
        known = (rule for rule in self.rules if isinstance(rule, NotebookHours | IdleApps))
        return (rule for rule in known if ResourceKind.STUDIO_APP in rule.kinds)

    @property
    def endpoint_rules(self) -> Iterator[IdleEndpoints]:
        """The rules that speak of endpoints."""
        return (rule for rule in self.rules if isinstance(rule, IdleEndpoints))
