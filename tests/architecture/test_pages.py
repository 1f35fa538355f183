"""What the pages say of the template and of measurements is what those say today."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from sagewarden_cli.pages.stack_edges import Flow, edges_of
from sagewarden_cli.pages.written_pages import PAGES, WHOLE, written_pages
from tests.support.templates import ROOT, template

RESOURCES = template()["Resources"]


@cache
def today() -> Mapping[Path, str]:
    """The pages as the program writes them today."""
    return written_pages(ROOT)


@pytest.mark.parametrize("page", [*PAGES, *WHOLE])
def test_a_page_that_a_program_writes_is_up_to_date(page: str) -> None:
    published = (ROOT / page).read_text(encoding="utf-8")

    assert published == today()[ROOT / page], "run: make docs"


def test_the_picture_of_the_stack_shows_every_function_and_what_sets_it_to_work() -> None:
    functions = {
        name for name, item in RESOURCES.items() if item["Type"] == "AWS::Serverless::Function"
    }

    reached = {edge.target for edge in edges_of(RESOURCES) if edge.flow is Flow.WORK}

    assert functions - reached == set()


def test_the_picture_of_the_stack_shows_where_every_dead_letter_comes_from() -> None:
    queues = {name for name in RESOURCES if name.endswith("DeadLetters")}

    failed = {edge.target for edge in edges_of(RESOURCES) if edge.flow is Flow.FAILURE}

    assert queues - failed == set()
