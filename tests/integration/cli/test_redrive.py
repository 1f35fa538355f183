"""``sagewarden redrive`` on the queues of the real template, deployed by CloudFormation."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sagewarden.adapters.click_records import click_body
from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.notice_records import parcel_record
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.clicks import Command
from sagewarden.domain.notices import Parcel
from sagewarden.entrypoints.messages import AdviceRequest
from sagewarden_cli.app import main
from sagewarden_cli.dead_letters import HELD_FOR, Letterbox
from sagewarden_cli.redriving import Fate, discard, send_back
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack_queues import DeadLetterQueue
from tests.support.deployed_queues import Queues, deploy_queues
from tests.support.faults import answer_with_error
from tests.support.invocations import ACCOUNT, REGION, a_request

pytestmark = pytest.mark.aws

WAKE_UP = '{"version": 1, "bot": "notebook_hours"}'

type Run = Callable[..., Result]
type Spoil = Callable[..., Letterbox]


@pytest.fixture
def queues(sandbox: Sandbox) -> Queues:
    sandbox.reset(now=None)
    return deploy_queues(sandbox)


@pytest.fixture
def run(sandbox: Sandbox) -> Run:  # noqa: ARG001 - sets the environment that the command reads
    runner = CliRunner(env={"COLUMNS": "200"})
    return lambda *words, **more: runner.invoke(main, ["redrive", *map(str, words)], **more)


@pytest.fixture
def spoil(queues: Queues) -> Spoil:
    """A reader of a bot's dead letters for whom calls fail, after some that do not."""

    def make(*operations: str, after: int = 0) -> Letterbox:
        sessions = Sessions()
        for operation in operations:
            answer_with_error(sessions, "sqs", operation, "AccessDenied", after=after)
        place = DeadLetterQueue("notebook_hours", queues.urls["NotebookHoursDeadLetters"])
        return Letterbox(sessions.client("sqs", REGION), place)

    return make


def fates(result: Result) -> dict[str, list[str]]:
    """What became of the dead letters, by queue."""
    found: dict[str, list[str]] = {}
    for item in json.loads(result.stdout)["outcomes"]:
        found.setdefault(item["queue"], []).append(item["outcome"])
    return found


def listed(result: Result) -> dict[str, list[Any]]:
    """The dead letters, by queue."""
    return {item["bot"]: item["messages"] for item in json.loads(result.stdout)["queues"]}


@pytest.mark.usefixtures("queues")
def test_no_dead_letters_exit_with_zero(run: Run) -> None:
    result = run()

    assert result.exit_code == 0
    assert "notebook_hours: 0 dead letters" in result.stdout


def test_dead_letters_are_shown_with_their_reason_or_where_it_is_and_exit_with_two(
    queues: Queues, run: Run
) -> None:
    queues.die("NotebookHours", a_request())
    queues.set_aside("IdleEndpoints", a_request(version=2), "body.version: 2 is not 1")
    queues.lose_wake_up(WAKE_UP, ERROR_MESSAGE="Rate exceeded")

    result = run()

    assert result.exit_code == 2
    assert "see message_id" in result.stdout
    assert "/sagewarden/sagewarden/notebook_hours" in result.stdout
    assert "body.version: 2 is not 1" in result.stdout
    assert "Rate exceeded" in result.stdout
    assert "idle_endpoints: 1 dead letter, 1 of them refused by the bot" in result.stdout


def test_the_json_holds_everything_that_is_known_of_a_dead_letter(queues: Queues, run: Run) -> None:
    body = a_request()
    queues.die("NotebookHours", body)

    result = run("--output", "json")

    document = json.loads(result.stdout)
    [letter] = listed(result)["notebook_hours"]
    sent_at = datetime.fromisoformat(letter.pop("sent_at"))
    assert (document["schema"], document["stack"], document["region"]) == (
        1, "sagewarden", REGION,
    )  # fmt: skip
    assert SystemClock().now() - sent_at < timedelta(minutes=10)
    assert letter.pop("message_id")
    assert letter.pop("age_seconds") < 600
    assert letter.pop("received") >= 3
    assert letter == {
        "bot": "notebook_hours",
        "account": ACCOUNT,
        "region": REGION,
        "poison": False,
        "reason": None,
        "body": body,
    }


