"""governance.yaml: models, located errors, and the rules they become."""

from sagewarden.policy.compilation import (
    compile_policy,
    exemptions_of,
    fingerprint,
    schedule_book,
)
from sagewarden.policy.loading import load_policy, parse_policy
from sagewarden.policy.models import GovernancePolicy
from sagewarden.policy.problems import PolicyError, Problem
from sagewarden.policy.schema import json_schema

__all__ = [
    "GovernancePolicy",
    "PolicyError",
    "Problem",
    "compile_policy",
    "exemptions_of",
    "fingerprint",
    "json_schema",
    "load_policy",
    "parse_policy",
    "schedule_book",
]
