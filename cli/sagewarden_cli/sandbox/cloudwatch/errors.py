"""CloudWatch's refusals: its codes are those of its query protocol, its shapes are longer."""

from sagewarden_cli.sandbox.errors import AwsError


def invalid_value(message: str) -> AwsError:
    """Return the refusal of one parameter's value."""
    return AwsError("InvalidParameterValue", message, shape="InvalidParameterValueException")


def invalid_combination(message: str) -> AwsError:
    """Return the refusal of parameters that do not go together."""
    return AwsError(
        "InvalidParameterCombination",
        message,
        shape="InvalidParameterCombinationException",
    )


def validation_error(message: str) -> AwsError:
    """Return the refusal of a GetMetricData request."""
    return AwsError("ValidationError", message, shape="ValidationException")


def invalid_next_token() -> AwsError:
    """Return the refusal of a page token that was not given out."""
    return AwsError("InvalidNextToken", "The next token specified is invalid.")
