"""Somebody creates what the policy forbids: a notebook, an endpoint, a job, a domain, an app."""

from collections.abc import Container
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from sagewarden.bots import GUARDRAILS
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.apps import apps
from tests.e2e.stack.crashes import Murderer
from tests.e2e.stack.people import KIM, LEE, Trail
from tests.e2e.stack.scenarios import Chronicle, at
from tests.e2e.stack.watching import add_alarm, add_scalable_target

BIG = "ml.p4d.24xlarge"
ROLE = "arn:aws:iam::123456789012:role/data-science"


def forbidden_things_are_created(
    playing: AbstractContextManager[Wiring], *, latest_first: bool | None = None
) -> Chronicle:
    """A Monday morning; events come at once, or all together, in some order."""
    chronicle = Chronicle()
    with playing as wiring:
        trail = Trail(wiring, held=None if latest_first is None else [])
        wiring.sandbox.transition_times.set("training-job", "Training", timedelta(hours=5))
        wiring.sleep_until(at(16, 9, 1))
        _create(trail)
        _let_them_come_up(trail)
        if latest_first is not None:
            wiring.let_fire(f"{GUARDRAILS.logical_id}Schedule")
            trail.release(latest_first=latest_first)
        wiring.run_until(at(16, 9, 19))
        chronicle.states["09:19"] = what_runs(wiring)
        wiring.sleep_until(at(16, 9, 47))
        wiring.run_until(at(16, 9, 49))
        chronicle.states["09:49"] = what_runs(wiring)
        # What was warned of late in the sweep at 9:18 is due in the later one; an app that is
        # stopped there is gone by 10:50.
        for minute in (17, 47):
            wiring.sleep_until(at(16, 10, minute))
            wiring.run_until(at(16, 10, minute + 4))
        chronicle.states["10:51"] = what_runs(wiring)
        chronicle.states["tags"] = _owners(wiring)
        bought = wiring.sandbox.client("bedrock").list_provisioned_model_throughputs()
        chronicle.states["throughput"] = bought["provisionedModelSummaries"]
        return chronicle.close(wiring)


def creations_amid_crashes(
    playing: AbstractContextManager[Wiring], steps: Container[str], *, spares_the_call: bool
) -> tuple[Chronicle, list[tuple[str, str]]]:
    """The same morning, and how often the functions died in it; by one o'clock all has settled."""
    chronicle = Chronicle()
    with playing as wiring:
        trail = Trail(wiring)
        wiring.sandbox.transition_times.set("training-job", "Training", timedelta(hours=9))
        wiring.sleep_until(at(16, 9, 1))
        murderer = Murderer(wiring, GUARDRAILS, steps, spares_the_call=spares_the_call)
        with murderer.at_large():
            _create(trail)
            _let_them_come_up(trail)
            wiring.run_until(at(16, 13, 1))
        chronicle.states["13:01"] = what_runs(wiring)
        chronicle.states["tags"] = _owners(wiring)
        return chronicle.close(wiring), murderer.deaths


def _create(trail: Trail) -> None:
    """Kim forgets the tags; Lee writes them."""
    tagged = [{"Key": "Owner", "Value": "lee"}]
    for name, size in (("big", BIG), ("small", "ml.t3.medium")):
        trail.call(
            KIM,
            "CreateNotebookInstance",
            NotebookInstanceName=name,
            InstanceType=size,
            RoleArn=ROLE,
        )
    _create_endpoints(trail, tagged)
    _create_domain(trail)
    trail.call(LEE, "CreateTrainingJob", **_training(tagged))
    guarded = [*tagged, {"Key": "Stage", "Value": "prod"}]
    trail.call(
        KIM,
        "CreateNotebookInstance",
        NotebookInstanceName="prod",
        InstanceType=BIG,
        RoleArn=ROLE,
        Tags=guarded,
    )
    trail.wiring.sandbox.transition_times.set("provisioned-model", "Creating", timedelta(0))
    trail.buy_throughput(LEE, "unwanted-chat")


