"""Slack's limits of blocks, elements and composition objects.

The figures are those of Slack's reference, read in November 2026:
https://docs.slack.dev/reference/block-kit/blocks and the pages of each block, element and
composition object below it. Where a page is meant in particular, its name stands beside the figure.
"""

from collections.abc import Iterator
from typing import Any

from sagewarden_cli.slack.schema import (
    Findings,
    Json,
    Rule,
    Shape,
    anything,
    by_type,
    choice,
    flag,
    items,
    number,
    string,
    text,
)

MESSAGE_BLOCKS = 50
"""Blocks in a message (blocks)."""
VIEW_BLOCKS = 100
"""Blocks in a modal (blocks)."""
SECTION_TEXT = 3000
FIELD_TEXT = 2000
FIELDS = 10
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
URL = 3000
ID = 255
"""Characters of a block_id and an action_id."""
OPTION_TEXT = 75
OPTION_VALUE = 150
"""Characters of an option's value (option object)."""
SELECT_OPTIONS = 100
OVERFLOW_OPTIONS = 5
"""Options of an overflow menu (overflow menu element)."""
CHECKBOX_OPTIONS = 10
PLACEHOLDER = 150
LABEL = 2000
HINT = 2000
INPUT_LENGTH = 3000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
"""The parts of a confirmation dialog object."""
ALT_TEXT = 2000
MARKDOWN = 12_000
"""Characters of all markdown blocks of a message together (markdown block)."""

_PLAIN = "plain_text"

_CONFIRM = Shape(
    {
        "title": text(CONFIRM_TITLE, _PLAIN),
        "text": text(CONFIRM_TEXT),
        "confirm": text(CONFIRM_BUTTON, _PLAIN),
        "deny": text(CONFIRM_BUTTON, _PLAIN),
        "style": choice("primary", "danger"),
    },
    ("title", "text", "confirm", "deny"),
)
_PLAIN_OPTION = Shape(
    {
        "text": text(OPTION_TEXT, _PLAIN),
        "value": string(OPTION_VALUE),
        "description": text(OPTION_TEXT, _PLAIN),
        "url": string(URL),
    },
    ("text", "value"),
)
_MARKED_OPTION = Shape(
    {
        "text": text(OPTION_TEXT),
        "value": string(OPTION_VALUE),
        "description": text(OPTION_TEXT),
    },
    ("text", "value"),
)
_GROUP = Shape(
    {"label": text(OPTION_TEXT, _PLAIN), "options": items(_PLAIN_OPTION, SELECT_OPTIONS)},
    ("label", "options"),
)
_COMMON: dict[str, Rule] = {
    "type": anything,
    "action_id": string(ID),
    "confirm": _CONFIRM,
    "focus_on_load": flag,
}
_PLACEHOLDER: dict[str, Rule] = {"placeholder": text(PLACEHOLDER, _PLAIN)}


