"""Answer the slash command of ops: how things stand, what is due, halt and resume."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden.application.ports import Ledger
from sagewarden.application.respond import People
from sagewarden.application.story import story
from sagewarden.domain.cases import Case
from sagewarden.domain.clicks import Command

USAGE = "Say one of: status | cases | halt WHY | resume | explain NAME"
_SHOWN = 20
_REMEMBERED = timedelta(days=30)
"""How far back a case may have ended and still be explained here."""


@dataclass(frozen=True, slots=True)
class Office:
    """What answering a command needs.

    Attributes:
        ledger: Knows the cases, and whether everything is halted.
        people: Knows who may command.
        approvers: Who may halt and resume.
    """

    ledger: Ledger
    people: People
    approvers: Sequence[str]


def obey(command: Command, office: Office) -> None:
    """Do what a command says, and tell whoever typed it.

    Raises:
        NotNowError: Slack does not answer for now.
        UnreadableError: The ledger could not be read.
        ActionFailedError: The ledger could not be written.
    """
    verb, _, rest = command.words.strip().partition(" ")
    if verb in {"halt", "resume"}:
        text = _switched(verb, rest.strip(), command, office)
    elif verb == "status":
        text = _status(office.ledger)
    elif verb == "cases":
        text = _listed(_live(office.ledger))
    elif verb == "explain" and rest.strip():
        text = _explained(rest.strip(), office.ledger, command.at)
    else:
        text = USAGE
    office.people.whisper(command.channel, command.user, text)


def _switched(verb: str, why: str, command: Command, office: Office) -> str:
    if not office.people.may_decide(command.user, None, office.approvers):
        return "Only an approver of the policy's owners.approvers can do that."
    if verb == "resume":
        office.ledger.resume(command.name, command.at)
        office.people.announce(f"{command.name} has resumed acting.")
        return "Resumed. What became due meanwhile waits another hour."
    if not why:
        return "Say why: /sagewarden halt WHY"
    office.ledger.halt(why, command.name, command.at)
    office.people.announce(
        f"{command.name} has halted all acting: {why}. /sagewarden resume lifts it."
    )
    return "Halted: nothing is acted on, anywhere, until /sagewarden resume."


def _status(ledger: Ledger) -> str:
    halted = ledger.halted()
    cases = _live(ledger)
    standing = f"Open cases: {len(cases)}."
    return f"Halted: {halted}. {standing}" if halted else f"At work. {standing}"


def _listed(cases: Sequence[Case]) -> str:
    lines = [
        f"{case.state}  {case.action.kind}  {case.ref.kind} {case.ref.name}  "
        f"({case.ref.account}, {case.ref.region}; {case.owner or 'nobody named'})"
        for case in cases[:_SHOWN]
    ]
    if len(cases) > _SHOWN:
        lines.append(f"and {len(cases) - _SHOWN} more: sagewarden cases lists them")
    return "\n".join(lines) or "There are none."


def _explained(name: str, ledger: Ledger, now: datetime) -> str:
    """The stories of what bears a name, wherever it is."""
    cases = (*_live(ledger), *_ended(ledger, now - _REMEMBERED))
    found = sorted({case.ref.arn for case in cases if name in {case.ref.name, case.ref.arn}})
    if not found:
        days = _REMEMBERED.days
        return (
            f"No case of the last {days} days is about {name}: sagewarden explain knows older ones."
        )
    if len(found) == 1:
        return story(ledger.trail(found[0]))
    return "\n\n".join(f"{arn}\n{story(ledger.trail(arn))}" for arn in found)


def _ended(ledger: Ledger, since: datetime) -> Sequence[Case]:
    return [case for place in ledger.places() for case in ledger.ended_cases(*place, since)]


def _live(ledger: Ledger) -> Sequence[Case]:
    """The open cases of every account and region, those that are due first at the top."""
    cases = [case for place in ledger.places() for case in ledger.live_cases(*place)]
    return sorted(cases, key=lambda case: (case.due_at is None, str(case.due_at), case.ref))
