"""Global search: records, pages and verbs."""

from __future__ import annotations

import re
import unicodedata
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
from perilune.kernel.wiring import SEARCH, SearchEntry
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui import formats
from perilune.ui.contracts import PageHeader

_ICONS = {
    "account": "building-2",
    "opportunity": "briefcase",
    "contact": "contact",
    "lead": "user",
    "product": "package",
    "campaign": "megaphone",
    "case": "circle-help",
    "quote": "file-text",
    "contract": "file-text",
}
_PAGES = (
    SearchEntry(_("Pipeline"), "crm:pipeline", Right.SEE_ROWS, icon="kanban"),
    SearchEntry(_("Board"), "crm:board", Right.SEE_ROWS, icon="kanban"),
    SearchEntry(_("Records"), "crm:records", Right.SEE_ROWS, icon="briefcase"),
    SearchEntry(_("Stages"), "crm:stages", Right.MANAGE_SETTINGS, icon="list-checks"),
)
_MOST = 6
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
    places = [*_places(request, text), *_verbs(request, text)]
    if _sees_rows(request):
        found = queries.search(text, scope=request.scope, as_of=request.as_of)
        # the kind with the best match leads
        ordered = sorted(found.items(), key=lambda item: item[1][0].rank)
        for kind, hits in ordered:
            groups.append((kind_label(kind, plural=True), [_entry(hit) for hit in hits]))
    if places:
        # what is called by the very word is meant: it stands before records that contain it
        is_meant = any(_plainly(place["label"]).startswith(_plainly(text)) for place in places)
        title = gettext("Pages, measures and verbs")
        groups.insert(0 if is_meant else len(groups), (title, places))
    return groups


def _entry(hit: Hit) -> dict[str, str]:
    # most deals are named after their account: it is not said twice
    beside = "" if hit.detail and hit.title.startswith(hit.detail) else hit.detail
    parts = [beside, hit.stage]
    if hit.amount is not None:
        parts.append(formats.money(hit.amount, hit.currency, 0))
    if hit.close_date is not None:
        parts.append(formats.day(hit.close_date))
    return {
        "label": hit.title,
        "detail": " · ".join(part for part in parts if part),
        "url": record_url(hit.kind, hit.id),
        "icon": _ICONS.get(hit.kind, "square"),
    }


def _places(request: PageRequest, text: str) -> list[dict[str, str]]:
    """Return the pages and measures that a text names and this person may open, best first."""
    found = []
    for entry in (*_PAGES, *SEARCH):
        label = gettext(entry.label)
        if not _names(text, label) or (entry.right and entry.right not in request.rights):
            continue
        try:
            url = reverse(entry.route, args=entry.args)
        except NoReverseMatch:
            continue
        url += f"?{entry.query}" if entry.query else ""
        found.append({"label": label, "detail": "", "url": url, "icon": entry.icon})
    if _sees_rows(request):
        for kind, icon in _ICONS.items():
            label = kind_label(kind, plural=True)
            if _names(text, label):
                url = list_url(kind)
                found.append({"label": label, "detail": "", "url": url, "icon": icon})
    found.sort(key=lambda place: not _plainly(place["label"]).startswith(_plainly(text)))
    return found[:_MOST]


def _names(text: str, label: str) -> bool:
    """Tell whether each typed word begins a word of a label, accents aside."""
    words = re.split(r"[^0-9a-z]+", _plainly(label))
    typed = re.split(r"[^0-9a-z]+", _plainly(text))
    return all(any(word.startswith(part) for word in words) for part in typed)


def _plainly(text: str) -> str:
    """Return a text in small letters without accents, as people type it."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char)).strip()


def _verbs(request: PageRequest, text: str) -> list[dict[str, str]]:
    found = []
    for kind in _ADDED:
        label = gettext("Add: %(kind)s") % {"kind": kind_label(kind).lower()}
        if _names(text, label) and may_edit(request, kind):
            url = reverse("crm:new", args=[kind])
            found.append({"label": label, "detail": "", "url": url, "icon": "plus"})
    return found[:4]


def _plain(groups: list[Group]) -> list[dict[str, object]]:
    return [{"title": title, "entries": entries} for title, entries in groups]
