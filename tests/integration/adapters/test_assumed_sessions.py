"""Other accounts are entered by a role, and its credentials are kept while they are young."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader

from sagewarden.adapters.sessions import ASSUMED_ANEW_AFTER, ASSUMED_FOR, MOST_ENTERED, Sessions
from sagewarden.application.ports import OutOfReachError, UnreadableError
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import refusing

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


def test_accounts_share_what_botocore_reads_of_the_services(sessions: Sessions) -> None:
    accounts = [f"{number:012d}" for number in range(20)]
    models = {
        id(
            sessions.assumed(ROLE.replace(MEMBER, account), "an-id", "us-east-1", NOW)
            .client("sagemaker", "us-east-1")
            .meta.service_model.metadata
        )
        for account in accounts
    }

    assert len(models) == 1


def test_only_the_clients_of_the_accounts_seen_last_are_kept_and_the_keys_of_all(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    roles = [ROLE.replace(MEMBER, f"{number:012d}") for number in range(MOST_ENTERED + 1)]

    first, second, *_ = [sessions.assumed(role, "an-id", "us-east-1", NOW) for role in roles]
    again = [sessions.assumed(role, "an-id", "us-east-1", NOW) for role in roles[1::-1]]

    assert again[0] is second
    assert again[1] is not first
    assert again[1].account() == "000000000000"
    assert sandbox.calls.count("sts", "AssumeRole") == len(roles)


def test_a_role_that_lets_nobody_in_is_out_of_reach(sandbox: Sandbox, sessions: Sessions) -> None:
    refused = refusing(lambda call: call.operation == "AssumeRole", "AccessDenied")

    with (
        sandbox.observers.watching(refused),
        pytest.raises(OutOfReachError, match=f"the account of {ROLE}: AccessDenied"),
    ):
        sessions.assumed(ROLE, "an-id", "us-east-1", NOW)


def test_a_region_that_does_not_know_our_credentials_is_barred(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    unknown = refusing(lambda call: call.region == "ap-east-1", "InvalidClientTokenId")

    with sandbox.observers.watching(unknown):
        assert (sessions.barred("ap-east-1") or "").startswith("InvalidClientTokenId")
        assert sessions.barred("us-east-1") is None


def test_a_region_that_does_not_answer_is_not_barred(sandbox: Sandbox, sessions: Sessions) -> None:
    broken = refusing(lambda call: call.operation == "GetCallerIdentity", "ExpiredToken")

    with sandbox.observers.watching(broken):
        assert sessions.barred("us-east-1") is None
