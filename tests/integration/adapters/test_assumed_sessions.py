"""Other accounts are entered by a role, and its credentials are kept while they are young."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader

from sagewarden.adapters.sessions import ASSUMED_ANEW_AFTER, ASSUMED_FOR, Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden_cli.sandbox import Sandbox

pytestmark = pytest.mark.aws

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
MEMBER = "444455556666"
ROLE = f"arn:aws:iam::{MEMBER}:role/sagewarden-spoke"
LONGEST_RUN = timedelta(minutes=15)


def test_an_assumed_role_works_in_its_own_account(sandbox: Sandbox, sessions: Sessions) -> None:
    sandbox.sagemaker(MEMBER, "us-east-1").add_notebook_instance("theirs", status="InService")

    entered = sessions.assumed(ROLE, "an-id", "us-east-1", NOW)

    [found] = entered.client("sagemaker", "us-east-1").list_notebook_instances()[
        "NotebookInstances"
    ]
    assert found["NotebookInstanceName"] == "theirs"
    assert entered.account() == MEMBER
    assert sessions.account() != MEMBER


def test_a_role_is_assumed_once_while_its_credentials_are_young(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    first = sessions.assumed(ROLE, "an-id", "us-east-1", NOW)
    second = sessions.assumed(ROLE, "an-id", "us-east-1", NOW + timedelta(minutes=39))
    other = sessions.assumed(ROLE.replace(MEMBER, "7" * 12), "an-id", "us-east-1", NOW)

    assert first is second
    assert other is not first
    assert sandbox.calls.count("sts", "AssumeRole") == 2


def test_a_role_is_assumed_anew_before_a_run_could_outlast_its_credentials(
    sessions: Sessions,
) -> None:
    first = sessions.assumed(ROLE, "an-id", "us-east-1", NOW)

    later = sessions.assumed(ROLE, "an-id", "us-east-1", NOW + ASSUMED_ANEW_AFTER)

    assert later is not first
    assert ASSUMED_ANEW_AFTER + LONGEST_RUN < ASSUMED_FOR


def test_what_a_service_offers_is_read_once_however_many_accounts_are_entered(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions.client("sagemaker", "us-east-1")
    read: list[str] = []
    as_shipped = JSONFileLoader.load_file

    def counted(self: JSONFileLoader, path: str) -> object:
        read.append(path)
        return as_shipped(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", counted)

    for account in ("1" * 12, "2" * 12):
        entered = sessions.assumed(ROLE.replace(MEMBER, account), "an-id", "us-east-1", NOW)
        entered.client("sagemaker", "us-east-1")

    assert [path for path in read if "sts" not in path] == []


def test_a_role_that_cannot_be_assumed_is_unreadable(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    with pytest.raises(UnreadableError, match=f"the account of {ROLE}: .*Credentials"):
        Sessions().assumed(ROLE, "an-id", "us-east-1", NOW)

    assert sandbox.calls.count("sts", "AssumeRole") == 0
