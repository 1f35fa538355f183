from datetime import timedelta
from decimal import Decimal

import pytest

from sagewarden.domain.guardrails.conditions import (
    AllowedTypes,
    AllowedValue,
    CountCap,
    DeniedTypes,
    GpuCeiling,
    PriceCeiling,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.idle_conditions import (
    RequiredIdleShutdown,
    RequiredLifecycleConfig,
)
from sagewarden.domain.guardrails.job_conditions import (
    InstanceCap,
    RuntimeCeiling,
    SpotRequired,
    WaitCeiling,
)
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.scope import TagMatch
from tests.support.policies import HEAD, NO_RULES, compiled, only_problem, problems

EVERY_DEMAND = (
    HEAD
    + """\
owners: {tag: Team}
rules:
  - name: all-of-it
    resources: [notebook-instance, endpoint]
    when: {tag: {Stage: dev}}
    require_tags:
      Team: {}
      CostCenter: {pattern: "CC-[0-9]{4}"}
      Stage: {values: [dev, test]}
    deny_instance_types: [ml.p4*, retired]
    allow_instance_types: m5
    max_price_per_hour: 2.5
    max_gpus: 0
    max_volume_gb: 500
    max_count: 10
    action: [tag-owner, notify, stop]
    grace: 30m
"""
)


def a_rule(rest: str) -> str:
    return HEAD + f"rules:\n  - {{name: a, {rest}}}\n"


def test_a_guardrail_carries_every_demand_of_the_policy() -> None:
    [rule] = compiled(EVERY_DEMAND).rules

    assert isinstance(rule, Guardrail)
    assert rule.kinds == ("notebook-instance", "endpoint")
    assert rule.scope.when == (TagMatch("Stage", ("dev",)),)
    assert rule.conditions == (
        RequiredTags(
            {
                "Team": AllowedValue(),
                "CostCenter": AllowedValue(pattern="CC-[0-9]{4}"),
                "Stage": AllowedValue(("dev", "test")),
            }
        ),
        DeniedTypes(("ml.p4*", "retired")),
        AllowedTypes(("m5",)),
        PriceCeiling(Decimal("2.5")),
        GpuCeiling(0),
        VolumeCeiling(500),
        CountCap(10),
    )
    assert rule.remedies == (Remedy.TAG_OWNER, Remedy.NOTIFY, Remedy.STOP)
    assert rule.scope.owner_tag == "Team"
    assert rule.grace == timedelta(minutes=30)


def test_a_guardrail_only_notifies_unless_it_says_otherwise() -> None:
    policy = compiled(a_rule('resources: "*", deny_instance_types: ml.p4*'))

    [rule] = policy.guardrails

    assert rule.kinds == ("*",)
    assert rule.remedies == (Remedy.NOTIFY,)
    assert rule.scope.owner_tag == "Owner"
    assert tuple(policy.swept_rules) == (rule,)


def test_a_demand_makes_a_rule_for_endpoints_a_guardrail_and_idle_makes_it_none() -> None:
    guard = compiled(a_rule("resources: endpoint, max_gpus: 1")).rules[0]
    idle = compiled(a_rule("resources: endpoint, idle: {for: 48h}")).rules[0]

    assert isinstance(guard, Guardrail)
    assert not isinstance(idle, Guardrail)


@pytest.mark.parametrize(
    ("rest", "path", "problem", "remedy"),
    [
        ("resources: training-job", "resources", "demands nothing of 'tra", "require_tags, deny"),
        ("resources: [endpoint]", "resources", "demands nothing of ['endpoint']", "max_gpus"),
        ('resources: "*"', "resources", "demands nothing of '*'", "max_count"),
        ("resources: [], max_gpus: 1", "resources", "it is empty", "at least one"),
        ("resources: notebok, max_gpus: 1", "resources", "not possible", "notebook-instance"),
        ("resources: endpoint, max_gpus: -1", "max_gpus", "out of bounds", "at least 0"),
        ("resources: endpoint, max_gpus: few", "max_gpus", "no whole number", "whole number"),
        ("resources: endpoint, max_volume_gb: 0", "max_volume_gb", "out of bounds", "at least 1"),
        ("resources: endpoint, max_price_per_hour: nan", "max_price_per_hour", "no number", "5"),
        ("resources: endpoint, max_price_per_hour: $5", "max_price_per_hour", "no number", "5"),
        ("resources: training-job, max_count: 3", "max_count", "training-job cannot be", "count"),
        ('resources: "*", max_count: 3', "max_count", "* cannot be counted", "notebook-instance"),
        ("resources: endpoint, require_tags: {}", "require_tags", "it is empty", "at least one"),
        ("resources: endpoint, require_tags: [Owner]", "require_tags", "no mapping", "Owner"),
        (
            "resources: endpoint, require_tags: {Owner: {value: x}}",
            *("require_tags.Owner.value", "no key 'value'", "'values'"),
        ),
        (
            "resources: endpoint, require_tags: {Owner: {pattern: (a+)+}}",
            *("require_tags.Owner.pattern", "it repeats what holds a repetition", "CC-[0-9]{4}"),
        ),
        (
            "resources: endpoint, require_tags: {Owner: {pattern: '('}}",
            *("require_tags.Owner.pattern", "no regular expression", "CC-[0-9]{4}"),
        ),
        (
            "resources: endpoint, deny_instance_types: [ml.m5.large, big ones]",
            *("deny_instance_types[1]", "'big ones' is no instance type", "ml.p4*"),
        ),
        (
            "resources: endpoint, max_gpus: 1, action: reboot",
            *("action", "'reboot' is not possible", "tag-owner"),
        ),
        (
            "resources: endpoint, max_gpus: 1, action: [notify, notify]",
            *("action[1]", "listed twice", "list it once"),
        ),
        (
            "resources: endpoint, max_gpus: 1, action: stop",
            *("action", "endpoint cannot be stopped", "delete"),
        ),
        (
            "resources: notebook-instance, max_gpus: 1, action: delete",
            *("action", "only endpoints and", "stop"),
        ),
        (
            "resources: endpoint, max_gpus: 1, action: delete, grace: 30m",
            *("grace", "too short for a delete", "1h to 30d"),
        ),
        (
            "resources: [studio-domain, studio-user-profile], max_gpus: 1, action: stop",
            *("action", "studio-domain, studio-user-profile cannot be stopped", "tag-owner"),
        ),
        (
            "resources: studio-domain, require_lifecycle_config: true, action: delete",
            *("action", "only endpoints and", "stop"),
        ),
        (
            "resources: notebook-instance, require_idle_shutdown: {at_most: 2h}",
            *("require_idle_shutdown", "notebook-instance cannot have it", "studio-domain or"),
        ),
        (
            "resources: endpoint, require_lifecycle_config: auto-*",
            *("require_lifecycle_config", "endpoint cannot have it", "notebook-instance or"),
        ),
        (
            "resources: notebook-instance, require_lifecycle_config: false",
            *("require_lifecycle_config", "false demands nothing", "write true or names"),
        ),
        (
            "resources: notebook-instance, require_lifecycle_config: []",
            *("require_lifecycle_config", "it is empty", "at least one"),
        ),
        (
            "resources: studio-domain, require_idle_shutdown: {at_most: 30m}",
            *("require_idle_shutdown.at_most", "30m is out of bounds", "1h to 365d"),
        ),
        (
            "resources: studio-domain, require_idle_shutdown: {}",
            *("require_idle_shutdown.at_most", "it is missing", "at_most: 2h"),
        ),
        (
            "resources: studio-domain, require_idle_shutdown: 2h",
            *("require_idle_shutdown", "no mapping", "at_most: 2h"),
        ),
        ("resources: studio-domain, max_count: 3", "max_count", "cannot be counted", "count"),
        ("resources: domain, max_gpus: 1", "resources", "not possible", "studio-domain"),
        ("resources: endpoint, max_gpus: 1, grace: 1m", "grace", "out of bounds", "5m to 30d"),
        ("resources: endpoint, max_gpus: 1, idle: {}", "idle", "no key 'idle'", "use one of"),
    ],
)
def test_a_wrong_guardrail_is_located_and_the_right_one_is_shown(
    rest: str, path: str, problem: str, remedy: str
) -> None:
    found = next(item for item in problems(a_rule(rest)) if item.path == f"rules[0].{path}")

    assert found.line == 3
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("true", ()),
        ('"*"', ()),
        ("auto-stop", ("auto-stop",)),
        ("[auto-*, idle]", ("auto-*", "idle")),
    ],
)
def test_a_lifecycle_configuration_is_any_or_one_of_some_names(
    written: str, names: tuple[str, ...]
) -> None:
    rest = f"resources: [notebook-instance, studio-domain], require_lifecycle_config: {written}"

    [rule] = compiled(a_rule(rest)).guardrails

    assert rule.conditions == (RequiredLifecycleConfig(names),)