def test_looking_takes_nothing_away_and_can_be_repeated_at_once(queues: Queues, run: Run) -> None:
    bodies = [a_request(run=f"run-{number}") for number in range(25)]
    queues.die("NotebookHours", *bodies)

    looks = [listed(run("--output", "json"))["notebook_hours"] for _ in range(2)]

    assert [sorted(letter["body"] for letter in look) for look in looks] == [sorted(bodies)] * 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "body: it is no JSON"),
        ("[]", "body: it is a list"),
        (a_request(version=2), "body.version: 2 is not 1"),
        (a_request(region="mars"), "body.region: 'mars' is not a region"),
    ],
)
def test_what_no_bot_can_read_is_poison_also_when_nobody_said_so(
    body: str, reason: str, queues: Queues, run: Run
) -> None:
    queues.die("NotebookHours", body)

    [letter] = listed(run("--output", "json"))["notebook_hours"]

    assert letter["poison"]
    assert letter["reason"].startswith(reason)


def test_an_event_is_not_poison_for_not_being_a_request(queues: Queues, run: Run) -> None:
    event = {"version": "0", "detail-type": "x", "account": ACCOUNT, "region": REGION}
    queues.die("NotebookHours", json.dumps(event))

    [letter] = listed(run("--output", "json"))["notebook_hours"]

    assert (letter["poison"], letter["account"], letter["bot"]) == (False, ACCOUNT, None)


def test_one_bots_dead_letters_go_back_to_its_queue(queues: Queues, run: Run) -> None:
    queues.die("NotebookHours", a_request(run="1"), a_request(run="2"))
    queues.die("IdleEndpoints", a_request(bot="idle_endpoints"))

    result = run("--bot", "notebook_hours")

    assert result.exit_code == 0
    assert "2 dead letters: 2 sent" in result.stdout
    assert sorted(queues.waiting("NotebookHoursQueue")) == [a_request(run="1"), a_request(run="2")]
    assert queues.waiting("NotebookHoursDeadLetters") == []
    assert len(queues.waiting("IdleEndpointsDeadLetters")) == 1


def test_poison_and_wake_ups_stay_when_everything_goes_back(queues: Queues, run: Run) -> None:
    queues.die("NotebookHours", a_request())
    queues.set_aside("NotebookHours", "{", "body: it is no JSON")
    queues.lose_wake_up(WAKE_UP)

    result = run("--all", "--output", "json")

    assert result.exit_code == 2
    assert {queue: sorted(found) for queue, found in fates(result).items()} == {
        "dispatcher": ["KEPT"],
        "notebook_hours": ["KEPT", "SENT"],
    }
    assert queues.waiting("NotebookHoursDeadLetters") == ["{"]
    assert queues.waiting("DispatcherDeadLetters") == [WAKE_UP]
    assert "the next schedule asks for the same" in result.stdout


def test_the_reporters_wake_up_stays_and_is_told_how_to_be_asked_for_anew(
    queues: Queues, run: Run
) -> None:
    queues.lose_wake_up('{"version": 1}', of="Reporter")
    queues.lose_wake_up('{"version": 2}', of="Reporter")

    shown, result = run("--output", "json"), run("--all", "--output", "json")

    reasons = {letter["body"]: letter["reason"] for letter in listed(shown)["reporter"]}
    assert reasons['{"version": 1}'] is None
    assert "event.version: 2 is not 1" in reasons['{"version": 2}']
    assert fates(result) == {"reporter": ["KEPT", "KEPT"]}
    assert "invoke the reporter, which is harmless" in result.stdout


def test_the_advisors_wake_up_stays_too(queues: Queues, run: Run) -> None:
    queues.lose_wake_up('{"version": 1}', of="Advisor")
    queues.lose_wake_up("[]", of="Advisor")

    shown, result = run("--output", "json"), run("--all", "--output", "json")

    reasons = {letter["body"]: letter["reason"] for letter in listed(shown)["advisor"]}
    assert reasons['{"version": 1}'] is None
    assert "event: it is a list" in reasons["[]"]
    assert fates(result) == {"advisor": ["KEPT", "KEPT"]}
    assert "invoke the advisor, which is harmless" in result.stdout


def test_an_account_of_the_advisors_goes_back_to_its_queue(queues: Queues, run: Run) -> None:
    account = AdviceRequest(date(2026, 11, 23), ACCOUNT, "a-run").body()
    poison = '{"version":1,"monday":"Monday","account":"123456789012","run":"a-run"}'
    queues.die("Advisor", account, poison)
    queues.lose_wake_up('{"version": 1}', of="Advisor")

    shown, result = run("--output", "json"), run("--bot", "advisor", "--output", "json")

    reasons = {letter["body"]: letter["reason"] for letter in listed(shown)["advisor"]}
    assert reasons[account] is None
    assert "body.monday: 'Monday' is no day such as 2026-11-23" in reasons[poison]
    assert sorted(fates(result)["advisor"]) == ["KEPT", "KEPT", "SENT"]
    assert queues.waiting("AdvisorQueue") == [account]


