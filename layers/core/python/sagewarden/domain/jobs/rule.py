"""The idle jobs rule: jobs that cost and get nowhere, and instances kept for nobody.

What judges is another module, which only what sweeps jobs loads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden.domain.jobs.questions import Questions
from sagewarden.domain.judged import Facts, JudgedRule
from sagewarden.domain.metrics import Series, Window
from sagewarden.domain.resources import Resource
from sagewarden.domain.verdicts import Verdict

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleJobs(JudgedRule):
    """Stop jobs that are stuck or fail, and end warm pools that nobody uses.

    Attributes:
        asks: What it asks of them.
    """

    asks: Questions

    @property
    def does(self) -> str:
        """What it does, in the words of ``policy show``."""
        asks = self.asks
        words = {
            "idle on their GPUs": asks.idle,
            "past their own limit": asks.past_max_runtime,
            "whose training jobs all fail": asks.failing_children,
            "kept warm for nobody": asks.warm_pool,
        }
        found = ", ".join(text for text, value in words.items() if value is not None)
        return f"{asks.action} jobs {found}"

    def window(self, now: datetime) -> Window | None:
        """The last whole minutes, of which AWS measures each."""
        if self.asks.idle is None:
            return None
        end = now.replace(second=0, microsecond=0)
        return Window(end - self.asks.idle.length, end, _MINUTE)

    def series(self, resource: Resource, now: datetime) -> Iterable[Series]:
        """The GPUs of each instance of a job that is at work."""
        from sagewarden.domain.jobs.judgement import gpus_of  # noqa: PLC0415 - see above

        del now
        return () if self.asks.idle is None else gpus_of(resource)

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """Judge a job or a warm pool."""
        from sagewarden.domain.jobs.judgement import judge_job  # noqa: PLC0415 - see above

        return judge_job(resource, self.scope, self.asks, facts, now)
