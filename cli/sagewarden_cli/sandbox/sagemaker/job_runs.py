"""How jobs run through their phases as time goes by, and how they are stopped."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import AccountRegion
from sagewarden_cli.sandbox.sagemaker.jobs import Job

_BY_HAND = ("Stopped", "Stopped")


class JobRuns:
    """Lets jobs run in one account and region, and stops them."""

    def __init__(self, here: AccountRegion) -> None:
        self._here = here

    def begin(self, job: Job) -> None:
        """Let a new job run from its first phase on."""
        self._go_through(job, job.phases, self._here.now())

    def resume(self, job: Job, since: datetime) -> None:
        """Let a job run on that has been at its work since a moment, maybe one long ago."""
        self._go_through(job, job.phases[job.phases.index(job.work) :], since)

    def stop(self, job: Job, end: tuple[str, str] = _BY_HAND) -> None:
        """Stop a job that is InProgress; it takes its time to save what it has.

        Args:
            job: The job.
            end: The status and the phase that it ends up in.
        """
        job.stop_status, job.stop_reason = end
        job.enter("Stopping", self._here.now())
        job.await_change(
            self._here.after(job.kind, "Stopping", lambda at: job.enter(end[0], at)),
        )

    def _go_through(self, job: Job, phases: Sequence[str], at: datetime) -> None:
        phase, rest = phases[0], phases[1:]

        def go_on(then: datetime) -> None:
            if rest:
                self._go_through(job, rest, then)
            else:
                job.enter("Completed", then)

        job.reach(phase, at)
        lasts, left = self._lasts(job, phase), _time_left(job, at)
        if left is not None and left < lasts:
            job.await_change(self._here.later(left, lambda _: self.stop(job, job.out_of_time), at))
        else:
            job.await_change(self._here.later(lasts, go_on, at))

    def _lasts(self, job: Job, phase: str) -> timedelta:
        if phase == job.work and job.work_time is not None:
            return job.work_time
        return self._here.duration(job.kind, phase)


def _time_left(job: Job, at: datetime) -> timedelta | None:
    if job.started_at is None or job.time_limit is None:
        return None
    return max(job.started_at + job.time_limit - at, timedelta(0))
