"""The table of what requests look like, written from botocore's service models.

SageMaker's has 2.5 MB; a Lambda function that judges a call needs a few kilobytes of it.
``python -m sagewarden_cli.instance_type_paths`` writes them; a test compares them with the
installed botocore.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from sagewarden.adapters.sagemaker_paths import TABLE
from sagewarden.domain.guardrails.request_paths import EACH
from sagewarden.domain.guardrails.studio_members import KINDS

_CHANGES = ("Create", "Update", "Start")
_READS = ("Describe", "Get", "List", "Query", "Render", "Search")
_VERB = re.compile(r"(?:Batch)?[A-Z][a-z]+")
_VERSION = re.compile(r"V\d+$")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z][a-z0-9]*")
_SIZE = "VolumeSizeIn"
_OF_BEDROCK = {"CreateProvisionedModelThroughput": "ProvisionedModel"}
"""What bills by the hour in Bedrock, by the operation that creates it."""
_BOUND = "Maximum"
"""How a member begins that bounds the sizes of others."""

type Row = dict[str, str | bool | list[str]]
type Steps = tuple[str, ...]


def service_models() -> tuple[ServiceModel, ServiceModel]:
    """SageMaker's and Bedrock's APIs as the installed botocore describes them."""
    session = botocore.session.get_session()
    return session.get_service_model("sagemaker"), session.get_service_model("bedrock")


def table(sagemaker: ServiceModel, bedrock: ServiceModel) -> dict[str, Row]:
    """What each operation that creates or changes something takes, in CloudTrail's spelling."""
    rows = {
        name: _row(bedrock, name, resource) | {"service": "bedrock"}
        for name, resource in _OF_BEDROCK.items()
    }
    return dict(sorted((_rows(sagemaker) | rows).items()))


def _rows(model: ServiceModel) -> dict[str, Row]:
    """What SageMaker's operations take.

    These are all that are called Create, Update or Start, and whatever else is no mere reading
    and takes an instance type.
    """
    rows: dict[str, Row] = {}
    nouns = {_noun(name) for name in model.operation_names if name.startswith("Create")}
    for name in sorted(model.operation_names):
        accepted = model.operation_model(name).input_shape
        if accepted is None or name.startswith(_READS):
            continue
        if name.startswith(_CHANGES) or any(_types(accepted)):
            rows[name] = _row(model, name, _resource(_noun(name), nouns))
    return rows


def table_text(sagemaker: ServiceModel, bedrock: ServiceModel) -> str:
    """The table as it is shipped, one operation a line."""
    found = table(sagemaker, bedrock).items()
    rows = (f" {json.dumps(name)}: {json.dumps(row)}" for name, row in found)
    return "{\n" + ",\n".join(rows) + "\n}\n"


def leaves(
    shape: Shape, at: Steps = (), above: frozenset[str] = frozenset()
) -> Iterator[tuple[Steps, Shape]]:
    """Walk an input shape: each value that a request may hold, with its path.

    A list gives the step ``[]``, a map ``{}``; a shape within itself is not entered again.
    """
    if shape.name in above:
        return
    inside = above | {shape.name}
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from leaves(member, (*at, name), inside)
    elif isinstance(shape, ListShape):
        yield from leaves(shape.member, (*at, EACH), inside)
    elif isinstance(shape, MapShape):
        yield from leaves(shape.value, (*at, "{}"), inside)
    else:
        yield at, shape


def _row(model: ServiceModel, operation: str, resource: str) -> Row:
    described = model.operation_model(operation)
    accepted, answered = described.input_shape, described.output_shape
    members, answers = _members(accepted), _members(answered)
    kind = "-".join(word.lower() for word in _WORD.findall(resource))
    row: Row = {"kind": KINDS.get(kind, kind)}
    endings = _endings(resource)
    if name := _first((*(f"{noun}Name" for noun in endings), f"{resource}Id"), members):
        row["name"] = _camel(name)
    if arn := _first((f"{noun}Arn" for noun in endings), answers):
        row["arn"] = _camel(arn)
    if "Tags" in members:
        row["tags"] = True
    if accepted is not None:
        if types := list(_spelled(_types(accepted))):
            row["instance_types"] = types
        if sizes := list(_spelled(_sizes(accepted))):
            row["volumes"] = sizes
    return row


def _members(shape: Shape | None) -> frozenset[str]:
    """The names of a shape's members, which Bedrock's API begins with a small letter."""
    names = shape.members if isinstance(shape, StructureShape) else ()
    return frozenset(name[:1].upper() + name[1:] for name in names)


def _types(accepted: Shape) -> Iterator[Steps]:
    """What is an instance type: an enumeration with a value such as ``ml.m5.large``."""
    for path, shape in leaves(accepted):
        if isinstance(shape, StringShape) and any(value.startswith("ml.") for value in shape.enum):
            yield path


def _sizes(accepted: Shape) -> Iterator[Steps]:
    for path, shape in leaves(accepted):
        member = path[-1]
        if shape.type_name == "integer" and _SIZE in member and not member.startswith(_BOUND):
            yield path


def _noun(operation: str) -> str:
    return _VERSION.sub("", _VERB.sub("", operation, count=1))


def _resource(noun: str, created: Iterable[str]) -> str:
    """What an operation is about: of ``EndpointWeightsAndCapacities`` it is the ``Endpoint``."""
    return max((name for name in created if noun.startswith(name)), key=len, default=noun)


def _endings(resource: str) -> list[str]:
    """A name and what is left of it without its first words: JobDefinition, Definition, nothing."""
    words = _WORD.findall(resource)
    return ["".join(words[start:]) for start in range(len(words) + 1)]


def _first(candidates: Iterable[str], members: Iterable[str]) -> str | None:
    known = set(members)
    return next((name for name in candidates if name in known), None)


def _spelled(paths: Iterable[Steps]) -> Iterator[str]:
    for path in paths:
        yield ".".join(map(_camel, path))


def _camel(member: str) -> str:
    """A member as CloudTrail writes it: with a small first letter."""
    return member[:1].lower() + member[1:]


def write(path: Path) -> None:
    """Write the table."""
    path.write_text(table_text(*service_models()), encoding="utf-8")


if __name__ == "__main__":
    write(TABLE)
