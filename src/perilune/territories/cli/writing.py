"""A plan as GeoJSON, as JSON and as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from perilune.territories.cli.solving import Solved
from perilune.territories.contracts import Rebalanced, Units
from perilune.territories.engine import LevelPlan

SCHEMA = 1


def translated(message: str, params: tuple[tuple[str, str], ...]) -> str:
    """Return a msgid of the engine in the language spoken."""
    return gettext(message) % dict(params) if params else gettext(message)


def geojson(made: Solved, layer: str = "") -> list[dict[str, Any]]:
    """Return features: accounts with id, territory of each level, attributes and present owner.

    Polygons that were handed out whole follow. RFC 7946 wants degrees; a file in km is written in
    km, and `collection` says so; without a map a feature has no geometry.
    """
    read, units, plan = made.read, made.units, made.plan
    marks = {"layer": layer} if layer else {}
    features = []
    for i, one in enumerate(units.ids):
        at = read.where[i].tolist()
        point = {"type": "Point", "coordinates": at[::-1] if read.by_degrees else at}
        properties: dict[str, Any] = marks | {"id": one, "territory": plan.names[plan.territory[i]]}
        properties |= {level.name: level.names[level.territory[i]] for level in made.levels}
        properties |= {name: units.loads[i, t] for t, name in enumerate(units.names)}
        if made.contained:
            properties["container"] = made.contained.container[i] or None
        if read.owners:
            properties["owner"] = read.owners[i]
        features.append(
            {
                "type": "Feature",
                "id": one,
                "geometry": point if read.is_placed else None,
                "properties": properties,
            }
        )
    return features + _polygons(made, marks)


def _polygons(made: Solved, marks: dict[str, str]) -> list[dict[str, Any]]:
    if made.contained is None or not made.contained.shapes:
        return []
    held: dict[str, set[str]] = {}
    for name, a in zip(made.contained.container, made.plan.territory.tolist(), strict=True):
        held.setdefault(name, set()).add(made.plan.names[a])
    return [
        {
            "type": "Feature",
            "geometry": shape,
            "properties": marks | {"area": name, "territory": next(iter(held[name]))},
        }
        for name, shapes in made.contained.shapes.items()
        if len(held[name]) == 1  # one taken apart belongs to nobody as a whole
        for shape in shapes
    ]


def collection(features: list[dict[str, Any]], by_degrees: bool) -> dict[str, Any]:
    """Return features as a document."""
    found: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if not by_degrees:
        found["crs_note"] = "x and y in km, not degrees"
    return found


def document(made: Solved, memory: float) -> dict[str, Any]:
    """Return a plan as JSON takes it."""
    plan, units = made.plan, made.units
    found: dict[str, Any] = {
        "summary": summary(made, memory),
        "territories": territories(made),
        "plan": {one: plan.names[plan.territory[i]] for i, one in enumerate(units.ids)},
    }
    if made.levels:
        found["levels"] = [_level(level, units) for level in made.levels]
        found["levels_of"] = {
            one: {level.name: level.names[level.territory[i]] for level in made.levels}
            for i, one in enumerate(units.ids)
        }
    if made.contained and made.gathered:
        found["containers"] = {
            "count": len(made.gathered.units.ids),
            "outside": made.contained.outside,
            "heavy": list(made.gathered.heavy),
            "split": list(made.gathered.split),
        }
    if made.found is not None:
        found |= {"moves": moves(made.found, units), "frontier": frontier(made.found)}
    return found


ROUNDING = 1e-9
"""Below zero by more than this, a gap speaks of a plan beyond its bounds."""


def gap_shown(gap: float) -> float | None:
    """Return a gap as documents have it: null for a plan beyond its bounds, which may cost less."""
    return round(gap, 6) if gap > -ROUNDING else None


def _level(level: LevelPlan, units: Units) -> dict[str, Any]:
    return {
        "level": level.name,
        "territories": len(level.names),
        "within_parent": dict(zip(units.names, _rounded(level.within), strict=True)),
        "over_level": dict(zip(units.names, _rounded(level.over), strict=True)),
        "cut_off": round(level.cut_off, 6),
        "gap": gap_shown(level.gap),
        "bound_is_for": "these centres",
        "tolerance_met": level.is_met,
        "blocked_by": [
            {"territory": parent or None, "why": translated(message, params)}
            for parent, message, params in level.blocking
            if message
        ],
        "areas": {name: int((level.parent == a).sum()) for a, name in _parents(level)},
    }


def _parents(level: LevelPlan) -> list[tuple[int, str]]:
    """Return the territories above, by number and name."""
    above = {int(a): level.names[at].rpartition(".")[0] for at, a in enumerate(level.parent)}
    return sorted((a, name) for a, name in above.items() if a >= 0)


def costs(made: Solved) -> dict[str, Any]:
    """Return what the way was measured by."""
    if not made.read.is_placed:
        return {"by": "balance alone"}
    if made.travelled is None or made.source is None:
        return {"by": "straight line"}
    way, ids = made.travelled, made.gathered.units.ids if made.gathered else made.units.ids
    return {
        "by": "travel time",
        "source": made.source.text,
        "day": made.source.day.isoformat() if made.source.day else None,
        "questions": made.source.questions,
        "mean_minutes": round(way.mean, 3),
        "mean_minutes_by_straight_line": round(way.before, 3),
        "no_way_from_own_centre": [ids[i] for i in way.cut],
        "no_way_from_any_centre": [ids[i] for i in way.nowhere],
        "refused": dict(made.source.refused),
    }


def summary(made: Solved, memory: float) -> dict[str, Any]:
    """Return the figures and the certificate of a plan. Shares are fractions, not percent.

    cost and bound are a unit of load: km² on straight lines, minutes by a matrix; without a map
    they are what moving breaks.
    """
    plan, units = made.plan, made.units
    figures, proof = plan.figures, plan.certificate
    placed = made.read.is_placed
    whole = max(units.loads[:, 0].sum(), 1e-300)
    kind = "minutes" if made.travelled else "km2" if placed else "moving"
    scale = whole if placed else 1.0
    return {
        "accounts": len(units.ids),
        "territories": len(plan.names),
        "deviation": dict(zip(units.names, _rounded(figures.deviation), strict=True)),
        "mean_deviation": dict(zip(units.names, _rounded(figures.mean_deviation), strict=True)),
        "inertia_km2": round(figures.inertia, 3) if placed else None,
        "distance_km": round(figures.distance, 3) if placed else None,
        "costs": costs(made),
        "cut_off": round(figures.cut_off, 6) if placed else None,
        "empty": figures.empty,
        "moved_workload": round(figures.moved, 6),
        "moved_accounts": figures.moved_units,
        "moved_floor": round(proof.floor, 6),
        f"bound_{kind}": round(proof.bound / scale, 3),
        f"cost_{kind}": round(proof.cost / scale, 3),
        "gap": gap_shown(proof.gap),
        "bound_is_for": "these centres" if placed else "what moving breaks",
        "tolerance_met": proof.met,
        "blocked_by": translated(proof.blocking, proof.blocking_params) if proof.blocking else None,
        "notes": [translated(message, params) for message, params in plan.notes],
        "seconds": round(made.seconds, 2),
        "peak_memory_mb": round(memory),
    }


def territories(made: Solved) -> list[dict[str, Any]]:
    """Return one row a territory."""
    plan, units = made.plan, made.units
    rows = []
    for a, name in enumerate(plan.names):
        off = (plan.loads[a] / plan.targets[a] - 1).tolist()
        row: dict[str, Any] = {
            "territory": name,
            "accounts": int((plan.territory == a).sum()),
            "loads": dict(zip(units.names, _rounded(plan.loads[a].tolist()), strict=True)),
            "off_target": dict(zip(units.names, _rounded(off), strict=True)),
        }
        if made.travelled:
            ids = made.gathered.units.ids if made.gathered else units.ids
            row |= {
                "centre": ids[int(made.travelled.at[a])],
                "road_hours": round(made.hours[a], 2),
            }
        rows.append(row)
    return rows


def moves(found: Rebalanced, units: Units) -> list[dict[str, Any]]:
    """Return one row an account that changes hands, with its reason."""
    names = found.plan.names
    return [
        {
            "id": units.ids[hand.unit],
            "from": names[hand.source] if hand.source >= 0 else None,
            "to": names[hand.goal],
            "reason": hand.reason.value,
            "workload": round(hand.load, 6),
            "breaks": round(hand.cost, 6),
            "nearer_km": round(hand.nearer_km, 3),
        }
        for hand in found.hands
    ]


def frontier(found: Rebalanced) -> list[dict[str, Any]]:
    """Return one row an alternative."""
    return [
        {
            "stay_km2": round(one.stay, 1),
            "moved_workload": round(one.moved, 6),
            "moved_cost": round(one.moved_cost, 6),
            "inertia_km2": round(one.inertia, 3),
            "deviation": round(one.deviation, 6),
            "cut_off": round(one.cut_off, 6),
            "chosen": at == found.chosen,
        }
        for at, one in enumerate(found.frontier)
    ]


def write(path: Path, document: dict[str, Any]) -> None:
    """Write JSON beside its place, then put it there at once."""
    scratch = path.with_name(path.name + ".part")
    scratch.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    scratch.replace(path)


def _rounded(numbers: Any) -> list[float]:
    return [round(float(number), 6) for number in numbers]
