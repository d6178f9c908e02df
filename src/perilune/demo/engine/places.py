"""Where the firms are: near the centre of their town, on the land side of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perilune.demo.engine.days import Reals
from perilune.demo.engine.market import Firm

SPREAD_KM = 2.5
"""Standard deviation of a firm's distance from the centre of its town, each way."""

KM_PER_DEGREE = 111.195  # of latitude, on a sphere of 6,371 km

# town: latitude, longitude (GeoNames, CC BY 4.0)
CENTRES = {
    "Paris": (48.85341, 2.3488),
    "Nanterre": (48.89198, 2.20675),
    "Versailles": (48.80359, 2.13424),
    "Créteil": (48.79266, 2.46569),
    "Lille": (50.63391, 3.05512),
    "Amiens": (49.9, 2.3),
    "Rouen": (49.44313, 1.09932),
    "Nantes": (47.21725, -1.55336),
    "Rennes": (48.11109, -1.67431),
    "Bordeaux": (44.84124, -0.58046),
    "Lyon": (45.74906, 4.84789),
    "Grenoble": (45.17869, 5.71479),
    "Marseille": (43.29695, 5.38107),
    "Toulouse": (43.60426, 1.44367),
    "Strasbourg": (48.58392, 7.74553),
    "Dijon": (47.31344, 5.01391),
    "London": (51.50853, -0.12574),
    "Reading": (51.45625, -0.97113),
    "Bristol": (51.45523, -2.59665),
    "Cambridge": (52.2, 0.11667),
    "Brighton": (50.82838, -0.13947),
    "Manchester": (53.48095, -2.23743),
    "Leeds": (53.79648, -1.54785),
    "Edinburgh": (55.95206, -3.19648),
    "Birmingham": (52.48142, -1.89983),
    "Dublin": (53.33306, -6.24889),
    "Cork": (51.89797, -8.47061),
    "Hamburg": (53.55073, 9.99302),
    "Berlin": (52.52437, 13.41053),
    "Köln": (50.93333, 6.95),
    "Hannover": (52.37052, 9.73322),
    "Leipzig": (51.33962, 12.37129),
    "München": (48.13743, 11.57549),
    "Stuttgart": (48.78232, 9.17702),
    "Wien": (48.20849, 16.37208),
    "Zürich": (47.36667, 8.55),
    "Basel": (47.55839, 7.57327),
}

# Towns by the water and the way inland (north, east): a firm drawn on the other side is mirrored.
INLAND = {
    "Marseille": (0.45, 0.9),
    "Brighton": (1.0, 0.0),
    "Edinburgh": (-1.0, 0.0),
    "Dublin": (0.0, -1.0),
    "Zürich": (1.0, 0.0),
}


def places_of(firms: Sequence[Firm], rng: np.random.Generator) -> Reals:
    """Return latitude and longitude in degrees [firms, 2]; a duplicate stands where its firm does.

    rng: a stream of its own, so that nothing else of the company moves.
    """
    offset = rng.normal(0.0, SPREAD_KM, (len(firms), 2))
    places = np.empty((len(firms), 2))
    for at, firm in enumerate(firms):
        latitude, longitude = CENTRES[firm.town]
        inland = np.array(INLAND.get(firm.town, (0.0, 0.0)))
        # mirrored at the shore: what points to the water points inland instead
        km = offset[at] - 2 * min(float(offset[at] @ inland), 0.0) * inland / max(
            float(inland @ inland), 1e-9
        )
        wide = KM_PER_DEGREE * np.cos(np.radians(latitude))
        places[at] = latitude + km[0] / KM_PER_DEGREE, longitude + km[1] / wide
        if firm.duplicate_of >= 0:
            places[at] = places[firm.duplicate_of]
    return np.asarray(places.round(5))
