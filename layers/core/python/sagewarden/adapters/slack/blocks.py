"""Messages in Block Kit: cards as blocks, within the limits of Slack's block reference."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagewarden.adapters.slack.about import about
from sagewarden.adapters.slack.mrkdwn import code, escaped, group_mention, moment
from sagewarden.adapters.slack.texts import (
    CATALOGUE,
    Language,
    Words,
    button_key,
    sentence_key,
)
from sagewarden.domain.cards import Card, Click, Face
from sagewarden.domain.resources import RUN_ONCE

_LONGEST_LINE = 250
"""There is no limit to a reason, but Slack refuses messages that are too long in all."""

_STYLES = {Click.NOW: "danger", Click.KEEP: "primary", Click.RESTORE: "primary"}

type Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One Slack message.

    Attributes:
        text: What notifications and screen readers show.
        blocks: What it shows.
        cards: The cards it shows, in order.
    """

    text: str
    blocks: tuple[Block, ...]
    cards: tuple[Card, ...]


def message(cards: Sequence[Card], language: Language, group: str | None = None) -> Message:
    """Lay cards out in one message.

    Args:
        cards: The cards.
        language: The language.
        group: The id of the user group that it is for.
    """
    words = CATALOGUE[language]
    coming = sum(card.face is Face.WARNED for card in cards)
    title = words["title.warned" if coming else "title.other"].format(number=coming)
    blocks: list[Block] = [{"type": "header", "text": _plain(title)}]
    if group is not None:
        blocks.append(_mrkdwn(group_mention(group)))
    for card in cards:
        blocks += _card(card, words)
    return Message(title, tuple(blocks), tuple(cards))


def sentence(card: Card, words: Words) -> str:
    """What a card says first, in mrkdwn."""
    watched = card.face is Face.WARNED and card.due_at is None
    key = sentence_key(card.face, card.action, watched=watched)
    if card.face is Face.EXEMPT and card.until is None:
        key = "exempt.forever"
    return words[key].format(
        name=code(card.ref.name),
        rule=code(card.rule),
        when=moment(card.due_at) if card.due_at else "",
        until=moment(card.until) if card.until else "",
        at=moment(card.at) if card.at else "",
        by=escaped(card.by or "?"),
    )


def _card(card: Card, words: Words) -> Iterator[Block]:
    yield _mrkdwn(sentence(card, words))
    details = [_plain(line) for line in _details(card, words)]
    yield {"type": "context", "elements": details}
    buttons = [_button(card, click, words) for click in card.clicks]
    yield {"type": "actions", "block_id": f"card:{card.case_id}", "elements": buttons}


def _details(card: Card, words: Words) -> Iterator[str]:
    """The small print. It may hold anything that people wrote, and is never interpreted."""
    yield card.reason
    if card.face in {Face.WARNED, Face.DONE}:
        yield _money(card, words)
    if card.why:
        yield words["said"].format(why=card.why)
    if card.undo:
        yield words["undo"].format(undo=card.undo)
    ref = card.ref
    yield words["where"].format(
        kind=ref.kind, region=ref.region, account=ref.account, rule=card.rule
    )


def _money(card: Card, words: Words) -> str:
    if card.saving is None:
        return words["money.unknown"]
    saving = card.saving
    key = "money.once" if card.ref.kind in RUN_ONCE else "money"
    return words[key].format(
        usd=f"{saving.usd:,.2f}", basis=saving.basis, as_of=saving.as_of.isoformat()
    )


def _button(card: Card, click: Click, words: Words) -> Block:
    button: Block = {
        "type": "button",
        "action_id": click.value,
        "text": _plain(words[button_key(click, card.action)]),
        "value": about(card),
    }
    if click in _STYLES:
        button["style"] = _STYLES[click]
    if click is Click.NOW:
        button["confirm"] = {
            "title": _plain(words["confirm.title"]),
            "text": _plain(words["confirm.once" if card.ref.kind in RUN_ONCE else "confirm.now"]),
            "confirm": _plain(words["confirm.yes"]),
            "deny": _plain(words["confirm.no"]),
            "style": "danger",
        }
    return button


def exemption_view(card_id: str, words: Words, earliest: str, metadata: Mapping[str, str]) -> Block:
    """The modal in which somebody exempts a resource.

    Args:
        card_id: The case.
        words: The catalogue of their language.
        earliest: The day that is offered first, in ISO 8601.
        metadata: What the submission gives back, such as the message that it came from.
    """
    return {
        "type": "modal",
        "callback_id": Click.EXEMPT.value,
        "private_metadata": json.dumps({"case": card_id, **metadata}),
        "title": _plain(words["exempt.title"]),
        "submit": _plain(words["exempt.submit"]),
        "close": _plain(words["exempt.cancel"]),
        "blocks": [
            {
                "type": "input",
                "block_id": "until",
                "label": _plain(words["exempt.until"]),
                "element": {"type": "datepicker", "action_id": "until", "initial_date": earliest},
            },
            {
                "type": "input",
                "block_id": "why",
                "label": _plain(words["exempt.why"]),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "why",
                    "min_length": 3,
                    "max_length": 200,
                },
            },
        ],
    }


def _mrkdwn(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _plain(text: str) -> Block:
    """Text that Slack shows letter for letter; what is too long ends in dots."""
    shown = text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…"
    return {"type": "plain_text", "text": shown, "emoji": False}
