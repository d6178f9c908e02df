"""Tables of measures, risks and of the role homes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext

from perilune.forecasting.contracts import RISK_WORDS, DealAtRisk, RiskKind
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.metrics.contracts import GROUPS, MEASURES, By, Compared, MeasureHistory, Unit
from perilune.metrics.web import tiles, words
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Link, Row, Status, Table, Tone


def all_measures(
    request: PageRequest, period: Period, found: Sequence[MeasureHistory], exports: Sequence[Link]
) -> Table:
    """Every measure of the total, one a row; values are written out: their units differ."""
    currency = request.company.currency
    columns = [
        Column("measure", gettext("Measure"), is_title=True),
        Column("group", gettext("Group")),
        *_compared_columns(Format.NUMBER),
        Column("note", gettext("Note"), Format.LONG_TEXT),
    ]
    rows = []
    for item in found:
        measure = MEASURES[item.row.measure]
        why = words.why(measure.name, period)
        cells = [
            Cell(gettext(measure.label), why_url=why, hint=gettext(measure.definition)),
            gettext(GROUPS[measure.group]),
            *_cells(item, currency, why, is_mixed=True),
            words.said(item.row),
        ]
        rows.append(Row(measure.name, cells))
    return Table(
        columns,
        rows,
        gettext("Measures"),
        export_urls=exports,
        is_dense=True,
        name="measures",
    )


def one_measure(
    request: PageRequest,
    period: Period,
    by: By,
    name: str,
    *,
    found: Sequence[MeasureHistory],
    exports: Sequence[Link],
) -> Table:
    """One measure by unit."""
    currency = request.company.currency
    columns = [
        Column("unit", gettext("Unit"), is_title=True),
        *_compared_columns(words.format_of(name), currency, words.decimals_of(name)),
        Column("note", gettext("Note"), Format.LONG_TEXT),
    ]
    rows = [
        Row(
            str(item.row.unit_id),
            [
                words.label(item.row, request),
                *_cells(item, currency, words.why(name, period, by, item.row.unit_id)),
                words.said(item.row),
            ],
            level=item.row.depth,
        )
        for item in found
        if item.row.measure == name
    ]
    empty = Empty(gettext("Nothing to show"), gettext("No unit of this cut has any deal in sight."))
    return Table(
        columns,
        rows,
        gettext(MEASURES[name].label),
        export_urls=exports,
        empty=empty,
        is_dense=True,
        name="measure",
    )


def _compared_columns(how: Format, currency: str = "", decimals: int | None = None) -> list[Column]:
    # intervals and changes are figures too: they stand at the right like the values
    return [
        Column("value", gettext("Value"), how, currency=currency, decimals=decimals),
        Column("n", gettext("Number of cases"), Format.NUMBER, decimals=0),
        Column("interval", gettext("95% interval"), Format.NUMBER),
        Column("previous", gettext("Period before"), how, currency=currency, decimals=decimals),
        Column("previous_change", gettext("Change"), Format.NUMBER),
        Column("year", gettext("Year before"), how, currency=currency, decimals=decimals),
        Column("year_change", gettext("Change"), Format.NUMBER),
    ]


def _cells(item: MeasureHistory, currency: str, why: str, *, is_mixed: bool = False) -> list[Any]:
    """Return a row's figures; where units are mixed in a column, each is written with its own."""
    row = item.row
    now: Any = row.value
    before: Any = item.previous.row and item.previous.row.value
    year: Any = item.year_ago.row and item.year_ago.row.value
    if is_mixed:
        now, before, year = (
            _written(row.measure, value, currency) for value in (now, before, year)
        )
    return [
        Cell(now, why_url=why),
        row.n,
        words.interval(row, currency),
        before,
        _change(item, item.previous),
        year,
        _change(item, item.year_ago),
    ]


def _written(measure: str, value: Any, currency: str) -> str | None:
    if value is None:
        return None
    return formats.write(value, words.format_of(measure), currency, words.decimals_of(measure))


