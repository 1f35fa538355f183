"""What happens in a play: a small fleet, a rescue in time, and the moments of a bot's sweeps.

What is named ``go-...`` breaks a rule throughout. What is named ``keep-...`` is exempt, in use, or
rescued between the warning and the action: nothing may happen to it, whatever fails.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.support.container_insights import publish
from tests.support.events import a_record, an_event
from tests.support.invocations import ACCOUNT

if TYPE_CHECKING:
    from tests.integration.faults.ground import Ground

POLICY = """\
version: 1
mode: enforce
protect: [{tag: DoNotDelete}]
limits: {percent_of_kind: 100}
calendars:
  office: {weekdays: mon-fri, from: "09:00", to: "18:00"}
rules:
  - name: notebooks-off-hours
    resources: notebook-instance
    outside: office
    action: stop
    warn: 30m
  - name: idle-endpoints
    resources: endpoint
    idle: {invocations: 0, for: 48h}
    action: delete
    grace: 24h
  - name: owned
    resources: notebook-instance
    require_tags: {Owner: {}}
    action: [tag-owner, notify]
  - name: small
    resources: notebook-instance
    deny_instance_types: ["ml.p4*"]
    action: stop
    grace: 24h
  - name: warm
    resources: serverless-endpoint
    provisioned_concurrency: {strategy: target-tracking, bounds: [1, 5], release_when_idle: 48h}
  - name: enough
    resources: real-time-endpoint
    capacity: {hours: office, during: [2, 4], outside: [1, 1], target_invocations: 100}
  - name: gpus-off-hours
    resources: node-group
    outside: office
    cluster_autoscaler: absent
  - name: stuck
    resources: processing-job
    idle: {gpu_below: 5, for: 30m}
    grace: 1h
  - name: idle-services
    resources: [mlflow-tracking-server, monitoring-schedule]
    idle: {for: 72h}
    action: stop
    grace: 24h
