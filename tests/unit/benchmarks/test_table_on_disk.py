"""A DynamoDB table on disk, and a ledger that reads no more than it answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.remembering import ALIVE, LATELY, PLACES, remembered
from benchmarks.table_on_disk import PAGE_BYTES, TableOnDisk


def an_item(pk: str, sk: str, body: str = "") -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, "body": {"S": body}}


@pytest.fixture
def table(tmp_path: Path) -> Iterator[TableOnDisk]:
    made = TableOnDisk(tmp_path / "table.sqlite")
    yield made
    made.close()


def put(table: TableOnDisk, *items: dict[str, dict[str, str]]) -> None:
    table.transact_write_items(TransactItems=[{"Put": {"Item": item}} for item in items])


def found(table: TableOnDisk, **values: str) -> list[str]:
    named = {f":{name}": {"S": value} for name, value in values.items()}
    pages = table.get_paginator("query").paginate(ExpressionAttributeValues=named)
    return [item["sk"]["S"] for page in pages for item in page["Items"]]


def test_a_query_reads_one_partition_in_the_order_of_its_keys(table: TableOnDisk) -> None:
    put(table, an_item("A", "2"), an_item("A", "1"), an_item("B", "1"))

    assert found(table, pk="A") == ["1", "2"]
    assert (table.items_read, table.pages_read) == (2, 1)


def test_a_query_begins_with_a_prefix_or_from_a_key_on(table: TableOnDisk) -> None:
    put(table, *(an_item("A", key) for key in ("a1", "a2", "b1", "c1")))

    assert found(table, pk="A", prefix="a") == ["a1", "a2"]
    assert found(table, pk="A", since="a2") == ["a2", "b1", "c1"]
    assert table.items_read == 5


def test_a_page_ends_at_a_megabyte(table: TableOnDisk) -> None:
    put(table, *(an_item("A", str(number), "x" * (PAGE_BYTES // 2)) for number in range(5)))

    assert len(found(table, pk="A")) == 5
    assert table.pages_read == 3


def test_items_are_got_and_deleted_by_their_keys(table: TableOnDisk) -> None:
    key = {"pk": {"S": "A"}, "sk": {"S": "1"}}
    put(table, an_item("A", "1", "x"))
    before = table.get_item(Key=key)

    table.transact_write_items(TransactItems=[{"Delete": {"Key": key}}])

    assert before["Item"]["body"] == {"S": "x"}
    assert table.get_item(Key=key) == {}
    assert (table.items_read, table.pages_read) == (1, 2)


def test_no_other_operation_has_pages(table: TableOnDisk) -> None:
    with pytest.raises(ValueError, match="not scan"):
        table.get_paginator("scan")


def test_what_a_question_reads_does_not_grow_with_the_ledger(tmp_path: Path) -> None:
    each = ALIVE + LATELY
    sizes = (each * len(PLACES), 2 * each * len(PLACES))

    small, large = remembered(sizes, tmp_path / "ledger.sqlite")

    small_reads, large_reads = (
        [(one.question, one.answer, one.items, one.pages) for one in ledger.asked]
        for ledger in (small, large)
    )
    assert small_reads == large_reads
    answers = {one.question: one.answer for one in large.asked}
    assert answers["live_cases"] == ALIVE
    assert answers["ended_cases"] == LATELY
    assert answers["places"] == len(PLACES)
