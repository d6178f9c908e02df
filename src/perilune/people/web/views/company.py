"""Settings of the company: its name, calendar, rules, and exchange rates."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from perilune.history.queries import states_as_of
from perilune.people import service
from perilune.people.contracts import Right
from perilune.people.queries import settings_values
from perilune.people.web.forms import CompanyForm, RateForm
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.shell import applied, back, header, show
from perilune.ui.contracts import Column, Empty, Format, Row, Table


@page()
def settings(request: PageRequest) -> HttpResponse:
    """Go to the first settings page that this person may open."""
    if Right.MANAGE_SETTINGS in request.rights:
        return redirect("people:company")
    if Right.MANAGE_QUOTAS in request.rights:
        return redirect("people:quotas")
    return redirect("people:me")


@page(Right.MANAGE_SETTINGS)
def company_page(request: PageRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, initial=settings_values())
    if request.method == "POST" and applied(
        request, form, lambda values: service.company_change(**values), gettext("Settings saved.")
    ):
        return back("people:company")
    facts = {"header": header(request, "company"), "form": form, "verb": gettext("Save settings")}
    return show(request, "form_page.html", facts)


@page(Right.MANAGE_SETTINGS)
def rates(request: PageRequest) -> HttpResponse:
    form = RateForm(request.POST or None)
    if request.method == "POST" and applied(
        request,
        form,
        lambda values: service.rate_set(**values, actor=request.actor),
        gettext("Rate saved."),
    ):
        return back("people:rates")
    states = sorted(
        states_as_of("rate", None, request.as_of.at).values(),
        key=lambda s: (s["rate_set"] or "", s["currency"] or "", s["starts"]),
    )
    names = dict(RateForm.base_fields["rate_set"].choices)  # type: ignore[attr-defined]
    table = Table(
        caption=gettext("Exchange rates"),
        columns=(
            Column("rate_set", gettext("Rate set")),
            Column("currency", gettext("Currency"), is_title=True),
            Column("starts", gettext("From"), Format.DATE),
            Column(
                "value",
                gettext("Value of one unit"),
                Format.NUMBER,
                unit=request.company.currency,
                decimals=6,
            ),
        ),
        rows=[
            Row(
                s["id"], (str(names.get(s["rate_set"], "")), s["currency"], s["starts"], s["value"])
            )
            for s in states
        ],
        empty=Empty(
            gettext("No exchange rates"),
            gettext("Deals in other currencies are shown and counted out until there is one."),
        ),
    )
    facts = {
        "header": header(request, "rates"),
        "form": form,
        "verb": gettext("Save rate"),
        "form_title": gettext("Set a rate"),
        "table": table,
    }
    return show(request, "list_page.html", facts)
