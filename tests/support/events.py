"""Events as CloudTrail and SageMaker send them, and guardrails to hold them against."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.guardrails.call import Call, read_event
from sagewarden.domain.guardrails.conditions import Condition, DeniedTypes
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.scope import Scope
from tests.support.builders import ACCOUNT, REGION, a_scope

KIM: Mapping[str, Any] = {"type": "IAMUser", "accountId": ACCOUNT, "userName": "kim"}
"""An IAM user."""


def a_role(session: str, role: str = "ci-deploy", **more: object) -> dict[str, Any]:
    """The userIdentity of somebody who assumed a role."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": role}},
        **more,
    }


def a_record(
    operation: str = "CreateNotebookInstance",
    request: object = None,
    *,
    identity: Mapping[str, Any] = KIM,
    **more: object,
) -> dict[str, Any]:
    """A CloudTrail record of a SageMaker call."""
    return {
        "eventName": operation,
        "eventSource": "sagemaker.amazonaws.com",
        "eventTime": "2026-11-21T02:15:30Z",
        "awsRegion": REGION,
        "recipientAccountId": ACCOUNT,
        "userIdentity": dict(identity),
        "requestParameters": request,
        "responseElements": None,
        "readOnly": False,
        **more,
    }


def an_event(detail: object, detail_type: str = "AWS API Call via CloudTrail") -> dict[str, Any]:
    """An EventBridge event."""
    return {
        "detail-type": detail_type,
        "source": "aws.sagemaker",
        "account": ACCOUNT,
        "region": REGION,
        "time": "2026-11-21T02:15:30Z",
        "detail": detail,
    }


def a_call(operation: str = "CreateNotebookInstance", request: object = None, **more: Any) -> Call:
    """A call as it is read from its record."""
    return read_event(a_record(operation, request, **more), request_shapes())


def a_notebook_call(
    instance_type: str = "ml.t3.medium", tags: Mapping[str, str] | None = None, **more: Any
) -> Call:
    """Somebody creates the notebook instance ``nb``."""
    request = {
        "notebookInstanceName": "nb",
        "instanceType": instance_type,
        "tags": [{"key": key, "value": value} for key, value in (tags or {}).items()],
    }
    return a_call("CreateNotebookInstance", request, **more)


def idle_settings(minutes: int) -> dict[str, Any]:
    """User settings that shut down JupyterLab and Code Editor when they are idle."""
    idle = {"lifecycleManagement": "ENABLED", "idleTimeoutInMinutes": minutes}
    settings = {"appLifecycleManagement": {"idleSettings": idle}}
    return {"jupyterLabAppSettings": settings, "codeEditorAppSettings": settings}


def a_domain_call(settings: Mapping[str, Any] | None = None, **more: Any) -> Call:
    """Somebody creates the Studio domain ``research``; its id is ``d-1``."""
    request = {"domainName": "research", "defaultUserSettings": dict(settings or {})}
    answer = {"domainArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:domain/d-1"}
    return a_call("CreateDomain", request, responseElements=answer, **more)


def a_guardrail(
    *conditions: Condition,
    kinds: tuple[str, ...] = ("*",),
    remedies: tuple[Remedy, ...] = (Remedy.NOTIFY,),
    scope: Scope | None = None,
    grace: timedelta = timedelta(hours=24),
) -> Guardrail:
    """A guardrail against P4 instances, unless it demands something else."""
    demands = conditions or (DeniedTypes(("ml.p4*",)),)
    return Guardrail(scope or a_scope("guard"), kinds, demands, remedies, grace)
