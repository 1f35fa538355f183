import re
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.money import PriceBook
from sagewarden.domain.notebook_hours import judge_notebook
from sagewarden.domain.resources import (
    NotebookInstance,
    NotebookStatus,
    ResourceKind,
    ResourceRef,
)
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut
from sagewarden.domain.verdicts import VerdictKind
from sagewarden.policy import PolicyError, Problem, compile_policy, fingerprint, parse_policy
from sagewarden.policy.document import read_document
from tests.support.policies import HEAD, SHIPPED, compiled, new_year

TEXT = SHIPPED.read_text(encoding="utf-8")
LINES = TEXT.splitlines()
KEYED = [
    number
    for number, line in enumerate(LINES, start=1)
    if ":" in line and not line.lstrip().startswith(("#", "business-hours"))
]
NO_PRICES = PriceBook({}, {}, {})
SUNDAY = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.sampled_from(["mon-fri", "09:00", "48h", "enforce", "endpoint", "notebook-instance", "*"]),
    st.sampled_from(["real-time-endpoint", "async-endpoint", "inference-component"]),
)
keys = st.sampled_from(
    """version mode timezone targets accounts regions owners tag people team_tag teams
    fallback_channel approvers warn_during protect values exemptions
    exemptions_may_be_permanent until why who limits actions_per_run percent_of_kind
    calendars weekdays from to hours week holidays country subdivision dates custodian
    default_tz offhour onhour opt-out skip-days-from content instance_scheduler periods
    schedules begintime rules name resources outside schedule_tag idle for invocations
    action grace warn when names except iac_managed require_tags capacity during
    target_invocations target_backlog adopt gpu_below running_work under_autoscaler
    cluster_autoscaler past_max_runtime failing_children unused_warm_pools managed_spot
    max_runtime max_wait max_instances organization units tags""".split()  # noqa: SIM905 - the vocabulary reads better as words
) | st.text(max_size=5)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5)
)


def _key(number: int) -> str:
    """The first key of a line of the shipped policy."""
    return LINES[number - 1].split(":")[0].lstrip(" -{")


def _has_plain_value(number: int) -> bool:
    line = LINES[number - 1]
    return bool(line.partition(":")[2].strip()) and not line.lstrip().startswith("- {")


def _with_line(number: int, line: str) -> str:
    """The shipped policy with another line."""
    return "\n".join([*LINES[: number - 1], line, *LINES[number:]])


