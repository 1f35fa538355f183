"""The real stack at work: what changes in the emulated AWS, what owners are told, what IAM says."""

from collections.abc import Callable

import pytest

from sagewarden.bots import BOTS, Bot
from tests.e2e.stack.advice import weekly_advice
from tests.e2e.stack.apps import KERNEL, LAB, two_evenings_of_apps
from tests.e2e.stack.conftest import Played, Seoul
from tests.e2e.stack.creations import forbidden_things_are_created
from tests.e2e.stack.endpoint_hours import day_of_endpoints_by_hours
from tests.e2e.stack.jobs import morning_of_jobs
from tests.e2e.stack.nodes import a_night_of_node_groups
from tests.e2e.stack.reports import weekly_digest
from tests.e2e.stack.scenarios import (
    Chronicle,
    accidents,
    at,
    endpoints_going_idle,
    week_of_a_notebook,
)
from tests.e2e.stack.serverless import day_of_a_serverless_endpoint
from tests.e2e.stack.services import services_nobody_uses

pytestmark = pytest.mark.stack


def deeds(chronicle: Chronicle) -> list[str]:
    """What owners were told, whenever: a due time depends on when its event came."""
    return sorted(notice.partition(" at 2026")[0] for notice in chronicle.notices)


@pytest.fixture(scope="module")
def week(seoul: Seoul, played: Played) -> Chronicle:
    return played("week", lambda: week_of_a_notebook(seoul(at(16, 8, 52))))


@pytest.fixture(scope="module")
def evenings(seoul: Seoul, played: Played) -> Chronicle:
    return played("evenings", lambda: two_evenings_of_apps(seoul(at(16, 8, 52))))


@pytest.fixture(scope="module")
def night(seoul: Seoul, played: Played) -> Chronicle:
    return played("night", lambda: a_night_of_node_groups(seoul(at(16, 8, 52))))


@pytest.fixture(scope="module")
def idleness(seoul: Seoul, played: Played) -> Chronicle:
    return played("idleness", lambda: endpoints_going_idle(seoul(at(16, 8, 52))))


@pytest.fixture(scope="module")
def jobs(seoul: Seoul, played: Played) -> Chronicle:
    return played("jobs", lambda: morning_of_jobs(seoul(at(16, 8, 52))))


@pytest.fixture(scope="module")
def day(seoul: Seoul, played: Played) -> Chronicle:
    return played("day", lambda: day_of_a_serverless_endpoint(seoul(at(17, 6, 52))))


@pytest.fixture(scope="module")
def hours(seoul: Seoul, played: Played) -> Chronicle:
    return played("hours", lambda: day_of_endpoints_by_hours(seoul(at(17, 6, 52))))


@pytest.fixture(scope="module")
def report(seoul: Seoul, played: Played) -> Chronicle:
    return played("report", lambda: weekly_digest(seoul(at(20, 17, 26))))


@pytest.fixture(scope="module")
def unused(seoul: Seoul, played: Played) -> Chronicle:
    return played("unused", lambda: services_nobody_uses(seoul(at(16, 8, 52))))


@pytest.fixture(scope="module")
def advice(seoul: Seoul, played: Played) -> Chronicle:
    return played("advice", lambda: weekly_advice(seoul(at(23, 9, 20))))


@pytest.fixture(scope="module")
def trouble(seoul: Seoul, played: Played) -> Chronicle:
    return played("trouble", lambda: accidents(seoul(at(16, 8, 52))))


def test_a_notebook_runs_through_its_working_week(week: Chronicle) -> None:
    running, stopped = {"nb": "InService", "prod": "InService"}, "Stopped"

    assert week.states == {
        "16 17:59": running,
        "16 18:06": running | {"nb": stopped},
        "17 09:06": running,
        "17 17:59": running,
        "17 18:06": running | {"nb": stopped},
        "18 09:06": running,
        "18 17:59": running,
        "18 18:06": running | {"nb": stopped},
        "18 18:26": running,  # a person started it, and is left in peace
        "19 09:06": running,
        "19 17:59": running,
        "19 18:06": running | {"nb": stopped},
        "20 09:06": running,
        "20 17:59": running,
        "20 18:06": running | {"nb": stopped},
        "23 09:06": running,  # after the weekend
    }
    assert (week.failures, week.letters) == ((), ())


