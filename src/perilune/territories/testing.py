"""Made accounts for tests: towns of different size with accounts around them."""

from __future__ import annotations

import numpy as np

from perilune.territories.contracts import Units


def made_units(n: int, seed: int = 0, attributes: int = 1, owners: int = 0) -> Units:
    """n accounts around eight towns; loads are lognormal; owners hold what is nearest to them."""
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, 300, (8, 2))
    points = towns[rng.integers(0, 8, n)] + rng.normal(0, 25, (n, 2))
    loads = rng.lognormal(0, 0.5, (n, attributes)) + 0.05
    owner = None
    if owners:
        places = points[rng.choice(n, owners, replace=False)]
        owner = ((points[:, None] - places[None]) ** 2).sum(axis=2).argmin(axis=1).astype(np.int32)
    names = ("potential", "visits", "accounts")[:attributes]
    return Units(tuple(f"A{i}" for i in range(n)), points, loads, names, owner=owner)
