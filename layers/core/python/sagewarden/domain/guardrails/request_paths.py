"""Where a request says what it asks for: instance types, volumes, names and tags.

The paths are read from the service model when the program is built; nothing here is typed by
hand. Requests are walked in the order in which they are written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

EACH = "[]"
"""The step of a path that stands for each entry of a list."""

_MENTIONS = ("hidden", "supported")
"""How the last member of a path begins that only speaks of types: ``HiddenInstanceTypes``,
``SupportedRealtimeInferenceInstanceTypes``. Nothing runs on what it names."""

type Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationShape:
    """What the input of one operation looks like.

    Attributes:
        kind: The kind of resource it creates or changes, for example ``endpoint-config``.
        name: The member that holds the resource's name or id; None when it has none.
        arn: The member of the answer that holds its ARN; None when the answer has none.
        tags: Whether it takes tags.
        instance_types: The path of each member that holds an instance type.
        volumes: The path of each member that holds the size of a volume, in GB.
        service: Whose operation it is.
    """

    kind: str
    name: str | None = None
    arn: str | None = None
    tags: bool = False
    instance_types: tuple[Path, ...] = ()
    volumes: tuple[Path, ...] = ()
    service: str = "sagemaker"


@dataclass(frozen=True, slots=True)
class RequestShapes:
    """The operations that create or change something, by name."""

    operations: Mapping[str, OperationShape] = field(default_factory=dict[str, OperationShape])

    @property
    def typed_kinds(self) -> frozenset[str]:
        """The kinds of resource that have instance types; endpoints by their configs."""
        shapes = self.operations.values()
        return frozenset({"endpoint", *(shape.kind for shape in shapes if shape.instance_types)})


@dataclass(frozen=True, slots=True)
class NamedTypes:
    """The instance types in a request, each once, in the order in which they are written.

    Attributes:
        named: All of them.
        asked_for: Those that something may run on.
    """

    named: tuple[str, ...]
    asked_for: tuple[str, ...]


def instance_types(request: object, shape: OperationShape) -> NamedTypes:
    """Find the instance types that a request names; a serverless one names none."""
    found = [
        (value, path) for path, value in leaves(request, shape.instance_types) if _is_text(value)
    ]
    return NamedTypes(
        named=_once(str(value) for value, _ in found),
        asked_for=_once(str(value) for value, path in found if not _only_mentions(path)),
    )


def volume_sizes(request: object, shape: OperationShape) -> tuple[int, ...]:
    """Find the sizes of the volumes that a request names, in GB."""
    found = (value for _, value in leaves(request, shape.volumes))
    return tuple(value for value in found if isinstance(value, int) and not isinstance(value, bool))


def leaves(request: object, paths: Iterable[Path]) -> Iterator[tuple[Path, object]]:
    """Walk a request and give each value at one of the paths, with its path in lower case.

    Members are compared in any letter case. What has another form than the paths say is passed
    over.
    """
    wanted = frozenset(tuple(step.lower() for step in path) for path in paths)
    yield from _leaves(request, (), wanted, _beginnings(wanted))


def _leaves(
    value: object, at: Path, wanted: frozenset[Path], beginnings: frozenset[Path]
) -> Iterator[tuple[Path, object]]:
    if at in wanted:
        yield at, value
    if at not in beginnings:
        return
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*at, str(key).lower()), wanted, beginnings)
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(below, (*at, EACH), wanted, beginnings)


def _beginnings(paths: Iterable[Path]) -> frozenset[Path]:
    return frozenset(path[:length] for path in paths for length in range(len(path)))


def _only_mentions(path: Path) -> bool:
    member = next(step for step in reversed(path) if step != EACH)
    return member.startswith(_MENTIONS)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