def test_its_owner_is_told_before_every_stop_and_of_all_that_was_done(week: Chronicle) -> None:
    told = []
    for day in (16, 17, 18, 19, 20):
        told += [
            f"notebook-instance nb will be stopped at 2026-11-{day}T18:00+09:00 (Asia/Seoul)",
            "notebook-instance nb was stopped",
        ]
        if day != 18:
            told.append("notebook-instance nb was started")

    [digest] = [notice for notice in week.notices if notice.startswith("SageMaker, ")]
    assert [notice for notice in week.notices if notice != digest] == told
    assert digest.startswith("SageMaker, 2026-11-16 to 2026-11-22: 5 done, saves $")


def test_the_weeks_digest_is_published_once_though_its_topic_refused_it_at_first(
    report: Chronicle,
) -> None:
    digests = [notice for notice in report.notices if notice.startswith("SageMaker, ")]
    refusal, *strange = [failure.error for failure in report.failures]

    assert len(digests) == 1
    assert digests[0].startswith("SageMaker, 2026-11-16 to 2026-11-22: 1 done, saves $")
    assert "AuthorizationError" in str(refusal)
    assert [("event.version: 2 is not 1" in str(error)) for error in strange] == [True] * 3
    assert len(report.letters) == 1


def test_node_groups_are_scaled_to_zero_at_closing_and_back_at_opening(night: Chronicle) -> None:
    running = {"trainers": (1, 2), "prod": (1, 2), "busy": (1, 2)}

    assert night.states == {
        "16 17:59": running,
        "16 18:06": running | {"trainers": (0, 0)},
        "17 09:06": running,
    }
    assert night.notices == (
        "node-group ml/trainers will be scaled to zero at 2026-11-16T18:00+09:00 (Asia/Seoul)",
        "node-group ml/trainers was scaled to zero",
        "node-group ml/trainers was started",
    )
    assert (night.failures, night.letters) == ((), ())


def test_the_weeks_advice_is_published_once_though_an_answer_and_a_letter_were_refused(
    advice: Chronicle,
) -> None:
    strange = [failure.error for failure in advice.failures]
    reading = ("Describe", "Get", "List")
    changing = [name for name in advice.states["calls"] if name.startswith(("sagemaker.", "ec"))]

    [notice] = advice.notices
    assert notice.startswith("SageMaker advice, week of 2026-11-23: up to $")
    assert advice.states["waiting"] == [2, 2, 1, 0], "it is told at the account's third attempt"
    assert [("event.version: 2 is not 1" in str(error)) for error in strange] == [True] * 3
    assert len(advice.letters) == 1
    assert [name for name in changing if not name.partition(".")[2].startswith(reading)] == []


def test_studio_apps_are_stopped_at_closing_and_what_people_keep_or_start_again_is_not(
    evenings: Chronicle,
) -> None:
    running = {
        "mina-lab": "InService",
        "kept-lab": "InService",
        "prod-lab": "InService",
        "lee JupyterServer": "InService",
    }
    idle = {"lee KernelGateway": "Deleted"}

    studio = {moment: seen for moment, seen in evenings.states.items() if "desks" not in moment}

    assert studio == {
        "16 17:59": running | idle,
        "16 18:06": running | idle | {"mina-lab": "Deleted"},
        "16 18:41": running | idle,  # a person started it, and is left in peace
        "17 17:59": running,
        "17 18:06": running | {"mina-lab": "Deleted"},
    }
    assert (evenings.failures, evenings.letters) == ((), ())


