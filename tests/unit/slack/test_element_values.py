"""What people choose and write, as payloads carry it."""

from typing import Any

import pytest

from sagewarden_cli.slack.element_values import chosen, missing, options_of, state_of
from tests.support.slack_app import button, option, plain, select, text_input

GROUPED = {
    "type": "static_select",
    "action_id": "s",
    "option_groups": [{"label": plain("Times"), "options": [option("hour"), option("day")]}],
}
OPTIONS = [option("one"), option("two")]


def test_options_in_groups_are_options() -> None:
    assert options_of(GROUPED) == [option("hour"), option("day")]


@pytest.mark.parametrize(
    ("element", "value", "carried"),
    [
        (GROUPED, "day", {"selected_option": option("day")}),
        (GROUPED, None, {"selected_option": None}),
        ({"type": "radio_buttons", "options": OPTIONS}, "two", {"selected_option": OPTIONS[1]}),
        ({"type": "checkboxes", "options": OPTIONS}, ["one"], {"selected_options": OPTIONS[:1]}),
        ({"type": "datepicker"}, "2027-01-31", {"selected_date": "2027-01-31"}),
        ({"type": "datepicker"}, "", {"selected_date": None}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "plain_text_input"}, "why", {"value": "why"}),
    ],
)
def test_each_kind_of_element_carries_its_value_in_its_own_way(
    element: dict[str, Any], value: object, carried: dict[str, Any]
) -> None:
    assert chosen(element, value) == carried


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="31st"):
        chosen({"type": "datepicker"}, "31st of January")


def test_what_was_not_touched_is_as_it_started() -> None:
    checks = {
        "type": "checkboxes",
        "action_id": "c",
        "options": OPTIONS,
        "initial_options": OPTIONS,
    }
    person = {"type": "users_select", "action_id": "u", "initial_user": "U1"}
    menu = select("s", "one", initial_option=option("one"))
    elements = [checks, person, menu, button("b")]

    state = state_of([{"type": "actions", "block_id": "all", "elements": elements}], {})

    assert state["all"]["c"]["selected_options"] == OPTIONS
    assert state["all"]["u"]["selected_user"] == "U1"
    assert state["all"]["s"]["selected_option"] == option("one")
    assert "b" not in state["all"]


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "Please complete this required field."),
        ("no", "At least 3 characters."),
        ("much too long", "At most 5 characters."),
        ("right", None),
    ],
)
def test_slack_itself_checks_what_is_written(written: str, complaint: str | None) -> None:
    blocks = [text_input("why", min_length=3, max_length=5)]

    assert missing(blocks, state_of(blocks, {"why": written})).get("why") == complaint


def test_what_is_optional_may_be_left_out() -> None:
    blocks = [text_input("why") | {"optional": True}]

    assert missing(blocks, state_of(blocks, {})) == {}
