import re
import warnings
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.guardrails.tag_pattern import (
    LONGEST_VALUE,
    UnsafePatternError,
    compile_pattern,
)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("CC-[0-9]{4}", "CC-0042"),
        ("(dev|test|prod)-[a-z]+", "dev-vision"),
        (r"[^@\s]+@example\.com", "kim@example.com"),
        (r"(?:team-)?[\w-]{2,30}", "team-ml"),
        (r"[\]\-a]+", "a-]"),
        (r"\[x\]", "[x]"),
        ("[]a]+", "]a"),
        ("a*?b++", "aab"),
        ("", ""),
    ],
)
def test_what_people_write_is_taken(pattern: str, value: str) -> None:
    assert compile_pattern(pattern).fullmatch(value)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a+)+", "repeats what holds"),
        ("(a|b)*", "repeats what holds"),
        ("((a{2})b){3}", "repeats what holds"),
        (".*.*.*.*x", "too many repetitions"),
        ("a?" * 40, "too many repetitions"),
        ("(a|b)" * 30, "too many repetitions"),
        ("a{257}", "more than 256 times"),
        ("a{2,999}", "more than 256 times"),
        (r"(a)\1", "refers back"),
        ("(?=a)", "begins with"),
        ("(?i)a", "begins with"),
        ("[[a]", "doubled sign"),
        ("[a", "not closed"),
        ("a" * 201, "201 characters"),
        ("(" * 12 + ")" * 12, "nested more than 10"),
        ("(", "no regular expression"),
        ("a)", "no regular expression"),
        ("*a", "no regular expression"),
        ("a\\", "no regular expression"),
    ],
)
def test_what_is_wrong_or_could_run_for_long_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(UnsafePatternError, match=re.escape(why)):
        compile_pattern(pattern)


@given(st.text(alphabet="ab0()[]{}|*+?^$.\\-,:&~", max_size=30) | st.text(max_size=30))
def test_any_text_is_taken_or_refused_and_never_warned_of(pattern: str) -> None:
    with warnings.catch_warnings(), suppress(UnsafePatternError):
        warnings.simplefilter("error")

        compiled = compile_pattern(pattern)

        compiled.fullmatch("a" * LONGEST_VALUE + "!")
