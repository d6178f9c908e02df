"""Fields that other data imply: the evidence, and what to do with them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.quality import (
    IMPLIED_LABELS,
    KINDS_JUDGED,
    Implied,
    ImpliedField,
)
from perilune.hub.queries.quality import said
from perilune.hub.queries.quality.hiding import HiddenField, hidden_listed
from perilune.hub.queries.quality.implied import implied_choices, implied_fields
from perilune.hub.queries.quality.needed import asked_fields, figure_fields
from perilune.hub.service.quality import (
    MOST_FILLED,
    implied_choose,
    implied_fill,
    implied_show,
)
from perilune.hub.web import quality_shown as shown
from perilune.kernel.errors import Invalid, NotFound, Past
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.gate import said as said_error
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    Link,
    PageHeader,
    Row,
    Status,
    Tab,
    Table,
    Tone,
)
from perilune.ui.toasts import notify


def _kind(text: str) -> str:
    if text not in KINDS_JUDGED:
        raise NotFound(_("There is no kind of record named %(name)s."), name=text)
    return text


@page(Right.IMPORT_DATA)
def index(request: PageRequest) -> HttpResponse:
    """Show the fields of a kind that other data imply, with the evidence."""
    kind = _kind(request.GET.get("kind", KINDS_JUDGED[0]))
    found = implied_fields(kind, request.as_of)
    choices = implied_choices(kind)
    count = ngettext(
        "%(n)s field is implied by other data.", "%(n)s fields are implied by other data.",
        len(found),
    ) % {"n": formats.number(len(found), 0)}  # fmt: skip
    facts = {
        "header": PageHeader(
            gettext("Implied fields"), count,
            tabs=shown.tabs("quality_implied"), back=Link(gettext("Data"), reverse("hub:index")),
            parts=[Tab(said.kind_label(one), f"?kind={one}", one == kind) for one in KINDS_JUDGED],
        ),
        "table": _table(request, found, choices),
        "hidden": _hidden(request, hidden_listed(kind)),
        "kind": kind,
    }  # fmt: skip
    return render(request, "hub/quality_implied.html", facts)


def _table(
    request: PageRequest, found: list[ImpliedField], choices: dict[tuple[str, str], tuple[str, str]]
) -> Table:
    rows = [
        Row(
            f"{one.kind}:{one.field}:{one.how.value}",
            (
                said.field_label(one.kind, one.field), gettext(IMPLIED_LABELS[one.how]),
                _by(one), one.filled, one.share, one.exceptions,
                one.gaps or None, _state(one, choices.get((one.field, one.how.value))),
            ),
        )
        for one in found
    ]  # fmt: skip
    may = shown.may_edit(request) and Right.MANAGE_SETTINGS in request.rights
    choose, fill = reverse("hub:quality_choose"), reverse("hub:quality_fill")
    verbs = (
        Action(gettext("Fill the gaps"), fill, "post", "pencil", name="fill"),
        Action(gettext("Hide on pages and forms"), choose, "post", "x", name="hide"),
        Action(gettext("Keep as it is"), choose, "post", "check", name="keep"),
    )
    return Table(
        (
            Column("field", gettext("Field"), is_title=True),
            Column("how", gettext("What it is")),
            Column("by", gettext("Implied by")),
            Column("filled", pgettext("implied", "Filled"), Format.NUMBER, decimals=0,
                   is_minor=True),
            Column("share", pgettext("quality", "Agree"), Format.PERCENT),
            Column("exceptions", gettext("Exceptions"), Format.NUMBER, decimals=0, is_minor=True),
            Column("gaps", gettext("Could be filled"), Format.NUMBER, decimals=0),
            Column("state", gettext("State"), is_minor=True),
        ),
        rows, gettext("Implied fields"), is_dense=True, name="implied",
        verbs=verbs if may and rows else (),
        note=gettext(
            "Filled: records that hold a value, be it a zero or a «no»; where another field implies"
            " it, those that hold both. Agree: of these, the share that it holds for; of a field"
            " that is never or hardly ever filled, the share of all records that leave it empty."
        ),
        empty=Empty(
            gettext("No field is implied"),
            gettext("Each field says something that the others do not, or there is too little."),
        ),
    )  # fmt: skip


def _hidden(request: PageRequest, listed: list[HiddenField]) -> Table:
    """Return what record pages and forms leave out, with who chose it and on what evidence."""
    names = person_names() if listed else {}
    rows = [
        Row(
            f"{one.kind}:{one.field}",
            (
                said.field_label(one.kind, one.field), gettext(IMPLIED_LABELS[one.how]), one.share,
                names.get(one.actor, one.actor), one.at,
                Status(gettext("required meanwhile: it shows"), Tone.WATCH) if one.is_asked else "",
            ),
        )
        for one in listed
    ]  # fmt: skip
    may = shown.may_edit(request) and Right.MANAGE_SETTINGS in request.rights
    verbs = (
        Action(gettext("Show again"), reverse("hub:quality_show"), "post", "eye", name="show"),
    )
    return Table(
        (
            Column("field", gettext("Field"), is_title=True),
            Column("how", gettext("What it is")),
            Column("share", pgettext("quality", "Agree"), Format.PERCENT),
            Column("actor", gettext("By"), is_minor=True),
            Column("at", gettext("At"), Format.INSTANT, is_minor=True),
            Column("state", gettext("State"), is_minor=True),
        ),
        rows, gettext("Hidden fields"), is_dense=True, name="hidden",
        verbs=verbs if may and rows else (),
        empty=Empty(
            gettext("No field is hidden"),
            gettext("Select one of those above that says nothing, and hide it."), icon="eye",
        ),
    )  # fmt: skip


def _by(one: ImpliedField) -> str:
    if one.how in (Implied.CONSTANT, Implied.MOSTLY):
        return one.value
    first, _dot, second = one.by.partition(".")
    label = said.field_label(one.kind, first) if first else ""
    if not second:
        return label
    target = said.target_of(one.kind, first)
    return f"{label} → {said.field_label(target, second)}"


def _state(one: ImpliedField, choice: tuple[str, str] | None) -> Status | str:
    if choice is not None:
        text = pgettext("implied", "hidden") if choice[0] == "hide" else pgettext("implied", "kept")
        return Status(text, Tone.NEUTRAL, choice[1])
    if one.field in figure_fields(one.kind):
        return Status(gettext("never hidden: figures rest on it"))
    if one.field in asked_fields(one.kind):
        return Status(gettext("never hidden: it is asked for"))
    return ""


def _chosen(request: PageRequest) -> list[ImpliedField]:
    """Return the findings that were selected; NotFound when one of them is none any more."""
    if request.as_of.day < request.company.today.day:
        raise Past
    found = []
    for text in request.POST.getlist("id"):
        kind, _colon, rest = text.partition(":")
        field, _colon, how = rest.partition(":")
        known = {
            (one.field, one.how.value): one for one in implied_fields(_kind(kind), request.as_of)
        }
        if (field, how) not in known:
            raise NotFound(_("This field is not implied (any more)."))
        found.append(known[field, how])
    if not found:
        raise NotFound(_("Select at least one field."))
    return found


def _home(found: list[ImpliedField]) -> str:
    return f"{reverse('hub:quality_implied')}?kind={found[0].kind}"


@require_POST
@page(Right.MANAGE_SETTINGS)
def choose(request: PageRequest) -> HttpResponse:
    """Hide the selected fields, or keep them as they are, with the evidence of today."""
    found, verb = _chosen(request), request.POST.get("verb", "")
    try:
        with transaction.atomic():
            for one in found:
                implied_choose(one, verb, actor=request.actor)
    except Invalid as error:
        notify(request, said_error(error), tone=Tone.WATCH)
        return redirect(_home(found))
    if verb != "hide":
        notify(request, gettext("Noted, with the evidence of today."))
        return redirect(_home(found))
    count = len({one.field for one in found})
    text = ngettext("%(n)s field is hidden.", "%(n)s fields are hidden.", count)
    ids = urlencode([("id", f"{one.kind}:{one.field}") for one in found])
    undo = f"{reverse('hub:quality_show')}?{ids}"
    notify(request, text % {"n": formats.number(count, 0)}, undo, Tone.GOOD)
    return redirect(_home(found))


@require_POST
@page(Right.MANAGE_SETTINGS)
def show(request: PageRequest) -> HttpResponse:
    """Let hidden fields show again; the undo of hiding names them in its address."""
    told = request.POST.getlist("id") or request.GET.getlist("id")
    pairs = [text.split(":")[:2] for text in told if ":" in text]
    if not pairs:
        raise NotFound(_("Select at least one field."))
    kind = _kind(pairs[0][0])
    implied_show(kind, [field for of, field in pairs if of == kind])
    notify(request, gettext("They show again."))
    return redirect(f"{reverse('hub:quality_implied')}?kind={kind}")


@require_POST
@page(Right.MANAGE_SETTINGS)
def fill(request: PageRequest) -> HttpResponse:
    """Fill the gaps of one selected field, as one change set that can be taken back."""
    found = _chosen(request)
    if len(found) > 1:
        notify(request, gettext("Fill one field at a time."), tone=Tone.WATCH)
        return redirect(_home(found))
    set_id, count = implied_fill(found[0], request.as_of, actor=request.actor)
    text = ngettext("%(n)s record filled", "%(n)s records filled", count) % {
        "n": formats.number(count, 0)
    }
    if count == MOST_FILLED:
        text += ". " + gettext("There may be more: fill again.")
    notify(request, text, reverse("crm:undo", args=[set_id]), Tone.GOOD)
    return redirect(_home(found))
