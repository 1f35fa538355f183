"""The published schema of events, strictly: a field that it does not name is a mistake of ours."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tests.support.templates import ROOT

PUBLISHED: dict[str, Any] = json.loads((ROOT / "docs/events.schema.json").read_text("utf-8"))
_FORMATS = FormatChecker(formats=())
_FORMATS.checks("date", ValueError)(lambda text: bool(date.fromisoformat(str(text))))
_FORMATS.checks("date-time", ValueError)(
    lambda text: datetime.fromisoformat(str(text)).tzinfo is not None
)


def faults_of(event: Mapping[str, Any]) -> list[str]:
    """What the published schema says against an event; a field without a description, too."""
    whole = Draft202012Validator(PUBLISHED, format_checker=_FORMATS)
    found = [error.message for error in whole.iter_errors(event)]
    described = PUBLISHED["$defs"][event["detail-type"].replace(" ", "")]
    detail = {"$defs": PUBLISHED["$defs"], **described, "additionalProperties": False}
    strict = Draft202012Validator(detail, format_checker=_FORMATS)
    return found + [error.message for error in strict.iter_errors(event["detail"])]
