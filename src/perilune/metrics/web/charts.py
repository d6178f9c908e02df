"""The charts of the cockpit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import COMPONENT_LABELS, Bridge, BridgeLine, Component
from perilune.kernel.calendar import FiscalCalendar, Grain, Period
from perilune.ui import formats
from perilune.ui.contracts import Chart, Column, Format, Row, Table

Days = Sequence[dict[str, Any]]


def months_of(calendar: FiscalCalendar, first: date, until: date) -> list[Period]:
    """Return the months that touch a span."""
    return list(calendar.between(first, until, Grain.MONTH))


def sums(days: Days, periods: Sequence[Period]) -> list[int]:
    """Return the amount won in each period."""
    return [sum(row["amount"] for row in days if row["day"] in period) for period in periods]


def by_month(
    months: Sequence[Period], won: Sequence[int], quotas: Sequence[int | None], currency: str
) -> Chart:
    """Bookings of the last months against the quota."""
    names = [month.name for month in months]
    series: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": gettext("Won"),
            "data": list(won),
            "itemStyle": {"color": "token:won"},
        }
    ]
    if any(quotas):
        line = {"color": "token:target"}
        series.append(
            {"type": "line", "name": gettext("Target"), "data": list(quotas), "step": "middle",
             "symbol": "none", "lineStyle": line, "itemStyle": line}
        )  # fmt: skip
    best = max(range(len(won)), key=lambda at: won[at]) if won else 0
    sentence = (
        gettext("The strongest month was %(month)s with %(amount)s.")
        % {"month": names[best], "amount": formats.short_money(won[best], currency)}
        if won and won[best]
        else gettext("Nothing was won in these months.")
    )
    rows = [Row(n, [n, w, q]) for n, w, q in zip(names, won, quotas, strict=True)]
    return Chart(
        "won-by-month",
        gettext("Won by month"),
        {"xAxis": {"type": "category", "data": names}, "yAxis": {}, "series": series},
        sentence=sentence,
        format=Format.MONEY,
        currency=currency,
        height="small",
        table=_table((gettext("Month"), gettext("Won"), gettext("Target")), rows, currency),
    )


def by_stage(stages: Sequence[dict[str, Any]], currency: str) -> Chart | None:
    """Open deals by stage."""
    names = list(dict.fromkeys(row["stage"] for row in stages))
    if not names:
        return None
    total = {name: sum(r["value"] for r in stages if r["stage"] == name) for name in names}
    count = {name: sum(r["n"] for r in stages if r["stage"] == name) for name in names}
    labels = [name or gettext("No stage") for name in names]
    largest = max(names, key=lambda name: total[name])
    return Chart(
        "open-by-stage",
        gettext("Open pipeline by stage"),
        {
            "xAxis": {"type": "value"},
            "yAxis": {"type": "category", "data": labels, "inverse": True},
            "series": [
                {
                    "type": "bar",
                    "data": [total[n] for n in names],
                    "itemStyle": {"color": "token:open"},
                }
            ],
        },
        sentence=gettext("Most value lies in %(stage)s: %(amount)s.")
        % {
            "stage": largest or gettext("No stage"),
            "amount": formats.short_money(total[largest], currency),
        },
        format=Format.MONEY,
        currency=currency,
        height="small",
        table=_table(
            (gettext("Stage"), gettext("Value"), gettext("Deals")),
            [Row(n, [label, total[n], count[n]]) for n, label in zip(names, labels, strict=True)],
            currency,
            last=Format.NUMBER,
        ),
    )


def cumulative(
    days: Days, period: Period, before: Period, until: date, *, target: int | None, currency: str
) -> Chart:
    """Bookings of the period day by day beside the period before, and the target."""
    axis = list(range(1, max(period.days, before.days) + 1))
    now = _running(days, period, until)
    then = _running(days, before, before.end)
    series: list[dict[str, Any]] = [
        _line(period.name, now, "token:won", 2),
        _line(before.name, then, "token:muted", 1),
    ]
    if target is not None:
        series.append(_line(gettext("Target"), [target] * len(axis), "token:target", 1))
    return Chart(
        "cumulative",
        gettext("Cumulative bookings"),
        {
            "legend": {},
            "xAxis": {"type": "category", "data": axis},
            "yAxis": {},
            "series": series,
        },
        sentence=gettext("Day %(day)s: %(now)s, the period before had %(then)s.")
        % {
            "day": len(now),
            "now": formats.short_money(now[-1] if now else 0, currency),
            "then": formats.short_money(_at(then, len(now)), currency),
        },
        format=Format.MONEY,
        currency=currency,
        height="small",
    )


def _running(days: Days, period: Period, until: date) -> list[int]:
    by_day = {row["day"]: row["amount"] for row in days}
    total, course = 0, []
    for ordinal in range(period.start.toordinal(), min(period.end, until).toordinal() + 1):
        total += by_day.get(date.fromordinal(ordinal), 0)
        course.append(total)
    return course


def _at(course: Sequence[int], length: int) -> int:
    return course[min(length, len(course)) - 1] if course and length else 0


def _line(name: str, data: Sequence[int], colour: str, width: int) -> dict[str, Any]:
    style = {"color": colour}
    return {"type": "line", "name": name, "data": list(data), "symbol": "none",
            "lineStyle": style | {"width": width}, "itemStyle": style}  # fmt: skip


def week(found: Bridge, currency: str, period: Period) -> Chart:
    """What changed since a week ago: the steps alone, for the opening would dwarf them."""
    total = found.total
    causes = [gettext(COMPONENT_LABELS[line.component]) for line in total.lines]
    rows = [
        Row(line.component, [cause, line.value, line.count])
        for line, cause in zip(total.lines, causes, strict=True)
    ]
    titles = (gettext("Cause"), gettext("Value"), gettext("Deals"))
    bars = [
        {
            "value": line.value,
            "itemStyle": {"color": _colour(line)},
        }
        for line in total.lines
    ]
    return Chart(
        "week",
        gettext("Since a week ago"),
        {
            "xAxis": {"type": "value"},
            "yAxis": {"type": "category", "data": causes, "inverse": True},
            "series": [{"type": "bar", "name": gettext("Value"), "data": bars}],
        },
        sentence=gettext("The open value expected in %(period)s went from %(before)s to %(after)s.")
        % {
            "period": period.name,
            "before": formats.short_money(total.opening, currency),
            "after": formats.short_money(total.closing, currency),
        },
        format=Format.MONEY,
        currency=currency,
        height="small",
        table=_table(titles, rows, currency, last=Format.NUMBER),
    )


def _colour(line: BridgeLine) -> str:
    # a win leaves the open value too, and is no loss
    if line.component is Component.WON:
        return "token:won"
    return "token:good" if line.value >= 0 else "token:act"


def _table(
    titles: tuple[str, str, str], rows: list[Row], currency: str, last: Format = Format.MONEY
) -> Table:
    return Table(
        [
            Column("name", titles[0], is_title=True),
            Column("value", titles[1], Format.MONEY, currency=currency),
            Column("other", titles[2], last, currency=currency if last is Format.MONEY else ""),
        ],
        rows,
        titles[0],
        is_dense=True,
    )
