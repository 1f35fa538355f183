"""AWS's own service models, read and enforced as the service does on its side.

boto3 checks types and required members before it sends; it checks neither patterns nor enums nor
maxima. Those are refused here, from botocore's model, so the lists of instance types and the like
are never copied.
"""

import re
import sys
import unicodedata
from collections.abc import Mapping, Sized
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.model import OperationModel, ServiceModel, Shape
from botocore.session import get_session

type _AnyShape = Any  # botocore's shapes differ by type and are not typed by it
type _Json = Any

_MAX_SHOWN = 80
_JAVA_CLASSES = {
    r"\p{Print}": r"[\x20-\x7e]",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010ffff",  # as UTF-16 writes all beyond the BMP
}


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return get_session().get_service_model(service)


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's model of one operation."""
    return service_model(service).operation_model(operation)


def read_params(shape: Shape | None, sent: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what was sent, with aware datetimes for timestamps, and everything wrong with it.

    Unknown members are dropped and nulls are absent, as on AWS. The complaints are worded as
    SageMaker words them ("Value 'x' at 'instanceType' failed to satisfy constraint: ...").
    """
    complaints: list[str] = []
    if shape is None:
        return {}, complaints
    params = _structure(shape, sent, "", complaints)
    return params, complaints


def complaint_message(complaints: list[str]) -> str:
    """Return the one message that AWS makes of several complaints."""
    noun = "error" if len(complaints) == 1 else "errors"
    return f"{len(complaints)} validation {noun} detected: " + "; ".join(complaints)


def _structure(
    shape: _AnyShape, sent: Mapping[str, Any], path: str, complaints: list[str]
) -> dict[str, Any]:
    params = {}
    for name, member in shape.members.items():
        value = sent.get(name)
        where = f"{path}.{_lower_first(name)}" if path else _lower_first(name)
        if value is not None:
            params[name] = _value(member, value, where, complaints)
        elif name in shape.required_members:
            complaints.append(_complaint("null", where, "Member must not be null"))
    return params


def _value(shape: _AnyShape, value: _Json, path: str, complaints: list[str]) -> _Json:
    match shape.type_name:
        case "structure":
            return _structure(shape, value, path, complaints)
        case "list":
            _check_length(shape, value, path, complaints)
            return [
                _value(shape.member, item, f"{path}.{i}.member", complaints)
                for i, item in enumerate(value, start=1)
            ]
        case "map":
            _check_length(shape, value, path, complaints)
            return dict(value)
        case "timestamp":
            return _moment(value)
        case "string":
            _check_string(shape, value, path, complaints)
        case "integer" | "long" | "float" | "double":
            _check_range(shape, value, path, complaints)
    return value


def _check_string(shape: _AnyShape, value: str, path: str, complaints: list[str]) -> None:
    if shape.enum and value not in shape.enum:
        allowed = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        complaints.append(_complaint(value, path, allowed))
    _check_length(shape, value, path, complaints)
    pattern = shape.metadata.get("pattern")
    if pattern and not _matcher(pattern).fullmatch(value):
        rule = f"Member must satisfy regular expression pattern: {pattern}"
        complaints.append(_complaint(value, path, rule))


def _check_length(shape: _AnyShape, value: Sized, path: str, complaints: list[str]) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        rule = f"Member must have length greater than or equal to {low}"
        complaints.append(_complaint(value, path, rule))
    if high is not None and len(value) > high:
        rule = f"Member must have length less than or equal to {high}"
        complaints.append(_complaint(value, path, rule))


def _check_range(shape: _AnyShape, value: float, path: str, complaints: list[str]) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        rule = f"Member must have value greater than or equal to {low}"
        complaints.append(_complaint(value, path, rule))
    if high is not None and value > high:
        rule = f"Member must have value less than or equal to {high}"
        complaints.append(_complaint(value, path, rule))


def _complaint(value: object, path: str, rule: str) -> str:
    shown = str(value)
    if len(shown) > _MAX_SHOWN:
        shown = shown[:_MAX_SHOWN] + "..."
    quoted = "null" if value == "null" else f"'{shown}'"
    return f"Value {quoted} at '{path}' failed to satisfy constraint: {rule}"


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str):
        parsed = datetime.fromisoformat(value)
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]  # a JSON number


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    """Compile a Java pattern: its Unicode classes are spelled out, the rest is Python's too."""
    spelled = re.sub(r"\\p\{([LNZ])\}", lambda found: _class_of(found.group(1)), pattern)
    for java, python in _JAVA_CLASSES.items():
        spelled = spelled.replace(java, python)
    return re.compile(spelled, re.ASCII)


@cache
def _class_of(category: str) -> str:
    """Return the inside of a character class that holds one general Unicode category."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] != category:
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
