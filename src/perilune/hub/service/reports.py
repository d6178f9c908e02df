"""Reads a report of another system: its rows as keys, amounts and days, whatever it calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from perilune.hub.engine.mapping import as_kind, plain
from perilune.hub.engine.sources import Table, chunks, tables_of
from perilune.hub.engine.values import BadDate, decimal_of, order_of, parse_date, parse_number
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

_CONVERTED = ("converted", "converti", "convertie")
_WANTED = ("amount", "currency", "close_date", "owner_id", "stage_id", "name")
_FOOTS = ("total", "grand total", "sum", "count", "somme", "total general", "nombre")


@dataclass(frozen=True)
class ReportRow:
    """A row as the report writes it. converted: its amount in the company's currency, if told."""

    line: int
    key: str
    name: str
    amount: Decimal | None
    converted: Decimal | None
    currency: str
    day: str
    owner: str
    stage: str


@dataclass(frozen=True)
class Report:
    """A report's rows. columns: what was read from which column. is_by_name: it has no ids."""

    rows: list[ReportRow]
    columns: Mapping[str, str]
    is_by_name: bool


def report_of(path: Path) -> Report:
    """Return the rows of a report: one file, or the first sheet that lists deals.

    Lines at the foot that only sum up are left out. Invalid where no amount or no name is found.
    """
    for table in tables_of(path):
        columns = _columns(table)
        if ("amount" in columns or "converted" in columns) and columns.keys() & {"key", "name"}:
            return _read(table, columns)
    raise Invalid(
        _("No table of this file lists deals: an id or a name, and an amount, are needed.")
    )


def _columns(table: Table) -> dict[str, str]:
    """Return role -> column: key, those of a deal, and the converted amount."""
    declared = {kind.name: kind for kind in KINDS}
    found = as_kind(table.name, table.header, "opportunity", declared)
    result: dict[str, str] = {}
    for record in found.records:
        if record.kind != "opportunity":
            continue
        result |= {
            one.field: one.column for one in record.fields if one.column and one.field in _WANTED
        }
        named = {one.column for one in record.fields}
        keys = [c for c in record.key if c in table.header and c not in named]
        if len(keys) == 1:
            result["key"] = keys[0]
    for column in table.header:
        words = plain(column).split()
        if any(word in _CONVERTED for word in words) and "amount" not in {
            role for role, name in result.items() if name == column and role != "amount"
        }:
            result["converted"] = column
            if result.get("amount") == column:
                del result["amount"]
    return result


def _read(table: Table, columns: Mapping[str, str]) -> Report:
    at = {role: table.header.index(column) for role, column in columns.items()}
    lines: list[tuple[int, list[str]]] = []
    for chunk in chunks(table):
        width = len(table.header)
        rows = [row + [""] * (width - len(row)) for row in chunk.rows]
        lines += zip(chunk.lines, rows, strict=True)

    def cell(row: Sequence[str], role: str) -> str:
        return row[at[role]].strip() if role in at else ""

    decimals = {
        role: decimal_of(
            (cell(row, role) for _line, row in lines), delimiter=table.delimiter or ","
        ).decimal
        for role in ("amount", "converted")
    }
    order = order_of(cell(row, "close_date") for _line, row in lines).order
    found = []
    for line, row in lines:
        key, name = cell(row, "key"), cell(row, "name")
        if _is_foot(row, key, name):
            continue
        found.append(
            ReportRow(
                line, key or name, name,
                parse_number(cell(row, "amount"), decimals["amount"]),
                parse_number(cell(row, "converted"), decimals["converted"]),
                cell(row, "currency").upper(), _day(cell(row, "close_date"), order),
                cell(row, "owner_id"), cell(row, "stage_id"),
            )
        )  # fmt: skip
    return Report(found, dict(columns), "key" not in columns)


def _is_foot(row: Sequence[str], key: str, name: str) -> bool:
    """Tell whether a line only sums up, or says whence a report comes."""
    first = next((text for text in row if text.strip()), "")
    if plain(first) in _FOOTS:
        return True
    return not key and not name


def _day(text: str, order: str) -> str:
    if not text:
        return ""
    try:
        found = parse_date(text, order)
    except (BadDate, ValueError, OverflowError):
        return ""
    day: date = found.date() if isinstance(found, datetime) else found
    return day.isoformat()
