"""A leader's workbook: their units by month to fill in, sums as formulas, and who it is by keys.

The visible sheet has a hidden first column with the key of each row; the hidden sheet names the
workbook, the plan, the edition and the rows, so that nothing is guessed when it comes back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext

from perilune.kernel.money import minor_exponent
from perilune.people.queries import company
from perilune.planning.contracts import (
    BASIS_POINTS,
    Content,
    Level,
    Place,
    PlanHead,
    PlanView,
    Workbook,
)
from perilune.planning.engine.summing import over_of
from perilune.planning.queries.sheet_values import folded
from perilune.planning.queries.words import level_label, unit_label
from perilune.planning.queries.workbooks import levels_of
from perilune.ui import formats
from perilune.ui.contracts import Cell as UiCell
from perilune.ui.contracts import Column, Format
from perilune.ui.export import SAFE_OPTIONS, Export, sheet_title, write_words, write_xlsx

MARK, FORMAT = "perilune-plan-workbook", 1
HIDDEN = "_perilune"
HEAD = 4
"""The row of titles, from 0; the rows of units follow."""
FIRST = 3
"""The column of the first month, from 0."""


@dataclass
class _Line:
    """A row of the sheet. key: of its inputs, empty for a sum. parts: rows that it sums."""

    key: str
    unit: str
    label: str
    level: Level
    depth: int
    parts: list[int] = field(default_factory=list)
    of: int = -1
    """The row whose target a difference is measured from."""


def write_workbook(
    book: Workbook,
    head: PlanHead,
    content: Content,
    names: Mapping[str, str],
    file: IO[bytes],
) -> None:
    """Write a workbook to a binary file, with the amounts of its hand-out.

    content: for the tree of its units and their over-assignment. Protected without a password: only
    inputs take typing.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(file, SAFE_OPTIONS) as out:
        _Paper(out, book, head, content, names).write()


