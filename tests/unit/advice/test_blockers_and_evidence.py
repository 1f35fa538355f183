"""When advice is given, when it is blocked, and when nothing may be said."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.domain.advice.advice import Advice, AdviceKind, Risk
from sagewarden.domain.advice.advisor import advice_on
from sagewarden.domain.advice.knowledge import Knowledge, Lines
from sagewarden.domain.advice.provisioned_concurrency import break_even
from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.advice.workload import Container, Scaling, Workload
from sagewarden.domain.money import NO_PRICES, PriceComponent
from sagewarden.domain.resources import Serverless, Variant
from tests.support.advice import (
    HOME,
    HOURS,
    a_model,
    a_serverless_workload,
    a_workload,
    each_hour,
    knowing,
    list_prices,
    without,
)
from tests.support.builders import a_variant

SELDOM: dict[str, Any] = {
    "calls": each_hour(100),
    "seconds": each_hour(20),
    "memory_max": each_hour(20),
}
LAZY: dict[str, Any] = {
    "gpu": each_hour(5),
    "gpu_max": each_hour(30),
    "gpu_memory_max": each_hour(20),
}


def kinds(*workloads: Workload, known: Knowledge | None = None) -> set[AdviceKind]:
    return {item.kind for item in advice_on(workloads, known or knowing())}


def only(kind: AdviceKind, *workloads: Workload, known: Knowledge | None = None) -> Advice:
    found = [item for item in advice_on(workloads, known or knowing()) if item.kind is kind]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("workload", "blocker"),
    [
        (
            a_workload(instance_type="ml.g5.xlarge", **SELDOM),
            "runs on a GPU (A10G); serverless has none",
        ),
        (
            a_workload(instance_type="ml.inf1.xlarge", **SELDOM),
            "runs on Inferentia; serverless has none",
        ),
        (a_workload(model=a_model(vpc=True), **SELDOM), "is attached to a VPC"),
        (a_workload(hosting={"vpc": True}, **SELDOM), "is attached to a VPC"),
        (a_workload(model=a_model(isolated=True), **SELDOM), "has network isolation"),
        (a_workload(hosting={"isolated": True}, **SELDOM), "has network isolation"),
        (a_workload(hosting={"data_capture": True}, **SELDOM), "captures data"),
        (a_workload(hosting={"models": {}}, **SELDOM), "its model could not be read"),
        (
            a_workload(model=a_model(containers=(Container("i", multi_model=True),)), **SELDOM),
            "loads many models",
        ),
        (
            a_workload(model=a_model(containers=(Container("i"), Container("j"))), **SELDOM),
            "has 2 containers",
        ),
        (
            a_workload("e", a_variant(), a_variant("shadow", shadow=True), **SELDOM),
            "has 2 variants; serverless takes one",
        ),
        (
            a_workload(model=a_model(image_gb=Decimal("12.5")), **SELDOM),
            "its image has 12.5 GB; serverless takes 10 GB at most",
        ),
        (
            a_workload(**{**SELDOM, "memory_max": each_hour(90)}),
            "needs 9 GB of memory; serverless has 6 GB at most",
        ),
        (
            replace(a_workload(**SELDOM), hosting=None),
            "its configuration and model could not be read",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_stands_in_the_way_of_serverless_is_said(workload: Workload, blocker: str) -> None:
    advice = only(AdviceKind.SERVERLESS, workload)

    assert any(item.startswith(blocker) for item in advice.blockers), advice.blockers


def test_every_blocker_is_listed_not_only_the_first() -> None:
    model = a_model(vpc=True, isolated=True, image_gb=Decimal(11))
    workload = a_workload(
        instance_type="ml.g5.xlarge", model=model, hosting={"data_capture": True}, **SELDOM
    )

    assert len(only(AdviceKind.SERVERLESS, workload).blockers) == 5


def test_nothing_stands_in_the_way_of_a_plain_endpoint_but_there_is_no_way_back() -> None:
    advice = only(AdviceKind.SERVERLESS, a_workload(**SELDOM))

    assert advice.blockers == ()
    assert "never the reverse" in advice.caution


def test_more_calls_at_once_than_the_quota_allows_are_a_blocker() -> None:
    busy = a_workload(
        instance_type="ml.m5.24xlarge",
        count=20,
        calls=(72000.0,) + (1.0,) * (HOURS - 1),
        seconds=(18000.0,) + (0.1,) * (HOURS - 1),
        memory_max=each_hour(1),
    )

    allowed = only(AdviceKind.SERVERLESS, busy)
    refused = only(AdviceKind.SERVERLESS, busy, known=knowing(total=9))

    assert allowed.blockers == ()
    assert 'MaxConcurrency": 10}' in allowed.change.text
    assert refused.blockers == ("needs a concurrency of 10; the quota is 9",)


def test_memory_that_is_not_known_is_taken_to_be_the_most() -> None:
    advice = only(AdviceKind.SERVERLESS, a_workload(calls=each_hour(100), seconds=each_hour(20)))

    assert advice.evidence["memory"] == "6 GB (not known: 6 GB assumed)"


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"calls": each_hour(100)},
        {"calls": (100.0,) * 100, "seconds": (20.0,) * 100},
        {"calls": each_hour(100), "seconds": (20.0,) * 100},
        {"calls": each_hour(0)},
    ],
    ids=["nothing", "no latency", "gaps in calls", "gaps in latency", "nobody calls"],
)
def test_nothing_is_said_of_serverless_without_evidence(
    metrics: dict[str, Any],
) -> None:
    assert AdviceKind.SERVERLESS not in kinds(a_workload(**metrics))


def test_traffic_that_costs_more_on_demand_stays_on_instances() -> None:
    steady = a_workload(calls=each_hour(36000), seconds=each_hour(7200), memory_max=each_hour(20))

    assert AdviceKind.SERVERLESS not in kinds(steady)


def test_a_price_that_is_not_known_leaves_serverless_unsaid() -> None:
    known = knowing(without(PriceComponent.SERVERLESS))

    assert AdviceKind.SERVERLESS not in kinds(a_workload(**SELDOM), known=known)


def test_a_gpu_without_readings_is_not_called_under_used() -> None:
    assert AdviceKind.UNDERUSED_GPU not in kinds(a_workload(instance_type="ml.g5.12xlarge"))


def test_gaps_in_gpu_readings_are_no_evidence() -> None:
    gaps = a_workload(instance_type="ml.g5.12xlarge", gpu=(0.0,) * 100)

    assert AdviceKind.UNDERUSED_GPU not in kinds(gaps)


def test_utilisation_counts_each_gpu() -> None:
    """CloudWatch's 100 of a machine with four GPUs is 25 % of each, above the line of 20 %."""
    busy = a_workload(instance_type="ml.g5.12xlarge", gpu=each_hour(100))
    lazy = a_workload(instance_type="ml.g5.12xlarge", gpu=each_hour(76))

    assert AdviceKind.UNDERUSED_GPU not in kinds(busy)
    assert "uses 19.0 % of its GPUs" in only(AdviceKind.UNDERUSED_GPU, lazy).title


