"""The guardrail rule: what it speaks of, what it demands, and what follows from a violation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.guardrails.answers import Answer, worst
from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.guardrails.conditions import (
    AllowedTypes,
    Condition,
    CountCap,
    DeniedTypes,
    Figures,
    GpuCeiling,
    JobDemand,
    PriceCeiling,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.identity import NOBODY
from sagewarden.domain.guardrails.ownership import Owner, owner_of
from sagewarden.domain.guardrails.remedies import ACTED_ON, Remediation, Remedy, remediation
from sagewarden.domain.guardrails.subject import Subject, subject_of
from sagewarden.domain.resources import ALWAYS_SWEPT, Resource, ResourceKind, ResourceRef
from sagewarden.domain.scope import Mode, Scope, spared, spared_by_tags, spared_by_word
from sagewarden.domain.verdicts import Verdict, VerdictKind

EVERYTHING = "*"
"""The kind of resource that stands for all of them."""

CARRIERS = {
    "endpoint-config": "endpoint",
    "inference-component": "endpoint",
    "hyper-parameter-tuning-job": "training-job",
}
"""What decides on which instances another kind runs; judged by that kind's demands on them."""

_ON_INSTANCES = (DeniedTypes, AllowedTypes, PriceCeiling, GpuCeiling, VolumeCeiling)


