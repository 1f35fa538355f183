"""Monday morning: an answer is not taken at first, and the topic refuses the week's advice once."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from http import HTTPStatus

from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.reports import Refusing
from tests.e2e.stack.scenarios import Chronicle, at

REGION = "us-east-1"
EIA_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference-eia:2.0-cpu"
OWN_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"


def weekly_advice(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """An endpoint that is hardly called, and something of each kind that may be read."""
    chronicle = Chronicle()
    with playing as wiring:
        advisor = wiring.functions[wiring.stack.resources["AdvisorFunction"].attributes["Arn"]]
        _add_endpoints(wiring)
        _add_elastic_inference(wiring)
        wiring.sleep_until(at(23, 9, 29))
        before = dict(wiring.sandbox.calls.counts())
        with (
            wiring.sandbox.observers.watching(_refuse_an_answer_once()),
            wiring.sandbox.observers.watching(Refusing(advisor.role)),
        ):
            wiring.run_until(at(23, 9, 31))
            chronicle.states["waiting"] = [wiring.waiting_in(_queue(wiring))]
            for hour, minute in ((11, 2), (12, 33), (14, 31)):
                wiring.sleep_until(at(23, hour, minute))
                wiring.deliver()
                chronicle.states["waiting"].append(wiring.waiting_in(_queue(wiring)))
        wiring.invoke_asynchronously(advisor, '{"version": 1}')
        wiring.invoke_asynchronously(advisor, '{"version": 2}')
        after = wiring.sandbox.calls.counts()
        chronicle.states["calls"] = sorted(
            name for name, count in after.items() if count > before.get(name, 0)
        )
        return chronicle.close(wiring)


def _refuse_an_answer_once() -> Callable[[ObservedCall], None]:
    """The archive does not take the first answer of an account."""
    refused: list[ObservedCall] = []

    def watch(call: ObservedCall) -> None:
        path = str(call.params.get("path", ""))
        of_account = "/advice/" in path and not path.endswith("/asked.json")
        if call.operation == "PutObject" and of_account and not refused:
            refused.append(call)
            raise AwsError("InternalError", "try again", HTTPStatus.FORBIDDEN)

    return watch


def _queue(wiring: Wiring) -> str:
    return str(wiring.stack.resources["AdvisorQueue"].attributes["Arn"])


def _add_endpoints(wiring: Wiring) -> None:
    fleet, created = wiring.sandbox.sagemaker(), at(1, 9)
    ecr = wiring.sandbox.client("ecr", REGION)
    ecr.create_repository(repositoryName="churn")
    layer = {"mediaType": "x", "size": 10**9, "digest": f"sha256:{'b' * 64}"}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {**layer, "size": 1},
        "layers": [layer],
    }
    ecr.put_image(repositoryName="churn", imageTag="1", imageManifest=json.dumps(manifest))
    fleet.add_model("churn", image=OWN_IMAGE)
    variant = {"VariantName": "AllTraffic", "ModelName": "churn", "InstanceType": "ml.m5.large"}
    fleet.add_endpoint_config("churn", variants=[{**variant, "InitialInstanceCount": 1}])
    fleet.add_endpoint("churn", config="churn", created_at=created, tags={"Owner": "mina"})
    hour = timedelta(hours=1)
    for metric, value in {
        "Invocations": 100.0,
        "ModelLatency": 20e6,
        "MemoryUtilization": 20,
    }.items():
        namespace = "/aws/sagemaker/Endpoints" if metric == "MemoryUtilization" else "AWS/SageMaker"
        dimensions = {"EndpointName": "churn", "VariantName": "AllTraffic"}
        points = [(at(23, 9) - back * hour, float(value)) for back in range(24 * 14 + 1)]
        wiring.sandbox.metrics.load(None, None, namespace, metric, dimensions, points)
    fleet.add_endpoint_config(
        "components",
        variants=[
            {"VariantName": "AllTraffic", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
        ],
    )
    fleet.add_endpoint("components", config="components", created_at=created)
    fleet.add_inference_component(
        "component", endpoint="components", variant="AllTraffic", copies=1
    )


def _add_elastic_inference(wiring: Wiring) -> None:
    """An endpoint config, a model, a notebook instance and a service of ECS that name it."""
    fleet = wiring.sandbox.sagemaker()
    fleet.add_notebook_instance("old", AcceleratorTypes=["ml.eia1.medium"], tags={"Owner": "lee"})
    fleet.add_model("faces", image=EIA_IMAGE)
    fleet.add_model("voices")
    variant = {"VariantName": "AllTraffic", "ModelName": "voices", "InstanceType": "ml.m5.large"}
    accelerated = {**variant, "InitialInstanceCount": 1, "AcceleratorType": "ml.eia2.medium"}
    fleet.add_endpoint_config("voices", variants=[accelerated])
    ecs = wiring.sandbox.client("ecs", REGION)
    container = {"name": "app", "image": EIA_IMAGE, "memory": 512}
    ecs.register_task_definition(family="app", containerDefinitions=[container])
    ecs.create_cluster(clusterName="prod")
    ecs.create_service(cluster="prod", serviceName="app", taskDefinition="app", desiredCount=1)
