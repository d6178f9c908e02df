"""What capacity rests on, as pages show it: curves with their interval, rates, reasons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, ngettext, pgettext

from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import COMPANY, PlanView, RampCurve, Source
from perilune.planning.queries.capacity_groups import whole_group
from perilune.planning.queries.capacity_laws import Laws, UnitRate
from perilune.planning.queries.words import unit_label
from perilune.planning.web.capacity_changes_shown import changes_by_month, changes_kept
from perilune.planning.web.capacity_returns_shown import returns_panels
from perilune.planning.web.capacity_words import REASONS, ROLES
from perilune.planning.web.plan_columns import money, percent
from perilune.ui import formats
from perilune.ui.contracts import Chart, Column, Empty, Format, Row, Status, Table, Tone


def finding(found: Laws) -> str:
    """Return what was learnt, in two sentences."""
    if found.ramp.source is Source.LEARNT:
        month = next((m for m, share in enumerate(found.ramp.share) if share >= 0.9), None)
        facts = {"month": formats.number(month or 0, 0), "n": formats.number(found.ramp.reps, 0)}
        said = gettext("New sellers reach 90 %% of full productivity in month %(month)s, learnt"
                       " from %(n)s of them.") % facts  # fmt: skip
    else:
        said = gettext("No ramp is learnt: %(why)s. The stated one counts.") % {
            "why": gettext(REASONS.get(found.ramp.reason, found.ramp.reason))
        }
    return (
        said
        + " "
        + gettext("%(share)s of sellers leave in a year.")
        % {"share": formats.percent(found.leaving.a_year, 0)}
    )


def panels(request: PageRequest, view: PlanView, found: Laws) -> dict[str, Any]:
    """Return the parts of the page by the name that the template gives them."""
    return {
        "ramp": _ramp_chart(found.ramp),
        "ramp_note": _ramp_note(found),
        "leavers": _leavers(view, found),
        "bands": _bands(found),
        "teams": _rates(view, found.teams, gettext("Team")),
        "segments": _rates(view, found.segments, gettext("Segment")),
        **returns_panels(request, view, found.returns),
        "changes_kept": changes_kept(found),
        "changes": changes_by_month(found),
    }


def _ramp_chart(curve: RampCurve) -> Chart:
    months = len(curve.share)

    def long(values: tuple[float, ...]) -> list[float]:
        return [round(values[min(at, len(values) - 1)], 4) for at in range(months)]

    line = {"type": "line", "symbol": "none"}
    all_hired = gettext("all hired (leavers included)")
    counted = {"data": long(curve.share), "itemStyle": {"color": "token:cat-1"}}
    series: list[dict[str, Any]] = []
    is_learnt = curve.source is Source.LEARNT
    if is_learnt:
        low, high = long(curve.low), long(curve.high)
        band = {**line, "stack": "band", "lineStyle": {"opacity": 0}}
        series += [
            {**band, "name": gettext("80 % interval, from"), "data": low},
            {**band, "name": gettext("80 % interval, width"),
             "data": [round(h - v, 4) for h, v in zip(high, low, strict=True)],
             "areaStyle": {"color": "token:cat-1", "opacity": 0.15}},
            {**line, **counted, "name": all_hired},
        ]  # fmt: skip
        if curve.here is not None:
            series.append({**line, "name": gettext("those still here"), "data": long(curve.here),
                           "itemStyle": {"color": "token:cat-2"}})  # fmt: skip
    else:
        series.append({**line, **counted, "name": gettext("stated"),
                       "lineStyle": {"type": "dashed"}})  # fmt: skip
    names = [one["name"] for one in series if one.get("stack") is None]
    columns = [Column("month", gettext("Month"), Format.NUMBER, decimals=0),
               percent("all", all_hired if is_learnt else gettext("stated"))]  # fmt: skip
    values = [long(curve.share)]
    if is_learnt:
        columns += [
            percent("low", pgettext("interval", "from")),
            percent("high", pgettext("interval", "to")),
        ]
        values += [long(curve.low), long(curve.high)]
    if curve.here is not None:
        columns.append(percent("here", gettext("those still here")))
        values.append(long(curve.here))
    rows = [Row(at, (at, *(one[at] for one in values))) for at in range(months)]
    return Chart(
        "ramp",
        gettext("Ramp of sellers by month since start"),
        {
            "legend": {"data": names},
            "grid": {"top": 48},
            "xAxis": {"type": "category", "data": [str(at) for at in range(months)]},
            "yAxis": {"type": "value", "min": 0},
            "series": series,
        },
        sentence=gettext("Share of full productivity by whole month since start, made to rise; the"
                         " band holds four in five curves of reps drawn anew.")
        if is_learnt else gettext("Share of full productivity by whole month since start: an even"
                                  " ramp, assumed."),
        format=Format.PERCENT,
        table=Table(
            tuple(columns),
            rows, gettext("Ramp of sellers by month since start"), name="ramp-table", is_dense=True,
        ),
    )  # fmt: skip


def _ramp_note(found: Laws) -> list[str]:
    notes = []
    if found.is_learnt:
        notes.append(
            gettext("The learnt curve loses as much as an even ramp of %(days)s days. Capacity,"
                    " chances, fairness and quotas count with it.")
            % {"days": formats.number(found.ramp_days, 0)}
        )  # fmt: skip
    for role, people in found.roles:
        text = ngettext("%(role)s (%(n)s person): no bookings of their own, so no ramp is learnt.",
                        "%(role)s (%(n)s people): no bookings of their own, so no ramp is learnt.",
                        people)  # fmt: skip
        notes.append(text % {"role": gettext(ROLES.get(role, role)),
                             "n": formats.number(people, 0)})  # fmt: skip
    return notes


def _leavers(view: PlanView, found: Laws) -> Table:
    groups = [whole_group(found.leaving), *found.groups]
    rows = []
    for one in groups:
        state = Status(gettext("learnt"), Tone.GOOD)
        if one.law.is_pooled:
            state = Status(gettext("fewer than five: that of all sellers"), Tone.NEUTRAL)
        elif one.law.source is not Source.LEARNT:
            state = Status(gettext("stated"), Tone.WATCH)
        is_own = not one.law.is_pooled
        rows.append(
            Row(one.unit, (unit_label(one.unit, view.names), one.a_year, one.low, one.high,
                           one.law.reps if is_own else None, one.leavers if is_own else None,
                           state))
        )  # fmt: skip
    number = {"format": Format.NUMBER, "decimals": 0}
    return Table(
        (
            Column("unit", gettext("Group"), is_title=True),
            percent("a_year", gettext("Leave in a year")),
            percent("low", pgettext("interval", "from")),
            percent("high", pgettext("interval", "to")),
            Column("reps", gettext("Sellers seen"), **number, is_minor=True),  # type: ignore[arg-type]
            Column("leavers", gettext("Left"), **number),  # type: ignore[arg-type]
            Column("source", gettext("Source"), is_minor=True),
        ),
        rows,
        gettext("Who leaves, by group"),
        name="leavers",
        is_dense=True,
        note=gettext("Groups of five or more, with an interval of 80 %; never a person."),
    )


def _bands(found: Laws) -> Table:
    rows = []
    for at, band in enumerate(found.leaving.whole.bands):
        facts = {"first": formats.number(band.first, 0), "last": formats.number(band.last, 0)}
        span = (gettext("%(first)s months and more") if band.last is None
                else gettext("%(first)s to under %(last)s months")) % facts  # fmt: skip
        rows.append(Row(at, (span, band.hazard, band.low, band.high, band.leavers)))
    return Table(
        (
            Column("tenure", gettext("Tenure"), is_title=True),
            Column("hazard", gettext("Leave in a month"), Format.PERCENT, decimals=1),
            Column("low", pgettext("interval", "from"), Format.PERCENT, decimals=1),
            Column("high", pgettext("interval", "to"), Format.PERCENT, decimals=1),
            Column("leavers", gettext("Left"), Format.NUMBER, decimals=0),
        ),
        rows,
        gettext("By tenure, all sellers"),
        name="bands",
        is_dense=True,
    )


def _rates(view: PlanView, rates: tuple[UnitRate, ...], title: str) -> Table:
    currency = view.head.currency
    rows = []
    for one in rates:
        label = (
            gettext("without a segment") if one.unit == "-" else unit_label(one.unit, view.names)
        )
        law = one.law
        rows.append(
            Row(one.unit, (label, one.minor, one.low, one.high,
                           law.spread if law else None, law.luck if law else None,
                           one.years, one.reps))
        )  # fmt: skip
    is_team = any(one.unit == COMPANY for one in rates)
    apart = (
        percent("skill", gettext("Differs between reps"), is_minor=True),
        percent("luck", gettext("Differs from year to year"), is_minor=True),
    )
    columns = (
        Column("unit", title, is_title=True),
        money("minor", gettext("Booked per ramped FTE"), currency),
        money("low", gettext("One in ten below"), currency),
        money("high", gettext("One in ten above"), currency),
        *(apart if is_team else ()),
        Column("years", gettext("Ramped FTE-years"), Format.NUMBER, decimals=1),
        Column("reps", gettext("Sellers"), Format.NUMBER, decimals=0, is_minor=True),
    )
    if not is_team:
        rows = [Row(row.id, (*row.cells[:4], *row.cells[6:])) for row in rows]
    note = gettext("Last twelve complete months. No spread under five sellers.")
    if not is_team:
        note = gettext("Last twelve complete months; a seller's year is shared out by the deals"
                       " closed in each segment, won or lost.")  # fmt: skip
    return Table(
        columns, rows, title, name=f"rates-{'team' if is_team else 'segment'}", is_dense=True,
        empty=Empty(gettext("Fewer than twelve complete months of bookings"), icon="gauge"),
        note=note,
    )  # fmt: skip
