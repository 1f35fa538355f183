"""Every memory of what was seen keeps the same promises."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sagewarden.adapters.ledger_dynamodb import create_table
from sagewarden.adapters.recollection_records import packed, unpacked
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.survey_memory import DynamoDBSurveyMemory, InMemorySurveyMemory
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.application.recheck_ports import SurveyMemory
from sagewarden.domain.endpoint_metrics import backlog_series, variant_series
from sagewarden.domain.metrics import Series
from sagewarden.domain.recheck import Known, Recollection
from tests.support.builders import (
    ACCOUNT,
    NOW,
    REGION,
    a_serverless_variant,
    a_variant,
    an_endpoint,
    an_endpoint_of_components,
)
from tests.support.faults import answer_with_error

HOUR = timedelta(hours=1)
SMALL = 150
"""So few bytes a part that what is remembered here needs several."""


@pytest.fixture
def dynamodb(sessions: Sessions, tmp_path: Path) -> DynamoDBSurveyMemory:
    return a_memory(sessions, tmp_path, SMALL)


def a_memory(sessions: Sessions, tmp_path: Path, part: int) -> DynamoDBSurveyMemory:
    client = sessions.client("dynamodb", "us-east-1")
    table = f"ledger-{tmp_path.name}"
    if table not in client.list_tables()["TableNames"]:
        create_table(client, table)
    return DynamoDBSurveyMemory(client, table, "idle_endpoints", part)


@pytest.fixture(params=["memory", "dynamodb", "dynamodb in parts"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> SurveyMemory:
    if request.param == "memory":
        return InMemorySurveyMemory()
    part = SMALL if request.param == "dynamodb in parts" else 350_000
    return a_memory(request.getfixturevalue("sessions"), tmp_path, part)


def a_recollection(at: datetime = NOW, fingerprint: str = "f1") -> Recollection:
    serverless = an_endpoint("serverless", a_serverless_variant())
    several = an_endpoint("several", a_variant("a", managed_minimum=1), a_variant("b", shadow=True))
    seen = [
        Known(an_endpoint("used", described=False), NOW - HOUR, (series("used"),)),
        Known(an_endpoint("new", described=False, status="Creating", created=NOW, modified=NOW)),
        Known(replace(serverless, tags=None), None, (series("serverless"),)),
        Known(replace(several, tags=None)),
        Known(an_endpoint_of_components("shared", "c1", "c2")),
        Known(an_endpoint("unread", components=None)),
        Known(an_endpoint("queue", asynchronous=True), NOW, (backlog_series("queue"),)),
    ]
    bare = [replace(item, endpoint=replace(item.endpoint, tags=None)) for item in seen]
    known = {item.endpoint.ref.arn: item for item in bare}
    return Recollection(fingerprint, at - HOUR, at, known)


def series(name: str) -> Series:
    return variant_series("Invocations", name, "AllTraffic")


def test_what_is_remembered_is_recalled_as_it_was(memory: SurveyMemory) -> None:
    memory.remember(ACCOUNT, REGION, a_recollection())

    assert memory.recall(ACCOUNT, REGION) == a_recollection()


def test_nothing_is_recalled_of_another_account_or_region(memory: SurveyMemory) -> None:
    memory.remember(ACCOUNT, REGION, a_recollection())

    assert memory.recall("999999999999", REGION) is None
    assert memory.recall(ACCOUNT, "eu-west-1") is None


def test_whoever_remembers_last_is_remembered_as_a_whole(memory: SurveyMemory) -> None:
    memory.remember(ACCOUNT, REGION, a_recollection())
    fewer = replace(a_recollection(NOW + HOUR, "f2"), known={})
    memory.remember(ACCOUNT, REGION, fewer)

    assert memory.recall(ACCOUNT, REGION) == fewer


def test_another_bot_remembers_by_itself(sessions: Sessions, tmp_path: Path) -> None:
    one = a_memory(sessions, tmp_path, SMALL)
    client = sessions.client("dynamodb", "us-east-1")
    other = DynamoDBSurveyMemory(client, f"ledger-{tmp_path.name}", "another")

    one.remember(ACCOUNT, REGION, a_recollection())

    assert other.recall(ACCOUNT, REGION) is None


def test_what_lost_a_part_is_not_recalled(
    sessions: Sessions, tmp_path: Path, dynamodb: DynamoDBSurveyMemory
) -> None:
    dynamodb.remember(ACCOUNT, REGION, a_recollection())
    client, table = sessions.client("dynamodb", "us-east-1"), f"ledger-{tmp_path.name}"
    part = next(item for item in client.scan(TableName=table)["Items"] if item["sk"]["S"] != "0")

    client.delete_item(TableName=table, Key={key: part[key] for key in ("pk", "sk")})

    assert dynamodb.recall(ACCOUNT, REGION) is None


def test_what_was_changed_by_anybody_is_not_recalled(
    sessions: Sessions, tmp_path: Path, dynamodb: DynamoDBSurveyMemory
) -> None:
    dynamodb.remember(ACCOUNT, REGION, a_recollection())
    client, table = sessions.client("dynamodb", "us-east-1"), f"ledger-{tmp_path.name}"
    part = next(item for item in client.scan(TableName=table)["Items"] if item["sk"]["S"] != "0")

    client.put_item(TableName=table, Item={**part, "body": {"B": b"something else"}})

    assert dynamodb.recall(ACCOUNT, REGION) is None


def test_what_another_run_is_just_writing_is_not_mixed_with_what_was_there(
    sessions: Sessions, tmp_path: Path, dynamodb: DynamoDBSurveyMemory
) -> None:
    """A run that ends in the middle has written parts, and not the first, which names them."""
    dynamodb.remember(ACCOUNT, REGION, a_recollection())
    answer_with_error(sessions, "dynamodb", "PutItem", "ResourceNotFoundException", after=1)

    with pytest.raises(ActionFailedError, match="remembering what was seen"):
        dynamodb.remember(ACCOUNT, REGION, a_recollection(NOW + HOUR, "f2"))

    assert a_memory(sessions, tmp_path, SMALL).recall(ACCOUNT, REGION) == a_recollection()


def test_it_is_swept_away_a_day_after_it_is_of_no_use(
    sessions: Sessions, tmp_path: Path, dynamodb: DynamoDBSurveyMemory
) -> None:
    dynamodb.remember(ACCOUNT, REGION, a_recollection())

    items = sessions.client("dynamodb", "us-east-1").scan(TableName=f"ledger-{tmp_path.name}")
    swept = {int(item["ttl"]["N"]) for item in items["Items"]}

    (moment,) = swept
    assert timedelta(days=1) < datetime.fromtimestamp(moment, NOW.tzinfo) - NOW < timedelta(days=2)


def test_a_memory_that_does_not_answer_says_so(
    sessions: Sessions, dynamodb: DynamoDBSurveyMemory
) -> None:
    answer_with_error(sessions, "dynamodb", "GetItem", "AccessDeniedException")

    with pytest.raises(UnreadableError, match="what is remembered"):
        dynamodb.recall(ACCOUNT, REGION)


@pytest.mark.parametrize("body", [b"", b"no zlib", packed(a_recollection())[:-9]])
def test_what_cannot_be_understood_is_nothing(body: bytes) -> None:
    assert unpacked(body) is None


def test_what_another_version_wrote_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagewarden.adapters.recollection_records._FORM", [0, "config_name"])
    body = packed(a_recollection())
    monkeypatch.undo()

    assert unpacked(body) is None


def test_ten_thousand_endpoints_fit_into_an_item() -> None:
    known = {
        item.endpoint.ref.arn: item
        for item in (
            Known(an_endpoint(f"team-{n % 37}-{n * 7919 % 10007}"), NOW - (n % 40) * HOUR)
            for n in range(10_000)
        )
    }

    assert len(packed(Recollection("f1", NOW, NOW, known))) < 350_000
