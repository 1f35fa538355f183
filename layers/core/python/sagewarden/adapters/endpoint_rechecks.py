"""Read a part of a region's endpoints: what changed, and what some of them are now."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import batched

from sagewarden.adapters.errors import AWS_ERRORS, reading, why
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import tags_by_arn
from sagewarden.adapters.sagemaker_inventory import PAGE, endpoint_of
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import Listing, UnreadableError
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint, ResourceKind


class SageMakerRechecks:
    """The port on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def updated_since(self, region: str, modified_after: datetime | None) -> Listing[Endpoint]:
        """The endpoints that were created or updated after a moment, or all; without their tags.

        Calls: a list page per 100 of them.
        """
        narrowed = {} if modified_after is None else {"LastModifiedTimeAfter": modified_after}
        pages = (
            self._sessions.client("sagemaker", region)
            .get_paginator("list_endpoints")
            .paginate(
                PaginationConfig={"PageSize": PAGE},
                **narrowed,  # type: ignore[arg-type]  # the stubs want each key spelt out
            )
        )
        found: list[Endpoint] = []
        try:
            for page in pages:
                found += [endpoint_of(item) for item in page["Endpoints"]]
        except AWS_ERRORS as error:
            what = f"{ResourceKind.ENDPOINT} resources in {region}"
            return Listing(tuple(found), (Incomplete(what, why(error)),))
        return Listing(tuple(found))

    def tagged(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints with their tags; None where they could not be read.

        Calls: a page of GetResources per 100 of them, which is as many as it takes by their ARNs.
        """
        parts = list(batched(endpoints, PAGE))
        if not parts:
            return Listing(())
        with ThreadPoolExecutor(min(CONNECTIONS, len(parts))) as pool:
            answers = list(pool.map(lambda part: self._try_tags(region, part), parts))
        items = tuple(item for tagged, _ in answers for item in tagged)
        return Listing(items, tuple(gap for _, gap in answers if gap is not None))

    def confirmed(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints as they are now, without details; not those that are gone.

        Calls: one for each.
        """
        client = self._sessions.client("sagemaker", region)
        names = (item.ref.name for item in endpoints)
        return listed_one_by_one(
            ResourceKind.ENDPOINT,
            region,
            names,
            lambda name: endpoint_of(client.describe_endpoint(EndpointName=name)),
        )

    def _try_tags(
        self, region: str, endpoints: Sequence[Endpoint]
    ) -> tuple[list[Endpoint], Incomplete | None]:
        try:
            with reading(f"tags of {len(endpoints)} {ResourceKind.ENDPOINT} resources in {region}"):
                client = self._sessions.client("resourcegroupstaggingapi", region)
                arns = [item.ref.arn for item in endpoints]
                tags = tags_by_arn(client, ResourceARNList=arns)
        except UnreadableError as error:
            untold = [replace(item, tags=None) for item in endpoints]
            return untold, Incomplete(error.what, error.why)
        return [replace(item, tags=tags.get(item.ref.arn, {})) for item in endpoints], None