def test_idle_shutdown_has_a_bound() -> None:
    rest = "resources: studio-user-profile, require_idle_shutdown: {at_most: 90m}"

    [rule] = compiled(a_rule(rest)).guardrails

    assert rule.conditions == (RequiredIdleShutdown(timedelta(minutes=90)),)
    assert rule.kinds == ("studio-user-profile",)


def test_a_demand_without_a_value_is_named_once() -> None:
    text = NO_RULES.replace("rules: []", "rules: [{name: a, resources: endpoint, max_gpus: }]")

    found = only_problem(text)

    assert (found.path, found.problem) == ("rules[0].max_gpus", "it has no value")


def test_a_guardrail_carries_every_demand_on_jobs() -> None:
    text = a_rule(
        "resources: [training-job, hyper-parameter-tuning-job], managed_spot: required, "
        "max_runtime: 24h, max_wait: 36h, max_instances: 4"
    )

    [rule] = compiled(text).rules

    assert isinstance(rule, Guardrail)
    assert rule.conditions == (
        SpotRequired(),
        RuntimeCeiling(limit=timedelta(hours=24)),
        WaitCeiling(limit=timedelta(hours=36)),
        InstanceCap(most=4),
    )


@pytest.mark.parametrize(
    ("kind", "demand"),
    [
        ("processing-job", "managed_spot: required"),
        ("transform-job", "max_runtime: 24h"),
        ("auto-ml-job", "max_wait: 24h"),
        ("auto-ml-job", "max_instances: 2"),
        ("endpoint", "max_runtime: 24h"),
    ],
)
def test_a_demand_that_its_kind_of_job_cannot_meet_is_refused(kind: str, demand: str) -> None:
    problem = only_problem(a_rule(f"resources: {kind}, {demand}"))

    assert problem.problem == f"{kind} cannot have it"


@pytest.mark.parametrize(
    "demand", ["managed_spot: true", "max_runtime: 30s", "max_wait: 200d", "max_instances: 0"]
)
def test_a_demand_on_jobs_out_of_bounds_is_refused(demand: str) -> None:
    assert problems(a_rule(f"resources: training-job, {demand}"))
