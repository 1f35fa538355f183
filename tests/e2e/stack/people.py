"""People who call SageMaker, and the trail that reports their calls to EventBridge."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from sagewarden_cli.stack.wiring import Wiring

REGION = "us-east-1"
MODEL = "amazon.titan-text-express-v1"
KIM: Mapping[str, Any] = {"type": "IAMUser", "userName": "kim"}
"""An IAM user."""

LEE: Mapping[str, Any] = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:lee@example.com",
    "arn": "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_DS_1/lee@example.com",
}
"""Somebody who signed in through IAM Identity Center."""


@dataclass(slots=True)
class Trail:
    """Makes calls as people do, and reports them as CloudTrail does.

    Attributes:
        wiring: The stack at work, and the emulated AWS around it.
        account: Where the calls are made; the hub's own account when not given.
        held: Events that were not yet put on the bus; None while each is put at once.
    """

    wiring: Wiring
    account: str | None = None
    held: list[dict[str, Any]] | None = field(default=None)

    def call(self, identity: Mapping[str, Any], operation: str, **request: Any) -> None:
        """Make a call of SageMaker's, and report it."""
        self._call("sagemaker", identity, operation, request)

    def buy_throughput(self, identity: Mapping[str, Any], name: str) -> None:
        """Buy provisioned throughput of Bedrock, and report it."""
        request = {"provisionedModelName": name, "modelUnits": 1, "modelId": MODEL}
        self._call("bedrock", identity, "CreateProvisionedModelThroughput", request)

    def _call(
        self, service: str, identity: Mapping[str, Any], operation: str, request: dict[str, Any]
    ) -> None:
        client = self.wiring.sandbox.client(service, REGION, self.account)
        answer = getattr(client, xform_name(operation))(**request)
        account = self.account or self.wiring.sandbox.account_id
        arns = {key: value for key, value in answer.items() if key.endswith("Arn")}
        detail = {
            "eventName": operation,
            "eventSource": f"{service}.amazonaws.com",
            "eventTime": self.wiring.sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "awsRegion": REGION,
            "recipientAccountId": account,
            "userIdentity": {"accountId": account, **identity},
            "requestParameters": _camel(request),
            "responseElements": _camel(arns),
            "readOnly": False,
        }
        self._put("AWS API Call via CloudTrail", detail, f"aws.{service}")

    def state(self, thing: str, name: str, status: str) -> None:
        """Report a change of state, such as of a ``Notebook Instance``."""
        noun = thing.replace(" ", "")
        self._put(f"SageMaker {thing} State Change", {f"{noun}Name": name, f"{noun}Status": status})

    def release(self, *, latest_first: bool) -> None:
        """Put the events that were held on the bus."""
        entries, self.held = self.held or [], None
        for entry in reversed(entries) if latest_first else entries:
            self._deliver(entry)

    def _put(
        self, detail_type: str, detail: Mapping[str, Any], source: str = "aws.sagemaker"
    ) -> None:
        now = self.wiring.sandbox.clock.now()
        entry = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "Time": now,
        }
        if self.held is None:
            self._deliver(entry)
        else:
            self.held.append(entry)

    def _deliver(self, entry: dict[str, Any]) -> None:
        events = self.wiring.sandbox.client("events", REGION, self.account)
        answer = events.put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0


def _camel(value: Any) -> Any:
    """As CloudTrail writes members: the first letter small."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _camel(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_camel(item) for item in value]
    return value
