"""Cost Explorer's filter expressions over line items."""

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.billing.records import LineItem
from sagewarden_cli.sandbox.errors import NotEmulatedError, ValidationException

_DIMENSIONS = {
    "SERVICE": "service",
    "USAGE_TYPE": "usage_type",
    "RECORD_TYPE": "record_type",
    "SAVINGS_PLAN_ARN": "plan",
}


def value_of(item: LineItem, dimension: str) -> str:
    """What a line item says of a dimension.

    Raises:
        NotEmulatedError: The dimension is none of those emulated.
    """
    attribute = _DIMENSIONS.get(dimension)
    if attribute is None:
        raise NotEmulatedError(f"dimension {dimension}")
    return str(getattr(item, attribute) or "")


def passes(item: LineItem, expression: Json) -> bool:
    """Whether a line item passes an expression.

    Raises:
        ValidationException: The expression is empty, or has more than one root.
        NotEmulatedError: It filters by what is not emulated.
    """
    if len(expression) != 1:
        raise ValidationException(
            "Expression should have exactly one root: one operator, or one of the filters "
            f"(was {len(expression)})"
        )
    [(kind, inner)] = expression.items()
    match kind:
        case "And":
            return all(passes(item, part) for part in inner)
        case "Or":
            return any(passes(item, part) for part in inner)
        case "Not":
            return not passes(item, inner)
        case "Dimensions":
            return value_of(item, inner["Key"]) in inner["Values"]
    raise NotEmulatedError(f"filter by {kind}")
