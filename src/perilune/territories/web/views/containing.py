"""What a plan hands out whole: towns, postcodes, departments, polygons of a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, said
from perilune.territories import queries, service
from perilune.territories.contracts import ContainersView, DraftView
from perilune.territories.web.forms import ContainersForm
from perilune.territories.web.views.edits import edition_of
from perilune.ui import formats
from perilune.ui.contracts import Tone
from perilune.ui.toasts import notify

MOST_TORN = 12


def parts(request: PageRequest, view: DraftView) -> dict[str, Any]:
    """Return what a plan hands out whole, in words, and what is torn."""
    found = queries.containers(view.head.id, request.scope, request.actor)
    return {
        "containers": found.containers,
        "containers_said": _said(found),
        "containers_notes": [
            gettext(message) % dict(params)
            for message, params in (found.containers.notes if found.containers else ())
        ],
        "torn": [
            (
                one.name,
                ", ".join(f"{_name(name)} {formats.number(count, 0)}" for name, count in one.parts),
            )
            for one in found.torn[:MOST_TORN]
        ],
        "torn_more": max(len(found.torn) - MOST_TORN, 0),
        "containers_form": ContainersForm(
            choices=[(key, gettext(label)) for key, label in found.choices],
            initial={"by": found.containers.by if found.containers else ""},
        ),
    }


def _name(name: str | None) -> str:
    return gettext("another territory") if name is None else name or gettext("no territory")


def _said(found: ContainersView) -> list[str]:
    if found.containers is None:
        return [gettext("Accounts are handed out one by one.")]
    count = ngettext(
        "%(what)s: %(n)s container is handed out whole.",
        "%(what)s: %(n)s containers are handed out whole.",
        found.count,
    )
    facts = {"what": gettext(found.containers.title), "n": formats.number(found.count, 0)}
    said = [count % facts]
    if found.alone:
        alone = ngettext(
            "%(n)s account lies in none and goes alone.",
            "%(n)s accounts lie in none and go alone.",
            found.alone,
        )
        said.append(alone % {"n": formats.number(found.alone, 0)})
    torn = ngettext(
        "%(n)s is torn between territories.", "%(n)s are torn between territories.",
        len(found.torn),
    )  # fmt: skip
    said.append(torn % {"n": formats.number(len(found.torn), 0)} if found.torn
                else gettext("None is torn between territories."))  # fmt: skip
    return said


@require_POST
@page(Right.DESIGN_TERRITORIES)
def put(request: PageRequest, draft_id: int) -> HttpResponse:
    """Say what the plan hands out whole; nothing moves by it."""
    file = request.FILES.get("file")
    try:
        service.put_containers(
            draft_id, edition_of(request), request.POST.get("by", ""),
            file=(file.name or "", file.read()) if file else None,
            property_name=request.POST.get("property_name", ""),
            actor=request.actor, scope=request.scope,
        )  # fmt: skip
    except (Conflict, Invalid, NotFound, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    else:
        notify(request, gettext("Kept: designs and moves obey it from now on. Nothing has moved."))
    return redirect("territories:plan", draft_id)
