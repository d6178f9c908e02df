"""Safe CSV and Excel files of exactly what a list shows.

Spreadsheets run a text that begins with = + - @ (or a tab or carriage return before it) as a
formula. In CSV such a text gets an apostrophe in front (`restore` takes it away again); in Excel
files texts are written as texts and marked with Excel's own quote prefix, so that their value stays
what it was. Numbers, also negative ones, stay numbers. Values come raw, as in `Table`: money in
minor units, ratios 0 to 1.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from urllib.parse import quote

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from perilune.kernel.money import UNIT_PRICE_SCALE, minor_exponent
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Format, Status

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # wide forms too
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXCEL_ROWS, _EXCEL_TEXT, _EXCEL_FIRST_YEAR, _EXACT_INTEGER = 1_048_576, 32_767, 1900, 2**53
_EXCEL_SHEET = 31
SAFE_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
    "default_date_format": "yyyy-mm-dd",
}
"""How a workbook is opened in which words stay words."""


@dataclass(frozen=True)
class Export:
    """What is exported, and under which question.

    name: of the file, without ending. title: of the sheet, as the page is called; else the name.
    rows: raw values in the order of the columns; Cell and Status are taken apart, and money of
    mixed currencies is a Cell with its own.
    facts: (label, value) such as scope, as-of, filters; they stand on a sheet of their own, or in
    the last lines of a CSV.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    facts: Sequence[tuple[str, str]] = ()
    title: str = ""


def is_risky(text: str) -> bool:
    """Tell whether a spreadsheet could take the text for a formula."""
    return text.startswith(FORMULA_STARTS) or text.lstrip(" \u00a0\u202f").startswith(
        FORMULA_STARTS
    )


def neutralise(text: str) -> str:
    """Return the text with an apostrophe in front where a spreadsheet would run it."""
    bare = text.lstrip("'")
    return "'" + text if is_risky(bare) else text


def restore(text: str) -> str:
    """Return what `neutralise` was given."""
    return text[1:] if text.startswith("'") and is_risky(text.lstrip("'")) else text


def plain(value: Any, column: Column, currency: str = "") -> Any:
    """Return a value as a spreadsheet should hold it: a number, date, instant, boolean or text."""
    if isinstance(value, Cell):
        currency = value.currency or currency
        value = value.value
    if isinstance(value, Status):
        return str(value.label)
    if value is None or isinstance(value, str):
        return value or None
    if column.format is Format.MONEY:
        return Decimal(value).scaleb(-minor_exponent(currency or column.currency))
    if column.format is Format.UNIT_PRICE:
        return Decimal(value) / UNIT_PRICE_SCALE
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    return value if isinstance(value, bool | int | float | Decimal | date) else str(value)


def header(column: Column) -> str:
    """Return a column's title with its unit; ratios stay ratios and need none."""
    if column.format in (Format.PERCENT, Format.POINTS):
        unit = column.unit
    else:
        unit = column.unit or column.currency
    if not unit and column.format is Format.DAYS:
        unit = gettext("days")
    return f"{column.label} ({unit})" if unit else str(column.label)


# -- csv ---------------------------------------------------------------------------------------


def csv_lines(export: Export, language: str = "en", bom: bool = True) -> Iterator[str]:
    """Give the lines of a CSV: French has semicolons and decimal commas; dates are ISO in both."""
    comma = language.startswith("fr")
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if comma else ",", lineterminator="\r\n")

    def flush() -> str:
        line = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return line

    writer.writerow([neutralise(header(column)) for column in export.columns])
    yield ("\ufeff" if bom else "") + flush()
    for row in export.rows:
        values = (plain(v, column) for v, column in zip(row, export.columns, strict=True))
        writer.writerow([_csv_text(value, comma) for value in values])
        yield flush()
    if export.facts:
        writer.writerow([])
        for label, value in export.facts:
            writer.writerow([neutralise(f"# {label}: {value}")])
        yield flush()


def write_csv(export: Export, file: IO[str], language: str = "en") -> None:
    """Write a CSV to a text file opened with newline=''."""
    for line in csv_lines(export, language, bom=False):
        file.write(line)


def csv_response(export: Export, language: str = "en") -> StreamingHttpResponse:
    """Return the CSV as a streamed download, with the mark by which Excel knows UTF-8."""
    lines = (line.encode() for line in csv_lines(export, language))
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers=attachment(export.name, "csv"),
    )