def _problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a policy, if it is refused; anything but a refusal rises."""
    try:
        compile_policy(parse_policy(text), new_year)
    except PolicyError as error:
        return error.problems or (Problem("", 0, 0, "", "refused without a problem", ""),)
    return ()


def _refused_or_read(text: str) -> None:
    """Hold a policy to it that each problem it has is located within the text, and explained."""
    lines = len(re.findall("[\n\r\x85\u2028\u2029]", text)) + 1

    found = _problems(text)

    assert all(1 <= problem.line <= lines + 1 for problem in found)
    assert all(problem.column >= 1 for problem in found)
    assert all(problem.problem and problem.remedy for problem in found)


@given(st.text())
def test_any_text_is_refused_or_read(text: str) -> None:
    _refused_or_read(text)


@given(st.text(alphabet="a1:-{}[]&*!|>'\"#%@`, \n\t?<~", max_size=60))
def test_any_text_of_yaml_signs_is_refused_or_read(text: str) -> None:
    _refused_or_read(text)


@given(st.dictionaries(keys, documents, max_size=8))
def test_any_mapping_is_refused_or_read(document: dict[str, object]) -> None:
    text = yaml.safe_dump({"version": 1, "rules": [], **document}, allow_unicode=True)

    _refused_or_read(text)


@given(documents)
def test_a_rule_of_any_shape_is_refused_or_read(rule: object) -> None:
    text = yaml.safe_dump({"version": 1, "rules": [rule]}, allow_unicode=True)

    _refused_or_read(text)


@given(
    st.integers(0, len(TEXT)),
    st.integers(0, 12),
    st.text(alphabet="ab1:-[]{}'\", \n#&*", max_size=8),
)
def test_the_shipped_policy_mutated_anywhere_is_refused_or_read(
    start: int, removed: int, inserted: str
) -> None:
    _refused_or_read(TEXT[:start] + inserted + TEXT[start + removed :])


@pytest.mark.parametrize("number", KEYED)
def test_a_misspelt_key_anywhere_is_refused_on_its_line(number: int) -> None:
    key = _key(number)
    line = LINES[number - 1].replace(f"{key}:", f"{key}x:", 1)

    with pytest.raises(PolicyError) as refused:
        parse_policy(_with_line(number, line))

    found = next(item for item in refused.value.problems if item.path.endswith(f"{key}x"))
    assert found.line == number
    assert f"did you mean '{key}'?" in found.remedy


@pytest.mark.parametrize("number", [number for number in KEYED if _has_plain_value(number)])
@pytest.mark.parametrize("wrong", ["{un: known}", "[[]]"])
def test_a_value_of_the_wrong_kind_anywhere_is_refused_on_its_line(number: int, wrong: str) -> None:
    line = f"{LINES[number - 1].partition(':')[0]}: {wrong}"

    with pytest.raises(PolicyError) as refused:
        parse_policy(_with_line(number, line))

    assert number in {problem.line for problem in refused.value.problems}


def test_a_calendar_that_lost_its_name_is_missed_where_it_is_used() -> None:
    text = TEXT.replace("  business-hours:", "  busines-hours:")

    with pytest.raises(PolicyError) as refused:
        parse_policy(text)

    assert [(item.path, item.remedy) for item in refused.value.problems] == [
        ("rules[0].outside", "did you mean 'busines-hours'?"),
        ("rules[1].outside", "did you mean 'busines-hours'?"),
    ]


def _notebook(tags: dict[str, str]) -> NotebookInstance:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/lab"
    kind = ResourceKind.NOTEBOOK_INSTANCE
    return NotebookInstance(
        ref=ResourceRef(kind, "123456789012", "us-east-1", "lab", arn),
        status=NotebookStatus.IN_SERVICE,
        created=SUNDAY - timedelta(days=90),
        modified=SUNDAY - timedelta(days=3),
        instance_type="ml.t3.medium",
        tags=tags,
    )


@given(st.text(max_size=40) | st.from_regex(r"[a-z]{3}-[a-z]{3} \d\d:\d\d-\d\d:\d\d( \w+)?"))
def test_a_schedule_tag_that_cannot_be_read_never_leads_to_an_action(value: str) -> None:
    rule = next(compiled(TEXT).notebook_rules)
    tags = {"Schedule": value}

    verdict = judge_notebook(_notebook(tags), rule, None, NO_PRICES, SUNDAY)

    try:
        schedule = rule.schedules.of(tags)
    except InvalidScheduleError:
        assert (verdict.kind, verdict.action) == (VerdictKind.UNKNOWN, None)
    else:
        assert isinstance(schedule, OptedOut) == (verdict.kind is VerdictKind.EXEMPT)


@given(st.sampled_from(["from", "to", "weekdays", "timezone", "hours"]), st.text(max_size=12))
def test_a_calendar_with_garbage_is_refused_where_it_stands(key: str, value: str) -> None:
    calendar = {"from": "09:00", "to": "18:00", key: value}
    text = yaml.safe_dump({"version": 1, "rules": [], "calendars": {"it": calendar}})

    found = _problems(text)

    if found:
        assert {problem.path.split(".")[1] for problem in found} == {"it"}
    else:
        written = parse_policy(text).model_dump(mode="json", by_alias=True)
        assert written["calendars"]["it"][key] in (value, [value])


@given(st.permutations(sorted(yaml.safe_load(TEXT))))
def test_the_order_of_keys_does_not_change_the_fingerprint(order: list[str]) -> None:
    shipped = yaml.safe_load(TEXT)

    shuffled = yaml.safe_dump({key: shipped[key] for key in order}, sort_keys=False)

    assert fingerprint(parse_policy(shuffled)) == fingerprint(parse_policy(TEXT))


words = st.text(min_size=1, max_size=8).filter(lambda word: word != "<<")  # YAML's merge key


@given(st.dictionaries(words, st.text(max_size=8), max_size=6))
def test_text_that_yaml_wrote_is_read_back_unchanged(written: dict[str, str]) -> None:
    text = HEAD + yaml.safe_dump({"it": written})

    assert read_document(text, "it.yaml").data()["it"] == written
