"""Reading YAML so that every value keeps its place and stays the text that was written.

Numbers, booleans and dates are left as text for the models to read: YAML 1.1 would turn an
unquoted ``18:00`` into 1080, ``on`` into true and an account id into a number without its zeros.
Anything that could be misread is refused: duplicate keys, merge keys, tags, a second document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from sagewarden.policy.problems import Finding, Path, PolicyError, Problem, shown, spell

MOST_BYTES = 256 * 1024
MOST_ALIASES = 100
MOST_NODES = 50_000
"""How many values a document may have once its aliases are written out."""
MOST_DEPTH = 30

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_YAML_REMEDIES = (
    ("cannot start any token", "put text that begins with @, %, ` or a comma into quotes"),
    ("mapping values", "check the indentation, and put text that contains ': ' into quotes"),
    ("unknown escape", "write text with backslashes in single quotes"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, each counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar; None where nothing, ``~`` or ``null`` is written."""

    place: Place
    value: str | None
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple["Node", ...]
    size: int
    height: int


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping, with the place of each key."""

    place: Place
    entries: Mapping[str, tuple[Place, "Node"]]
    size: int
    height: int


type Node = Text | Items | Entries


@dataclass(frozen=True, slots=True)
class Document:
    """A policy file as it was written.

    Attributes:
        file: Its name.
        root: Its content.
        problems: What is wrong with it as YAML, though it could be read.
    """

    file: str
    root: Entries
    problems: tuple[Problem, ...] = ()

    def data(self) -> dict[str, object]:
        """The content as mappings, lists, text and None."""
        return {key: _plain(node) for key, (_, node) in self.root.entries.items()}

    def problem(self, finding: Finding) -> Problem:
        """Give a finding its line; what is missing is located at the mapping it is missing in."""
        place = self._place(finding.path, on_key=finding.on_key)
        return Problem(
            self.file,
            place.line,
            place.column,
            spell(finding.path),
            finding.problem,
            finding.remedy,
        )

    def written(self, loc: Path) -> Path:
        """Keep of a pydantic location what the document has, and a missing key at its end."""
        path: list[str | int] = []
        node: Node = self.root
        for position, part in enumerate(loc):
            below = _step(node, part)
            if below is not None:
                path.append(part)
                node = below[1]
            elif position == len(loc) - 1 and isinstance(node, Entries):
                path.append(part)
        return tuple(path)

    def _place(self, path: Path, *, on_key: bool) -> Place:
        key: Place | None = None
        node: Node = self.root
        for part in path:
            below = _step(node, part)
            if below is None:
                return key if key and not isinstance(node, Entries) else node.place
            key, node = below
        return key if key and on_key else node.place


def read_document(text: str, file: str) -> Document:
    """Read a policy's text.

    Raises:
        PolicyError: It is no YAML, no mapping, or too large to be a policy.
    """
    start = Place(1, 1)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        place = _place_at(text, error.start)
        raise _refused(
            file, place, "a character is no Unicode text", "save the file as UTF-8"
        ) from error
    if size > MOST_BYTES:
        problem = f"it has {size} bytes; a policy may have {MOST_BYTES}"
        raise _refused(file, start, problem, "split it, or remove what is not needed")
    builder = _Builder(file)
    try:
        root = builder.document(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise _no_yaml(error, text, file) from error
    if root is None:
        raise _refused(file, start, "it is empty", "begin with version: 1 and a list of rules")
    if not isinstance(root, Entries):
        remedy = "write keys and values: version: 1, mode: observe, rules: [...]"
        raise _refused(file, root.place, "it is no mapping", remedy)
    return Document(file, root, tuple(builder.problems))


class _Builder:
    """Builds nodes from YAML events, without ever following an alias more than once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._anchors: dict[str, Node] = {}
        self._open: list[str | None] = []
        self._aliases = 0

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise _refused(
                        self.file,
                        _place(event),
                        "a second document begins",
                        "keep one, without ---",
                    )
                root = self._node(next(events), events, ())
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if len(path) > MOST_DEPTH:
            raise self._too_large(event, f"it is nested more than {MOST_DEPTH} deep")
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            raise TypeError(f"no value begins with {event}")
        self._check_tag(event, path)
        self._open.append(event.anchor)
        node = self._value(event, events, path)
        self._open.pop()
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        if node.size > MOST_NODES:
            raise self._too_large(event, f"it has more than {MOST_NODES} values")
        return node

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Node:
        match event:
            case yaml.ScalarEvent():
                empty = event.implicit[0] and event.value in _NULLS
                return Text(_place(event), None if empty else event.value)
            case yaml.SequenceStartEvent():
                return self._items(event, events, path)
            case _:
                return self._entries(event, events, path)

    def _items(self, start: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Items:
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, (*path, len(items))))
        return Items(_place(start), tuple(items), *_measures(items))

    def _entries(self, start: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Entries:
        entries: dict[str, tuple[Place, Node]] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            place, key = self._key(event, events, path)
            node = self._node(next(events), events, (*path, key))
            if key in entries:
                first = entries[key][0].line
                problem = f"the key stands here twice, first on line {first}"
                self._add(place, (*path, key), problem, "keep one of them")
            elif key == "<<":
                problem = "merge keys are not read"
                self._add(place, (*path, key), problem, "write the merged keys out")
            else:
                entries[key] = place, node
        return Entries(_place(start), entries, *_measures([node for _, node in entries.values()]))

    def _key(
        self, event: yaml.Event, events: Iterator[yaml.Event], path: Path
    ) -> tuple[Place, str]:
        node = self._node(event, events, path)
        if isinstance(node, Text):
            return _place(event), node.value or ""
        problem = "a key is a list or a mapping"
        self._add(_place(event), path, problem, "use text, and quote text that begins with [ or {")
        return _place(event), ""

    def _alias(self, event: yaml.AliasEvent, path: Path) -> Node:
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise self._too_large(event, f"it has more than {MOST_ALIASES} aliases")
        node = self._anchors.get(event.anchor or "")
        if event.anchor in self._open or node is None:
            inside = "the value it stands in" if event.anchor in self._open else "nothing"
            problem = f"the alias *{event.anchor} refers to {inside}"
            remedy = "write the value out, or quote text that begins with *"
            raise _refused(self.file, _place(event), problem, remedy, spell(path))
        if len(path) + node.height > MOST_DEPTH:
            raise self._too_large(event, f"it is nested more than {MOST_DEPTH} deep")
        return node

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, path: Path) -> None:
        if event.tag not in _PLAIN_TAGS:
            problem = f"the YAML tag {shown(event.tag)} is not read"
            remedy = "remove it, and quote text that begins with !"
            self._add(_place(event), path, problem, remedy)

    def _add(self, place: Place, path: Path, problem: str, remedy: str) -> None:
        at = (self.file, place.line, place.column, spell(path))
        self.problems.append(Problem(*at, problem, remedy))

    def _too_large(self, event: yaml.Event, problem: str) -> PolicyError:
        return _refused(self.file, _place(event), problem, "write it more simply")


