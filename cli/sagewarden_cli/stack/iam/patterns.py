"""IAM's patterns: globs with policy variables, matched as a whole or ARN segment by segment."""

import re
from functools import cache
from itertools import pairwise

from sagewarden_cli.stack.iam.requests import Context

_VARIABLE = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")
_LITERALS = frozenset({"*", "?", "$"})
_ARN_SEGMENTS = 6


def substituted(pattern: str, context: Context) -> tuple[str, ...] | None:
    """Split a pattern into literal and glob parts with its policy variables filled in.

    Returns:
        Alternating glob text and literal text, beginning with glob text: what a variable brings
        in is never read as a glob. None when a variable without default has no single value.
    """
    parts: list[str] = []
    end = 0
    for match in _VARIABLE.finditer(pattern):
        name, default = match.groups()
        values = (name,) if name in _LITERALS else context.get(name.lower(), ())
        if len(values) != 1 and default is None:
            return None
        parts += [pattern[end : match.start()], values[0] if len(values) == 1 else str(default)]
        end = match.end()
    return (*parts, pattern[end:])


def matches(pattern: str, text: str, context: Context, *, ignore_case: bool = False) -> bool:
    """Tell whether a glob with policy variables matches all of a text."""
    parts = substituted(pattern, context)
    if parts is None:
        return False
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return _compiled(parts, flags).fullmatch(text) is not None


@cache
def _compiled(parts: tuple[str, ...], flags: int) -> re.Pattern[str]:
    """Compile a pattern once: a stack has more of them than re remembers."""
    spelled = "".join(
        re.escape(part) if index % 2 else _glob(part) for index, part in enumerate(parts)
    )
    return re.compile(spelled, flags)


def equals(pattern: str, text: str, context: Context, *, ignore_case: bool = False) -> bool:
    """Tell whether a text with policy variables, but without globs, is the same as another."""
    parts = substituted(pattern, context)
    if parts is None:
        return False
    spelled = "".join(parts)
    return spelled.lower() == text.lower() if ignore_case else spelled == text


def arn_matches(pattern: str, arn: str, context: Context) -> bool:
    """Tell whether an ARN pattern matches: globs stay within the first five segments."""
    if pattern == "*":
        return True
    wanted, found = _segments(pattern), arn.split(":", _ARN_SEGMENTS - 1)
    if len(wanted) != len(found):
        return False
    return all(matches(one, other, context) for one, other in zip(wanted, found, strict=True))


def _segments(pattern: str) -> list[str]:
    """Split an ARN pattern at its colons, but not at those inside of policy variables."""
    colons = [m.start() for m in re.finditer(":", _VARIABLE.sub(_blank, pattern))]
    cuts = [-1, *colons[: _ARN_SEGMENTS - 1], len(pattern)]
    return [pattern[begin + 1 : end] for begin, end in pairwise(cuts)]


def _blank(match: re.Match[str]) -> str:
    return "_" * len(match.group())


def _glob(text: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in text)
