"""Blocks of a message or modal: judged by Slack's limits, and given the ids that they lack."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from sagewarden_cli.slack.block_limits import MESSAGE_RULE, VIEW_RULE, elements_of, unique_ids
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.schema import Findings, Json, Rule

BLOCKS_TOGETHER = 13_000
"""Characters of a message's blocks as JSON.

Slack refuses what is too long in all with ``msg_blocks_too_long`` and documents no figure. The
least that users report as refused has 13,172 characters; some longer messages were accepted.
Sources: https://github.com/slackapi/bolt-js/issues/2509 and 2867.
"""


def message_blocks(given: Any) -> list[Json]:  # noqa: ANN401 - any JSON
    """Return a message's blocks as Slack keeps them, each block and element with its id.

    Raises:
        SlackRefusal: They are no blocks, or against the limits.
    """
    blocks = parsed(given, "invalid_blocks_format")
    findings = _judged(blocks, MESSAGE_RULE, "/blocks")
    if findings.complaints:
        raise SlackRefusal("invalid_blocks", findings.complaints)
    if len(json.dumps(blocks, ensure_ascii=False)) > BLOCKS_TOGETHER:
        raise SlackRefusal("msg_blocks_too_long")
    return with_ids(blocks)


def view_findings(blocks: Any) -> Findings:  # noqa: ANN401 - any JSON
    """Return what is wrong with the blocks of a modal."""
    return _judged(blocks, VIEW_RULE, "/view/blocks")


def parsed(given: Any, refusal: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what JSON a form field holds; a JSON body holds the value itself.

    Raises:
        SlackRefusal: It is no JSON.
    """
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise SlackRefusal(refusal) from error


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return a copy in which every block has a block_id and every element an action_id.

    Slack's own ids are random; these follow from the position, so that tests can tell them.
    """
    complete = copy.deepcopy(blocks)
    for position, block in enumerate(complete):
        block.setdefault("block_id", f"b{position:03}")
        for place, (_, element) in enumerate(elements_of(block)):
            element.setdefault("action_id", f"a{position:03}{place:02}")
    return complete


def find_element(
    blocks: list[Json], action_id: str, block_id: str | None = None
) -> tuple[Json, Json]:
    """Return the element of that action_id and the block that it is in.

    Raises:
        KeyError: No block has it.
        ValueError: Several blocks have it, and no block_id says which one is meant.
    """
    found = [
        (block, element)
        for block in blocks
        for _, element in elements_of(block)
        if element.get("action_id") == action_id and block_id in {None, block["block_id"]}
    ]
    if not found:
        known = ", ".join(sorted(action_ids(blocks))) or "none"
        raise KeyError(f"no element has the action_id {action_id!r}; there are: {known}")
    if len(found) > 1:
        places = ", ".join(block["block_id"] for block, _ in found)
        raise ValueError(f"{action_id!r} is in the blocks {places}: give a block_id")
    block, element = found[0]
    return block, element


def action_ids(blocks: list[Json]) -> Iterator[str]:
    """Yield the action_id of every interactive element."""
    for block in blocks:
        for _, element in elements_of(block):
            yield element["action_id"]


def _judged(blocks: Any, rule: Rule, pointer: str) -> Findings:  # noqa: ANN401 - any JSON
    findings = Findings()
    rule(blocks, pointer, findings)
    if not findings.complaints:
        unique_ids(blocks, pointer, findings)
    return findings
