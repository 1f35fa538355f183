"""The modals that people have open: up to three on top of each other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sagewarden_cli.slack.blocks import parsed, view_findings, with_ids
from sagewarden_cli.slack.directory import APP_ID, BOT_ID, TEAM_ID
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.schema import Findings, Json, Shape, anything, choice, flag, string, text

TITLE = 24
"""Characters of a modal's title, submit and close (docs.slack.dev/surfaces/modals, views)."""
PRIVATE_METADATA = 3000
VIEW_ID = 255
"""Characters of a callback_id and an external_id."""
STACK = 3
"""Modals on top of each other (views.push: push_limit_reached)."""
SIZE = 250_000
"""Bytes of a view (views.open: view_too_large)."""


def _submit_for_inputs(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
    blocks = value.get("blocks")
    inputs = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if inputs and not value.get("submit"):
        findings.add(pointer, "missing required field: submit")


_TITLE = text(TITLE, "plain_text")
_VIEW = Shape(
    {
        "type": choice("modal"),
        "title": _TITLE,
        "submit": _TITLE,
        "close": _TITLE,
        "blocks": anything,  # judged on their own
        "private_metadata": string(PRIVATE_METADATA, 0),
        "callback_id": string(VIEW_ID, 0),
        "external_id": string(VIEW_ID, 0),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
    ("type", "title", "blocks"),
    _submit_for_inputs,
)


@dataclass(slots=True)
class View:
    """A modal as it stands.

    Attributes:
        id: ``V...``.
        user: The id of the person who sees it.
        content: What was sent, each block and element with its id.
        root_id: The lowest modal of the stack.
        previous_id: The modal below.
        hash: Changes with each update.
        errors: What the app complained about at the last submission, by block_id.
        is_open: Whether the person still sees it.
        history: What it was before each update.
    """

    id: str
    user: str
    content: Json
    root_id: str
    previous_id: str | None
    hash: str
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True
    history: list[Json] = field(default_factory=list)

    @property
    def blocks(self) -> list[Json]:
        """The blocks."""
        blocks: list[Json] = self.content["blocks"]
        return blocks

    @property
    def title(self) -> str:
        """The title."""
        return str(self.content["title"]["text"])

    def payload(self, state: Json | None = None) -> Json:
        """Return it as Slack does in answers and interaction payloads."""
        optional = {
            "submit": None,
            "close": None,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
        }
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            **optional,
            **self.content,
            "state": {"values": state or {}},
            "hash": self.hash,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }


class Views:
    """Every modal, open or not."""

    def __init__(self) -> None:
        self._views: dict[str, View] = {}

    def stack_of(self, user: str) -> list[View]:
        """Return the modals that a person has open, the lowest first."""
        return [view for view in self._views.values() if view.user == user and view.is_open]

    def all(self) -> Iterator[View]:
        """Yield every modal, in the order in which they were opened."""
        yield from list(self._views.values())

    def open(self, user: str, given: Any) -> View:  # noqa: ANN401 - any JSON
        """Open a modal in place of those that the person has open.

        Raises:
            SlackRefusal: It is against the limits.
        """
        content = self._judged(given)
        self.clear(user)
        return self._add(user, content, None)

    def push(self, user: str, given: Any, root: str | None) -> View:  # noqa: ANN401 - any JSON
        """Open a modal on top of those that the person has open.

        Raises:
            SlackRefusal: It is against the limits, or there is none to open it on.
        """
        content = self._judged(given)
        stack = self.stack_of(user)
        if not stack or root not in {view.id for view in stack}:
            raise SlackRefusal("not_found")
        if len(stack) >= STACK:
            raise SlackRefusal("push_limit_reached")
        return self._add(user, content, stack[-1])

    def update(self, view: View, given: Any) -> View:  # noqa: ANN401 - any JSON
        """Replace what a modal shows.

        Raises:
            SlackRefusal: It is against the limits.
        """
        content = self._judged(given, view)
        view.history.append(view.content)
        view.content, view.errors = content, {}
        view.hash = f"{view.id}.{len(view.history)}"
        return view

    def find(self, view_id: str | None, external_id: str | None) -> View:
        """Return the open modal of that id.

        Raises:
            SlackRefusal: There is none.
        """
        for view in self._views.values():
            ours = view.content.get("external_id")
            if view.is_open and (view.id == view_id or (external_id and ours == external_id)):
                return view
        raise SlackRefusal("not_found")

    def clear(self, user: str) -> None:
        """Close all modals of a person."""
        for view in self.stack_of(user):
            view.is_open = False

    def _add(self, user: str, content: Json, below: View | None) -> View:
        name = f"V{len(self._views) + 1:09}"
        root = below.root_id if below else name
        view = View(name, user, content, root, below.id if below else None, f"{name}.0")
        self._views[name] = view
        return view

    def _judged(self, given: Any, replaced: View | None = None) -> Json:  # noqa: ANN401 - any JSON
        content = parsed(given, "invalid_arguments")
        if len(json.dumps(content, ensure_ascii=False).encode()) > SIZE:
            raise SlackRefusal("view_too_large")
        findings = Findings()
        _VIEW(content, "/view", findings)
        if isinstance(content, dict) and "blocks" in content:
            findings.complaints.extend(view_findings(content["blocks"]).complaints)
        if findings.complaints:
            raise SlackRefusal("invalid_arguments", findings.complaints)
        self._require_new(content.get("external_id"), replaced)
        return {**content, "blocks": with_ids(content["blocks"])}

    def _require_new(self, external_id: str | None, replaced: View | None) -> None:
        others = [view for view in self._views.values() if view.is_open and view is not replaced]
        if external_id and any(v.content.get("external_id") == external_id for v in others):
            raise SlackRefusal("duplicate_external_id")
