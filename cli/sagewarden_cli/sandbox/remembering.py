"""What moto works out anew at every call and is always the same: here it is worked out once.

It lists its own folder for each request, lists every method of the class that answers, and spells
the operation's name letter by letter; each subscription to a topic makes a key to sign with.
"""

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

from moto.core import responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.sns.models import Subscription
from moto.sqs import models as queues

REMEMBERED: tuple[tuple[ModuleType, str], ...] = (
    (responses, "camelcase_to_underscores"),
    (responses, "method_names_from_class"),
    (queues, "camelcase_to_underscores"),
)
"""Functions of nothing but their arguments, where moto looks them up."""


class Dispatcher(DomainDispatcherApplication):  # type: ignore[misc]  # moto publishes no types
    """Hands requests to moto's applications; which one a host belongs to is found out once."""

    def __init__(self, create: Callable[..., Any]) -> None:
        super().__init__(create)
        self._found = cache(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:  # noqa: ANN401 - as moto has it
        """The name of the application that a host belongs to, if it belongs to any."""
        return self._found(host)


def _let_moto_remember() -> None:
    for place, name in REMEMBERED:
        setattr(place, name, cache(getattr(place, name)))
    make_key = Subscription.private_key.__wrapped__
    signing_key = cache(lambda: make_key(None))
    Subscription.private_key = lambda _: signing_key()


_let_moto_remember()
