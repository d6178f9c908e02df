"""Two plans side by side: figures by rep, and the accounts that they give to different reps."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.territories import queries
from perilune.territories.contracts import Compared, DraftView, Sheet, SheetRow
from perilune.territories.web import shown
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Link, PageHeader, Row, Table

MOST = 500
BUILT_IN = frozenset({"accounts", "pipeline", "bookings"})
"""Attributes that have a column of their own whether or not a plan balances them."""


@page(Right.DESIGN_TERRITORIES)
def index(request: PageRequest, draft_id: int) -> HttpResponse:
    """A plan beside another one that is chosen."""
    view = queries.draft(draft_id, request.scope, request.actor)
    others = [head for head in queries.drafts(request.scope, request.actor) if head.id != draft_id]
    text = request.GET.get("with", "")
    other_id = int(text) if text.isdigit() else (others[0].id if others else None)
    facts: dict[str, Any] = {
        "others": [(head.id, head.name) for head in others],
        "other": other_id,
        "back": reverse("territories:plan", args=[draft_id]),
    }
    finding = gettext("There is no other plan to compare it with: make a copy and change that.")
    if other_id is not None:
        other = queries.draft(other_id, request.scope, request.actor)
        found = queries.compare(draft_id, other_id, request.scope, request.actor)
        finding = _finding(found, view, other)
        facts |= {
            "summary": _summary(found, view, other),
            "reps": _reps(found, view, other),
            "differing": _differing(found, view, other),
        }
    facts["header"] = PageHeader(
        gettext("Compare plans"),
        finding=finding,
        back=Link(view.head.name, reverse("territories:plan", args=[draft_id])),
    )
    return render(request, "territories/compare.html", facts)


def _finding(found: Compared, view: DraftView, other: DraftView) -> str:
    count = len(found.differing)
    said = ngettext(
        "%(n)s account is with another rep in “%(other)s” than in “%(one)s”.",
        "%(n)s accounts are with another rep in “%(other)s” than in “%(one)s”.",
        count,
    )
    return said % {
        "n": formats.number(count, 0),
        "one": view.head.name,
        "other": other.head.name,
    }


def _summary(found: Compared, view: DraftView, other: DraftView) -> Table:
    """Return what the two plans are like as wholes."""
    one, two = found.one, found.other
    rows = [
        ("territories", gettext("Territories"), len(one.territories), len(two.territories), 0),
        ("moved", gettext("Accounts that change hands"), one.moved, two.moved, 0),
        (
            "beyond",
            gettext("Territories beyond their tolerance"),
            sum(not row.is_within for row in one.territories),
            sum(not row.is_within for row in two.territories),
            0,
        ),
        ("road", gettext("One round of visits, km"), one.total.road, two.total.road, 0),
        ("unassigned", gettext("Accounts in no territory"), one.unassigned, two.unassigned, 0),
    ]
    shares = [
        (
            "cost",
            gettext("Share of what moving them breaks"),
            one.moved_cost,
            two.moved_cost,
        ),
        *(
            (
                f"off{at}",
                gettext("Furthest from the target: %(what)s") % {"what": shown.title_of(attribute)},
                one.worst[at],
                two.worst[at] if at < len(two.worst) else None,
            )
            for at, attribute in enumerate(view.attributes)
            if at < len(one.worst)
        ),
    ]
    cells = [
        Row(key, (label, formats.number(a, places), formats.number(b, places)))
        for key, label, a, b, places in rows
    ]
    cells += [
        Row(key, (label, formats.percent(a, 1), formats.percent(b, 1) if b is not None else None))
        for key, label, a, b in shares
    ]
    return Table(
        (
            Column("what", gettext("Measure"), is_title=True),
            Column("one", view.head.name),
            Column("other", other.head.name),
        ),
        cells,
        gettext("The two plans"),
        name="summary",
    )


def _reps(found: Compared, view: DraftView, other: DraftView) -> Table:
    """Return each rep in both plans: accounts, loads that both balance, worth, quota, travel."""
    currency = found.one.currency
    mine = [one.key for one in view.attributes]
    keys = [one.key for one in other.attributes if one.key in mine and one.key not in BUILT_IN]
    labels = {one.key: one for one in view.attributes}

    def cells(row: SheetRow | None, plan: DraftView, sheet: Sheet) -> tuple[Any, ...]:
        if row is None:
            return (None,) * (len(keys) + 5 + len(shown.potential_columns(sheet)))
        places = [one.key for one in plan.attributes]
        loads = (row.values[places.index(key)] for key in keys)
        could = shown.potential_cells(sheet, row)
        return (row.accounts, *loads, row.pipeline, row.bookings, *could, row.road)

    def columns(name: str, plan: str, sheet: Sheet) -> tuple[Column, ...]:
        def money(key: str, label: str) -> Column:
            return Column(f"{name}_{key}", f"{label} · {plan}", Format.MONEY, currency=currency,
                          decimals=0)  # fmt: skip

        def plain(key: str, label: str, unit: str = "") -> Column:
            return Column(f"{name}_{key}", f"{label} · {plan}", Format.NUMBER, unit=unit,
                          decimals=0)  # fmt: skip

        return (
            plain("accounts", gettext("Accounts")),
            *(
                money(key, shown.title_of(labels[key]))
                if shown.is_money(labels[key])
                else plain(key, shown.title_of(labels[key]), labels[key].unit)
                for key in keys
            ),
            money("pipeline", gettext("Open pipeline")),
            money("bookings", gettext("Bookings of 12 months")),
            *shown.potential_columns(sheet, f"{name}_", plan),
            plain("road", gettext("Round"), "km"),
        )

    rows = []
    for row in found.reps:
        either = row.one or row.other
        quota = either.quota if either else None
        rows.append(
            Row(
                row.rep_id,
                (
                    row.rep,
                    quota,
                    *cells(row.one, view, found.one),
                    *cells(row.other, other, found.other),
                ),
            )
        )
    return Table(
        (
            Column("rep", gettext("Rep"), is_title=True),
            Column("quota", gettext("Quota"), Format.MONEY, currency=found.one.currency,
                   decimals=0),
            *columns("one", view.head.name, found.one),
            *columns("other", other.head.name, found.other),
        ),
        rows,
        gettext("Reps in both plans"),
        name="reps",
        is_dense=True,
        note=" ".join(
            f"{plan.head.name}: {said}"
            for plan, sheet in ((view, found.one), (other, found.other))
            if (said := shown.unknown_potential(sheet))
        ),
    )  # fmt: skip


def _differing(found: Compared, view: DraftView, other: DraftView) -> Table:
    rows = [
        Row(
            id_,
            (Cell(name, url=reverse("crm:record", args=["account", id_])), one, two),
        )
        for id_, name, one, two in found.differing[:MOST]
    ]
    note = ""
    if len(found.differing) > MOST:
        note = gettext("The first %(most)s of %(count)s.") % {
            "most": formats.number(MOST, 0),
            "count": formats.number(len(found.differing), 0),
        }
    return Table(
        (
            Column("account", gettext("Account"), is_title=True),
            Column("one", view.head.name),
            Column("other", other.head.name),
        ),
        rows,
        gettext("Accounts with different reps"),
        name="differing",
        is_dense=True,
        note=note,
        empty=Empty(gettext("Both plans give every account to the same rep"), "", icon="check"),
    )
