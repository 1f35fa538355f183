import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import open_case
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.local_ledger import (
    LedgerInUseError,
    LocalLedger,
    default_ledger_path,
    replace_file,
    writing,
)
from sagewarden_cli.located_values import UnreadableFileError
from sagewarden_cli.options import BadOptionError, NoRegionError
from tests.support.plans import ACCOUNT, a_planned_action, a_ref, an_action

NOW = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)


def an_outcome(kind: ActionKind = ActionKind.STOP) -> Outcome:
    return Outcome("hours", an_action(kind), OutcomeKind.APPLIED, "stop: done", NOW, "undo it")


def test_a_stop_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ledger.json"

    with writing(path) as ledger:
        ledger.record(an_outcome())

    assert LocalLedger(path).stopped_by_us(ACCOUNT, "us-east-1", "hours") == {a_ref().arn: NOW}


def test_everything_that_is_remembered_survives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    case = open_case(a_planned_action().verdict, NOW).warned(NOW, NOW + timedelta(hours=1))
    manifest = Manifest(a_ref(), NOW, {"config": {"Variants": [1, 2]}})

    with writing(path) as ledger:
        ledger.halt("maintenance", "ops", NOW)
        claimed = ledger.claim("intent", NOW)
        ledger.keep(manifest)
        ledger.record(an_outcome())
        saved = ledger.save(case)
    again = LocalLedger(path)

    assert claimed
    assert saved
    assert again.halted() == "maintenance"
    assert not again.claim("intent", NOW + timedelta(minutes=1))
    assert again.manifests(a_ref().arn) == (manifest,)
    assert again.history(a_ref().arn) == (an_outcome(),)
    assert [item.case_id for item in again.live_cases(ACCOUNT, "us-east-1")] == [case.case_id]


def test_a_refused_claim_and_an_outdated_case_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    case = open_case(a_planned_action().verdict, NOW)

    with writing(path) as ledger:
        ledger.claim("intent", NOW)
        ledger.save(case)
        before = path.read_text(encoding="utf-8")
        again = (ledger.claim("intent", NOW), ledger.save(case))

    assert again == (False, False)
    assert path.read_text(encoding="utf-8") == before


def test_reading_creates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ledger.json"

    with opened_ledger(f"file:{path}", None, write=False) as memory:
        found = memory.ledger.stopped_by_us(ACCOUNT, "us-east-1", "hours")

    assert found == {}
    assert list(tmp_path.iterdir()) == []


def test_two_runs_cannot_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"

    with writing(path), pytest.raises(LedgerInUseError, match="another run"), writing(path):
        pass

    with writing(path) as ledger:
        assert ledger.halted() is None


def test_a_crash_while_writing_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.json"
    replace_file(path, "old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        replace_file(path, "new")

    assert [item.name for item in tmp_path.iterdir()] == ["ledger.json"]
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(("for_all", "mode"), [(False, 0o600), (True, 0o644)])
def test_a_file_is_its_owners_own_unless_it_is_for_all(
    tmp_path: Path, mode: int, *, for_all: bool
) -> None:
    path = tmp_path / "file"

    replace_file(path, "new", for_all=for_all)

    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "this is no JSON"),
        ("{}", "the field 'schema' is missing"),
        ('{"schema": 7}', "this is no ledger of schema 1"),
        ('{"schema": 1}', "the ledger is damaged"),
        ('{"schema": 1, "halted": null, "claims": {"a": "b"}}', "the ledger is damaged"),
    ],
)
def test_a_damaged_ledger_is_refused(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(UnreadableFileError, match=message):
        LocalLedger(path)


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"

    with writing(path) as ledger:
        ledger.record(an_outcome())
    content = json.loads(path.read_text(encoding="utf-8"))

    assert content["outcomes"][0]["kind"] == "APPLIED"


def test_the_default_place_follows_the_environment(tmp_path: Path) -> None:
    chosen = default_ledger_path({"SAGEWARDEN_STATE_DIR": str(tmp_path)})
    default = default_ledger_path({})

    assert chosen == tmp_path / "ledger.json"
    assert default == Path.home() / ".local" / "state" / "sagewarden" / "ledger.json"


@pytest.mark.parametrize("place", ["ledger.json", "s3:bucket", "dynamodb:", "file:"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    opening = opened_ledger(place, None, write=False)

    with pytest.raises(BadOptionError, match="use file:PATH or dynamodb:TABLE"):
        opening.__enter__()


def test_dynamodb_needs_a_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    opening = opened_ledger("dynamodb:table", None, write=False)

    with pytest.raises(NoRegionError, match="set AWS_REGION"):
        opening.__enter__()


def test_what_several_threads_write_at_once_is_all_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    manifests = [Manifest(a_ref(), NOW + timedelta(seconds=n), {"n": n}) for n in range(40)]

    with writing(path) as ledger, ThreadPoolExecutor(8) as pool:
        list(pool.map(ledger.keep, manifests))
        list(pool.map(ledger.record, [an_outcome()] * 40))

    again = LocalLedger(path)
    assert {item.at for item in again.manifests(a_ref().arn)} == {m.at for m in manifests}
    assert len(again.history(a_ref().arn)) == 40


def test_a_change_that_is_in_the_file_already_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    with writing(path) as ledger:
        ledger.record(an_outcome())
        before = path.stat().st_ino

        ledger.write()

    assert path.stat().st_ino == before
