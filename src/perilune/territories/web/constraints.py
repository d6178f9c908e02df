"""The constraints of a plan as sentences, each with what breaks it and the verb that lifts it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.history.queries import all_fields
from perilune.people.web.gate import PageRequest
from perilune.territories import queries
from perilune.territories.contracts import Constraint, DraftView
from perilune.territories.web import shown
from perilune.ui import formats
from perilune.ui.contracts import Status, Tone

WHOLE = ("together", "apart", "locked")


@dataclass(frozen=True)
class Listed:
    """A constraint on the page. url: of the verb that lifts it, empty for who may not."""

    said: str
    state: Status
    url: str


def listed(request: PageRequest, view: DraftView) -> list[Listed]:
    """Return the constraints of a plan, as they stand."""
    may = shown.may_edit(request, view.head)
    found = queries.constraints(view.head.id, request.scope, request.actor)
    return [
        Listed(
            said_of(one),
            _state(one),
            reverse("territories:lift", args=[view.head.id, one.kind, one.number])
            if may and (view.is_whole or one.kind not in WHOLE)
            else "",
        )
        for one in found
    ]


def said_of(one: Constraint) -> str:
    """Return a constraint as a sentence."""
    facts = {
        "territory": one.territory,
        "names": _named(one),
        "count": formats.number(one.count, 0),
    }
    match one.kind:
        case "only":
            labels = {item.name: gettext(item.label) for item in all_fields("account")}
            fields = gettext(" and ").join(
                f"{labels.get(name, name)} = {gettext(' or ').join(values)}"
                for name, values in one.fields
            )
            return gettext("%(territory)s holds only: %(fields)s") % {**facts, "fields": fields}
        case "pin":
            return gettext("%(territory)s keeps its centre where it is pinned") % facts
        case "together":
            return gettext("Together: %(names)s") % facts
        case "apart":
            return gettext("Apart: %(names)s") % facts
    return (
        ngettext(
            "%(count)s account is locked where it is: %(names)s",
            "%(count)s accounts are locked where they are: %(names)s",
            one.count,
        )
        % facts
    )


def _named(one: Constraint) -> str:
    names = ", ".join(one.names)
    more = one.count - len(one.names)
    if more <= 0:
        return names
    said = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more)
    return said % {"names": names, "n": formats.number(more, 0)}


def _state(one: Constraint) -> Status:
    if not one.breach:
        return Status(gettext("kept"), Tone.GOOD)
    said = ngettext("broken by %(n)s account", "broken by %(n)s accounts", one.breach)
    return Status(said % {"n": formats.number(one.breach, 0)}, Tone.WATCH)
