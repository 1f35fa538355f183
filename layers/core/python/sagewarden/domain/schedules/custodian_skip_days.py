"""The days that Cloud Custodian's `skip-days-from` takes from a file's content."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import date
from itertools import chain

from sagewarden.domain.schedules.reading import InvalidScheduleError

WHERE = "skip-days-from"
FORMATS = ("csv", "csv2dict", "json", "txt")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_STEP = re.compile(r'(?:^|\.)(?P<name>[A-Za-z_]\w*|"[^"]+")|\[(?P<item>\*?|-?\d+)\]', re.ASCII)


def skip_days_from(
    content: str, table_format: str, expr: int | str | None = None
) -> frozenset[date]:
    """Take the days to skip from the content of a file.

    As in Cloud Custodian, text that is not a date as 2026-12-25 is passed over.

    Args:
        content: The content.
        table_format: csv, json, txt (a date a line), or csv2dict (a csv by its header's names).
        expr: Where the dates are: the column of a csv, from 0, or a JMESPath. Of JMESPath names,
            `[0]`, and `[]` or `[*]` once are understood. Without it all values count.

    Raises:
        InvalidScheduleError: The content is not of that format, or expr does not fit it.
    """
    match table_format:
        case "txt":
            values: Iterable[object] = (line.strip() for line in content.splitlines())
        case "csv":
            values = _from_rows(_rows(content), expr)
        case "csv2dict":
            columns = zip(*_rows(content), strict=False)
            values = _from_columns({name: list(cells) for name, *cells in columns}, expr)
        case "json":
            values = _from_json(content, expr)
        case _:
            problem = f"{table_format!r} is no format"
            raise InvalidScheduleError(f"{WHERE}, format", problem, f"use {', '.join(FORMATS)}")
    return frozenset(day for value in values if (day := _date(value)) is not None)


def _date(value: object) -> date | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _rows(content: str) -> list[list[str]]:
    """Read a csv, leaving out empty lines."""
    try:
        return [row for row in csv.reader(io.StringIO(content)) if row]
    except csv.Error as error:
        remedy = "give a comma-separated table"
        raise InvalidScheduleError(WHERE, f"this is no csv: {error}", remedy) from error


def _from_rows(rows: list[list[str]], expr: int | str | None) -> Iterable[object]:
    if expr is None:
        return chain.from_iterable(rows)
    if isinstance(expr, str):
        return _search(rows, expr)
    for row in rows:
        if not -len(row) <= expr < len(row):
            problem = f"the row {','.join(row)!r} has no column {expr}"
            raise InvalidScheduleError(WHERE, problem, "count the columns from 0")
    return [row[expr] for row in rows]


def _from_columns(columns: dict[str, list[str]], expr: int | str | None) -> Iterable[object]:
    if expr is None:
        return chain.from_iterable(columns.values())
    return _search(columns, _path(expr))


def _from_json(content: str, expr: int | str | None) -> Iterable[object]:
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise InvalidScheduleError(WHERE, f"this is no JSON: {error}", "give JSON") from error
    if expr is not None:
        return _search(document, _path(expr))
    return document if isinstance(document, list) else [document]


def _path(expr: int | str) -> str:
    if isinstance(expr, int):
        problem = f"{expr} is a column, and this format has none"
        raise InvalidScheduleError(f"{WHERE}, expr", problem, "write a path as holidays[].date")
    return expr


def _search(document: object, path: str) -> Iterable[object]:
    """Follow a path through lists and objects, as JMESPath would, to text."""
    found, at, many = [document], 0, False
    while at < len(path):
        step = _STEP.match(path, at)
        all_items = step is not None and step["item"] in {"", "*"}
        if step is None or (all_items and many):
            problem = f"{path!r} cannot be read from {path[at:]!r} on"
            remedy = "use names, [0], and [] or [*] once, such as holidays[].date"
            raise InvalidScheduleError(f"{WHERE}, expr", problem, remedy)
        at, many = step.end(), many or all_items
        found = _follow(found, step)
    if not many and found and isinstance(found[0], list):
        found = found[0]
    if not found:
        problem = f"{path!r} leads to nothing"
        raise InvalidScheduleError(f"{WHERE}, expr", problem, "write the path to the dates")
    return found


def _follow(values: list[object], step: re.Match[str]) -> list[object]:
    """Take one step from every value that has it."""
    if (name := step["name"]) is not None:
        key = name.strip('"')
        return [value[key] for value in values if isinstance(value, dict) and key in value]
    item, lists = step["item"], [value for value in values if isinstance(value, list)]
    if item == "*":
        return list(chain.from_iterable(lists))
    if item == "":
        return [
            inner
            for entry in chain.from_iterable(lists)
            for inner in (entry if isinstance(entry, list) else [entry])
        ]
    index = int(item)
    return [value[index] for value in lists if -len(value) <= index < len(value)]