def test_the_line_under_which_a_gpu_is_under_used_can_be_drawn_elsewhere() -> None:
    busy = a_workload(instance_type="ml.g5.12xlarge", gpu=each_hour(100))

    known = replace(knowing(), lines=Lines(gpu_percent=26))

    assert AdviceKind.UNDERUSED_GPU in kinds(busy, known=known)


def test_what_was_not_measured_of_the_host_is_needed_in_full() -> None:
    advice = only(
        AdviceKind.UNDERUSED_GPU,
        a_workload(instance_type="ml.g5.4xlarge", gpu=each_hour(5), gpu_memory_max=each_hour(20)),
    )

    assert advice.options[0].what == "1 x ml.g4dn.4xlarge"
    assert "16.0 vCPU, 64.0 GiB" in advice.evidence["needed, with headroom"]


def test_a_gpu_that_nothing_smaller_replaces_may_be_shared() -> None:
    advice = only(
        AdviceKind.UNDERUSED_GPU,
        a_workload(
            instance_type="ml.g4dn.xlarge",
            cpu_max=each_hour(400),
            memory_max=each_hour(100),
            **LAZY,
        ),
        known=knowing(
            replace(
                list_prices(),
                hourly_usd={
                    key: usd for key, usd in list_prices().hourly_usd.items() if "g4dn" in key[2]
                },
            )
        ),
    )

    assert advice.options[0].what == "sharing 1 x ml.g4dn.xlarge with another model"
    assert "create-inference-component" in advice.change.text
    assert advice.saving is not None
    assert advice.saving.usd * 2 == advice.current.usd  # type: ignore[union-attr]  # it saves


