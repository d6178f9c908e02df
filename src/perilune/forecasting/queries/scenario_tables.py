"""The tables of today that scenarios edit, and what edited tables say of a window's draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.forecasting.engine.expectation import window_of
from perilune.forecasting.engine.presence import arrival_weights, kept
from perilune.forecasting.engine.scenario import Deals, Seller, edited
from perilune.forecasting.engine.simulation import Draw
from perilune.forecasting.engine.windows import Floats, Ints
from perilune.forecasting.queries.inputs import Inputs
from perilune.forecasting.queries.seating import UNASSIGNED, Seat, Spans
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.planning.contracts import DAYS, Tables, tables
from perilune.store import queries as store

Seated = Callable[[int, int], int]
"""The number of the seat of a rep in a team."""
_NEW_KEY = 2**32
"""Added to the number of a hire's edit: keys of streams that are no rep's."""


def today(inputs: Inputs, where: Spans, as_of: AsOf, scope: Scope) -> Tables:
    """Return who sells, what is open and whose accounts are whose, within a scope at an as-of."""
    version, day = inputs.store_version, inputs.question.target.as_of
    held = np.unique(where.rep[(where.since <= day) & (where.until >= day)])
    reps = np.array([rep for rep in held.tolist() if scope.sees(rep)], dtype=np.int64)
    team = np.array([seat[1] for seat in where.seat_on(reps, day)], dtype=np.int64)

    def read(name: str) -> Mapping[str, list[Any]]:
        found = store.run(name, scope=scope, as_of=as_of, version=version).dicts()
        return {key: [row[key] for row in found] for key in (found[0] if found else ())}

    deals, accounts = read("forecasting.scenario_deals"), read("forecasting.scenario_accounts")
    names = [sorted({str(name) for name in accounts.get(of, ()) if name}) for of in _GROUPS]
    codes = [
        [known.index(str(name)) if name else -1 for name in accounts.get(of, ())]
        for of, known in zip(_GROUPS, names, strict=True)
    ]
    return tables(
        as_of.day,
        people={"id": reps, "team": np.maximum(team, 0), "share": _share(inputs, reps)},
        deals={
            "id": _ids(deals.get("id", [])),
            "rep": _ids(deals.get("owner_id", [])),
            "account": _ids(deals.get("account_id", [])),
            "value": np.array([value or 0 for value in deals.get("value", [])], dtype=float),
            "commit": np.array([bool(flag) for flag in deals.get("is_commit", [])], dtype=bool),
        },
        accounts={
            "id": _ids(accounts.get("id", [])),
            "home": _ids(accounts.get("owner_id", [])),
            "segment": _ids(codes[0]),
            "sector": _ids(codes[1]),
        },
        names=(tuple(names[0]), tuple(names[1])),
    )


def _share(inputs: Inputs, reps: Ints) -> Floats:
    """Return (R, DAYS) how much of each rep there will be, as departures and absences told say."""
    found = np.ones((len(reps), DAYS))
    presence = inputs.model.presence
    if presence is not None:
        mine = np.isin(presence.reps, reps)
        found[np.searchsorted(reps, presence.reps[mine])] = presence.share[mine]
    return found


_GROUPS = ("segment", "sector")


def _ids(values: Sequence[Any]) -> Ints:
    return np.array([value or 0 for value in values], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Changes:
    """What edited tables say of a draw; seats: of the question, and those that only edits make."""

    deals: Deals
    sellers: list[Seller]
    seats: list[Seat]


def changes(inputs: Inputs, made: Tables, where: Spans, draw: Draw) -> Changes:
    """Return what becomes of a question's deals and streams under edited tables."""
    asked = inputs.question.seats
    known = zip(asked.rep.tolist(), asked.team.tolist(), asked.region.tolist(), strict=True)
    numbers: dict[Seat, int] = {seat: at for at, seat in enumerate(known)}
    region = dict(zip(where.team.tolist(), where.region.tolist(), strict=True))

    def seat(rep: int, team: int) -> int:
        wanted = (rep, team or UNASSIGNED, region.get(team, UNASSIGNED))
        return numbers.setdefault(wanted, len(numbers))

    deals = _deals(inputs, made, draw, seat)
    sellers = _sellers(inputs, made, draw, seat)
    return Changes(deals, sellers, list(numbers))


def told(inputs: Inputs, before: Tables, where: Spans, whole: Draw) -> Draw:
    """Return what is drawn without edits, of what would be if everybody stayed."""
    if inputs.model.presence is None:
        return whole
    made = changes(inputs, before, where, whole)
    return edited(whole, made.deals, made.sellers)


