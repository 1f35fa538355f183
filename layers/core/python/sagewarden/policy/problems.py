"""What is wrong with a policy: where it stands, what it is, and what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass

type Path = tuple[str | int, ...]
"""A place in the document: keys, and positions in lists from 0."""

MOST_SHOWN = 50
"""How many problems an error's text spells out; the error itself carries all of them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem by its place in the document, before its line is known.

    Attributes:
        path: The place. What is missing is named by the key it should have.
        problem: What is wrong.
        remedy: What would be right.
        on_key: Whether the key is wrong rather than its value.
    """

    path: Path
    problem: str
    remedy: str
    on_key: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its place in the file.

    Attributes:
        file: The file's name, as it was given.
        line: Counted from 1.
        column: Counted from 1, in characters.
        path: The place in the document, for example ``rules[2].idle.for``.
        problem: What is wrong.
        remedy: What would be right.
    """

    file: str
    line: int
    column: int
    path: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        place = f"{where}: {self.path}" if self.path else where
        return f"{place}: {self.problem}; {self.remedy}"


class PolicyError(Exception):
    """A policy is refused.

    Attributes:
        problems: Everything that is wrong with it, in the order of its lines.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        ordered = sorted(set(problems), key=lambda item: (item.line, item.column, item.path))
        self.problems = tuple(ordered)
        super().__init__(_text(self.problems))


class RefusedError(ValueError):
    """A value is refused by its model; pydantic adds the place of the value.

    Attributes:
        findings: What is wrong, by place within the value.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(finding.problem for finding in self.findings))

    @classmethod
    def because(cls, problem: str, remedy: str, *at: str | int) -> "RefusedError":
        """Refuse a value for one reason, at a place within it."""
        return cls([Finding(at, problem, remedy)])


def spell(path: Path) -> str:
    """Write a place as people do: ``rules[2].idle.for``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part and part.replace("-", "").replace("_", "").isalnum():
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text


def shown(value: object) -> str:
    """Quote what was written, shortened where it is long."""
    text = repr(value)
    return text if len(text) <= MOST_QUOTED else f"{text[: MOST_QUOTED - 3]}..."


MOST_QUOTED = 60
"""How many characters of what was written an error repeats."""


def _text(problems: tuple[Problem, ...]) -> str:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"the policy has {count}:", *(f"  {item}" for item in problems[:MOST_SHOWN])]
    if len(problems) > MOST_SHOWN:
        lines.append(f"  ... and {len(problems) - MOST_SHOWN} more")
    return "\n".join(lines)
