"""What a demand says of a resource, and what several demands say together."""

from dataclasses import dataclass

from sagewarden.domain.verdicts import VerdictKind


@dataclass(frozen=True, slots=True)
class Answer:
    """What one demand says of a resource."""

    kind: VerdictKind
    reason: str


def compliant(reason: str) -> Answer:
    """It is as demanded."""
    return Answer(VerdictKind.COMPLIANT, reason)


def not_applicable(reason: str) -> Answer:
    """The demand does not concern this kind of resource."""
    return Answer(VerdictKind.NOT_APPLICABLE, reason)


def worst(answers: list[Answer]) -> Answer:
    """What several demands say together: one violation is one, one unknown leaves it open."""
    for kind in (VerdictKind.VIOLATION, VerdictKind.UNKNOWN, VerdictKind.COMPLIANT):
        reasons = [answer.reason for answer in answers if answer.kind is kind]
        if reasons:
            return Answer(kind, "; ".join(dict.fromkeys(reasons)))
    return not_applicable("; ".join(dict.fromkeys(answer.reason for answer in answers)))
