from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from perilune.history.queries import all_fields, sources
from perilune.hub import service
from perilune.hub.contracts.merging import MERGEABLE, RULE_LABELS, Rule, Rules
from perilune.hub.web import merging_shown as shown
from perilune.hub.web.words import kind_label
from perilune.kernel.errors import NotFound
from perilune.kernel.kinds import FieldType
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import PageHeader, Tab
from perilune.ui.toasts import notify

OFFERED = (Rule.KEPT, Rule.NEWEST, Rule.FULLEST, Rule.LONGEST, Rule.SOURCE)
_TEXTS = (FieldType.TEXT, FieldType.LONG_TEXT)


@page(Right.IMPORT_DATA)
def rules(request: PageRequest, kind: str) -> HttpResponse:
    """Show whose value survives a merge, by field, and take what the company says."""
    if kind not in MERGEABLE:
        raise NotFound("There is no group %(id)s of duplicates.", id=kind)
    if request.method == "POST":
        service.set_rules(kind, _read(request, kind))
        notify(request, gettext("Kept: the next merges go by it."))
        return redirect(reverse("hub:survivor_rules", args=[kind]))
    now = service.rules_of(kind)
    known = sources(kind)
    trusted = [*(one for one in now.sources if one in known), *sorted(known - set(now.sources))]
    facts = {
        "header": PageHeader(
            gettext("Whose value survives"),
            gettext("What a merge proposes for each field; a person may choose otherwise."),
            tabs=[
                Tab(kind_label(each), reverse("hub:survivor_rules", args=[each]), each == kind)
                for each in MERGEABLE
            ],
            back=shown.kind_link(kind),
        ),
        "kind": kind,
        "fields": [_field(item, now) for item in all_fields(kind)],
        "trusted": [(place, one) for place, one in enumerate(trusted, 1)],
        "places": range(1, len(trusted) + 1),
    }
    return render(request, "hub/survivor_rules.html", facts)


def _field(item: Any, now: Rules) -> tuple[str, str, list[tuple[str, str, bool]]]:
    chosen = now.by_field.get(item.name, Rule.KEPT)
    offered = [one for one in OFFERED if one is not Rule.LONGEST or item.type in _TEXTS]
    return (
        item.name,
        gettext(item.label),
        [(one.value, gettext(RULE_LABELS[one]), one is chosen) for one in offered],
    )


def _read(request: PageRequest, kind: str) -> Rules:
    told = request.POST
    names = [item.name for item in all_fields(kind)]
    allowed = {one.value for one in OFFERED}
    chosen = {
        name: Rule(value)
        for name in names
        if (value := told.get(f"rule-{name}", "")) in allowed and value != Rule.KEPT.value
    }
    places = {
        one: int(place) if place.isdigit() else len(names)
        for one in sources(kind)
        if (place := told.get(f"source-{one}", ""))
    }
    return Rules(chosen, tuple(sorted(places, key=lambda one: (places[one], one))))
