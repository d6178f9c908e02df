"""One verb on many selected records."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.crm.contracts import Done
from perilune.crm.queries import kind_named
from perilune.crm.service import records_change, records_delete
from perilune.crm.web.addresses import list_url
from perilune.crm.web.facts import field_view
from perilune.crm.web.permitting import ids_to_edit, require_values
from perilune.crm.web.presenting import kind_label
from perilune.crm.web.reading import value_posted
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Link, PageHeader
from perilune.ui.toasts import notify

VERBS = ("owner_id", "stage_id", "close_date", "delete")


@require_POST
@page(Right.EDIT_RECORDS)
def bulk(request: PageRequest, kind: str) -> HttpResponse:
    declared = kind_named(kind)
    verb = request.POST.get("verb", "")
    given = [int(text) for text in request.POST.getlist("id") if text.isdigit()]
    ids = ids_to_edit(request, kind, given)
    if not ids:
        raise Invalid(_("Select at least one record."))
    if verb not in VERBS or (verb != "delete" and verb not in declared.field_names):
        raise Invalid(_("There is no such verb."))
    if verb == "delete":
        return _answer(request, kind, records_delete(kind, ids, actor=request.actor), is_gone=True)
    item = declared.field(verb)
    if verb not in request.POST:
        return _ask(request, kind, verb, ids)
    currency = request.company.currency
    value = value_posted(request, item, request.POST[verb], currency)
    require_values(request, kind, {verb: value})
    done = records_change(kind, ids, {verb: value}, actor=request.actor)
    return _answer(request, kind, done)


def _ask(request: PageRequest, kind: str, verb: str, ids: list[int]) -> HttpResponse:
    item = kind_named(kind).field(verb)
    count = ngettext("%(count)s record", "%(count)s records", len(ids)) % {"count": len(ids)}
    facts = {
        "header": PageHeader(
            {
                "owner_id": gettext("Change owner"),
                "stage_id": gettext("Change stage"),
                "close_date": gettext("Change close date"),
            }[verb],
            finding=gettext("For %(records)s at once; you can undo it.") % {"records": count},
            back=Link(kind_label(kind, plural=True), _back(request, kind)),
        ),
        "view": field_view(request, kind, {"id": 0}, item, is_editing=True),
        "verb": verb,
        "ids": ids,
        "back_url": _back(request, kind),
        "names_url": reverse("crm:names", args=[kind]) + f"?field={verb}",
    }
    return render(request, "crm/bulk.html", facts)


def _answer(request: PageRequest, kind: str, done: Done, *, is_gone: bool = False) -> HttpResponse:
    if is_gone:
        text = ngettext("%(count)s record deleted", "%(count)s records deleted", len(done.ids))
    else:
        text = ngettext("%(count)s record changed", "%(count)s records changed", len(done.ids))
    undo = reverse("crm:undo", args=[done.change_set_id]) if done.change_set_id else ""
    notify(request, text % {"count": len(done.ids)}, undo)
    return redirect(_back(request, kind))


def _back(request: PageRequest, kind: str) -> str:
    """Return the list that the person came from."""
    came = request.POST.get("back") or request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came, {request.get_host()})
    if came and is_ours and "/bulk/" not in came:
        return came
    return list_url(kind)
