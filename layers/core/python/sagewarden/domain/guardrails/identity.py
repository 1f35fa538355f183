"""Who made a CloudTrail call, and whether that names a person.

Forms of userIdentity: AWS CloudTrail user guide, "CloudTrail userIdentity element".
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from sagewarden.domain.guardrails.event_fields import Fields

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_SSO_ROLE = "AWSReservedSSO_"
"""IAM Identity Center names the roles of its permission sets so."""


class WhoKind(StrEnum):
    """What sort of name an event gives."""

    IAM_USER_NAME = "iam-user-name"
    SESSION_NAME_EMAIL = "session-name-email"
    SESSION_NAME = "session-name"
    """The user name of an IAM Identity Center session that is no e-mail address."""
    SOURCE_IDENTITY = "source-identity"
    IDENTITY_CENTER_USER = "identity-center-user"
    FEDERATED_USER = "federated-user"
    ROLE = "role"
    SERVICE = "service"
    ACCOUNT = "account"
    ROOT = "root"
    UNKNOWN = "unknown"

    @property
    def names_a_person(self) -> bool:
        """Whether an owner's tag may be written from it; an Identity Center id reads as nobody."""
        return self in {
            WhoKind.IAM_USER_NAME,
            WhoKind.SESSION_NAME_EMAIL,
            WhoKind.SESSION_NAME,
            WhoKind.SOURCE_IDENTITY,
            WhoKind.FEDERATED_USER,
        }


@dataclass(frozen=True, slots=True)
class Identity:
    """Who made a call.

    Attributes:
        who: The name; None when the event gives none.
        kind: What sort of name it is.
    """

    who: str | None = None
    kind: WhoKind = WhoKind.UNKNOWN

    @property
    def person(self) -> str | None:
        """The person it names, if it names one."""
        return self.who if self.kind.names_a_person else None


NOBODY = Identity()
"""The identity of an event that gives none."""


def read_identity(identity: Fields) -> Identity:
    """Say who a userIdentity element speaks of.

    The most personal name wins: an e-mail address as session name, then the source identity that
    an identity provider set, then the Identity Center user on whose behalf the call was made, then
    the user name of an Identity Center session. Other session names, such as ``SageMaker`` (a call
    from within a notebook or Studio) or ``GitHubActions``, name no person; the role stands.

    Raises:
        EventError: A field is no text or object.
    """
    match identity.member("type").optional_text():
        case "IAMUser":
            name = identity.member("userName").optional_text() or _last(identity, "arn")
            return _named(name, WhoKind.IAM_USER_NAME)
        case "AssumedRole" | "Role":
            return _of_role(identity)
        case "IdentityCenterUser":
            return _on_behalf(identity) or NOBODY
        case "FederatedUser" | "SAMLUser" | "WebIdentityUser":
            name = identity.member("userName").optional_text() or _last(identity, "arn")
            return _named(name, WhoKind.FEDERATED_USER)
        case "Root":
            return Identity("root", WhoKind.ROOT)
        case "AWSAccount":
            return _named(identity.member("accountId").optional_text(), WhoKind.ACCOUNT)
        case _:
            return _named(identity.member("invokedBy").optional_text(), WhoKind.SERVICE)


def _of_role(identity: Fields) -> Identity:
    context = identity.member("sessionContext")
    role, session = _role_and_session(identity)
    issuer = context.member("sessionIssuer").member("userName").optional_text()
    if session is not None and _EMAIL.fullmatch(session):
        return Identity(session, WhoKind.SESSION_NAME_EMAIL)
    if source := context.member("sourceIdentity").optional_text():
        return Identity(source, WhoKind.SOURCE_IDENTITY)
    if person := _on_behalf(identity):
        return person
    name = issuer or role
    if session is not None and name is not None and name.startswith(_SSO_ROLE):
        return Identity(session, WhoKind.SESSION_NAME)
    return _named(name, WhoKind.ROLE)


def _role_and_session(identity: Fields) -> tuple[str | None, str | None]:
    """The role's and the session's name, by the ARN or else by the principal id.

    ``arn:aws:sts::111122223333:assumed-role/ROLE/SESSION``, ``AROAEXAMPLE:SESSION``,
    ``arn:aws:iam::111122223333:role/path/ROLE``.
    """
    resource = (identity.member("arn").optional_text() or "").partition("::")[2].partition(":")[2]
    kind, _, rest = resource.partition("/")
    principal = identity.member("principalId").optional_text() or ""
    by_principal = principal.partition(":")[2] or None
    if kind == "assumed-role":
        role, _, session = rest.partition("/")
        return role or None, session or by_principal
    return rest.rpartition("/")[2] or None, by_principal


def _on_behalf(identity: Fields) -> Identity | None:
    user = identity.at("onBehalfOf", "userId").optional_text()
    return Identity(user, WhoKind.IDENTITY_CENTER_USER) if user else None


def _last(identity: Fields, key: str) -> str | None:
    """The name at the end of an ARN such as ``arn:aws:iam::111122223333:user/path/kim``."""
    return (identity.member(key).optional_text() or "").rpartition("/")[2] or None


def _named(name: str | None, kind: WhoKind) -> Identity:
    return Identity(name, kind) if name else NOBODY
