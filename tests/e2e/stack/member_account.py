"""A member account of the organisation: its events come to the hub, the hub enters by its role."""

from contextlib import AbstractContextManager
from datetime import timedelta

from sagewarden_cli.stack.deployment import Stack, deploy
from sagewarden_cli.stack.iam.grants import grants_of
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.creations import BIG, ROLE
from tests.e2e.stack.people import KIM, REGION, Trail
from tests.e2e.stack.scenarios import Chronicle, at
from tests.support.templates import template

HUB, MEMBER = "123456789012", "444455556666"


def monday_in_a_member_account(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """Somebody creates what is forbidden in the morning; in the evening the office closes."""
    chronicle = Chronicle()
    with playing as wiring:
        spoke = join(wiring)
        fleet, lee = wiring.sandbox.sagemaker(MEMBER), {"Owner": "lee"}
        fleet.add_notebook_instance("nb", created_at=at(2, 9), tags=lee)
        fleet.add_domain("d-lee", created_at=at(2, 9), tags=lee)
        fleet.add_user_profile("lee", domain="d-lee", created_at=at(2, 9), tags=lee)
        fleet.add_space("lee-lab", domain="d-lee", owner="lee", created_at=at(2, 9))
        fleet.add_app(domain="d-lee", space="lee-lab", created_at=at(2, 9), tags=lee)
        trail = Trail(wiring, MEMBER)
        trail.call(
            KIM,
            "CreateNotebookInstance",
            NotebookInstanceName="big",
            InstanceType=BIG,
            RoleArn=ROLE,
        )
        wiring.deliver()
        wiring.sleep_until(at(16, 9, 5))
        trail.state("Notebook Instance", "big", "InService")
        wiring.deliver()
        chronicle.states["09:05"] = _notebooks(wiring)
        for hour, minute in ((10, 19), (17, 31), (18, 1)):
            moment = at(16, hour, minute)
            wiring.sleep_until(moment - timedelta(minutes=2))
            wiring.run_until(moment)
            chronicle.states[f"{hour}:{minute:02}"] = _notebooks(wiring)
        advisor = wiring.stack.resources["AdvisorFunction"].attributes["Arn"]
        wiring.invoke_asynchronously(wiring.functions[advisor], '{"version": 1}')
        wiring.deliver()
        chronicle.close(wiring)
        chronicle.grants = {**chronicle.grants, **grants_of(spoke)}
        return chronicle


def join(wiring: Wiring) -> Stack:
    """Deploy spoke.yaml in the member account, as its StackSet would."""
    bus = {"HubAccountId": HUB, "HubEventBusArn": wiring.stack.outputs["EventBusArn"]}
    return deploy(
        wiring.sandbox,
        template("spoke.yaml"),
        name="spoke",
        region=REGION,
        parameters=bus,
        account=MEMBER,
    )


def _notebooks(wiring: Wiring) -> dict[str, str]:
    client = wiring.sandbox.client("sagemaker", REGION, MEMBER)
    listed = client.list_notebook_instances()["NotebookInstances"]
    return {one["NotebookInstanceName"]: one["NotebookInstanceStatus"] for one in listed}
