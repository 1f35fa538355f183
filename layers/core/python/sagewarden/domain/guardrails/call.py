"""An event as a value: who asked SageMaker or Bedrock for what, and whether it came to be."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sagewarden.domain.guardrails.event_fields import EventError, Fields
from sagewarden.domain.guardrails.identity import NOBODY, Identity, read_identity
from sagewarden.domain.guardrails.request_paths import (
    OperationShape,
    RequestShapes,
    instance_types,
    volume_sizes,
)
from sagewarden.domain.guardrails.studio_members import (
    KINDS,
    WITH_SETTINGS,
    app_name,
    studio_settings,
)
from sagewarden.domain.guardrails.subject import Subject
from sagewarden.domain.resources import ResourceKind, Tags

if TYPE_CHECKING:
    from sagewarden.domain.job_runs import Asked

SAGEMAKER = "sagemaker.amazonaws.com"
SOURCES = (SAGEMAKER, "bedrock.amazonaws.com")
"""The services whose calls are read; of Bedrock's, those that the table has."""

_STATE_CHANGE = re.compile(r"SageMaker (.+) (?:State|Status) Change")
_TAGGING = frozenset({"AddTags", "DeleteTags"})
_CHANGING = ("Create", "Update", "Start")
_TYPED_BY_DEFAULT = frozenset({ResourceKind.STUDIO_APP})
"""What runs on its space's or its domain's instance type when a call names none."""
_UNNAMED_BY_ARN = frozenset({ResourceKind.STUDIO_APP, ResourceKind.CLUSTER})
"""The ARN of an app does not tell whether it runs in a space; that of a cluster ends in an id."""
_OVER = frozenset({"completed", "deleted", "deleting", "failed", "stopped"})
_ID_OF_DOMAIN = "domainId"
"""How a domain is named in every call but its creation. Its name is another word."""

_UNREAD: Final = OperationShape("unknown")


@dataclass(frozen=True, slots=True)
class Call:
    """What an event tells.

    Attributes:
        operation: The API operation, or a state-change event's detail-type.
        identity: Who called; nobody in a state-change event.
        account: The account of the resource.
        time: When it happened (aware).
        subject: The resource.
        named_types: All instance types in the request, those included that nothing runs on.
        ineffective: Why nothing was created or changed, or None.
    """

    operation: str
    identity: Identity
    account: str
    time: datetime
    subject: Subject
    named_types: tuple[str, ...] = ()
    ineffective: str | None = None


def read_event(event: object, shapes: RequestShapes) -> Call:
    """Read an EventBridge event, a bare CloudTrail record, or a SageMaker state change.

    Raises:
        EventError: It is none of them; the message names the place.
    """
    whole = Fields(event)
    if not whole.mapping():
        raise EventError("it is empty; it should be an EventBridge event or a CloudTrail record")
    detail = whole.member("detail")
    if detail.value is None:
        return _cloudtrail_call(whole, Fields(None), shapes)
    if detail.member("eventName").value is not None:
        return _cloudtrail_call(detail, whole, shapes)
    kind = whole.member("detail-type")
    match = _STATE_CHANGE.fullmatch(kind.text())
    if match is None:
        raise kind.wrong("'AWS API Call via CloudTrail' or 'SageMaker ... State Change'")
    return _state_change(detail, whole, match[1], shapes)


def _cloudtrail_call(record: Fields, envelope: Fields, shapes: RequestShapes) -> Call:
    operation = record.member("eventName").text()
    source = record.member("eventSource")
    if source.text() not in SOURCES:
        raise source.wrong(" or ".join(SOURCES))
    request = record.member("requestParameters")
    shape = shapes.operations.get(operation)
    failed = record.member("errorCode").optional_text()
    told = None if request.value is None or request.mapping().get("omitted") is True else request
    region = record.member("awsRegion").text()
    if operation in _TAGGING:
        subject = _tagged(request, region, shapes)
    else:
        subject = _asked_for(operation, told, record.member("responseElements"), region, shapes)
    found = instance_types(told.value, shape) if told and shape else None
    return Call(
        operation=operation,
        identity=read_identity(record.member("userIdentity")),
        account=_account(record, envelope),
        time=record.member("eventTime").moment(),
        subject=subject,
        named_types=found.named if found else (),
        ineffective=_ineffective(operation, shape, failed, record),
    )


def _state_change(detail: Fields, envelope: Fields, thing: str, shapes: RequestShapes) -> Call:
    noun = thing.replace(" ", "")
    operation = f"Create{noun}"
    shape = shapes.operations.get(operation)
    status = detail.member(f"{noun}Status").optional_text()
    region = envelope.member("region").text()
    asked = _asked_for(operation, detail, detail, region, shapes)
    types = instance_types(detail.value, shape or _UNREAD)
    return Call(
        operation=envelope.member("detail-type").text(),
        identity=NOBODY,
        account=envelope.member("account").text(),
        time=envelope.member("time").moment(),
        subject=replace(
            asked,
            tags=_tags(detail.member("Tags").value),
            instance_types=types.asked_for or None,
            volumes_gb=asked.volumes_gb or None,
            lifecycle_configs=asked.lifecycle_configs or None,
            idle_shutdown=None,
            jobs=None,
        ),
        named_types=types.named,
        ineffective=f"it is {status}" if status and status.lower() in _OVER else None,
    )


