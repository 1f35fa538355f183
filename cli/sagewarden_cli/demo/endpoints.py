"""The demo's endpoints: the ones in use, and the ones that everybody has forgotten."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sagewarden_cli.demo import serving, traffic
from sagewarden_cli.demo.organisation import (
    SEOUL,
    VIRGINIA,
    WEEK_BEGINS,
    Endpoint,
    Serving,
    Team,
    Traffic,
)
from sagewarden_cli.demo.teams import (
    FORECAST,
    FRAUD,
    LANGUAGE,
    PERSONAL,
    SEARCH,
    TEAMS,
    VISION,
    tags_of,
)

_NO_OWNER_EVERY = 12
_NO_COST_CENTRE_EVERY = 9

_PRODUCTS = {
    SEARCH.name: (
        "ranker",
        "query-intent",
        "spellfix",
        "semantic-recall",
        "autocomplete",
        "dedupe",
    ),
    VISION.name: ("detector", "segmenter", "ocr", "face-blur", "image-embed", "quality-gate"),
    FRAUD.name: (
        "txn-score",
        "device-risk",
        "merchant-risk",
        "ato-guard",
        "velocity",
        "chargeback",
    ),
    LANGUAGE.name: ("summariser", "translator", "toxicity", "entity", "router-llm", "embedder"),
    PERSONAL.name: ("home-feed", "email-rank", "next-best", "bandit", "lookalike", "basket"),
    FORECAST.name: ("demand-eu", "demand-us", "price", "inventory", "promo-lift", "weather"),
}


class _Forgotten(NamedTuple):
    """An endpoint that nobody calls any more."""

    name: str
    region: str
    team: Team
    serving: Serving


FORGOTTEN = (
    _Forgotten("txn-score-v1", VIRGINIA, FRAUD, serving.instances("ml.m5.4xlarge")),
    _Forgotten("device-risk-poc", VIRGINIA, FRAUD, serving.instances("ml.g4dn.xlarge")),
    _Forgotten("merchant-risk-2024", VIRGINIA, FRAUD, serving.instances("ml.c5.2xlarge", 2)),
    _Forgotten("translator-demo", VIRGINIA, LANGUAGE, serving.instances("ml.g5.2xlarge")),
    _Forgotten("toxicity-tuned-b", VIRGINIA, LANGUAGE, serving.asynchronous("ml.g5.xlarge")),
    _Forgotten("entity-multi-lang", VIRGINIA, LANGUAGE, serving.multi_model("ml.m5.2xlarge")),
    _Forgotten("home-feed-challenge", VIRGINIA, PERSONAL, serving.with_shadow("ml.c5.xlarge")),
    _Forgotten(
        *("email-rank-ab", VIRGINIA, PERSONAL),
        serving.two_variants("ml.m5.xlarge", "ml.m5.large"),
    ),
    _Forgotten("promo-lift-hackday", VIRGINIA, FORECAST, serving.instances("ml.g5.xlarge")),
    _Forgotten("inventory-v0", VIRGINIA, FORECAST, serving.instances("ml.m5.2xlarge")),
    _Forgotten("faq-warm", VIRGINIA, LANGUAGE, serving.serverless(4096, 20, 8)),
    _Forgotten("bandit-warm", VIRGINIA, PERSONAL, serving.serverless(2048, 40, 10)),
    _Forgotten(
        *("llm-playground", VIRGINIA, LANGUAGE),
        serving.components("ml.g5.12xlarge", 0, ("chat-7b", "chat-13b")),
    ),
    _Forgotten("ranker-lambda-2023", SEOUL, SEARCH, serving.instances("ml.m5.2xlarge")),
    _Forgotten("semantic-recall-gpu", SEOUL, SEARCH, serving.instances("ml.g4dn.2xlarge")),
    _Forgotten("segmenter-poc", SEOUL, VISION, serving.instances("ml.g5.xlarge")),
    _Forgotten("face-blur-batch", SEOUL, VISION, serving.asynchronous("ml.g4dn.xlarge")),
    _Forgotten("ocr-receipts-old", SEOUL, VISION, serving.instances("ml.c5.xlarge", 2)),
    _Forgotten("autocomplete-warm", SEOUL, SEARCH, serving.serverless(3072, 30, 6)),
    _Forgotten(
        *("image-gen-lab", SEOUL, VISION),
        serving.components("ml.g5.xlarge", 0, ("diffuser-kr",)),
    ),
)
"""Silent since long before the week: explicit zeros, every hour, of every part."""

FALLS_SILENT = WEEK_BEGINS + timedelta(days=1, hours=10)

FALLING_SILENT = (
    _Forgotten("velocity-campaign", VIRGINIA, FRAUD, serving.instances("ml.m5.2xlarge")),
    _Forgotten("weather-trial", VIRGINIA, FORECAST, serving.instances("ml.g4dn.xlarge")),
    _Forgotten("quality-gate-trial", SEOUL, VISION, serving.instances("ml.m5.xlarge")),
)
"""In use until Tuesday."""


def forgotten_endpoints(dice: random.Random) -> Iterator[Endpoint]:
    """The endpoints that cost money and serve nobody."""
    for name, region, team, how in FORGOTTEN:
        yield _endpoint(name, region, team, how, traffic.silence, dice)
    for name, region, team, how in FALLING_SILENT:
        calls = traffic.until(FALLS_SILENT, traffic.consumers(name, team.zone, 60))
        yield _endpoint(name, region, team, how, calls, dice)


def used_endpoints(dice: random.Random) -> Iterator[Endpoint]:
    """The endpoints that serve somebody: two of each team's products."""
    number = 0
    for team in TEAMS:
        region = SEOUL if team in {SEARCH, VISION} else VIRGINIA
        for product in _PRODUCTS[team.name]:
            for release in ("live", "next"):
                name = f"{product}-{release}"
                calls = _calls(name, team, number, dice)
                yield _used(name, region, team, number, calls, dice)
                number += 1


