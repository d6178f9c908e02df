"""Travel times in designs: the company's routing server, asked step by step, its ways obeyed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.territories.contracts import Asked, Loaded, Plan
from perilune.territories.contracts.routing import Router, Server
from perilune.territories.contracts.units import FloatArray, IntArray
from perilune.territories.engine import Costs, by_costs, nearest_candidates
from perilune.territories.engine.checks import named
from perilune.territories.models import DraftTravel, RoutingServer
from perilune.territories.models.packing import pack_one, unpack_one
from perilune.territories.queries.asking import Problem
from perilune.territories.queries.travelling import TIMEOUT, routing_server
from perilune.territories.service.routing import travel_times

MOST_PAIRS = 4_000_000
"""Accounts times territories: 16 MB, and about 1,600 questions of a server as it comes."""
SLICE = 200
ENOUGH = 12.0
"""Seconds of asking after which a step saves what it has."""


@dataclass(frozen=True)
class Routed:
    """A plan by ways. minutes: (k,) mean way in each territory, of those in the problem's order."""

    plan: Plan
    minutes: FloatArray
    row: DraftTravel


def put_server(kind: Router, url: str, *, actor: str, profile: str = "", most: int = 0) -> str:
    """Let designs ask a routing server; return how it is shown.

    It is asked for the way between two accounts first, so that what does not answer is not kept:
    Unavailable then, Invalid for an address that is none.
    """
    server = Server(kind, url.strip(), profile.strip(), most, TIMEOUT, 1)
    rows = store.run_sql(
        "SELECT a.latitude, a.longitude FROM account AS a WHERE a.latitude IS NOT NULL"
        " AND a.longitude IS NOT NULL ORDER BY a.id LIMIT 2",
        {}, scope=Scope.company(), as_of=company().today,
    ).rows  # fmt: skip
    places = np.array(rows or [(48.8566, 2.3522)], float)
    names = tuple(map(str, range(len(places))))
    told = travel_times(server, places, places[:1], names, names[:1], company().today.day)
    RoutingServer.objects.update_or_create(
        id=1,
        defaults={
            "kind": kind.value, "url": server.url, "profile": server.profile, "most": most,
            "changed_by": actor, "changed_at": datetime.now(UTC),
        },
    )  # fmt: skip
    return told.server


def remove_server() -> None:
    """Let designs go by straight lines again; plans keep what they were told."""
    RoutingServer.objects.all().delete()


def begin(found: Loaded, made: Problem, server: Server) -> DraftTravel:
    """Begin to ask for the ways of a design; Invalid where there would be too many."""
    k = made.request.k
    pairs = len(made.chosen) * k
    if pairs > MOST_PAIRS:
        raise Invalid(
            _("%(pairs)s ways are more than a routing server is asked for (%(most)s): fewer "
              "territories, a smaller plan, or straight lines."),
            pairs=pairs, most=MOST_PAIRS,
        )  # fmt: skip
    DraftTravel.objects.filter(draft_id=found.head.id, is_done=False).delete()
    return DraftTravel.objects.create(
        draft_id=found.head.id,
        server=f"{server.kind.value.upper()} {server.url}",
        day=company().today.day,
        edition=found.head.edition,
        units=pack_one(made.chosen.astype(np.int32)),
        numbers=pack_one(np.array(made.free, np.int32)),
    )


