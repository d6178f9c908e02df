"""Index series from a file: CSV and spreadsheets, French and English."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
import xlsxwriter

from perilune.kernel.errors import Invalid
from perilune.planning.service import series_read

POINTS = ((date(2026, 1, 1), 104.2), (date(2026, 4, 1), 1098.75))


@pytest.mark.parametrize(
    "text",
    [
        "day,level\n2026-01-01,104.2\n2026-04-01,1098.75\n",
        "2026-Q2;1 098,75\r\n2026-T1;104,2\r\n",
        "2026-01\t104.2\n\n2026-04\t1,098.75",
        "Indice de production\nmois;indice\n2026-01;104,2\n2026-04;1\u202f098,75",
        "2026-01-01 104.2\n2026-04-01 1098.75",
        "2026-01-01,104,2\n2026-04-01,1098,75",
    ],
)
def test_points_are_read_whatever_the_country(text: str) -> None:
    assert series_read("a.csv", text.encode()) == POINTS


def test_a_file_of_the_old_windows_kind_is_read() -> None:
    assert series_read("a.csv", "Année;indice\n2026;1\n2026-01-01;2".encode("cp1252")) == (
        (date(2026, 1, 1), 2.0),
    )


def test_slashed_days_are_read_by_a_row_that_decides_else_by_the_language() -> None:
    french = b"13/01/2026;1\n01/02/2026;2"
    assert series_read("a.csv", french)[1][0] == date(2026, 2, 1)
    american = b"01/13/2026;1\n02/01/2026;2"
    assert series_read("a.csv", american, day_first=True)[1][0] == date(2026, 2, 1)
    unclear = b"01/01/2026;1\n01/02/2026;2"
    assert series_read("a.csv", unclear, day_first=True)[1][0] == date(2026, 2, 1)
    with pytest.raises(Invalid):
        series_read("a.csv", unclear)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "2026-01-01;1\nhello", "2026-01-01;1\n2026-01-01;2", "2026-13-01;1", "1;2\n3;4"],
)
def test_a_file_without_a_clear_series_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        series_read("a.csv", text.encode())


def test_a_workbook_is_read_and_a_damaged_one_refused() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet, style = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["Day", "Index"])
        for row, (day, level) in enumerate(POINTS, 1):
            sheet.write_datetime(row, 0, datetime(day.year, day.month, day.day), style)
            sheet.write_number(row, 1, level)
    assert series_read("index.xlsx", made.getvalue()) == POINTS
    for content in (b"PK\x03\x04 broken", b"not a workbook"):
        with pytest.raises(Invalid):
            series_read("index.xlsx", content)
