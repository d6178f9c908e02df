"""Notes what a contact or lead allowed, from the panel on their page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.crm import queries as crm
from perilune.kernel.errors import NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.privacy import service
from perilune.privacy.web.forms import ConsentForm
from perilune.ui.toasts import notify


@require_POST
@page(Right.EDIT_RECORDS)
def note(request: PageRequest, kind: str, record_id: int) -> HttpResponse:
    """Take an entry of the ledger for a person whom one sees."""
    if kind not in ("contact", "lead"):
        raise NotFound(_("There is no such record."))
    crm.now_state(kind, record_id, request.scope)  # the gate: NotFound, or not theirs
    form = ConsentForm(request.POST)
    if not form.is_valid():
        notify(request, gettext("Say where it was said, and from which day on."))
        return redirect("crm:record", kind, record_id)
    try:
        service.consent_note(kind, record_id, **form.cleaned_data, actor=request.actor)
        notify(request, gettext("Noted."))
    except PeriluneError as error:
        if isinstance(error, NotFound):
            raise
        notify(request, said(error))
    return redirect("crm:record", kind, record_id)
