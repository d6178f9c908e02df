"""Figures in the reader's language and format."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.calendar import Period
from perilune.metrics.contracts import MEASURES, By, MeasureRow, Note, Unit
from perilune.metrics.queries import has_list
from perilune.people.contracts import QUOTA_LEVELS
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Format
from perilune.ui.filters import scope_label

FORMATS = {
    Unit.MONEY: Format.MONEY,
    Unit.COUNT: Format.NUMBER,
    Unit.RATIO: Format.PERCENT,
    Unit.TIMES: Format.NUMBER,
    Unit.DAYS: Format.DAYS,
    Unit.HOURS: Format.NUMBER,
}


def format_of(measure: str) -> Format:
    """Return how a measure's value is written."""
    return FORMATS[MEASURES[measure].unit]


def decimals_of(measure: str) -> int | None:
    """Return the decimals of a measure; None leaves them to the format."""
    found = {Unit.TIMES: 1, Unit.COUNT: 0, Unit.RATIO: 1, Unit.DAYS: 0, Unit.HOURS: 1}
    return found.get(MEASURES[measure].unit)


def note(found: Note | None) -> str:
    """Return a note's sentence."""
    return found.said(gettext, ngettext) if found else ""


def level(row: MeasureRow) -> str:
    """Return which level of target a figure rests on (rule 29), empty where on none."""
    return gettext(dict(QUOTA_LEVELS)[row.level]) if row.level else ""


def said(row: MeasureRow) -> str:
    """Return what stands beside a figure: its note, and against which target it is."""
    against = gettext("Target: %(level)s.") % {"level": level(row)} if row.level else ""
    return " ".join(part for part in (note(row.note), against) if part)


def label(row: MeasureRow, request: PageRequest) -> str:
    """Return the name of a row's unit; the total is named by what the person sees (rule 10)."""
    if row.unit == By.TOTAL:
        return scope_label(request.scope)
    return gettext(row.label)


def interval(row: MeasureRow, currency: str) -> str:
    """Return a 95 % interval in words, empty where there is none."""
    if row.interval is None:
        return ""
    how = format_of(row.measure)
    low, high = (
        formats.write_short(bound, how, currency, decimals_of(row.measure))
        for bound in row.interval
    )
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def dated(period: Period) -> str:
    """Return a period's name with its first and last day, as the reader writes days."""
    return f"{period.name} ({formats.day(period.start)} – {formats.day(period.end)})"


def why(name: str, period: Period, by: By = By.TOTAL, unit: Any = "total") -> str:
    """Return the address of the drawer behind a figure."""
    asked = {"period": period.name, "by": by.value, "unit": "" if unit is None else str(unit)}
    return f"{reverse('metrics:explain', args=[name])}?{urlencode(asked)}"


def record_url(record_id: int, kind: str = "opportunity") -> str:
    """Return the address of a record's page, empty where there is none."""
    try:
        return reverse("crm:record", args=[kind, record_id])
    except NoReverseMatch:
        return ""


def deals_url() -> str:
    """Return the address of the list of deals, empty where there is none."""
    try:
        return reverse("crm:pipeline")
    except NoReverseMatch:
        return ""


def list_url(row: MeasureRow, period: Period) -> str:
    """Return the address of the list of the deals behind a figure, empty where there is none."""
    if not has_list(row.measure):
        return ""
    asked = {"cases": row.measure, "period": period.name}
    if row.unit != By.TOTAL:
        unit = "" if row.unit_id is None else str(row.unit_id)
        asked |= {"by": row.unit, "unit": unit}
    url = deals_url()
    return f"{url}?{urlencode(asked)}" if url else ""