def test_a_notebook_that_reports_rest_is_stopped_and_one_that_works_or_is_silent_is_not(
    evenings: Chronicle,
) -> None:
    stopped = {"rest-desk": "Stopped", "work-desk": "InService", "silent-desk": "InService"}

    assert evenings.states["16 18:06, desks"] == evenings.states["17 18:06, desks"] == stopped
    of_desks = [notice for notice in evenings.notices if "-desk " in notice]
    assert of_desks == [
        "notebook-instance rest-desk will be stopped at 2026-11-16T17:45+09:00 (Asia/Seoul)",
        "notebook-instance rest-desk was stopped",
    ]


def test_the_owner_of_an_app_is_told_before_every_stop(evenings: Chronicle) -> None:
    told = [
        f"studio-app {KERNEL} will be stopped at 2026-11-16T17:45+09:00 (Asia/Seoul)",
        f"studio-app {KERNEL} was stopped",
    ]
    for day in (16, 17):
        told += [
            f"studio-app {LAB} will be stopped at 2026-11-{day}T18:00+09:00 (Asia/Seoul)",
            f"studio-app {LAB} was stopped",
        ]

    of_apps = [notice for notice in evenings.notices if notice.startswith("studio-app ")]
    assert sorted(of_apps) == sorted(told)


def test_idle_endpoints_are_warned_of_and_treated_as_their_kind_allows(
    idleness: Chronicle,
) -> None:
    as_they_were = {
        "forgotten": "forgotten",
        "components": "1 copies",
        "serverless": "serverless",
        "used": "used",
        "prod": "prod",
    }

    before, grace, acted, after = idleness.states.values()

    assert before == grace == as_they_were
    assert "forgotten" not in acted
    assert after["serverless"].startswith("serverless-no-pc-")
    rest = {name: state for name, state in after.items() if name != "serverless"}
    assert rest == {"components": "0 copies", "used": "used", "prod": "prod"}
    when = "at 2026-11-18T09:10+09:00 (Asia/Seoul)"
    assert idleness.notices[:3] == (
        f"endpoint components will be scaled to zero {when}",
        f"endpoint forgotten will be deleted {when}",
        f"endpoint serverless will be released from its provisioned concurrency {when}",
    )
    assert (len(idleness.notices), idleness.failures, idleness.letters) == (9, (), ())


def test_jobs_that_get_nowhere_or_are_too_large_are_warned_of_and_stopped(
    jobs: Chronicle,
) -> None:
    stuck = {
        "training stuck-training-job",
        "processing stuck-processing-job",
        "transform stuck-transform-job",
        "hyper_parameter_tuning search",
        "training child",
        "auto_ml late",
    }
    large = {
        "processing large",
        "transform large",
        "hyper_parameter_tuning large",
        "auto_ml endless",
    }

    warned, acted, after = jobs.states.values()

    assert {name for name, state in warned.items() if state == "InProgress"} == {
        *stuck,
        *large,
        "training prod",
        "training dark",
    }
    assert warned["pool warm"] == "Available"
    assert {name for name, state in acted.items() if state == "Stopped"} == stuck
    assert acted["pool warm"] == "Terminated"
    assert {name for name, state in after.items() if state == "Stopped"} == stuck | large
    assert (after["training prod"], after["training dark"]) == ("InProgress", "InProgress")
    assert (jobs.failures, jobs.letters) == ((), ())


def test_what_is_forbidden_is_warned_of_at_once_and_gone_after_the_grace_period(
    creations: Chronicle,
) -> None:
    running = {
        "big": "InService",
        "small": "InService",
        "prod": "InService",
        "huge": "InService",
        "pool": "InService",
        "train": "InProgress",
        "mina-lab": "InService",
        "prod-lab": "InService",
    }
    after = {"big": "Stopped", "small": "InService", "prod": "InService", "train": "Stopped"}
    after |= {"mina-lab": "Deleted", "prod-lab": "InService"}
    after["pool"] = "InService"  # AWS deletes no endpoint under its inference components

    assert creations.states["09:19"] == creations.states["09:49"] == running
    assert creations.states["10:51"] == after
    assert creations.states["throughput"] == []
    assert creations.states["tags"] == dict.fromkeys(("big", "small", "huge", "research"), "kim")
    assert (creations.failures, creations.letters) == ((), ())


