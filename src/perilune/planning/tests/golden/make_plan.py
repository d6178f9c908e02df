"""Makes plan.xlsx: the golden cases of the annual plan as a spreadsheet works them.

    python src/perilune/planning/tests/golden/make_plan.py

Every expected figure is a formula. No office program is needed: the few functions used are worked
here from the formula's own text, cell by cell, and stored beside it as a spreadsheet stores them.
Nothing of Perilune is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent
REF = re.compile(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")
Cells = dict[str, object]


def _round(value, digits=0):
    return Decimal(value).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)


def _flat(values):
    for value in values:
        yield from value if isinstance(value, list) else [value]


FUNCTIONS: dict[str, Callable] = {
    "SUM": lambda *v: sum((x for x in _flat(v) if isinstance(x, Decimal)), Decimal(0)),
    "SUMPRODUCT": lambda a, b: sum((x * y for x, y in zip(a, b, strict=True)), Decimal(0)),
    "ROUND": _round,
    "ROUNDDOWN": lambda v, n: Decimal(v).quantize(Decimal(1).scaleb(-int(n)), ROUND_DOWN),
    "INT": lambda v: Decimal(v).to_integral_value(ROUND_FLOOR),
    "MIN": lambda *v: min(_flat(v)),
    "MAX": lambda *v: max(_flat(v)),
    "IF": lambda c, a, b: a if c else b,
    "RANK": lambda v, r: Decimal(1 + sum(x > v for x in r)),
    "COUNT": lambda *v: Decimal(sum(isinstance(x, Decimal) for x in _flat(v))),
}


def work(formula: str, cells: Cells):
    """Work a formula over cells that are known already."""

    def value(match: re.Match[str]) -> str:
        first, row, last, end = match.groups()
        if last is None:
            return f"c['{first}{row}']"
        names = [
            f"c.get('{chr(letter)}{at}')"
            for letter in range(ord(first), ord(last) + 1)
            for at in range(int(row), int(end) + 1)
        ]
        return "[" + ",".join(names) + "]"

    text = REF.sub(value, formula.lstrip("="))
    text = re.sub(r"(?<![\w'.])(\d+(?:\.\d+)?)(?![\w'])", r"D('\1')", text)
    text = text.replace("<>", "!=").replace('""', "None")
    return eval(text, {"c": cells, "D": Decimal, **FUNCTIONS})


class Sheet:
    def __init__(self, book, name: str, title: str) -> None:
        self.sheet = book.add_worksheet(name)
        self.cells: Cells = {}
        self.bold = book.add_format({"bold": True})
        self.put("A1", title)
        self.sheet.set_column(0, 0, 30)
        self.sheet.set_column(1, 12, 14)

    def put(self, at: str, value) -> None:
        if isinstance(value, str) and value.startswith("="):
            result = work(value, self.cells)
            self.cells[at] = result
            self.sheet.write_formula(at, value, None, "" if result is None else float(result))
        elif isinstance(value, date):
            days = (value - date(1899, 12, 30)).days
            self.cells[at] = Decimal(days)
            self.sheet.write_number(at, days)
        elif isinstance(value, int | float):
            self.cells[at] = Decimal(str(value))
            self.sheet.write_number(at, value)
        else:
            self.cells[at] = value
            self.sheet.write_string(at, value, self.bold if at[1:] in {"1", "3"} else None)

    def row(self, number: int, *values) -> None:
        for letter, value in zip("ABCDEFGHIJKL", values, strict=False):
            if value is not None:
                self.put(f"{letter}{number}", value)


def largest_remainder(sheet: Sheet, first: int, last: int, total: str, weight: str) -> None:
    """Columns C to G: exact share, whole part, remainder, its rank, part. Ties are not in these."""
    for row in range(first, last + 1):
        sheet.put(f"C{row}", f"={total}*B{row}/{weight}")
        sheet.put(f"D{row}", f"=INT(C{row})")
        sheet.put(f"E{row}", f"=C{row}-D{row}")
    for row in range(first, last + 1):
        sheet.put(f"F{row}", f"=RANK(E{row},E${first}:E${last})")
    for row in range(first, last + 1):
        sheet.put(
            f"G{row}",
            f"=D{row}+IF(F{row}<={total}-SUM(D${first}:D${last}),1,0)",
        )


def season_sheet(book) -> None:
    season = Sheet(book, "season", "A year of 1,000,000.01 by season, in cents")
    season.row(2, "total", 100_000_001)
    season.row(3, "month", "weight", "exact", "whole", "remainder", "rank", "amount")
    for at, weight in enumerate((7.1, 7.3, 9.7, 7.2, 7.9, 9.9, 6.7, 4.3, 9.1, 8.6, 9.2, 13.4)):
        season.row(4 + at, f"2027-{at + 1:02d}", weight)
    season.row(17, "sum of weights", "=SUM(B4:B15)")
    largest_remainder(season, 4, 15, "B$2", "B$17")
    season.row(18, "sum of amounts", "=SUM(G4:G15)")


def ramp_sheet(book) -> None:
    ramp = Sheet(
        book, "ramp", "A full month of 10,000.00: start 16 February, ramp by month since start"
    )
    ramp.row(2, "quota of a full month", 1_000_000)
    ramp.row(
        3,
        "month",
        "days",
        "days at 10 %",
        "days at 25 %",
        "days at 50 %",
        "days at 100 %",
        "there",
        "ramped",
    )
    # months since start begin on days 0, 31 (30.4375), 61 (60.875) and 92 (91.3125) of service
    start = date(2027, 2, 16)
    for at, month in enumerate((1, 2, 3, 4, 5, 6)):
        first, after = date(2027, month, 1), date(2027, month + 1, 1)
        ramp.row(4 + at, f"2027-{month:02d}", (after - first).days)
        for letter, since, until in (("C", 0, 31), ("D", 31, 61), ("E", 61, 92), ("F", 92, 9999)):
            low = int(((start + timedelta(days=since)) - first).days)
            high = int(((start + timedelta(days=until)) - first).days)
            ramp.put(
                f"{letter}{4 + at}", f"=MAX(0,MIN(B{4 + at},{max(high, 0)})-MAX(0,{max(low, 0)}))"
            )
        row = 4 + at
        ramp.put(f"G{row}", f"=ROUND(B$2*SUM(C{row}:F{row})/B{row},0)")
        ramp.put(f"H{row}", f"=ROUND(B$2*(0.1*C{row}+0.25*D{row}+0.5*E{row}+F{row})/B{row},0)")


def leave_sheet(book) -> None:
    leave = Sheet(
        book, "proration", "A full month of 8,333.33: 80 %, and a leave from 10 to 23 March"
    )
    leave.row(2, "quota of a full month", 833_333)
    leave.row(3, "month", "days", "days away", "FTE", "amount")
    for at, (name, days, away) in enumerate(
        (("2027-01", 31, 0), ("2027-02", 28, 0), ("2027-03", 31, 14), ("2027-04", 30, 0))
    ):
        leave.row(
            4 + at,
            name,
            days,
            away,
            0.8,
            f"=ROUND(B$2*D{4 + at}*(B{4 + at}-C{4 + at})/B{4 + at},0)",
        )


def over_sheet(book) -> None:
    over = Sheet(book, "over", "A target of 2,400,000.00 and reps who attain 80 % on average")
    over.row(2, "target", 240_000_000)
    over.row(4, "attainment factor", 0.8)
    over.row(5, "over-assignment", "=1/B4")
    over.row(6, "street quota", "=B2*B5")
    over.row(7, "factor again", "=B2/B6")
    over.row(8, "rep", "weight")
    for at, weight in enumerate((1.0, 1.0, 0.8, 0.55, 0.35)):
        over.row(9 + at, f"rep {at + 1}", weight)
    over.row(15, "sum of weights", "=SUM(B9:B13)")
    for row in range(9, 14):
        over.put(f"G{row}", f"=ROUND(B$6*B{row}/B$15,0)")
    over.row(16, "sum of quotas", "=SUM(G9:G13)")


def move_sheet(book) -> None:
    move = Sheet(book, "move", "60,000.00 go from one rep to another on 10 May, in cents")
    move.row(2, "moved", 6_000_000)
    move.row(
        3,
        "quarter",
        "giver",
        "taker",
        "days",
        "days before",
        "giver before",
        "taker before",
        "giver rest",
        "taker rest",
        "giver after",
        "taker after",
    )
    for at, (name, gives, takes, days, before) in enumerate(
        (
            ("Q1", 20_000_000, 12_000_000, 90, 90),
            ("Q2", 24_000_000, 15_000_000, 91, 39),
            ("Q3", 18_000_000, 11_000_000, 92, 0),
            ("Q4", 30_000_000, 22_000_000, 92, 0),
        )
    ):
        row = 4 + at
        move.row(
            row,
            name,
            gives,
            takes,
            days,
            before,
            f"=ROUND(B{row}*E{row}/D{row},0)",
            f"=ROUND(C{row}*E{row}/D{row},0)",
            f"=B{row}-F{row}",
            f"=C{row}-G{row}",
        )
    move.row(9, "rest of both", "=SUM(H4:H7)", "=SUM(I4:I7)")
    for row in (4, 5, 6, 7):
        move.put(f"J{row}", f"=ROUND(H{row}*(B$9-B$2)/B$9,0)")
        move.put(f"K{row}", f"=ROUND(I{row}*(C$9+B$2)/C$9,0)")
    move.row(10, "sum before", "=SUM(B4:C7)")
    move.row(11, "sum after", "=SUM(F4:G7)+SUM(J4:K7)")


def money_sheet(book) -> None:
    money = Sheet(book, "currencies", "Targets at budget rates; no rate for SEK")
    money.row(3, "currency", "amount", "budget rate", "in EUR")
    rows = (
        ("EUR", 125_000.50, 1),
        ("USD", 310_250.25, 0.9137),
        ("GBP", 88_010.10, 1.1642),
        ("JPY", 41_250_000, 0.00612),
        ("CHF", 63_999.99, 1.0471),
        ("SEK", 900_000, None),
    )
    for at, (name, amount, rate) in enumerate(rows):
        row = 4 + at
        money.row(row, name, amount, rate, None if rate is None else f"=ROUND(B{row}*C{row},2)")
    money.row(11, "sum in EUR", "=SUM(D4:D9)")
    money.row(12, "counted", "=COUNT(D4:D9)")


def main() -> None:
    book = xlsxwriter.Workbook(HERE / "plan.xlsx")
    for make in (season_sheet, ramp_sheet, leave_sheet, over_sheet, move_sheet, money_sheet):
        make(book)
    book.close()


if __name__ == "__main__":
    main()
