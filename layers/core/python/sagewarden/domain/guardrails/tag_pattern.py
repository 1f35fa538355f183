"""Regular expressions for the values of tags, of a kind that cannot be made to run for long.

Python's `re` backtracks: ``(a+)+`` needs time exponential in the length of a value, and whoever
may tag a resource writes the value. Patterns are therefore refused that repeat what can itself be
read in several ways, and those that a value could be read by in more than MOST_READINGS ways.
"""

import re

LONGEST = 200
"""The most characters of a pattern."""

LONGEST_VALUE = 256
"""The most characters of a tag's value (botocore, TagValue)."""

MOST_READINGS = 256**3
"""How many ways of reading a value a pattern may have: three unbounded repetitions."""

_DEEPEST = 10
"""How deep groups may be nested."""

_REPEAT = re.compile(r"(?:[*+?]|\{(\d*)(,?)(\d*)\})[?+]?")
_BACKREFERENCES = "123456789"
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)
_FUTURE_SETS = ("[", "--", "&&", "~~", "||")
"""What Python warns of inside a class, because a later version may read it as a set of sets."""


class UnsafePatternError(ValueError):
    """A pattern is refused; the message says why."""


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that whole values are held against.

    Raises:
        UnsafePatternError: It is no regular expression, or one that could run for long.
    """
    if len(pattern) > LONGEST:
        raise UnsafePatternError(f"it has {len(pattern)} characters, more than {LONGEST}")
    readings = _Readings(pattern).count()
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UnsafePatternError(f"it is no regular expression: {error}") from error
    if readings > MOST_READINGS:
        raise UnsafePatternError("it has too many repetitions and alternatives")
    return compiled


class _Readings:
    """Counts in how many ways a pattern may read a value, at most.

    Of what is no regular expression it makes what it can; `re` says what is wrong with it.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def count(self) -> int:
        return self._alternatives(0)

    def _alternatives(self, depth: int) -> int:
        """The branches up to a closing bracket or the end: their readings add up."""
        if depth > _DEEPEST:
            raise UnsafePatternError(f"its groups are nested more than {_DEEPEST} deep")
        total, branch = 0, 1
        while self._at < len(self._pattern) and self._pattern[self._at] != ")":
            if self._pattern[self._at] == "|":
                self._at += 1
                total, branch = total + branch, 1
            else:
                branch *= self._item(depth)
        return total + branch

    def _item(self, depth: int) -> int:
        """One character, class or group with its repetition: readings multiply along a branch."""
        readings = self._atom(depth)
        while match := _REPEAT.match(self._pattern, self._at):
            if readings > 1:
                raise UnsafePatternError("it repeats what holds a repetition or alternatives")
            self._at = match.end()
            readings = _times(match)
        return readings

    def _atom(self, depth: int) -> int:
        sign = self._pattern[self._at]
        if sign == "[":
            self._skip_class()
            return 1
        self._at += 1
        if sign == "\\":
            if self._pattern[self._at : self._at + 1] in set(_BACKREFERENCES):
                raise UnsafePatternError("it refers back to a group")
            self._at += 1
        if sign == "(":
            return self._group(depth)
        return 1

    def _skip_class(self) -> None:
        match = _CLASS.match(self._pattern, self._at)
        if match is None:
            raise UnsafePatternError("it is no regular expression: a [ is not closed")
        if any(sign in match[0][1:-1] for sign in _FUTURE_SETS):
            raise UnsafePatternError("a class holds a [ or a doubled sign; write a \\ before it")
        self._at = match.end()

    def _group(self, depth: int) -> int:
        if self._pattern.startswith("?", self._at):
            if not self._pattern.startswith("?:", self._at):
                raise UnsafePatternError("it has a group that begins with '(?'")
            self._at += len("?:")
        readings = self._alternatives(depth + 1)
        self._at += 1
        return readings


def _times(repeat: re.Match[str]) -> int:
    """How often something may be repeated within a tag's value."""
    sign = repeat[0][0]
    if sign == "?":
        return 2
    if sign != "{":
        return LONGEST_VALUE
    most = int(repeat[3] or repeat[1] or LONGEST_VALUE)
    if most > LONGEST_VALUE:
        raise UnsafePatternError(f"it repeats something more than {LONGEST_VALUE} times")
    return LONGEST_VALUE if repeat[2] and not repeat[3] else max(2, most)
