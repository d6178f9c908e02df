"""The assignment rules of a plan: made, written, switched, previewed, applied, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, PeriluneError, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page, said
from perilune.territories import queries, service
from perilune.territories.contracts import DraftHead, DraftState, RuleBook, RulePreview, RuleRun
from perilune.territories.web import ruled, shown
from perilune.territories.web.ruleforms import MakeRulesForm, RuleForm
from perilune.territories.web.views.edits import edition_of
from perilune.ui import formats
from perilune.ui.contracts import Action, Link, PageHeader, Tone
from perilune.ui.toasts import notify

USUAL = {"first": "country", "code": "postcode"}


@page(Right.DESIGN_TERRITORIES)
def index(request: PageRequest, draft_id: int) -> HttpResponse:
    """The rules of a plan, and what they would do."""
    return _page(request, draft_id, _making(None))


def _page(
    request: PageRequest, draft_id: int, form: MakeRulesForm, status: int = 200
) -> HttpResponse:
    view = queries.draft(draft_id, request.scope, request.actor)
    book = queries.rule_book(draft_id, request.scope, request.actor)
    preview = queries.rule_preview(draft_id, request.scope, request.actor)
    runs = queries.rule_runs(draft_id, request.scope, request.actor)
    may = _may(request, view.head)
    facts: dict[str, Any] = {
        "header": PageHeader(
            gettext("Assignment rules"),
            finding=ruled.finding(book, preview),
            actions=_verbs(draft_id, book) if may else (),
            back=Link(view.head.name, reverse("territories:plan", args=[draft_id])),
            statuses=(shown.state_of(view.head),),
        ),
        "draft_id": draft_id,
        "rows": ruled.listed(book, preview),
        "last": ruled.last_change(book),
        "facts": ruled.facts(preview),
        "arrivals": ruled.arrivals_table(preview),
        "elsewhere": ruled.elsewhere_table(preview),
        "by_hand": ruled.by_hand_table(preview),
        "form": form,
        "may_edit": may,
        "edition": str(book.edition),
        "applying": _applying(request, view.head, book, preview),
        "runs": [(_told(run), _back(request, draft_id, run)) for run in runs],
    }
    return render(request, "territories/rules.html", facts, status=status)


def _may(request: PageRequest, head: DraftHead) -> bool:
    is_now = request.as_of.day >= request.company.today.day
    return is_now and head.state is not DraftState.ARCHIVED


def _verbs(draft_id: int, book: RuleBook) -> tuple[Action, ...]:
    where = [draft_id]
    return (
        Action(
            gettext("New rule"), reverse("territories:rule_new", args=where), icon="plus",
            in_drawer=True,
        ),
        Action(
            gettext("Take back"), reverse("territories:rules_undo", args=where), "post",
            icon="undo-2", values={"edition": str(book.edition)},
            consequence=gettext("The latest change of the rules."),
            refused="" if book.can_undo else gettext("There is nothing to take back."),
        ),
    )  # fmt: skip


def _applying(
    request: PageRequest, head: DraftHead, book: RuleBook, preview: RulePreview
) -> dict[str, Any]:
    """Return what the form of applying shows, or why it is not there."""
    count = len(preview.placeable)
    why = ""
    if head.state is not DraftState.ACTIVE:
        why = gettext("Rules place accounts once the plan is in force.")
    elif Right.PUBLISH_TERRITORIES not in request.rights:
        why = gettext("Who publishes plans applies their rules.")
    elif not count:
        why = gettext("There is no account for the rules to place.")
    label = ngettext("Place %(n)s account from today", "Place %(n)s accounts from today", count)
    owned = sum(bool(one.owner_id) and one.owner_id != one.rep_id for one in preview.placeable)
    return {
        "why": why if _may(request, head) else gettext("This is a day in the past."),
        "label": label % {"n": formats.number(count, 0)},
        "is_main": not head.layer,
        "owned": owned,
        "owned_said": ngettext(
            "Also give %(n)s account that has another owner to the rep in the seat",
            "Also give %(n)s accounts that have another owner to the rep in the seat",
            owned,
        )
        % {"n": formats.number(owned, 0)},
        "edition": book.edition,
    }


def _told(run: RuleRun) -> str:
    placed = ngettext("%(n)s account placed", "%(n)s accounts placed", run.placed)
    parts = [placed % {"n": formats.number(run.placed, 0)}]
    if run.owners:
        owners = ngettext(
            "%(n)s of them with a new owner", "%(n)s of them with a new owner", run.owners
        )
        parts.append(owners % {"n": formats.number(run.owners, 0)})
    if run.is_taken_back:
        parts.append(gettext("taken back"))
    return gettext("%(day)s, %(who)s: %(what)s.") % {
        "day": formats.day(run.day),
        "who": person_names().get(run.actor, run.actor),
        "what": ", ".join(parts),
    }


def _back(request: PageRequest, draft_id: int, run: RuleRun) -> Action | None:
    """Return the verb that takes a run back, None where it was, or for who may not."""
    if run.is_taken_back or Right.PUBLISH_TERRITORIES not in request.rights:
        return None
    address = reverse("territories:rules_back", args=[draft_id, run.id])
    return Action(gettext("Take these places back"), address, "post", icon="undo-2")


def _choices() -> list[tuple[str, str]]:
    return [(one.name, gettext(one.label)) for one in queries.rule_fields()]


def _making(data: Any) -> MakeRulesForm:
    return MakeRulesForm(data, initial=USUAL, fields=_choices())


@require_POST
@page(Right.DESIGN_TERRITORIES)
def make(request: PageRequest, draft_id: int) -> HttpResponse:
    """Make rules from where the plan puts its accounts."""
    form = _making(request.POST)
    if form.is_valid():
        try:
            count = service.make_rules(
                draft_id, edition_of(request), form.asked(), form.cleaned_data["code"],
                actor=request.actor, scope=request.scope,
            )  # fmt: skip
        except (Conflict, Invalid) as error:
            form.take(error)
        else:
            done = ngettext("%(n)s rule made.", "%(n)s rules made.", count)
            notify(request, done % {"n": formats.number(count, 0)})
            return redirect("territories:rules", draft_id)
    return _page(request, draft_id, form, status=422)


@page(Right.DESIGN_TERRITORIES)
def new(request: PageRequest, draft_id: int) -> HttpResponse:
    """Write a rule by hand."""
    return _rule(request, draft_id, None)


@page(Right.DESIGN_TERRITORIES)
def change(request: PageRequest, draft_id: int, number: int) -> HttpResponse:
    """Change a rule: its values, its priority, its territory."""
    return _rule(request, draft_id, number)


def _rule(request: PageRequest, draft_id: int, number: int | None) -> HttpResponse:
    book = queries.rule_book(draft_id, request.scope, request.actor)
    kept = next((one for one in book.rules if one.id == number), None)
    if number is not None and kept is None:
        raise NotFound(_("There is no such rule in this plan."))
    form = RuleForm(
        request.POST or None, territories=book.choices, fields=_choices(), rule=kept,
        has_levels=bool(book.parents),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            service.put_rule(
                draft_id, edition_of(request), form.cleaned_data["territory"], form.criteria(),
                rule_id=number, rank=form.cleaned_data["rank"],
                is_inherited=form.cleaned_data.get("is_inherited", False),
                actor=request.actor, scope=request.scope,
            )  # fmt: skip
        except PeriluneError as error:
            form.take(error)
        else:
            notify(request, gettext("Rule kept: what it would do is shown below."))
            return redirect("territories:rules", draft_id)
    title = gettext("New rule")
    if number is not None:
        title = gettext("Rule %(number)s") % {"number": number}
    facts = {
        "form": form,
        "title": title,
        "edition": str(book.edition),
        "action_url": request.path,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    template = "rule.html" if request.headers.get("HX-Request") else "rule_page.html"
    return render(request, f"territories/{template}", facts, status=status)


@require_POST
@page(Right.DESIGN_TERRITORIES)
def verb(request: PageRequest, draft_id: int, number: int, verb: str) -> HttpResponse:
    """Switch a rule on or off, or remove it."""
    who: dict[str, Any] = {"actor": request.actor, "scope": request.scope}
    edition = edition_of(request)
    verbs: dict[str, tuple[Callable[[], None], str]] = {
        "on": (
            lambda: service.switch_rule(draft_id, edition, number, True, **who),
            gettext("The rule decides again."),
        ),
        "off": (
            lambda: service.switch_rule(draft_id, edition, number, False, **who),
            gettext("The rule is kept and decides nothing."),
        ),
        "remove": (
            lambda: service.remove_rule(draft_id, edition, number, **who),
            gettext("Rule removed: it can be taken back."),
        ),
    }
    if verb not in verbs:
        raise NotFound(_("There is no such verb."))
    return _done(request, draft_id, *verbs[verb])


@require_POST
@page(Right.DESIGN_TERRITORIES)
def undo(request: PageRequest, draft_id: int) -> HttpResponse:
    """Take the latest change of the rules back."""
    return _done(
        request,
        draft_id,
        lambda: service.undo_rules(
            draft_id, edition_of(request), actor=request.actor, scope=request.scope
        ),
        gettext("Taken back."),
    )


@require_POST
@page(Right.PUBLISH_TERRITORIES)
def apply(request: PageRequest, draft_id: int) -> HttpResponse:
    """Put accounts that arrived since the plan where the rules say, from today on."""
    return _done(
        request,
        draft_id,
        lambda: service.apply_rules(
            draft_id, edition_of(request), with_owned=request.POST.get("with_owned") == "on",
            actor=request.actor, scope=request.scope,
        ),
        gettext("Placed from today on: it can be taken back."),
    )  # fmt: skip


@require_POST
@page(Right.PUBLISH_TERRITORIES)
def take_back(request: PageRequest, draft_id: int, number: int) -> HttpResponse:
    """Roll back what a run of the rules wrote."""
    return _done(
        request,
        draft_id,
        lambda: service.take_back_rules(
            draft_id, number, actor=request.actor, scope=request.scope
        ),
        gettext("Taken back: accounts are as they were before the rules."),
    )  # fmt: skip


def _done(
    request: PageRequest, draft_id: int, what: Callable[[], object], told: str
) -> HttpResponse:
    try:
        what()
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, told)
    return redirect("territories:rules", draft_id)
