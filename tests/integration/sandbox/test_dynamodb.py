"""What moto's DynamoDB does not do by itself: keep callers apart, at a cost that does not grow."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models.dynamo_type import Item

from sagewarden_cli.sandbox import Sandbox


def a_table(client: Any, *keys: str) -> dict[str, Any]:
    """Make a table ``t`` with a stream: its hash key, and a range key if there is a second one."""
    made: dict[str, Any] = client.create_table(
        TableName="t",
        KeySchema=[
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    return made


def test_a_transaction_that_fails_takes_nothing_back_of_what_others_write(
    sandbox: Sandbox,
) -> None:
    usual = sys.getswitchinterval()
    client: Any = sandbox.client("dynamodb")
    a_table(client, "k")

    def write(key: str, condition: str) -> bool:
        put = {"TableName": "t", "Item": {"k": {"S": key}}, "ConditionExpression": condition}
        try:
            client.transact_write_items(TransactItems=[{"Put": put}])
        except ClientError:
            return False
        return True

    def work(number: int) -> list[bool]:
        return [
            write(f"{number}-{step}", f"attribute_{'not_' if step % 2 else ''}exists(k)")
            for step in range(20)
        ]

    sys.setswitchinterval(1e-5)  # threads take turns as often as on many processors
    try:
        with ThreadPoolExecutor(8) as pool:
            written = [sum(done) for done in pool.map(work, range(8))]
    finally:
        sys.setswitchinterval(usual)

    assert written == [10] * 8
    assert client.scan(TableName="t")["Count"] == 80


@pytest.mark.parametrize("keys", [("k",), ("k", "r")], ids=["hash", "hash and range"])
def test_a_transaction_that_fails_leaves_items_and_stream_as_they_were(
    sandbox: Sandbox, keys: tuple[str, ...]
) -> None:
    client: Any = sandbox.client("dynamodb")
    table = a_table(client, *keys)

    def named(name: str) -> dict[str, Any]:
        return {attribute: {"S": name} for attribute in keys}

    def update(name: str) -> dict[str, Any]:
        return {
            "TableName": "t",
            "Key": named(name),
            "UpdateExpression": "SET seen = if_not_exists(seen, :none) + :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":none": {"N": "0"}},
        }

    def streamed() -> list[dict[str, Any]]:
        stream: Any = sandbox.client("dynamodbstreams")
        arn = table["LatestStreamArn"]
        [shard] = stream.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        begin = stream.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records: list[dict[str, Any]] = stream.get_records(ShardIterator=begin)["Records"]
        return [record["dynamodb"] for record in records]

    for name in ("changed", "gone"):
        client.put_item(TableName="t", Item=named(name))
    client.update_item(**update("changed"))
    before, heard = client.scan(TableName="t")["Items"], streamed()
    unmet = {"ConditionExpression": "attribute_exists(k)"}

    with pytest.raises(ClientError, match="TransactionCanceled"):
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "t", "Item": named("new")}},
                {"Update": update("changed")},
                {"Update": update("made")},
                {"Delete": {"TableName": "t", "Key": named("gone")}},
                {"Put": {"TableName": "t", "Item": named("refused"), **unmet}},
            ]
        )

    assert client.scan(TableName="t")["Items"] == before
    assert [item.get("seen") for item in before] == [{"N": "1"}, None]
    assert streamed() == heard
    assert len(heard) == 3


def test_a_transaction_costs_the_same_however_much_a_table_holds(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Any = sandbox.client("dynamodb")
    a_table(client, "k")
    for number in range(100):
        client.put_item(TableName="t", Item={"k": {"S": str(number)}})
    copied: list[Item] = []
    with monkeypatch.context() as patched:
        patched.setattr(Item, "__deepcopy__", lambda item, _: copied.append(item), raising=False)
        client.transact_write_items(
            TransactItems=[{"Put": {"TableName": "t", "Item": {"k": {"S": "one more"}}}}]
        )

    assert copied == []
    assert client.scan(TableName="t")["Count"] == 101
