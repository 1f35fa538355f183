"""What the stack took away is asked back in Slack: every kind, in the hub's account and beyond."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from sagewarden_cli.stack.iam.grants import grants_of
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.conftest import FIXTURES
from tests.e2e.stack.described import apps_described, described
from tests.e2e.stack.member_account import HUB, MEMBER, join
from tests.e2e.stack.nodes import nodes
from tests.e2e.stack.scenarios import FORGOTTEN, Chronicle, add_endpoints, at
from tests.e2e.stack.services import let_run, services
from tests.e2e.stack.slack_loop import Talking, said_in
from tests.support.container_insights import publish
from tests.support.endpoints_to_restore import single
from tests.support.hurried_transitions import hurry

TAKEN = ("e", *FORGOTTEN)
APPS = ("space/mina-lab/JupyterLab/default", "user/mina/KernelGateway/datascience")
NODES = "ml/trainers"
STARTED = ("mlflow", "drift")
BOUGHT = ("titan", "own-model")
TITAN = "amazon.titan-text-express-v1"
CUSTOM = f"arn:aws:bedrock:us-east-1:123456789012:custom-model/{TITAN}/0a1b2c3d4e5f"


IDLE_SERVICES = """
  - name: idle-services
    resources: [mlflow-tracking-server, monitoring-schedule, provisioned-model]
    idle: {for: 72h}
    action: delete
    grace: 24h
