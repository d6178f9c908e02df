"""The frontier of a draft: what may be traded, and what each point would hand over."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import (
    Alternative,
    Asked,
    FrontierView,
    HandOver,
    Loaded,
    TerritoryRow,
)
from perilune.territories.engine import least_moved, standing
from perilune.territories.models import Frontier, FrontierPoint
from perilune.territories.models.packing import unpack_one
from perilune.territories.queries.asking import Problem, problem
from perilune.territories.queries.handing import handed_over
from perilune.territories.queries.loading import loaded, require_whole

GONE = _("This re-balance is no longer there: compute it again.")


def frontier(draft_id: int, scope: Scope, actor: str) -> FrontierView | None:
    """Return the latest frontier of a draft; None where none was computed.

    Refused to whoever does not see the whole draft; Invalid where nothing can be designed now.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    row = last(draft_id)
    if row is None:
        return None
    made = question(found)
    is_stale = digest_of(found, made) != row.problem
    points = tuple(
        _measured(facts)
        for facts in FrontierPoint.objects.filter(frontier=row).values_list("facts", flat=True)
    )
    return FrontierView(
        points=points,
        chosen=least_moved(points),
        today=_measured(row.today),
        draft=standing(made.accounts, made.asked, here(found, made)),
        floor=row.floor,
        taken=None if is_stale else _taken(row, found, made),
        is_stale=is_stale,
        actor=row.actor,
        made_at=row.made_at,
    )


def frontier_handover(draft_id: int, number: int, scope: Scope, actor: str) -> list[HandOver]:
    """Return what changes hands if a point of the frontier becomes the draft, the dearest first.

    NotFound where the point is not there or the draft asks something else by now.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    made = question(found)
    point = point_of(found, made, number)
    territory = made.placed(unpack_one(point.units)).astype(np.int32)
    rows = tuple(_centred(found, row, territory) for row in found.rows)
    nobody = np.zeros(len(territory), bool)
    return handed_over(replace(found, territory=territory, rows=rows), scope, actor, nobody)


def last(draft_id: int) -> Frontier | None:
    """Return the latest frontier of a draft that is whole."""
    return Frontier.objects.filter(draft_id=draft_id, is_done=True).order_by("-id").first()


def point_of(found: Loaded, made: Problem, number: int) -> FrontierPoint:
    """Return a point of the latest frontier; NotFound where it does not answer this question."""
    row = last(found.head.id)
    if row is None or row.problem != digest_of(found, made):
        raise NotFound(GONE)
    point = FrontierPoint.objects.filter(frontier=row, number=number).first()
    if point is None:
        raise NotFound(GONE)
    return point


def question(found: Loaded) -> Problem:
    """Return what a re-balance asks: as many territories as there are, with all that binds them.

    Connection is asked of places as the last design asked for it: here accounts are to stay.
    """
    k, last = len(found.rows), found.head.settings.get("asked") or {}
    return problem(found, k, Asked(k=k, stay=1.0, near=float(last.get("near", Asked.near))))


def digest_of(found: Loaded, made: Problem) -> str:
    """Return a digest of all that the engine's answer follows from.

    Where free accounts are in the draft is not part of it: a point may be taken after another one.
    """
    request = made.request
    plain = [
        found.snapshot_digest, request.k, request.tolerances, request.together, request.apart,
        made.free, len(found.rows), request.near,
    ]  # fmt: skip
    said = hashlib.sha256(json.dumps(plain).encode())
    for array in (
        made.chosen, made.units.owner, made.units.group, request.locked, request.pinned,
        request.allowed, None if made.gathered is None else made.gathered.member,
    ):  # fmt: skip
        said.update(b"|" if array is None else np.ascontiguousarray(array).tobytes() + b"|")
    return said.hexdigest()


def here(found: Loaded, made: Problem) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return (n,) where the accounts that are shared out are, by the engine's numbers."""
    place = np.full(len(found.rows) + 1, -1, np.int32)
    place[list(made.free)] = np.arange(len(made.free))
    return np.asarray(place[found.territory[made.chosen]])


def _measured(facts: Mapping[str, Any]) -> Alternative:
    """Return figures from their JSON; none is what was not measured."""
    cut = facts["cut_off"]
    return Alternative(**{**facts, "cut_off": math.nan if cut is None else cut})


def _taken(row: Frontier, found: Loaded, made: Problem) -> int | None:
    now = here(found, made)
    points = FrontierPoint.objects.filter(frontier=row).values_list("number", "units")
    return next((at for at, units in points if np.array_equal(unpack_one(units), now)), None)


def _centred(found: Loaded, row: TerritoryRow, territory: np.ndarray[Any, Any]) -> TerritoryRow:
    mine = found.accounts.points[(territory == row.number) & found.accounts.placed]
    if not len(mine):
        return replace(row, x=None, y=None)
    centre = mine.mean(axis=0)
    return replace(row, x=float(centre[0]), y=float(centre[1]))
