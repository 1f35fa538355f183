"""A Studio app of any type, stopped and restored, is described as before in every field."""

import json
import shlex
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.application.ports import UnreadableError
from sagewarden.application.restore import RestoreStatus
from sagewarden.application.undoing import Undoing
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden_cli.sandbox.shapes import service_model
from tests.integration.restoration.conftest import REGION, Bench
from tests.support.faults import answer_with_error

APP_TYPES = service_model("sagemaker").shape_for("AppType").metadata["enum"]
IN_SPACES = ("JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway")
PREFIX = f"arn:aws:sagemaker:{REGION}:123456789012"
SPEC = {
    "SageMakerImageArn": f"{PREFIX}:image/lab",
    "SageMakerImageVersionArn": f"{PREFIX}:image-version/lab/7",
    "LifecycleConfigArn": f"{PREFIX}:studio-lifecycle-config/auto-stop",
}
TAGS = {"Team": "ml", "Owner": "mina", "CostCenter": "CC-0042"}
"""The domain's ``Team`` is on every app that is launched."""
OF_A_MOMENT = frozenset(
    {"CreationTime", "Status", "LastHealthCheckTimestamp", "LastUserActivityTimestamp"}
)
"""Written here anew: what the product ignores must not decide what its tests ignore."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def seed(bench: Bench, app_type: str, place: str, **details: Any) -> ResourceRef:
    """An app of a type with an image, a script and tags, in a space or of a user profile."""
    fleet = bench.sandbox.sagemaker(region=REGION)
    fleet.add_domain("d-one", tags={"Team": "ml"})
    fleet.add_user_profile("Mina", domain="d-one", tags={"Owner": "mina"})
    name = "Mina"
    if place == "space":
        fleet.add_space("Mina-Lab", domain="d-one", owner="Mina", app_type=app_type)
        name = "Mina-Lab"
    instance = "system" if app_type == "JupyterServer" else "ml.g5.xlarge"
    spec = {**SPEC, "InstanceType": instance}
    arn = fleet.add_app(
        domain="d-one",
        app_type=app_type,
        tags=TAGS,
        space=name if place == "space" else None,
        user_profile=name if place == "user" else None,
        ResourceSpec=spec,
        **details,
    )
    full = f"{place}/{name}/{app_type}/default"
    return ResourceRef(ResourceKind.STUDIO_APP, "123456789012", REGION, full, arn)


def stop(bench: Bench, ref: ResourceRef) -> Undoing:
    """Stop an app as `carry_out` does it, and let AWS come to an end."""
    app = SageMakerInventory(bench.sessions).reread(ref)
    assert app is not None
    action = Action(ActionKind.STOP, app.ref, Precondition.of(app))
    executor, now = SageMakerExecutor(bench.sessions), bench.sandbox.clock.now()
    bench.ledger.keep(executor.manifest(action.ref, now))
    undo = executor.execute(action)
    bench.ledger.record(Outcome("rule", action, OutcomeKind.APPLIED, "done", now, undo))
    bench.sandbox.clock.advance(HOUR)
    return bench.undoing(ref.arn)


def identity(ref: ResourceRef) -> dict[str, str]:
    place, owner, app_type, name = ref.name.split("/")
    which = "SpaceName" if place == "space" else "UserProfileName"
    return {"DomainId": "d-one", which: owner, "AppType": app_type, "AppName": name}


def everything(bench: Bench, ref: ResourceRef) -> Any:
    """All there is to say of an app, its tags and its space, but for what is of a moment."""
    client = bench.client("sagemaker")
    app = client.describe_app(**identity(ref))
    tags = client.list_tags(ResourceArn=app["AppArn"])["Tags"]
    spaces = client.list_spaces()["Spaces"]
    described = [client.describe_space(DomainId="d-one", SpaceName=s["SpaceName"]) for s in spaces]
    parts = [app, *described]
    for part in parts:
        part.pop("ResponseMetadata")
    kept = [{k: v for k, v in part.items() if k not in OF_A_MOMENT} for part in parts]
    return app["Status"], kept, {tag["Key"]: tag["Value"] for tag in tags}


CASES = [
    *((app_type, "user") for app_type in APP_TYPES),
    *((app_type, "space") for app_type in IN_SPACES),
]


@pytest.mark.parametrize(("app_type", "place"), CASES)
@pytest.mark.parametrize("pause", [timedelta(0), 3 * DAY], ids=["at-once", "days-later"])
def test_it_is_equal_field_for_field_with_its_image_script_and_tags(
    bench: Bench, app_type: str, place: str, pause: timedelta
) -> None:
    ref = seed(bench, app_type, place)
    before = everything(bench, ref)
    undoing = stop(bench, ref)
    gone = SageMakerInventory(bench.sessions).reread(ref)
    bench.sandbox.clock.advance(pause)

    report = bench.restore_whole(undoing)

    assert gone is None
    assert [str(step) for step in report.done] == [f"create app {ref.name}"]
    assert (report.obstacles, report.differences) == ((), ())
    assert report.status is RestoreStatus.RESTORED
    assert everything(bench, ref) == before
    assert before[0] == "InService"
    assert before[2].items() >= TAGS.items()


def test_a_second_restore_does_nothing_and_the_ledger_forgets_the_stop(bench: Bench) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    first = bench.restore(undoing)
    bench.restore_whole(undoing)

    again = bench.restore_whole(undoing)

    assert first.status is RestoreStatus.UNDER_WAY
    assert first.waiting == f"studio app {ref.name} is Pending"
    assert (again.done, again.status) == ((), RestoreStatus.RESTORED)
    assert bench.ledger.undoable(ref.account, REGION) == ()


def test_one_that_is_still_being_deleted_is_waited_for(bench: Bench) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    bench.restore_whole(undoing)
    bench.client("sagemaker").delete_app(**identity(ref))

    first = bench.restore(undoing)
    report = bench.restore_whole(undoing)

    assert first.status is RestoreStatus.UNDER_WAY
    assert first.waiting == f"studio app {ref.name} is Deleting"
    assert report.status is RestoreStatus.RESTORED


def test_an_app_in_recovery_mode_comes_back_in_it(bench: Bench) -> None:
    ref = seed(bench, "JupyterLab", "space", RecoveryMode=True)
    undoing = stop(bench, ref)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.RESTORED
    assert bench.client("sagemaker").describe_app(**identity(ref))["RecoveryMode"] is True


@pytest.mark.parametrize("anew", [False, True])
def test_without_its_space_it_does_not_come_back_and_the_report_says_so(
    bench: Bench, *, anew: bool
) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    client = bench.client("sagemaker")
    client.delete_space(DomainId="d-one", SpaceName="Mina-Lab")
    bench.sandbox.clock.advance(HOUR)
    if anew:
        client.create_space(DomainId="d-one", SpaceName="Mina-Lab")
        bench.sandbox.clock.advance(HOUR)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.REFUSED
    (obstacle,) = report.obstacles
    assert obstacle.why.startswith("its space Mina-Lab was deleted, and ")
    assert ("another was made at" in obstacle.why) is anew
    apps = client.list_apps(SpaceNameEquals="Mina-Lab")["Apps"]
    assert {app["Status"] for app in apps} == {"Deleted"}


def test_without_its_user_profile_it_does_not_come_back(bench: Bench) -> None:
    ref = seed(bench, "KernelGateway", "user")
    undoing = stop(bench, ref)
    bench.client("sagemaker").delete_user_profile(DomainId="d-one", UserProfileName="Mina")
    bench.sandbox.clock.advance(HOUR)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert report.obstacles[0].why == "its user profile Mina was deleted"


def test_one_that_somebody_started_on_something_else_is_left_as_it_is(bench: Bench) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    other = {"InstanceType": "ml.t3.medium"}
    bench.client("sagemaker").create_app(**identity(ref), ResourceSpec=other)
    bench.sandbox.clock.advance(HOUR)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "somebody started it meanwhile, and it is another" in report.obstacles[0].why
    described = bench.client("sagemaker").describe_app(**identity(ref))
    assert described["ResourceSpec"] == other


def test_one_that_somebody_started_as_it_was_but_without_its_tags_is_partial(
    bench: Bench,
) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    spec = {**SPEC, "InstanceType": "ml.g5.xlarge"}
    bench.client("sagemaker").create_app(**identity(ref), ResourceSpec=spec)
    bench.sandbox.clock.advance(HOUR)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    assert [item.where for item in report.differences] == [
        f"app {ref.name}: tag Owner",
        f"app {ref.name}: tag CostCenter",
    ]


def test_a_space_that_was_changed_meanwhile_is_named(bench: Bench) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    bench.client("sagemaker").update_space(
        DomainId="d-one", SpaceName="Mina-Lab", SpaceDisplayName="Mina's"
    )
    bench.sandbox.clock.advance(HOUR)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    assert [str(item) for item in report.differences] == [
        'space Mina-Lab: SpaceDisplayName was absent and is "Mina\'s"'
    ]


def test_one_that_failed_is_to_be_deleted_first(bench: Bench) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    bench.client("sagemaker").create_app(**identity(ref))
    bench.sandbox.sagemaker(region=REGION).force_status(
        "app", "d-one/Mina-Lab/JupyterLab/default", "Failed", "no capacity"
    )

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    why = report.obstacles[0].why
    assert why == "it is Failed (no capacity): delete it, then restore once more"


def test_when_aws_refuses_the_report_names_it_and_the_command_that_finishes_it(
    bench: Bench,
) -> None:
    ref = seed(bench, "JupyterLab", "space")
    undoing = stop(bench, ref)
    answer_with_error(bench.sessions, "sagemaker", "CreateApp", "ResourceLimitExceeded")

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    assert "ResourceLimitExceeded" in report.obstacles[0].why
    (command,) = report.commands
    words = shlex.split(command)
    assert words[:4] == ["aws", "sagemaker", "create-app", "--cli-input-json"]
    request = json.loads(words[4])
    assert request["ResourceSpec"] == {**SPEC, "InstanceType": "ml.g5.xlarge"}
    assert {key: request[key] for key in identity(ref)} == identity(ref)


@pytest.mark.parametrize("operation", ["DescribeApp", "ListTags", "DescribeSpace"])
def test_there_is_no_manifest_of_a_part(bench: Bench, operation: str) -> None:
    ref = seed(bench, "JupyterLab", "space")
    answer_with_error(bench.sessions, "sagemaker", operation, "AccessDeniedException")

    with pytest.raises(UnreadableError, match="AccessDeniedException"):
        SageMakerExecutor(bench.sessions).manifest(ref, bench.sandbox.clock.now())
