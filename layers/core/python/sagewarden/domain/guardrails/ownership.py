"""Whose a resource is, when it carries no owner's tag."""

import re
from dataclasses import dataclass

from sagewarden.domain.guardrails.identity import Identity
from sagewarden.domain.resources import Tags

_PROFILE_TAG = "sagemaker:user-profile-arn"
"""Studio tags what is created from within it with the ARN of the user profile."""

_PROFILE = re.compile(r"arn:[^:]+:sagemaker:[^:]*:[^:]*:user-profile/[^/]+/([^/]+)")
_TAG_VALUE = re.compile(r"[\w\s.:/=+\-@]{1,256}")
"""botocore, TagValue: letters, spaces, digits and _.:/=+-@."""


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
