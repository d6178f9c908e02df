"""The tables of the settings pages and homes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.kernel.calendar import Grain, Period
from perilune.people.contracts import Finding, TeamLoad
from perilune.people.queries import assignments_as_of, reps_as_of, teams_as_of
from perilune.people.web.forms import SELLING_ROLES
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Action, Cell, Column, Empty, Format, Row, Status, Table, Tone

_NAMES_SHOWN = 3


def quarter(request: PageRequest) -> Period:
    """Return the fiscal quarter of the as-of day."""
    return request.company.calendar.find(request.as_of.day, Grain.QUARTER)


def reps(request: PageRequest) -> Table:
    """Return the reps with their place on the as-of day."""
    day = request.as_of.day
    states = reps_as_of(request.as_of)
    team_names = {t: s["name"] or "" for t, s in teams_as_of(request.as_of).items()}
    held: dict[int, list[Any]] = {}
    for holding in assignments_as_of(request.as_of):
        if (holding.since or date.min) <= day <= (holding.until or date.max):
            held.setdefault(holding.rep_id, []).append(holding)
    rows = []
    for rep, state in sorted(states.items(), key=lambda item: (item[1]["name"] or "").lower()):
        theirs = held.get(rep, [])
        teams = ", ".join(team_names.get(h.team_id, "") for h in theirs if h.team_id is not None)
        managers = {h.manager_id for h in theirs if h.manager_id is not None}
        rows.append(
            Row(
                rep,
                (
                    state["name"],
                    teams,
                    ", ".join(states[m]["name"] or "" for m in managers if m in states),
                    sum(h.fte for h in theirs) if theirs else None,
                    state["hire_date"],
                    state["leave_date"],
                    _employment(state, day),
                ),
                url=reverse("people:rep", args=[rep]),
            )
        )
    return Table(
        caption=gettext("Reps"),
        columns=(
            Column("name", gettext("Name"), is_title=True),
            Column("team", gettext("Team")),
            Column("manager", gettext("Manager")),
            Column("fte", gettext("FTE"), Format.NUMBER, decimals=2),
            Column("hire_date", gettext("Hire date"), Format.DATE),
            Column("leave_date", gettext("Last day"), Format.DATE),
            Column("state", gettext("State")),
        ),
        rows=rows,
        empty=Empty(
            gettext("No reps yet"),
            gettext("Reps come with an import of deals or of a staff list, or are added by hand."),
            Action(gettext("Hire a rep"), reverse("people:rep_new")),
        ),
    )


def _employment(state: Mapping[str, Any], day: date) -> Status:
    if state["leave_date"] and state["leave_date"] < day:
        return Status(gettext("left"))
    if state["hire_date"] and state["hire_date"] > day:
        return Status(gettext("coming"), Tone.WATCH)
    if state["leave_date"]:
        return Status(gettext("leaving"), Tone.WATCH)
    return Status(gettext("here"), Tone.GOOD)


def assignments(
    request: PageRequest, rep_id: int, teams: Mapping[int, str], reps: Mapping[int, str]
) -> Table:
    """Return the assignments of a rep, latest first."""
    roles = {value: str(label) for value, label in SELLING_ROLES}
    theirs = [h for h in assignments_as_of(request.as_of) if h.rep_id == rep_id]
    theirs.sort(key=lambda h: h.since or date.min, reverse=True)
    return Table(
        caption=gettext("Assignments"),
        columns=(
            Column("since", gettext("From"), Format.DATE),
            Column("until", gettext("To"), Format.DATE),
            Column("team", gettext("Team")),
            Column("manager", gettext("Manager")),
            Column("role", gettext("Selling role")),
            Column("sells", gettext("Product family sold")),
            Column("fte", gettext("FTE"), Format.NUMBER, decimals=2),
        ),
        rows=[
            Row(
                h.assignment_id or 0,
                (
                    h.since,
                    h.until,
                    teams.get(h.team_id or 0, ""),
                    reps.get(h.manager_id or 0, ""),
                    roles.get(h.role, h.role),
                    h.product_family,
                    h.fte,
                ),
            )
            for h in theirs
        ],
        empty=Empty(gettext("No assignment"), gettext("This rep rolls up to «unassigned».")),
        name="assignments",
    )


def quotas(
    request: PageRequest,
    states: Mapping[int, dict[str, Any]],
    names: Mapping[str, Mapping[Any, str]],
) -> Table:
    """Return the quotas, latest period first."""
    ordered = sorted(states.values(), key=lambda q: (q["starts"], q["id"]), reverse=True)
    return Table(
        caption=gettext("Quotas"),
        columns=(
            Column("unit", gettext("Whose"), is_title=True),
            Column("starts", gettext("First day"), Format.DATE),
            Column("ends", gettext("Last day"), Format.DATE),
            Column("amount", gettext("Amount"), Format.MONEY, currency=request.company.currency),
            Column("level", gettext("Level")),
            Column("effective_from", gettext("In force from"), Format.DATE),
        ),
        rows=[
            Row(
                q["id"],
                (
                    _unit(q, names),
                    q["starts"],
                    q["ends"],
                    q["amount"],
                    names["level"].get(q["level"] or "operating", ""),
                    q["effective_from"],
                ),
                currency=q["currency"] or "",
            )
            for q in ordered
        ],
        empty=Empty(
            gettext("No quotas yet"),
            gettext("Without them there is no target to compare with."),
        ),
    )


def _unit(quota: Mapping[str, Any], names: Mapping[str, Mapping[Any, str]]) -> str:
    if quota["rep_id"] is not None:
        return names["rep"].get(quota["rep_id"], "")
    if quota["team_id"] is not None:
        return names["team"].get(quota["team_id"], "")
    return gettext("Company")


def loads(teams: Sequence[TeamLoad], period: str) -> Table:
    """Return the teams as a tree with their people."""
    return Table(
        caption=gettext("Teams in %(period)s") % {"period": period},
        columns=(
            Column("name", gettext("Team"), is_title=True),
            Column("reps", gettext("Reps"), Format.NUMBER, decimals=0),
            Column(
                "fte",
                gettext("FTE"),
                Format.NUMBER,
                decimals=1,
                hint=gettext("Average over the period, absence counted out"),
            ),
            Column("managers", gettext("Managers")),
            Column("span", gettext("Reps per manager"), Format.NUMBER, decimals=1),
            Column("coming", gettext("Hired"), Format.NUMBER, decimals=0),
            Column("leaving", gettext("Leaving"), Format.NUMBER, decimals=0),
            Column("away", gettext("Absent now"), Format.NUMBER, decimals=0),
        ),
        rows=[
            Row(
                load.team_id,
                (
                    load.name,
                    load.reps,
                    load.fte,
                    ", ".join(load.managers) or Status(gettext("vacant"), Tone.ACT),
                    load.span,
                    load.coming,
                    load.leaving,
                    load.away,
                ),
                level=load.depth,
            )
            for load in teams
        ],
        empty=Empty(
            gettext("No teams yet"),
            gettext("Teams come with an import of a staff list, or are added in the settings."),
        ),
        name="teams",
    )


def findings(found: Sequence[Finding], *, may_manage: bool) -> Table:
    """Return what wants an act, each with its first cases and the way there."""
    return Table(
        caption=gettext("What is missing or contradictory"),
        columns=(
            Column("label", gettext("What"), is_title=True),
            Column("count", gettext("How many"), Format.NUMBER, decimals=0),
            Column("cases", gettext("Which")),
            Column("hint", gettext("What to do")),
        ),
        rows=[
            Row(
                item.name,
                (
                    gettext(item.label),
                    Cell(item.count, tone=Tone.WATCH),
                    _cases(item),
                    gettext(item.hint),
                ),
                url=_way(item) if may_manage else "",
            )
            for item in found
        ],
        empty=Empty(
            gettext("Nothing is missing"),
            gettext("Every rep has a team, a manager and a quota for the period."),
        ),
        name="findings",
    )


def _cases(item: Finding) -> str:
    names = ", ".join(name for _case, name in item.cases[:_NAMES_SHOWN])
    return names + (" …" if len(item.cases) > _NAMES_SHOWN else "")


def _way(item: Finding) -> str:
    if item.name in ("no_target", "quotas_missing"):
        return reverse("people:quotas")
    if item.kind == "team":
        return reverse("people:teams")
    if len(item.cases) == 1:
        return reverse("people:rep", args=[item.cases[0][0]])
    return reverse("people:reps")
