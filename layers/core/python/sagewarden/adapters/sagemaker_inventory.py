"""Read what can be acted on from SageMaker: bulk lists first, details on demand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.endpoint_details import (
    Target,
    all_targets,
    has_instances,
    read_details,
    resource_id,
    targets_of,
    with_components,
    with_minimums,
)
from sagewarden.adapters.errors import AWS_ERRORS, reading, unless_gone, why
from sagewarden.adapters.kinds import adapter_of, is_known
from sagewarden.adapters.looks import Look
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of, tags_by_arn
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.adapters.studio_resources import (
    domain_keys,
    profile_keys,
    read_domain,
    read_profile,
    studio_key,
)
from sagewarden.application.ports import Listing, UnreadableError
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import (
    Endpoint,
    EndpointDetails,
    EndpointStatus,
    NotebookInstance,
    NotebookStatus,
    Resource,
    ResourceKind,
    ResourceRef,
    StudioApp,
    StudioResource,
    Tags,
    TrainingJob,
    TrainingJobStatus,
)

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PAGE = 100
"""The most that a SageMaker list page and a page of GetResources hold."""

_NEWEST_FIRST = {"SortBy": "CreationTime", "SortOrder": "Descending"}
"""What is created while pages are read is on none of them."""

_TYPES = {
    ResourceKind.NOTEBOOK_INSTANCE: "sagemaker:notebook-instance",
    ResourceKind.ENDPOINT: "sagemaker:endpoint",
}


class SageMakerInventory:
    """The inventory port on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def notebooks(self, region: str) -> Listing[NotebookInstance]:
        """Every notebook instance of a region.

        Calls: a list page per 100 notebooks, a tag page per 100 tagged ones.
        """
        return self._listed(
            region,
            ResourceKind.NOTEBOOK_INSTANCE,
            ("list_notebook_instances", "NotebookInstances"),
            _notebook,
        )

    def endpoints(self, region: str) -> Listing[Endpoint]:
        """Every endpoint of a region, without details.

        Calls: a list page per 100 endpoints, a tag page per 100 tagged ones.
        """
        return self._listed(
            region, ResourceKind.ENDPOINT, ("list_endpoints", "Endpoints"), endpoint_of
        )

    def describe(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints with details; one that is gone meanwhile is passed over.

        Details that an endpoint comes with are kept, but for what changes without an update.

        Calls: two per endpoint that comes without details; for all of them together, the pages of
        ListInferenceComponents and of DescribeScalableTargets, and those only when some endpoint
        has use for them.
        """
        if not endpoints:
            return Listing(())
        with ThreadPoolExecutor(min(2 * CONNECTIONS, len(endpoints))) as pool:
            results = list(pool.map(lambda item: self._try_described(region, item), endpoints))
        incomplete = [result for result in results if isinstance(result, Incomplete)]
        described = [result for result in results if isinstance(result, Endpoint)]
        details = {item.ref.name: item.details for item in described if item.details}
        try:
            completed = self._completed(region, details)
        except UnreadableError as error:
            completed = {}
            incomplete.append(Incomplete(error.what, error.why))
        read = (replace(item, details=completed.get(item.ref.name)) for item in described)
        return Listing(tuple(read), tuple(incomplete))

    def training_jobs(self, region: str) -> Listing[TrainingJob]:
        """Every training job in progress of a region.

        Calls: a list page per 100 of them, and two for each: tags in bulk would be those of every
        job that ever ran.
        """
        return self._one_by_one(region, ResourceKind.TRAINING_JOB, _running_jobs, _read_job)

    def studio_domains(self, region: str) -> Listing[StudioResource]:
        """Every Studio domain of a region.

        Calls: a list page per 100 of them, and two for each.
        """
        return self._one_by_one(region, ResourceKind.STUDIO_DOMAIN, domain_keys, read_domain)

    def user_profiles(self, region: str) -> Listing[StudioResource]:
        """Every Studio user profile of a region.

        Calls: a list page per 100 of them, and two for each.
        """
        kind = ResourceKind.STUDIO_USER_PROFILE
        return self._one_by_one(region, kind, profile_keys, read_profile)

    def studio_apps(self, region: str) -> Listing[StudioApp]:
        """Every Studio app of a region that exists and costs anything.

        Calls: a list page per 100 apps and per 100 spaces; two for each app, one for each space
        and two for each user profile of which there are any.
        """
        from sagewarden.adapters.studio_apps import list_apps  # noqa: PLC0415 - with rules for apps

        return list_apps(self._sessions.client("sagemaker", region), region)

    def found(self, kind: ResourceKind, region: str) -> Listing[Resource]:
        """Everything of one of the other kinds in a region; its adapter says what that costs."""
        return adapter_of(kind).listed(self._sessions, region)

    def reread(self, ref: ResourceRef) -> Resource | None:
        """One resource as it is now: described by itself, with its own tags (ListTags)."""
        client, what = self._sessions.client("sagemaker", ref.region), f"{ref.kind} {ref.name}"
        match ResourceKind(ref.kind):
            case ResourceKind.STUDIO_DOMAIN:
                return unless_gone(what, lambda: read_domain(client, studio_key(ref)))
            case ResourceKind.STUDIO_USER_PROFILE:
                return unless_gone(what, lambda: read_profile(client, studio_key(ref)))
            case ResourceKind.STUDIO_APP:
                from sagewarden.adapters.studio_apps import read_app  # noqa: PLC0415 - see above

                with reading(what):
                    return read_app(client, ref)
            case kind if is_known(kind):
                return adapter_of(kind).read(self._sessions, ref)
            case kind:
                return self.look_up(kind, ref.region, ref.name)

    def look_up(self, kind: ResourceKind, region: str, name: str) -> Resource | None:
        """The same, by its kind and name."""
        client = self._sessions.client("sagemaker", region)
        return unless_gone(f"{kind} {name}", lambda: self._looked_up(client, kind, region, name))

    def tags(self, region: str, arn: str) -> Tags | None:
        """The tags of any SageMaker resource as they are now (ListTags)."""
        client = self._sessions.client("sagemaker", region)
        return unless_gone(f"tags of {arn}", lambda: own_tags(client, arn))

    def _looked_up(
        self, client: "SageMakerClient", kind: ResourceKind, region: str, name: str
    ) -> Resource:
        resource: Resource
        match kind:
            case ResourceKind.NOTEBOOK_INSTANCE:
                answer = client.describe_notebook_instance(NotebookInstanceName=name)
                resource = _notebook(answer)
            case ResourceKind.TRAINING_JOB:
                return _read_job(client, name)
            case ResourceKind.ENDPOINT:
                return self._looked_at(client, region, name)
            case _:
                raise UnreadableError(f"{kind} {name}", "it is found by its ARN only")
        return replace(resource, tags=own_tags(client, resource.ref.arn))

    def _looked_at(self, client: "SageMakerClient", region: str, name: str) -> Endpoint:
        """An endpoint with its own tags; what AWS said of it is kept for its manifest."""
        answer, config = _descriptions(client, name)
        tags = own_tags(client, answer["EndpointArn"])
        details = read_details(answer, config)
        with reading(f"autoscaling targets of {name}"):
            targets = self._targets_of(region, name, details)
        self._sessions.looks.keep(answer["EndpointArn"], Look(answer, config, tags, targets))
        scaled = with_minimums({name: details}, targets)
        completed = self._with_components(region, scaled)
        return replace(endpoint_of(answer), details=completed[name], tags=tags)

    def _targets_of(self, region: str, name: str, details: EndpointDetails) -> Sequence[Target]:
        """What is registered of its variants; asked for together with what other threads want."""
        wanted = [resource_id(name, variant.name) for variant in details.variants]
        client = self._sessions.client("application-autoscaling", region)

        def ask(wishes: Sequence[Sequence[str]]) -> Mapping[str, Sequence[Target]]:
            return targets_of((one for wish in wishes for one in wish), client)

        question = self._sessions.questions.about(("targets", region), ask, CONNECTIONS)
        found = question.answer(wanted)
        return [target for one in wanted for target in found.get(one, ())]

    def _one_by_one[T: Resource](
        self,
        region: str,
        kind: ResourceKind,
        keys: "Callable[[SageMakerClient], Iterator[str]]",
        read: "Callable[[SageMakerClient, str], T]",
    ) -> Listing[T]:
        """List keys, and read what each stands for; what is gone meanwhile is passed over."""
        client = self._sessions.client("sagemaker", region)

        def read_one(key: str) -> T | None:
            return unless_gone(f"{kind} {key}", lambda: read(client, key))

        return listed_one_by_one(kind, region, keys(client), read_one)

    def _listed[T: Resource](
        self,
        region: str,
        kind: ResourceKind,
        source: tuple[str, str],
        build: Callable[[Mapping[str, Any]], T],
    ) -> Listing[T]:
        operation, key = source
        items: list[T] = []
        incomplete: list[Incomplete] = []
        tagging: Future[dict[str, Tags]] | None = None
        with ThreadPoolExecutor(1) as pool:
            try:
                pages = (
                    self._sessions.client("sagemaker", region)
                    .get_paginator(operation)  # type: ignore[call-overload]  # a name, not a literal
                    .paginate(**_NEWEST_FIRST, PaginationConfig={"PageSize": PAGE})
                )
                for page in pages:
                    items += [build(item) for item in page[key]]
                    # The first page has the newest: whatever comes later was tagged before.
                    if items and tagging is None:
                        tagging = pool.submit(self._bulk_tags, region, kind)
            except AWS_ERRORS as error:
                incomplete.append(Incomplete(f"{kind} resources in {region}", why(error)))
        if tagging is None:
            return Listing((), tuple(incomplete))
        try:
            with reading(f"tags of {kind} resources in {region}"):
                tags = tagging.result()
        except UnreadableError as error:
            incomplete.append(Incomplete(error.what, error.why))
            return Listing(tuple(items), tuple(incomplete))
        tagged = [replace(item, tags=tags.get(item.ref.arn, {})) for item in items]
        return Listing(tuple(tagged), tuple(incomplete))

    def _bulk_tags(self, region: str, kind: ResourceKind) -> dict[str, Tags]:
        """Tags by ARN. What never had a tag is not among them, and has none."""
        client = self._sessions.client("resourcegroupstaggingapi", region)
        types = [_TYPES[kind]]
        return tags_by_arn(client, ResourceTypeFilters=types, PaginationConfig={"PageSize": PAGE})

    def _try_described(self, region: str, endpoint: Endpoint) -> Endpoint | Incomplete | None:
        if endpoint.details is not None:
            return endpoint
        client, name = self._sessions.client("sagemaker", region), endpoint.ref.name
        what = f"endpoint {name} in {region}"
        try:
            answer = unless_gone(what, lambda: client.describe_endpoint(EndpointName=name))
            if answer is None:
                return None
            found = _joined(answer, _config_of(client, answer))
            return replace(found, tags=endpoint.tags)
        except UnreadableError as error:
            return Incomplete(error.what, error.why)
        except AWS_ERRORS as error:
            return Incomplete(what, why(error))

    def _completed(
        self, region: str, details: Mapping[str, EndpointDetails]
    ) -> dict[str, EndpointDetails]:
        """Add autoscaling minimums and inference components where they matter.

        Raises:
            UnreadableError: One of them could not be read.
        """
        with reading(f"autoscaling targets in {region}"):
            scaled = any(has_instances(item) for item in details.values())
            autoscaling = self._sessions.client("application-autoscaling", region)
            completed = with_minimums(details, all_targets(autoscaling) if scaled else ())
        return self._with_components(region, completed)

    def _with_components(
        self, region: str, details: Mapping[str, EndpointDetails]
    ) -> dict[str, EndpointDetails]:
        with reading(f"inference components in {region}"):
            return with_components(details, self._sessions.client("sagemaker", region))


def _described(client: "SageMakerClient", name: str) -> Endpoint:
    answer, config = _descriptions(client, name)
    return _joined(answer, config)


def _joined(answer: Mapping[str, Any], config: Mapping[str, Any]) -> Endpoint:
    return replace(endpoint_of(answer), details=read_details(answer, config))


def _descriptions(
    client: "SageMakerClient", name: str
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What DescribeEndpoint and DescribeEndpointConfig say."""
    answer = client.describe_endpoint(EndpointName=name)
    return answer, _config_of(client, answer)


def _config_of(client: "SageMakerClient", answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return client.describe_endpoint_config(EndpointConfigName=answer["EndpointConfigName"])


def _notebook(item: Mapping[str, Any]) -> NotebookInstance:
    name, arn = item["NotebookInstanceName"], item["NotebookInstanceArn"]
    return NotebookInstance(
        ref=ref_of(ResourceKind.NOTEBOOK_INSTANCE, name, arn),
        status=NotebookStatus(item.get("NotebookInstanceStatus", "")),
        created=item["CreationTime"].astimezone(UTC),
        modified=item["LastModifiedTime"].astimezone(UTC),
        instance_type=item.get("InstanceType"),
        tags=None,
        lifecycle_config=item.get("NotebookInstanceLifecycleConfigName", ""),
    )


def endpoint_of(item: Mapping[str, Any]) -> Endpoint:
    """An endpoint as a list page or DescribeEndpoint shows it; neither shows its tags."""
    return Endpoint(
        ref=ref_of(ResourceKind.ENDPOINT, item["EndpointName"], item["EndpointArn"]),
        status=EndpointStatus(item.get("EndpointStatus", "")),
        created=item["CreationTime"].astimezone(UTC),
        modified=item["LastModifiedTime"].astimezone(UTC),
        tags=None,
    )


def _running_jobs(client: "SageMakerClient") -> Iterator[str]:
    pages = client.get_paginator("list_training_jobs").paginate(
        StatusEquals="InProgress", PaginationConfig={"PageSize": PAGE}
    )
    for page in pages:
        yield from (item["TrainingJobName"] for item in page["TrainingJobSummaries"])


def _read_job(client: "SageMakerClient", name: str) -> TrainingJob:
    job = _job(client.describe_training_job(TrainingJobName=name))
    return replace(job, tags=own_tags(client, job.ref.arn))


def _job(item: Mapping[str, Any]) -> TrainingJob:
    # Only where a training job runs: no other function pays for the import.
    from sagewarden.adapters.jobs.described import training_run  # noqa: PLC0415

    resources = item.get("ResourceConfig", {})
    volume = resources.get("VolumeSizeInGB")
    return TrainingJob(
        ref=ref_of(ResourceKind.TRAINING_JOB, item["TrainingJobName"], item["TrainingJobArn"]),
        status=TrainingJobStatus(item.get("TrainingJobStatus", "")),
        created=item["CreationTime"].astimezone(UTC),
        modified=item["LastModifiedTime"].astimezone(UTC),
        tags=None,
        instance_types=_job_types(item, resources),
        volumes_gb=None if volume is None else (volume,),
        run=training_run(item),
    )


def _job_types(item: Mapping[str, Any], resources: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What a job runs on, or may run on while AWS has not yet selected one of its preferences."""
    if "ServerlessJobConfig" in item:
        return ()
    if selected := resources.get("SelectedInstanceType"):
        return (selected,)
    lists = (*resources.get("InstanceGroups", ()), *resources.get("InstancePreferences", ()))
    names = (resources.get("InstanceType"), *(one.get("InstanceType") for one in lists))
    return tuple(dict.fromkeys(name for name in names if name)) or None
