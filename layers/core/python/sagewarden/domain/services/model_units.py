"""Model units of Bedrock, as prices name them: by the model and the length of the commitment.

AWS spells a model in one way in the price list (``Nova2.0Lite``, ``Claude 3.7 Sonnet``) and in
another in its id (``amazon.nova-2-lite-v1:0:256k``, ``anthropic.claude-3-7-sonnet-20250219-v1:0``),
and no call translates. Both are brought down to letters and numbers; what then differs in any of
them is another model, whose price is not taken.
"""

import re
from collections.abc import Iterator

TERMS = {"": "no commitment", "OneMonth": "1 month", "SixMonths": "6 months"}
"""The lengths of a commitment, by Bedrock's own word (botocore 1.44, CommitmentDuration)."""

_RELEASED = re.compile(r"-\d{8}(?=-v\d+$|$)")
_FIRST_VERSION = re.compile(r"-v1$")
_POINT_ZERO = re.compile(r"\.0(?!\d)")
_GENERATION_ONE = re.compile(r"^(titan\w*?)g1")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[^a-z0-9]+(?=\d)")
_BETWEEN_WORDS = re.compile(r"(?<!\d)[^a-z0-9]+|[^a-z0-9]+(?!\d)")


def squeezed(name: str) -> str:
    """What tells a model's name from others: its letters and numbers, such as ``llama3-1-8b``.

    ``2.0`` is ``2``; every model that takes instructions is one (``instruct``), and the first
    generation of Titan (``G1``) is the first version of its ids.
    """
    plain = _POINT_ZERO.sub("", name.lower().replace("+", "plus"))
    together = _BETWEEN_WORDS.sub("", _BETWEEN_NUMBERS.sub("-", plain))
    return _GENERATION_ONE.sub(r"\1", together).removesuffix("instruct")


def unit_name(model: str, term: str, *, custom: bool = False) -> str:
    """What the price of a model unit is called.

    Args:
        model: The model's name as `squeezed` gives it.
        term: A value of `TERMS`.
        custom: Whether the price is of customised models only.
    """
    return f"{model}{' custom' if custom else ''} ({term})"


def unit_names(base: str, commitment: str, *, custom: bool) -> Iterator[str]:
    """What the price of provisioned throughput may be called, the most fitting first.

    A customised model is billed as its base model is where it has no price of its own: most of what
    is sold without a commitment is for customised models only (Amazon Bedrock user guide,
    "Increase model invocation capacity with Provisioned Throughput").

    Args:
        base: The ARN of the base model.
        commitment: A key of `TERMS`; a length that is none has no price.
        custom: Whether it serves a customised model.
    """
    term = TERMS.get(commitment)
    model = squeezed(_spelt(base.rpartition("/")[2]))
    if term is None or not model:
        return
    if custom:
        yield unit_name(model, term, custom=True)
    yield unit_name(model, term)


def _spelt(model_id: str) -> str:
    """A model's name out of its id: without the provider, day, first version and context window."""
    name = model_id.partition(".")[2].partition(":")[0]
    return _FIRST_VERSION.sub("", _RELEASED.sub("", name))
