"""The file systems of Studio domains beside all others."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagewarden_cli.sandbox import Sandbox
from tests.integration.sandbox.conftest import MONDAY_NINE as NOW

type Client = Any  # boto3 makes its clients at run time


@pytest.fixture
def efs(sandbox: Sandbox) -> Client:
    return sandbox.client("efs")


def test_a_domains_home_is_a_file_system_with_its_size_and_its_domains_arn(
    sandbox: Sandbox, efs: Client
) -> None:
    fleet = sandbox.sagemaker()
    arn = fleet.add_domain("d-lab", created_at=NOW)
    key = fleet.fill_home("d-lab", 3 * 2**30)

    home = sandbox.client("sagemaker").describe_domain(DomainId="d-lab")["HomeEfsFileSystemId"]
    [found] = efs.describe_file_systems(FileSystemId=home)["FileSystems"]

    assert home == key
    assert found["SizeInBytes"]["Value"] == 3 * 2**30
    assert found["Tags"] == [{"Key": "ManagedByAmazonSageMakerResource", "Value": arn}]
    assert (found["CreationTime"], found["LifeCycleState"]) == (NOW, "available")


def test_a_home_tells_its_size_by_storage_class(sandbox: Sandbox, efs: Client) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_domain("d-lab")
    fleet.add_domain("d-new")
    key = fleet.fill_home("d-lab", 100, infrequent=30, archive=50, throughput="elastic")

    found = {item["FileSystemId"]: item for item in efs.describe_file_systems()["FileSystems"]}

    lab = found.pop(key)
    [new] = found.values()
    size = {name: value for name, value in lab["SizeInBytes"].items() if name != "Timestamp"}
    assert size == {"Value": 100, "ValueInStandard": 20, "ValueInIA": 30, "ValueInArchive": 50}
    assert (lab["ThroughputMode"], new["ThroughputMode"]) == ("elastic", "bursting")
    assert new["SizeInBytes"]["ValueInStandard"] == new["SizeInBytes"]["Value"] == 6144


@pytest.mark.parametrize(("policy", "left"), [(None, 1), ("Retain", 1), ("Delete", 0)])
def test_a_home_outlives_its_domain_unless_it_is_to_go_too(
    sandbox: Sandbox, efs: Client, policy: str | None, left: int
) -> None:
    sandbox.sagemaker().add_domain("d-lab")
    wish = {"RetentionPolicy": {"HomeEfsFileSystem": policy}} if policy else {}

    sandbox.client("sagemaker").delete_domain(DomainId="d-lab", **wish)
    sandbox.clock.advance(sandbox.transition_times.of("domain", "Deleting"))

    assert len(efs.describe_file_systems()["FileSystems"]) == left


def test_other_file_systems_are_motos_and_all_come_by_page(sandbox: Sandbox, efs: Client) -> None:
    sandbox.sagemaker().add_domain("d-lab")
    made = efs.create_file_system(CreationToken="mine")["FileSystemId"]

    first = efs.describe_file_systems(MaxItems=1)
    rest = efs.describe_file_systems(MaxItems=1, Marker=first["NextMarker"])
    [mine] = efs.describe_file_systems(CreationToken="mine")["FileSystems"]

    pages = (*first["FileSystems"], *rest["FileSystems"])
    assert len({item["FileSystemId"] for item in pages}) == 2
    assert "NextMarker" not in rest
    assert mine["FileSystemId"] == made
    with pytest.raises(ClientError) as refused:
        efs.describe_file_systems(FileSystemId="fs-0123456789")
    assert refused.value.response["Error"]["Code"] == "FileSystemNotFound"
