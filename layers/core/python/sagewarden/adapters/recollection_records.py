"""How what is remembered of a region is written down: compact JSON, compressed, and back."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sagewarden.adapters.resource_identity import ref_of
from sagewarden.domain.endpoint_metrics import series_of
from sagewarden.domain.metrics import Series
from sagewarden.domain.recheck import Known, Recollection
from sagewarden.domain.resources import (
    Endpoint,
    EndpointDetails,
    EndpointStatus,
    InferenceComponent,
    ResourceKind,
    Serverless,
    Variant,
)

_FORM = [
    1,
    *(item.name for kind in (EndpointDetails, Variant, Serverless) for item in fields(kind)),
]
"""What was written down by another version, which knew more or less of an endpoint, is not read."""


def packed(recollection: Recollection) -> bytes:
    """Write down what is remembered: some 30 bytes for each endpoint."""
    record = {
        "form": _FORM,
        "fingerprint": recollection.fingerprint,
        "whole_at": recollection.whole_at.isoformat(),
        "listed_at": recollection.listed_at.isoformat(),
        "known": [_known_record(item) for item in recollection.known.values()],
    }
    return zlib.compress(json.dumps(record, separators=(",", ":")).encode())


def unpacked(body: bytes) -> Recollection | None:
    """Read what was remembered; None when it cannot be understood."""
    try:
        record = json.loads(zlib.decompress(body))
        if record["form"] != _FORM:
            return None
        known = [_read_known(item) for item in record["known"]]
        return Recollection(
            fingerprint=record["fingerprint"],
            whole_at=datetime.fromisoformat(record["whole_at"]),
            listed_at=datetime.fromisoformat(record["listed_at"]),
            known={item.endpoint.ref.arn: item for item in known},
        )
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError):
        return None


def _known_record(known: Known) -> list[Any]:
    endpoint = known.endpoint
    return [
        endpoint.ref.name,
        endpoint.ref.arn,
        endpoint.status.value,
        endpoint.created.isoformat(),
        endpoint.modified.isoformat(),
        known.used.isoformat() if known.used else None,
        [[item.metric, dict(item.dimensions).get("VariantName")] for item in known.published],
        asdict(endpoint.details) if endpoint.details else None,
    ]


def _read_known(record: Sequence[Any]) -> Known:
    name, arn, status, created, modified, used, published, details = record
    endpoint = Endpoint(
        ref=ref_of(ResourceKind.ENDPOINT, name, arn),
        status=EndpointStatus(status),
        created=datetime.fromisoformat(created),
        modified=datetime.fromisoformat(modified),
        tags=None,
        details=_read_details(details) if details else None,
    )
    return Known(
        endpoint,
        datetime.fromisoformat(used) if used else None,
        tuple(_read_series(name, *item) for item in published),
    )


def _read_series(endpoint: str, metric: str, variant: str | None) -> Series:
    own = (("EndpointName", endpoint),)
    return series_of(metric, own if variant is None else (*own, ("VariantName", variant)))


def _read_details(record: Mapping[str, Any]) -> EndpointDetails:
    components = record["components"]
    return EndpointDetails(
        config_name=record["config_name"],
        variants=tuple(_read_variant(item) for item in record["variants"]),
        asynchronous=record["asynchronous"],
        components=None
        if components is None
        else tuple(InferenceComponent(**item) for item in components),
    )


def _read_variant(record: Mapping[str, Any]) -> Variant:
    serverless = record["serverless"]
    return Variant(
        **{
            **record,
            "instance_types": tuple(record["instance_types"]),
            "serverless": Serverless(**serverless) if serverless else None,
        }
    )
