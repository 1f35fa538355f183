"""How much provisioned concurrency an account may have, and how it is shared out."""

from collections.abc import Mapping
from dataclasses import dataclass

from sagewarden.domain.provisioned_concurrency.scaling import LEAST, MOST

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


def shared_out(wanted: Mapping[str, int], available: int) -> dict[str, int]:
    """Share what is available among those who want it.

    Everyone gets the least first, then those get more who come first in the order of their names,
    so that the same wishes always lead to the same shares.

    Args:
        wanted: What each would have at most.
        available: What there is for all of them; below 0 counts as nothing.

    Returns:
        What each may have: never more than wanted, and together never more than available.
    """
    left = max(available, 0)
    shares = dict.fromkeys(wanted, 0)
    for step in (LEAST, MOST):
        for name in sorted(wanted):
            more = min(step, wanted[name] - shares[name], left)
            shares[name] += more
            left -= more
    return shares
