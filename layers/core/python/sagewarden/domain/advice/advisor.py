"""Ask every question about every workload."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from sagewarden.domain.advice.advice import Advice
from sagewarden.domain.advice.asynchronous import as_asynchronous
from sagewarden.domain.advice.autoscaling import on_autoscaling
from sagewarden.domain.advice.batch_transform import as_batch_transform
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.newer_generation import on_newer_generations
from sagewarden.domain.advice.provisioned_concurrency import below_break_even
from sagewarden.domain.advice.serverless import as_serverless
from sagewarden.domain.advice.shared_endpoint import on_shared_endpoints
from sagewarden.domain.advice.underused_gpu import on_underused_gpus
from sagewarden.domain.advice.workload import Workload

type Question = Callable[[Workload, Knowledge], Iterable[Advice]]

QUESTIONS: tuple[Question, ...] = (
    on_underused_gpus,
    as_serverless,
    as_asynchronous,
    as_batch_transform,
    below_break_even,
    on_newer_generations,
    on_autoscaling,
)
"""What is asked about each workload by itself."""


def advice_on(workloads: Sequence[Workload], known: Knowledge) -> Iterator[Advice]:
    """All advice about endpoints of one account and region that is worth anybody's time, unordered.

    What nobody calls is no matter of advice: a rule for idle endpoints deletes it.
    """
    called = [workload for workload in workloads if not workload.is_idle]
    for advice in _all_about(called, known):
        if advice.saving is None or advice.saving.usd >= known.lines.least_usd:
            yield advice


def _all_about(workloads: Sequence[Workload], known: Knowledge) -> Iterator[Advice]:
    for workload in workloads:
        for question in QUESTIONS:
            yield from question(workload, known)
    yield from on_shared_endpoints(workloads, known)
