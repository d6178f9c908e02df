"""Targets by account: the grid that is typed into, the sheet, sums by rep."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import AccountTarget, Level, PlanView
from perilune.planning.queries.account_targets import AccountTargets
from perilune.planning.queries.words import unit_label
from perilune.planning.web import plan_shown
from perilune.planning.web.plan_columns import excel, money
from perilune.ui import formats
from perilune.ui.contracts import (
    Choice,
    Column,
    Empty,
    Filter,
    FilterBar,
    Format,
    Grid,
    GridCell,
    GridRow,
    Row,
    Status,
    Table,
    Tone,
)

MOST = 100
"""Accounts that the grid shows at a time."""
NOBODY = "0"


def finding(view: PlanView, found: AccountTargets) -> str:
    """Return how many accounts have a target, what they sum to, and what is off."""
    typed = sum(row.typed is not None for row in found.rows)
    if not typed:
        return gettext("No account has a target yet: type them, or send a sheet.")
    text = ngettext("%(n)s account has a target, %(sum)s in all.",
                    "%(n)s accounts have a target, %(sum)s in all.", typed)  # fmt: skip
    total = formats.short_money(found.typed, view.head.currency)
    parts = [text % {"n": formats.number(typed, 0), "sum": total}]
    above = sum(row.is_above for row in found.rows)
    if above:
        text = ngettext("%(n)s target is above potential.", "%(n)s targets are above potential.",
                        above)  # fmt: skip
        parts.append(text % {"n": formats.number(above, 0)})
    if found.unheld:
        text = gettext("%(sum)s of it is in months in which nobody holds the account.")
        parts.append(text % {"sum": formats.short_money(found.unheld, view.head.currency)})
    if found.gone:
        text = ngettext("%(n)s account with a target is not known any more.",
                        "%(n)s accounts with a target are not known any more.",
                        len(found.gone))  # fmt: skip
        parts.append(text % {"n": formats.number(len(found.gone), 0)})
    return " ".join(parts)


def chosen(request: PageRequest, found: AccountTargets) -> list[AccountTarget]:
    """Return the accounts that the address asks for; those above potential first, then by name."""
    reps = set(request.GET.getlist("rep"))
    text = request.GET.get("q", "").strip().casefold()
    rows = [
        row
        for row in found.rows
        if (not reps or str(row.rep) in reps) and (not text or text in row.name.casefold())
    ]
    return sorted(rows, key=lambda row: (not row.is_above, row.name.casefold(), row.account))


def filters(request: PageRequest, view: PlanView, found: AccountTargets) -> FilterBar:
    """Return the filter by who holds an account on the first day."""
    picked = set(request.GET.getlist("rep"))
    counts: dict[int, int] = {}
    for row in found.rows:
        counts[row.rep] = counts.get(row.rep, 0) + 1
    offered = [
        Choice(str(rep), rep_name(view, rep), str(rep) in picked, count)
        for rep, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]
    summary = ", ".join(one.label for one in offered if one.is_selected)
    return FilterBar(
        [Filter("rep", gettext("Rep"), "choice", "", offered, summary=summary)],
        query=request.GET.get("q", ""), query_label=gettext("Name of the account"),
        reset_url=request.path if picked or request.GET.get("q") else "",
    )  # fmt: skip


def grid(request: PageRequest, view: PlanView, rows: Sequence[AccountTarget]) -> Grid:
    """Return accounts with their target to type, what they carry, and what they could bring."""
    head, currency = view.head, view.head.currency
    can = plan_shown.may_edit(request, head)
    notes = [gettext("A typed target is kept; the rest of a rep's quota goes to their other"
                     " accounts by potential.")]  # fmt: skip
    if len(rows) > MOST:
        notes.append(
            gettext("The first %(shown)s of %(all)s accounts: choose a rep or take the sheet.")
            % {"shown": formats.number(MOST, 0), "all": formats.number(len(rows), 0)}
        )
    return Grid(
        (
            Column("account", gettext("Account")),
            money("target", gettext("Target"), currency),
            money("shared", gettext("Carries of the quota"), currency),
            money("potential", gettext("Potential"), currency),
            money("booked", gettext("Bookings of twelve months"), currency),
        ),
        [_line(view, row, can=can) for row in rows[:MOST]],
        gettext("Targets by account"),
        name=f"accounts-{head.id}",
        save_url=reverse("planning:plan_accounts_save", args=[head.id]) if can else "",
        save_label=gettext("Save the targets"),
        hidden={"edition": str(head.edition)},
        note=" ".join(notes),
        export_urls=excel(request, head.id, "accounts", request.GET.urlencode()),
    )


def _line(view: PlanView, row: AccountTarget, *, can: bool) -> GridRow:
    currency = view.head.currency
    typed = "" if row.typed is None else str(formats.major(row.typed, currency))
    field = f"account|{row.account}" if can else ""
    return GridRow(
        str(row.account),
        row.name or f"#{row.account}",
        (
            GridCell(row.typed, field=field, typed=typed),
            GridCell(row.shared),
            GridCell(row.potential),
            GridCell(row.booked),
        ),
        under=rep_name(view, row.rep),
        status=Status(gettext("target above potential"), Tone.WATCH) if row.is_above else None,
        is_sum=False,
    )


def sheet(view: PlanView, rows: Sequence[AccountTarget]) -> Table:
    """Return accounts in the layout that a sheet of account targets is read in."""
    currency = view.head.currency
    return Table(
        (
            Column("number", gettext("Account no."), Format.NUMBER, decimals=0),
            Column("account", gettext("Account")),
            Column("rep", gettext("Rep")),
            money("target", gettext("Target"), currency, 2),
            money("shared", gettext("Carries of the quota"), currency, 2),
            money("potential", gettext("Potential"), currency, 2),
            Column("above", gettext("State")),
        ),
        [
            Row(row.account, (row.account, row.name, rep_name(view, row.rep), row.typed, row.shared,
                              row.potential,
                              gettext("target above potential") if row.is_above else ""))
            for row in rows
        ],
        gettext("Targets by account"),
        name="accounts",
    )  # fmt: skip


def reps_table(request: PageRequest, view: PlanView, found: AccountTargets) -> Table:
    """Return each rep's quota beside the targets of their accounts, and what is left of it."""
    currency, rows = view.head.currency, []
    address = reverse("planning:plan_accounts", args=[view.head.id])
    for unit, row in view.content.units.items():
        if row.kind != "rep":
            continue
        quota = view.content.year(Level.STREET, unit)
        targets = sum(found.by_rep.get(row.number, ()))
        left = found.left.get(row.number, 0) if quota is not None else None
        state = None
        if left:
            state = Status(gettext("no account takes it") if left > 0
                           else gettext("targets above the quota"), Tone.WATCH)  # fmt: skip
        rows.append(
            Row(unit, (plan_shown.label_of(view, row), quota, targets or None,
                       None if quota is None else quota - targets, left, state),
                url=f"{address}?rep={row.number}" if row.number > 0 else "")
        )  # fmt: skip
    return Table(
        (
            Column("rep", gettext("Rep"), is_title=True),
            money("quota", gettext("Street quota"), currency),
            money("targets", gettext("Account targets"), currency),
            money("rest", gettext("Quota less targets"), currency),
            money("left", gettext("Not on accounts"), currency),
            Column("state", gettext("State"), is_minor=True),
        ),
        rows,
        gettext("Quotas and account targets by rep"),
        name="account-reps",
        is_dense=True,
        empty=Empty(gettext("Nobody is in this plan yet"), icon="users"),
    )


def rep_name(view: PlanView, rep: int) -> str:
    """Return how the holder of an account is called in a plan."""
    if not rep:
        return gettext("Nobody")
    unit = f"rep:{rep}"
    return unit_label(unit, view.names) if unit in view.names else gettext("Not in this plan")
