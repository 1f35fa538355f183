import pytest

from sagewarden_cli.pages.marked_block import NoBlockError, with_blocks

PAGE = """# A page
<!-- make docs: figures -->
old
<!-- make docs: end of figures -->
by hand
"""


def test_a_block_is_replaced_and_what_is_written_by_hand_stays() -> None:
    page = with_blocks(PAGE, {"figures": "new"})

    assert page == PAGE.replace("\nold\n", "\n\nnew\n\n")
    assert with_blocks(page, {"figures": "new"}) == page


@pytest.mark.parametrize("page", ["# A page\n", PAGE.replace("end of figures", "end of figure")])
def test_a_page_without_a_place_for_a_block_is_refused(page: str) -> None:
    with pytest.raises(NoBlockError, match=r"<!-- make docs: figures -->"):
        with_blocks(page, {"figures": "new"})
