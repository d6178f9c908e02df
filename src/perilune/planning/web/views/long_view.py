"""The long view: five to ten years from this year's plan on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop
from perilune.kernel.money import Money
from perilune.people.contracts import Right
from perilune.people.web.forms import PlainForm
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import service
from perilune.planning.contracts.long_view import (
    FEWEST_YEARS,
    MOST_YEARS,
    LongDocument,
)
from perilune.planning.queries.long_view import LongView, long_view, versions
from perilune.planning.web import long_view_shown as look
from perilune.planning.web import shown
from perilune.planning.web.room_tabs import room_tabs
from perilune.ui.contracts import (
    Action,
    Choice,
    Empty,
    Filter,
    FilterBar,
    Link,
    PageHeader,
    Tone,
)
from perilune.ui.export import Export, xlsx_response
from perilune.ui.toasts import notify


class MarketForm(PlainForm):
    """What the market can hold, and why a version is kept."""

    market = forms.DecimalField(
        label=_("Size of the market in the plan's year"), required=False, min_value=Decimal(0),
        max_digits=18, decimal_places=2, localize=True,
        help_text=_("Empty: unknown, it then sets no limit."),
    )  # fmt: skip
    most_share = forms.DecimalField(
        label=_("Share of it that can be had, %"), min_value=Decimal("0.1"),
        max_value=Decimal(100), localize=True,
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, max_length=200)


@page(Right.MAKE_PLANS)
def index(request: PageRequest) -> HttpResponse:
    """The long view: the latest version, or the one asked for."""
    facts: dict[str, Any] = {"header": _header(request)}
    try:
        found = _found(request)
    except (Invalid, NotFound) as error:
        if "version" in request.GET:
            raise
        back = Action(gettext("Annual plans"), reverse("planning:plans"))
        facts["empty"] = Empty(
            gettext("No long view yet"), said(error), back, icon="calendar-range"
        )
        return shown.show(request, "long_view.html", facts)
    listed = versions()
    is_latest = not listed or (found.version is not None and found.version == listed[0])
    can = is_latest and request.as_of.day >= request.company.today.day
    document, currency = found.document, found.head.currency
    market = None if document.market is None else Money.from_minor(document.market, currency).amount
    facts |= {
        "header": _header(request, found, may_export=Right.EXPORT_DATA in request.rights),
        "filters": _filters(request, found),
        "kpis": look.figures(found),
        "chart": look.chart(found),
        "table": look.table(found),
        "years": look.years_grid(found, can=can),
        "moves": look.moves_grid(found, can=can),
        "drivers": look.drivers(found),
        "starts": look.starts(found.learnt),
        "track": look.track(found.learnt),
        "versions": look.versions_table(listed, found.version.number if found.version else None),
        "market_form": MarketForm(
            initial={"market": market, "most_share": look.typed(document.most_share, share=True)}
        ),
        "hidden": look.hidden(found),
        "save_url": reverse("planning:long_save"),
        "verb": gettext("Keep as a new version"),
        "can": can,
        "found": True,
    }
    return shown.show(request, "long_view.html", facts)


@require_POST
@page(Right.MAKE_PLANS)
def save(request: PageRequest) -> HttpResponse:
    """Keep what was typed as a new version."""
    numbers = {name: _whole(request.POST.get(name, "")) for name in ("plan", "after", "years")}
    try:
        years = min(max(numbers["years"], FEWEST_YEARS), MOST_YEARS)
        found = long_view(
            request.scope, request.actor, request.as_of, number=numbers["after"] or None,
            years=MOST_YEARS, plan_id=numbers["plan"] or None,
        )  # fmt: skip
        document = _typed(request.POST, found)
        kept = service.keep_long_view(
            found.head.id, document, numbers["after"], actor=request.actor, scope=request.scope,
            note=request.POST.get("note", ""),
        )  # fmt: skip
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
        years = numbers["years"] or MOST_YEARS
    else:
        notify(request, gettext("Kept as version %(number)s.") % {"number": kept})
    return redirect(f"{reverse('planning:long_view')}?years={years}")


@page(Right.EXPORT_DATA)
def export(request: PageRequest) -> HttpResponseBase:
    """The paths by year as a workbook."""
    require(request, Right.MAKE_PLANS)
    found = _found(request)
    number = str(found.version.number) if found.version else "–"
    facts = [
        (gettext("Plan"), found.head.name),
        (gettext("Edition"), str(found.head.edition)),
        (gettext("Version"), number),
        (gettext("What it rests on"), look.track(found.learnt)),
    ]
    exported = Export(gettext("Long view"), look.columns(found.head.currency), look.rows(found),
                      facts)  # fmt: skip
    return xlsx_response(exported)


def _found(request: PageRequest) -> LongView:
    asked = _whole(request.GET.get("years", ""))
    number, plan_id = (_whole(request.GET.get(name, "")) for name in ("version", "plan"))
    return long_view(
        request.scope, request.actor, request.as_of, number=number or None,
        years=min(max(asked, FEWEST_YEARS), MOST_YEARS) if asked else MOST_YEARS,
        plan_id=plan_id or None,
    )  # fmt: skip


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0


def _typed(values: Mapping[str, Any], found: LongView) -> LongDocument:
    """Return the document with the cells and fields that were typed."""
    document = found.document
    years = {year.year: year for year in document.years}
    moved = {"low": document.low, "high": document.high}
    for name, text in values.items():
        kind, _sep, rest = name.partition("|")
        year, _sep, field = rest.partition("|")
        if field not in look.FIELDS or not isinstance(text, str):
            continue
        if kind == "year" and _whole(year) in years:
            value = _number(text, share=field != "heads")
            if value is None and field != "growth":
                raise Invalid(gettext_noop("%(year)s: a figure is missing."), year=year)
            changed: dict[str, Any] = {field: value}
            years[int(year)] = replace(years[int(year)], **changed)
        elif kind in moved and field != "growth":
            moved[kind] = replace(moved[kind], **{field: _number(text, share=True) or 0.0})
    document = replace(document, years=tuple(years.values()), low=moved["low"], high=moved["high"])
    if "most_share" in values:
        share = _number(str(values["most_share"]), share=True)
        market = _number(str(values.get("market", "")), share=False)
        minor = None if market is None else Money(
            Decimal(str(market)), found.head.currency).minor()  # fmt: skip
        document = replace(document, market=minor, most_share=1.0 if share is None else share)
    return document


def _number(text: str, *, share: bool) -> float | None:
    plain = text.strip().removesuffix("%")
    for blank in ("\u202f", "\u00a0", " ", "'"):
        plain = plain.replace(blank, "")
    plain = plain.replace("\u2212", "-").replace(",", ".") if plain.count(",") == 1 else plain
    if not plain:
        return None
    try:
        value = Decimal(plain)
        if not value.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise Invalid(
            gettext_noop("«%(text)s» is not a number such as 12.5."), text=text[:40]
        ) from None
    return float(value / 100 if share else value)


def _header(
    request: PageRequest, found: LongView | None = None, *, may_export: bool = False
) -> PageHeader:
    actions = []
    if found is not None and may_export:
        address = reverse("planning:long_export") + f"?years={len(found.base)}"
        if found.version is not None:
            address += f"&version={found.version.number}"
        actions.append(Action("Excel", address, icon="download"))
    back = None
    if found is not None and "plan" in request.GET:
        back = Link(found.head.name, reverse("planning:plan", args=[found.head.id]))
    return PageHeader(
        gettext("Long view"),
        finding=look.finding(found) if found else "",
        actions=actions,
        tabs=room_tabs(request, "long"),
        back=back,
    )


def _filters(request: PageRequest, found: LongView) -> FilterBar:
    count = len(found.base)
    choices = [
        Choice(str(n), gettext("%(n)s years") % {"n": n}, n == count)
        for n in range(FEWEST_YEARS, MOST_YEARS + 1)
    ]
    chip = Filter("years", gettext("How far"), "one", str(count), choices,
                  summary=gettext("%(n)s years") % {"n": count})  # fmt: skip
    kept = {name: request.GET[name] for name in ("version", "plan") if name in request.GET}
    return FilterBar((chip,), hidden=kept)