class _Paper:
    def __init__(
        self,
        out: Any,
        book: Workbook,
        head: PlanHead,
        content: Content,
        names: Mapping[str, str],
    ) -> None:
        self.out, self.book, self.head, self.content, self.names = out, book, head, content, names
        self.months = [month.name for month in company().calendar.months(head.year)]
        self.places = minor_exponent(head.currency)
        number = "#,##0" + ("." + "0" * self.places if self.places else "")
        make = out.add_format
        self.title = make({"bold": True, "font_size": 14})
        self.quoted = make({"quote_prefix": True})
        self.bold = make({"bold": True, "bottom": 1, "text_wrap": True})
        self.input = make({"num_format": number, "locked": False, "bg_color": "#FFF9E5",
                           "border": 1, "border_color": "#D9D9D9"})  # fmt: skip
        self.sum = make({"num_format": number, "font_color": "#595959"})
        self.year = make({"num_format": number, "bold": True})
        self.indents: dict[int, tuple[Any, Any]] = {}

    def write(self) -> None:
        """Write both sheets."""
        lines = self._lines()
        name = sheet_title(self.head.name) or "Plan"
        sheet = self.out.add_worksheet(name)
        self._head(sheet)
        for at, line in enumerate(lines):
            self._row(sheet, at, line, lines)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        self._keys(name, lines)

    def _head(self, sheet: Any) -> None:
        words = (
            f"{self.head.name} · {self.book.holder}",
            gettext("Amounts in %(currency)s. Fill in the yellow cells; the sums follow.")
            % {"currency": self.head.currency},
            self._until(),
        )
        for at, text in enumerate(words):
            write_words(sheet, (at, 1), text, self.title if at == 0 else None, self.quoted)
        sheet.set_column(0, 0, None, None, {"hidden": True})
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, 2, 20)
        sheet.set_column(FIRST, FIRST + len(self.months), 14)
        sheet.freeze_panes(HEAD + 1, FIRST)
        titles = ("", gettext("Unit"), gettext("Level"), *self.months, gettext("Year"))
        for at, text in enumerate(titles):
            write_words(sheet, (HEAD, at), text, self.bold, self.bold)

    def _until(self) -> str:
        day = self.head.lock_on
        if day is None:
            return ""
        return gettext("Taken back until %(day)s.") % {"day": formats.day(day)}

    def _lines(self) -> list[_Line]:
        """Return the rows, units depth first, each followed by the sum of what is below."""
        lines: list[_Line] = []

        def add(unit: str, depth: int) -> int:
            at = -1
            for level in levels_of(self.content, unit):
                at = len(lines)
                label = unit_label(unit, self.names)
                lines.append(_Line(f"{level.value}|{unit}", unit, label, level, depth))
            below = self.content.children.get(unit, ())
            if below:
                own = self.content.units[unit].level
                total = _Line("", unit, gettext("Sum of the rows below"), own, depth)
                gap = _Line("", unit, gettext("Still to share out"), own, depth, of=at)
                lines.extend((total, gap))
                total.parts = [add(each, depth + 1) for each in below]
            return at

        for unit in self.book.units:
            add(unit, 0)
        return lines

    def _row(self, sheet: Any, at: int, line: _Line, lines: Sequence[_Line]) -> None:
        row = HEAD + 1 + at
        usual, quoted = self._indent(line.depth)
        write_words(sheet, (row, 1), line.label, usual, quoted)
        level = level_label(line.level) if line.key else ""
        write_words(sheet, (row, 2), level, self.sum, self.quoted)
        for month in range(1, len(self.months) + 1):
            column = FIRST + month - 1
            if line.key:
                minor = self.book.base.get(Place(line.level, line.unit, month))
                if minor is None:
                    sheet.write_blank(row, column, None, self.input)
                else:
                    sheet.write_number(row, column, self._major(minor), self.input)
            else:
                formula, value = self._sum(at, line, lines, month)
                sheet.write_formula(row, column, formula, self.sum, self._major(value))
        last = FIRST + len(self.months)
        span = f"{_letter(FIRST)}{row + 1}:{_letter(last - 1)}{row + 1}"
        whole = sum(self._value(at, line, lines, m) for m in range(1, len(self.months) + 1))
        sheet.write_formula(row, last, f"=SUM({span})", self.year, self._major(whole))
        if line.key:
            sheet.write_string(row, 0, line.key)
            sheet.data_validation(row, FIRST, row, last - 1, {
                "validate": "decimal", "criteria": ">=", "value": 0,
                "error_title": gettext("Amount"),
                "error_message": gettext("An amount of zero or more, without the currency."),
            })  # fmt: skip

    def _sum(self, at: int, line: _Line, lines: Sequence[_Line], month: int) -> tuple[str, int]:
        letter = _letter(FIRST + month - 1)
        value = self._value(at, line, lines, month)
        if line.of < 0:
            cells = [f"{letter}{HEAD + 2 + part}" for part in line.parts]
            return _added(cells), value
        share = BASIS_POINTS + self.content.units[line.unit].over
        target = f"{letter}{HEAD + 2 + line.of}"
        if share != BASIS_POINTS:
            target = f"ROUND({target}*{share}/{BASIS_POINTS},{self.places})"
        return f"={target}-{letter}{HEAD + 1 + at}", value

    def _value(self, at: int, line: _Line, lines: Sequence[_Line], month: int) -> int:
        """Return what a row shows before anybody types: a reader without formulas shows it too."""
        if line.key:
            return self.book.base.get(Place(line.level, line.unit, month)) or 0
        if line.of < 0:
            return sum(self._value(part, lines[part], lines, month) for part in line.parts)
        target = self._value(line.of, lines[line.of], lines, month)
        over = over_of(target, self.content.units[line.unit].over)
        return target + over - self._value(at - 1, lines[at - 1], lines, month)

    def _indent(self, depth: int) -> tuple[Any, Any]:
        if depth not in self.indents:
            make = self.out.add_format
            self.indents[depth] = (
                make({"indent": depth}), make({"indent": depth, "quote_prefix": True}),
            )  # fmt: skip
        return self.indents[depth]

    def _keys(self, name: str, lines: Sequence[_Line]) -> None:
        sheet = self.out.add_worksheet(HIDDEN)
        facts = (
            (MARK, str(FORMAT)), ("workbook", self.book.key), ("plan", str(self.head.id)),
            ("edition", str(self.book.edition)), ("currency", self.head.currency),
            ("sheet", name), ("months", " ".join(self.months)),
        )  # fmt: skip
        for at, (label, text) in enumerate(facts):
            sheet.write_string(at, 0, label)
            write_words(sheet, (at, 1), text, None, self.quoted)
        for at, line in enumerate((line for line in lines if line.key), len(facts)):
            sheet.write_string(at, 0, "row")
            sheet.write_string(at, 1, line.key)
        sheet.very_hidden()

    def _major(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-self.places)


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _added(cells: Sequence[str]) -> str:
    """Return the formula of a sum; far apart rows are named one by one, in groups of 200."""
    groups = [cells[at : at + 200] for at in range(0, len(cells), 200)]
    return "=" + "+".join(f"SUM({','.join(group)})" for group in groups)


def write_finance(view: PlanView, file: IO[bytes]) -> None:
    """Write a plan in the layout that finance asks for: a row for each amount, levels by code."""
    write_xlsx(finance(view), file)


def finance(view: PlanView) -> Export:
    """Return a plan as rows of plan, level, unit, rep, month, amount and currency."""
    head, content = view.head, view.content
    months = [month.name for month in company().calendar.months(head.year)]
    labels = _labels(content, view.names)
    rows = []
    for level in Level:
        for unit, row in content.units.items():
            is_rep = row.level is Level.STREET
            for at, month in enumerate(months, 1):
                minor = content.amount(level, unit, at)
                if minor is None:
                    continue
                above = labels.get(row.parent, "") if is_rep else labels[unit]
                rep = labels[unit] if is_rep else ""
                amount = UiCell(minor, currency=head.currency)
                rows.append((head.name, level.value, above, rep, month, amount, head.currency))
    return Export(
        f"{head.name} - finance",
        (
            Column("plan", gettext("Plan")),
            Column("level", gettext("Level")),
            Column("unit", gettext("Unit")),
            Column("rep", gettext("Rep")),
            Column("month", gettext("Month")),
            Column("amount", gettext("Amount"), Format.MONEY, decimals=2),
            Column("currency", gettext("Currency")),
        ),
        rows,
        title=head.name,
    )


def _labels(content: Content, names: Mapping[str, str]) -> dict[str, str]:
    """Return how units are called, with their number where several are called alike."""
    found = {unit: unit_label(unit, names) for unit in content.units}
    count = Counter(folded(name) for name in found.values())
    return {
        unit: f"{name} #{content.units[unit].number}"
        if count[folded(name)] > 1 and content.units[unit].number > 0
        else name
        for unit, name in found.items()
    }
