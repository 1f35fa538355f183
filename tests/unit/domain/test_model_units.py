"""How the price list's names of models and Bedrock's ids of them come together."""

import pytest

from sagewarden.domain.services.model_units import squeezed, unit_names

FOUNDATION = "arn:aws:bedrock:us-east-1::foundation-model/"


def names(model: str, commitment: str = "", *, custom: bool = False) -> list[str]:
    return [*unit_names(FOUNDATION + model, commitment, custom=custom)]


@pytest.mark.parametrize(
    ("listed", "model"),
    [
        ("Nova2.0Lite", "amazon.nova-2-lite-v1:0:256k"),
        ("NovaPro", "amazon.nova-pro-v1:0"),
        ("Llama3-1-70B", "meta.llama3-1-70b-instruct-v1:0:128k"),
        ("TitanText-Premier", "amazon.titan-text-premier-v1:0:32k"),
        ("TitanTextG1-Express", "amazon.titan-text-express-v1"),
        ("TitanImageGeneratorG1", "amazon.titan-image-generator-v1"),
        ("TitanImageGeneratorV2", "amazon.titan-image-generator-v2:0"),
        ("Claude 3.7 Sonnet", "anthropic.claude-3-7-sonnet-20250219-v1:0"),
        ("Claude 3.5 Sonnet v2", "anthropic.claude-3-5-sonnet-20241022-v2:0:51k"),
        ("Claude Instant", "anthropic.claude-instant-v1:2:100k"),
    ],
)
def test_a_model_is_the_same_in_the_price_list_and_in_bedrock(listed: str, model: str) -> None:
    assert names(model) == [f"{squeezed(listed)} (no commitment)"]


@pytest.mark.parametrize(
    ("listed", "model"),
    [
        ("Nova Lite", "amazon.nova-2-lite-v1:0"),
        ("Nova2.0Lite", "amazon.nova-lite-v1:0"),
        ("Claude 3.5 Sonnet", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("Claude 3 Sonnet", "anthropic.claude-3-5-sonnet-20240620-v1:0"),
        ("Claude", "anthropic.claude-v2:1"),
        ("Command R", "cohere.command-r-plus-v1:0"),
        ("Command R", "cohere.command-r+-v1:0"),
        ("Llama 3.1 8B", "meta.llama3-1-80b-instruct-v1:0"),
        ("Llama3-1-7B", "meta.llama3-17b-instruct-v1:0"),
    ],
)
def test_another_models_price_is_never_taken(listed: str, model: str) -> None:
    assert f"{squeezed(listed)} (no commitment)" not in names(model)


def test_each_length_of_a_commitment_has_a_price_of_its_own_and_others_have_none() -> None:
    model = "amazon.nova-pro-v1:0"

    assert names(model, "OneMonth") == ["novapro (1 month)"]
    assert names(model, "SixMonths") == ["novapro (6 months)"]
    assert names(model, "TwoYears") == []


def test_a_customised_model_is_billed_as_such_or_as_its_base_model_is() -> None:
    assert names("amazon.titan-text-premier-v1:0", custom=True) == [
        "titantextpremier custom (no commitment)",
        "titantextpremier (no commitment)",
    ]


@pytest.mark.parametrize("base", ["", "titan", FOUNDATION])
def test_what_names_no_model_has_no_price(base: str) -> None:
    assert [*unit_names(base, "", custom=False)] == []
