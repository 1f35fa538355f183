"""Studio apps and notebooks in the evening: at work, kept, protected, idle, or silent."""

from contextlib import AbstractContextManager
from datetime import timedelta

from sagewarden.domain import idle_notebooks
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.scenarios import Chronicle, at, deliver_twice, notebooks

LAB = "space/mina-lab/JupyterLab/default"
KERNEL = "user/lee/KernelGateway/datascience"
SPEC = {"InstanceType": "ml.g5.xlarge"}


def two_evenings_of_apps(
    playing: AbstractContextManager[Wiring], *, twice: bool = False
) -> Chronicle:
    """Monday and Tuesday evening; a person starts an app again, which keeps its creation time."""
    chronicle = Chronicle()
    with playing as wiring:
        if twice:
            deliver_twice(wiring, "NotebookHoursSchedule", "GuardrailsSchedule")
        _open_studio(wiring)
        _add_desks(wiring)
        for day in (16, 17):
            wiring.sleep_until(at(day, 17, 27))
            wiring.run_until(at(day, 17, 59))
            chronicle.states[f"{day} 17:59"] = apps(wiring)
            wiring.run_until(at(day, 18, 6))
            chronicle.states[f"{day} 18:06"] = apps(wiring)
            chronicle.states[f"{day} 18:06, desks"] = notebooks(wiring)
            if day == 16:
                wiring.sandbox.client("sagemaker").create_app(
                    DomainId="d-one",
                    SpaceName="mina-lab",
                    AppType="JupyterLab",
                    AppName="default",
                    ResourceSpec=SPEC,
                )
                wiring.run_until(at(day, 18, 41))
                chronicle.states[f"{day} 18:41"] = apps(wiring)
        return chronicle.close(wiring)


def apps(wiring: Wiring) -> dict[str, str]:
    """The status of every app, by where it runs."""
    client = wiring.sandbox.client("sagemaker")
    return {
        app.get("SpaceName") or f"{app['UserProfileName']} {app['AppType']}": app["Status"]
        for page in client.get_paginator("list_apps").paginate()
        for app in page["Apps"]
    }


def _open_studio(wiring: Wiring) -> None:
    fleet, created = wiring.sandbox.sagemaker(), at(2, 9)
    fleet.add_domain("d-one", created_at=created)
    for person in ("mina", "lee"):
        fleet.add_user_profile(person, domain="d-one", created_at=created, tags={"Owner": person})
    keep = {"SagewardenExempt": "2027-01-31: training for a week"}
    spaces = {"mina-lab": {}, "kept-lab": keep, "prod-lab": {"Stage": "prod"}}
    for space, tags in spaces.items():
        fleet.add_space(space, domain="d-one", owner="mina", created_at=created, tags=tags)
        fleet.add_app(
            domain="d-one", space=space, instance_type=SPEC["InstanceType"], created_at=created
        )
    fleet.add_app(domain="d-one", user_profile="lee", app_type="JupyterServer", created_at=created)
    fleet.add_app(
        "datascience",
        domain="d-one",
        user_profile="lee",
        app_type="KernelGateway",
        created_at=created,
        last_user_activity_at=at(16, 9),
        last_health_check_at=at(16, 17, 20),
    )


def _add_desks(wiring: Wiring) -> None:
    """Notebook instances: one reports rest, one work, and one nothing."""
    fleet, afternoon = wiring.sandbox.sagemaker(), at(16, 14)
    for name, activity in (("rest-desk", 0.0), ("work-desk", 1.0), ("silent-desk", None)):
        fleet.add_notebook_instance(name, created_at=at(2, 9), tags={"Owner": "mina"})
        if activity is not None:
            every, dimensions = idle_notebooks.REPORTS_EVERY, {idle_notebooks.DIMENSION: name}
            points = [
                (afternoon + number * every, activity)
                for number in range(timedelta(hours=29) // every)
            ]
            wiring.sandbox.metrics.load(
                None, None, idle_notebooks.NAMESPACE, idle_notebooks.METRIC, dimensions, points
            )
