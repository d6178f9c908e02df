"""Containers, levels, travel times and no map at all, on the peers' instance of 10,000 accounts.

    python bench/territory_units.py

Accounts are those of bench/territories.py in fifty territories. Containers are the towns nearest to
the accounts and squares of 25 km. Travel times are made: straight lines at 60 km/h times 1.1 to 1.7
by direction and place, and 45 minutes to cross the meridian of 3 degrees, as a river without
bridges would; the server is that of the tests, on the loopback.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from datetime import date
from typing import Any

import django
import numpy as np
from scipy.spatial import cKDTree
from territories import PEERS

from perilune.territories.contracts import Request, Units
from perilune.territories.contracts.routing import Router, Server
from perilune.territories.engine import (
    Costs,
    Level,
    by_costs,
    design,
    expanded,
    gather,
    nearest_candidates,
    nested,
    share_out,
)
from perilune.territories.tests.routing_server import Roads, routing_server

sys.path.insert(0, str(PEERS))
K, WIDTH = 50, 0.01


def main() -> None:
    """Print one line a case."""
    from instances import make_accounts, read_places

    points, work = make_accounts(10_000)
    units = Units(tuple(map(str, range(len(points)))), points, work[:, None], ("work",))
    request, rng = Request(K, (WIDTH,)), np.random.default_rng
    design(replace(units, ids=units.ids[:300], points=points[:300], loads=units.loads[:300]),
           Request(5, (0.1,)), rng(0))  # fmt: skip  # compiled before the clock starts
    started = time.perf_counter()
    flat = design(units, request, rng(0))
    tell("accounts", started, flat)

    towns, __ = read_places()
    near = cKDTree(towns).query(points)[1]
    squares = np.floor(points / 25).astype(int)
    for name, cells in (
        ("towns", [f"t{i}" for i in near]),
        ("squares of 25 km", [f"{x}:{y}" for x, y in squares]),
    ):
        for split in (False, True):
            started = time.perf_counter()
            held = gather(units, request, cells, may_split=split)
            plan = expanded(held, design(held.units, held.request, rng(0)), units)
            heavy = units.loads[:, 0].sum() / K
            most = held.units.loads[:, 0].max() / heavy
            tell(f"{name}{', heavy ones split' if split else ''}", started, plan,
                 containers=len(held.units.ids), heavy=len(held.heavy),
                 heaviest_over_target=round(float(most), 2))  # fmt: skip

    started = time.perf_counter()
    for level in nested(units, request, (Level("regions", 5, (0.03,)), Level("areas", K, (0.01,))),
                        rng(0)):  # fmt: skip
        print(json.dumps({
            "case": f"level {level.name}", "territories": len(level.names),
            "within_parent": round(max(level.within), 4), "over_level": round(max(level.over), 4),
            "inertia": round(level.inertia, 1), "cut_off": level.cut_off,
            "gap": round(level.gap, 5), "met": level.is_met,
            "seconds_both": round(time.perf_counter() - started, 2),
        }))  # fmt: skip

    at = nearest_candidates(flat.centres, points)
    minutes = made_minutes(points, points[at])
    started = time.perf_counter()
    found = by_costs(units, request, flat, Costs(minutes, at))
    tell("travel times, these centres", started, found.plan, minutes=round(found.mean, 2),
         minutes_of_the_straight_plan=round(found.before, 2))  # fmt: skip
    candidates = np.unique(np.concatenate([at, rng(0).choice(len(points), 950, replace=False)]))
    candidates = candidates.astype(np.int32)
    started = time.perf_counter()
    found = by_costs(units, request, flat, Costs(made_minutes(points, points[candidates]),
                                                 candidates))  # fmt: skip
    case = f"travel times, {len(candidates)} candidates"
    tell(case, started, found.plan, minutes=round(found.mean, 2),
         minutes_of_the_straight_plan=round(found.before, 2))  # fmt: skip

    served(points, at)
    owner = ((points[:, None] - points[at][None]) ** 2).sum(axis=2).argmin(axis=1).astype(np.int32)
    held_by_nearest = replace(units, owner=owner)
    for name, asked in (("no map, from nothing", units), ("no map, held", held_by_nearest)):
        started = time.perf_counter()
        shared = share_out(asked, request)
        tell(name, started, shared.plan, moved=round(shared.plan.figures.moved, 4),
             floor=round(shared.floor, 4))  # fmt: skip


def made_minutes(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Minutes (n, c), see above."""
    away = points[:, None] - centres[None]
    straight = np.hypot(away[..., 0], away[..., 1])
    bend = 1.4 + 0.3 * np.sin(points[:, :1] / 40) * np.cos(centres[None, :, 1] / 55)
    river = 3.0 * np.cos(np.radians(46.5)) * 111.32
    side = points[:, 0] > river
    return np.asarray(straight * bend + 45.0 * (side[:, None] != (centres[:, 0] > river)[None]))


def served(points: np.ndarray, at: np.ndarray) -> None:
    """Ask both protocols for every pair."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    django.setup()
    from perilune.territories.service.routing import travel_times

    where = np.column_stack([points[:, 1] / 111.32, points[:, 0] / 76.6]).round(4)
    ids = [str(i) for i in range(len(points))]
    for kind in Router:
        roads = Roads()
        roads.most = 100 if kind is Router.OSRM else 50
        with routing_server(roads) as url:
            started = time.perf_counter()
            told = travel_times(Server(kind, url), where, where[at], ids,
                                [ids[i] for i in at], date(2026, 1, 1))  # fmt: skip
        print(json.dumps({
            "case": f"{kind.value}, {len(points)} x {len(at)} pairs", "questions": told.questions,
            "known": float(np.isfinite(told.minutes).mean()),
            "seconds": round(time.perf_counter() - started, 1),
        }))  # fmt: skip


def tell(case: str, started: float, plan: Any, **more: Any) -> None:
    """Print one plan."""
    figures, proof = plan.figures, plan.certificate
    print(json.dumps({
        "case": case, "seconds": round(time.perf_counter() - started, 2),
        "deviation": round(figures.deviation[0], 4), "inertia": round(figures.inertia, 1),
        "cut_off": figures.cut_off, "gap": round(proof.gap, 5), "met": proof.met, **more,
    }), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
