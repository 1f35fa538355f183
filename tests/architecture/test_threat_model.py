"""The threat model names tests: each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threat-model.md"
_TEST = re.compile(r"`(test_\w+)`")
_DEFINITION = re.compile(r"^\s*def (test_\w+)\(", re.MULTILINE)


def test_every_defence_names_tests_that_exist() -> None:
    named = set(_TEST.findall(PAGE.read_text(encoding="utf-8")))
    files = (ROOT / "tests").rglob("test_*.py")
    defined = {
        name for file in files for name in _DEFINITION.findall(file.read_text(encoding="utf-8"))
    }

    assert named
    assert named - defined == set()


def test_every_attacker_meets_a_defence_or_is_told_there_is_none() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("## Who could make it delete what?")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]

    assert len(rows) > 10
    assert [row[0] for row in rows if "`" not in row[-1]] == []
