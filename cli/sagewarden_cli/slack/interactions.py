"""What people do: clicks, submitted modals and slash commands, and what comes of the answers."""

import json
from typing import Any
from urllib.parse import urlencode

from sagewarden_cli.slack import payloads
from sagewarden_cli.slack.api.chat import content_of
from sagewarden_cli.slack.blocks import find_element
from sagewarden_cli.slack.delivery import Acknowledgement, Target, deliver, signed
from sagewarden_cli.slack.directory import Channel, User
from sagewarden_cli.slack.element_values import missing, state_of
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.views import View
from sagewarden_cli.slack.workspace import Workspace


class Interactions:
    """Builds, signs and sends what people do.

    Nothing is locked while the app works on it: it calls the Web API meanwhile.

    Args:
        workspace: Where it happens.
        target: Where interactions and slash commands go.
    """

    def __init__(self, workspace: Workspace, target: Target | None) -> None:
        self._workspace = workspace
        self.target = target
        self.acknowledgements: list[Acknowledgement] = []

    def click(
        self, message: Message, action_id: str, user: User, value: object, block_id: str | None
    ) -> Acknowledgement:
        """Use an element of a message: a button, or a menu of which ``value`` is chosen."""
        block, element = find_element(message.blocks, action_id, block_id)
        channel = self._workspace.directory.channels[message.channel]
        self._require_sight(user, channel, message)
        entered = {} if element["type"] in {"button", "overflow"} else {action_id: value}
        url = self._response_url(user, channel, message)
        trigger = self._workspace.tickets.new_trigger(user.id)
        payload = payloads.common("block_actions", user, trigger)
        payload |= payloads.of_message(message, channel, url, state_of(message.blocks, entered))
        payload["actions"] = [payloads.action(block, element, value, self._ts())]
        return self._send({"payload": json.dumps(payload, ensure_ascii=False)})

    def click_in_view(
        self, view: View, action_id: str, value: object, entered: dict[str, Any]
    ) -> Acknowledgement:
        """Use an element of a modal."""
        block, element = find_element(view.blocks, action_id)
        user = self._workspace.directory.users[view.user]
        trigger = self._workspace.tickets.new_trigger(user.id, view.id)
        payload = payloads.common("block_actions", user, trigger)
        payload |= payloads.of_view(view, state_of(view.blocks, entered))
        payload["actions"] = [payloads.action(block, element, value, self._ts())]
        return self._send({"payload": json.dumps(payload, ensure_ascii=False)})

    def submit(self, view: View, values: dict[str, Any]) -> Acknowledgement:
        """Submit a modal, and do with it what the app answers.

        Raises:
            ValueError: It is closed, or Slack itself would not submit it.
        """
        if not view.is_open:
            raise ValueError(f"the modal {view.title!r} is closed")
        state = state_of(view.blocks, values)
        complaints = missing(view.blocks, state)
        if complaints:
            view.errors = complaints
            raise ValueError(f"the modal cannot be submitted: {complaints}")
        user = self._workspace.directory.users[view.user]
        trigger = self._workspace.tickets.new_trigger(user.id, view.id)
        payload = payloads.common("view_submission", user, trigger)
        payload |= {"view": view.payload(state), "response_urls": []}
        answer = self._send({"payload": json.dumps(payload, ensure_ascii=False)})
        if not (answer.is_ok and self._follow(view, answer.json)):
            view.errors = {"": "We had some trouble connecting. Try again?"}
        self._workspace.changed()
        return answer

    def close(self, view: View) -> Acknowledgement | None:
        """Close a modal without submitting it; the app hears of it only if it asked to."""
        view.is_open = False
        self._workspace.changed()
        if not view.content.get("notify_on_close"):
            return None
        user = self._workspace.directory.users[view.user]
        payload = payloads.common("view_closed", user, "")
        del payload["trigger_id"]
        payload |= {"view": view.payload(), "is_cleared": False}
        return self._send({"payload": json.dumps(payload, ensure_ascii=False)})

    def command(self, name: str, text: str, user: User, channel: Channel) -> Acknowledgement:
        """Send a slash command; what the app answers becomes a message."""
        trigger = self._workspace.tickets.new_trigger(user.id)
        tickets = (trigger, self._response_url(user, channel, None))
        answer = self._send(payloads.command((name, text), user, channel, tickets))
        failure = self._failure(answer, user, channel)
        if failure:
            told = f'{name} failed with the error "{failure}"'
            self._workspace.post(channel, told, user="USLACKBOT", only_for=user.id)
        return answer

    def respond(self, name: str, content: Json) -> None:
        """Do what was sent to a response_url.

        Raises:
            SlackRefusal: It no longer works, or the content is against the limits.
        """
        workspace = self._workspace
        response = workspace.tickets.take_response(name)
        message = response.message
        if message is not None and content.get("delete_original"):
            message.deleted = True
            workspace.changed()
        elif message is not None and content.get("replace_original"):
            text, blocks = content_of(content)
            message.change(text, blocks, workspace.clock.now())
            workspace.changed()
        else:
            user = workspace.directory.users[response.user]
            self._answer(content, user, workspace.directory.channels[response.channel])

    def _failure(self, answer: Acknowledgement, user: User, channel: Channel) -> str | None:
        """Show what the app answered to a command; return Slack's name for why it cannot be."""
        if not answer.is_ok:
            return "dispatch_failed" if answer.status else "operation_timeout"
        if not answer.text.strip():
            return None
        try:
            self._answer(answer.json or {"text": answer.text}, user, channel)
        except SlackRefusal:
            return "invalid_command_response"
        return None

    def _follow(self, view: View, answer: Json) -> bool:
        """Do with a modal what the app answered; say whether Slack could."""
        views = self._workspace.views
        try:
            match answer.get("response_action"):
                case "errors":
                    view.errors = dict(answer["errors"])
                case "update":
                    views.update(view, answer["view"])
                case "push":
                    views.push(view.user, answer["view"], view.id)
                case "clear":
                    views.clear(view.user)
                case _:
                    view.is_open = False
        except (KeyError, SlackRefusal, TypeError, ValueError):
            return False
        return True

    def _answer(self, content: Json, user: User, channel: Channel) -> None:
        text, blocks = content_of(content)
        is_shared = content.get("response_type") == "in_channel"
        thread = content.get("thread_ts")
        only_for = None if is_shared else user.id
        self._workspace.post(channel, text, blocks, only_for=only_for, thread_ts=thread)

    def _send(self, form: dict[str, str]) -> Acknowledgement:
        if self.target is None:
            raise ValueError("interactions go nowhere: give the local Slack a request_url")
        workspace = self._workspace
        request = signed(urlencode(form).encode(), workspace.signing_secret, workspace.clock)
        answer = deliver(request, self.target)
        self.acknowledgements.append(answer)
        return answer

    def _response_url(self, user: User, channel: Channel, message: Message | None) -> str:
        name = self._workspace.tickets.new_response(user.id, channel.id, message)
        return f"{self._workspace.base_url}/response/{name}"

    def _ts(self) -> str:
        return f"{self._workspace.clock.now().timestamp():.6f}"

    def _require_sight(self, user: User, channel: Channel, message: Message) -> None:
        hidden = message.only_for not in {None, user.id} or user.id not in channel.members
        if hidden or message.deleted:
            raise ValueError(f"{user.name} does not see the message")
