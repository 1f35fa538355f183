import pytest

from sagewarden.policy import PolicyError, parse_policy
from tests.support.policies import ENDPOINTS, HEAD, NO_RULES, NOTEBOOKS, only_problem, problems

ONE_CALENDAR = 'calendars: {office: {from: "09:00", to: "18:00"}}\n'
NOTEBOOK_RULE = HEAD + ONE_CALENDAR + "rules:\n" + NOTEBOOKS
ENDPOINT_RULE = HEAD + "rules:\n" + ENDPOINTS


@pytest.mark.parametrize(
    ("text", "line", "column", "path", "problem", "remedy"),
    [
        ("rules: []\n", 1, 1, "version", "it is missing", "add version: 1"),
        (HEAD, 1, 1, "rules", "it is missing", "add rules: []"),
        (NO_RULES.replace("1", "2"), 1, 10, "version", "'2' is not possible here", "use one of 1"),
        (
            NO_RULES + "mode: enforced\n",
            *(3, 7, "mode", "'enforced' is not possible here", "did you mean 'enforce'?"),
        ),
        (NO_RULES + "mode: [warn]\n", 3, 7, "mode", "['warn'] is not possible", "enforce, observe"),
        (NO_RULES + "mod: warn\n", 3, 1, "mod", "there is no key 'mod' here", "mean 'mode'?"),
        (NO_RULES + "timezone: Asia/Soul\n", 3, 11, "timezone", "no time zone", "Asia/Seoul"),
        (NO_RULES + "timezone: {a: b}\n", 3, 11, "timezone", "is no text", "write text"),
        (NO_RULES + "timezone:\n", 3, 1, "timezone", "it has no value", "remove the key"),
        (
            NO_RULES + "owners:\n  fallback_channel: #ml-costs\n",
            *(4, 3, "owners.fallback_channel", "it has no value", "# or @ in quotes"),
        ),
        (
            NO_RULES + "owners: {fallback_channel: ml-costs}\n",
            *(3, 28, "owners.fallback_channel", "no Slack channel", '"#ml-costs"'),
        ),
        (
            NO_RULES + "owners: {people: {tom: tom, ana: U0123ABCD}}\n",
            *(3, 24, "owners.people.tom", "'tom' is nobody in Slack", 'a "@group" or a "#channel"'),
        ),
        (
            NO_RULES + "owners: {people: {tom: tom@a.io, Tom: tom@b.io}}\n",
            *(3, 34, "owners.people.Tom", "listed already, as 'tom'", "list it once"),
        ),
        (
            NO_RULES + "owners: {teams: {vision: team-vision}}\n",
            *(3, 26, "owners.teams.vision", "no Slack channel", '"#ml-costs"'),
        ),
        (
            NO_RULES + 'owners: {teams: {vision: "#a", Vision: "#b"}}\n',
            *(3, 32, "owners.teams.Vision", "listed already, as 'vision'", "list it once"),
        ),
        (
            NO_RULES + 'owners: {teams: {"": "#a"}}\n',
            *(3, 18, "owners.teams['']", "no tag value", "1 to 256 characters"),
        ),
        (
            NO_RULES + "owners: {team_tag: }\n",
            *(3, 10, "owners.team_tag", "it has no value", "remove the key"),
        ),
        (
            NO_RULES + "owners: {approvers: [somebody]}\n",
            *(3, 22, "owners.approvers[0]", "no Slack user", '"@ml-platform"'),
        ),
        (
            NO_RULES + "targets: {regions: [us-east-1, us-east-1a]}\n",
            *(3, 32, "targets.regions[1]", "no AWS region", "us-east-1"),
        ),
        (
            NO_RULES + "targets: {regions: [us-east-1, us-east-1]}\n",
            *(3, 32, "targets.regions[1]", "listed twice", "list it once"),
        ),
        (
            NO_RULES + "targets: {accounts: [12345]}\n",
            *(3, 22, "targets.accounts[0]", "no AWS account id", "12 digits"),
        ),
        (
            NO_RULES + "owners: {warn_during: ofice}\ncalendars: {office: {weekdays: mon}}\n",
            *(3, 23, "owners.warn_during", "no calendar or schedule 'ofice'", "'office'"),
        ),
        (NO_RULES + "protect: [{value: x}]\n", 3, 11, "protect[0].tag", "missing", "add tag"),
        (NO_RULES + "protect: {tag: x}\n", 3, 10, "protect", "is no list", "as in [{tag: Stage"),
        (
            NO_RULES + "protect: [{tag: x, values: []}]\n",
            *(3, 28, "protect[0].values", "it is empty", "name at least one"),
        ),
        (
            NO_RULES + "limits: {actions_per_run: -1}\n",
            *(3, 27, "limits.actions_per_run", "'-1' is out of bounds", "at least 0"),
        ),
        (
            NO_RULES + "limits: {actions_per_run: many}\n",
            *(3, 27, "limits.actions_per_run", "'many' is no whole number", "whole number"),
        ),
        (
            NO_RULES + "limits: {percent_of_kind: 101}\n",
            *(3, 27, "limits.percent_of_kind", "out of bounds", "at most 100"),
        ),
        (
            NO_RULES + "limits: {percent_of_kind: nan}\n",
            *(3, 27, "limits.percent_of_kind", "no number", "write a number"),
        ),
        (HEAD + "rules: [nonsense]\n", 2, 9, "rules[0]", "is no rule", "{name: .., resources: ..}"),
        (HEAD + "rules:\n  -\n", 3, 4, "rules[0]", "it has no value", "remove"),
        (HEAD + "rules: 3\n", 2, 8, "rules", "'3' is no list", "write a list"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_located_and_the_right_one_is_shown(
    text: str, line: int, column: int, path: str, problem: str, remedy: str
) -> None:
    found = next(item for item in problems(text) if item.path == path)

    assert (found.line, found.column) == (line, column)
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("text", "line", "path", "problem", "remedy"),
    [
        ("    outsid: office\n", 7, "rules[0].outsid", "no key 'outsid'", "mean 'outside'?"),
        ("    outside: ofice\n", 7, "rules[0].outside", "no calendar", "mean 'office'?"),
        ("    start_again: maybe\n", 7, "rules[0].start_again", "neither true nor false", "true"),
        ("    action: delete\n", 7, "rules[0].action", "'delete' is not possible", "stop"),
        ("    enforce: hard\n", 7, "rules[0].enforce", "not possible", "respectful, strict"),
        ("    warn: half an hour\n", 7, "rules[0].warn", "is no duration", "30m, 48h or 7d"),
        ("    warn: 0m\n", 7, "rules[0].warn", "0m is out of bounds", "use 1m to 24h"),
        ("    warn: 2d\n", 7, "rules[0].warn", "48h is out of bounds", "use 1m to 24h"),
        ("    idle: {for: 48h}\n", 7, "rules[0].idle", "no key 'idle'", "use one of action"),
        ("    limits: {}\n", 7, "rules[0].limits", "no key 'limits'", "use one of"),
        ("    names: []\n", 7, "rules[0].names", "it is empty", "at least one"),
        ("    names: ['']\n", 7, "rules[0].names[0]", "no pattern", "team-a-*"),
        ("    when: {tag: {}}\n", 7, "rules[0].when.tag", "it is empty", "at least one"),
        ("    when: {tag: {Stage: []}}\n", 7, "rules[0].when.tag.Stage", "it is empty", ""),
        ("    when: {tags: {A: b}}\n", 7, "rules[0].when.tags", "no key", "mean 'tag'?"),
        ("    outside: custodian\n", 7, "rules[0].outside", "no custodian block", "default_tz"),
    ],
)
def test_a_wrong_notebook_rule_is_located(
    text: str, line: int, path: str, problem: str, remedy: str
) -> None:
    found = next(item for item in problems(NOTEBOOK_RULE + text) if item.path == path)

    assert found.line == line
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("idle", "problem", "remedy"),
    [
        ("for: 3 weeks", "'3 weeks' is no duration", "30m, 48h or 7d"),
        ("for: 90m", "90m are no whole hours", "whole hours"),
        ("for: 30m", "30m is out of bounds", "use 1h to 14d"),
        ("for: 15d", "15d is out of bounds: the list of CloudWatch metrics", "use 1h to 14d"),
        ("for: 999999d", "999999d is out of bounds", "use 1h to 14d"),
        ("invocations: 5, for: 48h", "'5' is out of bounds", "at most 0"),
    ],
)
def test_an_idle_window_that_cannot_be_measured_is_refused(
    idle: str, problem: str, remedy: str
) -> None:
    text = ENDPOINT_RULE.replace("invocations: 0, for: 48h", idle)

    found = only_problem(text)

    assert found.line == 5
    assert found.path.startswith("rules[0].idle.")
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("rule", "path", "problem"),
    [
        ("{name: a, resources: endpoints}", "rules[0].resources", "'endpoints' is no kind"),
        ("{name: a, resources: [endpoints]}", "rules[0].resources", "['endpoints'] is no kind"),
        (
            "{name: a, resources: [studio-app, endpoint], outside: x}",
            *("rules[0].resources[1]", "'endpoint' is not possible here"),
        ),
        ("{name: a}", "rules[0].resources", "it is missing"),
        ("{name: a, resources: notebook, outside: x}", "rules[0].resources", "not possible"),
    ],
)
def test_a_rule_this_version_does_not_have_is_located(rule: str, path: str, problem: str) -> None:
    text = HEAD + f"rules:\n  - {rule}\n"

    found = next(item for item in problems(text) if item.path == path)

    assert found.line == 3
    assert problem in found.problem
    assert "endpoint" in found.remedy or "notebook-instance" in found.remedy


