"""A plan's target by segment: beside bookings and potential, cut and summing to the cent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.planning import queries, service
from perilune.planning.contracts import PlanView
from perilune.planning.queries.segment_targets import BASES, SegmentTargets, segment_targets
from perilune.planning.web import plan_shown, shown
from perilune.planning.web.plan_columns import excel, money, percent
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.toasts import notify


@page(Right.MAKE_PLANS)
def index(request: PageRequest, plan_id: int) -> HttpResponse:
    """The targets by segment of one plan; a POST cuts them by what it names."""
    view = queries.plan(plan_id, request.scope, request.actor)
    if request.method == "POST":
        _cut(request, view)
        return redirect("planning:segment_targets", plan_id)
    facts: dict[str, Any] = {"header": plan_shown.header(request, view, "segments", verbs=())}
    if not view.is_whole:
        reason = gettext("You see the rows of your reps; segments are of the whole plan.")
        facts["empty"] = Empty(gettext("Segments are of the whole plan"), reason, icon="tag")
        return shown.show(request, "segment_targets.html", facts)
    found = segment_targets(view, request.scope, request.as_of)
    can = plan_shown.may_edit(request, view.head) and found.total is not None
    address = reverse("planning:segment_targets", args=[plan_id])
    edition = str(view.head.edition)
    facts |= {
        "header": plan_shown.header(request, view, "segments", said=_finding(view, found),
                                    verbs=()),
        "table": targets_table(request, view, found),
        "cuts": [
            Action(gettext(label), address, "post", "list-checks",
                   values={"edition": edition, "basis": basis})
            for basis, label in BASES.items()
        ] if can else [],
        "found": True,
    }  # fmt: skip
    return shown.show(request, "segment_targets.html", facts)


def _cut(request: PageRequest, view: PlanView) -> None:
    try:
        count = service.cut_targets_by_segment(
            view.head.id, shown.edition_of(request) or 0, request.POST.get("basis", ""),
            actor=request.actor, scope=request.scope, at=request.as_of,
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
        return
    text = ngettext("Cut by segment: %(n)s amount changed.",
                    "Cut by segment: %(n)s amounts changed.", count)  # fmt: skip
    notify(request, text % {"n": formats.number(count, 0)})


def _finding(view: PlanView, found: SegmentTargets) -> str:
    currency = view.head.currency
    if found.total is None:
        return gettext("The plan has no operating target yet.")
    facts = {"total": formats.short_money(found.total, currency)}
    if found.difference is None:
        return gettext("The operating target of %(total)s is not cut by segment yet.") % facts
    if found.difference == 0:
        return gettext("The segments sum to the operating target of %(total)s to the cent.") % facts
    facts["by"] = formats.money(found.difference, currency, 2)
    return (
        gettext("The segments are off the operating target of %(total)s by %(by)s: cut them again.")
        % facts
    )


def targets_table(request: PageRequest, view: PlanView, found: SegmentTargets) -> Table:
    """Return each segment beside its bookings and potential."""
    currency = view.head.currency
    booked = sum(row.booked for row in found.rows)
    rows = []
    for at, row in enumerate(found.rows):
        share = row.target / found.total if row.target is not None and found.total else None
        rows.append(
            Row(at, (row.name, row.accounts, row.booked, row.booked / booked if booked else None,
                     row.potential, row.target, share, row.growth,
                     row.target / row.potential if row.target and row.potential else None,
                     Status(gettext("fixed")) if row.fixed else ""))
        )  # fmt: skip
    known = [row.potential for row in found.rows if row.potential is not None]
    parts = [row.target for row in found.rows if row.target is not None]
    notes = [gettext("Amounts by month stand in the grid of the plan; a typed one is fixed and "
                     "kept.")]  # fmt: skip
    if found.unsegmented:
        text = ngettext("%(n)s account without a segment is in none of them.",
                        "%(n)s accounts without a segment are in none of them.",
                        found.unsegmented)  # fmt: skip
        notes.append(text % {"n": formats.number(found.unsegmented, 0)})
    return Table(
        (
            Column("segment", gettext("Segment"), is_title=True),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0, is_minor=True),
            money("booked", gettext("Bookings"), currency),
            percent("share_booked", gettext("Share of bookings"), is_minor=True),
            money("potential", gettext("Potential"), currency),
            money("target", gettext("Target"), currency),
            percent("share", gettext("Share of target")),
            percent("growth", gettext("Above bookings")),
            percent("ratio", gettext("Target to potential")),
            Column("fixed", gettext("State"), is_minor=True),
        ),
        rows,
        gettext("Targets by segment"),
        name="segment-targets",
        totals=(None, sum(row.accounts for row in found.rows), booked, None,
                sum(known) if len(known) == len(found.rows) else None,
                sum(parts) if parts else None, None, None, None, None),
        total_label=gettext("All segments"),
        note=" ".join(notes),
        export_urls=excel(request, view.head.id, "segments"),
        empty=Empty(
            gettext("No segment yet"),
            gettext("Accounts have no segment: apply a version of the segmentation."),
            Action(gettext("Segments"), reverse("planning:segments")),
            icon="tag",
        ),
    )  # fmt: skip
