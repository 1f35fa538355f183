import re
from datetime import timedelta

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.plans import Limits
from sagewarden.domain.scope import Mode, TagMatch
from sagewarden.policy import fingerprint, load_policy, parse_policy
from tests.support.policies import ENDPOINTS, HEAD, NO_RULES, NOTEBOOKS, SHIPPED, compiled

OFFICE = 'calendars: {office: {from: "09:00", to: "18:00"}}\n'


def _notebook_rule(extra: str = "", head: str = "") -> NotebookHours:
    rule = compiled(f"{HEAD}{head}{OFFICE}rules:\n{NOTEBOOKS}{extra}").rules[0]
    assert isinstance(rule, NotebookHours)
    return rule


def _endpoint_rule(extra: str = "", head: str = "") -> IdleEndpoints:
    rule = compiled(f"{HEAD}{head}rules:\n{ENDPOINTS}{extra}").rules[0]
    assert isinstance(rule, IdleEndpoints)
    return rule


def test_the_shipped_policy_only_observes_and_leaves_infrastructure_as_code_alone() -> None:
    policy = compiled(SHIPPED.read_text(encoding="utf-8"))

    assert [rule.scope.rule for rule in policy.rules] == [
        "notebooks-off-hours",
        "apps-off-hours",
        "idle-endpoints",
        "idle-services",
        "unused-spaces",
        "owned",
        "no-retired-types",
        "stuck-jobs",
    ]
    assert {rule.scope.mode for rule in policy.rules} == {Mode.OBSERVE}
    assert all(rule.scope.spare_iac and rule.scope.protections for rule in policy.rules)
    assert policy.limits == Limits()
    assert policy.regions == ()


def test_a_policy_says_nothing_more_than_it_must() -> None:
    policy = load_policy(SHIPPED)

    assert policy.mode is Mode.OBSERVE
    assert parse_policy(NO_RULES).mode is Mode.OBSERVE
    assert parse_policy(NO_RULES).timezone == "UTC"


@pytest.mark.parametrize(
    ("overall", "own", "effective"),
    [
        ("observe", None, Mode.OBSERVE),
        ("observe", "enforce", Mode.OBSERVE),
        ("warn", "enforce", Mode.WARN),
        ("warn", "observe", Mode.OBSERVE),
        ("enforce", None, Mode.ENFORCE),
        ("enforce", "warn", Mode.WARN),
        ("enforce", "enforce", Mode.ENFORCE),
    ],
)
def test_of_the_policys_mode_and_the_rules_the_more_careful_one_counts(
    overall: str, own: str | None, effective: Mode
) -> None:
    extra = f"    mode: {own}\n" if own else ""

    rule = _endpoint_rule(extra, head=f"mode: {overall}\n")

    assert rule.scope.mode is effective


def test_a_notebook_rule_says_when_and_how_notebooks_are_stopped() -> None:
    extra = (
        "    outside: office\n    start_again: yes\n    enforce: strict\n    warn: 45m\n"
        "    names: [team-a-*, lab]\n    except: team-a-demo\n    iac_managed: act\n"
        "    when: {tag: {Stage: [dev, test], Team: ml}}\n"
    )

    rule = _notebook_rule(extra, head="protect: [{tag: Keep}, {tag: Stage, values: prod}]\n")

    assert rule.schedules.default is rule.schedules.named["office"]
    assert (rule.schedules.tag, rule.schedules.off_hours) == ("Schedule", None)
    assert (rule.start_again, rule.strict, rule.warn) == (True, True, timedelta(minutes=45))
    assert rule.scope.names == ("team-a-*", "lab")
    assert rule.scope.except_names == ("team-a-demo",)
    assert rule.scope.when == (TagMatch("Stage", ("dev", "test")), TagMatch("Team", ("ml",)))
    assert rule.scope.protections == (TagMatch("Keep"), TagMatch("Stage", ("prod",)))
    assert not rule.scope.spare_iac


def test_a_notebook_rule_is_gentle_unless_it_says_otherwise() -> None:
    rule = _notebook_rule()

    assert rule.schedules.default is None
    assert (rule.start_again, rule.strict, rule.warn) == (False, False, timedelta(minutes=30))
    assert rule.scope.spare_iac


