"""The docs are product: their links lead somewhere and their policies are valid."""

import re
from pathlib import Path

import pytest

from sagewarden.adapters.public_holidays import public_holidays
from sagewarden.policy import compile_policy, parse_policy

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def policies() -> list[object]:
    """Every policy that a page shows whole."""
    return [
        pytest.param(block, str(page.relative_to(ROOT)), id=f"{page.stem}-{number}")
        for page in PAGES
        for number, block in enumerate(_YAML.findall(page.read_text(encoding="utf-8")))
        if block.startswith("version:")
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = _LINK.findall(page.read_text(encoding="utf-8"))

    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(("text", "page"), policies())
def test_every_policy_that_a_page_shows_is_valid(text: str, page: str) -> None:
    policy = compile_policy(parse_policy(text, page), public_holidays)

    assert policy.rules
