"""Read and name Studio apps: list pages, and what is told of each app that costs anything.

ListApps gives neither ARNs nor when an app was last used: DescribeApp does.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import AWS_ERRORS, is_gone, why
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.sessions import CONNECTIONS
from sagewarden.application.ports import Listing
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import AppStatus, ResourceKind, ResourceRef, StudioApp, Tags
from sagewarden.domain.studio_apps import FREE, never_stopped, with_tags

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_PAGE = 100
_KIND = ResourceKind.STUDIO_APP
_SPACE, _USER = "space", "user"
_KERNELS = "KernelGateway"
_KERNELS_RUN_ON = "ml.t3.medium"
"""What ``system`` means for a KernelGateway app (ResourceSpec, API reference)."""

type Request = dict[str, Any]
"""What identifies an app or a space in a call; ``Any``, since boto3's types name each of them."""


def app_request(ref: ResourceRef) -> Request:
    """What identifies an app in DescribeApp, CreateApp and DeleteApp."""
    place, owner, app_type, name = ref.name.split("/")
    return {
        "DomainId": ref.arn.partition(":app/")[2].partition("/")[0],
        "SpaceName" if place == _SPACE else "UserProfileName": owner,
        "AppType": app_type,
        "AppName": name,
    }


def space_request(ref: ResourceRef) -> Request | None:
    """What identifies an app's space in DescribeSpace; None when it runs in none."""
    request = app_request(ref)
    if "SpaceName" not in request:
        return None
    return {key: request[key] for key in ("DomainId", "SpaceName")}


def list_apps(client: "SageMakerClient", region: str) -> Listing[StudioApp]:
    """Every app of a region that exists and costs anything.

    Calls: a list page per 100 apps and per 100 spaces; two for each app, one for each space and
    two for each user profile of which there are any.
    """
    found: list[Mapping[str, Any]] = []
    incomplete: list[Incomplete] = []
    try:
        pages = client.get_paginator("list_apps").paginate(PaginationConfig={"PageSize": _PAGE})
        for page in pages:
            found += [item for item in page["Apps"] if _costs(item)]
    except AWS_ERRORS as error:
        incomplete.append(Incomplete(f"{_KIND} resources in {region}", why(error)))
    if not found:
        return Listing((), tuple(incomplete))
    reader = _Reader(client)
    try:
        reader.read_owners()
    except AWS_ERRORS as error:
        incomplete.append(Incomplete(f"spaces in {region}", why(error)))

    def try_one(item: Mapping[str, Any]) -> StudioApp | Incomplete | None:
        try:
            return _described(client, _request_of(item))
        except AWS_ERRORS as error:
            return Incomplete(f"{_KIND} {_name(item)} in {region}", why(error))

    with ThreadPoolExecutor(min(CONNECTIONS, len(found))) as pool:
        results = list(pool.map(try_one, found))
        incomplete += [item for item in results if isinstance(item, Incomplete)]
        apps = [item for item in results if isinstance(item, StudioApp)]
        tagged = list(pool.map(reader.try_tags, apps))
    incomplete += [item for _, item in tagged if item is not None]
    return Listing(tuple(app for app, _ in tagged), tuple(incomplete))


def read_app(client: "SageMakerClient", ref: ResourceRef) -> StudioApp | None:
    """An app as it is now, with its tags; None when it is deleted.

    Raises:
        botocore.exceptions.ClientError: It could not be read.
    """
    app = _described(client, app_request(ref))
    if app is None:
        return None
    reader = _Reader(client)
    if request := space_request(ref):
        reader.read_owner(request)
    return reader.tagged(app)


def _described(client: "SageMakerClient", request: Request) -> StudioApp | None:
    try:
        answer: Mapping[str, Any] = client.describe_app(**request)
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    status = AppStatus(answer.get("Status", ""))
    if status is AppStatus.DELETED:
        return None
    return StudioApp(
        ref=ref_of(_KIND, _name(answer), answer["AppArn"]),
        status=status,
        created=answer["CreationTime"].astimezone(UTC),
        app_type=answer["AppType"],
        instance_type=_instance_type(answer),
        tags=None,
        active=_moment(answer.get("LastUserActivityTimestamp")),
        checked=_moment(answer.get("LastHealthCheckTimestamp")),
    )


