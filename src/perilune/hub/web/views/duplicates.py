from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.duplicates import Thresholds
from perilune.hub.contracts.merging import MERGEABLE
from perilune.hub.contracts.review import GroupState, GroupView
from perilune.hub.queries import duplicates as queries
from perilune.hub.service import judging as service
from perilune.hub.service import looking
from perilune.hub.service.merging import Undone
from perilune.hub.web import merging_shown as shown
from perilune.hub.web.words import kind_label
from perilune.jobs import queries as jobs
from perilune.kernel.errors import Invalid, NotFound
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.progress import steps_of
from perilune.ui import formats
from perilune.ui.contracts import Action, Confirm, Empty, Link, PageHeader, Steps, Tab
from perilune.ui.toasts import notify

SURE = 0.99


@page(Right.IMPORT_DATA)
def index(request: PageRequest, kind: str = MERGEABLE[0]) -> HttpResponse:
    """Show what the last search found, to judge group by group."""
    _require(kind)
    search = queries.last_search(kind)
    found = queries.groups(kind, request.scope)
    asked = queries.groups(kind, request.scope, questions=True)
    sure = sum((line.weakest or 0.0) >= SURE for line in found)
    actions = [shown.search_action(kind, is_again=search is not None, refused=_busy(kind))]
    if sure:
        actions.append(
            Action(
                ngettext("Merge the surest one", "Merge the %(n)s surest", sure) % {"n": sure},
                reverse("hub:mass", args=[kind]),
                icon="check",
            )
        )
    actions.append(
        Action(
            gettext("Whose value survives"),
            reverse("hub:survivor_rules", args=[kind]),
            icon="list-checks",
        )
    )
    header = PageHeader(
        gettext("Duplicates"),
        shown.finding(search),
        actions=actions,
        tabs=_tabs(kind),
        back=Link(gettext("Data"), reverse("hub:index")),
    )
    facts = {
        "header": header,
        "steps": _steps(kind),
        "search": search,
        "quality": shown.quality(search) if search else [],
        "groups": shown.queue_table(found, gettext("Groups to judge"), _nothing(search is None)),
        "questions": shown.queue_table(
            asked,
            gettext("Questions that teach"),
            Empty(gettext("No questions"), gettext("The next search may ask some.")),
        ),
        "has_questions": bool(asked),
        "merges": shown.merges_table(queries.merges(request.scope), queries.authors()),
    }
    return render(request, "hub/duplicates.html", facts)


@require_POST
@page(Right.IMPORT_DATA)
def search(request: PageRequest, kind: str) -> HttpResponse:
    """Look through all records of a kind, in a job."""
    _require(kind)
    if _busy(kind):
        raise Invalid(gettext("A search of this kind is under way."))
    looking.search_start(kind, actor=request.actor, thresholds=Thresholds())
    return redirect(reverse("hub:duplicates_of", args=[kind]))


@page(Right.IMPORT_DATA)
def group(request: PageRequest, group_id: int) -> HttpResponse:
    """Show the records of a group side by side, and what a merge would make of them."""
    view = queries.group(group_id, request.scope)
    if len(view.ids) < 2 or view.state is GroupState.MERGED:
        raise NotFound("There is no group %(id)s of duplicates.", id=group_id)
    asked = request.GET
    included = [one for one in view.ids if f"out-{one}" not in asked] or list(view.ids)
    included = included if len(included) > 1 else list(view.ids)
    kept = _number(asked.get("kept"), included)
    chosen = _chosen(asked, included)
    problem = ""
    try:
        plan = service.preview(view, included, kept=kept, chosen=chosen)
    except Invalid as error:
        problem = gettext(error.message) % error.params
        plan = service.preview(view, included, kept=kept, chosen=chosen, is_forced=True)
    currency = request.company.currency
    heads = shown.sides(plan)
    facts = {
        "header": _group_header(request, view, heads, problem),
        "view": view,
        "sides": heads,
        "lines": shown.lines(plan, currency),
        "left_out": [one for one in view.ids if one not in included],
        "consequence": shown.consequence(plan),
        "whys": shown.whys(view, {side.id: side.title for side in heads}),
        "plan": plan,
        "chosen": chosen,
        "problem": problem,
        "is_pair": len(view.ids) == 2,
    }
    return render(request, "hub/duplicate_group.html", facts)


