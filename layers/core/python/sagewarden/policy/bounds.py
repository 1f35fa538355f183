"""Pairs of a least and a most."""

from sagewarden.policy.problems import RefusedError, shown

_PAIR = 2


def pair(value: object) -> object:
    """Check that something is a pair.

    Raises:
        RefusedError: It is none.
    """
    if isinstance(value, list | tuple) and len(value) == _PAIR:
        return value
    problem = f"{shown(value)} are no bounds"
    raise RefusedError.because(problem, "write the least and the most, as in [1, 20]")


def ordered(bounds: tuple[int, int]) -> tuple[int, int]:
    """Check that the least comes first.

    Raises:
        RefusedError: It does not.
    """
    least, most = bounds
    if least > most:
        problem = f"{least} is more than {most}"
        raise RefusedError.because(problem, f"write the least first: [{most}, {least}]")
    return bounds
