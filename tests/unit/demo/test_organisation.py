"""The demo's organisation: believable, complete, and the same each time."""

import re
from datetime import timedelta

import pytest

from sagewarden_cli.demo import traffic
from sagewarden_cli.demo.generator import make_organisation
from sagewarden_cli.demo.organisation import REGIONS, WEEK, WEEK_BEGINS, Organisation
from sagewarden_cli.demo.seed import SEED
from sagewarden_cli.demo.teams import FRAUD

LEGAL_TAG_VALUE = re.compile(r"[\w\s.:/=+\-@]*")


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return make_organisation()


def everything_about(organisation: Organisation) -> object:
    endpoints = [
        (
            *(item.name, item.region, item.team, item.tags, item.serving, item.created_at),
            [
                (feed.metric, feed.dimensions, feed.traffic(WEEK_BEGINS + timedelta(hours=30)))
                for feed in item.feeds
            ],
        )
        for item in organisation.endpoints
    ]
    return organisation.notebooks, endpoints, organisation.events, organisation.traps


def test_the_same_seed_makes_the_same_organisation() -> None:
    one, other = make_organisation(SEED), make_organisation(SEED)

    assert everything_about(one) == everything_about(other)


def test_another_seed_makes_another_organisation() -> None:
    one, other = make_organisation(SEED), make_organisation(SEED + 1)

    assert everything_about(one) != everything_about(other)


def test_it_is_large_enough_to_be_believed(organisation: Organisation) -> None:
    zones = {notebook.team.zone.key for notebook in organisation.notebooks}

    assert len(organisation.notebooks) >= 64
    assert len(organisation.endpoints) >= 88
    assert zones == {"Asia/Seoul", "America/New_York", "Europe/Berlin"}
    assert {item.region for item in organisation.notebooks} == set(REGIONS)
    assert {item.region for item in organisation.endpoints} == set(REGIONS)


def test_no_two_resources_share_a_name(organisation: Organisation) -> None:
    notebooks = [(item.region, item.name) for item in organisation.notebooks]
    endpoints = [item.name for item in organisation.endpoints]

    assert len(set(notebooks)) == len(notebooks)
    assert len(set(endpoints)) == len(endpoints)


@pytest.mark.parametrize(
    "value",
    [
        "mon-fri 08:30-18:30 America/New_York holidays=US",
        "off=M-Fu2c18u3bon=M-Fu2c8u3btz=et",
        "scheduler-berlin",
        "seoul-office",
        "off",
        "mon-fri 9am to 6pm",
        None,
    ],
)
def test_schedule_tags_come_in_every_grammar(organisation: Organisation, value: str | None) -> None:
    values = {notebook.tags.get("Schedule") for notebook in organisation.notebooks}

    assert value in values


@pytest.mark.parametrize("key", ["Owner", "CostCenter", "Team"])
def test_somebody_forgot_a_tag(organisation: Organisation, key: str) -> None:
    without = [notebook.name for notebook in organisation.notebooks if key not in notebook.tags]

    assert 1 <= len(without) < len(organisation.notebooks) / 4


def test_every_tag_value_is_one_that_sagemaker_accepts(organisation: Organisation) -> None:
    tags = [item.tags for item in organisation.notebooks]
    tags += [item.tags for item in organisation.endpoints]
    values = [value for each in tags for value in each.values()]

    assert all(LEGAL_TAG_VALUE.fullmatch(value) for value in values)


def test_endpoints_serve_in_every_way(organisation: Organisation) -> None:
    servings = [endpoint.serving for endpoint in organisation.endpoints]
    serverless = [
        variant["ServerlessConfig"]
        for serving in servings
        for variant in serving.variants
        if "ServerlessConfig" in variant
    ]
    minimums = {
        scaling["MinInstanceCount"]
        for serving in servings
        for variant in serving.variants
        if isinstance(scaling := variant.get("ManagedInstanceScaling"), dict)
    }

    assert any(len(serving.variants) > 1 for serving in servings)
    assert any("ShadowProductionVariants" in serving.extras for serving in servings)
    assert any("AsyncInferenceConfig" in serving.extras for serving in servings)
    assert any(serving.scales_to_zero for serving in servings)
    assert {"ProvisionedConcurrency" in str(config) for config in serverless} == {True, False}
    assert minimums == {0, 1}


def test_people_act_within_the_week_only(organisation: Organisation) -> None:
    moments = [event.at for event in organisation.events]

    assert moments == sorted(moments)
    assert all(WEEK_BEGINS <= moment < WEEK_BEGINS + WEEK for moment in moments)


def test_office_traffic_peaks_on_working_days() -> None:
    calls = traffic.office("seed", FRAUD.zone, 1000)
    hours = [WEEK_BEGINS + timedelta(hours=number) for number in range(168)]
    at_work = [hour for hour in hours if hour.astimezone(FRAUD.zone).weekday() < 5]
    at_home = [hour for hour in hours if hour not in at_work]

    working = sum(calls(hour) or 0 for hour in at_work) / len(at_work)
    resting = sum(calls(hour) or 0 for hour in at_home) / len(at_home)

    assert working > 3 * resting


def test_a_nightly_batch_is_silent_by_day_and_never_misses_a_night() -> None:
    calls = traffic.nightly("seed", FRAUD.zone, 2)

    day = [calls(WEEK_BEGINS + timedelta(hours=number)) or 0 for number in range(24)]

    assert sum(value > 0 for value in day) == 1


def test_silence_is_a_zero_and_nothing_is_no_datapoint() -> None:
    assert traffic.silence(WEEK_BEGINS) == 0.0
    assert traffic.published_from(WEEK_BEGINS + WEEK, traffic.silence)(WEEK_BEGINS) is None
    assert traffic.gappy(3, traffic.silence)(WEEK_BEGINS + timedelta(hours=1)) is None
