"""Record every question that a stack's roles put to IAM while they work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.sandbox.sandbox import ENTRY_ROLE
from sagewarden_cli.stack.deployment import Stack
from sagewarden_cli.stack.iam.calls import UnknownCallError, requests_of
from sagewarden_cli.stack.iam.encryption import key_requests, keys_of
from sagewarden_cli.stack.iam.requests import Request


class Recorder:
    """What roles asked for.

    Attributes:
        requests: The questions, in order.
        unknown: Calls that no table explains, as messages.
    """

    def __init__(self, sandbox: Sandbox, stack: Stack) -> None:
        self._sandbox = sandbox
        self._region = stack.region
        self._keys = keys_of(stack)
        self.requests: list[Request] = []
        self.unknown: list[str] = []

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record for as long as the ``with`` block lasts."""
        with self._sandbox.observers.watching(self._observe):
            yield

    def add(self, role: str, action: str, resource: str) -> None:
        """Record what a service does for us without a call of its own, such as an invocation."""
        self.requests.append(Request(role, action, resource))

    def _observe(self, call: ObservedCall) -> None:
        if call.role is None or call.role.endswith(f":role/{ENTRY_ROLE}"):
            return
        try:
            found = requests_of(call, call.role, self._sandbox.tags_of)
        except UnknownCallError as unknown:
            self.unknown.append(str(unknown))
            return
        asked = tuple(map(self._in_organization, found))
        self.requests += asked
        for request in asked:
            self.requests += key_requests(request, self._keys, self._region)

    def _in_organization(self, request: Request) -> Request:
        """A question with the organisation of the account whose resource it is about."""
        account, *_ = request.context.get("aws:resourceaccount", ("",))
        found = self._sandbox.organization_of(account)
        if found is None:
            return request
        return replace(request, context={**request.context, "aws:resourceorgid": (found,)})
