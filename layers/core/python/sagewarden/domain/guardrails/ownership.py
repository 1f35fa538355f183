"""Whose a resource is, when it carries no owner's tag."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sagewarden.domain.guardrails.identity import Identity
from sagewarden.domain.resources import Tags

_PROFILE_TAG = "sagemaker:user-profile-arn"
"""Studio tags what is created from within it with the ARN of the user profile."""

_PROFILE = re.compile(r"arn:[^:]+:sagemaker:[^:]*:[^:]*:user-profile/[^/]+/([^/]+)")
_STUDIO_TAGS = {
    _PROFILE_TAG: "user profile",
    "sagemaker:space-arn": "space",
    "sagemaker:domain-arn": "domain",
}
"""The tags by which what Studio creates names where it was created, the most personal first."""

_TAG_VALUE = re.compile(r"[\w\s.:/=+\-@]{1,256}")
"""botocore, TagValue: letters, spaces, digits and _.:/=+-@."""


_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a resource seems to belong to.

    Attributes:
        name: The value for the owner's tag.
        source: How that is known.
    """

    name: str
    source: str


def owner_of(identity: Identity, tags: Tags | None) -> Owner | None:
    """Find the owner: the person who called, else the Studio user profile in the tags.

    None when neither names a person, or the name cannot be the value of a tag.
    """
    if identity.person is not None:
        found = Owner(identity.person, f"the caller ({identity.kind})")
    else:
        profile = _PROFILE.fullmatch((tags or {}).get(_PROFILE_TAG, ""))
        if profile is None:
            return None
        found = Owner(profile[1], f"the Studio user profile (tag {_PROFILE_TAG})")
    return found if _TAG_VALUE.fullmatch(found.name) else None


def studio_arns(tags: Tags, account: str, region: str) -> Iterator[tuple[str, str]]:
    """The Studio resources that tags name, and what each is, the most personal first.

    Tags are anybody's to write: only ARNs of the same account and region are believed.
    """
    for key, what in _STUDIO_TAGS.items():
        arn = tags.get(key, "")
        parts = arn.split(":", 5)
        if len(parts) == _ARN_PARTS and parts[2:5] == ["sagemaker", region, account]:
            yield what, arn