def test_a_list_whose_only_entry_is_wrong_is_not_called_empty_as_well() -> None:
    text = NOTEBOOK_RULE + "    names: ['']\n"

    found = only_problem(text)

    assert found.path == "rules[0].names[0]"


def test_rules_of_the_same_name_are_refused_at_the_second_one() -> None:
    text = ENDPOINT_RULE + ENDPOINTS

    found = only_problem(text)

    assert (found.line, found.path) == (6, "rules[1].name")
    assert found.problem == "rules[0] is called 'endpoints' too"


def test_a_notebook_rule_that_could_never_find_hours_is_refused() -> None:
    text = NOTEBOOK_RULE.replace("    schedule_tag: Schedule\n", "")

    found = only_problem(text)

    assert (found.line, found.path, found.problem) == (
        4,
        "rules[0].outside",
        "the rule has no hours",
    )


@pytest.mark.parametrize("word", ["on", "Off", "custodian"])
def test_a_calendar_may_not_take_a_word_that_schedule_tags_give_a_meaning(word: str) -> None:
    text = NOTEBOOK_RULE.replace("office", word)

    found = only_problem(text)

    assert (found.line, found.path) == (2, f"calendars.{word}")


def test_holidays_that_nobody_knows_are_located_when_the_policy_is_compiled() -> None:
    text = NO_RULES + (
        "calendars:\n"
        '  here: {from: "09:00", to: "18:00", holidays: KR}\n'
        '  there: {from: "09:00", to: "18:00", holidays: QQ}\n'
        '  nowhere: {from: "09:00", to: "18:00", holidays: {country: US, subdivision: QQ}}\n'
    )

    found = problems(text)

    assert [(item.line, item.path) for item in found] == [
        (5, "calendars.there.holidays"),
        (6, "calendars.nowhere.holidays"),
    ]
    assert "QQ" in found[0].problem
    assert "ISO" in found[0].remedy


