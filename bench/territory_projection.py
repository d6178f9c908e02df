"""Territories of Walmart's stores projected over time, beside the naive rule.

Plans of 20 territories of the stores open at each cut, equal counts; stores that open later go to
the territory of the nearest planned one. What four and eight quarters later really was is compared
with what was projected from the cut: nothing after it is seen. Prints one line a horizon.

    python bench/territory_projection.py --data ../shared/data/geo/walmart_store_openings.csv
"""

from __future__ import annotations

import argparse
import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from perilune.territories.contracts import Request, Units
from perilune.territories.contracts.outlooks import Outlook, Rule
from perilune.territories.engine import design, to_km
from perilune.territories.engine.outlook import ahead, project

RULES = (Rule.NAIVE, Rule.DRIFT, Rule.SHARED)


def main() -> None:
    """Read, cut, project and compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--tolerance", type=float, default=0.05)
    asked = parser.parse_args()
    with asked.data.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = np.array([quarter(date(*(int(r[c]) for c in ("YEAR", "MONTH", "DAY")))) for r in rows])
    where = np.array([[float(r["LAT"]), float(r["LON"])] for r in rows])
    points = to_km(where[:, 0], where[:, 1])
    last = int(days.max())  # the file ends in the first month of this quarter
    for horizon in (4, 8):
        told = []
        for year in range(1975, 2006):
            cut = quarter(date(year, 1, 1))
            if (days < cut).sum() < 5 * asked.k or cut + horizon > last:
                continue
            told.append(one(days, points, cut, horizon, asked.k, asked.tolerance))
        print(json.dumps({"horizon_quarters": horizon, "cuts": len(told)} | summed(told)))


def quarter(day: date) -> int:
    """Return the number of a quarter."""
    return day.year * 4 + (day.month - 1) // 3


def one(  # noqa: PLR0917  # one cut
    days: np.ndarray, points: np.ndarray, cut: int, horizon: int, k: int, width: float
) -> dict[str, float]:
    """Return the errors of one cut."""
    open_now = np.flatnonzero(days < cut)
    units = Units(
        tuple(map(str, open_now)), points[open_now], np.ones((len(open_now), 1)), ("stores",)
    )
    plan = design(units, Request(k, (width,)), np.random.default_rng(0))
    territory = plan.territory[cKDTree(points[open_now]).query(points)[1]]
    territory[open_now] = plan.territory
    first = int(days.min())
    opened = np.zeros((cut + horizon - first, k))
    inside = days < cut + horizon
    np.add.at(opened, (days[inside] - first, territory[inside]), 1.0)
    loads = np.cumsum(opened, axis=0)
    past, then = loads[: cut - first], loads[cut - first :]
    found: Outlook = project(past, np.full(k, width), horizon, 4, rules=RULES)
    naive = ahead(past, Rule.NAIVE, horizon, 4)
    off = np.abs(then / then.mean(axis=1, keepdims=True) - 1) > width + 1e-9
    before = np.abs(past[-1] / past[-1].mean() - 1) > width + 1e-9
    said = found.leaves >= 0.5
    fresh = ~before
    return {
        "wrong": float(np.abs(found.middle - then)[-1].sum()),
        "wrong_naive": float(np.abs(naive - then)[-1].sum()),
        "actual": float(then[-1].sum()),
        "inside": float(((found.low <= then) & (then <= found.high)).mean()),
        "off_wrong": float(np.abs(found.deviation[-1] - (then[-1] / then[-1].mean() - 1)).mean()),
        "off_wrong_naive": float(
            np.abs((past[-1] / past[-1].mean()) - then[-1] / then[-1].mean()).mean()
        ),
        "left": float((off[-1] & fresh).sum()),
        "told": float((said[-1] & fresh).sum()),
        "told_and_left": float((said[-1] & off[-1] & fresh).sum()),
        "naive_chosen": float(found.rule is Rule.NAIVE),
    }


def summed(told: list[dict[str, float]]) -> dict[str, float]:
    """Return the errors over all cuts."""
    whole = {name: sum(t[name] for t in told) for name in told[0]}
    count = len(told)
    return {
        "wape": round(whole["wrong"] / whole["actual"], 4),
        "wape_naive": round(whole["wrong_naive"] / whole["actual"], 4),
        "inside_8_of_10": round(whole["inside"] / count, 3),
        "deviation_error": round(whole["off_wrong"] / count, 4),
        "deviation_error_naive": round(whole["off_wrong_naive"] / count, 4),
        "left_tolerance": int(whole["left"]),
        "told": int(whole["told"]),
        "told_and_left": int(whole["told_and_left"]),
        "naive_chosen": int(whole["naive_chosen"]),
    }


if __name__ == "__main__":
    main()