def _group_header(
    request: PageRequest, view: GroupView, heads: list[shown.Side], problem: str
) -> PageHeader:
    titles = " · ".join(side.title for side in heads)
    actions = [
        Action(
            gettext("Different"), reverse("hub:group_verb", args=[view.id, "different"]),
            method="post", icon="x", shortcut="d",
            consequence=gettext("They are not brought up again, and the next search learns it."),
        ),
        Action(
            gettext("Later"), reverse("hub:group_verb", args=[view.id, "later"]), method="post",
            icon="clock", shortcut="l",
        ),
    ]  # fmt: skip
    for target, label, key, name in (
        (view.before, gettext("Previous"), "k", "chevron-left"),
        (view.after, gettext("Next"), "j", "chevron-right"),
    ):
        if target is not None:
            actions.append(
                Action(label, reverse("hub:group", args=[target]), icon=name, shortcut=key)
            )
    finding = problem or shown.why_said(view)
    return PageHeader(titles, finding, actions=actions, back=shown.kind_link(view.kind))


@require_POST
@page(Right.IMPORT_DATA)
def verb(request: PageRequest, group_id: int, verb: str) -> HttpResponse:
    """Judge a group: merge, different, later, open; then go on to the next one."""
    view = queries.group(group_id, request.scope)
    after = view.after
    if verb == "merge":
        _merge(request, view)
    elif verb == "different":
        service.group_different(group_id, actor=request.actor, scope=request.scope)
        notify(
            request,
            gettext("Different: they are not brought up again."),
            reverse("hub:group_verb", args=[group_id, "open"]),
        )
    elif verb == "later":
        service.group_later(group_id, scope=request.scope)
        notify(
            request,
            gettext("Put aside until the next search."),
            reverse("hub:group_verb", args=[group_id, "open"]),
        )
    elif verb == "open":
        service.group_reopen(group_id, scope=request.scope)
        return redirect(reverse("hub:group", args=[group_id]))
    else:
        raise NotFound("There is no group %(id)s of duplicates.", id=group_id)
    after = after or queries.next_group(view.kind, view.is_question)
    if after is not None:
        return redirect(reverse("hub:group", args=[after]))
    return redirect(reverse("hub:duplicates_of", args=[view.kind]))


def _merge(request: PageRequest, view: GroupView) -> None:
    told = request.POST
    ids = [one for one in view.ids if f"out-{one}" not in told]
    chosen = _chosen(told, ids)
    done = service.group_merge(
        view.id, actor=request.actor, scope=request.scope, ids=ids,
        kept=_number(told.get("kept"), ids), chosen=chosen, mark=told.get("mark") or None,
    )  # fmt: skip
    text = ngettext(
        "%(n)s record became one with another.", "%(n)s records became one with another.",
        len(done.gone),
    ) % {"n": len(done.gone)}  # fmt: skip
    notify(request, text, reverse("hub:merge_undo", args=[done.change_set_id]))


@page(Right.IMPORT_DATA)
def mass(request: PageRequest, kind: str) -> HttpResponse:
    """Ask before the surest groups are merged, then do it."""
    _require(kind)
    if request.method == "POST":
        done = service.mass_merge(kind, actor=request.actor, scope=request.scope, at_least=SURE)
        text = ngettext("%(n)s group merged.", "%(n)s groups merged.", done.groups) % {
            "n": done.groups
        }
        if done.left:
            text += " " + gettext("Left, for they need a look: %(n)s.") % {"n": len(done.left)}
        undo = reverse("hub:mass_undo", args=[done.id]) if done.id else ""
        notify(request, text, undo)
        return redirect(reverse("hub:duplicates_of", args=[kind]))
    would = service.mass_merge(
        kind, actor=request.actor, scope=request.scope, at_least=SURE, dry_run=True
    )
    consequence = gettext(
        "%(groups)s groups whose weakest pair is %(sure)s sure or more: %(gone)s records become"
        " one with another. At most %(most)s groups at once; each can be taken back alone, or all"
        " together."
    ) % {
        "groups": would.groups, "sure": formats.percent(SURE, 0), "gone": would.gone,
        "most": service.MASS_MOST,
    }  # fmt: skip
    question = Confirm(
        gettext("Merge the surest groups?"),
        consequence,
        Action(
            gettext("Merge %(n)s groups") % {"n": would.groups},
            reverse("hub:mass", args=[kind]), method="post", is_primary=True,
            refused="" if would.groups else gettext("There is none."),
        ),
        cancel_url=reverse("hub:duplicates_of", args=[kind]),
    )  # fmt: skip
    header = PageHeader(gettext("Duplicates"), back=shown.kind_link(kind))
    return render(request, "hub/confirm.html", {"header": header, "question": question})


