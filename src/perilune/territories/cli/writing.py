"""A plan as GeoJSON, as JSON and as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from perilune.territories.cli.reading import Accounts
from perilune.territories.contracts import Plan, Rebalanced, Units

SCHEMA = 1


def translated(message: str, params: tuple[tuple[str, str], ...]) -> str:
    """Return a msgid of the engine in the language spoken."""
    return gettext(message) % dict(params) if params else gettext(message)


def geojson(plan: Plan, accounts: Accounts, units: Units) -> dict[str, Any]:
    """Return the plan as a FeatureCollection of points: id, territory, attributes, present owner.

    RFC 7946 wants degrees; a file in km is written in km and says so in `crs_note`.
    """
    features = []
    for i, one in enumerate(units.ids):
        at = accounts.where[i].tolist()
        properties: dict[str, Any] = {"id": one, "territory": plan.names[plan.territory[i]]}
        properties |= {name: units.loads[i, t] for t, name in enumerate(units.names)}
        if accounts.owners:
            properties["owner"] = accounts.owners[i]
        features.append(
            {
                "type": "Feature",
                "id": one,
                "geometry": {
                    "type": "Point",
                    "coordinates": at[::-1] if accounts.by_degrees else at,
                },
                "properties": properties,
            }
        )
    found: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if not accounts.by_degrees:
        found["crs_note"] = "x and y in km, not degrees"
    return found


def summary(plan: Plan, units: Units, seconds: float, memory: float) -> dict[str, Any]:
    """Return the figures and the certificate of a plan. Shares are fractions, not percent."""
    figures, proof = plan.figures, plan.certificate
    return {
        "accounts": len(units.ids),
        "territories": len(plan.names),
        "deviation": dict(zip(units.names, _rounded(figures.deviation), strict=True)),
        "mean_deviation": dict(zip(units.names, _rounded(figures.mean_deviation), strict=True)),
        "inertia_km2": round(figures.inertia, 3),
        "distance_km": round(figures.distance, 3),
        "cut_off": round(figures.cut_off, 6),
        "empty": figures.empty,
        "moved_workload": round(figures.moved, 6),
        "moved_accounts": figures.moved_units,
        "moved_floor": round(proof.floor, 6),
        "bound_km2": round(proof.bound / max(units.loads[:, 0].sum(), 1e-300), 3),
        "cost_km2": round(proof.cost / max(units.loads[:, 0].sum(), 1e-300), 3),
        "gap": round(proof.gap, 6),
        "bound_is_for": "these centres",
        "tolerance_met": proof.met,
        "blocked_by": translated(proof.blocking, proof.blocking_params) if proof.blocking else None,
        "notes": [translated(message, params) for message, params in plan.notes],
        "seconds": round(seconds, 2),
        "peak_memory_mb": round(memory),
    }


def territories(plan: Plan, units: Units) -> list[dict[str, Any]]:
    """Return one row a territory."""
    return [
        {
            "territory": name,
            "accounts": int((plan.territory == a).sum()),
            "loads": dict(zip(units.names, _rounded(plan.loads[a].tolist()), strict=True)),
            "off_target": dict(
                zip(
                    units.names,
                    _rounded((plan.loads[a] / plan.targets[a] - 1).tolist()),
                    strict=True,
                )
            ),
        }
        for a, name in enumerate(plan.names)
    ]


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