"""

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
MINA = {"Owner": "mina"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026; the 16th is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


MEASURED_SINCE = at(14, 0)


@dataclass(frozen=True, slots=True)
class Play:
    """One bot's story.

    Attributes:
        bot: The bot.
        warns: The moments of the sweeps in which it warns.
        acts: Those in which it acts.
        after: Those after which all has come to rest, if a fault is over by then.
        fill: Puts the fleet there.
        rescue: Rescues some of it before the first of ``acts``.
        states: What there is.
        grace: How long before a deed somebody is warned.
        described: The operations that need a manifest.
        unannounced: The operations of which nobody is warned.
        name: What is played, where the bot has several.
        events: What comes beside a sweep, by its moment.
    """

    bot: str
    warns: tuple[datetime, ...]
    acts: tuple[datetime, ...]
    after: tuple[datetime, ...]
    fill: "Callable[[Ground], object]"
    rescue: "Callable[[Ground], object]"
    states: "Callable[[Ground], Mapping[str, object]]"
    grace: timedelta
    described: frozenset[str] = frozenset()
    unannounced: frozenset[str] = frozenset()
    name: str = ""
    events: Mapping[datetime, tuple[str, ...]] = field(
        default_factory=dict[datetime, tuple[str, ...]]
    )

    def __str__(self) -> str:
        """Its name."""
        return self.name or self.bot

    @property
    def moments(self) -> tuple[datetime, ...]:
        """Every sweep."""
        return (*self.warns, *self.acts, *self.after)

    @property
    def rescued_at(self) -> datetime:
        """From when on some are to be kept."""
        return self.acts[0]

    @property
    def every_event(self) -> tuple[str, ...]:
        """All that ever comes beside a sweep."""
        return tuple(event for events in self.events.values() for event in events)

    def events_at(self, moment: datetime) -> Iterable[str]:
        """The events that come beside a sweep."""
        return self.events.get(moment, ())


def _nobody(ground: "Ground") -> None:
    del ground


def _add_notebooks(ground: "Ground") -> None:
    fleet = ground.sandbox.sagemaker()
    for name, tags in (("go", MINA), ("keep", {"DoNotDelete": "yes"}), ("keep-late", MINA)):
        fleet.add_notebook_instance(name, created_at=LONG_AGO, tags=tags)


def _rescue_notebook(ground: "Ground") -> None:
    tag(ground, "notebook-instance/keep-late")


def tag(ground: "Ground", what: str) -> None:
    """Exempt something."""
    ground.client("sagemaker").add_tags(
        ResourceArn=f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:{what}",
        Tags=[{"Key": "DoNotDelete", "Value": "yes"}],
    )


def _notebooks(ground: "Ground") -> Mapping[str, object]:
    listed = ground.client("sagemaker").list_notebook_instances()["NotebookInstances"]
    return {one["NotebookInstanceName"]: one["NotebookInstanceStatus"] for one in listed}


NOTEBOOK_HOURS = Play(
    bot="notebook_hours",
    warns=(at(18, 17, 30), at(18, 17, 59)),
    acts=(at(18, 18), at(18, 18, 45)),
    after=(at(18, 19, 30), at(19, 9), at(19, 9, 30)),
    fill=_add_notebooks,
    rescue=_rescue_notebook,
    states=_notebooks,
    grace=timedelta(0),  # it may be started again: it is stopped at the closing that was named
    unannounced=frozenset({"StartNotebookInstance"}),
)


def _add_endpoints(ground: "Ground") -> None:
    fleet = ground.sandbox.sagemaker()
    for name in ("go", "keep", "keep-used", "keep-tagged", "keep-late"):
        tags = {"DoNotDelete": "yes"} if name == "keep" else MINA
        fleet.add_endpoint(name, created_at=LONG_AGO, tags=tags)
        calls = 3.0 if name == "keep-used" else 0.0
        add_calls(ground, name, [calls] * 24 * 9)


def add_calls(
    ground: "Ground", name: str, values: list[float], begin: datetime = MEASURED_SINCE
) -> None:
    """Let an endpoint have been called so often in each hour."""
    points = [(begin + number * HOUR, value) for number, value in enumerate(values)]
    dimensions = {"EndpointName": name, "VariantName": "AllTraffic"}
    metrics = ground.sandbox.metrics
    metrics.load(None, None, "AWS/SageMaker", "Invocations", dimensions, points)


def _rescue_endpoints(ground: "Ground") -> None:
    tag(ground, "endpoint/keep-tagged")
    add_calls(ground, "keep-late", [1.0] * 100, at(18, 0))


def endpoints(ground: "Ground") -> Mapping[str, object]:
    """The endpoints that there are."""
    listed = ground.client("sagemaker").list_endpoints()["Endpoints"]
    return {one["EndpointName"]: one["EndpointStatus"] for one in listed}


IDLE_ENDPOINTS = Play(
    bot="idle_endpoints",
    warns=(at(17, 10, 10), at(17, 11, 10)),
    acts=(at(18, 11, 10), at(18, 12, 10)),
    after=(at(18, 13, 10), at(19, 13, 10), at(20, 14, 10)),
    fill=_add_endpoints,
    rescue=_rescue_endpoints,
    states=endpoints,
    grace=24 * HOUR,
    described=frozenset({"DeleteEndpoint"}),
)

BIG = "ml.p4d.24xlarge"


def _add_large_notebooks(ground: "Ground") -> None:
    fleet, created = ground.sandbox.sagemaker(), at(16, 8, 50)
    given = {"go": {}, "keep": {"DoNotDelete": "yes", **MINA}, "keep-late": MINA}
    for name, tags in given.items():
        fleet.add_notebook_instance(name, instance_type=BIG, created_at=created, tags=tags)


def _created(name: str) -> str:
    """The event of Kim's creating a notebook instance."""
    request = {"notebookInstanceName": name, "instanceType": BIG, "tags": []}
    record = a_record(request=request, eventTime=_BORN, recipientAccountId=ACCOUNT)
    return json.dumps({**an_event(record), "id": name, "account": ACCOUNT})


_BORN = "2026-11-16T08:50:00Z"
_EVENTS = tuple(map(_created, ("go", "keep", "keep-late")))

