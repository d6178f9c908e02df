"""Global search: records, pages and verbs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from perilune.crm import queries
from perilune.crm.contracts import Elsewhere, Hit
from perilune.crm.web.addresses import list_url, record_url
from perilune.crm.web.permitting import may_edit
from perilune.crm.web.presenting import kind_label
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import SEARCH
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import PageHeader

_ICONS = {
    "account": "building-2",
    "opportunity": "briefcase",
    "contact": "contact",
    "lead": "user",
    "product": "package",
    "campaign": "megaphone",
    "case": "circle-help",
}
_PAGES: tuple[tuple[str, str, Right], ...] = (
    (_("Pipeline"), "crm:pipeline", Right.SEE_ROWS),
    (_("Board"), "crm:board", Right.SEE_ROWS),
    (_("Records"), "crm:records", Right.SEE_ROWS),
    (_("Stages"), "crm:stages", Right.MANAGE_SETTINGS),
)
_ADDED = ("opportunity", "account", "contact", "lead", "activity")

Group = tuple[str, list[dict[str, str]]]


@page()
def search(request: PageRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    groups = _groups(request, text)
    beyond = queries.elsewhere(text, request.scope) if text and _sees_rows(request) else None
    if request.GET.get("format") == "json":
        return JsonResponse({"query": text, "groups": _plain(groups), "beyond": _told(beyond)})
    facts: dict[str, Any] = {"query": text, "groups": groups, "beyond": _told(beyond)}
    if request.headers.get("HX-Request") == "true":
        return render(request, "crm/search_part.html", facts)
    facts["header"] = PageHeader(gettext("Search"))
    return render(request, "crm/search.html", facts)


def _sees_rows(request: PageRequest) -> bool:
    return Right.SEE_ROWS in request.rights


def _told(beyond: Elsewhere | None) -> str:
    if beyond is None:
        return ""
    return gettext("An account with this number exists. Ask %(name)s.") % {"name": beyond.ask}


def _groups(request: PageRequest, text: str) -> list[Group]:
    if len(text) < 2:
        return []
    groups: list[Group] = []
    if _sees_rows(request):
        found = queries.search(text, scope=request.scope, as_of=request.as_of)
        # the kind with the best match leads
        ordered = sorted(found.items(), key=lambda item: item[1][0].rank)
        for kind, hits in ordered:
            groups.append((kind_label(kind, plural=True), [_entry(hit) for hit in hits]))
    places = [*_pages(request, text), *_verbs(request, text)]
    if places:
        groups.append((gettext("Pages and verbs"), places))
    return groups


def _entry(hit: Hit) -> dict[str, str]:
    return {
        "label": hit.title,
        "detail": hit.detail,
        "url": record_url(hit.kind, hit.id),
        "icon": _ICONS.get(hit.kind, "square"),
    }


def _pages(request: PageRequest, text: str) -> list[dict[str, str]]:
    entries = [(gettext(label), route, str(right)) for label, route, right in _PAGES]
    entries += [(gettext(item.label), item.route, item.right) for item in SEARCH]
    found = []
    for label, route, right in entries:
        if text.lower() not in label.lower() or (right and right not in request.rights):
            continue
        try:
            found.append({"label": label, "detail": "", "url": reverse(route), "icon": "file-text"})
        except NoReverseMatch:
            continue
    if _sees_rows(request):
        for kind, icon in _ICONS.items():
            label = kind_label(kind, plural=True)
            if text.lower() in label.lower():
                url = list_url(kind)
                found.append({"label": label, "detail": "", "url": url, "icon": icon})
    return found[:6]


def _verbs(request: PageRequest, text: str) -> list[dict[str, str]]:
    found = []
    for kind in _ADDED:
        label = gettext("Add: %(kind)s") % {"kind": kind_label(kind)}
        if text.lower() in label.lower() and may_edit(request, kind):
            url = reverse("crm:new", args=[kind])
            found.append({"label": label, "detail": "", "url": url, "icon": "plus"})
    return found[:4]


def _plain(groups: list[Group]) -> list[dict[str, object]]:
    return [{"title": title, "entries": entries} for title, entries in groups]
