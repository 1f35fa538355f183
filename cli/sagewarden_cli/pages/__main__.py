"""Write the parts of the docs that follow the template and the measurements: ``make docs``."""

import sys
from pathlib import Path

from sagewarden_cli.pages.written_pages import written_pages


def main() -> None:
    """Write every page of the folder named by the first argument, by default the current one."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    for page, text in written_pages(root).items():
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
