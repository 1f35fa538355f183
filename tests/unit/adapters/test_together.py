"""Threads that want to know the same sort of thing at once put one question."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from sagewarden.adapters.together import Questions, Together


class Slow:
    """Answers with what was wanted; the first question waits until it is let through."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.reached = threading.Event()
        self.through = threading.Event()
        self.fails: set[str] = set()

    def __call__(self, wishes: Sequence[str]) -> frozenset[str]:
        self.asked.append(tuple(wishes))
        if len(self.asked) == 1:
            self.reached.set()
            assert self.through.wait(20)
        if wishes[0] in self.fails:
            raise OSError(wishes[0])
        return frozenset(wishes)


def waiting(question: Together[str, frozenset[str]], number: int) -> bool:
    """Whether so many wait for the next question."""
    return len(question._waiting) == number


def test_what_is_wanted_while_a_question_is_under_way_is_asked_for_with_the_next() -> None:
    ask = Slow()
    question = Together(ask, most=10)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(question.answer, "a")
        assert ask.reached.wait(20)
        others = [pool.submit(question.answer, name) for name in "bcd"]
        while not waiting(question, 3):
            pass
        ask.through.set()
        answers = [one.result() for one in (first, *others)]

    assert ask.asked[0] == ("a",)
    assert len(ask.asked) == 2
    assert sorted(ask.asked[1]) == ["b", "c", "d"]
    assert answers == [frozenset("a"), *[frozenset("bcd")] * 3]


def test_no_more_are_asked_for_at_once_than_a_call_takes() -> None:
    ask = Slow()
    question = Together(ask, most=2)

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(question.answer, "a")
        assert ask.reached.wait(20)
        others = {name: pool.submit(question.answer, name) for name in "bcdef"}
        while not waiting(question, 5):
            pass
        ask.through.set()
        answers = {name: one.result() for name, one in others.items()}

    assert first.result() == {"a"}
    assert max(len(wishes) for wishes in ask.asked) == 2
    assert all(name in answer for name, answer in answers.items())


def test_a_failure_is_that_of_who_asked_and_the_others_ask_again() -> None:
    ask = Slow()
    ask.fails = {"a", "b"}
    question = Together(ask, most=10)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(question.answer, "a")
        assert ask.reached.wait(20)
        failing, fine = pool.submit(question.answer, "b"), pool.submit(question.answer, "c")
        while not waiting(question, 2):
            pass
        ask.through.set()
        error, other = first.exception(), failing.exception()

    assert str(error) == "a"
    assert "c" in fine.result()
    assert (other is None) == (("c", "b") in ask.asked), "c may ask first, and for b, too"


def test_who_comes_alone_is_asked_for_alone_and_anew_each_time() -> None:
    asked: list[tuple[str, ...]] = []

    def ask(wishes: Sequence[str]) -> int:
        asked.append(tuple(wishes))
        return len(asked)

    question = Together(ask, most=10)

    assert [question.answer("a"), question.answer("a")] == [1, 2]
    assert asked == [("a",), ("a",)]


def test_an_answer_that_may_be_older_is_that_of_who_comes_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("sagewarden.adapters.together.time.monotonic", lambda: now[0])
    asked: list[int] = []

    def ask(wishes: Sequence[None]) -> int:
        asked.append(len(wishes))
        return len(asked)

    question = Together(ask, most=10, fresh_for=10.0)
    first = question.answer(None)
    now[0] += 10.0
    second = question.answer(None)
    now[0] += 0.1

    assert (first, second, question.answer(None)) == (1, 1, 2)


def test_a_failure_leaves_nothing_behind() -> None:
    def ask(wishes: Sequence[str]) -> str:
        if wishes == ["bad"]:
            raise OSError("no answer")
        return "answer"

    question = Together(ask, most=10)
    with pytest.raises(OSError, match="no answer"):
        question.answer("bad")

    assert question.answer("good") == "answer"


def test_questions_about_the_same_are_one() -> None:
    questions = Questions()

    def ask(_wishes: Sequence[None]) -> int:
        return 1

    one = questions.about(("alarms", "eu-west-1"), ask, 4)

    assert questions.about(("alarms", "eu-west-1"), ask, 4) is one
    assert questions.about(("alarms", "us-east-1"), ask, 4) is not one
