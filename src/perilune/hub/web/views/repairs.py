"""Repairs: kinds of repair, proposals side by side, all of a group at once, taken back."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.mending import COUNTRY_FORMS, PHONE_LABELS, RULE_LABELS, Applied, Rule
from perilune.hub.queries import mending as queries
from perilune.hub.service import mending
from perilune.hub.web import mending_shown as shown
from perilune.jobs import queries as jobs
from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.people.web.progress import steps_of
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Confirm,
    FieldView,
    Format,
    Link,
    PageHeader,
    Pages,
    Steps,
    Tone,
)
from perilune.ui.export import csv_response, xlsx_response
from perilune.ui.toasts import notify, with_toast

Group = tuple[str, str, str]


@page(Right.IMPORT_DATA)
def index(request: PageRequest) -> HttpResponse:
    """Show the kinds of repair that wait, what was applied, and what the company writes."""
    whole(request)
    mending.catch_up(actor=request.actor)
    stale = queries.stale()
    titles = {
        (kind, record_id): title
        for kind in {one.kind for one in stale}
        for record_id, title in queries.titles_of(
            kind, sorted({one.record_id for one in stale if one.kind == kind})
        ).items()
    }
    spelling = queries.spelling()
    facts = {
        "header": PageHeader(
            gettext("Repairs"),
            shown.finding(queries.waiting(), queries.has_looked()),
            actions=(
                Action(
                    gettext("Look at all records"),
                    reverse("hub:repairs_look"),
                    method="post",
                    icon="search",
                    refused=gettext("A look is under way.") if queries.running_look() else "",
                ),
            ),
            tabs=shown.tabs("repairs"),
            back=Link(gettext("Data"), reverse("hub:index")),
        ),
        "steps": _steps(queries.running_look()),
        "groups": shown.groups_table(queries.groups(), has_looked=queries.has_looked()),
        "runs": shown.runs_table(queries.runs(), person_names()),
        "stale": shown.stale_table(stale, titles) if stale else None,
        "countries": [
            ("", gettext("as most records have it"), not queries.chosen_country()),
            *(
                (form, gettext(label), form == queries.chosen_country())
                for form, label in COUNTRY_FORMS.items()
            ),
        ],
        "phones": [
            (form.value, gettext(label), form is spelling.phone)
            for form, label in PHONE_LABELS.items()
        ],
        "may_spell": Right.MANAGE_SETTINGS in request.rights,
    }
    return render(request, "hub/repairs.html", facts)


def whole(request: PageRequest) -> None:
    """Refuse whoever does not see every record."""
    if request.scope.owners is not None:
        raise Refused(_("Only who sees every record can mend them all."))


def _steps(job_id: int | None) -> Steps | None:
    if job_id is None:
        return None
    return steps_of(jobs.job(job_id), gettext("What was found before stands."), may_cancel=True)


@require_POST
@page(Right.IMPORT_DATA)
def look(request: PageRequest) -> HttpResponse:
    """Look at all records in a job."""
    whole(request)
    mending.look_start(actor=request.actor)
    return redirect("hub:repairs")


@require_POST
@page(Right.IMPORT_DATA)
def spell(request: PageRequest) -> HttpResponse:
    """Keep what the company writes."""
    whole(request)
    require(request, Right.MANAGE_SETTINGS)
    mending.spell(request.POST.get("country", ""), request.POST.get("phone", ""))
    if not mending.catch_up(actor=request.actor):
        mending.look_start(actor=request.actor)
    notify(request, gettext("Kept: all records are looked at again."))
    return redirect("hub:repairs")


# -- one kind of repair ----------------------------------------------------------------------------


@page(Right.IMPORT_DATA)
def rows(request: PageRequest, kind: str, rule: str) -> HttpResponse:
    """Show the proposals of a group, old beside new."""
    whole(request)
    group = _group(request, kind, rule)
    total = queries.count_of(*group)
    start = _start(request, total)
    found = queries.rows(*group, start=start)
    pages = Pages(
        start + 1 if found else 0, start + len(found), total,
        shown.group_url("repairs_of", group, start=max(0, start - queries.SHOWN)) if start else "",
        shown.group_url("repairs_of", group, start=start + queries.SHOWN)
        if start + len(found) < total
        else "",
    )  # fmt: skip
    nothing = "" if total else gettext("There is none.")
    header = PageHeader(
        shown.group_title(rule, group[2]),
        _finding(total, rule, group[2]),
        actions=(
            Action(
                gettext("Accept all…"), shown.group_url("repairs_all", group), icon="check",
                is_primary=True, refused=nothing,
            ),
            Action(
                gettext("Reject all"), shown.group_url("repairs_pick", group), method="post",
                icon="x", values={"all": "1"}, name="reject", refused=nothing,
                consequence=gettext("Not brought up again while both values stay the same."),
            ),
            Action(
                gettext("Bring up again"), shown.group_url("repairs_pick", group), method="post",
                icon="refresh-cw", name="reopen",
                consequence=gettext("Those of this kind that were rejected are proposed again."),
                refused="" if queries.in_state("rejected", *group).exists()
                else gettext("None was rejected."),
            ),
        ),
        back=Link(gettext("Repairs"), reverse("hub:repairs")),
    )  # fmt: skip
    may_edit = Right.EDIT_RECORDS in request.rights
    facts = {
        "header": header,
        "table": shown.rows_table(group, found, pages, may_edit=may_edit),
    }
    return render(request, "hub/repairs_of.html", facts)


def _finding(total: int, rule: str, origin: str) -> str:
    count = ngettext("%(n)s field", "%(n)s fields", total) % {"n": formats.number(total, 0)}
    if origin:
        return count
    return gettext("%(count)s: %(why)s.") % {"count": count, "why": shown.why(rule, origin)}


def _group(request: PageRequest, kind: str, rule: str) -> Group:
    if rule not in tuple(Rule) or Rule(rule) not in RULE_LABELS or kind not in mending.MENDED:
        raise NotFound(_("There is no such kind of repair."))
    return kind, rule, request.GET.get("from", "")


def _start(request: PageRequest, total: int) -> int:
    text = request.GET.get("start", "")
    start = int(text) if text.isdigit() and len(text) < 9 else 0
    return min(start, max(0, total - 1)) // queries.SHOWN * queries.SHOWN


@require_POST
@page(Right.IMPORT_DATA)
def pick(request: PageRequest, kind: str, rule: str) -> HttpResponse:
    """Accept or reject the rows that were picked, or reject all."""
    whole(request)
    group = _group(request, kind, rule)
    ids = [int(one) for one in request.POST.getlist("id") if one.isdigit()]
    if request.POST.get("verb") == "accept":
        require(request, Right.EDIT_RECORDS)
        if not ids:
            raise Invalid(_("Select at least one row."))
        _told(request, mending.apply(actor=request.actor, ids=ids))
    elif request.POST.get("verb") == "reopen":
        mending.reopen(group)
    else:
        count = mending.reject(group=group) if request.POST.get("all") else mending.reject(ids=ids)
        text = ngettext("%(n)s proposal rejected.", "%(n)s proposals rejected.", count)
        notify(request, text % {"n": formats.number(count, 0)})
    return redirect(shown.group_url("repairs_of", group))


@page(Right.IMPORT_DATA)
def all_of(request: PageRequest, kind: str, rule: str) -> HttpResponse:
    """Say what accepting a whole group would do, then do it: a large one in a job."""
    whole(request)
    require(request, Right.EDIT_RECORDS)
    group = _group(request, kind, rule)
    total = queries.count_of(*group)
    if request.method == "POST":
        if total > mending.MOST_AT_ONCE:
            job_id = mending.apply_start(group, actor=request.actor)
            return redirect(shown.group_url("repairs_all", group, job=job_id))
        _told(request, mending.apply(actor=request.actor, group=group))
        return redirect("hub:repairs")
    header = PageHeader(
        shown.group_title(rule, group[2]),
        back=Link(gettext("Proposals"), shown.group_url("repairs_of", group)),
    )
    job = request.GET.get("job", "")
    if job.isdigit() and len(job) < 15:
        steps = steps_of(
            jobs.job(int(job)), gettext("What was written is kept back."), may_cancel=True
        )
        return render(request, "hub/repairs_job.html", {"header": header, "steps": steps})
    question = _question(request, group, total)
    return render(request, "hub/confirm.html", {"header": header, "question": question})


def _question(request: PageRequest, group: Group, total: int) -> Confirm:
    refused = "" if total else gettext("There is none.")
    text = ""
    if total:
        would = mending.apply(actor=request.actor, group=group, dry_run=True)
        text = gettext("%(fields)s fields of %(records)s records, as one change set.") % {
            "fields": formats.number(would.fields, 0),
            "records": formats.number(would.records, 0),
        }
        if would.stale:
            text += " " + ngettext(
                "%(n)s was edited since and is left as it is.",
                "%(n)s were edited since and are left as they are.",
                len(would.stale),
            ) % {"n": formats.number(len(would.stale), 0)}
        if would.left:
            text = gettext(
                "Of the first %(seen)s: %(text)s All %(total)s are written by a job, at most"
                " %(most)s at once."
            ) % {
                "seen": formats.number(mending.MOST_AT_ONCE, 0), "text": text,
                "total": formats.number(total, 0), "most": formats.number(mending.MOST, 0),
            }  # fmt: skip
        text += " " + gettext("It can be taken back at any time.")
    return Confirm(
        gettext("Accept all of this kind?"),
        text,
        Action(
            ngettext("Write %(n)s field", "Write %(n)s fields", total)
            % {"n": formats.number(total, 0)},
            shown.group_url("repairs_all", group), method="post", is_primary=True, refused=refused,
        ),
        cancel_url=shown.group_url("repairs_of", group),
    )  # fmt: skip


def _told(request: PageRequest, done: Applied) -> None:
    text = ngettext("%(n)s field mended.", "%(n)s fields mended.", done.fields)
    text %= {"n": formats.number(done.fields, 0)}
    if done.stale:
        text += " " + ngettext(
            "%(n)s was edited since and is left as it is.",
            "%(n)s were edited since and are left as they are.",
            len(done.stale),
        ) % {"n": formats.number(len(done.stale), 0)}
    undo_url = reverse("hub:repairs_undo", args=[done.run]) if done.run else ""
    notify(request, text, undo_url, Tone.WATCH if done.stale else Tone.GOOD)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, kind: str, rule: str) -> HttpResponseBase:
    """Give the open proposals of a group as a file."""
    whole(request)
    group = _group(request, kind, rule)
    made = shown.export_of(group, queries.rows(*group, limit=None))
    form = request.GET.get("form", "csv")
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Repairs are exported as csv or xlsx."))


@page(Right.IMPORT_DATA)
def edit(request: PageRequest, proposal_id: int) -> HttpResponse:
    """Answer a proposal by another value."""
    whole(request)
    require(request, Right.EDIT_RECORDS)
    row = queries.row(proposal_id)
    url = reverse("hub:repair_edit", args=[proposal_id])
    url += "?cell=1" if "cell" in request.GET else ""
    told = "" if row.new is None else str(row.new)
    problem = ""
    if request.method == "POST":
        told = request.POST.get(row.field, "").strip()
        try:
            set_id = mending.edit(proposal_id, told or None, actor=request.actor)
        except (Invalid, Conflict) as error:
            problem = _sentence(error)
        else:
            undo_url = reverse("crm:undo", args=[set_id]) if set_id else ""
            text = gettext("%(field)s saved") % {"field": gettext(row.label)}
            if not request.headers.get("HX-Request"):
                notify(request, text, undo_url)
                return redirect("hub:repairs")
            done = FieldView(row.field, gettext(row.label), told, Format.TEXT)
            response = render(request, "hub/repair_field.html", {"view": done})
            return with_toast(response, text, undo_url, is_written=True)
    view = FieldView(
        row.field, gettext(row.label), told, Format.TEXT, edit_url=url,
        is_editing="read" not in request.GET, problem=problem, raw=told,
    )  # fmt: skip
    is_part = request.headers.get("HX-Request") or "cell" in request.GET
    header = PageHeader(row.title, back=Link(gettext("Repairs"), reverse("hub:repairs")))
    template = "hub/repair_field.html" if is_part else "hub/repair_edit.html"
    return render(request, template, {"view": view, "header": header})


def _sentence(error: PeriluneError) -> str:
    listed = [
        gettext(one.message) % one.params if one.params else gettext(one.message)
        for one in getattr(error, "problems", ())
    ]
    return " ".join(listed) or said(error)


@page(Right.IMPORT_DATA)
def undo(request: PageRequest, run_id: int) -> HttpResponse:
    """Ask before repairs are taken back, then do it."""
    whole(request)
    run = queries.run(run_id)
    if request.method == "POST":
        require(request, Right.EDIT_RECORDS)
        done = mending.undo(run_id, actor=request.actor)
        text = ngettext("%(n)s field is what it was.", "%(n)s fields are what they were.",
                        done.fields) % {"n": formats.number(done.fields, 0)}  # fmt: skip
        if done.kept:
            text += " " + gettext("Later edits that stand: %(count)s.") % {"count": len(done.kept)}
        notify(request, text, tone=Tone.WATCH if done.kept else Tone.GOOD)
        if request.headers.get("Sec-Fetch-Mode") in (None, "navigate"):
            return redirect("hub:repairs")
        return HttpResponse(status=204)
    title = shown.group_title(run.rule, run.origin) if run.rule or run.origin else ""
    question = Confirm(
        gettext("Take these repairs back?"),
        gettext("%(n)s fields become what they were; later edits stand and are told.")
        % {"n": formats.number(run.fields, 0)},
        Action(
            gettext("Take back"), reverse("hub:repairs_undo", args=[run_id]), method="post",
            is_primary=True,
            refused="" if run.is_standing else gettext("It was taken back already."),
        ),
        cancel_url=reverse("hub:repairs"),
    )  # fmt: skip
    header = PageHeader(
        title or gettext("Several kinds"), back=Link(gettext("Repairs"), reverse("hub:repairs"))
    )
    return render(request, "hub/confirm.html", {"header": header, "question": question})
