"""Reads a report of another system: its rows as keys, amounts and days, whatever it calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from perilune.hub.engine.mapping import as_kind, is_id, plain
from perilune.hub.engine.sources import Table, chunks, tables_of
from perilune.hub.engine.values import BadDate, decimal_of, order_of, parse_date, parse_number
from perilune.hub.queries.beside import Beside
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import CUSTOM_PREFIX
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS

_CONVERTED = ("converted", "converti", "convertie")
_PARTS = ("first_name", "last_name")
_FOOTS = ("total", "grand total", "sum", "count", "somme", "total general", "nombre")


@dataclass(frozen=True)
class ReportRow:
    """A row as the report writes it. converted: its amount in the company's currency, if told.

    names: what tells its record where there is no id, the surest first. stage: a deal's, else the
    value that the records are filtered by. Counted rows have the amount one.
    """

    line: int
    key: str
    names: tuple[str, ...]
    amount: Decimal | None
    converted: Decimal | None
    currency: str
    day: str
    owner: str
    stage: str

    @property
    def name(self) -> str:
        """What the report calls the row: the last of what tells it that is written."""
        return next((name for name in reversed(self.names) if name), "")


@dataclass(frozen=True)
class Report:
    """A report's rows. columns: what was read from which column. is_by_name: it has no ids."""

    rows: list[ReportRow]
    columns: Mapping[str, str]
    is_by_name: bool


def report_of(path: Path, what: Beside) -> Report:
    """Return the rows of a report: one file, or the first sheet that lists such records.

    Lines at the foot that only sum up are left out. Invalid where no id and no name, or where
    amounts are summed no amount is found.
    """
    for table in tables_of(path):
        columns = _columns(table, what)
        is_amount = what.money is None or "amount" in columns or "converted" in columns
        if is_amount and columns.keys() & {"key", *what.told_by, *_PARTS}:
            return _read(table, columns, what)
    if what.money is None:
        raise Invalid(_("No table of this file lists such records: an id or a name is needed."))
    if what.is_deals:
        raise Invalid(
            _("No table of this file lists deals: an id or a name, and an amount, are needed.")
        )
    raise Invalid(
        _("No table of this file lists such records: an id or a name, and a column of %(amount)s,"
          " are needed."), amount=what.money.name,
    )  # fmt: skip


def _roles(what: Beside) -> dict[str, str]:
    """Return field -> role of what is read of a report."""
    parts = _PARTS if set(what.kind.field_names) >= set(_PARTS) else ()
    roles = {name: name for name in ("currency", "owner_id", *what.told_by, *parts)}
    if what.money is not None:
        roles[what.money.name] = "amount"
    if what.day is not None:
        roles[what.day.name] = "day"
    if what.is_deals:
        roles["stage_id"] = "stage"
    elif what.where is not None:
        roles[what.where.name] = "stage"
    return roles


def _columns(table: Table, what: Beside) -> dict[str, str]:
    """Return role -> column: the key, what is read of a record, and the converted amount."""
    declared = {kind.name: kind for kind in KINDS}
    kind, roles = what.kind.name, _roles(what)
    found = as_kind(table.name, table.header, kind, declared)
    result: dict[str, str] = {}
    for record in found.records:
        if record.kind != kind:
            continue
        fields = [one for one in record.fields if one.column]
        # a title that stands for a missing one is read from the key: it names nothing
        title = what.kind.title_field
        named = {one.column for one in fields if one.field != title or not is_id(kind, one.column)}
        keys = [c for c in record.key if c in table.header and c not in named]
        if len(keys) == 1:
            result["key"] = keys[0]
        result |= {
            roles[one.field]: one.column
            for one in fields
            if one.field in roles and one.column != result.get("key")
        }
    result |= _own(table, what, roles, result)
    for column in table.header if what.money is not None else ():
        words = plain(column).split()
        if any(word in _CONVERTED for word in words) and "amount" not in {
            role for role, name in result.items() if name == column and role != "amount"
        }:
            result["converted"] = column
            if result.get("amount") == column:
                del result["amount"]
    return result


def _own(
    table: Table, what: Beside, roles: Mapping[str, str], known: Mapping[str, str]
) -> dict[str, str]:
    """Return the columns of fields that no list of known names holds, by their label or name."""
    wanted = [one for one in (what.money, what.where) if one is not None]
    return {
        roles[field.name]: column
        for field in wanted
        for column in table.header
        if roles[field.name] not in known
        and plain(column) in {plain(field.label), plain(field.name.removeprefix(CUSTOM_PREFIX))}
    }


def _read(table: Table, columns: Mapping[str, str], what: Beside) -> Report:
    at = {role: table.header.index(column) for role, column in columns.items()}
    lines: list[tuple[int, list[str]]] = []
    for chunk in chunks(table):
        width = len(table.header)
        rows = [row + [""] * (width - len(row)) for row in chunk.rows]
        lines += zip(chunk.lines, rows, strict=True)

    def cell(row: Sequence[str], role: str) -> str:
        if role == what.kind.title_field and role not in at:  # a name that stands in two columns
            return " ".join(row[at[part]].strip() for part in _PARTS if part in at).strip()
        return row[at[role]].strip() if role in at else ""

    decimals = {
        role: decimal_of(
            (cell(row, role) for _line, row in lines), delimiter=table.delimiter or ","
        ).decimal
        for role in ("amount", "converted")
    }
    order = order_of(cell(row, "day") for _line, row in lines).order
    found = []
    for line, row in lines:
        key, names = cell(row, "key"), tuple(cell(row, role) for role in what.told_by)
        if _is_foot(row, key, "".join(names)):
            continue
        amount = parse_number(cell(row, "amount"), decimals["amount"])
        found.append(
            ReportRow(
                line, key or next((name for name in names if name), ""), names,
                amount if what.money is not None else Decimal(1),
                parse_number(cell(row, "converted"), decimals["converted"]),
                cell(row, "currency").upper() if what.money is not None else "",
                _day(cell(row, "day"), order), cell(row, "owner_id"), cell(row, "stage"),
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
