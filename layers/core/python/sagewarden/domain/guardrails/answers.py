"""What a demand says of a resource, and what several demands say together."""

from dataclasses import dataclass

from sagewarden.domain.verdicts import VerdictKind


@dataclass(frozen=True, slots=True)
class Answer:
    """What one demand says of a resource.

    Attributes:
        kind: Its verdict.
        reason: Why.
        advice: Whether a violation is only one to tell of: nothing is stopped or deleted for it.
    """

    kind: VerdictKind
    reason: str
    advice: bool = False


def compliant(reason: str) -> Answer:
    """It is as demanded."""
    return Answer(VerdictKind.COMPLIANT, reason)


def not_applicable(reason: str) -> Answer:
    """The demand does not concern this kind of resource."""
    return Answer(VerdictKind.NOT_APPLICABLE, reason)


def worst(answers: list[Answer]) -> Answer:
    """What several demands say together: one violation is one, one unknown leaves it open."""
    for kind in (VerdictKind.VIOLATION, VerdictKind.UNKNOWN, VerdictKind.COMPLIANT):
        found = [answer for answer in answers if answer.kind is kind]
        if found:
            reason = "; ".join(dict.fromkeys(answer.reason for answer in found))
            return Answer(kind, reason, advice=all(answer.advice for answer in found))
    return not_applicable("; ".join(dict.fromkeys(answer.reason for answer in answers)))
