"""The Resource Groups Tagging API over our resources, and over moto's for everything else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moto.core.resource_tagging import iter_taggable_backends

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.sagemaker.bases import Resource
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import as_tag_list

_DEFAULT_PAGE = 50
_MOST_PER_PAGE = 100
_KEYS_PER_PAGE = 100
_MOST_ARNS = 100
_NOT_WITH_ARNS = (
    "TagFilters",
    "ResourceTypeFilters",
    "ResourcesPerPage",
    "TagsPerPage",
    "PaginationToken",
)
_FEWEST_TAGS, _MOST_TAGS, _TAGS_STEP = 100, 500, 100


@dataclass(frozen=True, slots=True)
class _Tagged:
    arn: str
    resource_type: str
    tags: Mapping[str, str]


class ResourceTagging(Backend):
    """GetResources and its kin: what was tagged at least once, and nothing else."""

    service = "resourcegroupstaggingapi"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)

    @operation("GetResources")
    def get_resources(self, params: Params) -> Json:
        """Give resources that have, or once had, tags."""
        _check_page_sizes(params)
        wanted = sorted(
            (found for found in self._tagged(params) if _is_wanted(found, params)),
            key=lambda found: found.arn,
        )
        page, token = page_after(
            wanted,
            lambda found: (found.arn,),
            params.get("PaginationToken"),
            _page_size(params),
            invalid=_invalid_token(),
        )
        mappings = [{"ResourceARN": f.arn, "Tags": as_tag_list(f.tags)} for f in page]
        return {"ResourceTagMappingList": mappings, "PaginationToken": token or ""}

    @operation("GetTagKeys")
    def get_tag_keys(self, params: Params) -> Json:
        """Give every tag key in use, once."""
        keys = sorted({key for found in self._tagged() for key in found.tags})
        page, token = _strings_page(keys, params)
        return {"TagKeys": page, "PaginationToken": token}

    @operation("GetTagValues")
    def get_tag_values(self, params: Params) -> Json:
        """Give every value of a tag key, once."""
        key = params["Key"]
        values = sorted({found.tags[key] for found in self._tagged() if key in found.tags})
        page, token = _strings_page(values, params)
        return {"TagValues": page, "PaginationToken": token}

    @operation("TagResources")
    def tag_resources(self, params: Params) -> Json:
        """Tag our resources; a call that also names others is moto's."""
        for resource in self._all_ours(params["ResourceARNList"]):
            resource.tag(dict(params["Tags"]))
        return {"FailedResourcesMap": {}}

    @operation("UntagResources")
    def untag_resources(self, params: Params) -> Json:
        """Take tags off our resources; a call that also names others is moto's."""
        for resource in self._all_ours(params["ResourceARNList"]):
            for key in params["TagKeys"]:
                resource.tags.pop(key, None)
        return {"FailedResourcesMap": {}}

    def _tagged(self, params: Params | None = None) -> Iterator[_Tagged]:
        """What has or had tags; what is surely of no type that is asked for is passed over."""
        types = (params or {}).get("ResourceTypeFilters") or ()
        ours = {kind.removeprefix("sagemaker:") for kind in types}
        for resource in self._store.everything():
            if resource.was_tagged and (
                not types or not ours.isdisjoint(("sagemaker", resource.kind))
            ):
                yield _Tagged(resource.arn, f"sagemaker:{resource.kind}", resource.tags)
        if types and all(kind.startswith("sagemaker:") for kind in types):
            return
        for backend in iter_taggable_backends(self.here.account, self.here.region):
            for found in backend.iter_tagged_resources():
                if found.tags:
                    yield _Tagged(found.arn, found.resource_type, found.tags)

    def _all_ours(self, arns: list[str]) -> list[Resource]:
        ours = []
        for arn in arns:
            try:
                found = self._store.by_arn(arn)
            except (IndexError, KeyError):
                raise NotEmulatedError(arn) from None
            if found is None:
                raise NotEmulatedError(arn)
            ours.append(found)
        return ours


def _check_page_sizes(params: Params) -> None:
    size = params.get("ResourcesPerPage", _DEFAULT_PAGE)
    if not 1 <= size <= _MOST_PER_PAGE:
        raise _invalid("ResourcesPerPage must be between 1 and 100")
    tags = params.get("TagsPerPage")
    if tags is not None and (not _FEWEST_TAGS <= tags <= _MOST_TAGS or tags % _TAGS_STEP):
        raise _invalid("TagsPerPage must be a multiple of 100, from 100 to 500")
    if "ResourceARNList" in params and any(params.get(name) for name in _NOT_WITH_ARNS):
        raise _invalid("ResourceARNList cannot be combined with filters or ResourcesPerPage")
    if len(params.get("ResourceARNList", ())) > _MOST_ARNS:
        raise _invalid("ResourceARNList must have at most 100 members")


def _page_size(params: Params) -> int:
    """Whoever names ARNs may not ask for pages, and is answered in one."""
    size: int = params.get("ResourcesPerPage", _DEFAULT_PAGE)
    return _MOST_ARNS if "ResourceARNList" in params else size


def _is_wanted(found: _Tagged, params: Params) -> bool:
    arns, types = params.get("ResourceARNList"), params.get("ResourceTypeFilters")
    if arns and found.arn not in arns:
        return False
    service = found.resource_type.partition(":")[0]
    if types and found.resource_type not in types and service not in types:
        return False
    return all(
        wanted["Key"] in found.tags
        and (not wanted.get("Values") or found.tags[wanted["Key"]] in wanted["Values"])
        for wanted in params.get("TagFilters", ())
    )


def _strings_page(strings: list[str], params: Params) -> tuple[list[str], str]:
    page, token = page_after(
        strings,
        lambda string: (string,),
        params.get("PaginationToken"),
        _KEYS_PER_PAGE,
        invalid=_invalid_token(),
    )
    return list(page), token or ""


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def _invalid_token() -> AwsError:
    return AwsError(
        "PaginationTokenExpiredException",
        "The pagination token is invalid or has expired: start again without one",
    )