def _change(item: MeasureHistory, compared: Compared) -> Any:
    change = tiles.change_of(item.row, compared.row)
    if change is None:
        return None
    measure = MEASURES[item.row.measure]
    text = formats.write_change(change, tiles.change_format(measure.unit))
    if compared.exceeds_noise is False:
        return Status(text, Tone.NEUTRAL, gettext("within noise"))
    if compared.exceeds_noise is None or not measure.better:
        return Status(text, Tone.NEUTRAL)
    is_good = (change > 0) == (measure.better == "higher")
    return Status(text, Tone.GOOD if is_good else Tone.WATCH, gettext("exceeds noise"))


# -- files: the same rows, with plain numbers ------------------------------------------------------


def export_columns() -> list[Column]:
    """Return the columns of the file: as on the page, numbers bare, the unit beside them."""
    return [
        Column("unit", gettext("Unit")),
        Column("measure", gettext("Measure")),
        Column("in", pgettext("unit", "In")),
        Column("value", gettext("Value"), Format.NUMBER),
        Column("n", gettext("Number of cases"), Format.NUMBER),
        Column("low", gettext("95% from"), Format.NUMBER),
        Column("high", gettext("95% to"), Format.NUMBER),
        Column("previous", gettext("Period before"), Format.NUMBER),
        Column("year", gettext("Year before"), Format.NUMBER),
        Column("note", gettext("Note")),
    ]


def export_rows(request: PageRequest, found: Iterable[MeasureHistory]) -> Iterable[list[Any]]:
    """Give the rows of the file."""
    currency = request.company.currency
    for item in found:
        row = item.row
        unit = MEASURES[row.measure].unit
        low, high = row.interval or (None, None)
        yield [
            words.label(row, request),
            gettext(MEASURES[row.measure].label),
            currency if unit is Unit.MONEY else gettext(UNIT_WORDS[unit]),
            *(
                _bare(value, unit, currency) if at != 1 else value
                for at, value in enumerate((row.value, row.n, low, high))
            ),
            _bare(item.previous.row and item.previous.row.value, unit, currency),
            _bare(item.year_ago.row and item.year_ago.row.value, unit, currency),
            words.said(row),
        ]


UNIT_WORDS = {
    Unit.COUNT: _("count"),
    Unit.RATIO: _("ratio"),
    Unit.TIMES: _("times"),
    Unit.DAYS: _("days"),
    Unit.HOURS: _("hours"),
}


def _bare(value: Any, unit: Unit, currency: str) -> Any:
    if value is None or unit is not Unit.MONEY:
        return value
    return formats.major(round(value), currency)


# -- lists of the cockpit and the homes ------------------------------------------------------------


def risks(deals: Sequence[DealAtRisk], currency: str) -> Table:
    """Deals at risk as a worklist."""
    columns = [
        Column("deal", gettext("Deal"), is_title=True),
        Column("reasons", gettext("Reasons"), Format.LONG_TEXT),
        Column("owner", gettext("Owner"), is_minor=True),
        Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
    ]
    listed = [
        Row(
            deal.id,
            [
                deal.account or deal.name,
                Cell(_why_at_risk(deal), tone=Tone.ACT if len(deal.risks) > 2 else Tone.WATCH),
                deal.owner,
                deal.value,
            ],
            url=words.record_url(deal.id),
        )
        for deal in deals
    ]
    empty = Empty(
        gettext("No deal stands out"),
        gettext("None of the largest open deals is at risk."),
    )
    return Table(columns, listed, gettext("Top risks"), empty=empty, is_dense=True, name="risks")


def _why_at_risk(deal: DealAtRisk) -> str:
    parts = []
    for risk in deal.risks:
        if risk.kind is RiskKind.SILENT:
            days = round(risk.facts["days"])
            silent = ngettext("silent %(n)s day", "silent %(n)s days", days)
            parts.append(silent % {"n": formats.number(days, 0)})
        elif risk.kind is RiskKind.PUSHED:
            times = round(risk.facts["times"])
            parts.append(ngettext("pushed %(n)s time", "pushed %(n)s times", times) % {"n": times})
        else:
            parts.append(gettext(RISK_WORDS[risk.kind].short))
    return ", ".join(parts)
