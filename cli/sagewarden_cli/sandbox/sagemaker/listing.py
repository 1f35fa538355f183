"""What SageMaker's list operations have in common: filters, order and pages."""

from collections.abc import Callable, Iterable
from typing import Any

from sagewarden_cli.sandbox.backend import Params
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.sagemaker.bases import Resource

_DEFAULT_PAGE = 10
_FILTERS = {
    *("NameContains", "StatusEquals", "CreationTimeAfter", "CreationTimeBefore"),
    *("LastModifiedTimeAfter", "LastModifiedTimeBefore"),
}


def listed[R: Resource](
    resources: Iterable[R],
    params: Params,
    *,
    sort_by: str = "CreationTime",
    sort_order: str = "Descending",
) -> tuple[list[R], str | None]:
    """Return one page of what a list call asks for, and the next page's token.

    Args:
        resources: All of the kind.
        params: The call's parameters.
        sort_by: The operation's default order.
        sort_order: The operation's default direction.
    """
    found = list(resources)
    if not params.keys().isdisjoint(_FILTERS):
        found = [resource for resource in found if _matches(resource, params)]
    key = _SORT_KEYS[params.get("SortBy", sort_by)]
    descending = params.get("SortOrder", sort_order) == "Descending"
    found.sort(key=key, reverse=descending)
    limit = params.get("MaxResults", _DEFAULT_PAGE)
    page, token = page_after(found, key, params.get("NextToken"), limit, descending=descending)
    return list(page), token


def _matches(resource: Resource, params: Params) -> bool:
    if "NameContains" in params and params["NameContains"].lower() not in resource.name.lower():
        return False
    if "StatusEquals" in params and _status(resource) != params["StatusEquals"]:
        return False
    return _is_within(resource.created_at, params, "CreationTime") and _is_within(
        resource.modified_at, params, "LastModifiedTime"
    )


def _is_within(moment: Any, params: Params, name: str) -> bool:  # noqa: ANN401  # see Params
    after, before = params.get(f"{name}After"), params.get(f"{name}Before")
    return (after is None or moment >= after) and (before is None or moment < before)


def _status(resource: Resource) -> str:
    return str(getattr(resource, "status", ""))


_SORT_KEYS: dict[str, Callable[[Resource], tuple[Any, ...]]] = {
    "Name": lambda resource: (resource.name,),
    "CreationTime": lambda resource: (resource.created_at.timestamp(), resource.key),
    "LastModifiedTime": lambda resource: (resource.modified_at.timestamp(), resource.key),
    "Status": lambda resource: (_status(resource), resource.key),
}