def _deals(inputs: Inputs, made: Tables, draw: Draw, seat: Seated) -> Deals:
    low, high = window_of(inputs.question.target)
    rows = len(draw.deal_key)
    place = {int(id_): at for at, id_ in enumerate(made.deal_id)}
    at = np.array([place.get(int(key), -1) for key in draw.deal_key], dtype=np.int64)
    found = np.flatnonzero(at >= 0)
    pattern = made.deal_pattern[at[found]]
    win, value, seats = np.ones(rows), np.ones(rows), draw.deal_seat.copy()
    win[found] = made.deal_effects.win[:, :high].mean(axis=1)[pattern]
    value[found] = made.deal_effects.amount[:, low:high].mean(axis=1)[pattern]
    # a deal has one holder in a draw: whoever holds it on the middle day of the window
    holder = made.deal_holders((low + high) // 2)
    team = dict(zip(made.reps.tolist(), made.team.tolist(), strict=True))
    record, handed = _records(inputs), np.zeros(rows, dtype=np.bool_)
    handed[found] = holder[at[found]] != made.deal_rep[at[found]]
    for row in np.flatnonzero(handed):
        rep, before = int(holder[at[row]]), int(made.deal_rep[at[row]])
        # its chance loses what its holder's own record added to it, and gains what the taker's adds
        win[row] *= record.get(rep, 1.0) / record.get(before, 1.0)
        if rep in team:  # whoever is not in sight takes nothing: the deal stays where it counts
            seats[row] = seat(rep, team[rep])
    load = np.ones(rows)
    load[found] = _load(
        made.deal_rep[at[found]], holder[at[found]], np.array(sorted(_own_seats(inputs, draw)))
    )
    return Deals(seats, win, value, handed, load)


def _load(before: Ints, after: Ints, sellers: Ints) -> Floats:
    """Return (d,) of each deal how many its holder has over how many the holder had.

    before, after: (d,) the holder of each deal. A seller who held less than the usual number has
    time for so many; whoever brings no new business, as a manager does, only for what was held.
    """
    reps, place = np.unique(np.concatenate([before, after]), return_inverse=True)
    had = np.bincount(place[: len(before)], minlength=len(reps))
    has = np.bincount(place[len(before) :], minlength=len(reps))
    sells = np.isin(reps, sellers)
    usual = had[sells & (had > 0)].mean() if (sells & (had > 0)).any() else 1.0
    time = np.maximum(had, np.where(sells, usual, 1.0))
    factor = np.where((has != had) & (reps > 0), np.maximum(has, 1) / time, 1.0)
    # below the usual number nobody is hurried, and what is given away speeds nothing up
    return np.maximum(factor, 1.0)[place[len(before) :]]


def _records(inputs: Inputs) -> Mapping[int, float]:
    """Return the factor of each rep's own record on the chances of winning; one for others."""
    outlook = inputs.model.outlook
    assert outlook is not None
    return dict(zip(outlook.owners.tolist(), outlook.owner_factor.tolist(), strict=True))


def _sellers(inputs: Inputs, made: Tables, draw: Draw, seat: Seated) -> list[Seller]:
    (low, high), outlook = window_of(inputs.question.target), inputs.model.outlook
    assert outlook is not None
    weight = arrival_weights(outlook.conversion, low, high)
    arriving = (made.share * made.arrival_factor)[:, :high] @ weight.T  # (R, K)
    # contracts bring renewals: they come whoever is there, and a hire brings none
    stays = np.where(made.like[:, None] < 0, 0.0, made.arrival_factor)[:, :high] @ weight.T
    if len(outlook.is_renewal):
        arriving = np.where(outlook.is_renewal, stays, arriving)
    arriving *= made.win_factor[:, :high].mean(axis=1)[:, None]
    amount = made.amount_factor[:, low:high].mean(axis=1)
    own = _own_seats(inputs, draw)
    found = []
    for row, (rep, team, like) in enumerate(
        zip(made.reps.tolist(), made.team.tolist(), made.like.tolist(), strict=True)
    ):
        if like < 0:
            peers = _peers(made, -1 - like, own)
            key = _NEW_KEY - rep
            found.append(Seller(seat(rep, team), peers, arriving[row], float(amount[row]), key))
        elif like in own:
            at = own[like] if like == rep else seat(rep, team)
            found.append(Seller(at, (like,), _whole(arriving[row]), float(amount[row])))
    return [*found, *_left(inputs, made, own)]


def _left(inputs: Inputs, made: Tables, own: Mapping[int, int]) -> list[Seller]:
    """Return what still comes of those who are away and sit nowhere: no edit names them."""
    presence, outlook = inputs.model.presence, inputs.model.outlook
    if presence is None or outlook is None:
        return []
    stays = kept(outlook, presence, *window_of(inputs.question.target))
    gone = set(presence.reps.tolist()) - set(made.reps.tolist())
    if stays is None:
        return []
    owners = enumerate(outlook.owners.tolist())
    return [Seller(own[rep], (rep,), stays[at]) for at, rep in owners if rep in gone & own.keys()]


def _whole(factor: Floats) -> Floats:
    """Return factors without what adding up weights leaves behind: no change is exactly one."""
    return np.asarray(np.round(factor, 12))


def _own_seats(inputs: Inputs, draw: Draw) -> dict[int, int]:
    """Return the seat of each rep who has streams of new deals."""
    reps = inputs.question.seats.rep
    return {int(reps[seat]): int(seat) for seat in np.unique(draw.new_seat)}


def _peers(made: Tables, team: int, own: Mapping[int, int]) -> tuple[int, ...]:
    """Return whose mean a hire is like: the team's reps with new business, else everybody's."""
    mine = {
        rep
        for rep, of, like in zip(
            made.reps.tolist(), made.team.tolist(), made.like.tolist(), strict=True
        )
        if of == team and rep == like
    }
    return tuple(sorted(mine & own.keys() or own.keys()))