def test_an_endpoint_rule_says_what_idles_and_what_becomes_of_it() -> None:
    extra = "    action: scale-to-zero\n    grace: 3d\n"

    rule = _endpoint_rule(extra)

    assert rule.window == timedelta(hours=48)
    assert rule.action is ActionKind.SCALE_TO_ZERO
    assert rule.grace == timedelta(days=3)


def test_teams_have_a_channel_by_what_their_tag_says_in_any_letter_case() -> None:
    owners = compiled(
        NO_RULES + 'owners: {team_tag: Squad, teams: {Vision: "#team-vision"}}\n'
    ).owners

    assert owners.team_tag == "Squad"
    assert owners.channel_of("vision") == owners.channel_of("VISION") == "#team-vision"
    assert owners.channel_of("speech") is None
    assert owners.channel_of(None) is None


def test_an_owners_tag_may_mean_a_person_a_group_or_a_channel_of_slack() -> None:
    people = '{Tom: tom@example.com, ana: U0123ABCD, eng: "@eng", ops: S0123ABCD, ml: "#ml"}'

    owners = compiled(NO_RULES + f"owners: {{people: {people}}}\n").owners

    named = ("tom", "ana", "eng", "ops", "ml", "mina")
    assert [owners.address_of(name) for name in named] == [
        *("tom@example.com", "U0123ABCD", "@eng", "S0123ABCD", "#ml", None)
    ]
    assert owners.address_of(None) is None


def test_every_rule_knows_the_tag_of_teams() -> None:
    assert _endpoint_rule().scope.team_tag == "Team"
    assert _endpoint_rule(head="owners: {team_tag: Squad}\n").scope.team_tag == "Squad"


def test_limits_count_every_action_once_they_are_given() -> None:
    given = compiled(NO_RULES + "limits: {actions_per_run: 5, percent_of_kind: 12.5}\n")

    assert given.limits == Limits(5, 12.5, every_action=True)
    assert compiled(NO_RULES + "limits: {}\n").limits == Limits(every_action=True)
    assert not compiled(NO_RULES).limits.every_action


def test_a_zero_limit_stays_a_limit() -> None:
    policy = compiled(NO_RULES + "limits: {actions_per_run: 0, percent_of_kind: 0}\n")

    assert policy.limits == Limits(0, 0, every_action=True)


def test_regions_keep_their_order() -> None:
    policy = compiled(NO_RULES + "targets: {regions: [us-gov-west-1, ap-northeast-2]}\n")

    assert policy.regions == ("us-gov-west-1", "ap-northeast-2")


def test_a_policy_for_named_accounts_governs_no_other() -> None:
    named = compiled(NO_RULES + "targets: {accounts: [012345678901]}\n")
    own = compiled(NO_RULES + "targets: {accounts: self}\n")

    assert named.governs("012345678901")
    assert not named.governs("123456789012")
    assert own.governs("123456789012")


def test_the_fingerprint_ignores_comments_order_and_spelling() -> None:
    one = parse_policy("version: 1\nmode: warn\nrules:\n" + ENDPOINTS)
    other = parse_policy(
        "# a comment\n"
        "rules: [{resources: endpoint, name: endpoints, idle: {for: 2d}, names: '*'}]\n"
        'mode: "warn"\nversion: "1"\n'
    )

    assert fingerprint(one) == fingerprint(other)
    assert re.fullmatch(r"[0-9a-f]{16}", fingerprint(one))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode: observe", "mode: warn"),
        ("for: 48h", "for: 49h"),
        ("grace: 24h", "grace: 25h"),
        ("production]", "production, live]"),
        ('to: "18:00"', 'to: "19:00"'),
        ("timezone: UTC", "timezone: Asia/Seoul"),
        ("version: 1", "version: 1\nlimits: {}"),
        ("tag: Owner", "tag: owner"),
    ],
)
def test_the_fingerprint_changes_with_what_the_policy_says(old: str, new: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")

    changed = text.replace(old, new, 1)

    assert changed != text
    assert compiled(changed).fingerprint != compiled(text).fingerprint
