"""A rule that judges by itself goes the same way as any other: listed, measured, warned, done."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sagewarden.application.carry_out import carry_out
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.judged import Facts, JudgedRule
from sagewarden.domain.metrics import Series, Window
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Resource, ResourceKind, Snapshot, Status
from sagewarden.domain.scope import Mode, Scope, spared
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import LONG_AGO, a_policy, a_ref
from tests.support.scenario import Scenario

SERVER = ResourceKind.MLFLOW_TRACKING_SERVER
HOUR = timedelta(hours=1)


class Mood(Status):
    """How a tracking server of these tests is."""

    CREATED = "Created"
    STOPPED = "Stopped"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent(JudgedRule):
    """Stop what nobody called for two hours."""

    def window(self, now: datetime) -> Window | None:
        """Two hours."""
        return Window.before(now, 2 * HOUR)

    def series(self, resource: Resource, now: datetime) -> Iterable[Series]:
        """The calls of it."""
        del now
        return (calls_of(resource.ref.name),)

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """VIOLATION without a call; UNKNOWN without a datapoint."""
        if verdict := spared(resource, self.scope, now):
            return verdict
        calls = facts.readings.of(calls_of(resource.ref.name)) if facts.readings else None
        if not calls:
            return self.scope.verdict(resource, VerdictKind.UNKNOWN, "its calls are not known")
        if sum(calls):
            return self.scope.verdict(resource, VerdictKind.COMPLIANT, "somebody called it")
        action = Action(ActionKind.STOP, resource.ref, Precondition.of(resource))
        reason = "nobody called it"
        return Verdict(self.scope.rule, resource.ref, VerdictKind.VIOLATION, reason, action=action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembering(JudgedRule):
    """Stop what we never touched; what it is told is kept in the evidence."""

    @property
    def remembers(self) -> bool:
        """It asks what was done before."""
        return True

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """VIOLATION unless we touched it before."""
        del now
        if facts.touched is not None:
            return self.scope.verdict(resource, VerdictKind.COMPLIANT, "we did something before")
        action = Action(ActionKind.STOP, resource.ref, Precondition.of(resource))
        return Verdict(self.scope.rule, resource.ref, VerdictKind.VIOLATION, "new", action=action)


def calls_of(name: str) -> Series:
    return Series("Tests", "Calls", (("Name", name),), "Sum")


def a_server(name: str) -> Snapshot:
    return Snapshot(
        ref=a_ref(name, SERVER),
        status=Mood.CREATED,
        created=LONG_AGO,
        modified=LONG_AGO,
        tags={},
    )


def silent() -> Silent:
    return Silent(scope=Scope("silent", Mode.ENFORCE), kinds=(SERVER.value,), grace=HOUR)


def test_it_is_measured_warned_of_and_done_when_its_grace_is_over() -> None:
    scenario = Scenario(a_policy(silent()), a_server("quiet"), a_server("busy"))
    scenario.telemetry.load(calls_of("quiet"), (0.0,) * 9)
    scenario.telemetry.load(calls_of("busy"), (0.0,) * 8 + (1.0,))

    scenario.at("Mon 10:00").sweep()
    warned = list(scenario.notifier.warned)
    early = list(scenario.executor.done)
    report = scenario.at("Mon 11:00").sweep()

    assert warned == ["quiet"]
    assert early == []
    assert scenario.executor.deeds == [("manifest", "quiet"), ("stop", "quiet")]
    assert [item.kind for item in report.outcomes] == [OutcomeKind.APPLIED]


def test_what_is_used_meanwhile_is_seen_by_the_fresh_look() -> None:
    scenario = Scenario(a_policy(silent()), a_server("quiet"))
    scenario.telemetry.load(calls_of("quiet"), (0.0,) * 9)
    scenario.at("Mon 10:00").sweep()
    (case, verdict, _) = scenario.notifier.warnings[0]

    scenario.telemetry.load(calls_of("quiet"), (0.0,) * 8 + (1.0,))
    scenario.clock.advance(HOUR)
    outcome = carry_out(verdict, silent(), scenario.hands)

    assert case.ref.name == "quiet"
    assert outcome.kind is OutcomeKind.STALE
    assert outcome.reason == "COMPLIANT now: somebody called it"
    assert scenario.executor.done == []


def test_metrics_that_cannot_be_read_are_unknown_and_reported() -> None:
    scenario = Scenario(a_policy(silent()), a_server("quiet"))
    scenario.telemetry.load(calls_of("quiet"), None)

    plan = scenario.at("Mon 10:00").plan()

    assert [item.kind for item in plan.left_alone] == [VerdictKind.UNKNOWN]
    assert [item.why for item in plan.incomplete] == ["CloudWatch gave no data"]


def test_what_it_does_not_cover_is_neither_measured_nor_judged() -> None:
    rule = replace(silent(), scope=Scope("silent", Mode.ENFORCE, names=("team-*",)))
    scenario = Scenario(a_policy(rule), a_server("quiet"))

    plan = scenario.at("Mon 10:00").plan()

    assert scenario.telemetry.asked == []
    assert (plan.actions, plan.left_alone) == ((), ())


def test_its_kinds_are_listed_only_where_a_rule_speaks_of_them() -> None:
    with_rule = Scenario(a_policy(silent()), a_server("quiet"))
    without = Scenario(a_policy(), a_server("quiet"))

    with_rule.at("Mon 10:00").plan()
    without.at("Mon 10:00").plan()

    assert with_rule.inventory.listed == [SERVER]
    assert without.inventory.listed == []


def test_a_list_that_breaks_off_is_reported() -> None:
    scenario = Scenario(a_policy(silent()), a_server("quiet"))
    scenario.inventory.incomplete = (Incomplete("mlflow-tracking-server resources", "throttled"),)

    plan = scenario.at("Mon 10:00").plan()

    assert plan.incomplete[0].why == "throttled"


def test_what_was_done_before_is_told_to_a_rule_that_asks() -> None:
    rule = Remembering(scope=Scope("once", Mode.ENFORCE), kinds=(SERVER.value,), grace=HOUR)
    scenario = Scenario(a_policy(rule), a_server("quiet"))

    scenario.at("Mon 10:00").sweep()
    scenario.at("Mon 11:00").sweep()
    scenario.inventory.put(a_server("quiet"))  # somebody started it again
    plan = scenario.at("Mon 12:00").plan()

    assert scenario.executor.done == [("stop", "quiet")]
    assert [item.reason for item in plan.left_alone] == ["we did something before"]