def test_who_created_something_is_named_and_told_in_seconds(creations: Chronicle) -> None:
    assert creations.notices[:-2] == (
        "notebook-instance big was tagged with its owner",
        "notebook-instance small was tagged with its owner",
        "endpoint-config huge was tagged with its owner",
        "endpoint-config huge breaks rule no-big-gpus",
        "studio-domain research was tagged with its owner",
        "studio-domain research breaks rule nothing-runs-idle",
        "training-job train will be stopped at 2026-11-16T10:01+09:00 (Asia/Seoul)",
        "provisioned-model unwanted-chat will be deleted at 2026-11-16T10:01+09:00 (Asia/Seoul)",
        "provisioned-model unwanted-chat was tagged with its owner",
        "studio-user-profile lee breaks rule nothing-runs-idle",
        "notebook-instance big will be stopped at 2026-11-16T10:11+09:00 (Asia/Seoul)",
        "endpoint huge will be deleted at 2026-11-16T10:11+09:00 (Asia/Seoul)",
        "endpoint pool breaks rule no-big-gpus",
        f"studio-app {LAB} will be stopped at 2026-11-16T10:18+09:00 (Asia/Seoul)",
        "provisioned-model unwanted-chat was deleted",
        "endpoint huge was deleted",
        "notebook-instance big was stopped",
    )
    assert set(creations.notices[-2:]) == {
        f"studio-app {LAB} was stopped",
        "training-job train was stopped",
    }


@pytest.mark.parametrize("latest_first", [False, True])
def test_events_that_come_late_and_in_any_order_lead_to_the_same_end(
    seoul: Seoul, creations: Chronicle, *, latest_first: bool
) -> None:
    late = forbidden_things_are_created(seoul(at(16, 8, 52)), latest_first=latest_first)

    assert late.states["10:51"] == creations.states["10:51"]
    assert late.states["tags"] == creations.states["tags"]
    assert deeds(late) == deeds(creations)
    assert (late.failures, late.letters) == ((), ())


def test_a_serverless_endpoint_follows_its_hours_and_is_released_when_nobody_calls(
    day: Chronicle,
) -> None:
    assert day.states == {
        "registered": [
            "sagewarden-closes-1800",
            "sagewarden-opens-0900",
            "sagewarden-target-tracking",  # what an earlier rule had left is gone
        ],
        "17 08:50": 2,  # outside the hours, at most
        "17 09:20": 5,  # inside them, at least
        "17 17:50": 5,
        "17 18:20": 2,
        "20 07:31": 2,  # two days without a call: warned of
        "21 07:31": 2,
        "config": "chat-no-pc-abcf6187",
        "left registered": [],
    }
    when = "at 2026-11-21T07:30+09:00 (Asia/Seoul)"
    warning = f"endpoint chat will be released from its provisioned concurrency {when}"
    assert day.notices == (
        "endpoint chat was given other provisioned concurrency",
        warning,
        "endpoint chat was released from its provisioned concurrency",
    )
    assert (day.failures, day.letters) == ((), ())


def test_endpoints_and_components_follow_their_hours_sleep_and_wake(hours: Chronicle) -> None:
    assert hours.states == {
        "registered": {
            "endpoint/hours-awake/variant/v": ["sagewarden-closes-1800", "sagewarden-opens-0900"],
            "endpoint/hours-docs/variant/v": [
                "sagewarden-closes-1800",
                "sagewarden-opens-0900",
                "sagewarden-target-tracking",
                "sagewarden-wake",
            ],
            "inference-component/hours-llm": [
                "sagewarden-closes-1800",
                "sagewarden-opens-0900",
                "sagewarden-target-tracking",  # what an earlier rule had left is gone
                "sagewarden-wake",
            ],
        },
        "alarms": [
            "sagewarden-wake-endpoint/hours-docs/variant/v",
            "sagewarden-wake-inference-component/hours-llm",
        ],
        # docs, awake, llm
        "17 08:40": (0, 1, 0),
        "17 09:20": (1, 2, 1),
        "17 18:20": (1, 1, 1),
        "17 19:30": (0, 1, 0),
        "17 20:30": (1, 1, 1),  # a request waits, a call failed
    }
    assert sorted(hours.notices) == [
        "endpoint hours-awake was given other bounds for its instances or copies",
        "endpoint hours-docs was given other bounds for its instances or copies",
        "inference-component hours-llm was given other bounds for its instances or copies",
    ]
    assert (hours.failures, hours.letters) == ((), ())


