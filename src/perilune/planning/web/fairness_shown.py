"""What the page of a plan's fairness shows: figures, charts, those that stand out, every rep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from math import log
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.planning.contracts import (
    OUTLIER_LABELS,
    AttainmentBand,
    Attainments,
    PlanView,
    QuotaRow,
)
from perilune.planning.contracts.fairness import LEAST_RAMPED, WHOLE_YEAR
from perilune.planning.engine.fairness import FAR, FAR_BOOKED
from perilune.planning.queries.fairness import QuotaFairness
from perilune.planning.queries.words import unit_label
from perilune.planning.web.plan_columns import money, percent
from perilune.ui import formats
from perilune.ui.contracts import (
    Chart,
    Column,
    Empty,
    Format,
    Kpi,
    Link,
    Row,
    Status,
    Table,
    Tone,
)

ON_BOOKED = 6
"""Place of quota to bookings in the cells of a rep."""


def finding(found: QuotaFairness) -> str:
    """Return the one sentence: how many stand out, and what is expected."""
    count = len(found.outliers)
    text = ngettext("%(n)s of %(all)s quotas stands out.", "%(n)s of %(all)s quotas stand out.",
                    count)  # fmt: skip
    said = text % {"n": formats.number(count, 0), "all": formats.number(len(found.rows), 0)}
    if found.spread_out is None:
        return said
    share = formats.percent(found.spread_out.whole.over, 0)
    return f"{said} " + gettext("%(share)s of the reps are expected over 100 %%.") % {
        "share": share
    }


def kpis(view: PlanView, found: QuotaFairness) -> list[Kpi]:
    """Return feasibility, what is expected, how even quotas lie."""
    currency = view.head.currency
    feasible = found.street / found.potential if found.potential else None
    unknown = ngettext("%(n)s account unknown", "%(n)s accounts unknown", found.unknown)
    basis = gettext("%(street)s on %(potential)s of the reps' accounts; %(unknown)s") % {
        "street": formats.short_money(found.street, currency),
        "potential": formats.short_money(found.potential, currency) if found.potential else "–",
        "unknown": unknown % {"n": formats.number(found.unknown, 0)},
    }
    shown = [
        Kpi(gettext("Street quotas to potential"), feasible, Format.PERCENT, decimals=0,
            detail=basis, status=_feasible(feasible)),
    ]  # fmt: skip
    if found.target is not None and found.all_potential:
        shown.append(
            Kpi(gettext("Operating target to potential"), found.target / found.all_potential,
                Format.PERCENT, decimals=0,
                detail=gettext("of every account of the company: %(potential)s") % {
                    "potential": formats.short_money(found.all_potential, currency)})
        )  # fmt: skip
    if found.spread_out is not None:
        whole = found.spread_out.whole
        facts = {"p10": formats.percent(whole.p10, 0), "p90": formats.percent(whole.p90, 0)}
        shown.append(
            Kpi(gettext("Reps expected over 100 %"), whole.over, Format.PERCENT, decimals=0,
                detail=gettext("attainment p10 %(p10)s, p90 %(p90)s") % facts)
        )  # fmt: skip
    facts = {
        "spread": formats.percent(found.measured.spread, 0),
        "gini": formats.number(found.measured.gini, 2),
    }
    shown.append(
        Kpi(gettext("Quota to potential, the middle"), found.on_potential, Format.PERCENT,
            decimals=0,
            detail=gettext("standard deviation %(spread)s of the mean; Gini %(gini)s (0: all"
                           " alike)") % facts)
    )  # fmt: skip
    return shown


def _feasible(ratio: float | None) -> Status | None:
    if ratio is None:
        return None
    if ratio > 1:
        return Status(gettext("beyond the potential"), Tone.ACT)
    return Status(gettext("within the potential"), Tone.GOOD)


def scatter(view: PlanView, found: QuotaFairness) -> Chart:
    """Return a dot a rep: quota against potential, and the line of the middle ratio."""
    currency = view.head.currency
    shown = [row for row in found.rows if row.potential and row.quota]

    def dots(rows: Sequence[QuotaRow]) -> list[dict[str, Any]]:
        return [
            {"name": unit_label(row.unit, view.names), "value": [row.potential, row.quota]}
            for row in rows
        ]

    top = max((row.potential or 0 for row in shown), default=0)
    ratio = found.on_potential or 0.0
    rows = [
        Row(at, (unit_label(row.unit, view.names), row.potential, row.quota, row.on_potential))
        for at, row in enumerate(shown)
    ]
    return Chart(
        "fairness",
        gettext("Quota against potential, a dot a rep"),
        {
            "legend": {},
            "tooltip": {"trigger": "item"},
            "xAxis": {"type": "value", "name": gettext("Potential"), "nameLocation": "middle",
                      "nameGap": 26},
            "yAxis": {"type": "value", "name": gettext("Quota")},
            "grid": {"bottom": 24, "top": 48},
            "series": [
                {"type": "scatter", "name": gettext("In line"), "symbolSize": 9,
                 "data": dots([row for row in shown if not row.outliers]),
                 "itemStyle": {"color": "token:cat-1", "opacity": 0.75}},
                {"type": "scatter", "name": gettext("Stands out"), "symbolSize": 11,
                 "symbol": "diamond", "data": dots([row for row in shown if row.outliers]),
                 "itemStyle": {"color": "token:cat-2"}},
                {"type": "line", "name": gettext("The middle"), "symbol": "none",
                 "data": [[0, 0], [top, round(top * ratio)]],
                 "lineStyle": {"type": "dashed"}, "itemStyle": {"color": "token:ink-3"}},
            ],
        },
        sentence=gettext("A dot above the dashed line has more quota for its potential than the "
                         "middle rep."),
        format=Format.MONEY,
        currency=currency,
        height="large",
        table=Table(
            (
                Column("rep", gettext("Rep"), is_title=True),
                money("potential", gettext("Potential"), currency),
                money("quota", gettext("Quota"), currency),
                percent("ratio", gettext("Quota to potential")),
            ),
            rows, gettext("Quota against potential"), name="fairness-table",
        ),
    )  # fmt: skip


def histogram(found: Attainments) -> Chart:
    """Return the share of simulated rep-years by band of attainment."""
    edges = [formats.percent(float(edge), 0) for edge in found.edges]
    labels = [
        gettext("%(low)s to %(high)s") % {"low": low, "high": high} for low, high in pairwise(edges)
    ]
    labels = [gettext("under %(high)s") % {"high": edges[1]}, *labels[1:]]
    labels.append(gettext("from %(low)s on") % {"low": edges[-1]})
    tones = ["cat-2" if edge < 1 else "cat-3" for edge in found.edges.tolist()]
    rows = [
        Row(at, pair) for at, pair in enumerate(zip(labels, found.shares.tolist(), strict=True))
    ]
    return Chart(
        "attainment",
        gettext("Expected attainment"),
        {
            "xAxis": {"type": "category", "data": labels},
            "yAxis": {"type": "value", "min": 0},
            "series": [
                {"type": "bar", "name": gettext("Share of rep-years"), "barCategoryGap": "12%",
                 "data": [
                     {"value": round(share, 4), "itemStyle": {"color": f"token:{tone}"}}
                     for share, tone in zip(found.shares.tolist(), tones, strict=True)
                 ]},
            ],
        },
        sentence=gettext("%(paths)s simulated years of %(reps)s reps: departures, ramps, luck, and "
                         "what each booked before as far as it lasts.") % {
            "paths": formats.number(found.paths, 0), "reps": formats.number(found.whole.reps, 0),
        },
        format=Format.PERCENT,
        table=Table(
            (Column("band", gettext("Attainment"), is_title=True),
             percent("share", gettext("Share of rep-years"))),
            rows, gettext("Expected attainment"), name="attainment-table",
        ),
    )  # fmt: skip


def bands(view: PlanView, found: Attainments) -> Table:
    """Return where attainment lies, of the whole and of teams of five reps or more (rule 26)."""

    def cells(label: str, band: AttainmentBand) -> tuple[Any, ...]:
        return (label, band.reps, band.p10, band.p50, band.p90, band.over)

    rows = [Row("whole", cells(gettext("All reps"), found.whole))]
    rows += [Row(one.unit, cells(unit_label(one.unit, view.names), one)) for one in found.teams]
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            Column("reps", gettext("Reps"), Format.NUMBER, decimals=0),
            percent("p10", "p10"),
            percent("p50", "p50"),
            percent("p90", "p90"),
            percent("over", gettext("Over quota")),
        ),
        rows,
        gettext("Expected attainment by team"),
        name="attainment-bands",
        is_dense=True,
        note=gettext("Teams of five reps or more: a smaller one would be about persons."),
    )


def outliers(view: PlanView, found: QuotaFairness) -> Table:
    """Return those that stand out with the reason, the farthest from the middle first."""

    def distance(row: QuotaRow) -> float:
        pairs = ((row.on_potential, found.on_potential), (row.on_booked, found.on_booked))
        return max((abs(log(one / middle)) for one, middle in pairs if one and middle), default=9.0)

    rows = [
        Row(at, (unit_label(row.unit, view.names), unit_label(row.team, view.names), row.quota,
                 row.on_potential, on_booked(row), words(row)))
        for at, row in enumerate(sorted(found.outliers, key=distance, reverse=True))
    ]  # fmt: skip
    facts = {
        "far": formats.number(FAR, 1),
        "far_booked": formats.number(FAR_BOOKED, 1),
        "potential": formats.percent(found.on_potential, 0),
        "booked": formats.percent(found.on_booked, 0),
    }
    return Table(
        (
            Column("rep", gettext("Rep"), is_title=True),
            Column("team", gettext("Team"), is_minor=True),
            money("quota", gettext("Quota"), view.head.currency),
            percent("on_potential", gettext("Quota to potential")),
            percent("on_booked", gettext("Quota to bookings")),
            Column("why", gettext("Why it stands out")),
        ),
        rows,
        gettext("Quotas that stand out"),
        name="fairness-outliers",
        is_dense=True,
        note=gettext(
            "The middle rep has %(potential)s of the potential and %(booked)s of the bookings of "
            "the year before; what is %(far)s or %(far_booked)s times as much or as little stands "
            "out."
        )
        % facts
        + " "
        + whole_year_note(),
        empty=Empty(gettext("No quota stands out"), icon="circle-check"),
    )


def on_booked(row: QuotaRow) -> float | Status | None:
    """Return quota to bookings, or that a rep has no whole year behind them."""
    if row.is_whole_year or row.is_planned or not row.quota:
        return row.on_booked
    return Status(gettext("less than a year"), Tone.NEUTRAL)


def whole_year_note() -> str:
    """Return from which presence on bookings are compared."""
    return gettext(
        "Less than a year: under %(share)s of the twelve months with a selling seat, or under"
        " %(fte)s ramped FTE in them; such a quota is not compared with bookings."
    ) % {
        "share": formats.percent(WHOLE_YEAR, 0),
        "fte": formats.number(LEAST_RAMPED, 1),
    }


def words(row: QuotaRow) -> str:
    """Return why a quota stands out."""
    return ", ".join(gettext(OUTLIER_LABELS[kind]) for kind in row.outliers)


def columns(currency: str, *, chances: bool) -> tuple[Column, ...]:
    """Return the columns of the table of all reps; chances: of those one may read."""
    found = [
        Column("rep", gettext("Rep"), is_title=True),
        money("quota", gettext("Quota"), currency),
        Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0, is_minor=True),
        money("potential", gettext("Potential"), currency),
        percent("on_potential", gettext("Quota to potential")),
        money("booked", gettext("Bookings of twelve months"), currency),
        percent("on_booked", gettext("Quota to bookings")),
        Column("there", gettext("Ramped FTE"), Format.NUMBER, decimals=1, is_minor=True),
    ]
    if chances:
        found.append(percent("chance", gettext("Chance of 100 %")))
    return (*found, Column("why", gettext("Stands out"), is_minor=True))


def table(
    view: PlanView, found: QuotaFairness, personal: Collection[int], *, may_export: bool
) -> Table:
    """Return every rep below their team; the team's row sums its reps'."""
    shown = chances_of(view, found, personal)
    rows = []
    for team in dict.fromkeys(row.team for row in found.rows):
        mine = [row for row in found.rows if row.team == team]
        cells = list(_cells(unit_label(team, view.names), _sum(team, mine), None, shown))
        cells[ON_BOOKED] = _of_whole_years(mine)
        rows.append(Row(team, tuple(cells)))
        rows += [
            Row(row.unit, _cells(unit_label(row.unit, view.names), row, shown.get(row.unit),
                                 shown), level=1)
            for row in mine
        ]  # fmt: skip
    address = reverse("planning:fairness_export", args=[view.head.id])
    notes = []
    if not found.booked_known:
        notes.append(gettext("Bookings of the twelve months before are not known whole."))
    notes.append(whole_year_note())
    notes.append(gettext("A team's quota to bookings is that of its other reps."))
    notes.append(gettext("A chance is shown of whom you may read personal measures (rule 26)."))
    return Table(
        columns(view.head.currency, chances=bool(shown)),
        rows,
        gettext("Quota, potential and bookings by rep"),
        name="fairness-reps",
        is_dense=True,
        note=" ".join(notes),
        export_urls=[Link("Excel", address)] if may_export else [],
    )


def chances_of(view: PlanView, found: QuotaFairness, personal: Collection[int]) -> dict[str, float]:
    """Return the chance to reach the quota of those whose personal measures one may read."""
    if found.spread_out is None:
        return {}
    units = view.content.units
    return {
        unit: chance
        for unit, chance in found.spread_out.chance.items()
        if unit in units and units[unit].number in personal
    }


def export_rows(
    view: PlanView, found: QuotaFairness, personal: Collection[int]
) -> list[tuple[Any, ...]]:
    """Return the reps as the workbook holds them."""
    shown = chances_of(view, found, personal)
    return [
        (unit_label(row.team, view.names),
         *_cells(unit_label(row.unit, view.names), row, shown.get(row.unit), shown))
        for row in found.rows
    ]  # fmt: skip


def _sum(team: str, rows: Sequence[QuotaRow]) -> QuotaRow:
    known = [row.potential for row in rows if row.potential is not None]
    return QuotaRow(
        team, "",
        quota=sum(row.quota or 0 for row in rows) or None,
        accounts=sum(row.accounts for row in rows),
        unknown=sum(row.unknown for row in rows),
        potential=sum(known) if known else None,
        booked=sum(row.booked for row in rows),
        there=sum(row.there for row in rows),
    )  # fmt: skip


def _of_whole_years(rows: Sequence[QuotaRow]) -> float | None:
    """Return quota to bookings of those with a whole year behind them, None of nobody."""
    known = [row for row in rows if row.on_booked is not None]
    booked = sum(row.booked for row in known)
    return sum(row.quota or 0 for row in known) / booked if booked else None


def _cells(
    label: str, row: QuotaRow, chance: float | None, shown: dict[str, float]
) -> tuple[Any, ...]:
    cells = (label, row.quota, row.accounts, row.potential, row.on_potential, row.booked,
             on_booked(row), row.there)  # fmt: skip
    return (*cells, chance, words(row)) if shown else (*cells, words(row))
