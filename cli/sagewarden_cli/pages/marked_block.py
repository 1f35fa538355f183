"""Parts of a page that are written by a program, between two comments."""

from collections.abc import Mapping

COMMAND = "make docs"


class NoBlockError(ValueError):
    """A page has no place for a block."""


def with_blocks(page: str, blocks: Mapping[str, str], command: str = COMMAND) -> str:
    """A page with the blocks of these names replaced.

    Args:
        page: The page's text.
        blocks: What to write, by the blocks' names.
        command: What writes them, as their comments say.

    Raises:
        NoBlockError: The page lacks the comments that a block stands between.
    """
    for name, text in blocks.items():
        begin, end = f"<!-- {command}: {name} -->\n", f"<!-- {command}: end of {name} -->"
        before, opening, rest = page.partition(begin)
        _, closing, after = rest.partition(end)
        if not opening or not closing:
            raise NoBlockError(f"no block {name!r}: put {begin.strip()} and {end} into the page")
        page = f"{before}{begin}\n{text.strip()}\n\n{end}{after}"
    return page