def _options_or_groups(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
    if ("options" in value) == ("option_groups" in value):
        findings.add(pointer, "must define either `options` or `option_groups`")


_BUTTON = Shape(
    {
        "type": anything,
        "action_id": string(ID),
        "text": text(BUTTON_TEXT, _PLAIN),
        "value": string(BUTTON_VALUE),
        "url": string(URL),
        "style": choice("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": string(BUTTON_TEXT),
    },
    ("text",),
)
_STATIC_SELECT = Shape(
    _COMMON
    | _PLACEHOLDER
    | {
        "options": items(_PLAIN_OPTION, SELECT_OPTIONS),
        "option_groups": items(_GROUP, SELECT_OPTIONS),
        "initial_option": _PLAIN_OPTION,
    },
    (),
    _options_or_groups,
)
_OVERFLOW = Shape(
    {
        "type": anything,
        "action_id": string(ID),
        "confirm": _CONFIRM,
        "options": items(_PLAIN_OPTION, OVERFLOW_OPTIONS),
    },
    ("options",),
)
_DATEPICKER = Shape(_COMMON | _PLACEHOLDER | {"initial_date": string(10, 10)})
_USERS_SELECT = Shape(_COMMON | _PLACEHOLDER | {"initial_user": string(ID)})
_CHECKBOXES = Shape(
    _COMMON
    | {
        "options": items(_MARKED_OPTION, CHECKBOX_OPTIONS),
        "initial_options": items(_MARKED_OPTION, CHECKBOX_OPTIONS),
    },
    ("options",),
)
_RADIO_BUTTONS = Shape(
    _COMMON
    | {"options": items(_MARKED_OPTION, CHECKBOX_OPTIONS), "initial_option": _MARKED_OPTION},
    ("options",),
)
_TEXT_INPUT = Shape(
    _PLACEHOLDER
    | {
        "type": anything,
        "action_id": string(ID),
        "initial_value": string(INPUT_LENGTH, 0),
        "multiline": flag,
        "min_length": number(0, INPUT_LENGTH),
        "max_length": number(1, INPUT_LENGTH),
        "dispatch_action_config": anything,
        "focus_on_load": flag,
    },
)
_IMAGE_ELEMENT = Shape(
    {"type": anything, "image_url": string(URL), "alt_text": string(ALT_TEXT)},
    ("image_url", "alt_text"),
)

_INTERACTIVE: dict[str, Rule] = {
    "button": _BUTTON,
    "static_select": _STATIC_SELECT,
    "overflow": _OVERFLOW,
    "datepicker": _DATEPICKER,
    "users_select": _USERS_SELECT,
    "checkboxes": _CHECKBOXES,
    "radio_buttons": _RADIO_BUTTONS,
}
_INPUTS: dict[str, Rule] = {
    "plain_text_input": _TEXT_INPUT,
    "static_select": _STATIC_SELECT,
    "datepicker": _DATEPICKER,
    "users_select": _USERS_SELECT,
    "checkboxes": _CHECKBOXES,
    "radio_buttons": _RADIO_BUTTONS,
}


def _text_or_fields(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
    if "text" not in value and "fields" not in value:
        findings.add(pointer, "must define either `text` or `fields`")


def _block(
    fields: dict[str, Rule], required: tuple[str, ...] = (), further: Rule = anything
) -> Shape:
    return Shape({"type": anything, "block_id": string(ID)} | fields, required, further)


_CONTEXT_PART = by_type(
    {"image": _IMAGE_ELEMENT, "mrkdwn": text(SECTION_TEXT), "plain_text": text(SECTION_TEXT)},
)
_MESSAGE_SHAPES: dict[str, Rule] = {
    "section": _block(
        {
            "text": text(SECTION_TEXT),
            "fields": items(text(FIELD_TEXT), FIELDS),
            "accessory": by_type(_INTERACTIVE | {"image": _IMAGE_ELEMENT}),
            "expand": flag,
        },
        further=_text_or_fields,
    ),
    "header": _block({"text": text(HEADER_TEXT, _PLAIN)}, ("text",)),
    "divider": _block({}),
    "context": _block({"elements": items(_CONTEXT_PART, CONTEXT_ELEMENTS)}, ("elements",)),
    "actions": _block({"elements": items(by_type(_INTERACTIVE), ACTION_ELEMENTS)}, ("elements",)),
    "image": _block(
        {
            "image_url": string(URL),
            "alt_text": string(ALT_TEXT),
            "title": text(ALT_TEXT, _PLAIN),
        },
        ("image_url", "alt_text"),
    ),
    "input": _block(
        {
            "label": text(LABEL, _PLAIN),
            "element": by_type(_INPUTS),
            "hint": text(HINT, _PLAIN),
            "optional": flag,
            "dispatch_action": flag,
        },
        ("label", "element"),
    ),
}
_MARKDOWN_BLOCK = _block({"text": string(MARKDOWN)}, ("text",))

MESSAGE_RULE = items(
    by_type(_MESSAGE_SHAPES | {"markdown": _MARKDOWN_BLOCK}), MESSAGE_BLOCKS, least=0
)
"""The rule of a message's blocks."""
VIEW_RULE = items(by_type(_MESSAGE_SHAPES), VIEW_BLOCKS, least=0)
"""The rule of a modal's blocks; a markdown block is for messages only."""


def elements_of(block: Json) -> Iterator[tuple[str, Json]]:
    """Yield the interactive elements of a block, each with its JSON pointer inside the block."""
    for name in ("accessory", "element"):
        element = block.get(name)
        if isinstance(element, dict) and element.get("type") in _INTERACTIVE | _INPUTS:
            yield f"/{name}", element
    if block.get("type") == "actions" and isinstance(block.get("elements"), list):
        for position, element in enumerate(block["elements"]):
            if isinstance(element, dict):
                yield f"/elements/{position}", element


def unique_ids(blocks: list[Json], pointer: str, findings: Findings) -> None:
    """Complain about a block_id used twice, and about an action_id used twice in one block."""
    blocks_seen: set[str] = set()
    for position, block in enumerate(blocks):
        here = f"{pointer}/{position}"
        block_id = block.get("block_id")
        if block_id is not None and block_id in blocks_seen:
            findings.add(f"{here}/block_id", "`block_id` already exists")
        blocks_seen.add(block_id or "")
        actions_seen: set[str] = set()
        for inner, element in elements_of(block):
            action_id = element.get("action_id")
            if action_id is not None and action_id in actions_seen:
                findings.add(f"{here}{inner}/action_id", "`action_id` already exists")
            actions_seen.add(action_id or "")