def _create_endpoints(trail: Trail, tagged: list[dict[str, str]]) -> None:
    """One endpoint with a model of its own, and one that hosts a component."""
    fleet = trail.wiring.sandbox.sagemaker()
    fleet.add_model("model")
    scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 2}
    instances: dict[str, Any] = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.g5.48xlarge",
        "InitialInstanceCount": 1,
    }
    variants = [{**instances, "ModelName": "model"}]
    trail.call(KIM, "CreateEndpointConfig", EndpointConfigName="huge", ProductionVariants=variants)
    fleet.add_endpoint_config("pool", variants=[{**instances, "ManagedInstanceScaling": scaling}])
    for name in ("huge", "pool"):
        trail.call(LEE, "CreateEndpoint", EndpointName=name, EndpointConfigName=name, Tags=tagged)


def _create_domain(trail: Trail) -> None:
    """A domain in which idle apps run on, as SageMaker makes one."""
    trail.call(
        KIM,
        "CreateDomain",
        DomainName="research",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
    )


def _create_user_profile(trail: Trail) -> None:
    """Somebody in it whose idle apps would run for a day."""
    client = trail.wiring.sandbox.client("sagemaker")
    [domain] = client.list_domains()["Domains"]
    day = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 1440}
    trail.call(
        LEE,
        "CreateUserProfile",
        DomainId=domain["DomainId"],
        UserProfileName="lee",
        UserSettings={"JupyterLabAppSettings": {"AppLifecycleManagement": {"IdleSettings": day}}},
        Tags=[{"Key": "Owner", "Value": "lee"}],
    )


def _create_apps(trail: Trail) -> None:
    """The same person's app on what is forbidden, and a protected one that runs already."""
    fleet = trail.wiring.sandbox.sagemaker()
    [domain] = trail.wiring.sandbox.client("sagemaker").list_domains()["Domains"]
    spaces: dict[str, dict[str, str]] = {"mina-lab": {}, "prod-lab": {"Stage": "prod"}}
    for space, tags in spaces.items():
        fleet.add_space(space, domain=domain["DomainId"], owner="lee", tags=tags)
    fleet.add_app(domain=domain["DomainId"], space="prod-lab", instance_type=BIG)
    trail.call(
        LEE,
        "CreateApp",
        DomainId=domain["DomainId"],
        SpaceName="mina-lab",
        AppType="JupyterLab",
        AppName="default",
        ResourceSpec={"InstanceType": BIG},
    )


def _training(tagged: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "TrainingJobName": "train",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": BIG, "InstanceCount": 1, "VolumeSizeInGB": 50},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
        "Tags": tagged,
    }


def _let_them_come_up(trail: Trail) -> None:
    """Ten minutes on everything is in service, and EventBridge says so."""
    wiring = trail.wiring
    wiring.deliver()
    wiring.sleep_until(at(16, 9, 11))
    fleet = wiring.sandbox.sagemaker()
    fleet.add_inference_component("component", endpoint="pool", variant="AllTraffic", copies=1)
    _create_user_profile(trail)
    _create_apps(trail)
    add_alarm(wiring, "huge")
    add_scalable_target(wiring, "huge")
    for name in ("big", "small", "prod"):
        trail.state("Notebook Instance", name, "InService")
    for name in ("huge", "pool"):
        trail.state("Endpoint", name, "IN_SERVICE")


def what_runs(wiring: Wiring) -> dict[str, str]:
    """The states of everything that was created."""
    client = wiring.sandbox.client("sagemaker")
    found = {
        one["NotebookInstanceName"]: one["NotebookInstanceStatus"]
        for one in client.list_notebook_instances()["NotebookInstances"]
    }
    found |= {
        one["EndpointName"]: one["EndpointStatus"] for one in client.list_endpoints()["Endpoints"]
    }
    found |= apps(wiring)
    found["train"] = client.describe_training_job(TrainingJobName="train")["TrainingJobStatus"]
    return found


def _owners(wiring: Wiring) -> dict[str, str]:
    client = wiring.sandbox.client("sagemaker")
    owners = {}
    for name in ("big", "small"):
        arn = client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceArn"]
        tags = client.list_tags(ResourceArn=arn)["Tags"]
        owners[name] = ", ".join(tag["Value"] for tag in tags if tag["Key"] == "Owner")
    config = client.describe_endpoint_config(EndpointConfigName="huge")["EndpointConfigArn"]
    owners["huge"] = client.list_tags(ResourceArn=config)["Tags"][0]["Value"]
    [domain] = client.list_domains()["Domains"]
    owners["research"] = client.list_tags(ResourceArn=domain["DomainArn"])["Tags"][0]["Value"]
    return owners
