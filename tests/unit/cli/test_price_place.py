from pathlib import Path

import pytest

from sagewarden_cli.price_place import price_cache


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"SAGEWARDEN_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b"}, Path("/a/prices.json")),
        ({"XDG_CACHE_HOME": "/b"}, Path("/b/sagewarden/prices.json")),
        ({}, Path.home() / ".cache" / "sagewarden" / "prices.json"),
    ],
)
def test_prices_lie_where_the_user_keeps_what_can_be_read_again(
    environment: dict[str, str], place: Path
) -> None:
    assert price_cache(environment) == place