class _Reader:
    """Reads the tags that hold for apps, those of a space or a user profile once."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client
        self._owners: dict[tuple[str, str], str | None] = {}
        self._known: dict[str, Tags] = {}

    def read_owners(self) -> None:
        """Read whose each space is: a list page per 100 of them."""
        pages = self._client.get_paginator("list_spaces").paginate(
            PaginationConfig={"PageSize": _PAGE}
        )
        for page in pages:
            for space in page["Spaces"]:
                owner = space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
                self._owners[space["DomainId"], space["SpaceName"]] = owner

    def read_owner(self, request: Request) -> None:
        """Read whose a space is."""
        try:
            space: Mapping[str, Any] = self._client.describe_space(**request)
        except ClientError as error:
            if not is_gone(error):
                raise
            space = {}
        owner = space.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        self._owners[request["DomainId"], request["SpaceName"]] = owner

    def try_tags(self, app: StudioApp) -> tuple[StudioApp, Incomplete | None]:
        """An app with its tags where they could be read; else without, and why."""
        if never_stopped(app):
            return app, None
        try:
            return self.tagged(app), None
        except (*AWS_ERRORS, _OwnerUnknownError) as error:
            what = f"tags of {_KIND} {app.ref.name} in {app.ref.region}"
            return app, Incomplete(what, why(error))

    def tagged(self, app: StudioApp) -> StudioApp:
        """An app with its tags over those of its space and its user profile."""
        own = own_tags(self._client, app.ref.arn)
        prefix, _, path = app.ref.arn.partition(":app/")
        place = "/".join(path.split("/")[:2])
        request = space_request(app.ref)
        if request is None:
            return with_tags(app, own, self._tags_at(f"{prefix}:user-profile/{place}"))
        key = (request["DomainId"], request["SpaceName"])
        if key not in self._owners:
            raise _OwnerUnknownError("whose its space is could not be read")
        owner = self._owners[key]
        theirs = self._profile_tags(request["DomainId"], owner) if owner else {}
        return with_tags(app, own, {**theirs, **self._tags_at(f"{prefix}:space/{place}")})

    def _profile_tags(self, domain: str, name: str) -> Tags:
        key = f"{domain}/{name}"
        if key not in self._known:
            self._known[key] = profile_tags(self._client, domain, name)
        return self._known[key]

    def _tags_at(self, arn: str) -> Tags:
        """The tags of the place in which an app runs.

        AWS deletes neither a space nor a user profile under an app: one that is not found is spelt
        otherwise than the app's own ARN says, and what protects it is not known.
        """
        if arn not in self._known:
            self._known[arn] = own_tags(self._client, arn)
        return self._known[arn]


class _OwnerUnknownError(Exception):
    """Whose a space is was not read."""


def profile_tags(client: "SageMakerClient", domain: str, name: str) -> Tags:
    """The tags of a user profile; none of one that is gone.

    Raises:
        botocore.exceptions.ClientError: They could not be read.
    """
    try:
        profile = client.describe_user_profile(DomainId=domain, UserProfileName=name)
    except ClientError as error:
        if not is_gone(error):
            raise
        return {}
    return own_tags(client, profile["UserProfileArn"])


def _request_of(item: Mapping[str, Any]) -> Request:
    request = {key: item[key] for key in ("DomainId", "AppType", "AppName")}
    where = "SpaceName" if item.get("SpaceName") else "UserProfileName"
    return {**request, where: item[where]}


def _name(item: Mapping[str, Any]) -> str:
    space = item.get("SpaceName")
    place = f"{_SPACE}/{space}" if space else f"{_USER}/{item['UserProfileName']}"
    return f"{place}/{item['AppType']}/{item['AppName']}"


def _costs(item: Mapping[str, Any]) -> bool:
    """Whether an app exists and costs anything, as far as ListApps tells."""
    return item.get("Status") != AppStatus.DELETED and _instance_type(item) != FREE


def _instance_type(item: Mapping[str, Any]) -> str | None:
    name: str | None = (item.get("ResourceSpec") or {}).get("InstanceType")
    return _KERNELS_RUN_ON if (item["AppType"], name) == (_KERNELS, FREE) else name


def _moment(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)
