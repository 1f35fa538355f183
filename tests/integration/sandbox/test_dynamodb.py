"""What moto's DynamoDB does not do by itself: keep callers apart."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from sagewarden_cli.sandbox import Sandbox


def test_a_transaction_that_fails_takes_nothing_back_of_what_others_write(
    sandbox: Sandbox,
) -> None:
    usual = sys.getswitchinterval()
    client: Any = sandbox.client("dynamodb")
    client.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

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
