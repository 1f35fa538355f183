"""Measure what a sweep uses, and keep it: ``make measure``."""

import json
from pathlib import Path

from sagewarden.adapters.clock import SystemClock
from sagewarden_cli.pages.running_cost.measurements import FILE
from sagewarden_cli.pages.running_cost.measuring import measure


def main() -> None:
    """Measure with the shipped policy of the current folder."""
    content = {
        "date": SystemClock().now().date().isoformat(),
        **measure(Path("layers/policy/governance.yaml")).record(),
    }
    FILE.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
