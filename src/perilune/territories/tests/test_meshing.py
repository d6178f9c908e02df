"""A triangulation by strips has the edges of the whole one."""

import numpy as np
import pytest

from perilune.territories.engine.meshing import mesh_edges


def _islands(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return points of four islands of unlike density, far apart, and some alone."""
    middles = np.array([[0, 0], [40, 5], [43, 30], [90, -20]])
    which = rng.integers(0, 4, n)
    points = middles[which] + rng.normal(size=(n, 2)) * np.array([8, 1, 3, 0.2])[which, None]
    return np.concatenate([points, rng.uniform(-60, 120, (20, 2))])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("strips", [2, 7, 30])
def test_strips_give_the_edges_of_the_whole(seed: int, strips: int) -> None:
    rng = np.random.default_rng(seed)
    points = _islands(rng, 3_000) if seed % 2 else rng.uniform(0, 1, (3_000, 2))
    places = np.unique(points, axis=0)
    whole = {tuple(edge) for edge in mesh_edges(places).tolist()}
    assert {tuple(edge) for edge in mesh_edges(places, len(places) // strips + 1).tolist()} == whole
