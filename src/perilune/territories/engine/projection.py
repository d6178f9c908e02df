"""From degrees to kilometres: Lambert's azimuthal equal-area projection about the middle.

Source: Snyder, Map Projections, USGS Professional Paper 1395 (1987), 24, sphere of 6,371.0088 km.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
EARTH_KM = 6371.0088


def middle_of(latitude: FloatArray, longitude: FloatArray) -> tuple[float, float]:
    """Return the mean direction of places in degrees (n,), as latitude and longitude in radians."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    mean = np.array(
        [(np.cos(lat) * np.cos(lon)).mean(), (np.cos(lat) * np.sin(lon)).mean(), np.sin(lat).mean()]
    )
    north = np.arctan2(mean[2], np.hypot(mean[0], mean[1]))
    return float(north), float(np.arctan2(mean[1], mean[0]))


def to_km(
    latitude: FloatArray, longitude: FloatArray, middle: tuple[float, float] | None = None
) -> FloatArray:
    """Return (n, 2) km east and north of the middle of the units; areas are true.

    Degrees (n,). middle: of other places, as `middle_of` tells it; None: of these. It is the mean
    direction, so units on both sides of the date line stay together. Distances are true near it
    and shrink with it: by 0.2 % at 500 km, 1.5 % at 1,500 km; on two continents they are a rough
    guide only.
    """
    lat, lon = np.radians(latitude), np.radians(longitude)
    lat0, lon0 = middle_of(latitude, longitude) if middle is None else middle
    turn = lon - lon0
    cosine = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(turn)
    scale = EARTH_KM * np.sqrt(2.0 / np.maximum(1.0 + cosine, 1e-9))
    east = scale * np.cos(lat) * np.sin(turn)
    north = scale * (np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(turn))
    return np.column_stack([east, north])
