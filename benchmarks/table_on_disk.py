"""A DynamoDB table on disk, as far as the ledger uses one: it holds a million cases, and counts.

Items lie in order of their keys, as in a partition of DynamoDB. What is read is counted as DynamoDB
charges for it: each item within a query's key condition, whatever becomes of it, and a page of a
query ends at 1 MB (API reference of Query).
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

PAGE_BYTES = 1_048_576
_CREATE = (
    "CREATE TABLE items (pk TEXT, sk TEXT, item TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
)

type Item = Mapping[str, Any]


class TableOnDisk:
    """The calls of boto3's DynamoDB client with which the ledger reads and saves cases.

    Conditions are not evaluated: whoever fills the table writes each item once.

    Args:
        path: The file, which is made anew.

    Attributes:
        items_read: How many items were read.
        pages_read: By how many calls.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._rows = sqlite3.connect(path)
        for statement in _CREATE:
            self._rows.execute(statement)
        self.items_read = self.pages_read = 0

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

    def transact_write_items(self, TransactItems: Iterable[Item]) -> None:  # noqa: N803 - boto3's
        """Put and delete items."""
        for write in TransactItems:
            if put := write.get("Put"):
                self._put(put["Item"])
            elif delete := write.get("Delete"):
                key = delete["Key"]
                self._rows.execute(
                    "DELETE FROM items WHERE pk = ? AND sk = ?", (key["pk"]["S"], key["sk"]["S"])
                )

    def get_item(self, Key: Item, **_: object) -> Item:  # noqa: N803 - boto3's
        """One item."""
        self.pages_read += 1
        keys = (Key["pk"]["S"], Key["sk"]["S"])
        row = self._rows.execute("SELECT item FROM items WHERE pk = ? AND sk = ?", keys).fetchone()
        if row is None:
            return {}
        self.items_read += 1
        return {"Item": json.loads(row[0])}

    def get_paginator(self, operation: str) -> Self:
        """What gives the pages of a query.

        Raises:
            ValueError: It is another operation.
        """
        if operation != "query":
            raise ValueError(f"only queries have pages here, not {operation}")
        return self

    def paginate(self, ExpressionAttributeValues: Item, **_: object) -> Iterator[Item]:  # noqa: N803 - boto3's
        """The pages of a query for a partition, from a sort key on or with a prefix."""
        values = {name: value["S"] for name, value in ExpressionAttributeValues.items()}
        prefix = values.get(":prefix", "")
        rows = self._rows.execute(
            "SELECT item FROM items WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk",
            (values[":pk"], values.get(":since", prefix), f"{prefix}\U0010ffff"),
        )
        page: list[Any] = []
        size = 0
        for (text,) in rows:
            page.append(json.loads(text))
            size += len(text)
            if size >= PAGE_BYTES:
                yield self._read(page)
                page, size = [], 0
        yield self._read(page)

    def _read(self, page: list[Any]) -> Item:
        self.pages_read += 1
        self.items_read += len(page)
        return {"Items": page}

    def _put(self, item: Item) -> None:
        row = (item["pk"]["S"], item["sk"]["S"], json.dumps(item))
        self._rows.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", row)
