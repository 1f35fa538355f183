"""The cases that docs/advice.md computes by hand, computed by the advisor."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sagewarden.domain.advice.advice import Advice, AdviceKind, dollars
from sagewarden.domain.advice.advisor import advice_on
from sagewarden.domain.advice.elastic_inference import Naming, Place
from sagewarden.domain.advice.elastic_replacement import in_place_of
from sagewarden.domain.advice.provisioned_concurrency import break_even
from sagewarden.domain.resources import ResourceRef
from tests.support.advice import (
    HOME,
    a_serverless_workload,
    a_workload,
    each_hour,
    knowing,
    list_prices,
)

PAGE = (Path(__file__).parents[3] / "docs" / "advice.md").read_text(encoding="utf-8")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def the(kind: AdviceKind, *workloads: object) -> Advice:
    """The one piece of advice of a kind about some workloads."""
    found = [item for item in advice_on(workloads, knowing()) if item.kind is kind]  # type: ignore[arg-type]  # they are
    (only,) = found
    return only


def an_underused_gpu() -> Advice:
    return the(
        AdviceKind.UNDERUSED_GPU,
        a_workload(
            "vision",
            instance_type="ml.g5.12xlarge",
            calls=each_hour(1000),
            seconds=each_hour(50),
            gpu=each_hour(20),
            gpu_max=each_hour(60),
            gpu_memory_max=each_hour(40),
            cpu=each_hour(100),
            cpu_max=each_hour(200),
            memory_max=each_hour(5),
        ),
    )


def a_rarely_called_endpoint() -> Advice:
    return the(
        AdviceKind.SERVERLESS,
        a_workload("churn", calls=each_hour(100), seconds=each_hour(20), memory_max=each_hour(20)),
    )


def an_endpoint_that_rests() -> Advice:
    return the(
        AdviceKind.ASYNCHRONOUS,
        a_workload(
            "render",
            instance_type="ml.g5.xlarge",
            calls=each_hour(10, hours=84),
            seconds=(300.0,) * 84,
        ),
    )


def an_endpoint_for_a_night_job() -> Advice:
    return the(
        AdviceKind.BATCH_TRANSFORM,
        a_workload("scores", calls=each_hour(5000, hours=14), seconds=(1000.0,) * 14),
    )


def unused_provisioned_concurrency() -> Advice:
    return the(
        AdviceKind.PROVISIONED_CONCURRENCY,
        a_serverless_workload(calls=each_hour(720), seconds=each_hour(144)),
    )


def an_old_instance() -> Advice:
    return the(AdviceKind.NEWER_GENERATION, a_workload("old", instance_type="ml.m4.xlarge"))


def small_endpoints() -> Advice:
    return the(
        AdviceKind.SHARED_ENDPOINT,
        *(
            a_workload(name, cpu_max=each_hour(30), memory_max=each_hour(20))
            for name in ("churn-de", "churn-fr", "churn-kr")
        ),
    )


def instances_that_do_not_scale() -> Advice:
    return the(
        AdviceKind.AUTOSCALING,
        a_workload(
            "search",
            instance_type="ml.m5.xlarge",
            count=4,
            calls=(48000.0,) * 96 + (4000.0,) * 240,
            cpu=(280.0,) * 96 + (40.0,) * 240,
        ),
    )


def an_accelerator() -> Advice:
    naming = Naming(
        ref=ResourceRef(Place.ENDPOINT_CONFIG, "1", HOME, "faces", "arn:aws:sagemaker:x:1:e/faces"),
        where="AcceleratorType of variant AllTraffic",
        accelerators=("ml.eia2.medium",),
        variant="AllTraffic",
        instance_type="ml.m5.xlarge",
        images=("763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference-eia:2.0-cpu",),
        endpoints=("faces",),
    )
    faces = a_workload(
        "faces", calls=each_hour(100), seconds=each_hour(10), memory_max=each_hour(30)
    )
    today = date(2026, 11, 2)
    return in_place_of(naming, knowing(), today, "mina", "ranking", faces.usage["AllTraffic"])


type Example = Callable[[], Advice]

EXAMPLES: list[tuple[Example, str, str, str]] = [
    (an_underused_gpu, "5175.70", "1027.84", "4147.86"),
    (a_rarely_called_endpoint, "83.95", "0.58", "83.37"),
    (an_endpoint_that_rests, "1027.84", "256.96", "770.88"),
    (an_endpoint_for_a_night_job, "83.95", "3.50", "80.45"),
    (unused_provisioned_concurrency, "55.01", "4.20", "50.80"),
    (an_old_instance, "175.20", "167.90", "7.30"),
    (small_endpoints, "251.85", "83.95", "167.90"),
    (instances_that_do_not_scale, "671.60", "311.81", "359.79"),
    (an_accelerator, "290.54", "216.81", "73.73"),
]


@pytest.mark.parametrize(
    ("example", "now", "then", "saved"), EXAMPLES, ids=[item[0].__name__ for item in EXAMPLES]
)
def test_the_advisor_computes_what_the_page_computes_by_hand(
    example: Example, now: str, then: str, saved: str
) -> None:
    advice = example()

    assert advice.current is not None
    assert advice.proposed is not None
    assert advice.saving is not None
    assert f"{advice.current.usd:.2f}" == now
    assert f"{advice.proposed.usd:.2f}" == then
    assert f"{advice.saving.usd:.2f}" == saved
    section = _section(advice.kind)
    for amount in (now, then, saved):
        assert dollars(Decimal(amount)) in section


def test_each_kind_of_advice_has_a_worked_example() -> None:
    assert {example().kind for example, *_ in EXAMPLES} == set(AdviceKind)


def test_provisioned_concurrency_pays_from_59_9_percent_on_in_us_east_1() -> None:
    even = break_even(list_prices(), HOME)

    assert even is not None
    assert even == Decimal("0.000005") / Decimal("0.00000835")
    assert f"{even:.1%}" == "59.9%"
    assert "59.9 %" in _section(AdviceKind.PROVISIONED_CONCURRENCY)


def test_two_of_two_gb_reserved_for_a_month_cost_52_56_and_not_122_46() -> None:
    cost = list_prices().provisioned_concurrency(HOME, 2048, 2)

    assert cost is not None
    assert cost.usd == Decimal("52.56")
    assert "$52.56" in _section(AdviceKind.PROVISIONED_CONCURRENCY)


def test_the_break_even_of_serverless_is_that_of_its_own_traffic() -> None:
    lines = a_rarely_called_endpoint().arithmetic

    assert lines[-1] == "break-even: 73,000 calls x 143.75 = 10,493,750 a month"
    assert "10,493,750" in _section(AdviceKind.SERVERLESS)


def test_the_page_lists_each_replacement_of_the_accelerator_with_its_cost() -> None:
    section = _section(AdviceKind.ELASTIC_INFERENCE)

    for option in an_accelerator().options:
        assert option.cost is not None
        assert _row(option.what, dollars(option.cost.usd), option.risk) in section


def _section(kind: AdviceKind) -> str:
    """What the page says of a kind, up to the next heading."""
    match = re.search(rf"^## .*`{kind}`$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert match, f"docs/advice.md has no section about {kind}"
    return match[1]
