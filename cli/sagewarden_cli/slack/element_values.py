"""What a person chose or wrote: how payloads carry the value of each kind of element."""

from datetime import date
from typing import Any

from sagewarden_cli.slack.block_limits import elements_of
from sagewarden_cli.slack.schema import Json


def options_of(element: Json) -> list[Json]:
    """Return the options of a menu, those in groups too."""
    options: list[Json] = list(element.get("options", []))
    for group in element.get("option_groups", []):
        options.extend(group["options"])
    return options


def action_fields(element: Json, value: object) -> Json:
    """Return what an action says about its element besides its ids.

    Raises:
        ValueError: The element offers no such value.
    """
    if element["type"] == "button":
        kept: Json = {name: element[name] for name in ("text", "value", "style") if name in element}
        return kept if value is None else kept | {"value": str(value)}
    shown = {"placeholder": element["placeholder"]} if "placeholder" in element else {}
    return shown | chosen(element, value)


def chosen(element: Json, value: Any) -> Json:  # noqa: ANN401 - what a person enters
    """Return the value of an element as state and actions carry it.

    Raises:
        ValueError: The element offers no such value.
    """
    match element["type"]:
        case "static_select" | "overflow" | "radio_buttons":
            return {"selected_option": None if value is None else _option(element, str(value))}
        case "checkboxes":
            return {"selected_options": [_option(element, str(one)) for one in value or []]}
        case "datepicker":
            day = None if not value else date.fromisoformat(str(value)).isoformat()
            return {"selected_date": day}
        case "users_select":
            return {"selected_user": value}
        case _:
            return {"value": None if value is None else str(value)}


def initial(element: Json) -> Any:  # noqa: ANN401 - what a person would enter
    """Return the value that an element starts with."""
    match element["type"]:
        case "static_select" | "radio_buttons":
            return element.get("initial_option", {}).get("value")
        case "checkboxes":
            return [option["value"] for option in element.get("initial_options", [])]
        case "datepicker":
            return element.get("initial_date")
        case "users_select":
            return element.get("initial_user")
        case _:
            return element.get("initial_value")


def state_of(blocks: list[Json], values: dict[str, Any]) -> Json:
    """Return ``state.values`` of a message or modal.

    Args:
        blocks: Its blocks.
        values: What was entered, by block_id or action_id; the rest is as it started.

    Raises:
        KeyError: A value is for no element.
        ValueError: An element offers no such value.
    """
    left = dict(values)
    state: Json = {}
    for block in blocks:
        for _, element in elements_of(block):
            if element["type"] in {"button", "overflow"}:
                continue
            key = block["block_id"] if block["block_id"] in left else element["action_id"]
            value = left.pop(key) if key in left else initial(element)
            entry = {"type": element["type"], **chosen(element, value)}
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    if left:
        raise KeyError(f"nothing asks for {', '.join(sorted(left))}")
    return state


def missing(blocks: list[Json], state: Json) -> dict[str, str]:
    """Return what Slack itself complains about before it submits a modal, by block_id."""
    complaints: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        entry = state[block["block_id"]][element["action_id"]]
        value = next(inner for name, inner in entry.items() if name != "type")
        if not value and not block.get("optional"):
            complaints[block["block_id"]] = "Please complete this required field."
        elif value and len(value) > element.get("max_length", len(value)):
            complaints[block["block_id"]] = f"At most {element['max_length']} characters."
        elif value and len(value) < element.get("min_length", 0):
            complaints[block["block_id"]] = f"At least {element['min_length']} characters."
    return complaints


def _option(element: Json, value: str) -> Json:
    for option in options_of(element):
        if option["value"] == value:
            return option
    known = ", ".join(option["value"] for option in options_of(element))
    raise ValueError(f"{element['action_id']} offers no {value!r}, but {known}")
