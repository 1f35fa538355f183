"""CloudFormation templates as their authors wrote them, with short forms spelt out."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

type Json = Any  # a template's values are what JSON can hold
type Resources = Mapping[str, Mapping[str, Json]]

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")


if TYPE_CHECKING:
    from yaml import SafeLoader as _Safe
else:
    _Safe = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Loader(_Safe):
    """Reads ``!Sub x`` as ``{"Fn::Sub": x}``."""


def _long_form(loader: _Loader, suffix: str, node: yaml.Node) -> Json:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError(f"{node.start_mark}: no scalar, sequence or mapping after !{suffix}")
    return {name: loader.construct_scalar(node)}


_Loader.add_multi_constructor("!", _long_form)


def read_template(path: Path) -> Json:
    """Read a template.

    Raises:
        OSError: It cannot be read.
        yaml.YAMLError: It is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, extended


def referred(value: Json) -> Iterator[str]:
    """Every name that a value refers to by Ref, GetAtt or Sub, in order: resources, parameters."""
    if isinstance(value, list):
        for item in value:
            yield from referred(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key in {"Ref", "Fn::GetAtt"}:
                yield _named(item)
            elif key == "Fn::Sub":
                yield from _substituted(item)
            else:
                yield from referred(item)


def _named(argument: Json) -> str:
    return str(argument[0] if isinstance(argument, list) else argument).partition(".")[0]


def _substituted(argument: Json) -> Iterator[str]:
    text, given = (argument, {}) if isinstance(argument, str) else argument
    yield from (name for name in _PLACEHOLDER.findall(text) if name not in given)
    yield from referred(given)


def blocks_with(value: Json, *keys: str) -> Iterator[Mapping[str, Json]]:
    """Every mapping inside a value that has all these keys; both branches of an If count."""
    if isinstance(value, list):
        for item in value:
            yield from blocks_with(item, *keys)
    elif isinstance(value, Mapping):
        if all(key in value for key in keys):
            yield value
        for item in value.values():
            yield from blocks_with(item, *keys)


def listed(value: Json) -> list[Json]:
    """A value that may be one or many, as many."""
    return value if isinstance(value, list) else [value]
