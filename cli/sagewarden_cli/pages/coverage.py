"""The README's table of coverage: what is done about each kind of thing that bills by the hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ASPECTS = ("found", "priced", "idle", "hours", "policy", "acted on", "undone", "advised")

type Cell = Literal[True] | str
"""Whether it is done; else why not."""


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of thing.

    Attributes:
        kind: As plans and policies name it.
        title: As people do.
        empty: By their aspects, why cells are empty; every other one is filled.
    """

    kind: str
    title: str
    empty: Mapping[str, str]

    @property
    def cells(self) -> Mapping[str, Cell]:
        """By each aspect, whether it is covered, or why not."""
        return {aspect: self.empty.get(aspect, True) for aspect in ASPECTS}


_ENDS = "it ends by itself: hours would cut it off in the middle"
_NO_RESUME = "AWS resumes none; what was kept of it tells the command that runs it again"
_ONCE = "it runs once: how another size would have done, no metric of it tells"
_ALWAYS = "it is there to be reached at any hour"
_ADVICE = "that it is not needed is all there is to advise, and its verdict does"
_NOTHING_DONE = "nothing is done to it"
_JOB = {"hours": _ENDS, "undone": _NO_RESUME, "advised": _ONCE}

ROWS = (
    Row("notebook-instance", "Notebook instances", {}),
    Row(
        "studio-app",
        "Studio apps of every type",
        {"advised": "AWS publishes no metric of how much of its instance an app uses"},
    ),
    Row(
        "studio-file-system",
        "File systems of Studio domains",
        {
            "hours": "it is storage: it has none",
            "policy": "its domain's settings and tags are governed",
            "acted on": "what is stored in it comes back by nothing",
            "undone": _NOTHING_DONE,
            "advised": _ADVICE,
        },
    ),
    Row(
        "studio-space",
        "Studio spaces and their volumes",
        {
            "hours": "it is storage: it has none",
            "acted on": "it goes with its volume, and what is stored there comes back by nothing",
            "undone": _NOTHING_DONE,
            "advised": _ADVICE,
        },
    ),
    Row("endpoint", "Endpoints: real-time, asynchronous, serverless", {}),
    Row(
        "inference-component",
        "Inference components",
        {
            "priced": "instances cost, not copies: its endpoint is priced",
            "idle": "its endpoint is judged, and scales its components to zero",
            "policy": "its endpoint is governed, and the types that it asks for as it is created",
            "undone": "what the bot sets up for it is taken away by hand; the bot's page says how",
            "advised": "its endpoint is advised on",
        },
    ),
    Row("training-job", "Training jobs", _JOB),
    Row("processing-job", "Processing jobs", _JOB),
    Row(
        "transform-job",
        "Batch transform jobs",
        {**_JOB, "priced": "it has no limit of its own: nobody knows how long it would run on"},
    ),
    Row("hyper-parameter-tuning-job", "Tuning jobs", _JOB),
    Row("auto-ml-job", "AutoML jobs", {**_JOB, "priced": "AWS does not tell what it runs on"}),
    Row(
        "warm-pool",
        "Warm pools",
        {
            "hours": _ENDS,
            "policy": "its training job is governed",
            "undone": "the next job starts instances of its own",
            "advised": _ADVICE,
        },
    ),
    Row(
        "cluster",
        "HyperPod clusters",
        {
            "hours": "no call stops a cluster",
            "acted on": "no call stops a cluster",
            "undone": _NOTHING_DONE,
            "advised": _ADVICE,
        },
    ),
    Row(
        "mlflow-tracking-server",
        "MLflow tracking servers",
        {
            "hours": _ALWAYS,
            "advised": _ADVICE,
        },
    ),
    Row(
        "monitoring-schedule",
        "Monitoring schedules",
        {"hours": "its own schedule says when it runs", "advised": _ADVICE},
    ),
    Row(
        "inference-recommendations-job",
        "Inference recommender jobs",
        {"hours": _ENDS, "undone": _NO_RESUME, "advised": _ADVICE},
    ),
    Row(
        "provisioned-model",
        "Provisioned throughput of Bedrock",
        {
            "hours": "buying it anew each morning gives it a new ARN",
            "advised": _ADVICE,
        },
    ),
    Row(
        "node-group",
        "GPU node groups of EKS",
        {"advised": "which nodes its pods need, Kubernetes tells and AWS does not"},
    ),
)


def coverage_table() -> str:
    """The table and, below it, why cells are empty, in Markdown."""
    whys: dict[str, int] = {}
    rows = [_line(row, whys) for row in ROWS]
    head = (f"| | {' | '.join(ASPECTS)} |", f"|---|{':---:|' * len(ASPECTS)}")
    notes = (f"{number}. {why[0].upper()}{why[1:]}." for why, number in whys.items())
    return "\n".join((*head, *rows, "", "Empty cells, by their number:", "", *notes))


def _line(row: Row, whys: dict[str, int]) -> str:
    shown = (
        "●" if cell is True else str(whys.setdefault(cell, len(whys) + 1))
        for cell in row.cells.values()
    )
    return f"| {row.title} | {' | '.join(shown)} |"
