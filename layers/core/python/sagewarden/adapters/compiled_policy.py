"""A compiled policy: the domain's rules as JSON, so that no cold start parses or validates YAML.

Values are written with their types and read back only as dataclasses and enums of
`sagewarden.domain`. The JSON carries the digest of the YAML it was made from: a policy that was
changed and not compiled again is refused.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from sagewarden.domain.rules import Policy

SCHEMA = 1
_HOME = "sagewarden.domain."


class StalePolicyError(Exception):
    """The compiled policy is not that of the policy file beside it."""


def dump_policy(policy: Policy, source: bytes) -> str:
    """Write a policy as JSON.

    Args:
        policy: The policy, with holidays as tables.
        source: The policy file it was compiled from.

    Raises:
        TypeError: It holds a value that cannot be written, such as a function.
    """
    content = {"schema": SCHEMA, "source_sha256": _digest(source), "policy": _encoded(policy)}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def load_compiled_policy(text: str, source: bytes) -> Policy:
    """Read a policy that `dump_policy` wrote.

    Args:
        text: The JSON.
        source: The policy file that lies beside it.

    Raises:
        StalePolicyError: It was compiled from another text, or by another version.
    """
    content = json.loads(text)
    if content.get("schema") != SCHEMA or content.get("source_sha256") != _digest(source):
        raise StalePolicyError(
            "the policy file was changed after it was compiled, or was compiled by another "
            "version: run sagewarden policy compile, and deploy again"
        )
    policy = _decoded(content["policy"])
    if not isinstance(policy, Policy):
        raise StalePolicyError("the compiled policy holds no policy: compile it again")
    return policy


def _digest(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()


def _encoded(value: object) -> object:
    if isinstance(value, Enum):
        return {"$enum": _name(type(value)), "value": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        items = {item.name: _encoded(getattr(value, item.name)) for item in fields(value)}
        return {"$": _name(type(value)), **items}
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, frozenset):
        return {"$set": sorted((_encoded(item) for item in value), key=str)}
    if isinstance(value, Mapping):
        return {"$map": [[_encoded(key), _encoded(item)] for key, item in value.items()]}
    return _encoded_scalar(value)


def _encoded_scalar(value: object) -> object:
    match value:
        case timedelta():
            return {"$seconds": value.total_seconds()}
        case datetime() | date() | time():
            return {f"${type(value).__name__}": value.isoformat()}
        case Decimal():
            return {"$decimal": str(value)}
        case ZoneInfo():
            return {"$zone": value.key}
        case re.Pattern():
            return {"$pattern": value.pattern}
        case _:
            raise TypeError(f"{value!r} cannot be compiled: it is no value of the domain")


_READERS: Mapping[str, Callable[[Any], object]] = {
    "$set": lambda items: frozenset(_decoded(item) for item in items),
    "$map": lambda items: {_decoded(key): _decoded(item) for key, item in items},
    "$seconds": lambda seconds: timedelta(seconds=seconds),
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$decimal": Decimal,
    "$zone": ZoneInfo,
    "$pattern": re.compile,
}


def _decoded(value: Any) -> Any:  # noqa: ANN401 - any value of the domain
    if isinstance(value, list):
        return tuple(_decoded(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "$" in value:
        kind = _type(value["$"])
        return kind(**{key: _decoded(item) for key, item in value.items() if key != "$"})
    if "$enum" in value:
        return _type(value["$enum"])(value["value"])
    [(tag, content)] = value.items()
    return _READERS[tag](content)


def _name(kind: type) -> str:
    if not kind.__module__.startswith(_HOME):
        raise TypeError(f"{kind.__module__}.{kind.__name__} cannot be compiled: not the domain's")
    return f"{kind.__module__.removeprefix(_HOME)}:{kind.__name__}"


def _type(name: str) -> Any:  # noqa: ANN401 - a dataclass or an enum
    module, _, attribute = name.partition(":")
    kind = getattr(import_module(_HOME + module), attribute)
    if not is_dataclass(kind) and not (isinstance(kind, type) and issubclass(kind, Enum)):
        raise StalePolicyError(f"{name} is no value of the domain: compile the policy again")
    return kind
