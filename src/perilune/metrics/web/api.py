"""Measures for programs: definitions, and the figures of the pages."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from ninja import Field, Router, Schema
from ninja.params.functions import Query

from perilune.kernel.calendar import Grain
from perilune.metrics import queries
from perilune.metrics.contracts import MEASURES, By, measure
from perilune.metrics.queries.documents import row_json
from perilune.people.queries import personal_scope_for
from perilune.people.web.gate import PageRequest

router = Router(tags=["metrics"], by_alias=True)
BY = Query(By.TOTAL, description="Rows below the total.")


class MeasureOut(Schema):
    """A measure; better: higher, lower, or empty where neither is."""

    name: str
    label: str
    unit: str
    definition: str
    denominator: str
    owner: str
    better: str


class FigureOut(Schema):
    """A figure: money as text in major units, ratios and counts as numbers, null where unknown."""

    unit: str
    unit_id: int | None = None
    label: str | None = None
    measure: str
    value: str | float | int | None
    n: int | None
    interval: list[str | float | int | None] | None = None
    level: str | None = None
    note: str | None = None


class FiguresOut(Schema):
    """The figures of one measure."""

    schema_: int = Field(alias="schema")
    as_of: str
    period: str
    currency: str
    scope: str
    rows: list[FigureOut]


@router.get("", response=list[MeasureOut], summary="All measures", url_name="metrics")
def measures(request: HttpRequest) -> list[dict[str, Any]]:
    """Name, definition, unit, denominator and owner of every measure."""
    return [
        {
            "name": item.name,
            "label": gettext(item.label),
            "unit": item.unit.value,
            "definition": gettext(item.definition),
            "denominator": gettext(item.denominator) if item.denominator else "",
            "owner": gettext(item.owner),
            "better": item.better,
        }
        for item in MEASURES.values()
    ]


@router.get("/{name}", response=FiguresOut, summary="One measure", url_name="metric")
def figures(
    request: HttpRequest,
    name: str,
    by: By = BY,
    period: str = Query("", description="2026, 2026-Q3 or 2026-07; by default the quarter."),
    as_of: str = Query("", description="A day or an instant; today by default."),
) -> dict[str, Any]:
    """The figures of a measure in a period, cut as asked; those of pages and command line."""
    asked = cast(PageRequest, request)
    wanted = measure(name).name
    calendar = asked.company.calendar
    span = calendar.parse(period) if period else calendar.find(asked.as_of.day, Grain.QUARTER)
    rows = queries.measure_rows(
        asked.as_of, span, by, asked.scope, personal=personal_scope_for(asked.user)
    )
    return {
        "schema": 1,
        "as_of": asked.as_of.day.isoformat(),
        "period": span.name,
        "currency": asked.company.currency,
        "scope": asked.scope.label,
        "rows": [
            row_json(row, asked.company.currency, gettext, ngettext)
            for row in rows
            if row.measure == wanted
        ],
    }