def _used(
    name: str, region: str, team: Team, number: int, calls: Traffic, dice: random.Random
) -> Endpoint:
    how = _ways(name)[number % len(_ways(name))]
    endpoint = _endpoint(name, region, team, how, calls, dice)
    tags = dict(endpoint.tags)
    if name.endswith("live"):
        tags["Stage"] = "prod"
    if number % _NO_OWNER_EVERY == _NO_OWNER_EVERY - 1:
        del tags["Owner"]
    if number % _NO_COST_CENTRE_EVERY == _NO_COST_CENTRE_EVERY - 1:
        del tags["CostCenter"]
    return Endpoint(name, region, team, tags, how, endpoint.feeds, endpoint.created_at)


def _ways(name: str) -> tuple[Serving, ...]:
    return (
        serving.instances("ml.m5.xlarge", 2),
        serving.instances("ml.g4dn.xlarge"),
        serving.two_variants("ml.c5.xlarge", "ml.c5.xlarge"),
        serving.serverless(2048, 20),
        serving.multi_model("ml.m5.2xlarge"),
        serving.asynchronous("ml.g4dn.xlarge"),
        serving.with_shadow("ml.m5.large"),
        serving.serverless(3072, 20, 4),
        serving.instances("ml.m5.large"),
        serving.components("ml.g5.xlarge", 1, (f"{name}-ic",)),
        serving.instances("ml.c5.2xlarge"),
    )


def _calls(name: str, team: Team, number: int, dice: random.Random) -> Traffic:
    peak = dice.choice((40, 120, 300, 900, 2500, 8000))
    if number % 5 == 4:  # noqa: PLR2004 - every fifth serves one nightly batch
        return traffic.nightly(name, team.zone, peak)
    if number % 2:
        return traffic.consumers(name, team.zone, peak)
    return traffic.office(name, team.zone, peak)


def _endpoint(
    name: str, region: str, team: Team, how: Serving, calls: Traffic, dice: random.Random
) -> Endpoint:
    return Endpoint(
        name=name,
        region=region,
        team=team,
        tags=tags_of(team, dice.choice(team.owners), dice.choice(("dev", "test"))),
        serving=how,
        feeds=serving.feeds_of(name, how, calls),
        created_at=WEEK_BEGINS - timedelta(days=dice.randint(12, 500), hours=dice.randint(0, 23)),
    )