def test_a_memory_that_is_more_than_half_full_is_not_shared() -> None:
    full = {**LAZY, "gpu_memory_max": each_hour(45)}
    advice = only(AdviceKind.UNDERUSED_GPU, a_workload(instance_type="ml.g5.12xlarge", **full))

    shared = only(
        AdviceKind.UNDERUSED_GPU,
        a_workload(instance_type="ml.g5.xlarge", **{**LAZY, "gpu_memory_max": each_hour(45)}),
    )

    assert any("sharing" in option.what for option in advice.options), "45 of 400 are a ninth"
    assert not any("sharing" in option.what for option in shared.options)


def test_calls_in_most_hours_are_no_case_for_a_queue() -> None:
    often = a_workload(calls=each_hour(10, hours=169), seconds=(1.0,) * 169)

    assert AdviceKind.ASYNCHRONOUS not in kinds(often)
    assert AdviceKind.ASYNCHRONOUS not in kinds(a_workload(calls=each_hour(0)))


@pytest.mark.parametrize(("seconds", "risk"), [(0.2, Risk.HIGH), (30.0, Risk.MEDIUM)])
def test_a_queue_is_a_high_risk_where_a_person_may_wait(seconds: float, risk: Risk) -> None:
    workload = a_workload(calls=each_hour(10, hours=80), seconds=(10 * seconds,) * 80)

    assert only(AdviceKind.ASYNCHRONOUS, workload).risk is risk


def test_what_nobody_calls_is_left_to_the_rule_for_idle_endpoints() -> None:
    old = a_workload(instance_type="ml.p3.2xlarge", calls=each_hour(0))

    assert kinds(old) == set()


def test_a_saving_below_the_line_is_nobodys_time_worth() -> None:
    """From m4.xlarge to m5.xlarge $7.30 a month are saved."""
    old = a_workload(instance_type="ml.m4.xlarge")

    busy = replace(knowing(), lines=Lines(least_usd=Decimal(8)))

    assert AdviceKind.NEWER_GENERATION in kinds(old)
    assert AdviceKind.NEWER_GENERATION not in kinds(old, known=busy)


def test_a_queue_takes_one_variant_and_no_accelerator() -> None:
    variants = (a_variant(accelerator="ml.eia2.medium"), a_variant("b"))
    workload = a_workload("e", *variants, calls=each_hour(10, hours=80), seconds=(9.0,) * 80)

    advice = only(AdviceKind.ASYNCHRONOUS, workload)

    assert advice.blockers == (
        "has 2 variants; asynchronous inference takes one",
        "variant AllTraffic names ml.eia2.medium: Elastic Inference is gone",
    )


def test_without_the_price_of_a_queue_that_of_hosting_is_taken_and_said() -> None:
    known = knowing(without(PriceComponent.ASYNC_INFERENCE))
    workload = a_workload(calls=each_hour(10, hours=80), seconds=(9.0,) * 80)

    advice = only(AdviceKind.ASYNCHRONOUS, workload, known=known)

    assert "that of AsyncInf is not known" in advice.arithmetic[-1]