def test_poison_goes_back_when_it_is_asked_for_without_its_old_reason(
    queues: Queues, run: Run
) -> None:
    queues.set_aside("NotebookHours", a_request(), "body.region: none of the policy's targets")

    result = run("--bot", "notebook_hours", "--include-poison")

    answer = queues.sqs.receive_message(
        QueueUrl=queues.urls["NotebookHoursQueue"], MessageAttributeNames=["All"]
    )
    [message] = answer["Messages"]
    assert result.exit_code == 0
    assert message["Body"] == a_request()
    assert "MessageAttributes" not in message


@pytest.mark.parametrize(
    ("words", "answer", "left"), [(["--yes"], "", 0), ([], "y\n", 0), ([], "n\n", 2)]
)
def test_dead_letters_are_deleted_when_that_is_confirmed_and_not_otherwise(
    words: list[str], answer: str, left: int, queues: Queues, run: Run
) -> None:
    queues.set_aside("NotebookHours", "{", "body: it is no JSON")
    queues.die("NotebookHours", a_request())

    result = run("--bot", "notebook_hours", "--discard", *words, input=answer)

    assert result.exit_code == (1 if left else 0)
    assert len(queues.waiting("NotebookHoursDeadLetters")) == left
    assert queues.waiting("NotebookHoursQueue") == []


def test_a_program_that_deletes_is_not_asked_but_must_confirm(queues: Queues, run: Run) -> None:
    queues.die("NotebookHours", a_request())

    refused = run("--all", "--discard", "--output", "json")
    done = run("--all", "--discard", "--yes", "--output", "json")

    assert refused.exit_code == 1
    assert "--discard: with --output json nobody is asked; give --yes, too" in refused.stderr
    assert fates(done) == {"notebook_hours": ["DISCARDED"]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--stack", "other"], "--stack: there is no stack 'other' in us-east-1"),
        (["--region", "eu-west-1"], "--stack: there is no stack 'sagewarden' in eu-west-1"),
        (["--bot", "nobody"], "--bot: stack 'sagewarden' has no dead-letter queue of 'nobody'"),
        (["--bot", "dispatcher", "--all"], "--bot, --all: give one of them"),
        (["--discard"], "--discard: whose? give --bot NAME or --all"),
        (["--include-poison"], "--include-poison: whose? give --bot NAME or --all"),
        (["--yes"], "--yes: whose? give --bot NAME or --all"),
        (["--all", "--discard", "--include-poison"], "--discard deletes poison anyway"),
    ],
)
@pytest.mark.usefixtures("queues")
def test_what_cannot_be_meant_is_refused_and_says_where(
    words: list[str], message: str, run: Run
) -> None:
    result = run(*words)

    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_a_stack_that_is_none_of_ours_is_refused(sandbox: Sandbox, run: Run) -> None:
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    sandbox.client("cloudformation").create_stack(StackName="t", TemplateBody=json.dumps(topic))

    result = run("--stack", "t")

    assert result.exit_code == 1
    assert "--stack: 't' in us-east-1 has no output ...DeadLettersUrl" in result.stderr