def _measures(nodes: list[Node]) -> tuple[int, int]:
    """The size and the height of a collection of nodes."""
    return 1 + sum(node.size for node in nodes), 1 + max((node.height for node in nodes), default=0)


def _plain(node: Node) -> object:
    match node:
        case Text():
            return node.value
        case Items():
            return [_plain(item) for item in node.items]
        case Entries():
            return {key: _plain(below) for key, (_, below) in node.entries.items()}


def _step(node: Node, part: str | int) -> tuple[Place, Node] | None:
    """Go one key or position down, if there is one."""
    if isinstance(node, Entries) and isinstance(part, str):
        return node.entries.get(part)
    if isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
        return node.items[part].place, node.items[part]
    return None


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _place_at(text: str, position: int) -> Place:
    before = text[:position]
    return Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _refused(file: str, place: Place, problem: str, remedy: str, path: str = "") -> PolicyError:
    return PolicyError([Problem(file, place.line, place.column, path, problem, remedy)])


def _no_yaml(error: yaml.YAMLError, text: str, file: str) -> PolicyError:
    """Locate a syntax error, and say what usually mends it."""
    place, problem = Place(1, 1), str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or problem
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else place
    elif isinstance(error, yaml.reader.ReaderError):
        problem = f"{error.reason} (character {error.character!r})"
        place = _place_at(text, error.position)
    line = "".join(text.split("\n")[place.line - 1 : place.line])
    if line[place.column - 1 :].startswith("\t"):
        remedy = "indent with spaces, not with tabs"
    else:
        remedy = next(
            (remedy for sign, remedy in _YAML_REMEDIES if sign in problem),
            "check the indentation, brackets and quotes up to here",
        )
    return _refused(file, place, f"it is no YAML: {problem}", remedy)