def test_a_job_whose_price_is_not_known_saves_an_unknown_amount() -> None:
    known = knowing(without(PriceComponent.TRANSFORM))
    workload = a_workload(calls=each_hour(10, hours=10), hosting={"models": {}})

    advice = only(AdviceKind.BATCH_TRANSFORM, workload, known=known)

    assert advice.saving is None
    assert "not known" in advice.arithmetic[-1]
    assert "--model-name YOUR-MODEL" in advice.change.text


def test_many_models_are_no_job() -> None:
    many = a_model(containers=(Container("i", multi_model=True),))
    workload = a_workload(model=many, calls=each_hour(10, hours=10))

    assert only(AdviceKind.BATCH_TRANSFORM, workload).blockers


@pytest.mark.parametrize("hours", [0, 34])
def test_no_call_and_many_hours_with_calls_are_no_job(hours: int) -> None:
    assert AdviceKind.BATCH_TRANSFORM not in kinds(a_workload(calls=each_hour(10, hours=hours)))


def test_jobs_that_are_known_to_cost_more_are_not_advised() -> None:
    prices = list_prices()
    dear = {
        key: usd * 100 if key[0] is PriceComponent.TRANSFORM else usd
        for key, usd in prices.hourly_usd.items()
    }
    workload = a_workload(calls=each_hour(10, hours=30))

    known = knowing(replace(prices, hourly_usd=dear))

    assert AdviceKind.BATCH_TRANSFORM not in kinds(workload, known=known)


def test_provisioned_concurrency_above_its_break_even_is_left_alone() -> None:
    """60 % of 2 x 336 h x 3600 s are 1,451,520 s: 4,320 s an hour."""
    above = a_serverless_workload(calls=each_hour(9000), seconds=each_hour(4320))
    below = a_serverless_workload(calls=each_hour(9000), seconds=each_hour(4300))

    known = replace(knowing(), lines=Lines(least_usd=Decimal(0)))

    assert AdviceKind.PROVISIONED_CONCURRENCY not in kinds(above, known=known)
    advice = only(AdviceKind.PROVISIONED_CONCURRENCY, below, known=known)
    assert advice.evidence["used"] == "59.7 %"


def test_provisioned_concurrency_without_readings_is_left_alone() -> None:
    assert kinds(a_serverless_workload()) == set()


@pytest.mark.parametrize("calls", [0, 720])
def test_no_provisioned_concurrency_is_nothing_to_give_up(calls: float) -> None:
    assert kinds(a_serverless_workload(0, calls=each_hour(calls), seconds=each_hour(1))) == set()


def test_there_is_no_break_even_without_all_three_prices_or_where_it_never_pays() -> None:
    for component in (
        PriceComponent.SERVERLESS,
        PriceComponent.PROVISIONED_CONCURRENCY,
        PriceComponent.PROVISIONED_INFERENCE,
    ):
        assert break_even(without(component), HOME) is None
    cheap = {(PriceComponent.SERVERLESS, HOME): Decimal("0.00001")}
    never = replace(list_prices(), gb_second_usd={**list_prices().gb_second_usd, **cheap})
    assert break_even(never, HOME) is None


def test_provisioned_concurrency_whose_prices_are_not_known_is_left_alone() -> None:
    warm = a_serverless_workload(calls=each_hour(720), seconds=each_hour(144))

    assert kinds(warm, known=knowing(NO_PRICES)) == set()


def test_a_current_generation_stays_unless_its_successor_costs_less() -> None:
    assert AdviceKind.NEWER_GENERATION not in kinds(a_workload(instance_type="ml.g6.xlarge"))
    newer = only(AdviceKind.NEWER_GENERATION, a_workload(instance_type="ml.g5.xlarge"))

    assert "ml.g6.xlarge" in newer.title
    assert newer.risk is Risk.MEDIUM


