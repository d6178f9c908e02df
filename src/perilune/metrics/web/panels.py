"""What metrics shows on the homes of the sales-ops roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.queries import top_risks
from perilune.kernel.calendar import Grain
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import Panel
from perilune.metrics import queries
from perilune.metrics.web import tables, words
from perilune.people.queries import teams_below
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Column, Empty, Format, Link, Row, Status, Table, Tone

HEALTH = {
    "without_account": _("Deals without an account"),
    "without_owner": _("Deals without an owner"),
    "without_stage": _("Deals in an unknown stage"),
    "without_created": _("Deals without a creation date"),
    "won_without_amount": _("Won deals without an amount"),
    "without_rate": _("Deals whose currency has no rate"),
    "open_without_date": _("Open deals without a close date"),
    "open_without_amount": _("Open deals without an amount"),
    "overdue": _("Open deals whose close date has passed"),
}
"""English msgids of what may be missing, the gravest first."""
LACKS = {
    "lacks_account": _("account"),
    "lacks_owner": _("owner"),
    "lacks_date": _("close date"),
    "lacks_stage": _("stage"),
    "is_overdue": _("close date has passed"),
}


def panels() -> list[Panel]:
    """Return the panels that `site.wiring` registers."""
    return [
        Panel("metrics.risks", "home.director", 30, _risks),
        Panel("metrics.health", "home.analyst", 20, _health),
        Panel("metrics.load", "home.ops_manager", 30, _load),
        Panel("metrics.tasks", "home.ops_rep", 10, _tasks),
        Panel("metrics.repair", "home.ops_rep", 20, _repair),
    ]


def _shown(title: str, table: Table, link: Link | None = None, width: int = 12) -> str:
    facts = {"title": title, "table": table, "link": link, "width": width}
    return render_to_string("metrics/panel.html", facts)


def _risks(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = top_risks(request.as_of, request.scope)
    quarter = request.company.calendar.find(request.as_of.day, Grain.QUARTER)
    link = Link(gettext("All risks"), reverse("forecasting:risks", args=[quarter.name]))
    return _shown(gettext("Top risks"), tables.risks(found, request.company.currency), link)


def _health(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = queries.data_health(request.as_of, request.scope)
    rows = [
        Row(name, [gettext(label), found[name], _share(name, found)])
        for name, label in HEALTH.items()
        if found[name]
    ]
    columns = [
        Column("what", gettext("What is missing"), is_title=True),
        Column("count", gettext("Deals"), Format.NUMBER, decimals=0),
        Column("share", gettext("Share"), Format.PERCENT),
    ]
    empty = Empty(gettext("Nothing is missing"), gettext("Every deal has what figures need."))
    return _shown(
        gettext("Data health"),
        Table(columns, rows, gettext("Data health"), empty=empty, is_dense=True, name="health"),
        Link(gettext("Deals"), words.deals_url()),
        width=6,
    )


def _share(name: str, found: Mapping[str, int]) -> float | None:
    base = found["open_deals"] if name.startswith("open_") or name == "overdue" else found["deals"]
    return found[name] / base if base else None


def _load(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = {row["team_id"]: row for row in queries.activity_load(request.as_of, request.scope)}
    currency = request.company.currency
    columns = [
        Column("team", gettext("Team"), is_title=True),
        Column("reps", gettext("Reps"), Format.NUMBER, decimals=0),
        Column("deals", gettext("Open deals"), Format.NUMBER, decimals=0),
        Column("per_rep", gettext("Per rep"), Format.NUMBER, decimals=1),
        Column("value", gettext("Value"), Format.MONEY, currency=currency, decimals=0),
        Column("activities", gettext("Activities, 7 days"), Format.NUMBER, decimals=0),
        Column("late", gettext("Late tasks"), Format.NUMBER, decimals=0),
    ]
    # people as the table of teams beside it counts them, work with that of the teams below
    rows = [
        _load_row(
            load.team_id,
            load.name,
            load.reps,
            load.depth,
            [found[t] for t in teams_below(load.team_id, request.as_of) if t in found],
        )
        for load in context["loads"]
    ]
    if None in found:
        own = found[None]
        rows.append(_load_row(0, gettext("Unassigned"), own["reps"], 0, [own]))
    table = Table(columns, rows, gettext("Load by team"), is_dense=True, name="load")
    return _shown(gettext("Open deals and activities by team"), table)


def _load_row(
    team_id: int, name: str, reps: int, depth: int, carried: Sequence[Mapping[str, Any]]
) -> Row:
    def total(column: str) -> int:
        return sum(row[column] for row in carried)

    deals = total("deals")
    cells = [
        name,
        reps,
        deals,
        deals / reps if reps else None,
        total("value"),
        total("activities"),
        total("overdue_tasks"),
    ]
    return Row(team_id, cells, level=depth)


def _tasks(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = queries.todays_tasks(request.as_of, request.scope)
    columns = [
        Column("subject", gettext("Task"), is_title=True),
        Column("account", gettext("Account"), is_minor=True),
        Column("owner", gettext("Owner"), is_minor=True),
        Column("due", gettext("Due"), Format.DATE),
        Column("late", gettext("Days late"), Format.NUMBER, decimals=0),
    ]
    rows = [
        Row(
            row["id"],
            [
                row["subject"] or gettext("Task"),
                row["account"],
                row["owner"],
                row["due"],
                row["days_late"],
            ],
            url=words.record_url(row["id"], "activity"),
        )
        for row in found
    ]
    empty = Empty(gettext("No task is due"), gettext("Tasks that are due and not done come here."))
    table = Table(columns, rows, gettext("Tasks due"), empty=empty, is_dense=True, name="tasks")
    return _shown(gettext("Tasks due"), table)


def _repair(request: PageRequest, context: Mapping[str, Any]) -> str:
    found = queries.to_repair(request.as_of, request.scope)
    columns = [
        Column("deal", gettext("Deal"), is_title=True),
        Column("owner", gettext("Owner"), is_minor=True),
        Column(
            "value", gettext("Value"), Format.MONEY, currency=request.company.currency, decimals=0
        ),
        Column("lacks", gettext("To repair")),
    ]
    rows = [
        Row(
            row["id"],
            [row["name"], row["owner"], row["value"], Status(_lacks(row), Tone.WATCH)],
            url=words.record_url(row["id"]),
        )
        for row in found
    ]
    empty = Empty(gettext("Nothing to repair"), gettext("Every open deal has what figures need."))
    table = Table(
        columns, rows, gettext("Deals to repair"), empty=empty, is_dense=True, name="repair"
    )
    return _shown(gettext("Deals to repair, most valuable first"), table)


def _lacks(row: Mapping[str, Any]) -> str:
    parts: Sequence[str] = [gettext(label) for name, label in LACKS.items() if row[name]]
    return ", ".join(parts)
