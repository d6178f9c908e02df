"""Containers: towns, postcodes, areas that are handed out whole, with the accounts they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Figures, Plan, Request, Units
from perilune.territories.contracts.containers import Gathered
from perilune.territories.contracts.units import BoolArray, FloatArray, IntArray
from perilune.territories.engine.checks import named
from perilune.territories.engine.graph import neighbours


def gather(
    units: Units,
    request: Request,
    container: Sequence[str],
    edges: Sequence[tuple[str, str]] | None = None,
    may_split: bool = False,
) -> Gathered:
    """Return containers as units: loads summed, the place weighted by the first load.

    container (n,): name, "" for an account in none. edges: names of neighbouring containers; None
    by triangulation. may_split: take containers apart that weigh more than any territory may hold.
    The holder of a container is who holds most of it, its cost of moving what that holder has in
    it. Raises Invalid, naming the container, for locks and rules that contradict each other in it.
    """
    names = [text.strip() for text in container]
    heavy = _heavy(units, request, names)
    split = heavy if may_split else ()
    taken = set(split)
    apart = np.array([not name or name in taken for name in names])
    order = sorted({name for name, lone in zip(names, apart, strict=True) if not lone})
    number = {name: at for at, name in enumerate(order)}
    lone = np.flatnonzero(apart)
    member = np.empty(len(names), np.int32)
    member[lone] = len(order) + np.arange(len(lone), dtype=np.int32)
    for i in np.flatnonzero(~apart):
        member[i] = number[names[i]]
    ids = (*order, *_distinct([units.ids[i] for i in lone], number))
    found = _summed(units, request, member, ids)
    asked = _asked(units, request, member, ids)
    links = None if edges is None else _links(found[0], edges, number, names, taken, member)
    group, allowed = found[1]
    return Gathered(
        replace(found[0], edges=links, group=group),
        replace(asked, allowed=allowed),
        member,
        tuple(i for i in lone.tolist() if not names[i]),
        heavy,
        split,
    )


def expanded(gathered: Gathered, plan: Plan, units: Units) -> Plan:
    """Return a plan of containers as one of their accounts, with the figures of accounts.

    The certificate stays that of the containers: none of them is torn apart.
    """
    territory = plan.territory[gathered.member]
    away = ((units.points - plan.centres[territory]) ** 2).sum(axis=1)
    weight = units.loads[:, 0]
    moved, changes = 0.0, np.zeros(len(territory), bool)
    if units.owner is not None:
        held = units.owner >= 0
        changes = held & (territory != units.owner)
        moved = float(weight[changes].sum() / max(weight[held].sum(), 1e-300))
    figures = Figures(
        deviation=plan.figures.deviation,
        mean_deviation=plan.figures.mean_deviation,
        inertia=float(np.average(away, weights=weight)),
        distance=float(np.average(np.sqrt(away), weights=weight)),
        cut_off=plan.figures.cut_off,
        empty=plan.figures.empty,
        moved=moved,
        moved_units=int(changes.sum()),
    )
    return replace(plan, territory=territory, figures=figures, notes=plan.notes + _notes(gathered))


def _notes(gathered: Gathered) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    notes = []
    kept = [name for name in gathered.heavy if name not in gathered.split]
    if kept:
        message = _("Heavier than a territory may be, yet kept whole: %(names)s.")
        notes.append((message, (("names", named(kept)),)))
    if gathered.split:
        message = _("Heavier than a territory may be, so taken apart: %(names)s.")
        notes.append((message, (("names", named(gathered.split)),)))
    return tuple(notes)


def _distinct(ids: Sequence[str], taken: dict[str, int]) -> list[str]:
    """Return ids of accounts that stand alone, told apart from containers of the same name."""
    return [f"{one} (account)" if one in taken else one for one in ids]


def _heavy(units: Units, request: Request, names: Sequence[str]) -> tuple[str, ...]:
    order = sorted({name for name in names if name})
    number = {name: at for at, name in enumerate(order)}
    at = np.array([number.get(name, -1) for name in names])
    inside = at >= 0
    share = 1 / request.k if request.shares is None else request.shares.max() / request.shares.sum()
    most = share * units.total * (1 + np.array(request.tolerances))
    load = np.zeros((len(order), units.loads.shape[1]))
    np.add.at(load, at[inside], units.loads[inside])
    over = (load > most * (1 + 1e-9)).any(axis=1)
    return tuple(order[i] for i in np.flatnonzero(over))


def _summed(
    units: Units, request: Request, member: IntArray, ids: tuple[str, ...]
) -> tuple[Units, tuple[IntArray | None, BoolArray | None]]:
    count = len(ids)
    loads = np.zeros((count, units.loads.shape[1]))
    np.add.at(loads, member, units.loads)
    size = np.bincount(member, minlength=count)
    # what weighs nothing still has a place: the mean of its accounts'
    weight = units.loads[:, 0] + 1e-9 * max(float(units.loads[:, 0].sum()), 1e-300) / len(member)
    whole = np.bincount(member, weight, count)
    points = np.column_stack(
        [np.bincount(member, weight * units.points[:, axis], count) / whole for axis in (0, 1)]
    )
    single = np.flatnonzero(size == 1)
    if len(single):
        first = np.empty(count, np.int64)
        first[member] = np.arange(len(member))
        points[single] = units.points[first[single]]
    owner, cost = _holders(units, member, count)
    made = Units(ids, points, loads, units.names, owner=owner, moving_cost=cost)
    return made, _eligible(units, request, member, ids)


def _holders(
    units: Units, member: IntArray, count: int
) -> tuple[IntArray | None, FloatArray | None]:
    if units.owner is None:
        return None, None
    moving = units.loads[:, 0] if units.moving_cost is None else units.moving_cost
    width = int(units.owner.max(initial=-1)) + 1
    held = np.flatnonzero(units.owner >= 0)
    key = member[held].astype(np.int64) * max(width, 1) + units.owner[held]
    pairs, at = np.unique(key, return_inverse=True)
    load = np.bincount(at, units.loads[held, 0] + 1e-12, len(pairs))
    breaks = np.bincount(at, moving[held], len(pairs))
    owner, cost = np.full(count, -1, np.int32), np.zeros(count)
    for pair in np.argsort(load, kind="stable"):  # the heaviest comes last and stays
        container, holder = divmod(int(pairs[pair]), max(width, 1))
        owner[container], cost[container] = holder, breaks[pair]
    return owner, cost


def _eligible(
    units: Units, request: Request, member: IntArray, ids: tuple[str, ...]
) -> tuple[IntArray | None, BoolArray | None]:
    """Return who may hold a container: whoever may hold every account in it."""
    if request.allowed is None:
        return None, None
    groups = np.zeros(len(member), np.int32) if units.group is None else units.group
    may = np.ones((len(ids), request.k), bool)
    np.logical_and.at(may, member, np.asarray(request.allowed)[groups])
    nobody = np.flatnonzero(~may.any(axis=1))
    if len(nobody):
        _refuse(_("No territory may hold all accounts of: %(names)s."), [ids[i] for i in nobody])
    allowed, group = np.unique(may, axis=0, return_inverse=True)
    return group.ravel().astype(np.int32), allowed


def _asked(units: Units, request: Request, member: IntArray, ids: tuple[str, ...]) -> Request:
    locked = None
    if request.locked is not None:
        locked = np.full(len(ids), -1, np.int32)
        torn: set[str] = set()
        for i in np.flatnonzero(request.locked >= 0):
            at, goal = int(member[i]), int(request.locked[i])
            if locked[at] not in {-1, goal}:
                torn.add(ids[at])
            locked[at] = goal
        if torn:
            _refuse(_("Accounts of one container are locked to several territories: %(names)s."),
                    sorted(torn))  # fmt: skip
    together = _pairs(member, request.together)
    both = [ids[member[a]] for a, b in request.apart if member[a] == member[b]]
    if both:
        _refuse(_("Accounts that may not share a territory lie in one container: %(names)s."), both)
    return replace(request, locked=locked, together=together, apart=_pairs(member, request.apart))


def _pairs(member: IntArray, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    made = {(int(member[a]), int(member[b])) for a, b in pairs}
    return tuple(sorted(pair for pair in made if pair[0] != pair[1]))


def _links(  # noqa: PLR0917  # the containers, before and after
    units: Units,
    edges: Sequence[tuple[str, str]],
    number: dict[str, int],
    names: Sequence[str],
    split: set[str],
    member: IntArray,
) -> IntArray:
    """Return (e, 2) neighbours by unit number.

    The accounts of a container that was taken apart are neighbours by triangulation; each of its
    neighbours is linked with the nearest of them. An account in no container is linked with the
    nearest unit, so that it is no island.
    """
    parts: dict[str, list[int]] = {name: [at] for name, at in number.items()}
    for i, name in enumerate(names):
        if name in split:
            parts.setdefault(name, []).append(int(member[i]))
    unknown = sorted({end for pair in edges for end in pair} - set(parts))
    if unknown:
        _refuse(_("Neighbours that are no containers: %(names)s."), unknown)
    pairs = [_nearest(units.points, parts[one], parts[other]) for one, other in edges]
    for name in split:
        inside = np.array(parts[name])
        starts, links, __ = neighbours(units.points[inside])
        left = np.repeat(np.arange(len(inside)), np.diff(starts))
        pairs += [(int(inside[a]), int(inside[b])) for a, b in zip(left, links, strict=True)]
    everyone = list(range(len(units.ids)))
    for i, name in enumerate(names):
        if not name and len(everyone) > 1:
            here = int(member[i])
            pairs.append(_nearest(units.points, [here], [at for at in everyone if at != here]))
    return np.array(pairs, np.int32).reshape(-1, 2)


def _nearest(points: FloatArray, ones: list[int], others: list[int]) -> tuple[int, int]:
    gap = ((points[ones][:, None] - points[others][None]) ** 2).sum(axis=2)
    one, other = divmod(int(gap.argmin()), len(others))
    return ones[one], others[other]


def _refuse(message: str, names: Sequence[str]) -> Any:
    told = named(list(dict.fromkeys(names)))
    raise Invalid(message, problems=(Problem(message, {"names": told}),), names=told)
