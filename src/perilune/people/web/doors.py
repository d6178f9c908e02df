"""Doors beside a figure of deals that rooms above open."""

from __future__ import annotations

from django.utils.translation import gettext

from perilune.kernel.wiring import WHY_DOORS
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Link


def doors_of(request: PageRequest, **filters: str) -> tuple[Link, ...]:
    """Return what may be asked further of a figure of the company, with its filters filled in."""
    if request.scope.owners is not None:
        return ()
    told = {name: text for name, text in filters.items() if text}
    return tuple(
        Link(gettext(door.label), door.url(told))
        for door in WHY_DOORS
        if door.right in request.rights
    )
