"""What is proved of a plan, and what is not known of its accounts: said where the figures are."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.web.gate import PageRequest
from perilune.territories import queries
from perilune.territories.contracts import DraftState, DraftView, Gap
from perilune.territories.web import shown
from perilune.ui import formats
from perilune.ui.contracts import Link


def proof(view: DraftView) -> list[str]:
    """Return what is proved of the last design of a plan, in sentences.

    Nothing without one, and nothing once the plan is no longer the one that was designed.
    """
    found = view.head.settings.get("proof")
    if not found or not view.proof_stands:
        return []
    said = []
    if found["is_within"]:
        said.append(gettext("Every territory is within its tolerance."))
    elif found["blocking"]:
        said.append(gettext(found["blocking"]) % found["blocking_params"])
    if found["gap"] is not None and found["is_within"]:
        gap = gettext(
            "No plan within the tolerance is more than %(gap)s more compact at these centres."
        )
        said.append(gap % {"gap": formats.percent(found["gap"], 2)})
    if found["moved"]:
        moved = gettext(
            "It moves %(moved)s of the load; at least %(floor)s must move whatever the map."
        )
        said.append(
            moved
            % {
                "moved": formats.percent(found["moved"], 1),
                "floor": formats.percent(found["floor"], 1),
            }
        )
    cut = gettext("Cut off from the main part of their territory: %(share)s of the accounts.")
    said.append(cut % {"share": formats.percent(found["cut_off"], 1)})
    said += [gettext(message) % params for message, params in found["notes"]]
    return said


def proof_voided(view: DraftView) -> str:
    """Return that the plan was changed since it was designed, and so is proved no more."""
    found = view.head.settings.get("proof")
    if not found or view.proof_stands:
        return ""
    return gettext(
        "The proof is of edition %(edition)s and the plan was changed since: nothing is proved of "
        "it as it stands. A new design proves again."
    ) % {"edition": formats.number(found["edition"], 0)}


def gaps(request: PageRequest, view: DraftView) -> list[Link]:
    """Return what counts as nothing because it is not known, each with its accounts."""
    found = queries.gaps(view.head.id, request.scope, request.actor)
    address = reverse("territories:accounts", args=[view.head.id])
    return [Link(said_of(view, gap), f"{address}?lacks={gap.what}") for gap in found]


def said_of(view: DraftView, gap: Gap) -> str:
    """Return one gap as a sentence."""
    named = {one.key: shown.title_of(one) for one in view.attributes}
    facts = {"n": formats.number(gap.count, 0), "what": named.get(gap.key, gap.key)}
    if gap.key == "deals":
        return (
            ngettext(
                "%(n)s deal counts as nothing: its currency has no rate.",
                "%(n)s deals count as nothing: their currencies have no rate.",
                gap.count,
            )
            if view.is_whole
            else ngettext(
                "%(n)s account has deals that count as nothing: their currency has no rate.",
                "%(n)s accounts have deals that count as nothing: their currency has no rate.",
                gap.count,
            )
        ) % facts
    if gap.is_rate:
        return (
            ngettext(
                "%(what)s of %(n)s account counts as nothing: its currency has no rate.",
                "%(what)s of %(n)s accounts counts as nothing: their currency has no rate.",
                gap.count,
            )
            % facts
        )
    return (
        ngettext(
            "%(what)s of %(n)s account is not known and counts as nothing.",
            "%(what)s of %(n)s accounts is not known and counts as nothing.",
            gap.count,
        )
        % facts
    )


def leaving(request: PageRequest, view: DraftView) -> list[str]:
    """Return who has territories in a plan although they leave, as far as it shows, in sentences.

    Nothing of a plan that is over: nobody seats anybody in it.
    """
    if view.head.state is DraftState.ARCHIVED:
        return []
    said = []
    for one in queries.leavers(view, request.scope, request.actor):
        text = (
            gettext("%(rep)s leaves on %(day)s, before the plan begins, and has %(territories)s.")
            if one.from_start
            else gettext("%(rep)s leaves on %(day)s, while the plan runs, and has %(territories)s.")
        )
        named = ", ".join(gettext("“%(name)s”") % {"name": name} for name in one.territories)
        said.append(text % {"rep": one.rep, "day": formats.day(one.last_day), "territories": named})
    return said
