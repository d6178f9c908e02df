"""An index series from an uploaded file: CSV or a spreadsheet, its first two columns."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.engine.series import series_of

MOST_BYTES, MOST_UNPACKED = 5 * 2**20, 100 * 2**20
_SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def series_read(name: str, content: bytes, *, day_first: bool = False) -> tuple[Any, ...]:
    """Return the (day, level) points of a file; Invalid with the row that is wrong.

    day_first: how 03/04/2026 is read where no row decides it; else such a file is refused.
    """
    if len(content) > MOST_BYTES:
        raise Invalid(_("The file is larger than 5 MB: a series has two columns."))
    rows = _sheet_rows(content) if name.lower().endswith(_SHEETS) else text_rows(_text(content))
    return series_of(rows, day_first=day_first)


def text_rows(text: str) -> Iterator[list[str]]:
    """Give the rows of a text: columns by semicolon, tab or comma, else by the first blank."""
    for line in text.splitlines():
        mark = next((mark for mark in (";", "\t") if mark in line), ",")
        row = next(csv.reader([line], delimiter=mark), [])
        if mark == "," and len(row) == 1:
            row = line.split(maxsplit=1)
        elif mark == "," and len(row) == 3:  # 2026-03-31,104,2: a decimal comma
            row = [row[0], f"{row[1]}.{row[2]}"]
        yield row


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _sheet_rows(content: bytes) -> Iterator[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    damaged = _("The file is not a spreadsheet, is damaged or is protected.")
    if content[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                    raise Invalid(_("The file is larger than 5 MB: a series has two columns."))
        except zipfile.BadZipFile as error:
            raise Invalid(damaged) from error
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, PasswordError) as error:
        raise Invalid(damaged) from error
    yield from ([_cell(cell) for cell in row] for row in rows)


def _cell(cell: object) -> str:
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell)