def _asked_for(
    operation: str, request: Fields | None, answer: Fields, region: str, shapes: RequestShapes
) -> Subject:
    """The resource that an operation creates or changes, as far as the call tells."""
    shape = shapes.operations.get(operation, _UNREAD)
    arn = answer.member(shape.arn).optional_text() if shape.arn else None
    subject = Subject(
        kind=shape.kind,
        name=None,
        arn=arn,
        region=region,
        typed=shape is _UNREAD or shape.kind in shapes.typed_kinds,
        taggable=shape.tags or not operation.startswith("Create"),
    )
    if request is None:
        return subject
    types = instance_types(request.value, shape).asked_for if shape.instance_types else None
    if not types and shape.kind in _TYPED_BY_DEFAULT:
        types = None
    sizes = volume_sizes(request.value, shape) if shape.volumes else None
    creates = operation.startswith("Create") and shape is not _UNREAD
    written = request.member("tags").value
    named_at = None if shape.name == _ID_OF_DOMAIN else shape.name
    told = replace(
        subject,
        name=request.member(named_at).optional_text() if named_at else None,
        tags=({} if written is None else _tags(written)) if creates else None,
        instance_types=types,
        volumes_gb=sizes,
    )
    return _with_settings(told, request) if creates else told


def _jobs(kind: str, request: Fields) -> "tuple[Asked, ...] | None":
    """What a job asks for; only calls that create one need the reader."""
    if not kind.endswith("-job"):
        return None
    from sagewarden.domain.jobs.asked import asked_of  # noqa: PLC0415 - see above

    return asked_of(kind, request.value)


def _with_settings(subject: Subject, request: Fields) -> Subject:
    """What a creation says of lifecycle configurations, of idle shutdown and of jobs."""
    if jobs := _jobs(subject.kind, request):
        return replace(subject, jobs=jobs)
    if subject.kind == ResourceKind.NOTEBOOK_INSTANCE:
        config = request.member("lifecycleConfigName").optional_text()
        return replace(subject, lifecycle_configs=(config,) if config else ())
    if subject.kind == ResourceKind.STUDIO_APP:
        return replace(subject, name=app_name(request))
    if subject.kind not in WITH_SETTINGS:
        return subject
    settings = studio_settings(subject.kind, request)
    if settings is None:
        return subject
    return replace(
        subject,
        lifecycle_configs=settings.lifecycle_configs,
        idle_shutdown=settings.idle_shutdown,
    )


def _tagged(request: Fields, region: str, shapes: RequestShapes) -> Subject:
    """The resource whose tags change; the call does not tell what its tags are afterwards."""
    arn = request.member("resourceArn").optional_text()
    word, _, name = (arn or "").rpartition(":")[2].partition("/")
    kind = KINDS.get(word, word)
    if kind in _UNNAMED_BY_ARN:
        name = ""
    elif kind in WITH_SETTINGS or kind == ResourceKind.STUDIO_SPACE:
        # A domain's ARN ends in its id; what is in it has an ARN that ends in its own name.
        name = name.partition("/")[2]
    return Subject(
        kind=kind or _UNREAD.kind,
        name=name or None,
        arn=arn,
        region=region,
        typed=not kind or kind in shapes.typed_kinds,
    )


def _ineffective(
    operation: str, shape: OperationShape | None, failed: str | None, record: Fields
) -> str | None:
    if failed is not None:
        return f"the call failed with {failed}: nothing was created or changed"
    if record.member("eventSource").text() == SAGEMAKER:
        changes = shape is not None or operation in _TAGGING or operation.startswith(_CHANGING)
    else:
        changes = shape is not None and shape.service != "sagemaker"
    if record.member("readOnly").value is True or not changes:
        return f"{operation} creates and changes nothing that the policy speaks of"
    return None


def _account(record: Fields, envelope: Fields) -> str:
    """The account that the call was made to; the caller's own where no other is told."""
    caller = record.at("userIdentity", "accountId")
    told = record.member("recipientAccountId").optional_text()
    return told or envelope.member("account").optional_text() or caller.text()


def _tags(written: object) -> Tags | None:
    """Tags as a list of key and value, or as a map; None when they cannot be read."""
    if isinstance(written, dict):
        pairs = list(written.items())
    elif isinstance(written, list):
        entries = [Fields(item) for item in written if isinstance(item, dict)]
        if len(entries) < len(written):
            return None
        pairs = [(item.member("key").value, item.member("value").value or "") for item in entries]
    else:
        return None
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        return None
    return {str(key): str(value) for key, value in pairs}
