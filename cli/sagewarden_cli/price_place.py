"""Where a workstation keeps the list prices it has read, and the book that its runs use."""

import os
from collections.abc import Mapping
from pathlib import Path

from sagewarden.adapters.price_snapshot import known_prices
from sagewarden.domain.money import PriceBook

CACHE_DIR_VARIABLE = "SAGEWARDEN_CACHE_DIR"


def price_cache(environment: Mapping[str, str]) -> Path:
    """Where a user's prices lie, unless a file is named."""
    if directory := environment.get(CACHE_DIR_VARIABLE):
        return Path(directory) / "prices.json"
    shared = environment.get("XDG_CACHE_HOME")
    home = Path(shared) if shared else Path.home() / ".cache"
    return home / "sagewarden" / "prices.json"


def workstation_prices() -> PriceBook:
    """The newest prices of the user's cache and of those shipped, read on first use."""
    return known_prices(price_cache(os.environ))
