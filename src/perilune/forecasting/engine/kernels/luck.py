"""The luck of deals: loaded when something is drawn (see `simulation`)."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _mixed(state):
    """Return the state after a step of splitmix64, and its 64 bits. Source: Steele et al. 2014."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@njit(cache=True, nogil=True)
def _uniform(bits):
    """Return a number in (0, 1)."""
    return (np.float64(bits >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def _start(seed, key, stream):
    __, bits = _mixed(seed ^ (np.uint64(key) * np.uint64(0xD1342543DE82EF95)))
    __, bits = _mixed(bits ^ np.uint64(stream))
    return bits


@njit(cache=True, nogil=True)
def _ceiling(number):
    """Return the smallest power of two that is not below a number above zero."""
    ceiling = 1.0
    while ceiling < number:
        ceiling *= 2.0
    while ceiling * 0.5 >= number:
        ceiling *= 0.5
    return ceiling


@njit(cache=True, nogil=True)
def deals(seat, key, value, win, ratios, moved, heirs, seed, out):
    """Add to (L, S) what the wins of each open deal bring; arguments as in `Draw`."""
    paths, sizes = out.shape[1], len(ratios)
    for row in range(len(seat)):
        chance = win[row]
        if chance <= 0.0:
            continue
        ceiling = _ceiling(min(chance, 1.0))
        accept = chance / ceiling
        state = _start(seed, key[row], 1)
        step = 0.0 if ceiling >= 1.0 else 1.0 / np.log1p(-ceiling)
        path = -1
        while True:
            path += 1
            if ceiling < 1.0:
                state, bits = _mixed(state)
                jump = np.log(_uniform(bits)) * step
                if jump >= paths - path:
                    break
                path += int(jump)
            if path >= paths:
                break
            state, bits = _mixed(state)
            if _uniform(bits) < accept:
                # the low bits are no part of the uniform number above
                amount = value[row] * ratios[int(bits & np.uint64(2047)) % sizes]
                if moved > 0.0:
                    state, bits = _mixed(state)
                    at = _closer(seat[row], moved, heirs, bits)
                else:
                    at = seat[row]
                if at >= 0:
                    out[at, path] += amount


@njit(cache=True, nogil=True)
def _closer(seat, moved, heirs, bits):
    """Return the seat that a win is credited to: its own, or one of the heirs."""
    return heirs[int(bits & np.uint64(2047))] if _uniform(bits) < moved else seat


@njit(cache=True, nogil=True)
def arrivals(seat, key, value, wins, kind, sizes, seed, out):
    """Add to (L, S) what the wins of each stream of new deals bring; arguments as in `Draw`."""
    paths, count = out.shape[1], sizes.shape[1]
    for row in range(len(seat)):
        expected = wins[row]
        if expected <= 0.0:
            continue
        ceiling = _ceiling(expected)
        accept = expected / ceiling
        state = _start(seed, key[row], 2)
        place = 0.0
        while True:
            state, bits = _mixed(state)
            place -= np.log(_uniform(bits)) / ceiling
            if place >= paths:
                break
            state, bits = _mixed(state)
            if _uniform(bits) < accept:
                size = sizes[kind[row], int(bits & np.uint64(2047)) % count]
                out[seat[row], int(place)] += value[row] * size
