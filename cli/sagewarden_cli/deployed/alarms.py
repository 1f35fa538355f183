"""Which alarms are raised."""

from collections.abc import Iterator
from itertools import batched

from sagewarden_cli.deployed.finding import Finding, Health, looked, well
from sagewarden_cli.deployed.stack import ALARM, DeployedStack
from sagewarden_cli.plan_view import counted

_NAMES = 100
"""The most of one DescribeAlarms call (its API reference)."""


def check_alarms(stack: DeployedStack) -> Iterator[Finding]:
    """Look at every alarm; those that are not raised are told in one line."""
    yield from looked("alarms", lambda: _alarms(stack))


def _alarms(stack: DeployedStack) -> Iterator[Finding]:
    names = {name: logical_id for logical_id, name in stack.of_type(ALARM).items()}
    client, seen, raised = stack.client("cloudwatch"), 0, 0
    for batch in batched(names, _NAMES):
        answer = client.describe_alarms(AlarmNames=list(batch), MaxRecords=_NAMES)
        for alarm in answer["MetricAlarms"]:
            seen += 1
            about = f"alarm {names[alarm['AlarmName']]}"
            if alarm["StateValue"] == "ALARM":
                raised += 1
                said, _, page = alarm.get("AlarmDescription", "").rpartition(". ")
                yield Finding(about, Health.FAIL, said or "raised", page or "docs/runbook.md")
            if not alarm.get("ActionsEnabled", True):
                fix = f"aws cloudwatch enable-alarm-actions --alarm-names {alarm['AlarmName']}"
                yield Finding(about, Health.WARN, "its actions are disabled: it tells nobody", fix)
    if seen < len(names):
        gone = f"{counted(len(names) - seen, 'alarm')} of the stack missing"
        yield Finding("alarms", Health.FAIL, gone, "deleted by hand: deploy again")
    if calm := seen - raised:
        yield well("alarms", f"{counted(calm, 'alarm')} not raised")