GUARDRAILS = Play(
    bot="guardrails",
    warns=(at(16, 9, 3), at(16, 9, 48)),
    acts=(at(17, 9, 48), at(17, 10, 48)),
    after=(at(17, 11, 18), at(18, 11, 33), at(19, 11, 48)),
    fill=_add_large_notebooks,
    rescue=_rescue_notebook,
    states=lambda ground: {**_notebooks(ground), **_tags_of(ground, "notebook-instance/go")},
    grace=24 * HOUR,
    unannounced=frozenset({"AddTags"}),
    events={at(16, 9, 3): _EVENTS},
)


def _tags_of(ground: "Ground", what: str) -> Mapping[str, str]:
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:{what}"
    found = ground.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def _add_serverless(ground: "Ground") -> None:
    fleet = ground.sandbox.sagemaker()
    fleet.add_model("served")
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 10, "ProvisionedConcurrency": 3}
    variant = {"VariantName": "AllTraffic", "ModelName": "served", "ServerlessConfig": serverless}
    for name, calls in (("go", 0.0), ("go-busy", 5.0), ("keep", 0.0), ("keep-late", 0.0)):
        tags = {"DoNotDelete": "yes"} if name == "keep" else MINA
        fleet.add_endpoint_config(name, variants=[variant])
        fleet.add_endpoint(name, config=name, created_at=LONG_AGO, tags=tags)
        add_calls(ground, name, [calls] * 24 * 9)


def _add_scaled(ground: "Ground") -> None:
    fleet = ground.sandbox.sagemaker()
    fleet.add_endpoint("go", instance_count=2, created_at=LONG_AGO, tags=MINA)
    fleet.add_endpoint("keep", created_at=LONG_AGO, tags={"DoNotDelete": "yes"})


def _scaling(ground: "Ground") -> Mapping[str, object]:
    found: dict[str, object] = {}
    client = ground.client("application-autoscaling")
    for target in client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]:
        found[target["ResourceId"]] = (target["MinCapacity"], target["MaxCapacity"])
    for policy in client.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]:
        found[f"{policy['ResourceId']} {policy['PolicyName']}"] = policy["PolicyType"]
    actions = client.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"]
    for action in actions:
        found[f"{action['ResourceId']} {action['ScheduledActionName']}"] = action["Schedule"]
    sagemaker = ground.client("sagemaker")
    for item in sagemaker.list_endpoints()["Endpoints"]:
        answer = sagemaker.describe_endpoint(EndpointName=item["EndpointName"])
        found[item["EndpointName"]] = answer["EndpointConfigName"]
    return found


SETS = frozenset(
    {
        "RegisterScalableTarget",
        "PutScalingPolicy",
        "PutScheduledAction",
        "DeleteScheduledAction",
        "DeleteScalingPolicy",
    }
)
"""What is set at once, and told of afterwards."""


PROVISIONED_CONCURRENCY = Play(
    bot="provisioned_concurrency",
    warns=(at(17, 10), at(17, 11)),
    acts=(at(18, 11), at(18, 12)),
    after=(at(18, 13), at(19, 13), at(20, 14)),
    fill=_add_serverless,
    rescue=lambda ground: tag(ground, "endpoint/keep-late"),
    states=_scaling,
    grace=24 * HOUR,
    described=frozenset({"UpdateEndpoint"}),
    unannounced=SETS,
)

ENDPOINT_HOURS = Play(
    bot="provisioned_concurrency",
    name="endpoint_hours",
    warns=(at(17, 10), at(17, 11)),
    acts=(at(17, 12), at(17, 12, 45)),
    after=(at(17, 13),),
    fill=_add_scaled,
    rescue=_nobody,
    states=_scaling,
    grace=timedelta(0),
    unannounced=SETS,
)


def _add_node_groups(ground: "Ground") -> None:
    fleet = ground.sandbox.eks()
    for name, tags in (("go", MINA), ("keep", {"DoNotDelete": "yes"}), ("keep-busy", MINA)):
        fleet.add_node_group(name, sizes=(1, 4, 2), tags=tags, modified_at=LONG_AGO)
        reserved = 100.0 if name == "keep-busy" else 0.0
        for moment in NODE_GROUP_NIGHT:
            publish(ground.sandbox, name, now=moment, reserved=reserved)


