"""Pictures of every kind of Slack message, for the docs: ``python -m tests.support.slack_gallery``.

The messages go through the messenger and the local Slack, and are photographed in Chromium.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from sagewarden.adapters.slack.blocks import exemption_view
from sagewarden.adapters.slack.messenger import SlackMessenger
from sagewarden.adapters.slack.readers import SlackReaders, UserGroups
from sagewarden.adapters.slack.texts import CATALOGUE, Language
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cards import Card, Face
from sagewarden.domain.digest import Digest, Entry, LastDay, Some, Sum
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.notices import News, NoticeKind, Shown
from sagewarden.domain.owners import Owners
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.weekly_advice import Tip, WeeklyAdvice
from sagewarden_cli.slack import LocalSlack
from tests.support.browser import Browser
from tests.support.builders import a_ref
from tests.support.fakes import HandClock
from tests.support.slack_app import RecordingApp

PICTURES = Path(__file__).parents[2] / "docs" / "images"
PEOPLE = {Language.ENGLISH: "tom", Language.KOREAN: "mina"}
LOCALES = {Language.ENGLISH: "en-US", Language.KOREAN: "ko-KR"}
SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SEOUL)
WIDTH = 900


def _card(
    name: str,
    face: Face,
    action: ActionKind = ActionKind.DELETE,
    reason: str = "0 invocations in 48 h over 1 variant",
    **more: object,
) -> Card:
    notebook = action is ActionKind.STOP
    kind = ResourceKind.NOTEBOOK_INSTANCE if notebook else ResourceKind.ENDPOINT
    rules = {ActionKind.STOP: "notebooks-off-hours", ActionKind.NOTIFY: "required-tags"}
    return Card(
        case_id=f"{face}-{name}",
        rule=rules.get(action, "idle-endpoints"),
        ref=a_ref(name, kind),
        action=action,
        face=face,
        reason=reason,
        **more,  # type: ignore[arg-type]  # the fields of a card
    )


def _again(name: str) -> str:
    return f"sagewarden restore {a_ref(name, ResourceKind.ENDPOINT).arn}"


def _saving(monthly: int, instance: str) -> MonthlyCost:
    basis = f"1 x {instance} at ${monthly / 730:.2f}/h x 730 h"
    return MonthlyCost(Decimal(monthly), basis, date(2026, 5, 20))


def cards() -> Mapping[str, Sequence[Card]]:
    """Every face of a card, in the messages where its reader meets it."""
    tonight = NOW.replace(hour=18)
    closing = {"closed_since": tonight.isoformat()}
    closed = "outside its hours (mon-fri 09:00-18:00 Asia/Seoul)"
    untagged = "the required tag CostCenter is missing"
    idle, night = _saving(73, "ml.m5.large"), _saving(36, "ml.t3.medium")
    left = "not back: register scalable target endpoint/pose-a/variant/v: AccessDeniedException"
    return {
        "warnings": (
            _card("churn-scoring", Face.WARNED, due_at=NOW + timedelta(days=1), saving=idle),
            _card(
                "jihoon-nlp",
                Face.WARNED,
                ActionKind.STOP,
                closed,
                due_at=tonight,
                evidence=closing,
                saving=night,
            ),
            _card("search-rerank", Face.TOLD, ActionKind.NOTIFY, untagged),
        ),
        "answers": (
            _card("churn-scoring", Face.SNOOZED, until=NOW + timedelta(days=7), by="mina"),
            _card(
                "vision-demo",
                Face.EXEMPT,
                until=NOW + timedelta(days=69),
                by="mina",
                why="migrating to the new account",
            ),
        ),
        "news": (
            _card("old-ranker", Face.DONE, at=NOW, undo=_again("old-ranker"), saving=idle),
            _card("jihoon-nlp", Face.DONE, ActionKind.STOP, closed, at=NOW, saving=night),
            _card("fraud-v2", Face.CALLED_OFF, at=NOW),
            _card("pose-b", Face.FAILED, reason="AccessDeniedException: sagemaker:DeleteEndpoint"),
        ),
        "restores": (
            _card("chat-v1", Face.RESTORING, reason="endpoint chat-v1 is Creating", by="mina"),
            _card("ocr-v2", Face.RESTORED, reason="everything is as it was", at=NOW, by="mina"),
            _card("pose-a", Face.NOT_RESTORED, reason=left, by="mina", undo=_again("pose-a")),
        ),
    }


def digest(team: str | None) -> Digest:
    """The digest of a busy week."""

    def entry(name: str, at: datetime, action: ActionKind = ActionKind.DELETE, **who: str) -> Entry:
        rule = "required-tags" if action is ActionKind.NOTIFY else "idle-endpoints"
        return Entry(name, action, rule, at, **who)

    priced, day = date(2026, 5, 20), timedelta(days=1)
    tonight = NOW.replace(hour=18)
    coming = (
        entry("jihoon-nlp", tonight, ActionKind.STOP, owner="jihoon@example.com"),
        entry("churn-scoring", NOW + day, owner="mina@example.com"),
        entry("embed-b", NOW + day, ActionKind.SCALE_TO_ZERO, owner="tom@example.com"),
    )
    unanswered = (
        entry("search-rerank", NOW - 23 * day, ActionKind.NOTIFY, owner="tom@example.com"),
        entry("pose-demo", NOW - 9 * day, ActionKind.NOTIFY),
    )
    return Digest(
        team=team,
        first_day=date(2026, 11, 16),
        last_day=date(2026, 11, 22),
        at=NOW,
        done={ActionKind.STOP: 31, ActionKind.START: 26, ActionKind.DELETE: 3},
        projected=Sum(Decimal("1284.60"), 9, 1, priced),
        realised=Sum(Decimal("212.35"), 29, 0, priced),
        hours=Decimal(548),
        pending=Some(coming, 5),
        pending_saving=Sum(Decimal("418.20"), 4, 1, priced),
        unanswered=Some(unanswered, 2),
        snoozed=Some((entry("chat-v1", NOW + 5 * day, by="mina"),), 1),
        exempted=1,
        exemptions=Some(
            (
                LastDay("vision-demo", date(2026, 11, 20), over=True, by="mina"),
                LastDay("batch-*", date(2026, 11, 30), over=False, by="jihoon"),
            ),
            2,
        ),
        restored=Some((entry("old-ranker", NOW - 3 * day, by="tom"),), 1),
        failed=Some((entry("pose-b", NOW - 2 * day, owner="tom@example.com"),), 1),
        resolved=4,
        places=8,
    )


def advice(team: str | None) -> WeeklyAdvice:
    """The advice of a week to a team with endpoints that are too large."""

    def tip(number: int, kind: str, name: str, usd: str | None, title: str, **more: Any) -> Tip:
        money = None if usd is None else Decimal(usd)
        where = {"account": "111122223333", "region": "us-east-1"}
        return Tip(number, kind, name, title=title, usd=money, **{"others": 0, **where, **more})

    return WeeklyAdvice(
        team=team,
        monday=date(2026, 11, 23),
        at=NOW,
        saving=Sum(Decimal("5269.73"), 5, 1, date(2026, 5, 20)),
        tips=Some(
            (
                tip(
                    1,
                    "underused-gpu",
                    "vision",
                    "4147.86",
                    "vision uses 5.0 % of its GPUs: 1 x ml.g5.xlarge would do",
                    risk="low",
                    owner="mina@example.com",
                ),
                tip(
                    2,
                    "asynchronous",
                    "render",
                    "770.88",
                    "render is called in 25.0 % of the hours: queued, it could rest in others",
                    risk="medium",
                    owner="tom@example.com",
                ),
                tip(
                    3,
                    "shared-endpoint",
                    "churn-de",
                    "167.90",
                    "3 endpoints of mina@example.com with one image would fit 1 x ml.m5.large as "
                    "a multi-model endpoint",
                    risk="medium",
                    owner="mina@example.com",
                    others=2,
                ),
                tip(
                    4,
                    "serverless",
                    "churn",
                    "83.37",
                    "churn gets 73,000 calls a month: serverless with 2 GB costs less than "
                    "1 x ml.m5.large",
                    risk="medium",
                ),
                tip(
                    5,
                    "elastic-inference",
                    "old-lab",
                    None,
                    "notebook-instance old-lab names ml.eia1.medium, which is gone",
                    risk="medium",
                ),
            ),
            6,
        ),
        blocked=2,
    )


def photograph(language: Language, slack: LocalSlack, app: RecordingApp, browser: Browser) -> None:
    """Photograph every message, and the modal, as somebody sees them who reads a language."""
    who = PEOPLE[language]
    client = WebClient(slack.token, base_url=slack.url)
    owners = Owners(teams={"vision": f"#vision-{language}"})
    groups = UserGroups(HandClock(NOW))
    messenger = SlackMessenger(client, SlackReaders(client, owners, groups, LOCALES[language]))
    reader = messenger.reader(f"{who}@example.com")

    def keep(name: str, selector: str, channel: str = reader.channel) -> None:
        browser.open(f"{slack.page_url}/?as={slack.user(who).id}&in={channel}")
        picture = browser.picture(selector, WIDTH)
        (PICTURES / f"slack-{name}-{language}.png").write_bytes(picture)

    for name, shown in cards().items():
        messenger.post(reader, shown, [name])
        keep(name, "#messages article:last-child .body")
    team = messenger.reader("@data-eng", "vision")
    posted = messenger.post(team, cards()["warnings"][:1], ["group"])
    keep("group", "#messages article:last-child .body", posted.channel)
    digested = slack.add_channel(f"team-vision-{language}", [who])
    posted = messenger.post_letter(
        replace(reader, channel=f"#{digested.name}"), digest("vision"), "digest"
    )
    keep("digest", "#messages article:last-child .body", posted.channel)
    posted = messenger.post_letter(
        replace(reader, channel=f"#{digested.name}"), advice("vision"), "advice"
    )
    keep("advice", "#messages article:last-child .body", posted.channel)
    first = slack.messages_to(who)[0]
    slack.click(first, "exempt", by=who, block_id=f"card:{cards()['warnings'][0].case_id}")
    view = exemption_view("churn", CATALOGUE[language], "2026-11-30", {})
    client.views_open(trigger_id=app.payload["trigger_id"], view=view)
    keep("exempt", ".modal")


def photograph_thread(
    language: Language, slack: LocalSlack, clock: HandClock, browser: Browser
) -> None:
    """Photograph a warning that was reminded of and carried out, with what its thread says."""
    who = PEOPLE[language]
    client = WebClient(slack.token, base_url=slack.url)
    messenger = SlackMessenger(client, SlackReaders(client, Owners(), UserGroups(clock)))
    reader = messenger.reader(f"{who}@example.com")
    done_at = clock.now() + timedelta(days=1)
    warned = replace(cards()["warnings"][0], due_at=done_at)
    posted = messenger.post(reader, [warned], ["thread"])
    done = replace(warned, face=Face.DONE, at=done_at)
    for kind, card, at in (
        (NoticeKind.REMINDER, warned, done_at - timedelta(hours=2)),
        (NoticeKind.DONE, done, done_at),
    ):
        clock.set(at)
        shown = Shown(posted, 0, card, reader.locale, reader.user)
        messenger.update(shown, [card])
        messenger.reply(shown, [News(kind, card)], kind)
    browser.open(
        f"{slack.page_url}/?as={slack.user(who).id}&in={reader.channel}&thread={posted.ts}"
    )
    picture = browser.picture(".thread-itself", WIDTH)
    (PICTURES / f"slack-thread-{language}.png").write_bytes(picture)


def main() -> None:
    """Photograph everything, in both languages."""
    app, clock = RecordingApp(), HandClock(NOW)
    with (
        tempfile.TemporaryDirectory() as profile,
        LocalSlack(clock, request_url=app, burst=50) as slack,
    ):
        for language, who in PEOPLE.items():
            locale = LOCALES[language]
            slack.add_user(who, email=f"{who}@example.com", tz="Asia/Seoul", locale=locale)
            slack.add_channel(f"vision-{language}", [who])
        slack.add_group("data-eng", list(PEOPLE.values()))
        with Browser(Path(profile)) as browser:
            for language, who in PEOPLE.items():
                photograph(language, slack, app, browser)
                for view in slack.modals(who):
                    slack.close(view)
            for language in PEOPLE:
                photograph_thread(language, slack, clock, browser)
            browser.open("about:blank")  # or the page would look for a server that has ended


if __name__ == "__main__":
    main()
