"""Which policy and which regions a command speaks of, when the user does not say."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from sagewarden.adapters.public_holidays import public_holidays
from sagewarden.domain.rules import Policy
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.policy import load_policy, schedule_book
from sagewarden_cli.options import BadOptionError, NoRegionError

HERE = Path("layers/policy/governance.yaml")
"""The policy of a checkout, relative to the working directory."""


def find_policy(chosen: Path | None) -> Path:
    """The policy file to use: the chosen one, this checkout's, or else the packaged one."""
    if chosen is not None:
        return chosen
    if HERE.is_file():
        return HERE
    return Path(str(files("sagewarden_cli").joinpath("default_policy.yaml")))


def with_rules(policy: Policy, names: Sequence[str]) -> Policy:
    """The policy with only some of its rules; all of them when none is named.

    Raises:
        BadOptionError: It has no rule of a name.
    """
    for name in names:
        if policy.rule(name) is None:
            known = ", ".join(rule.scope.rule for rule in policy.rules) or "none"
            raise BadOptionError(f"--rule: the policy has no rule {name!r}; it has {known}")
    if not names:
        return policy
    return replace(policy, rules=tuple(rule for rule in policy.rules if rule.scope.rule in names))


def find_regions(chosen: Sequence[str], policy: Policy, own: str | None) -> tuple[str, ...]:
    """The regions to look at: the chosen ones, the policy's, or else the caller's own.

    Args:
        chosen: From the command line.
        policy: The policy.
        own: The region of boto3's chain, or None.

    Raises:
        NoRegionError: None of them names a region.
    """
    found = tuple(dict.fromkeys(chosen)) or policy.regions or ((own,) if own else ())
    if not found:
        raise NoRegionError(
            "no region: give --region, name regions in the policy's targets, or set AWS_REGION"
        )
    return found


def policy_schedules(path: Path) -> ScheduleBook:
    """Every schedule that a policy names, and what an expression means under it.

    Raises:
        PolicyError: It is not valid; the error names each place.
    """
    return schedule_book(load_policy(path), public_holidays)