@dataclass(frozen=True, slots=True)
class Guardrail:
    """What the policy demands of resources of some kinds.

    Attributes:
        scope: Which resources.
        kinds: The kinds it speaks of, for example ``notebook-instance``; ``*`` for every kind.
        conditions: What it demands, one at least.
        remedies: What follows from a violation, in this order.
        grace: How long after an accepted warning a resource is acted on.
    """

    scope: Scope
    kinds: tuple[str, ...]
    conditions: tuple[Condition, ...]
    remedies: tuple[Remedy, ...] = (Remedy.NOTIFY,)
    grace: timedelta = timedelta(hours=24)

    def speaks_of(self, kind: str) -> bool:
        """Whether it demands anything of a kind of resource itself."""
        return EVERYTHING in self.kinds or kind in self.kinds

    def sweeps(self, kind: str) -> bool:
        """Whether sweeps look at what exists of a kind.

        Those of which there may be thousands, or which cost calls of their own, only where the
        rule names them.
        """
        if kind in ALWAYS_SWEPT:
            return self.speaks_of(kind)
        return kind in set(ResourceKind) and kind in self.kinds

    def conditions_on(self, kind: str) -> tuple[Condition, ...]:
        """What it demands of a kind of resource.

        Of an endpoint config it demands what it demands of an endpoint's instances: the call that
        creates the endpoint does not name them.
        """
        if self.speaks_of(kind):
            return self.conditions
        if CARRIERS.get(kind) in self.kinds:
            demands = (item for item in self.conditions if isinstance(item, JobDemand))
            return (
                *(item for item in self.conditions if isinstance(item, _ON_INSTANCES)),
                *(item.of_parts() for item in demands),
            )
        return ()

    @property
    def counts(self) -> bool:
        """Whether a verdict depends on what else runs."""
        return any(isinstance(item, CountCap) for item in self.conditions)

    @property
    def needs_details(self) -> bool:
        """Whether an endpoint must be described to be judged, or to be acted on."""
        return Remedy.DELETE in self.remedies or any(
            isinstance(item, _ON_INSTANCES) for item in self.conditions
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that follows from a violation that an event shows.

    An event selects what to look at; before a stop or a delete the resource itself is read.

    Attributes:
        remedy: What to do.
        reason: Why.
        tag: The tag to add, its key and its value.
    """

    remedy: Remedy
    reason: str
    tag: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """What a guardrail says of an event."""

    rule: str
    kind: VerdictKind
    reason: str
    steps: tuple[Step, ...] = ()


def judge_call(
    call: Call, rule: Guardrail, figures: Figures, owner: Owner | None = None
) -> CallVerdict:
    """Judge what an event tells, at the time at which it happened.

    UNKNOWN where the event does not tell enough: the resource itself must be looked at.

    Args:
        call: The event.
        rule: The rule.
        figures: What is known of instance types.
        owner: Whose the resource is, where something other than the event tells.
    """
    answer = _answer_to_call(call, rule, figures)
    owner = owner or owner_of(call.identity, call.subject.tags)
    remedies = _remedies(rule, answer)
    violated = answer.kind is VerdictKind.VIOLATION
    steps = _steps(call, replace(rule, remedies=remedies), owner) if violated else ()
    return CallVerdict(rule.scope.rule, answer.kind, answer.reason, steps)


def judge_resource(
    resource: Resource,
    rule: Guardrail,
    peers: Sequence[Resource] | None,
    figures: Figures,
    now: datetime,
    owner: Owner | None = None,
) -> Verdict:
    """Judge a resource as it is.

    Args:
        resource: A resource that the rule covers.
        rule: The rule.
        peers: Everything of its kind in its account and region; None when not known.
        figures: What is known of instance types.
        now: The moment of judgement (aware).
        owner: Whose it is, where an event or another resource's tags tell; else its own tags do.

    Returns:
        VIOLATION with the first of the rule's remedies that its state allows: its owner's tag is
        written first, then it is stopped or deleted, else its owner is told; or why there is
        nothing to do.
    """
    scope = rule.scope
    if verdict := spared(resource, scope, now):
        return verdict
    subject = subject_of(resource, scope, peers)
    answer = worst([item.answer(subject, figures) for item in rule.conditions])
    types = ", ".join(subject.instance_types) if subject.instance_types else None
    if answer.kind is not VerdictKind.VIOLATION:
        return scope.verdict(resource, answer.kind, answer.reason, instance_types=types)
    named = _named_owner(subject, rule, owner or owner_of(NOBODY, resource.tags))
    if scope.mode is not Mode.ENFORCE:
        named = None
    asked = _remedies(rule, answer)
    remedy = Remediation(ActionKind.TAG_OWNER) if named else remediation(resource, asked)
    then = Precondition.of(resource)
    tag = (rule.scope.owner_tag, named.name) if named else None
    return Verdict(
        rule=scope.rule,
        ref=resource.ref,
        kind=VerdictKind.VIOLATION,
        reason="; ".join(part for part in (answer.reason, remedy.hindrance) if part),
        evidence={"instance_types": types, **({"owner_known_from": named.source} if named else {})},
        action=Action(remedy.action, resource.ref, then, tag) if remedy.action else None,
    )


def _remedies(rule: Guardrail, answer: Answer) -> tuple[Remedy, ...]:
    """What may follow from an answer: advice stops and deletes nothing."""
    if not answer.advice:
        return rule.remedies
    harmless = (item for item in rule.remedies if item not in ACTED_ON)
    return tuple(dict.fromkeys((*harmless, Remedy.NOTIFY)))


def _answer_to_call(call: Call, rule: Guardrail, figures: Figures) -> Answer:
    subject, scope = call.subject, rule.scope
    if call.ineffective is not None:
        return Answer(VerdictKind.NOT_APPLICABLE, call.ineffective)
    conditions = rule.conditions_on(subject.kind)
    if not conditions:
        return Answer(VerdictKind.NOT_APPLICABLE, f"the rule does not speak of a {subject.kind}")
    if subject.name is None and (scope.names != ("*",) or scope.except_names):
        return Answer(VerdictKind.UNKNOWN, "the event does not tell its name")
    if not scope.reaches(subject.name or "", subject.tags):
        return Answer(VerdictKind.NOT_APPLICABLE, "its name or its tags are not the rule's")
    ref = ResourceRef(
        subject.kind, call.account, subject.region, subject.name or "", subject.arn or ""
    )
    if exempt := spared_by_word(ref, scope, call.time):
        return Answer(exempt.kind, exempt.reason)
    if subject.tags is None:
        reason = "the event does not tell its tags: the resource itself must be looked at"
        return Answer(VerdictKind.UNKNOWN, reason)
    if left := spared_by_tags(subject.tags, scope, call.time):
        return Answer(left.kind, left.reason)
    return worst([item.answer(subject, figures) for item in conditions])


def _steps(call: Call, rule: Guardrail, owner: Owner | None) -> tuple[Step, ...]:
    """What follows from a violation; where nothing else can, its owner is told all the same."""
    found = tuple(_possible_steps(call, rule, owner))
    asked = ", ".join(rule.remedies)
    return found or (Step(Remedy.NOTIFY, f"{asked} is not possible here: its owner is told"),)


def _possible_steps(call: Call, rule: Guardrail, owner: Owner | None) -> Iterator[Step]:
    kind = call.subject.kind
    for remedy in rule.remedies:
        if remedy is Remedy.NOTIFY:
            yield Step(remedy, "its owner is told")
        elif remedy is Remedy.TAG_OWNER:
            yield from _owner_tag(call, rule, owner)
        elif kind in ACTED_ON[remedy]:
            yield Step(remedy, "once its owner was told, the grace period is over, and it runs")


def _owner_tag(call: Call, rule: Guardrail, owner: Owner | None) -> Iterator[Step]:
    """Name the owner, where nobody is named and the name is one that the rule allows."""
    named = _named_owner(call.subject, rule, owner)
    if named is not None:
        yield Step(Remedy.TAG_OWNER, f"named by {named.source}", (rule.scope.owner_tag, named.name))


def _named_owner(subject: Subject, rule: Guardrail, owner: Owner | None) -> Owner | None:
    """The owner whose tag the rule writes: nobody is named yet, and the name is allowed."""
    if Remedy.TAG_OWNER not in rule.remedies or owner is None:
        return None
    if subject.tags is None or rule.scope.owner_tag in subject.tags or not subject.taggable:
        return None
    demands = [item.tags for item in rule.conditions if isinstance(item, RequiredTags)]
    allowed = [tags[rule.scope.owner_tag] for tags in demands if rule.scope.owner_tag in tags]
    return None if any(item.objection(owner.name) for item in allowed) else owner
