import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sagewarden.adapters.price_file import DamagedPricesError, price_file_text, read_price_file
from sagewarden.adapters.price_snapshot import (
    SNAPSHOT,
    known_prices,
    known_tables,
    shipped_prices,
    shipped_tables,
)
from sagewarden.adapters.price_tables import PriceTable, book, merged, unit_of
from sagewarden.domain.money import FileStorage, PriceComponent

HOSTING = PriceTable(
    PriceComponent.HOSTING,
    "us-east-1",
    date(2026, 11, 20),
    "AWS Price List Query API",
    {"ml.m5.xlarge": Decimal("0.23"), "ml.c7g.medium": Decimal("0.04356")},
)
RESERVED = PriceTable(
    PriceComponent.PROVISIONED_CONCURRENCY,
    "us-east-1",
    date(2026, 11, 21),
    "AWS Price List Query API",
    {"GB": Decimal("0.000005")},
)
VOLUMES = PriceTable(
    PriceComponent.STORAGE,
    "us-east-1",
    date(2026, 11, 22),
    "AWS Price List Query API",
    {"Notebook": Decimal("0.14")},
)
FILES = PriceTable(
    PriceComponent.FILE_SYSTEM,
    "us-east-1",
    date(2026, 11, 23),
    "AWS Price List Query API",
    {"General Purpose": Decimal("0.3")},
)
TABLES = (HOSTING, RESERVED, VOLUMES, FILES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prices.json"


def test_a_file_gives_back_what_was_written(file: Path) -> None:
    file.write_text(price_file_text(TABLES))

    assert read_price_file(file) == TABLES


def test_each_table_is_a_line_of_its_own_so_that_a_change_can_be_reviewed() -> None:
    text = price_file_text(reversed(TABLES))

    lines = text.splitlines()
    assert len(lines) == len(TABLES) + 2
    assert json.loads(lines[1].rstrip(","))["usd_per"] == "instance-hour"
    assert '"ml.c7g.medium": "0.04356", "ml.m5.xlarge": "0.23"' in lines[1]


def test_the_shipped_file_is_as_it_would_be_written_and_every_table_names_its_source() -> None:
    assert price_file_text(shipped_tables()) == SNAPSHOT.read_text(encoding="utf-8")
    assert all(table.source and table.prices for table in shipped_tables())
    assert merged(shipped_tables()) == shipped_tables()


def test_two_of_two_gigabytes_reserved_for_a_month_cost_52_56_not_what_inference_would() -> None:
    cost = shipped_prices().provisioned_concurrency("us-east-1", memory_mb=2048, concurrency=2)
    swapped = shipped_prices().inference(
        PriceComponent.PROVISIONED_INFERENCE, "us-east-1", 2048, Decimal(2 * 730 * 3600)
    )

    assert cost is not None
    assert swapped is not None
    assert (round(cost.usd, 2), round(swapped.usd, 2)) == (Decimal("52.56"), Decimal("122.46"))


def damaged(change: Callable[[dict[str, Any]], object]) -> str:
    content = json.loads(price_file_text(TABLES))
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("{}", "KeyError: 'schema'"),
        (damaged(lambda all_: all_.update(schema=2)), "schema 2 instead of 1"),
        (damaged(lambda all_: all_["tables"][0].pop("as_of")), "KeyError: 'as_of'"),
        (damaged(lambda all_: all_["tables"][0].update(as_of="soon")), "ValueError"),
        (damaged(lambda all_: all_["tables"][0].update(component="Lunch")), "Lunch"),
        (damaged(lambda all_: all_["tables"][1].update(usd_per="instance-hour")), "GB-second"),
        (damaged(lambda all_: all_["tables"][1].update(prices={"2 GB": "1"})), "only price is GB"),
        (damaged(lambda all_: all_["tables"][2].update(prices={"Attic": "1"})), "no Attic"),
        (damaged(lambda all_: all_["tables"][3].update(prices={"Shelf": "1"})), "no Shelf"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place_and_what_to_do(
    file: Path, text: str, why: str
) -> None:
    file.write_text(text)

    with pytest.raises(DamagedPricesError) as caught:
        read_price_file(file)

    assert why in str(caught.value)
    assert str(caught.value).startswith(f"{file}: ")
    assert str(caught.value).endswith("write it anew with sagewarden prices refresh")


@pytest.mark.parametrize("usd", ["0", "-1", "NaN", "Infinity", "cheap", 0.23, None, True])
def test_what_is_no_price_is_refused_and_never_taken_for_one(file: Path, usd: object) -> None:
    file.write_text(damaged(lambda all_: all_["tables"][0]["prices"].update({"ml.x.y": usd})))

    with pytest.raises(DamagedPricesError, match=r"Hosting in us-east-1: ml\.x\.y: .* is no price"):
        read_price_file(file)


def test_the_newer_table_of_a_component_and_region_replaces_the_older_one_whole() -> None:
    newer = replace(
        HOSTING, as_of=date(2026, 11, 25), prices={"ml.m5.xlarge": Decimal("0.2")}, source="n"
    )
    elsewhere = replace(HOSTING, region="eu-west-1", as_of=date(2026, 1, 1))

    for order in ((HOSTING, newer, elsewhere), (elsewhere, newer, HOSTING)):
        assert merged(order) == (elsewhere, newer)


def test_of_two_tables_of_one_day_the_later_given_counts() -> None:
    again = replace(HOSTING, source="again")

    assert merged((HOSTING, again)) == (again,)


def test_a_book_has_each_price_under_its_own_key_and_day() -> None:
    prices = book(TABLES)

    assert prices.hourly_usd == {
        (PriceComponent.HOSTING, "us-east-1", name): usd for name, usd in HOSTING.prices.items()
    }
    assert prices.gb_second_usd == {
        (PriceComponent.PROVISIONED_CONCURRENCY, "us-east-1"): Decimal("0.000005")
    }
    assert prices.gb_month_usd == {(PriceComponent.NOTEBOOK, "us-east-1"): Decimal("0.14")}
    assert prices.file_gb_month_usd == {(FileStorage.STANDARD, "us-east-1"): Decimal("0.3")}
    assert prices.as_of[PriceComponent.FILE_SYSTEM, "us-east-1"] == date(2026, 11, 23)
    assert prices.as_of[PriceComponent.STORAGE, "us-east-1"] == date(2026, 11, 22)


def test_a_files_newer_prices_go_before_the_shipped_ones_and_the_others_stay(file: Path) -> None:
    newer = replace(HOSTING, prices={"ml.m5.xlarge": Decimal("0.2")})
    file.write_text(price_file_text((newer,)))

    prices = known_prices(file)

    key = PriceComponent.HOSTING, "us-east-1", "ml.m5.xlarge"
    assert prices.hourly_usd[key] == Decimal("0.2")
    assert prices.instances(PriceComponent.HOSTING, "us-east-1", "ml.m5.large") is None
    assert prices.instances(PriceComponent.HOSTING, "eu-west-1", "ml.m5.large") is not None
    assert prices.oldest(PriceComponent.HOSTING) == date(2026, 5, 20)
    assert prices.files("us-east-1", {FileStorage.STANDARD: 2**30}) is not None


def test_a_files_older_prices_do_not_hide_newer_shipped_ones(file: Path) -> None:
    file.write_text(price_file_text((replace(HOSTING, as_of=date(2020, 1, 1)),)))

    assert known_tables(file) == shipped_tables()


def test_without_a_file_the_shipped_prices_count(file: Path) -> None:
    assert known_prices(file) == shipped_prices()
    assert len(known_prices(file).hourly_usd) == sum(
        len(table.prices) for table in shipped_tables() if unit_of(table.component).endswith("hour")
    )


def test_a_file_is_read_when_a_price_is_looked_up_and_not_before_and_then_once(
    file: Path,
) -> None:
    file.write_text("{")
    prices = known_prices(file)

    file.write_text(price_file_text((HOSTING,)))
    found = prices.hourly_usd[PriceComponent.HOSTING, "us-east-1", "ml.m5.xlarge"]
    file.unlink()

    assert found == Decimal("0.23")
    assert prices.as_of[PriceComponent.HOSTING, "us-east-1"] == date(2026, 11, 20)


def test_of_many_prices_only_the_one_looked_up_is_read(file: Path) -> None:
    file.write_text(damaged(lambda all_: all_["tables"][0]["prices"].update({"ml.x.y": "0"})))
    prices = known_prices(file)

    assert prices.instances(PriceComponent.HOSTING, "us-east-1", "ml.m5.xlarge") is not None
    with pytest.raises(DamagedPricesError, match=r"ml\.x\.y: '0' is no price"):
        prices.instances(PriceComponent.HOSTING, "us-east-1", "ml.x.y")


def test_a_damaged_file_is_refused_when_a_price_is_looked_up(file: Path) -> None:
    file.write_text("{")

    with pytest.raises(DamagedPricesError):
        known_prices(file).instances(PriceComponent.HOSTING, "us-east-1", "ml.m5.large")
