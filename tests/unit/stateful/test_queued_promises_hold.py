"""The same with Slack behind its queue: parcels wait, come twice, die half-way; clicks come late.

The machine is that of `test_promises_hold`; here a run's notices go through a queue to a workspace
that fails, loses answers and is down, and owners click what they see there.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from sagewarden.adapters.board_memory import MemoryBoard
from sagewarden.adapters.notice_records import read_parcel
from sagewarden.adapters.queued_notices import QueuedNotices
from sagewarden.application.bring_back import Workshop, bring_back
from sagewarden.application.deliver import Post, deliver
from sagewarden.application.follow_event import follow_event
from sagewarden.application.messaging import NotNowError, Reader
from sagewarden.application.ports import ActionFailedError
from sagewarden.application.respond import KEPT_FOR, SNOOZED_FOR, Desk, respond
from sagewarden.application.restore import RestoreHands
from sagewarden.application.sweep import sweep
from sagewarden.domain.cards import Card, Click, Face
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.clicks import Asked
from sagewarden.domain.digest import Digest
from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.notices import News, Posted, Shown
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden.domain.restoration.steps import Step
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import Mode
from sagewarden.domain.weekly_advice import WeeklyAdvice
from tests.support.builders import ACCOUNT, REGION, SEOUL, a_notebook, a_scope
from tests.support.events import a_guardrail, a_notebook_call
from tests.support.power_cut import CuttableLedger, PowerCut
from tests.unit.stateful.test_promises_hold import (
    DAY,
    NOTEBOOK,
    Region,
    Witness,
    drive,
    picks,
    waits,
)

EXAMPLES = 260
"""More than 10,000 steps in all."""

SECOND = timedelta(seconds=1)
"""How long Slack takes."""

BIG = "ml.p4d.24xlarge"
OWNER, STRANGER = "U-MINA", "U-TOM"
_FACES: Mapping[CaseState, set[Face]] = {
    CaseState.DONE: {Face.DONE, Face.NOT_RESTORED},
    CaseState.SNOOZED: {Face.SNOOZED},
    CaseState.EXEMPT: {Face.EXEMPT},
    CaseState.RESOLVED: {Face.CALLED_OFF},
    CaseState.FAILED: {Face.FAILED},
    CaseState.RESTORED: {Face.RESTORED},
    CaseState.WARNED: {Face.WARNED, Face.TOLD},
}
"""What a message says of a case once everything has arrived."""


class QueuedWitness(Witness):
    """Sees warnings when Slack accepts them; their cases may have gone on since then."""

    def sees_accepted(self, card: Card) -> None:
        """Promises 2 and 5, of a warning that arrives."""
        ledger = self.scenario.ledger
        case = ledger.case(card.case_id)
        assert case is not None, "promise 9: a warning of a case that nobody knows"
        asleep = self.snoozes.get(card.case_id)
        assert asleep is None or self.now >= asleep, "promise 7: an owner bought time"
        self._is_no_repetition(case, card.due_at)
        self.warnings.setdefault(card.case_id, []).append((self.now, card.due_at))
        self.snoozes.pop(card.case_id, None)
        self.asked.pop(card.case_id, None)
        assert isinstance(ledger, CuttableLedger)
        self.cuts_at_warning[card.case_id] = ledger.cuts


@dataclass
class Workspace:
    """Slack as the messenger port sees it, and as its readers do.

    Attributes:
        witness: Sees what is accepted.
        accepting: Whether it takes anything.
        losing: Whether it does what is asked and loses the answer.
        meanwhile: Happens once, before a message is accepted.
        messages: What it shows, by message: the cards.
        keys: The messages, and the places there, by the keys under which they were posted.
        replies: The keys of replies, by message.
    """

    witness: QueuedWitness
    accepting: bool = True
    losing: bool = False
    meanwhile: Callable[[], None] | None = None
    messages: dict[Posted, Sequence[Card]] = field(default_factory=dict)
    keys: dict[str, tuple[Posted, int]] = field(default_factory=dict)
    replies: dict[Posted, list[str]] = field(default_factory=dict)

    def reader(self, owner: str | None, team: str | None = None) -> Reader:
        del owner, team
        self._answers()
        return Reader("D1", "en-US", OWNER)

    def channel(self, name: str | None) -> Reader:
        del name
        return self.reader(None)

    def post_letter(self, reader: Reader, letter: Digest | WeeklyAdvice, key: str) -> Posted:
        raise AssertionError(f"nobody asked for {letter} to {reader} as {key}")

    def post(self, reader: Reader, cards: Sequence[Card], keys: Sequence[str]) -> Posted:
        del reader
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        self._answers()
        assert not self.keys.keys() & set(keys), "promise 5: one message"
        posted = Posted("D1", str(len(self.messages)))
        self.messages[posted] = tuple(cards)
        self.keys |= {key: (posted, place) for place, key in enumerate(keys)}
        for card in cards:
            if card.face in {Face.WARNED, Face.TOLD}:
                self.witness.sees_accepted(card)
        self._loses()
        return posted

    def find(self, reader: Reader, keys: Sequence[str]) -> Mapping[str, tuple[Posted, int]]:
        del reader
        self._answers()
        return {key: found for key, found in self.keys.items() if key in keys}

    def update(self, shown: Shown, cards: Sequence[Card]) -> None:
        self._answers()
        self.messages[shown.posted] = tuple(cards)
        self._loses()

    def reply(self, shown: Shown, news: Sequence[News], key: str) -> None:
        del news
        self._answers()
        known = self.replies.setdefault(shown.posted, [])
        assert key not in known, "promise 5: one message"
        known.append(key)
        self._loses()

    def replied(self, posted: Posted, key: str) -> bool:
        self._answers()
        return key in self.replies.get(posted, ())

    def may_decide(self, user: str, owner: str | None, approvers: Sequence[str]) -> bool:
        del owner, approvers
        return user == OWNER

    def whisper(self, channel: str, user: str, text: str) -> None:
        del channel, user, text
        self._answers()

    def announce(self, text: str) -> None:
        raise AssertionError(f"nobody commands here: {text}")

    def _answers(self) -> None:
        if not self.accepting:
            raise NotNowError("it is down")

    def _loses(self) -> None:
        if self.losing:
            raise NotNowError("the answer was lost")


class Back:
    """Brings back at once what is asked for."""

    def __init__(self, region: "QueuedRegion") -> None:
        self._region = region

    def look(self, ref: ResourceRef, content: Mapping[str, Any]) -> Mapping[str, object]:
        inventory = self._region.scenario.inventory
        there = inventory.named(ref.name) if ref.name in inventory.names else None
        if ref.kind == ResourceKind.NOTEBOOK_INSTANCE:
            return {"notebook_instance": there and {"NotebookInstanceStatus": there.status.value}}
        created = there and {"CreationTime": there.created.isoformat()}
        return {**content, "endpoint": created and {**content["endpoint"], **created}}

    def take(self, ref: ResourceRef, step: Step) -> None:
        del step
        if self._region.hand.failing:
            raise ActionFailedError("ThrottlingException")
        self._region.somebody_makes_it_anew_or_starts_it(ref.name)

    def command(self, ref: ResourceRef, step: Step) -> str:
        return f"{step} {ref.name}"

    def command_to_run_again(self, ref: ResourceRef, content: Mapping[str, Any]) -> str:
        del content
        return ref.name


class QueuedRegion(Region):
    """The same region; its owners are told through a queue, and answer with clicks."""

    steps: ClassVar[int] = 0
    acted: ClassVar[set[str]] = set()
    restored: ClassVar[set[str]] = set()

    @initialize(most=st.sampled_from((1, 2, 20)))
    def begin(self, most: int) -> None:
        super().begin(most=most)
        witness = QueuedWitness(self.scenario)
        witness.most = most
        self.witness = self.hand.witness = witness
        self.scenario.policy = self._policy(Mode.ENFORCE)
        self.scenario.inventory.put(a_notebook(NOTEBOOK, instance_type=BIG))
        self.slack = self.workspace = Workspace(witness)
        self.queue: deque[tuple[str, int]] = deque()
        self.holding = self.delivering = False
        self.board = MemoryBoard()
        self.post = Post(self.workspace, self.board, self.ledger, self.scenario.clock)
        self.wishes: deque[Asked] = deque()
        self.unanswered: deque[Asked] = deque()
        self.desk = Desk(self.post, self.workspace, (), lambda _: None, self.wishes.append)
        hands = RestoreHands(self.ledger, Back(self), self.scenario.clock)
        self.workshop = Workshop(self.post, self.workspace, lambda _: hands)

    def _policy(self, mode: Mode) -> Policy:
        """The notebook is of a type that its owner is told of, and nothing else follows."""
        policy = super()._policy(mode)
        told = a_guardrail(kinds=("notebook-instance",), scope=a_scope("guard", mode=mode))
        return replace(policy, rules=(*policy.rules, told))

    def _run(self) -> None:
        self._tell(
            lambda told: sweep(self.scenario.policy, REGION, self.scenario.hands, told, ACCOUNT)
        )

    @rule(late=waits, times=st.integers(1, 3), writes=st.sampled_from((None, None, 0, 1, 2)))
    def an_event_comes_more_than_once_and_late(
        self, late: timedelta, times: int, writes: int | None
    ) -> None:
        call = a_notebook_call(BIG)
        self.ledger.writes_left = writes
        with suppress(PowerCut):
            for _ in range(times):
                self._follow(call)
        self.ledger.writes_left = None
        self.a_sweep_comes_after(late)
        self._follow(call)

    def _follow(self, call: Call) -> None:
        scenario = self.scenario
        self._tell(lambda told: follow_event(call, scenario.policy, scenario.hands, told))

    def _tell(self, run: Callable[[QueuedNotices], object]) -> None:
        """Let a run happen, and what it has to say be queued."""
        notices = QueuedNotices(self._send, self.ledger, self.scenario.clock)
        run(notices)
        notices.flush()
        if not self.holding:
            self._deliver()

    def _send(self, body: str, line: str) -> None:
        del line  # everything here is Mina's: one line, in order
        self.queue.append((body, 0))

    def _deliver(self) -> None:
        """Work off the queue as long as Slack takes something; nobody else does meanwhile."""
        if self.delivering:
            return
        self.delivering = True
        for _ in range(len(self.unanswered)):
            self._answer(self.unanswered.popleft())
        try:
            while self.queue:
                body, attempts = self.queue[0]
                self.queue[0] = (body, attempts + 1)
                self.scenario.after(SECOND)
                deliver(read_parcel(json.loads(body)), self.post, again=attempts > 0)
                self.queue.popleft()
        except NotNowError:
            pass
        finally:
            self.delivering = False

    @rule(holding=st.booleans())
    def the_queue_holds_or_delivers(self, holding: bool) -> None:  # noqa: FBT001 - drawn
        self.holding = holding
        if not holding:
            self._deliver()

    @rule(writes=st.integers(0, 4))
    def the_notifier_dies_in_between(self, writes: int) -> None:
        self.ledger.writes_left = writes
        with suppress(PowerCut):
            self._deliver()
        self.ledger.writes_left = None
        self._deliver()

    @rule()
    def a_parcel_comes_twice(self) -> None:
        self.queue.extend([(body, 1) for body, _ in list(self.queue)[:1]])
        self._deliver()

    @rule(losing=st.booleans())
    def slack_loses_answers_or_not(self, losing: bool) -> None:  # noqa: FBT001 - drawn
        self.workspace.losing = losing

    @rule(pick=picks, length=st.sampled_from((SNOOZED_FOR, KEPT_FOR)))
    def an_owner_snoozes(self, pick: int, length: timedelta) -> None:
        self._click(pick, Click.KEEP if length == KEPT_FOR else Click.SNOOZE)

    @rule(pick=picks)
    def an_owner_asks_for_it_now(self, pick: int) -> None:
        self._click(pick, Click.NOW)

    @rule(pick=picks, days=st.integers(0, 3), writes=st.sampled_from((None, None, 1)))
    def an_owner_exempts(self, pick: int, days: int, writes: int | None) -> None:
        self._click(pick, Click.EXEMPT, days=days, writes=writes)

    @rule(pick=picks, click=st.sampled_from(Click))
    def a_stranger_clicks(self, pick: int, click: Click) -> None:
        before = dict(self.ledger._cases)
        self._click(pick, click, user=STRANGER)
        assert self.ledger._cases == before, "promise 11: who may not decide changed something"

    @rule(pick=picks, writes=st.sampled_from((None, None, 0, 1, 2)))
    def an_owner_asks_it_back(self, pick: int, writes: int | None) -> None:
        self._click(pick, Click.RESTORE)
        self._restore(writes)

    def _click(
        self,
        pick: int,
        click: Click,
        *,
        user: str = OWNER,
        days: int = 0,
        writes: int | None = None,
    ) -> None:
        """Let somebody click a button of any card that was ever shown, and click it again."""
        messages = self.workspace.messages.values()
        shown = sorted({card.case_id for cards in messages for card in cards})
        if not shown:
            return
        now = self.witness.now
        until = now.astimezone(SEOUL).date() + days * DAY
        asked = Asked(click, shown[pick % len(shown)], user, user, "D1", now, until, "mine")
        for _ in range(2):
            self._answer(asked, writes)
            writes = None

    def _answer(self, asked: Asked, writes: int | None = None) -> None:
        """Let the responder answer a click; what it could not answer comes again."""
        before = self.ledger.case(asked.case_id)
        self.ledger.writes_left = writes
        try:
            respond(asked, self.desk)
        except (NotNowError, PowerCut):
            self.unanswered.append(asked)
        self.ledger.writes_left = None
        after = self.ledger.case(asked.case_id)
        if after is not None and after != before:
            self._note(asked, after.snoozed_until)
        for given in self.ledger.all_exemptions():
            assert given.until is not None
            self.witness.exempted[given.resources, given.rule] = given.until

    def _note(self, asked: Asked, snoozed_until: datetime | None) -> None:
        """Let the witness know what was granted."""
        if asked.click in {Click.KEEP, Click.SNOOZE} and snoozed_until is not None:
            self.witness.snoozes[asked.case_id] = snoozed_until
            self.witness.asked.pop(asked.case_id, None)
        if asked.click is Click.NOW:
            self.witness.asked[asked.case_id] = asked.at
            self.witness.snoozes.pop(asked.case_id, None)

    def _restore(self, writes: int | None = None) -> None:
        """Let the restorer work off what was asked for."""
        self.ledger.writes_left = writes
        for _ in range(2 * len(self.wishes)):
            if not self.wishes:
                break
            before = self.ledger.case(self.wishes[0].case_id)
            with suppress(NotNowError, PowerCut):
                if not bring_back(self.wishes[0], self.workshop):
                    after = self.ledger.case(self.wishes.popleft().case_id)
                    self._is_back(before, after)
            self.ledger.writes_left = None
        self.ledger.writes_left = None

    def _is_back(self, before: Case | None, after: Case | None) -> None:
        """Promise 4: what is said to be back is there."""
        if after is not None and after != before and after.state is CaseState.RESTORED:
            assert after.ref.name in self.scenario.inventory.names, "promise 4: said to be back"
            QueuedRegion.restored.add(after.ref.kind)

    @rule()
    def all_is_well_again(self) -> None:
        super().all_is_well_again()
        self.workspace.losing = False

    @invariant()
    def a_step_is_counted(self) -> None:
        QueuedRegion.steps += 1

    def teardown(self) -> None:
        """Promise 9: in the end every message shows how its case stands."""
        if not hasattr(self, "wishes"):
            return
        self.holding, self.workspace.losing, self.slack.accepting = False, False, True
        super().teardown()
        self._deliver()
        self._restore()
        for case_id, case in self.ledger._cases.items():
            shown = self.board.shown(case_id)
            if shown is None or case.warned_at is None:
                continue  # nobody has heard of it since it was opened
            # By its case: a card that is no news any more leaves its message with the next change.
            cards = self.workspace.messages[shown.posted]
            [told] = [card for card in cards if card.case_id == case_id]
            assert told.face in _FACES[case.state], f"promise 9: {case.state} {told.face}"
        QueuedRegion.acted |= {action.kind.value for action in self.witness.done}


def test_no_promise_is_broken_where_slack_is_behind_a_queue() -> None:
    drive(QueuedRegion, EXAMPLES)

    assert QueuedRegion.steps >= 10_000
    assert QueuedRegion.acted >= {"delete", "stop"}
    assert ResourceKind.ENDPOINT in QueuedRegion.restored
