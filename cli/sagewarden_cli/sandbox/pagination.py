"""Pages as AWS's list operations give them: a limit and an opaque token."""

import base64
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from sagewarden_cli.sandbox.errors import AwsError, ValidationException

type Key = tuple[Any, ...]


def page_after[T](  # a listing, its order, and where in it the caller stands
    items: Sequence[T],
    key: Callable[[T], Key],
    token: str | None,
    limit: int,
    *,
    descending: bool = False,
    invalid: AwsError | None = None,
) -> tuple[Sequence[T], str | None]:
    """Return the page of sorted ``items`` that follows ``token``, and the next page's token.

    A token names the last item already given, so a page neither repeats nor skips what was there
    all along when other items come and go between two calls.

    Args:
        items: All items in the order of the listing.
        key: What the items are sorted by; unique, and made of strings and numbers.
        token: The token that the caller sent, if any.
        limit: The most items to give.
        descending: Whether the items run from the greatest key to the smallest.
        invalid: What to raise for a token that no listing gave out.
    """
    refusal = invalid or ValidationException("Invalid pagination token.")
    start = 0
    if token:
        last = _decoded(token, refusal)
        try:
            start = _place_after(items, key, last, descending=descending)
        except TypeError:  # the token is another listing's: strings and numbers do not compare
            raise refusal from None
    page = items[start : start + limit]
    is_last = start + limit >= len(items)
    return page, None if is_last else _encoded(key(page[-1]))


def _encoded(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _place_after[T](
    items: Sequence[T],
    key: Callable[[T], Key],
    last: Key,
    *,
    descending: bool,
) -> int:
    if descending:
        return sum(key(item) >= last for item in items)
    return bisect_right(items, last, key=key)


def _decoded(token: str, refusal: AwsError) -> Key:
    try:
        found = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise refusal
    return tuple(found)