@require_POST
@page(Right.IMPORT_DATA)
def mass_undo(request: PageRequest, mass_id: int) -> HttpResponse:
    """Take a mass merge back."""
    kind, _sets = queries.mass_merge_sets(mass_id)
    _told(request, service.mass_undo(mass_id, actor=request.actor))
    return redirect(reverse("hub:duplicates_of", args=[kind]))


@page(Right.IMPORT_DATA)
def merge(request: PageRequest, change_set_id: int) -> HttpResponse:
    """Ask before a merge is taken back, with what stands on it."""
    line = queries.merge_line(change_set_id, request.scope)
    later = queries.later_merges(change_set_id)
    consequence = gettext(
        "Every record is again what it was, and what referred to it refers to it again. Edits made"
        " since stand and are told."
    )
    if later:
        consequence += " " + ngettext(
            "%(n)s later merge stands on it and is taken back first.",
            "%(n)s later merges stand on it and are taken back first.",
            len(later),
        ) % {"n": len(later)}
    question = Confirm(
        gettext("Take back the merge of %(title)s?") % {"title": line.title},
        consequence,
        Action(
            gettext("Take the merge back"), reverse("hub:merge_undo", args=[change_set_id]),
            method="post", is_primary=True,
            refused=gettext("It was taken back already.") if line.undone_at else "",
        ),
        cancel_url=reverse("hub:duplicates_of", args=[line.kind]),
    )  # fmt: skip
    header = PageHeader(
        line.title,
        gettext("%(n)s records of %(kind)s became one.")
        % {"n": len(line.gone) + 1, "kind": kind_label(line.kind)},
        back=shown.kind_link(line.kind),
    )
    return render(request, "hub/confirm.html", {"header": header, "question": question})


@require_POST
@page(Right.IMPORT_DATA)
def merge_undo(request: PageRequest, change_set_id: int) -> HttpResponse:
    """Take a merge back, and those that stand on it."""
    line = queries.merge_line(change_set_id, request.scope)
    _told(request, service.undo(change_set_id, actor=request.actor, with_later=True))
    return redirect(reverse("hub:duplicates_of", args=[line.kind]))


# -- shared ------------------------------------------------------------------------------------


def _require(kind: str) -> None:
    if kind not in MERGEABLE:
        raise NotFound("There is no group %(id)s of duplicates.", id=kind)


def _tabs(kind: str) -> list[Tab]:
    return [
        Tab(kind_label(each), reverse("hub:duplicates_of", args=[each]), each == kind)
        for each in MERGEABLE
    ]


def _number(text: str | None, among: list[int]) -> int | None:
    return int(text) if text and text.isdigit() and int(text) in among else None


def _chosen(told: QueryDict, among: list[int]) -> dict[str, int]:
    """Return the fields whose value was chosen by hand, and of which record."""
    found = {}
    for name in told:
        record_id = _number(told.get(name), among)
        if name.startswith("field-") and record_id is not None:
            found[name.removeprefix("field-")] = record_id
    return found


def _nothing(is_first: bool) -> Empty:
    if is_first:
        return Empty(
            gettext("Nobody has looked yet"),
            gettext("Look for duplicates: all records of this kind are compared."),
            icon="search",
        )
    return Empty(gettext("Nothing to judge"), gettext("No two of one thing."), icon="check")


def _busy(kind: str) -> str:
    steps = _steps(kind)
    return gettext("A search of this kind is under way.") if steps and steps.is_running else ""


def _steps(kind: str) -> Steps | None:
    job_id = queries.running_search(kind)
    if job_id is None:
        return None
    try:
        return steps_of(jobs.job(job_id), gettext("What was found before stands."), may_cancel=True)
    except NotFound:
        return None


def _told(request: PageRequest, undone: Undone) -> None:
    count = len(undone.change_set_ids)
    text = ngettext("%(n)s merge taken back.", "%(n)s merges taken back.", count) % {"n": count}
    if undone.conflicts:
        text += " " + gettext("Later edits that stand: %(count)s.") % {
            "count": len(undone.conflicts)
        }
    notify(request, text)