def _csv_text(value: Any, comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return formats.boolean(value)
    if isinstance(value, int | float | Decimal):
        text = f"{value:f}" if isinstance(value, Decimal) else repr(value)
        return text.replace(".", ",") if comma else text
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else neutralise(value)


# -- excel -------------------------------------------------------------------------------------


def write_xlsx(export: Export, file: IO[bytes]) -> None:
    """Write an Excel file to a binary file, row by row; a full sheet is followed by another."""
    write_book([("", export)], file)


def write_book(sheets: Sequence[tuple[str, Export]], file: IO[bytes]) -> None:
    """Write several tables as the sheets of one Excel file, each with its facts at the end.

    sheets: (title, what it holds); titles are cut to the 31 letters that a spreadsheet takes.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"constant_memory": True, **SAFE_OPTIONS}) as book:
        for title, export in sheets:
            _Writer(book, export, title).run()
        _about(book, sheets)


def _about(book: Any, sheets: Sequence[tuple[str, Export]]) -> None:
    """Write the facts of every table on a sheet of their own."""
    told = [(title, export) for title, export in sheets if export.facts]
    if not told:
        return
    sheet, line = book.add_worksheet(gettext("About")[:_EXCEL_SHEET]), 0
    sheet.set_column(0, 1, 40)
    for title, export in told:
        if title:
            sheet.write_string(line, 0, title, book.add_format({"bold": True}))
            line += 1
        writer = _Writer(book, export, title)
        for label, value in export.facts:
            writer.text(sheet, line, 0, str(label))
            writer.text(sheet, line, 1, str(value))
            line += 1


class _Writer:
    """Keeps the cell formats of one workbook."""

    def __init__(self, book: Any, export: Export, title: str = "") -> None:
        self._book, self._export, self._title, self._count = book, export, title, 0
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._quoted = book.add_format({"quote_prefix": True})
        self._at = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._numbers = [
            book.add_format({"num_format": _number_format(column)}) for column in export.columns
        ]

    def run(self) -> None:
        """Write the rows."""
        sheet, line = self._new_sheet(), 1
        for row in self._export.rows:
            if line == _EXCEL_ROWS:
                sheet, line = self._new_sheet(), 1
            for i, (value, column) in enumerate(zip(row, self._export.columns, strict=True)):
                self._put(sheet, line, i, plain(value, column))
            line += 1

    def _new_sheet(self) -> Any:
        sheet = self._book.add_worksheet(self._named())
        sheet.freeze_panes(1, 1)
        for i, column in enumerate(self._export.columns):
            title = header(column)
            sheet.set_column(i, i, min(max(len(title) + 2, 12), 40))
            sheet.write_string(0, i, title, self._bold)
        return sheet

    def _named(self) -> str:
        """Return the name of the next sheet: the page's, as Excel takes it, numbered when cut."""
        title = self._title or self._export.title or self._export.name
        self._count += 1
        tail = f" {self._count}" if self._count > 1 else ""
        return sheet_title(title, _EXCEL_SHEET - len(tail)) + tail

    def _put(self, sheet: Any, line: int, i: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(line, i, value)
        elif isinstance(value, int) and abs(value) > _EXACT_INTEGER:
            self.text(sheet, line, i, str(value))  # a spreadsheet would round it
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(line, i, value, self._numbers[i])
        elif isinstance(value, date) and value.year < _EXCEL_FIRST_YEAR:
            self.text(sheet, line, i, value.isoformat())
        elif isinstance(value, datetime):
            sheet.write_datetime(line, i, value.replace(tzinfo=None), self._at)
        elif isinstance(value, date):
            sheet.write_datetime(line, i, value, self._day)
        else:
            self.text(sheet, line, i, value)

    def text(self, sheet: Any, line: int, i: int, text: str) -> None:
        """Write words, never a formula."""
        write_words(sheet, (line, i), text, None, self._quoted)


def sheet_title(title: str, most: int = _EXCEL_SHEET) -> str:
    """Return a title as a spreadsheet takes it for the name of a sheet."""
    return re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:most].rstrip()


def write_words(sheet: Any, at: tuple[int, int], text: str, usual: Any, quoted: Any) -> None:
    """Write words into a sheet of xlsxwriter, never a formula.

    usual, quoted: their formats; the second has the quote prefix, for what could be run.
    """
    # longer texts are cut, and say so, because Excel refuses the whole file otherwise
    shown = text if len(text) <= _EXCEL_TEXT else text[: _EXCEL_TEXT - 1] + "…"
    sheet.write_string(*at, shown, quoted if is_risky(shown) else usual)


def xlsx_response(export: Export) -> FileResponse:
    """Return the Excel file as a download; it is built on disk when large."""
    return book_response([("", export)], export.name)


def book_response(sheets: Sequence[tuple[str, Export]], name: str) -> FileResponse:
    """Return several tables as one Excel file, see `write_book`. name: without ending."""
    # the response closes it
    file = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115
    write_book(sheets, file)
    file.seek(0)
    return FileResponse(
        file,
        content_type=XLSX_TYPE,
        headers=attachment(name, "xlsx"),
    )


def _number_format(column: Column) -> str:
    if column.format is Format.PERCENT:
        return "0.0%"
    if column.format is Format.MONEY:
        places = minor_exponent(column.currency)
    elif column.format is Format.UNIT_PRICE:
        places = 4
    else:
        return "General"
    return "#,##0" + ("." + "0" * places if places else "")


def attachment(name: str, ending: str) -> dict[str, str]:
    """Return the header by which a response is a download of a name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{name}.{ending}')}"}
