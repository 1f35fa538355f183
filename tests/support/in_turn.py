"""Actions one after the other, for tests in which a step is told by what came before it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Self

import pytest

from sagewarden.application import at_once


class _InTurn:
    """An executor that does at once what it is given."""

    def __init__(self, _most: int) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit[T](self, task: Callable[[], T]) -> Future[T]:
        """Do it; whatever it raises is its future's."""
        future = Future[T]()
        try:
            future.set_result(task())
        except BaseException as error:  # noqa: BLE001 - a process that ends, too
            future.set_exception(error)
        return future


@contextmanager
def acting_in_turn() -> Iterator[None]:
    """Let no two actions be under way at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(at_once, "ThreadPoolExecutor", _InTurn)
        yield
