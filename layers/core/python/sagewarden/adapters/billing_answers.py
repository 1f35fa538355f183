"""What answers of AWS's billing services have in common: pages that boto3 has no paginator for."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

type Json = Mapping[str, Any]


def all_items(call: Callable[..., Json], token: str, key: str) -> Iterator[Any]:
    """Every item of every page.

    Args:
        call: Asks for a page; given the token of the one before by its name.
        token: What the token is called, in questions and answers.
        key: Where the items are in an answer.
    """
    answer = call()
    yield from answer.get(key, ())
    while following := answer.get(token):
        answer = call(**{token: following})
        yield from answer.get(key, ())


def moment_of(text: str) -> datetime:
    """Read a day or a moment; without an offset it is in UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
