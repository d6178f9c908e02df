"""Who would best take which territory of a draft: what each rep holds, won and knows, what breaks.

Of people only their name, country of employment and accounts are read (rule 25): no address, no
language, no age.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from perilune.kernel.scope import Scope
from perilune.people.queries import company, rep_choices, reps_as_of
from perilune.territories.contracts import Loaded, Suggested
from perilune.territories.engine import match
from perilune.territories.queries.constraints import texts
from perilune.territories.queries.loading import loaded, require_whole
from perilune.territories.queries.years import day_of, last_days

NEAR = 100.0
"""km at which a territory is half as near to what a rep holds today as one that lies in it."""
MOST_REPS = 500

Array = np.ndarray[Any, Any]


def seating(draft_id: int, scope: Scope, actor: str) -> list[Suggested]:
    """Return the suggested rep of each territory of a draft that is not locked.

    Candidates are reps who have a territory of the draft or hold accounts of it, and are there on
    its day: who leaves before it is none, as far as the person may know (rule 24).
    The seats together keep most load and fit best (`engine.match`). Refused to whoever does not see
    the whole draft.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    names = dict(rep_choices(scope, with_leavers=False))
    rows = [row for row in found.rows if not row.is_locked]
    shut = {row.rep_id for row in found.rows if row.is_locked}
    theirs = {row.rep_id or 0 for row in rows} | {int(one) for one in np.unique(found.before)}
    begins = day_of(found.head, scope, actor)
    gone = {
        rep for rep, day in last_days(sorted(theirs), scope, actor).items()
        if day < begins
    }  # fmt: skip
    reps = sorted(rep for rep in theirs - gone if rep in names and rep not in shut)[:MOST_REPS]
    if not rows or not reps:
        return []
    place = np.full(len(found.rows) + 1, -1)
    place[[row.number for row in rows]] = np.arange(len(rows))
    at = place[found.territory]
    who = np.searchsorted(reps, found.before)
    known = np.isin(found.before, reps)
    who = np.where(known, np.minimum(who, len(reps) - 1), -1)
    shared, cost = _sums(found, at, who, len(rows), len(reps))
    ground = _ground(found, at, who, len(rows), len(reps))
    segment = _segments(found, at, who, len(rows), len(reps))
    country = _countries(found, at, reps, len(rows))
    fit = _fit([ground, segment, country])
    # more reps than territories, or fewer: the engine seats as many as there are
    wide = np.zeros((len(rows), max(len(rows), len(reps))))
    wide[:, : len(reps)] = shared
    fits = np.zeros_like(wide)
    fits[:, : len(reps)] = fit
    value = wide / max(wide.sum() / len(rows), 1e-300) + 0.5 * fits
    whole = np.maximum(cost.sum(axis=1), 1e-300)
    made = []
    for seat in match(wide, fits):
        row, rep = rows[seat.territory], seat.rep if 0 <= seat.rep < len(reps) else None
        now = names.get(row.rep_id or 0, "")
        if rep is None:
            made.append(
                Suggested(row.number, row.name, row.rep_id, now, None, "", 0, None, None, None, 1,
                          "", 0)
            )  # fmt: skip
            continue
        t = seat.territory
        made.append(
            Suggested(
                territory=row.number,
                name=row.name,
                now_id=row.rep_id,
                now=now,
                rep_id=reps[rep],
                rep=names[reps[rep]],
                kept=seat.kept,
                ground=_known(ground[t, rep]),
                segment=_known(segment[t, rep]),
                country=_known(country[t, rep]),
                breaks=float(1 - cost[t, rep] / whole[t]),
                best=rows[int(value[:, rep].argmax())].name,
                given_up=seat.given_up,
            )
        )
    return made


def _sums(found: Loaded, at: Array, who: Array, k: int, r: int) -> tuple[Array, Array]:
    """Return (k, r + 1 for cost) load, and cost of moving, of each territory by holder."""
    inside = at >= 0
    held = inside & (who >= 0)
    shared = np.zeros((k, r))
    np.add.at(shared, (at[held], who[held]), found.accounts.loads[held, 0])
    cost = np.zeros((k, r + 1))
    np.add.at(cost, (at[inside], np.where(who[inside] >= 0, who[inside], r)),
              found.accounts.cost[inside])  # fmt: skip
    return shared, cost


def _ground(found: Loaded, at: Array, who: Array, k: int, r: int) -> Array:
    """Return (k, r) how near a territory's centre is to the middle of what a rep holds, or NaN."""
    points = found.accounts.points

    def middle(number: Array, count: int) -> Array:
        chosen = (number >= 0) & found.accounts.placed
        size = np.bincount(number[chosen], minlength=count).astype(float)
        size[size == 0] = np.nan
        sums = [np.bincount(number[chosen], points[chosen, axis], count) for axis in (0, 1)]
        return np.asarray(np.stack(sums, axis=1) / size[:, None])

    gap = middle(at, k)[:, None, :] - middle(who, r)[None, :, :]
    return np.asarray(1 / (1 + np.hypot(gap[..., 0], gap[..., 1]) / NEAR))


def _segments(found: Loaded, at: Array, who: Array, k: int, r: int) -> Array:
    """Return (k, r) the share of a rep's bookings won in the segments of a territory, or NaN."""
    values, number = np.unique(np.array(texts(found, "segment")), return_inverse=True)
    count = len(values)
    mix, won = np.zeros((k, count)), np.zeros((r, count))
    inside, held = at >= 0, who >= 0
    np.add.at(mix, (at[inside], number[inside]), 1.0)
    np.add.at(won, (who[held], number[held]), found.accounts.bookings[held].astype(float))
    for table in (mix, won):
        table[:, values == ""] = 0.0
        whole = table.sum(axis=1, keepdims=True)
        np.divide(table, whole, out=table, where=whole > 0)
        table[whole[:, 0] <= 0] = np.nan
    # two mixes overlap by what they have in common
    return np.asarray(np.minimum(mix[:, None, :], won[None, :, :]).sum(axis=2))


def _countries(found: Loaded, at: Array, reps: list[int], k: int) -> Array:
    """Return (k, r) the share of a territory's accounts in the rep's country, or NaN."""
    states = reps_as_of(company().today)
    countries = np.array(texts(found, "country"))
    known = (at >= 0) & (countries != "")
    size = np.bincount(at[known], minlength=k).astype(float)
    size[size == 0] = np.nan
    shares = np.full((k, len(reps)), np.nan)
    for place, rep in enumerate(reps):
        home = str((states.get(rep) or {}).get("country") or "")
        if home:
            same = known & (countries == home)
            shares[:, place] = np.bincount(at[same], minlength=k) / size
    return shares


def _fit(parts: list[Array]) -> Array:
    """Return the mean of what is known of a fit, 0 where nothing is."""
    stacked = np.stack(parts)
    known = np.isfinite(stacked)
    sums = np.where(known, stacked, 0.0).sum(axis=0)
    return np.asarray(sums / np.maximum(known.sum(axis=0), 1))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
