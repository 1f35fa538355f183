"""What advice rests on, read from the emulated AWS."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.adapters.ecs_accelerators import EcsAccelerators
from sagewarden.adapters.hosting_details import SageMakerHosting
from sagewarden.adapters.retired_accelerators import SageMakerAccelerators
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.advice.elastic_inference import Naming, Place
from sagewarden.domain.advice.workload import Container, Hosting, Scaling
from sagewarden.domain.resources import Endpoint
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error

REGION = "us-east-1"
LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
EIA_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference-eia:2.0-cpu"
OWN_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def described(sessions: Sessions) -> list[Endpoint]:
    inventory = SageMakerInventory(sessions)
    return list(inventory.describe(REGION, inventory.endpoints(REGION).items).items)


def hosting(sessions: Sessions) -> Listing[Hosting]:
    return SageMakerHosting(sessions).of(REGION, described(sessions))


def a_variant(name: str = "AllTraffic", model: str = "m", **more: Any) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.xlarge",
        "InitialInstanceCount": 2,
        **more,
    }


def add_endpoint(sandbox: Sandbox, *variants: dict[str, Any], **config: Any) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_endpoint_config("c", variants or [a_variant()], created_at=LONG_AGO, **config)
    fleet.add_endpoint("e", config="c", created_at=LONG_AGO)


def test_a_config_and_its_model_tell_how_an_endpoint_serves(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    containers = [{"Image": "a", "Mode": "MultiModel"}, {"Image": "b"}]
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model(
        "m",
        PrimaryContainer=None,
        Containers=containers,
        VpcConfig=VPC,
        EnableNetworkIsolation=True,
    )
    capture = {"EnableCapture": True, "InitialSamplingPercentage": 9, "DestinationS3Uri": "s3://b"}
    add_endpoint(sandbox, DataCaptureConfig=capture)

    listing = hosting(sessions)

    assert listing.incomplete == ()
    (found,) = listing.items
    assert found.data_capture
    assert not found.isolated
    assert not found.vpc
    assert found.scaling == {"AllTraffic": None}
    model = found.models["AllTraffic"]
    assert model.vpc
    assert model.isolated
    assert model.containers == (Container("a", multi_model=True), Container("b"))
    assert model.image_gb is None


def test_the_size_of_an_image_is_read_from_the_accounts_own_registry_only(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    ecr = sandbox.client("ecr", REGION)
    ecr.create_repository(repositoryName="churn")
    pushed = ecr.put_image(
        repositoryName="churn", imageTag="1", imageManifest=_manifest(3_000_000_000)
    )
    digest = pushed["image"]["imageId"]["imageDigest"]
    own = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn"
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("tagged", image=f"{own}:1")
    fleet.add_model("pinned", image=f"{own}@{digest}")
    fleet.add_model("theirs", image=EIA_IMAGE)
    fleet.add_model("gone", image=f"{own}:9")
    add_endpoint(
        sandbox, *(a_variant(name, name) for name in ("tagged", "pinned", "theirs", "gone"))
    )

    listing = hosting(sessions)

    (found,) = listing.items
    sizes = {name: model.image_gb for name, model in found.models.items()}
    size = ecr.describe_images(repositoryName="churn")["imageDetails"][0]["imageSizeInBytes"]
    assert sizes["tagged"] == sizes["pinned"] == Decimal(size) / 10**9
    assert sizes["theirs"] is sizes["gone"] is None
    assert listing.incomplete == (), "that an image is gone is an answer"


def test_autoscaling_of_instances_is_read_with_its_policies_and_its_suspension(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.sagemaker(region=REGION).add_model("m")
    add_endpoint(sandbox)
    scaling = sandbox.client("application-autoscaling", REGION)
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/e/variant/AllTraffic",
        "ScalableDimension": DIMENSION,
    }
    suspended = {"DynamicScalingInSuspended": True}
    scaling.register_scalable_target(
        **target, MinCapacity=1, MaxCapacity=4, SuspendedState=suspended
    )
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 1},
    )

    (found,) = hosting(sessions).items

    assert found.scaling == {"AllTraffic": Scaling(1, 4, 0, 1, suspended=True)}


@pytest.mark.parametrize(
    ("service", "operation", "what"),
    [
        ("sagemaker", "DescribeModel", "model m in us-east-1"),
        ("application-autoscaling", "DescribeScalingPolicies", "autoscaling in us-east-1"),
        ("ecr", "DescribeImages", f"size of image {OWN_IMAGE}"),
    ],
)
def test_what_is_refused_is_named_and_not_known(
    sandbox: Sandbox, sessions: Sessions, service: str, operation: str, what: str
) -> None:
    sandbox.sagemaker(region=REGION).add_model("m", image=OWN_IMAGE)
    add_endpoint(sandbox)
    answer_with_error(sessions, service, operation, "AccessDeniedException")

    listing = hosting(sessions)

    assert [item.what for item in listing.incomplete] == [what]
    (found,) = listing.items
    assert ("AllTraffic" in found.models) is (operation != "DescribeModel")
    assert found.scaling_known is (service != "application-autoscaling")


def test_a_config_that_is_refused_leaves_its_endpoint_out(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.sagemaker(region=REGION).add_model("m")
    add_endpoint(sandbox)
    endpoints = described(sessions)
    answer_with_error(sessions, "sagemaker", "DescribeEndpointConfig", "AccessDeniedException")

    listing = SageMakerHosting(sessions).of(REGION, endpoints)

    assert listing.items == ()
    assert [item.what for item in listing.incomplete] == ["endpoint config c in us-east-1"]


def test_without_endpoints_nothing_is_asked(sandbox: Sandbox, sessions: Sessions) -> None:
    assert SageMakerHosting(sessions).of(REGION, []) == Listing(())
    assert sandbox.calls.counts() == {}


def test_an_accelerator_is_read_with_the_details_of_its_endpoint(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.sagemaker(region=REGION).add_model("m")
    add_endpoint(sandbox, a_variant(AcceleratorType="ml.eia2.medium"))

    (endpoint,) = described(sessions)

    assert endpoint.details is not None
    assert endpoint.details.variants[0].accelerator == "ml.eia2.medium"


def test_everything_of_sagemaker_that_names_elastic_inference_is_found(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m", image=EIA_IMAGE)
    fleet.add_model("lone", image=EIA_IMAGE, tags={"Owner": "jun"})
    fleet.add_model("plain")
    fleet.add_notebook_instance(
        "old", AcceleratorTypes=["ml.eia1.medium"], status="Stopped", tags={"Owner": "mina"}
    )
    fleet.add_notebook_instance("new")
    add_endpoint(sandbox, a_variant(AcceleratorType="ml.eia2.medium"), tags={"Team": "vision"})
    shadow = a_variant("s", AcceleratorType="ml.eia2.large")
    fleet.add_endpoint_config(
        "unused", [a_variant(model="plain")], ShadowProductionVariants=[shadow]
    )

    listing = SageMakerAccelerators(sessions).naming(REGION, described(sessions))

    assert listing.incomplete == ()
    found = {(item.ref.kind, item.ref.name): item for item in listing.items}
    assert set(found) == {
        (Place.ENDPOINT_CONFIG, "c"),
        (Place.ENDPOINT_CONFIG, "unused"),
        (Place.MODEL, "lone"),
        (Place.NOTEBOOK_INSTANCE, "old"),
    }
    config = found[Place.ENDPOINT_CONFIG, "c"]
    assert config.accelerators == ("ml.eia2.medium",)
    assert config.instance_type == "ml.m5.xlarge"
    assert config.count == 2
    assert config.images == (EIA_IMAGE,)
    assert config.endpoints == ("e",)
    assert config.tags == {"Team": "vision"}
    assert found[Place.ENDPOINT_CONFIG, "unused"].endpoints == ()
    assert found[Place.ENDPOINT_CONFIG, "unused"].where == "AcceleratorType of variant s"
    assert found[Place.MODEL, "lone"].tags == {"Owner": "jun"}
    notebook = found[Place.NOTEBOOK_INSTANCE, "old"]
    assert notebook.accelerators == ("ml.eia1.medium",)
    assert notebook.endpoints is None


def test_a_model_for_elastic_inference_knows_the_endpoints_that_run_it(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.sagemaker(region=REGION).add_model("m", image=EIA_IMAGE)
    add_endpoint(sandbox)

    (found,) = SageMakerAccelerators(sessions).naming(REGION, described(sessions)).items

    assert found.ref.kind == Place.MODEL
    assert found.endpoints == ("e",)


def test_all_pages_are_looked_through(sandbox: Sandbox, sessions: Sessions) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    for number in range(103):
        fleet.add_model(f"m{number}", image=EIA_IMAGE)

    listing = SageMakerAccelerators(sessions).naming(REGION, [])

    assert len(listing.items) == 103


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ("ListModels", "model resources in us-east-1"),
        ("DescribeModel", "model m in us-east-1"),
        ("ListTags", "tags of arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/old"),
        ("DescribeNotebookInstance", "notebook instance old in us-east-1"),
    ],
)
def test_a_part_that_is_refused_is_named_and_the_rest_is_found(
    sandbox: Sandbox, sessions: Sessions, operation: str, what: str
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m")
    fleet.add_notebook_instance("old", AcceleratorTypes=["ml.eia1.medium"])
    add_endpoint(sandbox, a_variant(AcceleratorType="ml.eia2.medium"))
    endpoints = described(sessions)
    answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

    listing = SageMakerAccelerators(sessions).naming(REGION, endpoints)

    assert what in [item.what for item in listing.incomplete]
    assert Place.ENDPOINT_CONFIG in {item.ref.kind for item in listing.items}


def register(sandbox: Sandbox, family: str, container: dict[str, Any], **more: Any) -> str:
    answer = sandbox.client("ecs", REGION).register_task_definition(
        family=family,
        containerDefinitions=[{"name": "app", "image": "x", "memory": 512, **container}],
        **more,
    )
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def ecs(sessions: Sessions) -> dict[str, Naming]:
    listing = EcsAccelerators(sessions).naming(REGION, [])
    assert listing.incomplete == ()
    return {item.ref.name: item for item in listing.items}


def test_task_definitions_are_found_by_accelerator_image_and_environment(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    register(
        sandbox,
        "device",
        {"resourceRequirements": [{"type": "InferenceAccelerator", "value": "d"}]},
        inferenceAccelerators=[{"deviceName": "d", "deviceType": "eia2.medium"}],
        tags=[{"key": "Owner", "value": "mina"}],
    )
    register(sandbox, "image", {"image": EIA_IMAGE})
    register(sandbox, "words", {"environment": [{"name": "EI", "value": "eia1.large"}]})
    register(sandbox, "plain", {"environment": [{"name": "A", "value": "b"}]})
    register(sandbox, "gpu", {"resourceRequirements": [{"type": "GPU", "value": "1"}]})

    found = ecs(sessions)

    assert set(found) == {"device:1", "image:1", "words:1"}
    assert found["device:1"].accelerators == ("ml.eia2.medium",)
    assert found["device:1"].tags == {"Owner": "mina"}
    assert found["device:1"].where == "inferenceAccelerators; resourceRequirements of container app"
    assert found["image:1"].where == "image of container app"
    assert found["words:1"].accelerators == ("ml.eia1.large",)
    assert found["words:1"].where == "environment EI of container app"


def test_an_older_revision_counts_only_while_a_service_runs_it(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    old = register(sandbox, "app", {"image": EIA_IMAGE})
    register(sandbox, "app", {"image": "new"})
    assert ecs(sessions) == {}
    client = sandbox.client("ecs", REGION)
    client.create_cluster(clusterName="prod")
    for number in range(11):
        client.create_service(
            cluster="prod", serviceName=f"s{number:02}", taskDefinition=old, desiredCount=1
        )

    (found,) = ecs(sessions).values()

    assert found.ref.arn == old
    assert found.endpoints == tuple(f"s{number:02}" for number in range(11))


@pytest.mark.parametrize(
    ("operation", "seen"),
    [
        ("ListTaskDefinitionFamilies", True),
        ("DescribeTaskDefinition", False),
        ("ListClusters", True),
        ("ListServices", True),
        ("DescribeServices", True),
    ],
)
def test_a_part_of_ecs_that_is_refused_is_named(
    sandbox: Sandbox, sessions: Sessions, operation: str, *, seen: bool
) -> None:
    arn = register(sandbox, "app", {"image": EIA_IMAGE})
    client = sandbox.client("ecs", REGION)
    client.create_cluster(clusterName="prod")
    client.create_service(cluster="prod", serviceName="s", taskDefinition=arn, desiredCount=1)
    answer_with_error(sessions, "ecs", operation, "AccessDeniedException")

    listing = EcsAccelerators(sessions).naming(REGION, [])

    assert len(listing.incomplete) >= 1
    assert all("AccessDenied" in item.why for item in listing.incomplete)
    assert [item.endpoints for item in listing.items] == ([None] if seen else [])


def _manifest(size: int) -> str:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "x", "size": 1, "digest": "sha256:" + "a" * 64},
            "layers": [{"mediaType": "x", "size": size, "digest": "sha256:" + "b" * 64}],
        }
    )
