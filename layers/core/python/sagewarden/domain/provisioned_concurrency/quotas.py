"""How much provisioned concurrency an endpoint and an account may have."""

from dataclasses import dataclass

LEAST = 1
"""The least provisioned concurrency: the API refuses 0 (ProductionVariantServerlessConfig)."""

MOST = 200
"""The most provisioned concurrency, and the most MaxConcurrency, of a variant (the same)."""

_LARGE = frozenset(
    {
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-central-1",
        "eu-west-1",
    }
)
_LARGE_TOTAL = 1000
_OTHER_TOTAL = 500


@dataclass(frozen=True, slots=True)
class Quotas:
    """What Service Quotas allows in one region.

    Attributes:
        region_total: The concurrency of all serverless endpoints together.
        per_endpoint: The concurrency of one of them.
        assumed: Whether they could not be read, so that these are the documented defaults. An
            account may have less.
    """

    region_total: int
    per_endpoint: int = MOST
    assumed: bool = False


def documented_quotas(region: str) -> Quotas:
    """The defaults that AWS documents (SageMaker guide, "Serverless Inference"; read 2026-11)."""
    return Quotas(_LARGE_TOTAL if region in _LARGE else _OTHER_TOTAL, assumed=True)
