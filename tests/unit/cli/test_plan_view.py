import io
from collections.abc import Iterable

import pytest
from rich.console import Console, RenderableType

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.verdicts import VerdictKind
from sagewarden_cli.plan_view import MOST_UNKNOWN, Savings, plan_markdown, plan_tables, summary
from tests.support.plans import a_planned_action, a_ref, a_saved_plan, a_verdict, an_action


def printed(parts: Iterable[RenderableType], width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    for part in parts:
        console.print(part)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_an_unknown_price_is_shown_as_unknown_and_never_as_zero() -> None:
    saved = a_saved_plan([a_planned_action(usd=None)])

    text = printed(plan_tables(saved, every=False))

    assert "unknown" in text
    assert "0.00" not in text
    assert summary(saved.plan) == "1 action; 1 saving unknown: no price."


def test_known_and_unknown_savings_are_never_added_up_silently() -> None:
    actions = [a_planned_action(usd="1200.126"), a_planned_action(usd=None)]

    savings = Savings.of(actions)

    assert str(savings) == (
        "saves $1,200.13 a month at list prices of 2026-05-20; 1 saving unknown: no price"
    )


def test_a_start_saves_nothing_and_is_not_called_unknown() -> None:
    start = a_planned_action(an_action(ActionKind.START, status="Stopped"), usd=None)

    text = printed(plan_tables(a_saved_plan([start]), every=False))

    assert "unknown" not in text
    assert "1 action; no savings." in text


def test_names_and_reasons_are_never_read_as_markup() -> None:
    action = an_action(ref=a_ref("[bold]x[/bold]"))
    saved = a_saved_plan([a_planned_action(action, reason="[link=http://evil]click[/link]")])

    text = printed(plan_tables(saved, every=False))

    assert "[bold]x[/bold]" in text
    assert "[link=http://evil]click[/link]" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_fit_into_a_terminal_of_any_width(width: int) -> None:
    action = an_action(ref=a_ref("a-notebook-with-a-name-as-long-as-sagemaker-lets-it-be-63-chars"))
    saved = a_saved_plan([a_planned_action(action)], [a_verdict()])

    text = printed(plan_tables(saved, every=True), width)

    assert max(len(line) for line in text.splitlines()) <= width
    assert "12.50" in text


def test_what_a_tag_holds_cannot_steer_the_terminal() -> None:
    saved = a_saved_plan([a_planned_action(reason="red \x1b[31malert\x1b[0m")])

    text = printed(plan_tables(saved, every=False))

    assert "\x1b" not in text
    assert "\N{REPLACEMENT CHARACTER}[31malert" in text


def test_money_is_right_aligned() -> None:
    saved = a_saved_plan([a_planned_action(usd="5"), a_planned_action(usd="12345.6")])

    text = printed(plan_tables(saved, every=False))

    rows = [line for line in text.splitlines() if "stop" in line]
    assert [row.rstrip("│ ").rpartition("│")[2] for row in rows] == ["      5.00", " 12,345.60"]


def test_several_regions_are_told_apart() -> None:
    actions = [
        a_planned_action(an_action(ref=a_ref("one"))),
        a_planned_action(an_action(ref=a_ref("two", region="eu-west-1"))),
    ]

    text = printed(plan_tables(a_saved_plan(actions), every=False))

    assert "eu-west-1" in text


def test_exceeded_limits_are_shown() -> None:
    saved = a_saved_plan([a_planned_action()], exceeded=["21 actions"])

    text = printed(plan_tables(saved, every=False))

    assert "limit exceeded: 21 actions" in text


def test_what_could_not_be_judged_is_named_even_when_the_rest_is_only_counted() -> None:
    unknown = [
        a_verdict(VerdictKind.UNKNOWN, f"odd-{number}", "its tags could not be read")
        for number in range(MOST_UNKNOWN + 5)
    ]
    saved = a_saved_plan(left_alone=[a_verdict(name="calm-one"), *unknown])

    text = printed(plan_tables(saved, every=False))

    assert "not judged: notebook-instance odd-0: its tags could not be read" in text
    assert "not judged: 5 more; --all lists them" in text
    assert "calm-one" not in text


def test_every_resource_that_is_left_alone_is_listed_on_request() -> None:
    saved = a_saved_plan(left_alone=[a_verdict(name="calm-one", reason="it is stopped")])

    text = printed(plan_tables(saved, every=True))

    assert "calm-one" in text
    assert "it is stopped" in text


def test_a_plan_with_nothing_to_do_says_so() -> None:
    text = printed(plan_tables(a_saved_plan(), every=False))

    assert "Nothing to do." in text


def test_markdown_escapes_what_would_break_the_table() -> None:
    action = an_action(ref=a_ref("a|b"))
    saved = a_saved_plan([a_planned_action(action, reason="line one\nline <two> `x`")])

    text = plan_markdown(saved)

    assert r"| stop | a\|b | us-east-1 | line one line \<two\> \`x\` | 12.50 |" in text


def test_markdown_speaks_of_everything_that_matters_for_an_approval() -> None:
    saved = a_saved_plan(
        [a_planned_action()],
        [a_verdict(VerdictKind.UNKNOWN, "odd", "no tags")],
        [Incomplete("endpoints in eu-west-1", "AccessDenied")],
        ["21 actions"],
    )

    text = plan_markdown(saved)

    assert "### hours (enforce)" in text
    assert "**Limit exceeded:** 21 actions" in text
    assert "**Not read:** endpoints in eu-west-1: AccessDenied" in text
    assert "| hours | UNKNOWN | 1 |" in text
    assert "not judged: notebook-instance odd: no tags" in text
