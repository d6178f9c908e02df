"""How often would a perfect 80 % range hold 75 to 90 % of the Maven outcomes, cell by cell?

Called by `bench/forecast.py --luck`. A forecaster who knows the law of sales to the last digit is
put through the peers' protocol: days are independent, windows overlap as they do there. What it
reaches is all that the protocol can tell of anybody.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

AIM = (0.75, 0.90)
UNITS = {"total": 1, "region": 3, "manager": 6}
LIVES = 20_000
FIRST, LAST = "2017-06-04", "2017-12-31"


def luck(peers: Path) -> Iterator[dict[str, Any]]:
    """Give a row per target and level, then the chance to hold the aim in all cells."""
    sys.path[:0] = [str(peers)]
    from deals import Pipeline, target_windows

    pipeline = Pipeline()
    windows = defaultdict(list)
    for cutoff in pd.date_range(FIRST, LAST, freq="W-SUN"):
        for target, length in target_windows(pipeline, cutoff).items():
            windows[target].append((pipeline.day(cutoff), length))
    rng, met = np.random.default_rng(1), {}
    for target, spans in windows.items():
        for level, units in UNITS.items():
            inside = _inside(spans, units, rng)
            met[target, level] = float(((inside >= AIM[0]) & (inside <= AIM[1])).mean())
            yield {
                "bench": "forecast-luck", "target": target, "level": level,
                "outcomes": len(spans) * units, "chance_to_hold": round(met[target, level], 2),
            }  # fmt: skip
    for levels in (("total", "manager"), tuple(UNITS)):
        chances = [chance for (_target, level), chance in met.items() if level in levels]
        yield {
            "bench": "forecast-luck", "levels": " ".join(levels), "cells": len(chances),
            "cells_held_on_average": round(sum(chances), 1),
            "chance_to_hold_all_if_separate": round(float(np.prod(chances)), 4),
        }  # fmt: skip


def _inside(spans: list[tuple[int, int]], units: int, rng: np.random.Generator) -> Any:
    """Return (LIVES,) the share of outcomes inside a range that is right."""
    first = spans[0][0]
    days = max(day + length for day, length in spans) - first
    windows = np.zeros((len(spans), days))
    for at, (day, length) in enumerate(spans):
        windows[at, day - first : day - first + length] = length**-0.5
    reach = NormalDist().inv_cdf(0.9)
    found = np.zeros(LIVES)
    for _unit in range(units):
        errors = rng.standard_normal((LIVES, days)) @ windows.T
        found += (np.abs(errors) <= reach).mean(axis=1) / units
    return found