@pytest.mark.parametrize(
    "scenario", [week_of_a_notebook, two_evenings_of_apps, endpoints_going_idle]
)
def test_messages_that_come_twice_change_nothing(
    scenario: Callable[..., Chronicle], seoul: Seoul, request: pytest.FixtureRequest
) -> None:
    played = {week_of_a_notebook: "week", two_evenings_of_apps: "evenings"}
    once: Chronicle = request.getfixturevalue(played.get(scenario, "idleness"))

    twice = scenario(seoul(at(16, 8, 52)), twice=True)

    assert twice.states == once.states
    assert twice.notices == once.notices
    assert (twice.failures, twice.letters) == ((), ())


def test_services_that_nobody_uses_are_warned_of_and_stopped_a_day_later(
    unused: Chronicle,
) -> None:
    before = {
        **dict.fromkeys(("forgotten", "looked-into", "prod"), "Created"),
        **dict.fromkeys(("dead", "busy", "shared"), "Scheduled"),
        "endless": "IN_PROGRESS",
        **dict.fromkeys(("silent", "kept"), "InService"),
        "unwanted-server": "Created",
        "unwanted-watch": "Scheduled",
        "unwanted-tests": "IN_PROGRESS",
    }
    gone = {name: status for name, status in before.items() if name != "silent"}

    assert unused.states["16 09:31"] == before
    assert unused.states["17 10:41"] == {
        **gone,
        "forgotten": "Stopped",
        "dead": "Stopped",
        "endless": "STOPPED",
        "unwanted-server": "Stopped",
        "unwanted-watch": "Stopped",
        "unwanted-tests": "STOPPED",
    }
    when = "at 2026-11-17T09:25+09:00 (Asia/Seoul)"
    assert {
        f"mlflow-tracking-server forgotten will be stopped {when}",
        f"monitoring-schedule dead will be stopped {when}",
        f"inference-recommendations-job endless will be stopped {when}",
        f"provisioned-model silent will be deleted {when}",
    } <= set(unused.notices)
    assert any("studio-file-system empty" in notice for notice in unused.notices)
    assert not any("studio-space lab" in notice for notice in unused.notices)  # watched for now
    assert "cluster unwanted-nodes breaks rule services-are-allowed" in unused.notices
    assert (unused.failures, unused.letters) == ((), ())


def test_a_wake_up_that_is_lost_or_not_understood_ends_among_the_dead_letters(
    trouble: Chronicle,
) -> None:
    assert (trouble.states["unreachable"], trouble.states["not understood"]) == (1, 2)
    assert len(trouble.failures) == 3


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_a_message_that_a_bot_cannot_understand_is_a_dead_letter_at_once_with_its_reason(
    bot: Bot, trouble: Chronicle
) -> None:
    [(unchanged, reason)] = trouble.states[bot.name]

    assert trouble.states["announcer"] == 1

    assert unchanged
    assert reason.startswith("body: ['account', 'region', 'run'] missing")


def test_the_roles_may_do_what_they_did_and_nothing_that_they_never_needed(
    request: pytest.FixtureRequest,
) -> None:
    played = (
        *("week", "evenings", "night", "idleness", "jobs", "creations", "day", "hours"),
        *("report", "unused", "advice", "trouble"),
    )
    chronicles: list[Chronicle] = [request.getfixturevalue(name) for name in played]
    proofs = [chronicle.proof for chronicle in chronicles]

    never_needed = frozenset.intersection(*(proof.unused for proof in proofs))

    assert [chronicle.unknown for chronicle in chronicles] == [()] * len(chronicles)
    assert [proof.denied for proof in proofs] == [()] * len(chronicles)
    assert {str(grant) for grant in never_needed} == set()
