"""Lives of seats: who sits on them, leaves, is replaced and ramps, path by path, exact by day.

Chance is a hash of (seed, path, row, holder): the same person of the same path meets the same luck
whatever else changes, in whatever order or thread paths are made. Source: splitmix64, Steele, Lea
and Flood (2014), Fast splittable pseudorandom number generators.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FIRST, SECOND, THIRD = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
UNIT = 1.0 / 4294967296.0
LOW = 0xFFFFFFFF
ARRIVAL, VACANCY = 1_000_003, 2_000_003
"""Added to a holder's number: other luck than that of leaving and skill."""


@njit(cache=True, nogil=True)
def hashed(seed, path, row, holder):
    """Return 64 bits of chance."""
    x = np.uint64(seed) + np.uint64(path) * np.uint64(FIRST)
    x ^= np.uint64(row + 1) * np.uint64(SECOND)
    x += np.uint64(holder + 1) * np.uint64(THIRD)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(SECOND)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(THIRD)
    x = (x ^ (x >> np.uint64(31))) * np.uint64(FIRST)
    return x ^ (x >> np.uint64(29))


@njit(cache=True, nogil=True)
def tenure_at_leaving(edge, rate, tenure, hazard):
    """Return the days of tenure, from `tenure` on, at which a cumulated hazard is used up.

    edge, rate: (B,) where bands begin, in days, the first at 0, and their hazard a day.
    """
    band, bands = 0, len(edge)
    while band + 1 < bands and edge[band + 1] <= tenure:
        band += 1
    at = tenure
    while band + 1 < bands:
        if hazard <= rate[band] * (edge[band + 1] - at):
            return at + hazard / rate[band]
        hazard -= rate[band] * (edge[band + 1] - at)
        band += 1
        at = edge[band]
    return at + hazard / rate[band] if rate[band] > 0 else 1e12


@njit(cache=True, nogil=True)
def lived(paths, seed, rows, laws, days, tables, shares, scales, made):
    """Add the seats of each path to what is made; P paths, U units, M buckets of days.

    rows: unit, group, ramp, start, last, planned, FTE; pointers, days and levels of FTE;
    pointers, days and service of restarts. laws: pointers, days and shares of ramps; pointers, days
    and daily hazards of groups. days: the bucket of each day, and the weight (for value, for
    heads) of the days from it to the bucket's end. tables: quantiles of delay and vacancy in days,
    and of skill by unit. shares: of seats filled again, of hires that never come. scales: of hazard
    and ramp by path. made: value, heads (P, U, M + 1), present (P, M + 1), each in two parts: what
    falls into the bucket of a change, and the level from the next bucket on.
    """
    unit, group, ramp, start, last, planned, fte, fp, fp_day, fp_level, rs, rs_day, rs_since = rows
    rp, rp_day, rp_share, hz, hz_edge, hz_rate = laws
    bucket, w_value, w_heads, _weight = days
    delay, vacancy, skill = tables
    value, value_level, heads, heads_level, present, present_level = made
    horizon, skills = len(bucket), np.uint64(skill.shape[1])
    delays, vacancies = np.uint64(len(delay)), np.uint64(len(vacancy))
    for p in range(len(paths)):
        for r in range(len(unit)):
            u, c = unit[r], ramp[r]
            edge, rate = (
                hz_edge[hz[group[r]] : hz[group[r] + 1]],
                hz_rate[hz[group[r]] : hz[group[r] + 1]],
            )
            begin, holder = start[r], 0
            closes = min(horizon, last[r] + 1)
            if planned[r]:
                bits = hashed(seed, paths[p], r, ARRIVAL)
                if float(bits & np.uint64(LOW)) * UNIT < shares[1]:
                    continue
                begin += delay[int((bits >> np.uint64(40)) % delays)]
            while begin < closes:
                bits = hashed(seed, paths[p], r, holder)
                chance = (float(bits >> np.uint64(32)) + 0.5) * UNIT
                factor = skill[u, int((bits & np.uint64(0xFFFFF)) % skills)]
                tenure = float(max(-begin, 0))
                gone = begin + tenure_at_leaving(edge, rate, tenure, -np.log(chance) / scales[0][p])
                quits = gone < closes
                until = int(np.ceil(gone)) if quits else closes
                if until <= max(begin, 0):
                    until = max(begin, 0) + 1
                day, level, there = max(begin, 0), 0.0, 0.0
                f, k, s = fp[r], rp[c], rs[r]
                since_day, since, now = begin, 0, fte[r]
                while day < closes:
                    following = until
                    if day >= until:  # the seat is empty
                        now, reached, following = 0.0, 0.0, closes
                    else:
                        if holder == 0:
                            while s < rs[r + 1] and rs_day[s] <= day:
                                if rs_since[s] < rs_day[s] - since_day + since:
                                    since_day, since, k = rs_day[s], rs_since[s], rp[c]
                                s += 1
                            if s < rs[r + 1]:
                                following = min(following, rs_day[s])
                            while f + 1 < fp[r + 1] and fp_day[f + 1] <= day:
                                f += 1
                            now = fp_level[f]
                            if f + 1 < fp[r + 1]:
                                following = min(following, fp_day[f + 1])
                        served = day - since_day + since
                        while k + 1 < rp[c + 1] and np.ceil(rp_day[k + 1] * scales[1][p]) <= served:
                            k += 1
                        if k + 1 < rp[c + 1]:
                            step = int(np.ceil(rp_day[k + 1] * scales[1][p])) - since + since_day
                            following = min(following, step)
                        reached = rp_share[k]
                    b, delta = bucket[day], now * reached - level
                    if delta != 0.0:
                        value[p, u, b] += delta * factor * w_value[day]
                        value_level[p, u, b + 1] += delta * factor
                        heads[p, u, b] += delta * w_heads[day]
                        heads_level[p, u, b + 1] += delta
                        level += delta
                    if now != there:
                        present[p, b] += (now - there) * w_heads[day]
                        present_level[p, b + 1] += now - there
                        there = now
                    day = following
                if closes < horizon and (level != 0.0 or there != 0.0):  # the seat itself ends
                    b = bucket[closes]
                    value[p, u, b] -= level * factor * w_value[closes]
                    value_level[p, u, b + 1] -= level * factor
                    heads[p, u, b] -= level * w_heads[closes]
                    heads_level[p, u, b + 1] -= level
                    present[p, b] -= there * w_heads[closes]
                    present_level[p, b + 1] -= there
                if not quits:
                    break
                bits = hashed(seed, paths[p], r, holder + VACANCY)
                if float(bits & np.uint64(LOW)) * UNIT >= shares[0]:
                    break
                begin = until + vacancy[int((bits >> np.uint64(40)) % vacancies)]
                holder += 1
