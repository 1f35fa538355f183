"""What the kinds of jobs have in common: those in progress are listed, and described one by one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from sagewarden.adapters.described import plain, tags_of
from sagewarden.adapters.errors import unless_gone
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, Listing
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.guardrails.request_paths import OperationShape, instance_types, volume_sizes
from sagewarden.domain.job_runs import Run
from sagewarden.domain.jobs.job import Job, JobStatus
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef

_PAGE = 100

type Described = Mapping[str, Any]
type Completed = Callable[[Sessions, str, Described, Run], Run]


def as_told(_sessions: Sessions, _region: str, _described: Described, run: Run) -> Run:
    """Nothing but its description is read of a job."""
    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """One kind of job, by AWS's names for its operations and their members.

    Attributes:
        kind: The kind.
        word: What the names of members begin with, such as ``Processing``.
        noun: How boto3's operations end, such as ``processing_job``.
        describe: boto3's operation that describes one.
        shape: Where a description names instance types and sizes of volumes.
        run: How it runs, as its description tells.
        completed: Adds what other calls tell of how it runs.
    """

    kind: ResourceKind
    word: str
    noun: str
    describe: str
    shape: OperationShape
    run: Callable[[Described], Run]
    completed: Completed = as_told

    def listed(self, sessions: Sessions, region: str) -> Listing[Resource]:
        """Every job in progress of a region.

        Calls: a list page per 100 of them, and two for each, beside what `completed` reads.
        """
        names = self._in_progress(sessions.client("sagemaker", region))
        return listed_one_by_one(
            self.kind, region, names, lambda name: self._read(sessions, region, name)
        )

    def read(self, sessions: Sessions, ref: ResourceRef) -> Job | None:
        """One job as it is now; None when it is gone.

        Raises:
            UnreadableError: It could not be read.
        """
        return self._read(sessions, ref.region, ref.name)

    def act(self, sessions: Sessions, action: Action) -> None:
        """Stop a job.

        Raises:
            ActionFailedError: Something else was asked for.
            botocore.exceptions.ClientError: AWS refused it.
        """
        name = action.ref.name
        if action.kind is not ActionKind.STOP:
            raise ActionFailedError(f"{action.kind} of {name}: a {self.kind} is only stopped")
        stop = getattr(sessions.client("sagemaker", action.ref.region), f"stop_{self.noun}")
        stop(**{f"{self.word}JobName": name})

    def manifest(self, sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
        """Describe a job and its tags: what creates the same job anew.

        Raises:
            botocore.exceptions.ClientError: A part could not be read.
        """
        client = sessions.client("sagemaker", ref.region)
        described = self._described(client, ref.name)
        arn = described[f"{self.word}JobArn"]
        return {"job": plain(described), "tags": tags_of(client, arn)}

    def present(
        self, sessions: Sessions, ref: ResourceRef, _content: Mapping[str, Any]
    ) -> Mapping[str, object]:
        """The same job as it is now: nothing brings it back."""
        return self.manifest(sessions, ref)

    def _read(self, sessions: Sessions, region: str, name: str) -> Job | None:
        client = sessions.client("sagemaker", region)

        def read() -> tuple[Described, Job]:
            described = self._described(client, name)
            job = self._job(described)
            return described, replace(job, tags=own_tags(client, job.ref.arn))

        if (found := unless_gone(f"{self.kind} {name}", read)) is None:
            return None
        described, job = found
        run = self.completed(sessions, region, described, job.run)
        return replace(job, run=run)

    def _in_progress(self, client: Any) -> Iterator[str]:  # noqa: ANN401 - a name, not a literal
        pages = client.get_paginator(f"list_{self.noun}s").paginate(
            StatusEquals="InProgress", PaginationConfig={"PageSize": _PAGE}
        )
        for page in pages:
            yield from (item[f"{self.word}JobName"] for item in page[f"{self.word}JobSummaries"])

    def _described(self, client: Any, name: str) -> Described:  # noqa: ANN401 - of any job
        found: Described = getattr(client, self.describe)(**{f"{self.word}JobName": name})
        return found

    def _job(self, described: Described) -> Job:
        word, created = self.word, described["CreationTime"].astimezone(UTC)
        types = instance_types(described, self.shape).asked_for
        return Job(
            ref=ref_of(self.kind, described[f"{word}JobName"], described[f"{word}JobArn"]),
            status=JobStatus(described.get(f"{word}JobStatus", "")),
            created=created,
            modified=created,
            tags=None,
            instance_types=types if types or not self.shape.instance_types else None,
            volumes_gb=volume_sizes(described, self.shape) or None,
            run=self.run(described),
        )
