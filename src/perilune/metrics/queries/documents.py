"""Figures as JSON: what the command line prints and the API gives is one document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from perilune.kernel.money import Money
from perilune.metrics.contracts import MEASURES, By, MeasureRow, Unit

Say = Callable[[str], str]
SayMany = Callable[[str, str, int], str]


def english(one: str, several: str, count: int) -> str:
    """Return the English sentence of a count."""
    return one if count == 1 else several


def row_json(
    row: MeasureRow, currency: str, say: Say = str, say_many: SayMany = english
) -> dict[str, Any]:
    """Return a row as JSON: money as text in major units, ratios and counts as numbers.

    say, say_many: what notes are said in, `gettext` and `ngettext`; by default their English.
    What is unknown is null; an interval stands in its place where there is one, and a note.
    """
    content: dict[str, Any] = {"unit": row.unit}
    if row.unit != By.TOTAL:
        content |= {"unit_id": row.unit_id, "label": row.label}
    content |= {
        "measure": row.measure,
        "value": plain(row.value, row.measure, currency),
        "n": row.n,
    }
    if row.value is None and row.interval is not None:
        content["interval"] = [plain(bound, row.measure, currency) for bound in row.interval]
    if row.level:
        content["level"] = row.level
    if row.note is not None:
        content["note"] = row.note.said(say, say_many)
    return content


def plain(value: float | int | None, measure: str, currency: str) -> str | float | int | None:
    """Return a value as JSON and files have it."""
    if value is None:
        return None
    unit = MEASURES[measure].unit
    if unit is Unit.MONEY:
        return str(Money.from_minor(round(value), currency).amount)
    return int(value) if unit is Unit.COUNT else round(float(value), 4)
