"""Which pages are written by a program, or have parts that are, and what those say today."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sagewarden_cli.pages.cloudformation import read_template
from sagewarden_cli.pages.coverage import coverage_table
from sagewarden_cli.pages.event_schema import SCHEMA, event_blocks, schema_text
from sagewarden_cli.pages.marked_block import with_blocks
from sagewarden_cli.pages.running_cost.cost_page import cost_blocks
from sagewarden_cli.pages.stack_diagram import stack_diagram

type Blocks = Mapping[str, str]


def _architecture(root: Path) -> Blocks:
    return {"the stack": stack_diagram(read_template(root / "template.yaml"))}


PAGES: Mapping[str, Callable[[Path], Blocks]] = {
    "README.md": lambda _root: {"what is covered": coverage_table()},
    "docs/architecture.md": _architecture,
    "docs/cost-of-running.md": cost_blocks,
    "docs/events.md": lambda _root: event_blocks(),
}
"""Those with parts."""

WHOLE: Mapping[str, Callable[[], str]] = {SCHEMA: schema_text}
"""Those that are written as a whole."""


def written_pages(root: Path) -> Mapping[Path, str]:
    """The pages of a checkout as they should be, by their paths.

    Args:
        root: The checkout.

    Raises:
        OSError: A page or its source cannot be read.
        NoBlockError: A page has no place for a block.
    """
    parts = {
        root / name: with_blocks((root / name).read_text(encoding="utf-8"), blocks(root))
        for name, blocks in PAGES.items()
    }
    return parts | {root / name: text() for name, text in WHOLE.items()}
