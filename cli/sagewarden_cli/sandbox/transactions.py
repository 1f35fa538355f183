"""moto's DynamoDB transactions, whose copy of a table shares its items with it.

moto copies a table with everything in it, its stream too, before each transaction: what ten writes
cost grows with all that was ever written. Here the copy is of the table's lists only, and an update
changes a copy of its item, as moto's other writes do anyway, which put new items into their places.
"""

from copy import copy, deepcopy
from functools import wraps
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table


def _copied(table: Table, _memo: dict[int, Any]) -> Table:
    """A table with the same items, for as long as nobody changes them in place."""
    twin = copy(table)
    twin.items = copy(table.items)
    if table.has_range_key:
        twin.items.update({key: dict(items) for key, items in table.items.items()})
    if table.stream_shard is not None:
        twin.stream_shard = copy(table.stream_shard)
        twin.stream_shard.table = twin
        twin.stream_shard.items = list(table.stream_shard.items)
    return twin


_update_in_place = DynamoDBBackend.update_item


@wraps(_update_in_place)
def _update_a_copy(
    self: DynamoDBBackend,
    table_name: str,
    key: dict[str, Any],
    *args: Any,  # noqa: ANN401 - as moto has them
    **kwargs: Any,  # noqa: ANN401 - as moto has them
) -> Any:  # noqa: ANN401 - as moto has it
    item = self.get_item(table_name, key)
    if item is not None:
        items = self.get_table(table_name).items
        if item.range_key is None:
            items[item.hash_key] = deepcopy(item)
        else:
            items[item.hash_key][item.range_key] = deepcopy(item)
    return _update_in_place(self, table_name, key, *args, **kwargs)


def let_transactions_share() -> None:
    """Teach moto, for this process."""
    Table.__deepcopy__ = _copied
    DynamoDBBackend.update_item = _update_a_copy
