"""Whose resources are, and who may decide over any of them."""

from dataclasses import dataclass

from sagewarden.domain.resources import Tags


@dataclass(frozen=True, slots=True)
class Owners:
    """What a policy says of owners.

    Attributes:
        tag: The tag that names a resource's owner.
        fallback_channel: The Slack channel that is told when no owner can be found.
        approvers: Slack users and groups who may decide over any resource.
    """

    tag: str = "Owner"
    fallback_channel: str | None = None
    approvers: tuple[str, ...] = ()


def owner_in(tags: Tags | None, key: str) -> str | None:
    """The owner that tags name; None where they name nobody, or could not be read."""
    return ((tags or {}).get(key) or "").strip() or None
