"""Wherever what was found of accounts is kept, the same is promised."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sagewarden.adapters.advice_parts import ArchivedParts
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.advise_all import Asked, Parts
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.advice.advice import Advice, AdviceKind, Change, Language, Option, Risk
from sagewarden.domain.advice.elastic_inference import Place
from sagewarden.domain.advice.report import Report, Unjudged
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceKind
from tests.support.advice_parts import MemoryParts
from tests.support.builders import NOW, a_ref
from tests.support.faults import answer_with_error
from tests.support.reports import a_report, an_advice

MONDAY, NEXT = date(2026, 11, 2), date(2026, 11, 9)
FIRST, SECOND, THIRD = "111111111111", "222222222222", "333333333333"
REGIONS = {
    FIRST: ("us-east-1", "eu-west-1"),
    SECOND: ("us-east-1",),
    THIRD: ("us-east-1", "eu-west-1"),
}
COST = MonthlyCost(Decimal("4147.860000001"), "2 x $2.84 x 730", date(2026, 5, 20), Decimal("5.68"))
WHOLE = Report(
    at=datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=ZoneInfo("UTC")),
    looked_back=timedelta(days=14, seconds=1, milliseconds=500),
    advice=(
        Advice(
            kind=AdviceKind.ELASTIC_INFERENCE,
            ref=replace(a_ref("faces", ResourceKind.ENDPOINT), kind=Place.ENDPOINT_CONFIG),
            title='한국어 "quoted" <@U1> \\n',
            arithmetic=("1 + 1", "= 2"),
            current=COST,
            proposed=None,
            risk=Risk.HIGH,
            caution="measure before",
            change=Change(Language.PYTHON, "import boto3\nboto3.client()"),
            owner="mina",
            team="Vision",
            others=(a_ref("voices", ResourceKind.ENDPOINT),),
            evidence={"zeta": "first", "alpha": "second"},
            blockers=("an image for arm64 is needed",),
            options=(
                Option("1 x ml.m5.large", COST, Risk.LOW, "a note", ("no quota",)),
                Option("serverless", None, Risk.MEDIUM),
            ),
        ),
        an_advice("bare", None),
    ),
    unjudged=(Unjudged(a_ref("new", ResourceKind.ENDPOINT), "it is Creating"),),
    incomplete=(Incomplete("ECS clusters in us-east-1", "AccessDeniedException: no"),),
)


@pytest.fixture
def archived(sessions: Sessions) -> ArchivedParts:
    client = sessions.client("s3", "us-east-1")
    client.create_bucket(Bucket="archive")
    return ArchivedParts(lambda: client, "archive")


@pytest.fixture(params=["memory", "archive"])
def parts(request: pytest.FixtureRequest) -> Parts:
    if request.param == "memory":
        return MemoryParts()
    found: Parts = request.getfixturevalue("archived")
    return found


@pytest.mark.aws
class TestEveryone:
    def test_knows_of_nothing_at_first(self, parts: Parts) -> None:
        assert parts.asked(MONDAY) is None
        assert set(parts.kept(MONDAY)) == set()

    def test_remembers_who_is_asked_about_and_when(self, parts: Parts) -> None:
        asked = Asked(MONDAY, NOW, REGIONS)

        parts.ask(asked)

        assert parts.asked(MONDAY) == asked
        assert set(parts.kept(MONDAY)) == set(), "to be asked is no answer"
        assert parts.asked(NEXT) is None

    def test_gives_back_exactly_what_was_found(self, parts: Parts) -> None:
        parts.keep(MONDAY, FIRST, WHOLE)
        parts.keep(MONDAY, SECOND, a_report())

        read = parts.read(MONDAY, FIRST)

        assert read == WHOLE
        assert list(read.advice[0].evidence) == ["zeta", "alpha"]
        assert parts.read(MONDAY, SECOND) == a_report()
        assert set(parts.kept(MONDAY)) == {FIRST, SECOND}
        assert set(parts.kept(NEXT)) == set()

    def test_keeps_what_was_found_last(self, parts: Parts) -> None:
        parts.keep(MONDAY, FIRST, WHOLE)
        parts.keep(MONDAY, FIRST, replace(WHOLE, advice=()))

        assert parts.read(MONDAY, FIRST).advice == ()

    def test_says_what_cannot_be_read(self, parts: Parts) -> None:
        with pytest.raises(UnreadableError, match=FIRST):
            parts.read(MONDAY, FIRST)


@pytest.mark.aws
class TestArchive:
    def test_finds_every_account_of_a_listing_of_many_pages(
        self, archived: ArchivedParts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
        accounts = {f"{number:012d}" for number in range(10)}
        archived.ask(Asked(MONDAY, NOW, dict.fromkeys(accounts, ("us-east-1",))))
        for account in accounts:
            archived.keep(MONDAY, account, a_report())

        assert archived.kept(MONDAY) == accounts

    @pytest.mark.parametrize(
        ("operation", "read"),
        [
            ("ListObjectsV2", lambda parts: parts.kept(MONDAY)),
            ("ListObjectsV2", lambda parts: parts.asked(MONDAY)),
            ("GetObject", lambda parts: parts.asked(MONDAY)),
            ("GetObject", lambda parts: parts.read(MONDAY, FIRST)),
        ],
    )
    def test_what_s3_refuses_to_tell_is_unreadable(
        self, sessions: Sessions, operation: str, read: Callable[[Parts], object]
    ) -> None:
        client = sessions.client("s3", "us-east-1")
        client.create_bucket(Bucket="archive")
        parts = ArchivedParts(lambda: client, "archive")
        parts.ask(Asked(MONDAY, NOW, REGIONS))
        answer_with_error(sessions, "s3", operation, "AccessDenied")

        with pytest.raises(UnreadableError, match=r"s3://archive/advice/v1/2026-11-02/.*: 400"):
            read(parts)

    def test_what_s3_does_not_take_failed(self, sessions: Sessions) -> None:
        client = sessions.client("s3", "us-east-1")
        client.create_bucket(Bucket="archive")
        answer_with_error(sessions, "s3", "PutObject", "AccessDenied")

        with pytest.raises(ActionFailedError, match=f"writing s3://archive/.*{FIRST}.json"):
            ArchivedParts(lambda: client, "archive").keep(MONDAY, FIRST, WHOLE)
