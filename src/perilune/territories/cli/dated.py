"""Dated rows as the history of territories: whole periods that follow each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli.reading import number_of
from perilune.territories.engine.checks import named

COUNT = "count"


class Kind(StrEnum):
    """What a dated row adds: it is there from its day on, or it happens on its day."""

    STOCK = "stock"
    FLOW = "flow"


@dataclass(frozen=True)
class History:
    """Loads (t, k) of whole periods that follow each other; first: first day of the first."""

    names: tuple[str, ...]
    loads: np.ndarray
    first: date
    months: int

    def name_of(self, at: int) -> str:
        """Return the name of period `at`, 0 the first: 2026-Q3, 2026-07 or 2026."""
        day = _shifted(self.first, at * self.months)
        if self.months == 1:
            return f"{day.year}-{day.month:02}"
        return f"{day.year}-Q{(day.month + 2) // 3}" if self.months == 3 else str(day.year)


@dataclass(frozen=True)
class _Row:
    """A dated row. end: the day that a stock ends."""

    day: date
    end: date | None
    load: float
    where: str


def history_of(  # noqa: PLR0917  # columns of one file
    rows: list[dict[str, str]],
    where: list[str],
    columns: tuple[str, str, str],
    kind: Kind,
    months: int,
    until: str,
) -> History:
    """Return what each territory held in each whole period. Raises Invalid naming the lines.

    columns: the day, the end ("" for none), the load.
    """
    read = _read(rows, where, columns)
    last = day_of(until) if until else max(row.day for row in read)
    if last is None:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=until)
    first = _begins(min(row.day for row in read), months)
    count = _between(first, last + timedelta(days=1)) // months
    names = tuple(sorted(set(where)))
    number = {name: a for a, name in enumerate(names)}
    held = np.zeros((max(count, 0) + 1, len(names)))
    for row in read:
        at = _between(first, row.day) // months
        if at < count:
            held[at, number[row.where]] += row.load
        ends = row.end if kind is Kind.STOCK else None
        gone = _between(first, ends) // months if ends else count
        if gone < count:
            held[gone, number[row.where]] -= row.load
    whole = held[: max(count, 0)]
    if kind is Kind.STOCK:
        whole = np.maximum(np.cumsum(whole, axis=0), 0.0)
    if not len(whole):
        raise Invalid(_("There is no whole period in the file."))
    return History(names, whole, first, months)


def _read(
    rows: list[dict[str, str]], where: list[str], columns: tuple[str, str, str]
) -> list[_Row]:
    on, closed, load = columns
    found, bad = [], []
    for line, (row, name) in enumerate(zip(rows, where, strict=True), 2):
        day, text = day_of(row[on]), row[closed] if closed else ""
        value, end = 1.0 if load == COUNT else number_of(row[load]), day_of(text)
        if day is None or not value >= 0 or not name or bool(text) != (end is not None):
            bad.append(str(line))
        else:
            found.append(_Row(day, end, value, name))
    if bad:
        raise Invalid(
            _("Lines without a day, a load of zero or more, or a territory: %(lines)s."),
            lines=named(bad),
        )
    return found


def day_of(text: str) -> date | None:
    """Read 2026-12-31 or 31/12/2026; None where it is none."""
    text = text.strip()[:10]
    try:
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begins(day: date, months: int) -> date:
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _shifted(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def _between(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month