def test_a_retired_type_without_a_price_is_named_and_its_saving_unknown() -> None:
    advice = only(AdviceKind.NEWER_GENERATION, a_workload(instance_type="ml.p2.xlarge"))

    assert advice.current is None
    assert advice.saving is None
    assert "the price of ml.p2.xlarge is not known" in advice.arithmetic[0]
    assert advice.evidence["now"] == "1 x ml.p2.xlarge: 4 vCPU, 61 GiB, 1 x K80 12 GiB"


def test_a_newer_gpu_has_at_least_as_much_of_everything() -> None:
    advice = only(AdviceKind.NEWER_GENERATION, a_workload(instance_type="ml.p3.2xlarge"))

    assert "ml.g6.4xlarge" in advice.title, "61 GiB of memory need a 4xlarge, not a 2xlarge"


@pytest.mark.parametrize("kind", ["ml.unheard-of.xlarge", "nonsense"])
def test_nothing_is_said_of_a_type_that_is_not_known(kind: str) -> None:
    assert kinds(a_workload(instance_type=kind, **SELDOM, **LAZY)) <= {AdviceKind.ASYNCHRONOUS}


def test_endpoints_of_different_owners_images_or_networks_are_not_taken_together() -> None:
    small: dict[str, Any] = {"cpu_max": each_hour(30), "memory_max": each_hour(20)}
    one = a_workload("a", **small)

    for other in (
        a_workload("b", tags={"Owner": "jun"}, **small),
        a_workload("b", tags={}, **small),
        a_workload("b", model=a_model(image="other"), **small),
        a_workload("b", model=a_model(vpc=True), **small),
        a_workload("b", model=a_model(containers=(Container("i", multi_model=True),)), **small),
        a_workload("b", instance_type="ml.g5.xlarge", **small),
        a_workload("b", a_variant(), a_variant("c"), **small),
        a_workload("b", asynchronous=True, **small),
        a_workload("b"),
    ):
        assert AdviceKind.SHARED_ENDPOINT not in kinds(one, other)


def test_graviton_endpoints_stay_on_graviton_together() -> None:
    small: dict[str, Any] = {"cpu_max": each_hour(30), "memory_max": each_hour(20)}
    pair = [a_workload(name, instance_type="ml.m6g.xlarge", **small) for name in "ab"]

    assert "ml.m6g" in only(AdviceKind.SHARED_ENDPOINT, *pair).title


def test_endpoints_that_fit_no_one_instance_stay_apart() -> None:
    large: dict[str, Any] = {"cpu_max": each_hour(9600), "memory_max": each_hour(90)}
    pair = [a_workload(name, instance_type="ml.m5.24xlarge", **large) for name in "ab"]

    assert AdviceKind.SHARED_ENDPOINT not in kinds(*pair)


BUSY: dict[str, Any] = {
    "calls": (48000.0,) * 96 + (4000.0,) * 240,
    "cpu": (280.0,) * 96 + (40.0,) * 240,
}


@pytest.mark.parametrize(
    ("scaling", "said"),
    [
        (None, "has no autoscaling"),
        (Scaling(1, 8, policies=1, suspended=True), "is suspended"),
        (Scaling(4, 4, policies=1), "cannot move: it is from 4 to 4"),
        (Scaling(1, 8), "no policy and no schedule"),
    ],
)
def test_autoscaling_that_is_missing_or_broken_is_named(scaling: Scaling | None, said: str) -> None:
    workload = a_workload(instance_type="ml.m5.xlarge", count=4, scaling=scaling, **BUSY)

    advice = only(AdviceKind.AUTOSCALING, workload)

    assert said in advice.title
    assert '"TargetValue": 200.0' in advice.change.text, "48,000 / 60 / 4 calls at 70 %"


