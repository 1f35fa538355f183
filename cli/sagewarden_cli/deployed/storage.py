"""Whether what the stack remembers is safe: its ledger, its archive, and its secret of Slack."""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger
from sagewarden_cli.deployed.finding import Finding, Health, looked, well
from sagewarden_cli.deployed.stack import BUCKET, TABLE, DeployedStack

_CLOSED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_OURS = "is it Sagewarden's, and deployed to its end? Name another with --stack"
_AGAIN = "it was changed outside of the stack: deploy again"


def check_storage(stack: DeployedStack) -> Iterator[Finding]:
    """Look at the ledger, the archive and the secret."""
    if table := stack.of_type(TABLE).get("Ledger"):
        yield from looked("ledger", partial(_table, stack, table))
        yield from looked("ledger backups", partial(_backups, stack, table))
        yield from looked("halt", partial(_halt, stack, table))
    else:
        yield Finding("ledger", Health.FAIL, "the stack has none", _OURS)
    if bucket := stack.of_type(BUCKET).get("Archive"):
        yield from looked("archive versions", partial(_versions, stack, bucket))
        yield from looked("archive access", partial(_access, stack, bucket))
    else:
        yield Finding("archive", Health.FAIL, "the stack has none", _OURS)
    yield from looked("Slack secret", partial(_secret, stack))


def _table(stack: DeployedStack, table: str) -> Iterator[Finding]:
    status = stack.client("dynamodb").describe_table(TableName=table)["Table"]["TableStatus"]
    if status in {"ACTIVE", "UPDATING"}:
        yield well("ledger", f"table {table}: {status}")
    else:
        yield Finding("ledger", Health.FAIL, f"table {table}: {status}", "restore it from a backup")


def _backups(stack: DeployedStack, table: str) -> Iterator[Finding]:
    answer = stack.client("dynamodb").describe_continuous_backups(TableName=table)
    details = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if details.get("PointInTimeRecoveryStatus") == "ENABLED":
        yield well("ledger backups", "point-in-time recovery is on")
    else:
        yield Finding("ledger backups", Health.FAIL, "point-in-time recovery is off", _AGAIN)


def _halt(stack: DeployedStack, table: str) -> Iterator[Finding]:
    reason = DynamoDBLedger(stack.client("dynamodb"), table).halted()
    if reason is None:
        yield well("halt", "acting is not halted")
    else:
        fix = f"sagewarden resume --ledger dynamodb:{table}@{stack.region}, when its reason is gone"
        yield Finding("halt", Health.WARN, f"all acting is halted: {reason}", fix)


def _versions(stack: DeployedStack, bucket: str) -> Iterator[Finding]:
    status = stack.client("s3").get_bucket_versioning(Bucket=bucket).get("Status", "never enabled")
    if status == "Enabled":
        yield well("archive versions", f"bucket {bucket} keeps them")
    else:
        yield Finding("archive versions", Health.FAIL, f"bucket {bucket}: {status}", _AGAIN)


def _access(stack: DeployedStack, bucket: str) -> Iterator[Finding]:
    try:
        answer = stack.client("s3").get_public_access_block(Bucket=bucket)
        block = answer["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        block = {}
    if open_to := [name for name in _CLOSED if not block.get(name)]:
        found = f"bucket {bucket}: {', '.join(open_to)} off"
        yield Finding("archive access", Health.FAIL, found, _AGAIN)
    else:
        yield well("archive access", f"bucket {bucket} is closed to the public")


def _secret(stack: DeployedStack) -> Iterator[Finding]:
    secret = stack.parameters.get("SlackSecret")
    if not secret:
        yield well("Slack secret", "none: owners are told by the topic of notices")
        return
    answer = stack.client("secretsmanager").describe_secret(SecretId=secret)
    if "DeletedDate" in answer:
        fix = f"aws secretsmanager restore-secret --secret-id {secret}"
        yield Finding("Slack secret", Health.FAIL, "it is being deleted", fix)
    else:
        yield well("Slack secret", f"{answer['Name']} is there; its value was not read")
