"""A compiled policy says what its file says, and nothing else may be read from one."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sagewarden.adapters.compiled_policy import StalePolicyError, dump_policy, load_compiled_policy
from sagewarden.adapters.public_holidays import holiday_table, public_holidays
from sagewarden.bootstrap import compile_policy_file, read_deployed_policy, read_policy
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.rules import Policy
from sagewarden.domain.schedules.reading import OptedOut, Schedule
from tests.support.builders import a_policy, an_endpoint_rule

YEARS = range(2026, 2028)
TEXT = """
version: 1
mode: enforce
timezone: Asia/Seoul
targets: {accounts: ["123456789012"], regions: [ap-northeast-2]}
protect: [{tag: Stage, values: [prod]}]
calendars:
  office:
    weekdays: mon-fri
    from: "09:00"
    to: "18:00"
    holidays: KR
    dates: {2026-12-24: ["09:00-12:00"]}
  night: {weekdays: daily, hours: ["22:00-06:00"], timezone: America/New_York, holidays: US-CA}
custodian: {default_tz: et, offhour: 19, onhour: 7, skip-days: [2026-12-25]}
instance_scheduler:
  periods:
    day: {begintime: "08:00", endtime: "17:00", weekdays: "mon-fri,mon#1", monthdays: "1-7,L"}
  schedules: {lab: {periods: [day], timezone: Europe/Berlin, enforced: true}}
rules:
  - name: hours
    resources: notebook-instance
    outside: office
    schedule_tag: Schedule
    action: stop
  - {name: custodians, resources: notebook-instance, outside: custodian, action: stop}
  - {name: lab, resources: notebook-instance, outside: lab, action: stop, start_again: true}
  - {name: idle, resources: endpoint, idle: {invocations: 0, for: 48h}, action: delete, grace: 24h}
"""


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "governance.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def schedules(policy: Policy) -> list[Schedule]:
    """Every schedule that the policy names or follows, in a fixed order."""
    [hours, *_] = [rule for rule in policy.rules if isinstance(rule, NotebookHours)]
    custodian = hours.schedules.named_or_expressed("off=M-Fu2c18u3btz=et")
    assert not isinstance(custodian, OptedOut)
    return [custodian, *(hours.schedules.named[name] for name in sorted(hours.schedules.named))]


def test_a_compiled_policy_reads_like_its_file(policy_file: Path) -> None:
    compiled = policy_file.with_suffix(".json")
    compiled.write_text(compile_policy_file(policy_file, YEARS), encoding="utf-8")

    policy = read_deployed_policy(policy_file)

    original = read_policy(policy_file)
    assert policy.fingerprint == original.fingerprint
    assert policy.limits == original.limits
    assert policy.accounts == original.accounts
    assert [rule.scope for rule in policy.rules] == [rule.scope for rule in original.rules]
    assert [type(rule) for rule in policy.rules] == [type(rule) for rule in original.rules]
    moments = [datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(600)]
    for ours, theirs in zip(schedules(policy), schedules(original), strict=True):
        assert [ours.at(now) for now in moments] == [theirs.at(now) for now in moments]


def test_compiling_twice_gives_the_same_text(policy_file: Path) -> None:
    assert compile_policy_file(policy_file, YEARS) == compile_policy_file(policy_file, YEARS)


def test_a_policy_that_was_changed_and_not_compiled_again_is_refused(policy_file: Path) -> None:
    compiled = policy_file.with_suffix(".json")
    compiled.write_text(compile_policy_file(policy_file, YEARS), encoding="utf-8")
    policy_file.write_text(TEXT.replace("mode: enforce", "mode: observe"), encoding="utf-8")

    with pytest.raises(StalePolicyError, match="compile"):
        read_deployed_policy(policy_file)


def test_a_policy_that_was_never_compiled_is_refused(policy_file: Path) -> None:
    with pytest.raises(StalePolicyError, match="is missing: run sagewarden policy compile"):
        read_deployed_policy(policy_file)


def test_holidays_beyond_the_compiled_years_are_no_ordinary_days() -> None:
    table = holiday_table("KR", None, YEARS)

    assert table(date(2026, 12, 25)) == public_holidays("KR")(date(2026, 12, 25))
    assert table(date(2026, 12, 28)) is None
    with pytest.raises(ValueError, match="compile the policy again"):
        table(date(2028, 1, 3))


def test_a_function_cannot_be_compiled() -> None:
    policy = a_policy(an_endpoint_rule())
    with_a_function = Policy(
        fingerprint=print,  # type: ignore[arg-type]  # a value that no policy has
        regions=policy.regions,
        rules=policy.rules,
        limits=policy.limits,
    )

    with pytest.raises(TypeError, match="cannot be compiled"):
        dump_policy(with_a_function, b"")


def test_only_values_of_the_domain_are_read(policy_file: Path) -> None:
    content = json.loads(compile_policy_file(policy_file, YEARS))
    content["policy"]["limits"] = {"$": "schedules.transitions:timedelta", "days": 1}

    with pytest.raises(StalePolicyError, match="no value of the domain"):
        load_compiled_policy(json.dumps(content), policy_file.read_bytes())


def test_reading_a_compiled_policy_needs_neither_pydantic_nor_yaml(policy_file: Path) -> None:
    compiled = policy_file.with_suffix(".json")
    compiled.write_text(compile_policy_file(policy_file, YEARS), encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from sagewarden.bootstrap import *;"
        f"read_deployed_policy(Path({str(policy_file)!r}));"
        "print(sorted({'pydantic', 'yaml', 'holidays'} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"
