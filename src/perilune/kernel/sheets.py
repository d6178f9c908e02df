"""Spreadsheets as rows of text, behind limits: a workbook is an archive and may be a bomb."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from perilune.kernel.errors import Invalid

MAX_FILE = 512 * 2**20
MAX_UNPACKED = 2 * 2**30
MAX_RATIO, FREE = 150, 32 * 2**20
_FORMULA_SCAN = 64 * 2**20
_ZIPPED = (".xlsx", ".xlsm", ".xlsb", ".ods")


def check(path: Path) -> int:
    """Refuse bombs and damaged workbooks; return how many cells hold formulas (0 when unknown)."""
    if path.stat().st_size > MAX_FILE:
        raise Invalid("%(file)s is too large for a spreadsheet; save it as CSV.", file=path.name)
    if not path.name.lower().endswith(_ZIPPED):
        return 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(item.file_size for item in members)
            packed = sum(item.compress_size for item in members)
            if (
                total > MAX_UNPACKED
                or total > max(FREE, packed * MAX_RATIO)
                or len(members) > 10_000
            ):
                raise Invalid(
                    "%(file)s unpacks to more than %(ratio)s times its size: refused.",
                    file=path.name,
                    ratio=MAX_RATIO,
                )
            return sum(_formulas(archive, item) for item in members)
    except (zipfile.BadZipFile, OSError) as error:
        raise Invalid("%(file)s is not a spreadsheet, or is damaged.", file=path.name) from error


def _formulas(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> int:
    name = item.filename
    if not (name.startswith("xl/worksheets/sheet") and name.endswith(".xml")):
        return 0
    count, left, tail = 0, _FORMULA_SCAN, b""
    with archive.open(item) as stream:
        while left > 0 and (block := stream.read(2**20)):
            joined = tail + block
            count += joined.count(b"<f>") + joined.count(b"<f ")
            tail, left = joined[-2:], left - len(block)
    return count


def names(path: Path, *, with_hidden: bool = False) -> list[str]:
    """Return the names of the visible sheets, or of all."""
    from python_calamine import SheetVisibleEnum

    with _workbook(path) as book:
        return [
            sheet.name
            for sheet in book.sheets_metadata
            if with_hidden or sheet.visible == SheetVisibleEnum.Visible
        ]


def rows(path: Path, sheet: str) -> Iterator[list[str]]:
    """Give a sheet's rows as texts, from the first row of the sheet on."""
    with _workbook(path) as book:
        for row in book.get_sheet_by_name(sheet).iter_rows():
            yield [cell if type(cell) is str else _text(cell) for cell in row]


def cells(path: Path, sheet: str) -> list[list[Any]]:
    """Return a sheet's values as they are: texts, numbers, dates, booleans; an empty one is "".

    From the first row and column of the sheet on, so that a place in it can be named.
    """
    with _workbook(path) as book:
        found: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        return found


def _workbook(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise Invalid("%(file)s is protected by a password.", file=path.name) from error
    except CalamineError as error:
        raise Invalid("%(file)s is not a spreadsheet, or is damaged.", file=path.name) from error


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds() / 60)
    return "" if cell is None else str(cell)