@pytest.mark.usefixtures("queues")
def test_without_any_region_the_command_says_how_to_tell(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    result = run()

    assert result.exit_code == 1
    assert "no region: give --region, or set AWS_REGION" in result.stderr


def test_a_queue_that_cannot_be_read_leaves_the_others_alone(queues: Queues, run: Run) -> None:
    queues.die("NotebookHours", a_request())
    queues.sqs.delete_queue(QueueUrl=queues.urls["IdleEndpointsDeadLetters"])

    result = run("--output", "json")

    problems = {item["bot"]: item["problem"] for item in json.loads(result.stdout)["queues"]}
    assert result.exit_code == 1
    assert len(listed(result)["notebook_hours"]) == 1
    assert problems["notebook_hours"] is None
    assert "NonExistentQueue" in problems["idle_endpoints"]
    assert "idle_endpoints: its dead letters were not read" in result.stderr


def test_a_dead_letter_queue_of_no_queue_keeps_its_letters(queues: Queues, run: Run) -> None:
    queues.die("NotebookHours", a_request())
    queues.sqs.delete_queue(QueueUrl=queues.urls["NotebookHoursQueue"])

    result = run("--all")

    assert result.exit_code == 1
    assert "is the dead-letter queue of 0 queues, and should be of one" in result.stdout
    assert len(queues.waiting("NotebookHoursDeadLetters")) == 1


def test_what_somebody_else_looks_at_is_counted(queues: Queues, run: Run) -> None:
    queues.die("NotebookHours", a_request())
    queues.sqs.receive_message(
        QueueUrl=queues.urls["NotebookHoursDeadLetters"], VisibilityTimeout=HELD_FOR
    )

    result = run()

    assert result.exit_code == 2
    assert "notebook_hours: about 1 more" in result.stderr


def test_a_permission_that_is_missing_is_the_problem_of_its_queue(spoil: Spoil) -> None:
    box = spoil("GetQueueAttributes")

    box.look()

    assert (box.problem, box.letters) == ("AccessDenied: injected AccessDenied", {})


def test_what_the_source_does_not_accept_stays_and_the_rest_goes(
    queues: Queues, spoil: Spoil
) -> None:
    queues.die("NotebookHours", *(a_request(run=str(number)) for number in range(3)))
    box = spoil("SendMessage", after=1)
    box.look()

    settled = list(send_back(box, include_poison=False))
    box.give_back()

    assert [item.fate for item in settled] == [Fate.SENT, Fate.FAILED, Fate.FAILED]
    assert settled[1].reason == "it was not accepted: AccessDenied: injected AccessDenied"
    assert len(queues.waiting("NotebookHoursQueue")) == 1
    assert len(queues.waiting("NotebookHoursDeadLetters")) == 2


def test_a_letter_that_cannot_be_deleted_is_twice_there_and_said_to_be(
    queues: Queues, spoil: Spoil
) -> None:
    queues.die("NotebookHours", a_request())
    box = spoil("DeleteMessage")
    box.look()

    settled = [*send_back(box, include_poison=False), *discard(box)]
    box.give_back()

    assert [item.fate for item in settled] == [Fate.FAILED, Fate.FAILED]
    assert "it was sent, but not deleted here" in settled[0].reason
    assert queues.waiting("NotebookHoursQueue") == [a_request()]
    assert queues.waiting("NotebookHoursDeadLetters") == [a_request()]


def test_without_knowing_the_source_nothing_is_sent(queues: Queues, spoil: Spoil) -> None:
    queues.die("NotebookHours", a_request())
    box = spoil("ListDeadLetterSourceQueues")
    box.look()

    [settled] = send_back(box, include_poison=False)

    assert (settled.fate, settled.reason) == (Fate.FAILED, "AccessDenied: injected AccessDenied")


def test_letters_that_cannot_be_given_back_say_so(queues: Queues, spoil: Spoil) -> None:
    queues.die("NotebookHours", a_request())
    box = spoil("ChangeMessageVisibilityBatch")
    box.look()

    assert box.give_back() == "AccessDenied: injected AccessDenied"


def test_one_run_reads_a_bounded_number_and_knows_of_the_rest(queues: Queues, spoil: Spoil) -> None:
    queues.die("NotebookHours", *(a_request(run=str(number)) for number in range(25)))
    box = spoil()

    box.look(most=20)

    assert (len(box.letters), box.more) == (20, 5)


def test_notices_and_clicks_are_read_as_what_they_are_and_go_back_in_their_order(
    sandbox: Sandbox, run: Run
) -> None:
    sandbox.reset(now=None)
    queues = deploy_queues(sandbox, slack=True)
    parcel = json.dumps(parcel_record(Parcel("tom@example.com", ())))
    click = click_body(Command("status", "U1", "tom", "C1", SystemClock().now()))
    in_line = {"MessageGroupId": "tom", "MessageDeduplicationId": "1"}
    notifier, responder = queues.urls["NotifierDeadLetters"], queues.urls["ResponderDeadLetters"]
    queues.sqs.send_message(QueueUrl=notifier, MessageBody=parcel, **in_line)
    queues.sqs.send_message(QueueUrl=responder, MessageBody=click)
    queues.set_aside("Notifier", "{}", "body: version: None is not 1")

    result = run("--all", "--output", "json")

    assert fates(result) == {"notifier": ["SENT", "KEPT"], "responder": ["SENT"]}
    [waiting] = queues.sqs.receive_message(
        QueueUrl=queues.urls["NoticesQueue"], AttributeNames=["MessageGroupId"]
    )["Messages"]
    assert (waiting["Body"], waiting["Attributes"]["MessageGroupId"]) == (parcel, "tom")
    assert queues.waiting("ClicksQueue") == [click]
