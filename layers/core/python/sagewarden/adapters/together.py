"""Asks once for what several threads want to know at the same moment."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, cast


class Wish[K, V]:
    """What one thread wants, and the answer that it gets.

    Attributes:
        wanted: What it wants.
        answer: What was answered; nothing yet where it holds no item.
    """

    __slots__ = ("answer", "wanted")

    def __init__(self, wanted: K) -> None:
        self.wanted: Final = wanted
        self.answer: list[V] = []


class Together[K, V]:
    """A question that can be put for many at once; safe to share between threads.

    One question is under way at a time. Who comes meanwhile is asked for with the next one, so that
    no answer is older than the wish for it, unless it may be.

    Args:
        ask: Answers what some want; all of them get the same answer.
        most: For how many it is asked at once.
        fresh_for: For how many seconds an answer is that of everybody who comes later.
    """

    def __init__(self, ask: Callable[[Sequence[K]], V], most: int, fresh_for: float = 0.0) -> None:
        self._ask = ask
        self._most = most
        self._fresh_for = fresh_for
        self._last: tuple[float, V] | None = None
        self._waiting: list[Wish[K, V]] = []
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def answer(self, wanted: K) -> V:
        """The answer to what one wants, and maybe others.

        Raises:
            Exception: What the question raised, to the thread that put it; the others who wanted
                to know put it again.
        """
        wish = Wish[K, V](wanted)
        with self._lock:
            self._waiting.append(wish)
        with self._asking:
            if not wish.answer and not self._knows(wish):
                self._put(wish)
        return wish.answer[0]

    def _knows(self, own: Wish[K, V]) -> bool:
        """Whether the last answer is fresh enough; it is a thread's own then."""
        if self._last is None or time.monotonic() - self._last[0] > self._fresh_for:
            return False
        own.answer.append(self._last[1])
        with self._lock:
            self._waiting.remove(own)
        return True

    def _put(self, own: Wish[K, V]) -> None:
        """Ask for a thread's own wish, and for those of others who wait."""
        with self._lock:
            self._waiting.remove(own)
            others = self._waiting[: self._most - 1]
        at = time.monotonic()
        answer = self._ask([own.wanted, *(wish.wanted for wish in others)])
        if self._fresh_for:
            self._last = at, answer
        for wish in (own, *others):
            wish.answer.append(answer)
        with self._lock:
            self._waiting = [wish for wish in self._waiting if not wish.answer]


class Questions:
    """The questions that threads put together, by what they are about."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, Together[Any, Any]] = {}

    def about[K, V](
        self, key: Hashable, ask: Callable[[Sequence[K]], V], most: int, fresh_for: float = 0.0
    ) -> Together[K, V]:
        """The question of a key, made on first use."""
        with self._lock:
            if key not in self._known:
                self._known[key] = Together(ask, most, fresh_for)
            return cast("Together[K, V]", self._known[key])
