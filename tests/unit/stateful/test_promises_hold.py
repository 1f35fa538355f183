"""Whatever people, sweeps, Slack, AWS, the clock and the power do: no promise is broken.

A machine drives the use cases over a small region in any order that Hypothesis finds. The
promises are checked by a witness that knows nothing of cases: it sees what was clicked, what was
warned of and what is changed, at the moment at which it happens.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Protocol

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sagewarden.application.answers import Answer, ask_for_now, exempt, snooze
from sagewarden.application.ports import ActionFailedError
from sagewarden.application.sweep import sweep
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.audit import Happening
from sagewarden.domain.cases import AFTER_A_HALT, Case, CaseRefusedError, CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.metrics import Series
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import Endpoint, NotebookInstance
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import EXEMPT_TAG, Mode
from sagewarden.domain.verdicts import Verdict
from tests.support.builders import (
    ACCOUNT,
    REGION,
    SEOUL,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    an_endpoint,
    an_endpoint_rule,
)
from tests.support.fakes import FakeExecutor, FakeNotifier
from tests.support.in_turn import acting_in_turn
from tests.support.power_cut import CuttableLedger, PowerCut
from tests.support.scenario import Scenario

EXAMPLES, STEPS = 80, 50
"""Some thousand steps; more than 10,000 are taken with the queue in between."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GRACE = DAY
NOTICE = 30 * MINUTE
ENDPOINTS = ("ep-1", "ep-2", "ep-3")
NOTEBOOK = "nb"
IN_USE = (*ZEROS[1:], 1.0)

names = st.sampled_from((*ENDPOINTS, NOTEBOOK))
endpoints = st.sampled_from(ENDPOINTS)
waits = st.sampled_from((MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, DAY, 2 * DAY, 9 * DAY))
picks = st.integers(0, 30)


def policy_of(mode: Mode, most: int) -> Policy:
    """Both rules in one mode, and at most some actions a run."""
    limits = Limits(actions_per_run=most, percent_of_kind=100, every_action=True)
    return a_policy(
        a_notebook_rule(mode=mode, warn=NOTICE),
        an_endpoint_rule(mode=mode, grace=GRACE),
        limits=limits,
    )


