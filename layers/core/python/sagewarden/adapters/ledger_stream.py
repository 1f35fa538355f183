"""What the stream of the ledger's table tells of the audit trail."""

import json
from collections.abc import Mapping
from typing import Any

from sagewarden.adapters.ledger_records import read_entry, read_outcome
from sagewarden.domain.announcements import Announcement, announced, announced_outcome


class StreamRecordError(Exception):
    """A record of the stream is no entry of the audit trail that this version can read."""


def read_announcement(record: Mapping[str, Any]) -> Announcement:
    """The announcement of the entry that a record of the stream tells of.

    Args:
        record: As Lambda hands it over.

    Raises:
        StreamRecordError: It is no entry of the audit trail, or cannot be read.
    """
    try:
        change = record["dynamodb"]
        partition, sort = (change["Keys"][name]["S"] for name in ("pk", "sk"))
        body = json.loads(change["NewImage"]["body"]["S"])
        key = f"{partition}\n{sort}"
        if sort.startswith("OUTCOME#"):
            return announced_outcome(read_outcome(body), key)
        if sort.startswith("AUDIT#"):
            return announced(read_entry(body), key)
    except (KeyError, TypeError, ValueError) as error:
        raise StreamRecordError(f"{type(error).__name__}: {error}") from error
    raise StreamRecordError(f"{sort!r} is no entry of the audit trail")
