"""The frontier of a plan as a picture and as a table: moved against compact against balanced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.territories.contracts import Alternative, FrontierView, HandOver
from perilune.ui import formats
from perilune.ui.contracts import Cell, Chart, Column, Format, Row, Status, Table, Tone


def name_of(number: int) -> str:
    """Return what a point of the frontier is called."""
    if number == 0:
        return gettext("From scratch")
    return gettext("Option %(number)s") % {"number": number + 1}


def address_of(draft_id: int, number: int) -> str:
    """Return where a point is shown."""
    return f"{reverse('territories:rebalance', args=[draft_id])}?point={number}#hand-over"


def finding(view: FrontierView) -> str:
    """Return what the frontier says, in sentences."""
    chosen = view.points[view.chosen]
    facts = {
        "floor": formats.percent(view.floor, 1),
        "moved": formats.percent(chosen.moved, 1),
        "km": formats.number(_km(chosen), 1),
        "now": formats.number(_km(view.today), 1),
        "name": name_of(view.chosen),
        "scratch": formats.percent(view.points[0].moved, 1),
    }
    parts = []
    if view.floor > 0:
        parts.append(
            gettext("Whatever the map, %(floor)s of the workload must move: holders have too much.")
        )
    else:
        parts.append(gettext("No workload must move: nobody holds more than is allowed."))
    if not chosen.is_met:
        parts.append(gettext("No option found is within every tolerance."))
    parts.append(
        gettext(
            "“%(name)s” moves %(moved)s where a plan from scratch moves %(scratch)s; accounts are "
            "then typically %(km)s km from their centre, today %(now)s km."
        )
    )
    return " ".join(part % facts for part in parts)


def picture(view: FrontierView, draft_id: int, shown: int) -> Chart:
    """Return the frontier drawn: moved workload to the right, distance upwards."""
    links: dict[str, str] = {}

    def point(one: Alternative, label: str, number: int | None = None) -> dict[str, Any]:
        said = f"{label} · {_said(one)}"
        if number is not None:
            links[said] = address_of(draft_id, number)
        drawn: dict[str, Any] = {"name": said, "value": [_share(one.moved), round(_km(one), 2)]}
        if number == shown:
            drawn |= {"symbolSize": 16, "itemStyle": {"borderColor": "token:ink", "borderWidth": 2}}
        return drawn

    within, beyond = gettext("Within the tolerance"), gettext("Beyond the tolerance")
    today, draft, floor = gettext("Today"), gettext("The draft"), gettext("Must move")
    of = {"type": "scatter", "symbolSize": 11, "cursor": "pointer",
          "encode": {"x": 0, "y": 1, "tooltip": [1]}}  # fmt: skip
    both = list(enumerate(view.points))
    curve = sorted([_share(one.moved), round(_km(one), 2)] for one in view.points)
    line = {
        "symbol": "none", "silent": True, "data": [{"xAxis": _share(view.floor)}],
        "label": {"formatter": floor, "color": "token:ink-2", "position": "end"},
        "lineStyle": {"color": "token:act", "type": "dashed"},
    }  # fmt: skip
    options = {
        "legend": {"data": [within, beyond, today, draft], "type": "scroll"},
        "grid": {"top": 64, "bottom": 30, "left": 28, "right": 20},
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "name": gettext("Workload that changes hands, %"), "min": 0,
                  "nameLocation": "middle", "nameGap": 26},
        "yAxis": {"type": "value", "name": gettext("Typical distance, km"), "scale": True,
                  "nameLocation": "middle", "nameGap": 40},
        "series": [
            {"name": floor, "type": "line", "data": curve, "symbol": "none", "silent": True,
             "lineStyle": {"color": "token:line-strong", "width": 1},
             "tooltip": {"show": False}, "markLine": line},
            {"name": within, **of, "itemStyle": {"color": "token:cat-1"},
             "data": [point(one, name_of(at), at) for at, one in both if one.is_met]},
            {"name": beyond, **of, "symbol": "triangle", "itemStyle": {"color": "token:watch"},
             "data": [point(one, name_of(at), at) for at, one in both if not one.is_met]},
            {"name": today, **of, "symbol": "diamond", "symbolSize": 14,
             "itemStyle": {"color": "token:ink"}, "data": [point(view.today, today)]},
            {"name": draft, **of, "symbol": "rect", "symbolSize": 10,
             "itemStyle": {"color": "token:cat-3"}, "data": [point(view.draft, draft)]},
        ],
    }  # fmt: skip
    return Chart(
        "frontier",
        gettext("Moved against compact against balanced"),
        options,
        gettext("Further left moves less, further down is more compact; choose a point to see what "
                "it hands over."),
        height="large",
        links=links,
    )  # fmt: skip


def table(view: FrontierView, draft_id: int, shown: int) -> Table:
    """Return every point with its figures, today's plan and the draft first."""

    def cells(label: Any, one: Alternative, status: Status | None) -> list[Any]:
        off = Cell(one.deviation, tone=Tone.NEUTRAL if one.is_met else Tone.WATCH)
        cut = None if math.isnan(one.cut_off) else one.cut_off
        return [label, one.moved, one.moved_cost, _km(one), off, cut, status]

    rows = [
        Row("today", cells(gettext("Today"), view.today, None)),
        Row("draft", cells(gettext("The draft"), view.draft, None)),
    ]
    for at, one in enumerate(view.points):
        url = "" if view.is_stale else address_of(draft_id, at)
        status = None
        if at == view.taken:
            status = Status(gettext("is the draft"), Tone.GOOD)
        elif at == view.chosen:
            status = Status(gettext("suggested"), Tone.NEUTRAL)
        tone = Tone.NEUTRAL
        label = Cell(name_of(at), url=url)
        rows.append(Row(at, cells(label, one, status), is_selected=at == shown, tone=tone))
    return Table(
        (
            Column("way", gettext("Option"), is_title=True),
            Column("moved", gettext("Changes hands"), Format.PERCENT, decimals=1,
                   hint=gettext("Share of the workload held today.")),
            Column("cost", gettext("Cost of moving"), Format.PERCENT, decimals=1,
                   hint=gettext("Share of all that moving could break: open pipeline, bookings, "
                                "months with the rep.")),
            Column("km", gettext("Typical distance"), Format.NUMBER, unit="km", decimals=1,
                   hint=gettext("Root of the mean squared distance to the centre.")),
            Column("off", gettext("Furthest from the target"), Format.PERCENT, decimals=1),
            Column("cut", gettext("Cut off"), Format.PERCENT, decimals=1, is_minor=True,
                   hint=gettext("Accounts outside the main part of their territory; of today and "
                                "of the draft it is not measured.")),
            Column("status", gettext("Note")),
        ),
        rows,
        gettext("Options"),
        name="frontier",
        is_dense=True,
    )  # fmt: skip


def consequence(one: Alternative, found: Sequence[HandOver]) -> str:
    """Return what taking a point does."""
    said = ngettext(
        "%(n)s account changes hands with %(deals)s open deals; the workload that moves is "
        "%(moved)s.",
        "%(n)s accounts change hands with %(deals)s open deals; the workload that moves is "
        "%(moved)s.",
        len(found),
    )
    return said % {
        "n": formats.number(len(found), 0),
        "deals": formats.number(sum(row.open_deals for row in found), 0),
        "moved": formats.percent(one.moved, 1),
    }


def _said(one: Alternative) -> str:
    return gettext("%(moved)s moved, %(km)s km, off by %(off)s") % {
        "moved": formats.percent(one.moved, 1),
        "km": formats.number(_km(one), 1),
        "off": formats.percent(one.deviation, 1),
    }


def _km(one: Alternative) -> float:
    return math.sqrt(max(one.inertia, 0.0))


def _share(value: float) -> float:
    return round(100 * value, 2)
