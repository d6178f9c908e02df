"""What open deals may bring by territory: each is won or not on the paths of one set of samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.territories.contracts.units import FloatArray, IntArray

LEVELS = (0.1, 0.5, 0.9)
PATHS, FEWEST = 4096, 1024
_CELLS = 2**26
"""Deals times paths: beyond it there are fewer paths, for sums of so many deals need no more."""
_CHUNK = 256
_STEP, _MIX, _MIX2 = (
    np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Drawn:
    """Samples of what open deals bring. samples: (k, S) by place, minor units; mean: (k,) exact."""

    samples: FloatArray
    mean: FloatArray


def draw(  # noqa: PLR0917  # what deals are, one each
    place: IntArray, chance: FloatArray, value: FloatArray, key: IntArray, k: int, seed: int = 0
) -> Drawn:
    """Return what deals bring in each of k places on the same paths.

    place: (n,) 0 to k - 1. chance: (n,) 0 to 1. value: (n,) what a win brings, minor units. key:
    (n,) their ids: a deal's luck comes from its id and the seed alone, so that it is the same in
    every plan, and a deal that goes elsewhere changes two places only.
    The generator is SplitMix64 (Steele, Lea and Flood, 2014), asked by id and path.
    """
    paths = int(np.clip(_CELLS // max(len(key), 1), FEWEST, PATHS))
    samples = np.zeros((k, paths))
    order = np.argsort(place, kind="stable")
    with np.errstate(over="ignore"):
        stream = _mixed(np.arange(paths, dtype=np.uint64) * _STEP + np.uint64(seed))
        for first in range(0, len(order), _CHUNK):
            rows = order[first : first + _CHUNK]
            luck = _mixed(_mixed(key[rows].astype(np.uint64) * _STEP)[:, None] ^ stream)
            brings = np.where(_unit(luck) < chance[rows, None], value[rows, None], 0.0)
            places, starts = np.unique(place[rows], return_index=True)
            samples[places] += np.add.reduceat(brings, starts, axis=0)
    return Drawn(samples, np.bincount(place, chance * value, k).astype(float))


def quantiles(samples: FloatArray) -> tuple[float, float, float]:
    """Return p10, p50 and p90 of (S,) samples."""
    low, middle, high = np.quantile(samples, LEVELS)
    return float(low), float(middle), float(high)


def near(samples: FloatArray) -> FloatArray:
    """Return (k, 3) what each place brings where all of them together are near p10, p50, p90.

    Its mean on a fortieth of the paths on either side, in proportion, so that places sum to the
    three figures of their total (rule 18).
    """
    whole = samples.sum(axis=0)
    order = np.argsort(whole, kind="stable")
    reach = max(len(order) // 40, 1)
    found = np.zeros((len(samples), len(LEVELS)))
    for at, (level, aim) in enumerate(zip(LEVELS, quantiles(whole), strict=True)):
        middle = int(level * (len(order) - 1))
        paths = order[max(middle - reach, 0) : middle + reach + 1]
        found[:, at] = samples[:, paths].mean(axis=1) * aim / max(float(whole[paths].mean()), 1e-9)
    return found


def _mixed(values: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]
           ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:  # fmt: skip
    values = (values ^ (values >> np.uint64(30))) * _MIX
    values = (values ^ (values >> np.uint64(27))) * _MIX2
    return np.asarray(values ^ (values >> np.uint64(31)))


def _unit(values: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> FloatArray:
    return np.asarray((values >> np.uint64(11)) * 2.0**-53)
