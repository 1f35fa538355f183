"""The rules that SageMaker's tags obey."""

from collections.abc import Mapping

from sagewarden_cli.sandbox.backend import Params
from sagewarden_cli.sandbox.errors import ValidationException

_MOST_TAGS = 50
_RESERVED = "aws:"


def tags_in(params: Params) -> dict[str, str]:
    """Return the tags of a create or AddTags call as a mapping.

    Raises:
        ValidationException: A key occurs twice, or is reserved for AWS.
    """
    sent = params.get("Tags", ())
    tags = {tag["Key"]: tag["Value"] for tag in sent}
    if len(tags) < len(sent):
        raise ValidationException("Duplicate tag keys found. Please remove duplicate tag keys.")
    for key in tags:
        if key.lower().startswith(_RESERVED):
            raise ValidationException(
                f"Tag key '{key}' is invalid: keys must not start with '{_RESERVED}'.",
            )
    return tags


def check_tag_count(present: Mapping[str, str], added: Mapping[str, str]) -> None:
    """Check that a resource may take on more tags.

    Raises:
        ValidationException: It would have more than 50.
    """
    total = len({**present, **added})
    if total > _MOST_TAGS:
        raise ValidationException(
            f"A resource can have at most {_MOST_TAGS} tags; this would make {total}.",
        )


def as_tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as AWS lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
