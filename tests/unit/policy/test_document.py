from pathlib import Path

import pytest

from sagewarden.policy import PolicyError, load_policy, parse_policy
from sagewarden.policy.document import MOST_ALIASES, MOST_BYTES, MOST_DEPTH
from tests.support.policies import HEAD, NO_RULES, only_problem, problems


@pytest.mark.parametrize(
    ("text", "line", "column", "problem", "remedy"),
    [
        ("", 1, 1, "it is empty", "version: 1"),
        ("# only a comment\n", 1, 1, "it is empty", "version: 1"),
        ("- version: 1\n", 1, 1, "no mapping", "keys and values"),
        ("just text", 1, 1, "no mapping", "keys and values"),
        ("version: 1\nrules: [\n", 3, 1, "no YAML", "brackets"),
        ("version: 1\nrules:\n\t- name: x\n", 3, 1, "no YAML", "tabs"),
        ("version: 1\nowners: {approvers: [@ml]}\n", 2, 22, "no YAML", "quotes"),
        ("version: 1\nmode: a: b\n", 2, 8, "no YAML", "quotes"),
        ("version: 1\nrules: []\n---\nversion: 1\n", 3, 1, "second document", "keep one"),
        ("version: 1\nmode: \x07\n", 2, 7, "no YAML", "check"),
        ("version: 1\nmode: \ud800\n", 2, 7, "no Unicode", "UTF-8"),
        ("a: &x [*x]\n", 1, 8, "refers to the value it stands in", "write the value out"),
        ("a: *nobody\n", 1, 4, "refers to nothing", "write the value out"),
    ],
)
def test_what_is_no_policy_document_is_refused_where_it_goes_wrong(
    text: str, line: int, column: int, problem: str, remedy: str
) -> None:
    found = only_problem(text)

    assert (found.file, found.line, found.column) == ("governance.yaml", line, column)
    assert problem in found.problem
    assert remedy in found.remedy


def test_a_key_given_twice_is_refused_instead_of_the_last_one_winning() -> None:
    text = HEAD + "mode: observe\nrules: []\nmode: enforce\n"

    found = only_problem(text)

    assert (found.line, found.column, found.path) == (4, 1, "mode")
    assert found.problem == "the key stands here twice, first on line 2"


@pytest.mark.parametrize(
    ("text", "line", "path", "problem"),
    [
        ("rules: !include rules.yaml\nversion: 1\n", 1, "rules", "YAML tag"),
        ("version: !!python/object:os.system 1\nrules: []\n", 1, "version", "YAML tag"),
        (NO_RULES + "owners: &o {tag: A}\ntargets:\n  <<: *o\n", 5, "targets['<<']", "merge keys"),
        (NO_RULES + "owners:\n  ? [a, b]\n  : c\n", 4, "owners", "a key is a list"),
    ],
)
def test_yaml_that_other_readers_would_take_differently_is_refused(
    text: str, line: int, path: str, problem: str
) -> None:
    found = next(item for item in problems(text) if problem in item.problem)

    assert (found.line, found.path) == (line, path)


def test_an_alias_repeats_what_its_anchor_holds() -> None:
    text = NO_RULES + "protect: [{tag: A, values: &stages [prod]}, {tag: B, values: *stages}]\n"

    policy = parse_policy(text)

    assert [item.values for item in policy.protect] == [("prod",), ("prod",)]


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "x" * MOST_BYTES,
        "a: &a 1\nb: [" + ", ".join(["*a"] * (MOST_ALIASES + 1)) + "]\n",
        "a: " + "[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1),
        "a: " + "[" * 5000,
        "a: " + "{a: " * 5000,
        "&a a: &b [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"k{step}: &k{step} [{', '.join([f'*{before}'] * 10)}]\n"
            for step, before in enumerate(["b", *(f"k{step}" for step in range(8))])
        ),
        "k0: &k0 [x]\n"
        + "".join(f"k{step}: &k{step} [[[[*k{step - 1}]]]]\n" for step in range(1, 20)),
    ],
    ids=["bytes", "aliases", "depth", "open brackets", "open braces", "laughs", "deep aliases"],
)
def test_a_document_that_would_grow_without_bounds_is_refused(text: str) -> None:
    found = only_problem(text)

    assert "more than" in found.problem or "bytes" in found.problem


def test_text_stays_as_it_was_written_whatever_yaml_would_make_of_it() -> None:
    text = (
        NO_RULES
        + "targets: {accounts: [012345678901], regions: us-east-1}\n"
        + "protect: [{tag: on, values: [no, 1.0, 09:00, 2026-12-24]}]\n"
    )

    policy = parse_policy(text)

    assert policy.targets.accounts == ("012345678901",)
    assert policy.protect[0].tag == "on"
    assert policy.protect[0].values == ("no", "1.0", "09:00", "2026-12-24")


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing.yaml"

    with pytest.raises(PolicyError) as refused:
        load_policy(path)

    assert refused.value.problems[0].file == str(path)
    assert "No such file" in refused.value.problems[0].problem


def test_bytes_that_are_no_utf_8_are_located(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(HEAD.encode() + b"# ok\n# caf\xe9\nrules: []\n")

    with pytest.raises(PolicyError) as refused:
        load_policy(path)

    found = refused.value.problems[0]
    assert (found.line, found.column) == (3, 6)
    assert found.remedy == "save the file as UTF-8"


def test_a_file_beyond_the_size_limit_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (MOST_BYTES + 2))

    with pytest.raises(PolicyError, match=f"more than {MOST_BYTES} bytes"):
        load_policy(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + NO_RULES.encode())

    policy = load_policy(path)

    assert policy.rules == ()


def test_columns_count_characters_not_bytes() -> None:
    text = NO_RULES + "owners: {tag: 소유자, tagg: x}\n"

    found = only_problem(text)

    assert (found.line, found.column) == (3, 20)
