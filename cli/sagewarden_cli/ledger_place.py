"""Where a run remembers what was done: the ledger that ``--ledger`` names."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger
from sagewarden.adapters.manifest_archive import ManifestArchive
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Ledger
from sagewarden_cli.local_ledger import LocalLedger, default_ledger_path, writing
from sagewarden_cli.options import BadOptionError, NoRegionError

_PLACES = "file:PATH or dynamodb:TABLE[@REGION][,s3:BUCKET]"


@dataclass(frozen=True, slots=True)
class OpenLedger:
    """A ledger, and the sessions it makes its own AWS calls with, if it makes any."""

    ledger: Ledger
    sessions: Sessions | None = None

    @property
    def calls(self) -> Mapping[str, int]:
        """The AWS calls it made, by ``Service.Operation``."""
        return self.sessions.calls if self.sessions else {}


@contextmanager
def opened_ledger(place: str | None, profile: str | None, *, write: bool) -> Iterator[OpenLedger]:
    """Open the ledger that an option names.

    Args:
        place: ``file:PATH``, ``dynamodb:TABLE``, ``dynamodb:TABLE@REGION``, or None for the
            user's own file. With ``,s3:BUCKET`` at the end manifests are put into that bucket; they
            are read from wherever each lies.
        profile: The AWS profile for DynamoDB.
        write: Whether it will be written; a file is then held against other runs. When it is
            only read, nothing is created.

    Raises:
        BadOptionError: The place is neither.
        NoRegionError: DynamoDB is asked for, and no region is set.
        LedgerInUseError: Another run holds the file.
        UnreadableFileError: The file is no ledger.
    """
    kind, _, name = (place or f"file:{default_ledger_path(os.environ)}").partition(":")
    if kind == "dynamodb" and name:
        sessions = Sessions(profile)
        where, comma, bucket = name.partition(",")
        table, _, region = where.partition("@")
        region = region or sessions.region or ""
        if not region:
            raise NoRegionError(
                "--ledger dynamodb: needs a region: write dynamodb:TABLE@REGION, or set AWS_REGION"
            )
        if comma and not bucket.removeprefix("s3:"):
            raise BadOptionError(f"--ledger: {place!r} names no bucket; use {_PLACES}")
        yield OpenLedger(_in_dynamodb(sessions, region, table, bucket), sessions)
    elif kind == "file" and name:
        path = Path(name)
        if write:
            with writing(path) as ledger:
                yield OpenLedger(ledger)
        else:
            yield OpenLedger(LocalLedger(path))
    else:
        raise BadOptionError(f"--ledger: {place!r} is no place; use {_PLACES}")


def _in_dynamodb(sessions: Sessions, region: str, table: str, bucket: str) -> DynamoDBLedger:
    archive = ManifestArchive(
        lambda: sessions.client("s3", region), bucket.removeprefix("s3:") or None
    )
    return DynamoDBLedger(sessions.client("dynamodb", region), table, archive)
