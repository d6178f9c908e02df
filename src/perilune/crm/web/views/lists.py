"""Lists of records."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.crm.contracts import ListPage, ListQuery
from perilune.crm.queries import kind_named, list_page, list_sql, saved_views
from perilune.crm.web.addresses import address_of, list_url, query_of
from perilune.crm.web.filters import filter_bar, more_url
from perilune.crm.web.permitting import may_edit
from perilune.crm.web.presenting import kind_label
from perilune.crm.web.tables import list_table
from perilune.kernel.kinds import Kind
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.contracts import Action, Explanation, PageHeader, Tab

CHILDREN = frozenset({
    "opportunity_line", "opportunity_split", "opportunity_contact", "quote_line",
})  # fmt: skip
_GROUPS = (
    ("Sell", ("opportunity", "account", "contact", "lead", "activity", "case")),
    ("Offer", ("quote", "contract", "product", "price_book", "price_book_entry")),
    ("Reach", ("campaign", "campaign_member")),
    ("Set up", ("pipeline", "stage")),
)


@page(Right.SEE_ROWS)
def records(request: PageRequest) -> HttpResponse:
    titles = {
        "Sell": gettext("Selling"),
        "Offer": gettext("Offer"),
        "Reach": gettext("Marketing"),
        "Set up": gettext("Set-up"),
    }
    groups = [(titles[name], [_entry(request, kind) for kind in kinds]) for name, kinds in _GROUPS]
    finding = gettext("Everything that Perilune keeps, kind by kind.")
    header = PageHeader(gettext("Records"), finding)
    return render(request, "crm/records.html", {"header": header, "groups": groups})


def _entry(request: PageRequest, kind: str) -> dict[str, str | int]:
    found = list_page(ListQuery(kind, size=1), scope=request.scope, as_of=request.as_of)
    url = list_url(kind, {"all": "1"} if kind == "opportunity" else None)
    new_url = reverse("crm:new", args=[kind]) if may_edit(request, kind) else ""
    label = kind_label(kind, plural=True)
    return {"label": label, "url": url, "count": found.count, "new_url": new_url}


@page(Right.SEE_ROWS)
def pipeline(request: PageRequest) -> HttpResponse:
    return _list(request, kind_named("opportunity"))


@page(Right.SEE_ROWS)
def list_of_kind(request: PageRequest, kind: str) -> HttpResponse:
    return _list(request, kind_named(kind))


@page(Right.SEE_ROWS)
def sql(request: PageRequest, kind: str) -> HttpResponse:
    query = query_of(kind_named(kind).name, request.GET)
    text = list_sql(query, scope=request.scope, as_of=request.as_of)
    explanation = Explanation(
        title=kind_label(kind, plural=True),
        sentence=gettext("This is the question that the list asks of the store."),
        sql=text,
    )
    return render(request, "crm/explanation.html", {"explanation": explanation})


def _list(request: PageRequest, kind: Kind) -> HttpResponse:
    query = query_of(kind.name, request.GET)
    found = list_page(query, scope=request.scope, as_of=request.as_of)
    facts = {
        "header": _header(request, kind, query, found),
        "filters": filter_bar(request, query),
        "more_url": more_url(request, query),
        "table": list_table(request, kind, found),
        "kind": kind.name,
        "save_url": reverse("crm:view_save", args=[kind.name]),
        "saved": _saved(request, query),
        "sql_url": f"{reverse('crm:list_sql', args=[kind.name])}?{urlencode(address_of(query))}",
        "address": urlencode(address_of(query)),
    }
    return render(request, "crm/list.html", facts)


def _saved(request: PageRequest, query: ListQuery) -> object:
    """Return the saved view that is shown now and is the person's own: it can be forgotten."""
    address = address_of(query)
    for view in saved_views(query.kind, request.actor):
        if view.owner == request.actor and _address(query.kind, view.query) == address:
            return view
    return None


def _address(kind: str, text: str) -> dict[str, str]:
    return address_of(query_of(kind, QueryDict(text)))


def _header(request: PageRequest, kind: Kind, query: ListQuery, found: ListPage) -> PageHeader:
    title = gettext("Pipeline") if kind.name == "opportunity" else kind_label(kind, plural=True)
    return PageHeader(
        title,
        finding=_finding(found),
        actions=_actions(request, kind),
        tabs=_tabs(request, kind, query),
    )


def _finding(found: ListPage) -> str:
    count = formats.number(found.count, 0)
    text = ngettext("%(count)s record", "%(count)s records", found.count) % {"count": count}
    total = found.totals.get("amount")
    if total is None or not found.count:
        return text
    money = formats.short_money(total.minor, total.currency)
    return gettext("%(records)s; the amounts entered sum to %(money)s") % {
        "records": text,
        "money": money,
    }


def _actions(request: PageRequest, kind: Kind) -> list[Action]:
    actions = []
    if kind.name == "opportunity":
        actions.append(Action(gettext("Board"), reverse("crm:board"), icon="kanban", shortcut="b"))
    if Right.MANAGE_SETTINGS in request.rights:
        if kind.name in ("opportunity", "stage", "pipeline"):
            actions.append(Action(gettext("Stages"), reverse("crm:stages"), icon="list-checks"))
        fields_url = reverse("crm:fields", args=[kind.name])
        actions.append(Action(gettext("Fields"), fields_url, icon="settings"))
    if may_edit(request, kind.name) and kind.name not in CHILDREN:
        text = gettext("Add: %(kind)s") % {"kind": kind_label(kind).lower()}
        new_url = reverse("crm:new", args=[kind.name])
        actions.append(Action(text, new_url, icon="plus", shortcut="n", is_primary=True))
    return actions


def _tabs(request: PageRequest, kind: Kind, query: ListQuery) -> Sequence[Tab]:
    current = address_of(query)
    entries = [(pgettext("records", "All"), "all=1" if kind.name == "opportunity" else "")]
    if kind.name == "opportunity":
        entries = [
            (pgettext("deals", "Open"), "meaning=open&sort=close_date"),
            (pgettext("deals", "Won"), "meaning=won&sort=-close_date"),
            (pgettext("deals", "Lost"), "meaning=lost&sort=-close_date"),
            *entries,
        ]
    entries += [(view.name, view.query) for view in saved_views(kind.name, request.actor)]
    tabs = [
        Tab(label, f"{list_url(kind.name)}?{text}", _address(kind.name, text) == current)
        for label, text in entries
    ]
    return tabs if len(tabs) > 1 else ()
