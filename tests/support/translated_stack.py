"""A part of the stack's own template without SAM, deployed where no code runs."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import Stack, deploy
from tests.support.templates import template

_PLAIN = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::LayerVersion": "AWS::Lambda::LayerVersion",
    **{
        kind: kind
        for kind in (
            "AWS::CloudWatch::Alarm",
            "AWS::DynamoDB::Table",
            "AWS::Events::EventBus",
            "AWS::Events::Rule",
            "AWS::S3::Bucket",
            "AWS::SNS::Topic",
            "AWS::SQS::Queue",
            "AWS::Scheduler::Schedule",
        )
    },
}
_PARTS = (
    "Archive",
    "CoreLayer",
    "Dispatcher",
    "Events",
    "Guardrails",
    "Ledger",
    "NoticesTopic",
    "PolicyLayer",
)
_LAYERS = "awslambda-us-east-1-layers"


def deploy_part(sandbox: Sandbox, name: str = "sagewarden", **parameters: str) -> Stack:
    """Deploy the dispatcher, one bot that follows events, and what they remember by."""
    whole = template()
    layers = whole["Globals"]["Function"]["Layers"]
    resources = {
        logical_id: _plain(item, layers)
        for logical_id, item in whole["Resources"].items()
        if item["Type"] in _PLAIN and logical_id.startswith(_PARTS)
    }
    outputs = {
        key: whole["Outputs"][key] for key in ("ArchiveBucket", "LedgerTable", "PolicyLayerArn")
    }
    part = {**whole, "Resources": resources, "Outputs": outputs}
    return deploy(sandbox, _with_pairs(part), name=name, parameters=parameters)


def fill_layer(sandbox: Sandbox, arn: str, files: Mapping[str, bytes]) -> None:
    """Put what a layer's version holds where Lambda says that it can be fetched."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket=_LAYERS)
    s3.put_object(Bucket=_LAYERS, Key="policy", Body=held.getvalue())
    where = {"Bucket": _LAYERS, "Key": "policy"}
    sandbox.deployed().layers[arn] = s3.generate_presigned_url("get_object", Params=where)


def _plain(item: Any, layers: Any) -> Any:
    """A resource that refers to nothing outside of the part."""
    kind, properties = _PLAIN[item["Type"]], item["Properties"]
    if kind == "AWS::Lambda::Function":
        properties = {"Layers": layers}
    if kind == "AWS::CloudWatch::Alarm":
        properties = {**properties, "AlarmActions": [], "OKActions": []}
    if kind == "AWS::SNS::Topic":
        properties = {"Subscription": properties["Subscription"]}
    if kind == "AWS::Scheduler::Schedule":
        target = {**properties["Target"], "RoleArn": "arn:aws:iam::123456789012:role/scheduler"}
        properties = {**properties, "Target": target}
    return {**item, "Type": kind, "Properties": properties}


def _with_pairs(value: Any) -> Any:
    """``GetAtt`` as CloudFormation's JSON has it: a pair, not a text with a dot."""
    if isinstance(value, list):
        return [_with_pairs(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item.split(".", 1)
        if key == "Fn::GetAtt" and isinstance(item, str)
        else _with_pairs(item)
        for key, item in value.items()
    }
