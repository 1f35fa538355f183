from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.guardrails.event_fields import EventError, Fields
from sagewarden.domain.guardrails.identity import NOBODY, Identity, WhoKind, read_identity
from tests.support.builders import ACCOUNT
from tests.support.events import KIM, a_role

SSO = "AWSReservedSSO_DataScientist_0123456789abcdef"
ON_BEHALF = {"onBehalfOf": {"userId": "9067-u", "identityStoreArn": "arn:aws:identitystore::x"}}
SOURCE = {"sessionContext": {"sourceIdentity": "lee", "sessionIssuer": {"userName": "ml-admin"}}}


@pytest.mark.parametrize(
    ("identity", "who", "kind"),
    [
        (KIM, "kim", "iam-user-name"),
        (
            {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/a/b/lee"},
            "lee",
            "iam-user-name",
        ),
        ({"type": "IAMUser", "userName": "lee@example.com"}, "lee@example.com", "iam-user-name"),
        (a_role("kim@example.com", SSO), "kim@example.com", "session-name-email"),
        (a_role("kim@example.co.kr"), "kim@example.co.kr", "session-name-email"),
        (a_role("kim", SSO), "kim", "session-name"),
        (a_role("GitHubActions"), "ci-deploy", "role"),
        (a_role("SageMaker", "Exec"), "Exec", "role"),
        (a_role("kim@home"), "ci-deploy", "role"),
        (a_role("SageMaker", "Exec", **ON_BEHALF), "9067-u", "identity-center-user"),
        (a_role("SageMaker", "ml-admin", **SOURCE), "lee", "source-identity"),
        (a_role("kim@example.com", SSO, **ON_BEHALF), "kim@example.com", "session-name-email"),
        (a_role("x", sessionContext=None), "ci-deploy", "role"),
        (
            {"type": "AssumedRole", "principalId": "AROAEXAMPLE:kim@example.com"},
            *("kim@example.com", "session-name-email"),
        ),
        (
            {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/path/deployer"},
            *("deployer", "role"),
        ),
        ({"type": "IdentityCenterUser", **ON_BEHALF}, "9067-u", "identity-center-user"),
        ({"type": "IdentityCenterUser"}, None, "unknown"),
        (
            {"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/park"},
            *("park", "federated-user"),
        ),
        ({"type": "SAMLUser", "userName": "park"}, "park", "federated-user"),
        ({"type": "Root", "accountId": ACCOUNT}, "root", "root"),
        ({"type": "AWSAccount", "accountId": "444455556666"}, "444455556666", "account"),
        (
            {"type": "AWSService", "invokedBy": "sagemaker.amazonaws.com"},
            *("sagemaker.amazonaws.com", "service"),
        ),
        ({"type": "AWSService"}, None, "unknown"),
        ({"type": "Unknown"}, None, "unknown"),
        ({}, None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_the_most_personal_name_of_an_identity_is_told(
    identity: Any, who: str | None, kind: str
) -> None:
    found = read_identity(Fields(identity))

    assert found == Identity(who, WhoKind(kind))


def test_only_names_that_read_as_people_are_persons() -> None:
    kinds = {kind for kind in WhoKind if Identity("x", kind).person}

    assert kinds == {
        WhoKind.IAM_USER_NAME,
        WhoKind.SESSION_NAME_EMAIL,
        WhoKind.SESSION_NAME,
        WhoKind.SOURCE_IDENTITY,
        WhoKind.FEDERATED_USER,
    }
    assert NOBODY.person is None


@given(st.text(min_size=1).filter(lambda text: "@" not in text and "/" not in text))
def test_a_session_name_without_an_at_sign_never_makes_a_person_of_a_plain_role(
    session: str,
) -> None:
    found = read_identity(Fields(a_role(session)))

    assert found == Identity("ci-deploy", WhoKind.ROLE)


def test_an_identity_of_another_form_is_located() -> None:
    with pytest.raises(EventError, match="userIdentity: 'kim' should be an object"):
        read_identity(Fields("kim", "userIdentity"))

    with pytest.raises(EventError, match=r"userIdentity\.userName: 7 should be text"):
        read_identity(Fields({"type": "IAMUser", "userName": 7}, "userIdentity"))
