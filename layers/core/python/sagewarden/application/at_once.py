"""Several actions under way at once, of which what became is told in their order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from sagewarden.domain.autoscaling.rule import ScalingRule
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.rules import Rule
from sagewarden.domain.verdicts import Verdict

MOST_AT_ONCE = 48
"""How many actions are under way at once."""


def in_order[T](tasks: Iterable[tuple[str, Callable[[], T]]]) -> Iterator[T]:
    """Begin tasks in their order, and several of them at once.

    Args:
        tasks: Each with what no two that are under way may have in common: the later one waits.

    Yields:
        What each returned, in order; also of those that were under way when one of them, or what
        the tasks come from, fails: no more are begun then.
    """
    under_way: deque[tuple[str, Future[T]]] = deque()
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        try:
            for apart, task in tasks:
                while len(under_way) == MOST_AT_ONCE or any(apart == key for key, _ in under_way):
                    yield under_way.popleft()[1].result()
                under_way.append((apart, pool.submit(task)))
            while under_way:
                yield under_way.popleft()[1].result()
        except (Exception, KeyboardInterrupt):
            yield from (one.result() for _, one in under_way if one.exception() is None)
            raise


def apart(verdict: Verdict, rule: Rule | ScalingRule | None) -> str:
    """What no two actions under way may have in common.

    What must see the effect of an earlier one waits for it: another action on the same resource,
    and actions of a rule that counts resources.
    """
    counts = isinstance(rule, Guardrail) and rule.counts
    return f"rule {verdict.rule}" if counts else verdict.ref.arn
