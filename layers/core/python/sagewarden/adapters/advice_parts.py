"""Where what was found of each account lies until a week's letters are put together: a bucket.

Keys: ``advice/v1/<monday>/asked.json`` says which accounts are asked about, and
``advice/v1/<monday>/<account>.json`` what was found of one. An object that is there is an answer:
to keep it and to count it are one call, whose effect every listing shows at once (S3 User Guide,
"Amazon S3 data consistency model"). The bucket's lifecycle deletes them.

An account with many endpoints outgrows an item of DynamoDB, which holds 400 KB. Functions of
another version find nothing under theirs, and ask anew.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.report_records import read_report, report_record
from sagewarden.application.advise_all import Asked
from sagewarden.domain.advice.report import Report

_ASKED = "asked"
_SUFFIX = ".json"


class ArchivedParts:
    """The parts port on a bucket.

    Args:
        open_s3: Gives an S3 client.
        bucket: The bucket.
    """

    def __init__(self, open_s3: Callable[[], Any], bucket: str) -> None:
        self._open_s3 = open_s3
        self._bucket = bucket

    def asked(self, monday: date) -> Asked | None:
        """Which accounts are asked about in a week; None before somebody asked.

        It is looked for in a listing: who may list only some folders of a bucket is not told that
        an object does not exist, but refused it (GetObject, API reference).
        """
        if _ASKED not in self._names(monday, _ASKED):
            return None
        content = self._get(monday, _ASKED)
        regions = {
            account: tuple(group["regions"])
            for group in content["groups"]
            for account in group["accounts"]
        }
        return Asked(monday, datetime.fromisoformat(content["at"]), regions)

    def ask(self, asked: Asked) -> None:
        """Keep which accounts are asked about; those of the same regions stand together."""
        together: dict[tuple[str, ...], list[str]] = {}
        for account, regions in asked.regions.items():
            together.setdefault(regions, []).append(account)
        groups = [{"regions": regions, "accounts": ids} for regions, ids in together.items()]
        self._put(asked.monday, _ASKED, {"at": asked.at.isoformat(), "groups": groups})

    def kept(self, monday: date) -> frozenset[str]:
        """The accounts of which something was kept in a week. Calls: one for each 1,000 of them."""
        return frozenset(self._names(monday)) - {_ASKED}

    def keep(self, monday: date, account: str, report: Report) -> None:
        """Keep what was found of an account."""
        self._put(monday, account, report_record(report))

    def read(self, monday: date, account: str) -> Report:
        """What was kept of an account."""
        return read_report(self._get(monday, account))

    def _names(self, monday: date, begin: str = "") -> list[str]:
        folder = _folder(monday)
        pages = self._open_s3().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self._bucket, Prefix=f"{folder}{begin}")
        with reading(f"s3://{self._bucket}/{folder}"):
            return [
                item["Key"].removeprefix(folder).removesuffix(_SUFFIX)
                for page in found
                for item in page.get("Contents", ())
            ]

    def _get(self, monday: date, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        key = f"{_folder(monday)}{name}{_SUFFIX}"
        with reading(f"s3://{self._bucket}/{key}"):
            answer = self._open_s3().get_object(Bucket=self._bucket, Key=key)
            body: bytes = answer["Body"].read()
        return json.loads(body)

    def _put(self, monday: date, name: str, content: object) -> None:
        key = f"{_folder(monday)}{name}{_SUFFIX}"
        body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
        with acting(f"writing s3://{self._bucket}/{key}"):
            self._open_s3().put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
            )


def _folder(monday: date) -> str:
    return f"advice/v1/{monday.isoformat()}/"