@pytest.mark.parametrize(
    "workload",
    [
        a_workload(instance_type="ml.m5.xlarge", count=4, scaling=Scaling(1, 8, 1), **BUSY),
        a_workload(instance_type="ml.m5.xlarge", count=4, scaling=Scaling(1, 8, 0, 2), **BUSY),
        a_workload(instance_type="ml.m5.xlarge", count=1, **BUSY),
        a_workload(instance_type="ml.m5.xlarge", count=4, hosting={"scaling_known": False}, **BUSY),
        a_workload(instance_type="ml.m5.xlarge", count=4, calls=BUSY["calls"]),
        a_workload(instance_type="ml.m5.xlarge", count=4, cpu=BUSY["cpu"]),
        a_workload(instance_type="ml.g5.xlarge", count=4, **BUSY),
        a_workload(instance_type="ml.m5.xlarge", count=4, calls=each_hour(9), cpu=each_hour(399)),
        replace(a_workload(instance_type="ml.m5.xlarge", count=4, **BUSY), hosting=None),
    ],
    ids=[
        "it scales",
        "a schedule scales it",
        "one instance",
        "scaling is not known",
        "CPU is not known",
        "calls are not known",
        "a GPU is not known",
        "all are busy",
        "the config is not known",
    ],
)
def test_autoscaling_is_left_alone_where_it_works_or_nothing_is_known(workload: Workload) -> None:
    assert AdviceKind.AUTOSCALING not in kinds(workload)


def test_a_busy_gpu_needs_its_instances_however_idle_the_cpu() -> None:
    gpu = (100.0,) * 100 + (10.0,) * 236
    workload = a_workload(
        instance_type="ml.g5.xlarge", count=2, calls=each_hour(9), cpu=each_hour(4), gpu=gpu
    )

    advice = only(AdviceKind.AUTOSCALING, workload)

    assert advice.evidence["needed"] == "1 to 3 instances, 1.60 on average"


def test_instances_that_never_work_need_one() -> None:
    idle = a_workload(count=3, calls=each_hour(9), cpu=each_hour(0))

    assert only(AdviceKind.AUTOSCALING, idle).evidence["needed"] == (
        "1 to 1 instances, 1.00 on average"
    )


def test_variants_without_one_known_type_are_passed_over() -> None:
    pools = Variant("v", instance_types=("ml.m4.xlarge", "ml.m5.xlarge"), instance_count=1)
    none = Variant("v", serverless=Serverless(2048, 5, 0))

    assert kinds(a_workload("a", pools, **SELDOM), a_workload("b", none, **SELDOM)) == set()


def test_the_day_of_a_saving_is_that_of_its_oldest_price() -> None:
    advice = only(AdviceKind.SERVERLESS, a_workload(**SELDOM))

    assert advice.saving is not None
    assert advice.saving.as_of == date(2026, 5, 8)


def test_a_price_that_is_not_known_leaves_a_queue_unsaid() -> None:
    rests = a_workload(calls=each_hour(10, hours=80), seconds=(9.0,) * 80)

    assert AdviceKind.ASYNCHRONOUS not in kinds(rests, known=knowing(NO_PRICES))


def test_several_variants_are_no_job() -> None:
    several = a_workload("e", a_variant(), a_variant("b"), calls=each_hour(10, hours=10))

    assert AdviceKind.BATCH_TRANSFORM not in kinds(several)


def test_work_that_took_no_time_has_no_break_even() -> None:
    instant = a_workload(calls=each_hour(100), seconds=each_hour(0), memory_max=each_hour(20))

    assert not only(AdviceKind.SERVERLESS, instant).arithmetic[-1].startswith("break-even")


def test_graviton_is_no_option_where_it_costs_more() -> None:
    prices = list_prices()
    dear = {
        key: usd * 9 if key[2].startswith(("ml.m6g", "ml.m7g", "ml.c", "ml.r")) else usd
        for key, usd in prices.hourly_usd.items()
    }

    known = knowing(replace(prices, hourly_usd=dear))

    old = a_workload(instance_type="ml.m4.xlarge")
    assert only(AdviceKind.NEWER_GENERATION, old, known=known).options == ()


def test_what_was_not_measured_has_no_figures() -> None:
    nothing = Usage(HOURS)

    assert nothing.calls is nothing.work is nothing.busy_hours is None
    assert nothing.seconds_per_call is nothing.at_once is None