class Witness:
    """What an onlooker knows, and holds the program to.

    Attributes:
        warnings: By case, when each accepted warning came, and what time it named.
        snoozes: By case, until when its owner put it off.
        asked: By case, when its owner last asked for it now.
        exempted: By ARN and rule, the last day of what was exempted by click.
        exempted_before: The same, when the present sweep began: a warning may be on its way.
        resumed_at: When a halt was last lifted.
        done: What was changed, by ARN and the life of the resource.
        deeds_of_this_run: How many changes the present sweep tried.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.mode, self.most = Mode.ENFORCE, 20
        self.warnings: dict[str, list[tuple[datetime, datetime | None]]] = {}
        self.snoozes: dict[str, datetime] = {}
        self.asked: dict[str, datetime] = {}
        self.exempted: dict[tuple[str, str], date] = {}
        self.exempted_before: Mapping[tuple[str, str], date] = {}
        self.resumed_at: datetime | None = None
        self.done: list[Action] = []
        self.deeds_of_this_run = 0
        self.cuts_at_warning: dict[str, int] = {}

    @property
    def now(self) -> datetime:
        return self.scenario.clock.now()

    def sees_warning(self, case: Case, verdict: Verdict, due_at: datetime | None) -> None:
        """Promises 1, 5, 7 and 12, of a warning."""
        resource = self.scenario.inventory.named(case.ref.name)
        assert self.mode is not Mode.OBSERVE, "promise 12: observe tells nobody"
        assert resource.tags is not None, "promise 1: what could not be read is no violation"
        assert verdict.action is not None
        assert (due_at is not None) is (self.mode is Mode.ENFORCE)
        asleep = self.snoozes.get(case.case_id)
        assert asleep is None or self.now >= asleep, "promise 7: an owner bought time"
        self._is_not_exempt(case, self.exempted_before)
        self._is_no_repetition(case, due_at)
        self.warnings.setdefault(case.case_id, []).append((self.now, due_at))
        self.snoozes.pop(case.case_id, None)
        self.asked.pop(case.case_id, None)
        ledger = self.scenario.ledger
        assert isinstance(ledger, CuttableLedger)
        self.cuts_at_warning[case.case_id] = ledger.cuts

    def _is_no_repetition(self, case: Case, due_at: datetime | None) -> None:
        """One message: again only for a reason, or because a crash swallowed that it was sent."""
        before = self.warnings.get(case.case_id)
        if not before:
            return
        ledger = self.scenario.ledger
        assert isinstance(ledger, CuttableLedger)
        told_at, said = before[-1]
        reasons = {
            Happening.SNOOZED,
            Happening.RESOLVED,
            Happening.GAVE_UP,
            Happening.OUTCOME,
        }
        since = {entry.what for entry in ledger.trail(case.ref.arn) if entry.at >= told_at}
        crashed = ledger.cuts > self.cuts_at_warning[case.case_id]
        enforced_now = said is None and due_at is not None
        assert crashed or enforced_now or since & reasons, "promise 5: one message"

    def sees_change(self, action: Action) -> None:
        """Every promise that speaks of acting, at the moment of acting."""
        self.deeds_of_this_run += 1
        ledger = self.scenario.ledger
        assert ledger.halted() is None, "promise 8: halted"
        assert self.mode is Mode.ENFORCE, "promise 12: only enforce acts"
        assert self.deeds_of_this_run <= self.most, "promise 6: bounded"
        resource = self.scenario.inventory.named(action.ref.name)
        assert resource.tags is not None, "promise 1: unreadable tags"
        assert EXEMPT_TAG not in resource.tags, "promise 7: exempt by tag"
        now = Precondition.of(resource)
        assert (now.created, now.modified) == (
            action.precondition.created,
            action.precondition.modified,
        ), "promise 3: another resource than was judged"
        self._owner_agrees(action)
        if isinstance(resource, Endpoint):
            series = [self.scenario.telemetry.values.get(key) for key in self._series(resource)]
            assert series == [ZEROS], "promises 1 and 3: it is in use, or nobody knows"
            assert ledger.manifests(action.ref.arn), "promise 4: no way back"
        else:
            assert isinstance(resource, NotebookInstance)
            closing = last_closing(self.now)
            assert resource.modified < closing, "promise 7: a human started it after closing"

    def _series(self, endpoint: Endpoint) -> list[tuple[str, Series]]:
        values = self.scenario.telemetry.values
        return [
            key for key in values if dict(key[1].dimensions)["EndpointName"] == endpoint.ref.name
        ]

    def _owner_agrees(self, action: Action) -> None:
        [case] = [case for case in self._live(action) if case.state is CaseState.ACTING]
        told = self.warnings.get(case.case_id)
        assert told, "promise 2: nobody was warned"
        warned_at, due_at = told[-1]
        assert due_at is not None, "promise 2: the warning named no time"
        asked_at = self.asked.get(case.case_id)
        if asked_at is None:
            assert self.now >= due_at, "promise 2: within its grace period"
            if action.kind is ActionKind.DELETE:
                assert self.now - warned_at >= GRACE, "promise 2: a warning too young"
        named = due_at if asked_at is None else asked_at
        if self.resumed_at is not None and named <= self.resumed_at:
            assert self.now >= self.resumed_at + AFTER_A_HALT, "promise 8: no notice of the end"
        asleep = self.snoozes.get(case.case_id)
        assert asleep is None or self.now >= asleep, "promise 7: an owner bought time"
        self._is_not_exempt(case, self.exempted)

    def _is_not_exempt(self, case: Case, known: Mapping[tuple[str, str], date]) -> None:
        today = self.now.astimezone(SEOUL).date()
        for given in ((case.ref.arn, case.rule), (case.ref.arn, "*")):
            until = known.get(given)
            assert until is None or today > until, "promise 7: exempt"

    def _live(self, action: Action) -> list[Case]:
        live = self.scenario.ledger.live_cases(ACCOUNT, REGION)
        return [case for case in live if case.action == action]

    def sees_effect(self, action: Action) -> None:
        """Promise 5: once for each life of a resource."""
        assert action not in self.done, "promise 5: twice"
        self.done.append(action)

    def hears(self, outcome: Outcome) -> None:
        """Promises 9 and 10: what is said to be done is so."""
        assert outcome.kind is OutcomeKind.APPLIED
        ledger = self.scenario.ledger
        assert isinstance(ledger, CuttableLedger)
        assert outcome.action in self.done or ledger.cuts, "promise 10: nobody did it"


class Outlet(Protocol):
    """What owners hear by, with switches.

    Attributes:
        accepting: Whether it takes warnings.
        meanwhile: Happens once, before one is taken.
    """

    accepting: bool
    meanwhile: Callable[[], None] | None


class Slack(FakeNotifier):
    """An outlet with the witness among its readers."""

    def __init__(self, witness: Witness) -> None:
        super().__init__()
        self.meanwhile: Callable[[], None] | None = None
        self._witness = witness

    def warn(
        self, case: Case, verdict: Verdict, due_at: datetime | None, *, can_wait: bool = False
    ) -> bool:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        if self.accepting:
            self._witness.sees_warning(case, verdict, due_at)
        return super().warn(case, verdict, due_at, can_wait=can_wait)

    def tell(self, outcome: Outcome) -> None:
        self._witness.hears(outcome)
        super().tell(outcome)


class Hand(FakeExecutor):
    """AWS as the witness sees it changed; it may fail, or do it and lose the answer."""

    def __init__(self, scenario: Scenario, witness: Witness) -> None:
        super().__init__(scenario.inventory, scenario.clock)
        self.loses_answers = False
        self.meanwhile: Callable[[], None] | None = None
        self.witness = witness

    def execute(self, action: Action) -> str | None:
        self.witness.sees_change(action)
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        undo = super().execute(action)
        self.witness.sees_effect(action)
        if self.loses_answers:
            raise ActionFailedError("the connection was closed", in_doubt=True)
        return undo


def last_closing(now: datetime) -> datetime:
    """When business hours last ended: Monday to Friday at 18:00 in Seoul."""
    closing = now.astimezone(SEOUL).replace(hour=18, minute=0, second=0, microsecond=0)
    while closing > now or closing.weekday() > 4:
        closing -= DAY
    return closing


class Region(RuleBasedStateMachine):
    """A region with three endpoints and a notebook, and all that can happen to it."""

    steps: ClassVar[int] = 0
    acted: ClassVar[set[str]] = set()

    @initialize(most=st.sampled_from((1, 2, 20)))
    def begin(self, most: int) -> None:
        resources = [an_endpoint(name, tags={}) for name in ENDPOINTS]
        self.scenario = Scenario(policy_of(Mode.ENFORCE, most), *resources, a_notebook(NOTEBOOK))
        self.scenario.ledger = self.ledger = CuttableLedger()
        self.witness = Witness(self.scenario)
        self.witness.most = most
        self.scenario.notifier = outlet = Slack(self.witness)
        self.slack: Outlet = outlet
        self.hand = self.scenario.executor = Hand(self.scenario, self.witness)
        fleet = replace(self.scenario.fleet, ledger=self.ledger)
        self.scenario.hands = replace(self.scenario.hands, fleet=fleet, executor=self.hand)
        for name in ENDPOINTS:
            self.scenario.telemetry.calls(name, ZEROS)
        self.scenario.at("Mon 10:00")

    def _policy(self, mode: Mode) -> Policy:
        return policy_of(mode, self.witness.most)

    def _sweep(self) -> None:
        outer, self.witness.deeds_of_this_run = self.witness.deeds_of_this_run, 0
        self.witness.exempted_before = dict(self.witness.exempted)
        self._run()
        self.witness.deeds_of_this_run = outer

    def _run(self) -> None:
        scenario = self.scenario
        sweep(scenario.policy, REGION, scenario.hands, scenario.notifier, ACCOUNT)

    @rule(length=waits)
    def time_passes(self, length: timedelta) -> None:
        self.scenario.after(length)

    @rule(length=waits)
    def a_sweep_comes_after(self, length: timedelta) -> None:
        self.scenario.after(length)
        self._sweep()

    @rule(number=st.integers(1, 14))
    def hours_go_by_with_sweeps(self, number: int) -> None:
        for _ in range(number):
            self.a_sweep_comes_after(2 * HOUR)

    @rule()
    def an_evening_goes_by(self) -> None:
        for when in ("17:30", "18:00", "18:30"):
            now = self.witness.now.astimezone(SEOUL)
            hour, minute = map(int, when.split(":"))
            then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
            self.scenario.after((then if then >= now else then + DAY) - now)
            self._sweep()

    @rule()
    def a_sweep_comes_twice(self) -> None:
        self._sweep()
        self._sweep()

    @rule(writes=st.integers(0, 12))
    def a_sweep_dies_in_between(self, writes: int) -> None:
        self.ledger.writes_left = writes
        with suppress(PowerCut):
            self._sweep()
        self.ledger.writes_left = None

    @rule(
        when=st.sampled_from(("a warning", "a last look", "a change")),
        what=st.sampled_from(("a sweep", "a halt", "an exemption", "a call", "a tag", "another")),
    )
    def something_happens_during_a_sweep(
        self,
        when: str,
        what: str,
    ) -> None:
        each: dict[str, Callable[[str], None]] = {
            "an exemption": self.ops_exempt,
            "a call": lambda name: self.people_use_an_endpoint_or_leave_it(name, used=True),
            "a tag": lambda name: self.tags_change(name, {EXEMPT_TAG: "2099-01-31: mine"}),
            "another": self.somebody_makes_it_anew_or_starts_it,
        }

        def happens() -> None:
            if what == "a sweep":
                self._sweep()
            elif what == "a halt":
                self.ops_halt()
            else:
                for name in sorted(self.scenario.inventory.names):
                    each[what](name)

        at: dict[str, Outlet | CuttableLedger | Hand] = {
            "a warning": self.slack,
            "a last look": self.ledger,
            "a change": self.hand,
        }
        at[when].meanwhile = happens
        self.hours_go_by_with_sweeps(number=13)
        at[when].meanwhile = None

    def somebody_makes_it_anew_or_starts_it(self, name: str) -> None:
        if name == NOTEBOOK:
            self.somebody_starts_the_notebook()
        else:
            self.somebody_makes_an_endpoint_anew(name)

    @rule(name=names)
    def ops_exempt(self, name: str) -> None:
        if name in self.scenario.inventory.names:
            arn = self.scenario.inventory.named(name).ref.arn
            until = self.witness.now.astimezone(SEOUL).date()
            self.ledger.exempt(Exemption(arn, until, "a launch", "ops", self.witness.now))
            self.witness.exempted[arn, "*"] = until

    @rule(name=endpoints)
    def an_endpoint_is_used_for_once(self, name: str) -> None:
        self.people_use_an_endpoint_or_leave_it(name, used=True)
        self._sweep()
        self.people_use_an_endpoint_or_leave_it(name, used=False)
        self._sweep()

    @rule(name=endpoints, used=st.booleans())
    def people_use_an_endpoint_or_leave_it(self, name: str, used: bool) -> None:  # noqa: FBT001 - drawn
        self.scenario.telemetry.calls(name, IN_USE if used else ZEROS)

    @rule(name=endpoints)
    def metrics_are_missing(self, name: str) -> None:
        self.scenario.telemetry.calls(name, None)

    @rule(name=endpoints)
    def somebody_makes_an_endpoint_anew(self, name: str) -> None:
        now = self.scenario.clock.now()
        self.scenario.inventory.put(an_endpoint(name, created=now, modified=now, tags={}))

    @rule()
    def somebody_starts_the_notebook(self) -> None:
        self.scenario.human_restarts(NOTEBOOK)

    @rule()
    def somebody_stops_the_notebook(self) -> None:
        self.scenario.human_stops(NOTEBOOK)

    @rule(name=names, tags=st.sampled_from(({}, {EXEMPT_TAG: "2099-01-31: mine"}, None)))
    def tags_change(self, name: str, tags: dict[str, str] | None) -> None:
        if name in self.scenario.inventory.names:
            known = self.scenario.inventory.named(name)
            self.scenario.inventory.put(replace(known, tags=tags))

    @rule(accepting=st.booleans())
    def slack_fails_or_is_back(self, accepting: bool) -> None:  # noqa: FBT001 - drawn
        self.slack.accepting = accepting

    @rule(failing=st.booleans(), losing=st.booleans())
    def aws_fails_or_is_back(self, failing: bool, losing: bool) -> None:  # noqa: FBT001 - drawn
        self.hand.failing = {*ENDPOINTS, NOTEBOOK} if failing else set()
        self.hand.loses_answers = losing

    @rule()
    def aws_fails_for_a_day(self) -> None:
        self.aws_fails_or_is_back(failing=True, losing=False)
        self.hours_go_by_with_sweeps(number=17)
        self.aws_fails_or_is_back(failing=False, losing=False)

    @rule(mode=st.sampled_from(Mode))
    def the_policy_changes(self, mode: Mode) -> None:
        self.witness.mode = mode
        self.scenario.policy = self._policy(mode)

    @precondition(lambda self: self.ledger.halted() is None)
    @rule()
    def ops_halt(self) -> None:
        self.ledger.halt("incident", "ops", self.witness.now)

    @precondition(lambda self: self.ledger.halted() is not None)
    @rule()
    def ops_resume(self) -> None:
        self.ledger.resume("ops", self.witness.now)
        self.witness.resumed_at = self.witness.now

    @rule()
    def all_is_well_again(self) -> None:
        self.hand.failing, self.hand.loses_answers = set(), False
        self.slack.accepting = True
        self.the_policy_changes(Mode.ENFORCE)
        if self.ledger.halted():
            self.ops_resume()
        for name in self.scenario.inventory.names:
            self.tags_change(name, {})

    @rule(number=st.integers(1, 3))
    def endpoints_are_made_where_there_are_none(self, number: int) -> None:
        for name in ENDPOINTS[:number]:
            if name not in self.scenario.inventory.names:
                self.somebody_makes_an_endpoint_anew(name)
                self.scenario.telemetry.calls(name, ZEROS)

    def _any_case(self, pick: int) -> str | None:
        live = sorted(case.case_id for case in self.ledger.live_cases(ACCOUNT, REGION))
        known = live or sorted(self.ledger._cases)
        return known[pick % len(known)] if known else None

    @rule(pick=picks, length=st.sampled_from((2 * HOUR, 7 * DAY)))
    def an_owner_snoozes(self, pick: int, length: timedelta) -> None:
        if case_id := self._any_case(pick):
            now = self.witness.now
            with suppress(CaseRefusedError):
                snooze(case_id, now + length, Answer("mina", now), self.ledger)
                self.witness.snoozes[case_id] = now + length
                self.witness.asked.pop(case_id, None)

    @rule(pick=picks)
    def an_owner_asks_for_it_now(self, pick: int) -> None:
        if case_id := self._any_case(pick):
            now = self.witness.now
            with suppress(CaseRefusedError):
                ask_for_now(case_id, Answer("mina", now), self.ledger)
                self.witness.asked[case_id] = now
                self.witness.snoozes.pop(case_id, None)

    @rule(pick=picks, days=st.integers(0, 3), writes=st.sampled_from((None, None, 1)))
    def an_owner_exempts(self, pick: int, days: int, writes: int | None) -> None:
        if case_id := self._any_case(pick):
            now = self.witness.now
            until = now.astimezone(SEOUL).date() + days * DAY
            self.ledger.writes_left = writes
            with suppress(CaseRefusedError, PowerCut):
                exempt(case_id, until, "mine", Answer("mina", now), self.ledger)
            self.ledger.writes_left = None
            for given in self.ledger.all_exemptions():
                assert given.until is not None
                self.witness.exempted[given.resources, given.rule] = given.until

    @invariant()
    def a_step_is_counted(self) -> None:
        Region.steps += 1

    @invariant()
    def what_is_live_can_be_told_apart(self) -> None:
        for case in self.ledger.live_cases(ACCOUNT, REGION) if hasattr(self, "ledger") else ():
            assert case.ended_at is None
            assert (case.state is CaseState.SNOOZED) is (case.snoozed_until is not None)
            if case.state is CaseState.WARNED:
                assert case.warned_at is not None

    def teardown(self) -> None:
        """Promise 5: when all is well again, the end state is the same, whatever happened."""
        if not hasattr(self, "scenario"):
            return
        self.ledger.writes_left = self.ledger.meanwhile = None
        self.hand.meanwhile = self.slack.meanwhile = None
        self.all_is_well_again()
        for given in self.ledger.all_exemptions():
            self.ledger.lift(given, "ops", self.witness.now)
        for name in ENDPOINTS:
            self.scenario.telemetry.calls(name, ZEROS)
        self.witness.most = 20
        self.the_policy_changes(Mode.ENFORCE)
        for wait in (10 * DAY, 25 * HOUR, 25 * HOUR, 25 * HOUR):
            self.a_sweep_comes_after(wait)
        assert not self.scenario.inventory.names & set(ENDPOINTS)
        Region.acted |= {action.kind.value for action in self.witness.done}


def drive(region: type[Region], examples: int) -> None:
    """Let Hypothesis do to a region whatever it finds.

    Actions take turns: what it finds has to happen again when it looks for the least of it.
    """
    region.steps = 0
    with acting_in_turn():
        run_state_machine_as_test(
            region,
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_no_promise_is_broken_where_owners_are_told_at_once() -> None:
    drive(Region, EXAMPLES)

    assert Region.steps >= 2_000
    assert Region.acted >= {"delete", "stop"}