def ask_on(found: Loaded, made: Problem, plan: Plan, travel_id: int) -> DraftTravel:
    """Ask for more of the ways of a design, for some seconds; errors as of `travel_times`.

    Conflict where somebody took the server away meanwhile, or another design began.
    """
    row = DraftTravel.objects.filter(id=travel_id, edition=found.head.edition).first()
    server = routing_server()
    if row is None or server is None:
        raise Conflict(_("The routing server was changed while it was asked: start again."))
    where = _where(found, made)
    at = nearest_candidates(plan.centres, made.units.points)
    ids = made.units.ids
    parts = [] if row.minutes is None else [unpack_one(row.minutes)]
    refused = [tuple(one) for one in row.refused]
    until = time.monotonic() + ENOUGH
    while row.asked < len(ids) and time.monotonic() < until:
        here = slice(row.asked, row.asked + SLICE)
        told = travel_times(
            server, where[here], where[at], ids[here], [ids[i] for i in at], row.day
        )
        parts.append(told.minutes.astype(np.float32))
        refused += told.refused
        row.asked = min(row.asked + SLICE, len(ids))
        row.questions += told.questions
    row.minutes = pack_one(np.concatenate(parts))
    row.refused = sorted({(str(one), str(words)) for one, words in refused})
    row.save()
    return row


def routed(made: Problem, plan: Plan, asked: Asked, row: DraftTravel) -> Routed:
    """Return the plan of least travel once all ways are known, as one of accounts."""
    assert row.minutes is not None
    minutes = unpack_one(row.minutes).astype(float)
    at = nearest_candidates(plan.centres, made.units.points)
    near = minutes.min(axis=1)
    near = near[np.isfinite(near)]
    # what keeps accounts is told in multiples of compactness: here of the mean way
    stay = asked.stay * float(near.mean()) if made.units.owner is not None and len(near) else 0.0
    found = by_costs(made.units, made.request, plan, Costs(minutes, at), stay)
    told = made.told(found.plan)
    member = slice(None) if made.gathered is None else made.gathered.member
    own = found.minutes[member]
    load = made.accounts.loads[:, 0]
    mean = _means(own, told.territory, load, made.request.k)
    row.minutes = pack_one(own.astype(np.float32))
    row.edition += 1
    row.is_done = True
    notes = [*told.notes, (
        _("Ways by %(server)s: %(mean)s minutes from the centre on average, %(before)s on the map "
          "of straight lines."),
        (("server", row.server), ("mean", f"{found.mean:.0f}"), ("before", f"{found.before:.0f}")),
    )]  # fmt: skip
    for message, units in (
        (_("No way from the centre of their territory: %(names)s."), found.cut),
        (_("No way from any centre: %(names)s."), found.nowhere),
    ):
        if units:
            names = named([made.units.ids[i] for i in units])
            notes.append((message, (("names", names),)))
    if row.refused:
        names = named([one for one, __ in row.refused])
        notes.append((_("The server puts on no road: %(names)s."), (("names", names),)))
    return Routed(replace(told, notes=tuple(notes)), mean, row)


def kept(routed_plan: Routed) -> None:
    """Keep the ways of a design in the place of those of the one before."""
    row = routed_plan.row
    row.save()
    DraftTravel.objects.filter(draft_id=row.draft_id).exclude(id=row.pk).delete()


def progress_of(row: DraftTravel, made: Problem) -> Mapping[str, Any]:
    """Return how far asking is, for people."""
    return {"done": row.asked, "all": len(made.units.ids)}


def _means(own: FloatArray, territory: IntArray, load: FloatArray, k: int) -> FloatArray:
    mine = own[np.arange(len(territory)), territory]
    known = np.isfinite(mine)
    weight = np.maximum(load, 1e-9 * max(float(load.sum()), 1e-300))[known]
    sums = np.bincount(territory[known], weight * mine[known], k)
    whole = np.bincount(territory[known], weight, k)
    return np.asarray(np.where(whole > 0, sums / np.maximum(whole, 1e-300), np.nan))


def _where(found: Loaded, made: Problem) -> FloatArray:
    """Return latitude and longitude of what is shared out: of a container the mean."""
    where: FloatArray = np.column_stack([found.accounts.lat, found.accounts.lon])[made.chosen]
    if made.gathered is None:
        return where
    member = made.gathered.member
    count = np.maximum(np.bincount(member), 1)
    means = [np.bincount(member, where[:, axis]) / count for axis in (0, 1)]
    return np.asarray(np.column_stack(means))
