"""Where a ledger's manifests lie: in a bucket, or in the ledger itself.

An endpoint with many models outgrows an item of DynamoDB, which holds 400 KB (its developer guide,
"Service, account, and table quotas").
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.ledger_records import manifest_record, read_manifest
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.outcomes import Manifest

_POINTER = "archived"


class ManifestArchive:
    """Turns manifests into what a ledger remembers of them, and back.

    Args:
        open_s3: Gives an S3 client when one is needed, which costs a tenth of a second; without it,
            only what lies in the ledger itself can be read.
        bucket: Where to put manifests; into the ledger itself when not given.
    """

    def __init__(self, open_s3: Callable[[], Any] | None = None, bucket: str | None = None) -> None:
        self._open_s3 = open_s3
        self._bucket = bucket

    def keep(self, manifest: Manifest) -> Mapping[str, Any]:
        """Store a manifest, and say what the ledger has to remember of it.

        Returns:
            The manifest's own record, or a pointer to where it lies, with its digest.

        Raises:
            ActionFailedError: It was not stored.
        """
        record = manifest_record(manifest)
        if self._bucket is None or self._open_s3 is None:
            return record
        body = json.dumps(record, sort_keys=True).encode()
        key = archive_key(manifest)
        with acting(f"writing s3://{self._bucket}/{key}"):
            self._open_s3().put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
            )
        digest = hashlib.sha256(body).hexdigest()
        return {_POINTER: {"bucket": self._bucket, "key": key, "sha256": digest}}

    def find(self, record: Mapping[str, Any]) -> Manifest:
        """The manifest of which a ledger remembers this.

        Raises:
            UnreadableError: It is not there, or is not what was stored.
        """
        if _POINTER not in record:
            return read_manifest(record)
        pointer: Mapping[str, str] = record[_POINTER]
        where = f"s3://{pointer['bucket']}/{pointer['key']}"
        if self._open_s3 is None:
            raise UnreadableError(where, "this ledger was opened without access to S3")
        with reading(where):
            answer = self._open_s3().get_object(Bucket=pointer["bucket"], Key=pointer["key"])
            body: bytes = answer["Body"].read()
        if hashlib.sha256(body).hexdigest() != pointer["sha256"]:
            raise UnreadableError(where, "it is not what was stored: its digest differs")
        return read_manifest(json.loads(body))


def archive_key(manifest: Manifest) -> str:
    """Where a manifest lies: ``manifests/<account>/<region>/<kind>/<name>/<time>.json``."""
    ref = manifest.ref
    place = f"{ref.account}/{ref.region}/{ref.kind}/{ref.name}"
    return f"manifests/{place}/{manifest.at.isoformat()}.json"
