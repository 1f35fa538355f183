"""The stack as a Mermaid flowchart, drawn from its template."""

from collections import Counter
from collections.abc import Iterator, Mapping

from sagewarden_cli.pages.cloudformation import Json, Resources, referred
from sagewarden_cli.pages.stack_edges import OUTSIDE, Edge, Flow, edges_of

_SHAPES: Mapping[str, tuple[str, str, str]] = {
    "AWS::Scheduler::Schedule": ("([", "])", "trigger"),
    "AWS::Events::Rule": ("([", "])", "trigger"),
    "AWS::Events::EventBus": ("{{", "}}", "trigger"),
    "AWS::Events::ApiDestination": ("([", "])", "trigger"),
    "AWS::SQS::Queue": ("[[", "]]", "queue"),
    "AWS::SNS::Topic": ("{{", "}}", "store"),
    "AWS::DynamoDB::Table": ("[(", ")]", "store"),
    "AWS::S3::Bucket": ("[(", ")]", "store"),
    "AWS::Serverless::Function": ("[", "]", "function"),
    "AWS::Lambda::Function": ("[", "]", "function"),
}
_PLAIN = ("[", "]", "store")
_CLASSES = """\
  classDef trigger fill:#e7f0fd,stroke:#3b6fb6,color:#10233f
  classDef queue fill:#f3ecfa,stroke:#7a4bab,color:#2b1540
  classDef function fill:#fdf0e1,stroke:#c7761a,color:#402506
  classDef store fill:#e6f5ea,stroke:#2f8a4c,color:#0d3319
  classDef dead fill:#fbe9e9,stroke:#b53a3a,color:#431010
  classDef outside fill:#f5f5f5,stroke:#777777,color:#222222,stroke-dasharray:4 3
"""
_ALARM = "AWS::CloudWatch::Alarm"
_ALARMS = "Alarms"
_TOGETHER = 2
"""From so many functions on, and so many things that they all reach, they are drawn as one."""


def stack_diagram(template: Json) -> str:
    """The flowchart, and what it leaves out, as Markdown."""
    resources: Resources = template["Resources"]
    edges = edges_of(resources)
    drawn = dict.fromkeys(end for edge in edges for end in (edge.source, edge.target))
    dead = {edge.target for edge in edges if edge.flow is Flow.FAILURE}
    groups = _groups(edges, resources)
    lines = ["```mermaid", "flowchart LR"]
    lines += [_node(name, resources, dead) for name in drawn if not _is_in(name, groups)]
    for name, members in groups.items():
        lines += [f'  subgraph {name}["each of these"]']
        lines += [f"  {_node(member, resources, dead)}" for member in members]
        lines += ["  end", f"  style {name} fill:none,stroke:#999999"]
    lines += [_arrow(edge) for edge in _drawn_together(edges, groups)]
    lines += [*_alarms(resources), _CLASSES.rstrip(), "```"]
    return "\n".join([*lines, "", _left_out(resources, drawn)])


def _node(name: str, resources: Resources, dead: set[str]) -> str:
    if name in OUTSIDE:
        return f'  {name}(["{OUTSIDE[name]}"]):::outside'
    resource = resources[name]
    opening, closing, kind = _SHAPES.get(resource["Type"], _PLAIN)
    expression = resource.get("Properties", {}).get("ScheduleExpression")
    label = f"{name}<br/>{expression}" if expression else name
    return f'  {name}{opening}"{label}"{closing}:::{"dead" if name in dead else kind}'


def _arrow(edge: Edge) -> str:
    line = "-.->" if edge.flow is Flow.FAILURE else "-->"
    label = f'|"{edge.label}"|' if edge.label else ""
    return f"  {edge.source} {line}{label} {edge.target}"


def _groups(edges: tuple[Edge, ...], resources: Resources) -> Mapping[str, tuple[str, ...]]:
    """Functions that reach the very same things, each group by a name of its own."""
    reached: dict[frozenset[str], list[str]] = {}
    for name, resource in resources.items():
        if resource["Type"].endswith("::Function"):
            targets = frozenset(edge.target for edge in edges if _is_onward(edge, name))
            if len(targets) >= _TOGETHER:
                reached.setdefault(targets, []).append(name)
    alike = (members for members in reached.values() if len(members) >= _TOGETHER)
    return {f"Group{number}": tuple(members) for number, members in enumerate(alike, 1)}


def _is_onward(edge: Edge, name: str) -> bool:
    return edge.source == name and edge.flow is Flow.WORK


def _is_in(name: str, groups: Mapping[str, tuple[str, ...]]) -> bool:
    return any(name in members for members in groups.values())


def _drawn_together(
    edges: tuple[Edge, ...], groups: Mapping[str, tuple[str, ...]]
) -> Iterator[Edge]:
    """The edges, with those of a group's members drawn once, from the group."""
    firsts = {members[0]: name for name, members in groups.items()}
    for edge in edges:
        onward = edge.flow is Flow.WORK and _is_in(edge.source, groups)
        if not onward:
            yield edge
        elif edge.source in firsts:
            yield Edge(firsts[edge.source], edge.target, edge.flow, edge.label)


def _alarms(resources: Resources) -> Iterator[str]:
    """All alarms as one node, by the runbook's headings."""
    alarms = [item["Properties"] for item in resources.values() if item["Type"] == _ALARM]
    if not alarms:
        return
    headings = Counter(
        str(alarm["AlarmDescription"]).rpartition("docs/runbook.md, ")[2] for alarm in alarms
    )
    counted = "<br/>".join(f"{number} {heading}" for heading, number in headings.items())
    yield f'  {_ALARMS}["{len(alarms)} alarms:<br/>{counted}"]:::dead'
    told = dict.fromkeys(end for alarm in alarms for end in referred(alarm.get("AlarmActions")))
    yield from (f"  {_ALARMS} --> {topic}" for topic in told)


def _left_out(resources: Resources, drawn: Mapping[str, None]) -> str:
    """What is in the template and not in the picture."""
    kinds = Counter(
        item["Type"].removeprefix("AWS::")
        for name, item in resources.items()
        if name not in drawn and item["Type"] != _ALARM
    )
    counted = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    return f"Not drawn: {counted}."
