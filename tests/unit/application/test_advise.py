"""The use case with its ports in memory: what is looked at, judged, and left unsaid."""

from datetime import timedelta
from typing import Any

from sagewarden.adapters.instance_catalogue import instance_catalogue
from sagewarden.application.advise import AdviceHands, advise
from sagewarden.domain.advice.advice import AdviceKind
from sagewarden.domain.advice.elastic_inference import Naming, Place
from sagewarden.domain.advice.report import Report
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint, ResourceRef
from tests.support.advice import HOME, OWNED, each_hour, list_prices, measured
from tests.support.advising import (
    KnownAccelerators,
    KnownHosting,
    MeasuredTelemetry,
    RoomyQuotas,
)
from tests.support.builders import NOW, a_serverless_variant, a_variant, an_endpoint
from tests.support.fakes import FakeInventory

CALLED: dict[str, Any] = {
    "calls": each_hour(100),
    "seconds": each_hour(20),
    "memory_max": each_hour(20),
}


def hands_of(
    *endpoints: Endpoint,
    telemetry: MeasuredTelemetry | None = None,
    accelerators: KnownAccelerators | None = None,
    hosting: KnownHosting | None = None,
) -> AdviceHands:
    return AdviceHands(
        inventory=FakeInventory(*endpoints),
        telemetry=telemetry or MeasuredTelemetry(measured("churn", **CALLED)),
        hosting=hosting or KnownHosting(),
        accelerators=(accelerators or KnownAccelerators(),),
        quotas=RoomyQuotas(),
        prices=list_prices(),
        catalogue=instance_catalogue(),
    )


def advised(hands: AdviceHands) -> Report:
    return advise([HOME], Owners(), hands, NOW)


def the_endpoint(**fields: object) -> Endpoint:
    return an_endpoint("churn", region=HOME, tags=OWNED, **fields)  # type: ignore[arg-type]  # fields of an endpoint


def test_an_endpoint_is_advised_about_with_its_owner_and_team() -> None:
    report = advised(hands_of(the_endpoint()))

    (advice,) = (item for item in report.advice if item.kind is AdviceKind.SERVERLESS)
    assert (advice.owner, advice.team) == ("mina", "ranking")
    assert report.unjudged == ()
    assert report.incomplete == ()


def test_an_endpoint_that_is_young_or_changed_lately_is_not_judged_and_named() -> None:
    lately = NOW - timedelta(days=13)

    report = advised(hands_of(the_endpoint(modified=lately)))

    assert report.advice == ()
    (unjudged,) = report.unjudged
    assert unjudged.why == "created or changed at 2026-10-20, less than 14 days ago"


def test_an_endpoint_that_does_not_serve_is_not_judged_and_named() -> None:
    report = advised(hands_of(the_endpoint(status="Updating")))

    assert [item.why for item in report.unjudged] == ["it is Updating"]


def test_no_data_is_no_evidence_and_said() -> None:
    silent = MeasuredTelemetry(measured("churn"))

    report = advised(hands_of(the_endpoint(), telemetry=silent))

    assert [item.why for item in report.unjudged] == [
        "no data is no evidence: Invocations of AllTraffic have gaps"
    ]


def test_an_endpoint_that_nobody_calls_is_left_to_another_rule_and_said() -> None:
    quiet = MeasuredTelemetry(measured("churn", calls=each_hour(0)))

    report = advised(hands_of(the_endpoint(), telemetry=quiet))

    assert report.advice == ()
    assert [item.why for item in report.unjudged] == [
        "nobody calls it: that is for a rule for idle endpoints"
    ]


def test_an_asynchronous_endpoint_has_no_invocations_to_miss() -> None:
    silent = MeasuredTelemetry(measured("churn"))

    assert advised(hands_of(the_endpoint(asynchronous=True), telemetry=silent)).unjudged == ()


def test_metrics_that_could_not_be_read_are_counted() -> None:
    spoilt = MeasuredTelemetry(measured("churn"), spoilt=True)

    report = advised(hands_of(the_endpoint(), telemetry=spoilt))

    assert report.incomplete == (
        Incomplete("5 metrics over 14 days in us-east-1", "CloudWatch gave no data"),
    )


def test_only_what_can_be_measured_is_asked_for() -> None:
    telemetry = MeasuredTelemetry(measured("churn"))
    gpu = a_variant("gpu", instance_types=("ml.g5.xlarge",))
    strange = a_variant("strange", instance_types=("ml.new.xlarge",))
    parts = (a_variant("cpu"), gpu, strange, a_serverless_variant("less"))
    endpoint = an_endpoint("churn", *parts, region=HOME)

    advised(hands_of(endpoint, telemetry=telemetry))

    counted = [dict(item.dimensions)["VariantName"] for item in telemetry.asked]
    numbers = {name: counted.count(name) for name in ("cpu", "gpu", "strange", "less")}
    assert numbers == {"cpu": 5, "gpu": 8, "strange": 8, "less": 2}


def test_what_names_elastic_inference_belongs_to_whom_its_tags_or_its_endpoint_name() -> None:
    def naming(name: str, **fields: object) -> Naming:
        ref = ResourceRef(Place.ENDPOINT_CONFIG, "1", HOME, name, f"arn:{name}")
        given = {
            "where": "w",
            "accelerators": ("ml.eia2.medium",),
            "variant": "AllTraffic",
            "instance_type": "ml.m5.large",
            **fields,
        }
        return Naming(ref=ref, **given)  # type: ignore[arg-type]  # the fields of a naming

    accelerators = KnownAccelerators(
        (
            naming("used", endpoints=("churn",)),
            naming("tagged", endpoints=("churn",), tags={"Owner": "jun"}),
            naming("shared", endpoints=("churn", "other")),
            naming("lone"),
        )
    )

    report = advised(hands_of(the_endpoint(), accelerators=accelerators))

    found = {
        item.ref.name: item for item in report.advice if item.kind is AdviceKind.ELASTIC_INFERENCE
    }
    assert {name: item.owner for name, item in found.items()} == {
        "used": "mina",
        "tagged": "jun",
        "shared": "mina",
        "lone": None,
    }
    assert found["used"].evidence["latency"] == "0.200 s a call now"
    assert found["shared"].evidence["latency"] == "unknown", "two endpoints, one of them unknown"
    assert accelerators.seen == ["churn"]


def test_what_could_not_be_read_is_in_the_report() -> None:
    hosting = KnownHosting((Incomplete("model m", "denied"),))
    accelerators = KnownAccelerators(incomplete=(Incomplete("ECS clusters", "denied"),))

    report = advised(hands_of(hosting=hosting, accelerators=accelerators))

    assert [item.what for item in report.incomplete] == ["model m", "ECS clusters"]
