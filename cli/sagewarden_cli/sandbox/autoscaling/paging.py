"""Pages as Application Auto Scaling's describe operations give them."""

from collections.abc import Callable, Iterable

from sagewarden_cli.sandbox.backend import Params
from sagewarden_cli.sandbox.errors import AwsError, ValidationException
from sagewarden_cli.sandbox.pagination import Key, page_after

_DEFAULT_PAGE = _MOST_PER_PAGE = 50


def described[T](
    items: Iterable[T],
    key: Callable[[T], Key],
    params: Params,
    *,
    newest_first: bool = False,
) -> tuple[list[T], str | None]:
    """Return one page of what a describe call asks for, and the next page's token.

    Args:
        items: All that the call is about.
        key: Their order; unique.
        params: The call's parameters.
        newest_first: Whether the greatest key comes first.

    Raises:
        ValidationException: ``MaxResults`` is not between 1 and 50.
    """
    limit = params.get("MaxResults", _DEFAULT_PAGE)
    if not 1 <= limit <= _MOST_PER_PAGE:
        raise ValidationException(f"MaxResults must be between 1 and {_MOST_PER_PAGE}.")
    ordered = sorted(items, key=key, reverse=newest_first)
    invalid = AwsError("InvalidNextTokenException", "The next token supplied was invalid.")
    page, token = page_after(
        ordered, key, params.get("NextToken"), limit, descending=newest_first, invalid=invalid
    )
    return list(page), token


def require_resource_with_dimension(params: Params, resource: str = "ResourceId") -> None:
    """Check that a dimension is not asked for without a resource.

    Args:
        params: The call's parameters.
        resource: The member that names the resource.

    Raises:
        ValidationException: It is.
    """
    if "ScalableDimension" in params and not params.get(resource):
        raise ValidationException("You must specify a resource ID with a scalable dimension.")
