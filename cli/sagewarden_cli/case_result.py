"""What became of one reference case: an answer another tool gave, put to our own code."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How our answer compares with the reference answer."""

    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"
    """We decline, loudly, what the reference tool accepts; the case is labelled as a quirk."""
    SKIPPED = "skipped"
    """The case is about something outside the schedule, such as the tool's own policy file."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one reference case.

    Attributes:
        case_id: The case's id in its file.
        outcome: How our answer compares with the reference.
        expected: The reference answer, as text.
        got: Our answer, as text.
        detail: Why, in words: the refusal, the reason for skipping, or what differs.
    """

    case_id: str
    outcome: Outcome
    expected: str
    got: str
    detail: str