def test_every_problem_is_reported_in_one_go_in_the_order_of_its_line() -> None:
    text = (
        "version: 1\nmode: enforced\nmode: warn\nrules:\n"
        "  - {name: a, resources: endpoint, idle: {for: soon}, grase: 24h}\n"
        "  - {name: b, resources: studio-spaces}\n"
        "  - {name: a, resources: notebook-instance, outside: nowhere}\n"
    )

    found = problems(text)

    assert [(item.line, item.path) for item in found] == [
        (2, "mode"),
        (3, "mode"),
        (5, "rules[0].idle.for"),
        (5, "rules[0].grase"),
        (6, "rules[1].resources"),
        (7, "rules[2].name"),
        (7, "rules[2].outside"),
    ]


def test_an_error_reads_as_a_list_of_places_problems_and_remedies() -> None:
    text = NO_RULES + "mode: enforced\ntimezone: Mars\n"

    with pytest.raises(PolicyError) as refused:
        parse_policy(text, "team.yaml")

    zones = "use an IANA name such as Asia/Seoul or UTC"
    assert str(refused.value).splitlines() == [
        "the policy has 2 problems:",
        "  team.yaml:3:7: mode: 'enforced' is not possible here; did you mean 'enforce'?",
        f"  team.yaml:4:11: timezone: 'Mars' is no time zone; {zones}",
    ]


def test_an_error_with_very_many_problems_shows_the_first_and_counts_the_rest() -> None:
    text = NO_RULES + "".join(f"key{number}: 1\n" for number in range(60))

    with pytest.raises(PolicyError) as refused:
        parse_policy(text)

    assert len(refused.value.problems) == 60
    assert str(refused.value).endswith("... and 10 more")


def test_long_values_are_shortened_in_errors() -> None:
    text = NO_RULES + f"mode: {'x' * 500}\n"

    found = only_problem(text)

    assert len(found.problem) < 100
