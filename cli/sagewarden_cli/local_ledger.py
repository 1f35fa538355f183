"""A ledger in one JSON file, for applying plans from a workstation."""

import fcntl
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.ledger_records import (
    case_record,
    entry_record,
    exemption_record,
    manifest_record,
    outcome_record,
    read_case,
    read_entry,
    read_exemption,
    read_manifest,
    read_outcome,
)
from sagewarden_cli.located_values import UnreadableFileError, read_json_file

SCHEMA = 1

STATE_DIR_VARIABLE = "SAGEWARDEN_STATE_DIR"


class LedgerInUseError(Exception):
    """Another run holds the ledger."""


def _kept[**P, T](
    change: Callable[Concatenate["LocalLedger", P], T],
) -> Callable[Concatenate["LocalLedger", P], T]:
    """A change that is in the file when it returns."""

    @wraps(change)
    def kept(ledger: "LocalLedger", /, *args: P.args, **kwargs: P.kwargs) -> T:
        result = change(ledger, *args, **kwargs)
        ledger.write()
        return result

    return kept


class LocalLedger(MemoryLedger):
    """The ledger port on one JSON file: read once, written whole when it has changed.

    Each write replaces the file at once, so that a crash leaves the last complete state. Several
    processes may read it; only who holds `writing` may change it.

    Args:
        path: The file; it need not exist.

    Raises:
        UnreadableFileError: The file exists and is no ledger.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._writing = threading.Lock()
        self._changes = self._written = 0
        self._outcome_texts: list[str] = []
        self._manifest_texts: list[str] = []
        if path.exists():
            self._load(path)

    def _load(self, path: Path) -> None:
        file = read_json_file(path)
        if file.child("schema").integer() != SCHEMA:
            raise UnreadableFileError(f"{path}: this is no ledger of schema {SCHEMA}")
        content: Mapping[str, Any] = file.mapping()
        try:
            self._halted = content["halted"]
            self._claims = {
                key: datetime.fromisoformat(at) for key, at in content["claims"].items()
            }
            self._outcomes = [read_outcome(record) for record in content["outcomes"]]
            self._manifests = [read_manifest(record) for record in content["manifests"]]
            cases = [read_case(record) for record in content["cases"]]
            resumed_at = content.get("resumed_at")
            self._resumed_at = datetime.fromisoformat(resumed_at) if resumed_at else None
            self._exemptions = [read_exemption(item) for item in content.get("exemptions", ())]
            self._append(*(read_entry(item) for item in content.get("audit", ())))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnreadableFileError(
                f"{path}: the ledger is damaged ({type(error).__name__}: {error}); "
                "restore it from a backup, or move it away to begin a new one"
            ) from error
        self._cases = {case.case_id: case for case in cases}

    halt = _kept(MemoryLedger.halt)
    resume = _kept(MemoryLedger.resume)
    claim = _kept(MemoryLedger.claim)
    release = _kept(MemoryLedger.release)
    record = _kept(MemoryLedger.record)
    keep = _kept(MemoryLedger.keep)
    save = _kept(MemoryLedger.save)
    exempt = _kept(MemoryLedger.exempt)
    lift = _kept(MemoryLedger.lift)
    note = _kept(MemoryLedger.note)

    def _changed(self) -> None:
        self._changes += 1

    def write(self) -> None:
        """Write the file anew, unless it has everything: what several threads changed, once."""
        with self._lock:
            wanted = self._changes
        with self._writing:
            if self._written >= wanted:
                return
            with self._lock:
                changes, text = self._changes, self._text()
            replace_file(self._path, text)
            self._written = changes

    def _text(self) -> str:
        """Everything as JSON. What is only ever added to is put into words once."""
        _add_texts(self._outcome_texts, self._outcomes, outcome_record)
        _add_texts(self._manifest_texts, self._manifests, manifest_record)
        rest = {
            "schema": SCHEMA,
            "halted": self._halted,
            "claims": {key: at.isoformat() for key, at in self._claims.items()},
            "cases": [case_record(item) for item in self._cases.values()],
            "resumed_at": self._resumed_at.isoformat() if self._resumed_at else None,
            "exemptions": [exemption_record(item) for item in self._exemptions],
            "audit": [entry_record(item) for part in self._entries.values() for item in part],
        }
        return (
            f"{json.dumps(rest, indent=1).removesuffix('\n}')},\n"
            f' "outcomes": {_array(self._outcome_texts)},\n'
            f' "manifests": {_array(self._manifest_texts)}\n}}\n'
        )


def _add_texts[T](
    texts: list[str], items: Sequence[T], record: Callable[[T], dict[str, Any]]
) -> None:
    texts += [json.dumps(record(item)) for item in items[len(texts) :]]


def _array(texts: Sequence[str]) -> str:
    return f"[\n  {',\n  '.join(texts)}\n ]" if texts else "[]"


def default_ledger_path(environment: Mapping[str, str]) -> Path:
    """Where a user's ledger lies, unless another place is named."""
    directory = environment.get(STATE_DIR_VARIABLE)
    home = Path(directory) if directory else Path.home() / ".local" / "state" / "sagewarden"
    return home / "ledger.json"


@contextmanager
def writing(path: Path) -> Iterator[LocalLedger]:
    """Open a ledger for writing, alone.

    Raises:
        LedgerInUseError: Another run holds it.
        UnreadableFileError: The file exists and is no ledger.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LedgerInUseError(
                f"another run is using the ledger {path}: wait until it has ended"
            ) from error
        yield LocalLedger(path)


def replace_file(path: Path, text: str, *, for_all: bool = False) -> None:
    """Replace a file's content at once: a reader sees the old or the new, never a part.

    Args:
        path: The file; it need not exist.
        text: Its new content.
        for_all: Whether other users may read it. What goes into a Lambda layer has to be readable
            for all: functions do not run as who unpacks it.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            if for_all:
                os.fchmod(file.fileno(), 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
