"""What names Elastic Inference, and what is advised instead."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sagewarden.adapters.instance_catalogue import instance_catalogue
from sagewarden.domain.advice.advice import Advice, Risk
from sagewarden.domain.advice.elastic_inference import (
    Framework,
    Naming,
    Place,
    accelerators_in,
    framework_of,
    names_elastic_inference,
    speaks_of_elastic_inference,
)
from sagewarden.domain.advice.elastic_replacement import in_place_of
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.money import NO_PRICES, PriceComponent
from sagewarden.domain.resources import ResourceRef
from tests.support.advice import HOME, HOURS, each_hour, knowing, list_prices

TODAY = date(2026, 11, 2)
TENSORFLOW = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference-eia:2.0-cpu"
MXNET = "763104351884.dkr.ecr.us-east-1.amazonaws.com/mxnet-inference-eia:1.5.1-cpu-py3"


def a_naming(place: Place = Place.ENDPOINT_CONFIG, **fields: Any) -> Naming:
    """A config that one endpoint runs on, unless told otherwise."""
    given: dict[str, Any] = {
        "where": "AcceleratorType of variant AllTraffic",
        "accelerators": ("ml.eia2.medium",),
        "variant": "AllTraffic",
        "instance_type": "ml.m5.xlarge",
        "images": (TENSORFLOW,),
        "endpoints": ("faces",),
        **fields,
    }
    return Naming(ref=ResourceRef(place, "1", HOME, "faces", f"arn:{place}/faces"), **given)


def advised(naming: Naming, usage: Usage | None = None, known: Knowledge | None = None) -> Advice:
    return in_place_of(naming, known or knowing(), TODAY, "mina", None, usage)


@pytest.mark.parametrize(
    ("image", "is_one"),
    [
        (TENSORFLOW, True),
        (MXNET, True),
        ("sagemaker-tensorflow-serving-eia:1.14-cpu", True),
        ("mine/pytorch-inference-EIA@sha256:abc", True),
        ("mine/inference-eia", True),
        ("tensorflow-inference:2.0-cpu", False),
        ("mine/eian-model:1", False),
        ("mine/x-eiab:1", False),
    ],
)
def test_images_for_elastic_inference_are_known_by_their_names(image: str, *, is_one: bool) -> None:
    assert names_elastic_inference(image) is is_one


def test_accelerators_are_found_in_texts_and_named_as_sagemaker_names_them() -> None:
    assert accelerators_in("eia2.medium ML.EIA1.XLARGE ml.eia2.medium ml.m5.large") == (
        "ml.eia2.medium",
        "ml.eia1.xlarge",
    )


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("AMAZON_ELASTIC_INFERENCE=1", True),
        ("ENDPOINT=https://api.elastic-inference.us-east-1.amazonaws.com", True),
        ("DEVICE=eia2.large", True),
        ("MODEL=media2.large", False),
        ("INFERENCE=elastic", False),
    ],
)
def test_a_text_that_speaks_of_it_is_told_from_others(text: str, *, does: bool) -> None:
    assert speaks_of_elastic_inference(text) is does


def test_the_image_tells_the_framework_or_nothing_does() -> None:
    assert framework_of([TENSORFLOW]) is Framework.TENSORFLOW
    assert framework_of([MXNET]) is Framework.MXNET
    assert framework_of([TENSORFLOW, MXNET]) is None
    assert framework_of(["mine/model:1"]) is None


def test_what_is_not_known_of_a_workload_is_called_unknown() -> None:
    naming = a_naming(images=(), accelerators=("ml.eia9.huge",))

    evidence = advised(naming).evidence

    assert evidence["framework"] == "unknown: no image tells"
    assert evidence["model size"] == "unknown"
    assert evidence["latency"] == "unknown"


def test_inferentia_is_no_first_choice_for_a_framework_that_is_not_known() -> None:
    advice = advised(a_naming(images=()))

    assert "use 1 x ml.g4dn.xlarge" in advice.title
    assert advice.risk is Risk.LOW
    assert advice.saving is not None
    assert advice.saving.usd < 0, "it is honest about costing more"


def test_neuron_has_no_mxnet() -> None:
    advice = advised(a_naming(images=(MXNET,)))

    blocked = {option.what for option in advice.options if option.blockers}
    assert blocked == {"1 x ml.inf1.2xlarge", "1 x ml.inf2.xlarge"}
    assert "ml.g4dn.xlarge" in advice.title


def test_memory_that_was_not_measured_is_needed_in_full() -> None:
    usage = Usage(HOURS, each_hour(1), each_hour(1), memory_peak=10)

    unmeasured = {option.what for option in advised(a_naming()).options}
    measured = {option.what for option in advised(a_naming(), usage).options}

    assert "1 x ml.inf1.2xlarge" in unmeasured
    assert "1 x ml.inf1.xlarge" in measured


def test_serverless_is_blocked_where_its_memory_does_not_do() -> None:
    usage = Usage(HOURS, each_hour(1), each_hour(1), memory_peak=60)

    (option,) = (item for item in advised(a_naming(), usage).options if "serverless" in item.what)

    assert option.blockers == ("needs 12 GB; serverless has 6 GB",)


def test_serverless_without_known_calls_has_an_unknown_cost_and_comes_last() -> None:
    last = advised(a_naming()).options[-1]

    assert last.what == "serverless with 6 GB"
    assert last.cost is None


def test_each_endpoint_on_a_config_costs() -> None:
    one, two = advised(a_naming()), advised(a_naming(endpoints=("faces", "bodies")))

    assert one.current is not None
    assert two.current is not None
    assert two.current.usd == one.current.usd * 2


@pytest.mark.parametrize(
    ("place", "command"),
    [
        (Place.ENDPOINT_CONFIG, "delete-endpoint-config --region us-east-1"),
        (Place.MODEL, "delete-model --region us-east-1 --model-name faces"),
    ],
)
def test_what_nothing_runs_on_costs_nothing_and_is_to_be_deleted(
    place: Place, command: str
) -> None:
    advice = advised(a_naming(place, endpoints=()))

    assert advice.title.endswith("nothing runs on it: delete it")
    assert advice.saving is not None
    assert advice.saving.usd == 0
    assert advice.risk is Risk.LOW
    assert command in advice.change.text


def test_a_model_that_runs_gets_another_image() -> None:
    advice = advised(a_naming(Place.MODEL, accelerators=(), instance_type=None))

    assert advice.saving is None
    assert "names Elastic Inference (an image for it)" in advice.title
    assert "let faces run it" in advice.change.text


def test_a_notebook_loses_its_accelerators_and_goes_on() -> None:
    advice = advised(a_naming(Place.NOTEBOOK_INSTANCE, endpoints=None))

    assert advice.title.endswith("it works without")
    assert "--disassociate-accelerator-types" in advice.change.text
    assert advice.evidence["runs on it"] == "not known"
    assert advice.options == ()


def test_a_task_definition_runs_on_ec2_at_prices_of_its_own() -> None:
    naming = a_naming(Place.TASK_DEFINITION, instance_type=None)
    prices = list_prices()
    known = knowing(
        replace(
            prices,
            hourly_usd={
                (PriceComponent.EC2, HOME, "g4dn.xlarge"): prices.hourly_usd[
                    PriceComponent.HOSTING, HOME, "ml.g4dn.xlarge"
                ]
            },
            as_of={**prices.as_of, (PriceComponent.EC2, HOME): TODAY},
        )
    )

    advice = advised(naming, known=known)

    assert "use 1 x g4dn.xlarge" in advice.title
    assert advice.saving is None, "what its tasks cost now is not known"
    assert [option.what for option in advice.options if option.cost] == ["1 x g4dn.xlarge"]
    assert any("its price is not known" in option.note for option in advice.options)
    assert "register-task-definition" in advice.change.text


def test_without_prices_it_is_found_all_the_same() -> None:
    advice = advised(a_naming(), known=knowing(NO_PRICES))

    assert advice.title.endswith("choose another instance type")
    assert advice.saving is None
    assert "YOUR-TYPE" in advice.change.text


def test_a_task_definition_without_prices_names_the_types() -> None:
    advice = advised(
        a_naming(Place.TASK_DEFINITION, instance_type=None, endpoints=None),
        known=knowing(NO_PRICES),
    )

    assert {option.what for option in advice.options} >= {"1 x g4dn.xlarge", "1 x inf1.xlarge"}
    assert advice.caution.startswith("no price is known")


def test_a_family_that_holds_nothing_large_enough_is_left_out() -> None:
    catalogue = replace(instance_catalogue(), accelerators={"ml.eia2.medium": 30 * 1024})
    naming = a_naming(Place.TASK_DEFINITION, instance_type=None)

    options = advised(naming, known=replace(knowing(NO_PRICES), catalogue=catalogue)).options

    assert not any(" g" in option.what for option in options), "none has a GPU of 30 GiB"
