import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.endpoint_metrics import variant_series
from sagewarden.domain.idle_endpoints import judge_endpoint, settled_verdict
from sagewarden.domain.metrics import Readings, Window
from sagewarden.domain.resources import Endpoint, Serverless, Variant
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import an_endpoint, an_endpoint_rule, some_prices

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "idle-verdicts.md"
ANSWERS = json.loads((ROOT / "tests" / "data" / "idle_cases.json").read_text())
NOW = datetime.fromisoformat(ANSWERS["_meta"]["now"])
CASES: Mapping[str, Mapping[str, Any]] = {
    case["id"]: case for case in ANSWERS["cases"] if case["rule"] == "endpoint_idle"
}
ROWS = tuple(
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.read_text().splitlines()
    if line.startswith("|") and "ep-" in line
)
LISTED = {case_id: row for row in ROWS for case_id in re.findall(r"ep-[0-9]+", row[1])}


def endpoint_of(case: Mapping[str, Any]) -> Endpoint:
    """The endpoint of a case as it was described, if it could be."""
    given = case["input"]
    variants = tuple(variant_of(item, given["config_variants"]) for item in given["variants"])
    endpoint = an_endpoint(
        "ep",
        status=given["described_status"],
        created=NOW - timedelta(hours=given["age_hours"]),
        modified=NOW - timedelta(hours=given["modified_hours_ago"]),
        described=not (given["describe_error"] or given["config_error"]),
        asynchronous=given["async"],
    )
    if endpoint.details is None:
        return endpoint
    return replace(endpoint, details=replace(endpoint.details, variants=variants))


def variant_of(now: Mapping[str, Any], config: Sequence[Mapping[str, Any]] | None) -> Variant:
    then = next((item for item in config or () if item["VariantName"] == now["VariantName"]), {})
    serverless = now.get("CurrentServerlessConfig")
    pools = [pool["InstanceType"] for pool in then.get("InstancePools", ())]
    return Variant(
        name=now["VariantName"],
        instance_types=tuple(pools) or (then.get("InstanceType", "ml.m5.large"),),
        instance_count=now.get("CurrentInstanceCount"),
        serverless=Serverless(
            serverless["MemorySizeInMB"],
            serverless["MaxConcurrency"],
            serverless.get("ProvisionedConcurrency", 0),
        )
        if serverless
        else None,
        managed_minimum=now.get("ManagedInstanceScaling", {}).get("MinInstanceCount"),
    )


def readings_of(case: Mapping[str, Any]) -> Readings:
    """A variant's values: datapoints, null for none, an error's name where they were refused."""
    values: dict[str, list[float] | str | None] = case["input"]["invocations_by_variant"]
    return Readings(
        Window.before(NOW, timedelta(days=case["threshold_days"])),
        {
            variant_series("Invocations", "ep", name): None
            if isinstance(points, str)
            else tuple(points or ())
            for name, points in values.items()
        },
        complete=True,
    )


def our_verdict(case: Mapping[str, Any]) -> Verdict:
    rule = an_endpoint_rule(window=timedelta(days=case["threshold_days"]))
    endpoint = endpoint_of(case)
    return judge_endpoint(endpoint, rule, readings_of(case), some_prices(), NOW)


def differs(case: Mapping[str, Any]) -> bool:
    """Whether the two disagree on flagging it, or on judging it at all."""
    flagged = our_verdict(case).action is not None
    return bool(flagged is not case["expect"].get("flagged"))


@pytest.mark.parametrize("case_id", CASES)
def test_an_endpoint_is_judged_as_by_cleancloud_or_the_page_says_why_not(case_id: str) -> None:
    case = CASES[case_id]

    difference = differs(case)

    assert difference is (case_id in LISTED), (case["note"], our_verdict(case).reason)


@pytest.mark.parametrize("case_id", sorted(LISTED))
def test_the_page_names_the_verdict_that_we_give_instead(case_id: str) -> None:
    verdict = our_verdict(CASES[case_id])

    assert LISTED[case_id][3] == f"`{verdict.kind}`"
    assert LISTED[case_id][4]


def test_no_difference_makes_us_act_where_the_reviewer_would_not() -> None:
    acted_on = {case_id for case_id in CASES if our_verdict(CASES[case_id]).action is not None}

    assert acted_on
    assert acted_on <= {case_id for case_id, case in CASES.items() if case["expect"].get("flagged")}


@pytest.mark.parametrize(
    "case_id", ["ep-091", "ep-094", "ep-101", "ep-102", "ep-103", "ep-054", "ep-055"]
)
def test_what_the_page_calls_unknown_is_unknown(case_id: str) -> None:
    verdict = our_verdict(CASES[case_id])

    assert verdict.kind is VerdictKind.UNKNOWN


@pytest.mark.parametrize("case_id", ["ep-063", "ep-064", "ep-067"])
def test_what_bills_nothing_is_not_applicable(case_id: str) -> None:
    verdict = our_verdict(CASES[case_id])

    assert verdict.kind is VerdictKind.NOT_APPLICABLE


def test_provisioned_concurrency_is_released_where_the_reviewer_flags_it() -> None:
    verdict = our_verdict(CASES["ep-057"])

    assert verdict.action is not None
    assert verdict.action.kind is ActionKind.RELEASE_PROVISIONED_CONCURRENCY


def test_the_list_page_settles_a_state_before_anything_is_described() -> None:
    rule = an_endpoint_rule()
    listed = [
        settled_verdict(endpoint_of(CASES[case_id]), rule, NOW) for case_id in ("ep-043", "ep-044")
    ]

    assert [verdict.kind for verdict in listed if verdict] == [VerdictKind.NOT_APPLICABLE] * 2


def test_the_page_counts_the_cases_right() -> None:
    assert f"on {len(CASES)} endpoints" in PAGE.read_text()
