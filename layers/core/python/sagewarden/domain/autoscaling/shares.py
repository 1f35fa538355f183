"""How a quota that is too small for all is shared out."""

from collections.abc import Mapping


def shared_out(wanted: Mapping[str, int], available: int) -> dict[str, int]:
    """Share what is available among those who want it.

    Everyone gets one first, then those get more who come first in the order of their names, so
    that the same wishes always lead to the same shares.

    Args:
        wanted: What each would have at most.
        available: What there is for all of them; below 0 counts as nothing.

    Returns:
        What each may have: never more than wanted, and together never more than available.
    """
    left = max(available, 0)
    shares = dict.fromkeys(wanted, 0)
    for step in (1, left):
        for name in sorted(wanted):
            more = min(step, wanted[name] - shares[name], left)
            shares[name] += more
            left -= more
    return shares