protect: [{tag: Stage, values: [prod]}]
"""


def policy() -> str:
    """The policy of the Slack scenarios, in two accounts; idle services for concurrency."""
    text = (FIXTURES / "policy/slack.yaml").read_text(encoding="utf-8")
    both = f'accounts: ["{HUB}", "{MEMBER}"]\n  regions: [us-east-1]'
    kept, _, _ = text.replace("accounts: self", both).partition("  - name: warm-for-the-day")
    return kept + IDLE_SERVICES


def taken_away_and_asked_back(playing: AbstractContextManager[Talking]) -> Chronicle:
    """Nobody answers in time; then somebody deletes even more, and all of it is asked back."""
    chronicle = Chronicle()
    states = chronicle.states
    with playing as talking:
        wiring = talking.wiring
        spoke = join(wiring)
        _add_fleet(wiring)
        before = _all(wiring)
        wiring.run_until(at(16, 10, 26))
        wiring.sleep_until(at(16, 17, 29))
        wiring.run_until(at(16, 17, 31))
        wiring.sleep_until(at(16, 17, 59))
        wiring.run_until(at(16, 18, 2))
        wiring.sleep_until(at(17, 11, 9))
        wiring.run_until(at(17, 11, 26))
        states["taken"] = _standing(wiring)
        _tidy_up(wiring)
        hurry(wiring.sandbox)
        states["answers"] = [
            *(
                talking.click_in_the_channel("restore", name)
                for name in (*TAKEN, "nb", *APPS, NODES, *STARTED, *BOUGHT)
            ),
            talking.click_in_the_channel("restore", "elsewhere"),
        ]
        wiring.run_until(at(17, 11, 44))
        states["given back"] = _standing(wiring)
        states["said"] = [
            line
            for message in talking.slack.messages("ml-costs")
            for line in said_in(message)
            if "is back since" in line or "is not back" in line
        ]
        states["as before"] = _all(wiring) == before
        states["before"], states["after"] = before, _all(wiring)
        chronicle.close(wiring)
        chronicle.grants = {**chronicle.grants, **grants_of(spoke)}
        return chronicle


def _add_fleet(wiring: Wiring) -> None:
    single(wiring.sandbox)
    points = [(at(12, 0) + timedelta(hours=number), 0.0) for number in range(24 * 6)]
    here = {"EndpointName": "e", "VariantName": "v"}
    there = {"EndpointName": "elsewhere", "VariantName": "AllTraffic"}
    for account, dimensions in ((None, here), (MEMBER, there)):
        wiring.sandbox.metrics.load(
            account, None, "AWS/SageMaker", "Invocations", dimensions, points
        )
    add_endpoints(wiring)
    wiring.sandbox.sagemaker().add_inference_component(
        "spare", endpoint="components", variant="AllTraffic", copies=2, tags={"Team": "fraud"}
    )
    spare = {"InferenceComponentName": "spare"}
    wiring.sandbox.metrics.load(None, None, "AWS/SageMaker", "Invocations", spare, points)
    fleet, beyond = wiring.sandbox.sagemaker(), wiring.sandbox.sagemaker(MEMBER)
    fleet.add_notebook_instance("nb", created_at=at(2, 9), tags={"Owner": "mina"})
    _open_studio(wiring)
    _add_services(wiring)
    wiring.sandbox.eks().add_node_group(
        "trainers", sizes=(1, 4, 2), modified_at=at(2, 9), tags={"Owner": "mina"}
    )
    publish(wiring.sandbox, "trainers", now=at(16, 18, 2))
    beyond.add_endpoint("elsewhere", created_at=at(10, 9), tags={"Owner": "lee"})
    wiring.sleep_until(at(16, 9, 58))


def _open_studio(wiring: Wiring) -> None:
    fleet, mina = wiring.sandbox.sagemaker(), {"Owner": "mina"}
    script = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/auto-stop"
    spec = {"InstanceType": "ml.g5.xlarge", "LifecycleConfigArn": script}
    fleet.add_domain("d-one")
    fleet.add_user_profile("mina", domain="d-one", tags=mina)
    fleet.add_space("mina-lab", domain="d-one", owner="mina")
    fleet.add_app(
        domain="d-one", space="mina-lab", created_at=at(2, 9), tags=mina, ResourceSpec=spec
    )
    fleet.add_app(
        "datascience",
        domain="d-one",
        user_profile="mina",
        app_type="KernelGateway",
        created_at=at(2, 9),
        tags=mina,
    )


def _add_services(wiring: Wiring) -> None:
    """What is billed by the hour, and used by nobody."""
    fleet, bedrock = wiring.sandbox.sagemaker(), wiring.sandbox.bedrock()
    old: dict[str, Any] = {"created_at": at(2, 9), "tags": {"Owner": "mina"}}
    fleet.add_tracking_server("mlflow", is_used=False, **old)
    fleet.add_monitoring_schedule("drift", endpoint="gone", **old)
    for name, model in zip(BOUGHT, (TITAN, CUSTOM), strict=True):
        arn = bedrock.add_provisioned_model(name, model=model, **old)
        let_run(wiring, "Invocations", {"ModelId": arn}, 0.0, "AWS/Bedrock")


def _tidy_up(wiring: Wiring) -> None:
    """Somebody deletes what the endpoints stood on, and writes into the queue what is no wish."""
    client = wiring.sandbox.client("sagemaker")
    client.delete_endpoint_config(EndpointConfigName="c")
    for model in ("m", "m2"):
        client.delete_model(ModelName=model)
    client.delete_inference_component(InferenceComponentName="spare")
    wiring.sandbox.client("cloudwatch").delete_alarms(AlarmNames=["slow"])
    queue = wiring.stack.resources["RestoresQueue"].ref
    wiring.sandbox.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")


def _all(wiring: Wiring) -> Mapping[str, Any]:
    endpoints = {**described(wiring, TAKEN), **described(wiring, ["elsewhere"], MEMBER)}
    return {
        **endpoints,
        **apps_described(wiring, APPS),
        NODES: nodes(wiring)["trainers"],
    }


def _standing(wiring: Wiring) -> dict[str, str]:
    """What stands of it, with its status."""
    found = {}
    for account in (None, MEMBER):
        client = wiring.sandbox.client("sagemaker", "us-east-1", account)
        for one in client.list_endpoints()["Endpoints"]:
            found[one["EndpointName"]] = one["EndpointStatus"]
        for one in client.list_notebook_instances()["NotebookInstances"]:
            found[one["NotebookInstanceName"]] = one["NotebookInstanceStatus"]
        for one in client.list_apps()["Apps"]:
            found[one["AppType"]] = one["Status"]
    found |= services(wiring)
    found[NODES] = "InService" if nodes(wiring)["trainers"] == (1, 2) else "Scaled"
    return found