def _nodes(ground: "Ground") -> Mapping[str, object]:
    found: dict[str, object] = {}
    for name in ("go", "keep", "keep-busy"):
        group = ground.client("eks").describe_nodegroup(clusterName="ml", nodegroupName=name)
        found[name] = group["nodegroup"]["scalingConfig"]
    return found


NODE_GROUP_NIGHT = (at(18, 19), at(18, 22))

NODE_GROUPS = Play(
    bot="node_groups",
    warns=(at(18, 17, 30), at(18, 17, 59)),
    acts=(at(18, 18), at(18, 18, 45)),
    after=(at(18, 19, 30), at(18, 21)),
    fill=_add_node_groups,
    rescue=_nobody,
    states=_nodes,
    grace=timedelta(0),  # as of notebooks
    described=frozenset({"UpdateNodegroupConfig"}),
)


def _add_jobs(ground: "Ground") -> None:
    fleet, six = ground.sandbox.sagemaker(), at(16, 6)
    ground.sandbox.transition_times.set("processing-job", "Processing", 48 * HOUR)
    for name, percent in (("go", 0.0), ("keep", 0.0), ("keep-busy", 90.0), ("keep-late", 0.0)):
        tags = {"DoNotDelete": "yes"} if name == "keep" else MINA
        fleet.add_processing_job(name, instance_type="ml.g5.xlarge", created_at=six, tags=tags)
        points = [(six + number * MINUTE, percent) for number in range(60 * 12)]
        fleet.publish_job_metric("processing-job", name, points)


def _rescue_job(ground: "Ground") -> None:
    tag(ground, "processing-job/keep-late")


def _jobs(ground: "Ground") -> Mapping[str, object]:
    listed = ground.client("sagemaker").list_processing_jobs(MaxResults=100)
    return {
        one["ProcessingJobName"]: one["ProcessingJobStatus"]
        for one in listed["ProcessingJobSummaries"]
    }


TRAINING = Play(
    bot="training",
    warns=(at(16, 9, 7), at(16, 9, 52)),
    acts=(at(16, 10, 52), at(16, 11, 37)),
    after=(at(16, 12, 7), at(16, 13, 22), at(16, 14, 37)),
    fill=_add_jobs,
    rescue=_rescue_job,
    states=_jobs,
    grace=HOUR,
    described=frozenset({"StopProcessingJob"}),
)


def _add_services(ground: "Ground") -> None:
    fleet = ground.sandbox.sagemaker()
    for name, tags in (("go", MINA), ("keep", {"DoNotDelete": "yes"}), ("keep-late", MINA)):
        fleet.add_tracking_server(name, is_used=False, created_at=LONG_AGO, tags=tags)
    fleet.add_tracking_server("keep-used", created_at=LONG_AGO, tags=MINA)
    fleet.add_monitoring_schedule("go-watch", endpoint="gone", created_at=LONG_AGO, tags=MINA)


def _services(ground: "Ground") -> Mapping[str, object]:
    client = ground.client("sagemaker")
    found = {
        one["TrackingServerName"]: one["TrackingServerStatus"]
        for one in client.list_mlflow_tracking_servers()["TrackingServerSummaries"]
    }
    for one in client.list_monitoring_schedules()["MonitoringScheduleSummaries"]:
        found[one["MonitoringScheduleName"]] = one["MonitoringScheduleStatus"]
    return found


IDLE_SERVICES = Play(
    bot="idle_services",
    warns=(at(17, 10, 25), at(17, 11, 25)),
    acts=(at(18, 11, 25), at(18, 12, 25)),
    after=(at(18, 13, 25), at(19, 13, 25), at(20, 14, 25)),
    fill=_add_services,
    rescue=lambda ground: tag(ground, "mlflow-tracking-server/keep-late"),
    states=_services,
    grace=24 * HOUR,
)

PLAYS = (
    NOTEBOOK_HOURS,
    IDLE_ENDPOINTS,
    GUARDRAILS,
    PROVISIONED_CONCURRENCY,
    ENDPOINT_HOURS,
    NODE_GROUPS,
    TRAINING,
    IDLE_SERVICES,
)
