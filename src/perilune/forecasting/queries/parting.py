"""What a departure hands over and to whom, from what stands at an as-of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from perilune.forecasting.contracts.departures import Going, QuotaChange, Terms
from perilune.forecasting.engine.parting import (
    Around,
    Book,
    deal_takers,
    prorated,
    takers_of,
)
from perilune.forecasting.engine.windows import Floats, Ints
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Holding
from perilune.people.queries import assignments_as_of, quotas_as_of, reps_as_of
from perilune.store import queries as store

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Parting:
    """What a rep leaves behind and who takes it: record id to taker, 0 where it stays."""

    accounts: Rows
    deals: Rows
    tasks: Rows
    account_taker: Mapping[int, int]
    deal_taker: Mapping[int, int]
    task_taker: Mapping[int, int]


def parting(terms: Terms, as_of: AsOf) -> Parting:
    """Return what goes to whom, as it stands at an as-of; the gate is the caller's affair."""
    whole, given = Scope.company(), {"owner_id": terms.rep_id}

    def read(name: str) -> Rows:
        return store.run(f"forecasting.departing_{name}", given, scope=whole, as_of=as_of).dicts()

    accounts, deals, tasks = read("accounts"), read("deals"), read("tasks")
    book, around = _book(accounts), _around(terms, as_of)
    takers: dict[int, int] = dict(
        zip(book.ids.tolist(), takers_of(terms, book, around).tolist(), strict=True)
    )
    # deals and tasks without an account of the rep's go to whoever got most of the accounts
    other = _most(takers) or _first(terms, around)
    account = np.array([row["account_id"] or 0 for row in deals], dtype=np.int64)
    commit = np.array([bool(row["is_commit"]) for row in deals], dtype=np.bool_)
    to = deal_takers(account, commit, takers, keeps_commit=terms.keeps_commit, other=other)
    deal_taker: dict[int, int] = dict(zip((row["id"] for row in deals), to.tolist(), strict=True))
    task_taker: dict[int, int] = {}
    for row in tasks:
        by_account = takers.get(row["account_id"] or 0, other)
        task_taker[row["id"]] = deal_taker.get(row["opportunity_id"] or 0, by_account)
    return Parting(accounts, deals, tasks, takers, deal_taker, task_taker)


def _book(rows: Rows) -> Book:
    def numbers(name: str, unknown: float) -> Floats:
        return np.array([unknown if row[name] is None else row[name] for row in rows], dtype=float)

    return Book(
        np.array([row["id"] for row in rows], dtype=np.int64),
        numbers("value", 0.0),
        [row["segment"] for row in rows],
        [row["sector"] for row in rows],
        numbers("latitude", np.nan),
        numbers("longitude", np.nan),
    )


def _around(terms: Terms, as_of: AsOf) -> Around:
    whole = Scope.company()
    peers = peers_of(terms, as_of)
    open_now = dict(store.run("forecasting.departing_load", scope=whole, as_of=as_of).rows)
    load = np.array([float(open_now.get(peer, 0)) for peer in peers])
    rows = store.run("forecasting.departing_centres", scope=whole, as_of=as_of).dicts()
    here = set(there_on(terms.day or as_of.day, as_of)) - {terms.rep_id}
    rows = [row for row in rows if row["rep_id"] in here]
    return Around(
        np.array(peers, dtype=np.int64),
        load,
        _ints(rows, "rep_id"),
        np.array([row["latitude"] for row in rows], dtype=float),
        np.array([row["longitude"] for row in rows], dtype=float),
    )


def _ints(rows: Rows, name: str) -> Ints:
    return np.array([row[name] for row in rows], dtype=np.int64)


def _most(takers: Mapping[int, int]) -> int:
    given = [rep for rep in takers.values() if rep]
    return max(sorted(set(given)), key=given.count, default=0)


def _first(terms: Terms, around: Around) -> int:
    """Return who takes what hangs on no account: the last line by hand, else whoever has least."""
    if not terms.hands_over:
        return 0
    if terms.takers:
        return terms.takers[-1].rep_id
    return int(around.peers[around.load.argmin()]) if len(around.peers) else 0


def there_on(day: date, as_of: AsOf) -> dict[int, Holding]:
    """Return where each seller who is there on a day sells, as known at an as-of."""
    reps = reps_as_of(as_of)
    return {
        held.rep_id: held
        for held in assignments_as_of(as_of)
        if held.role == "seller"
        and (held.since or date.min) <= day <= (held.until or date.max)
        and held.rep_id in reps
        and (reps[held.rep_id]["leave_date"] or date.max) >= day
    }


def seat_of(rep_id: int, day: date, as_of: AsOf) -> Holding | None:
    """Return where a rep sells on the eve of a day, or sold last before it."""
    theirs = [held for held in assignments_as_of(as_of) if held.rep_id == rep_id]
    before = [held for held in theirs if (held.since or date.min) < day]
    return max(before or theirs, key=lambda held: held.since or date.min, default=None)


def peers_of(terms: Terms, as_of: AsOf) -> list[int]:
    """Return who may take over: sellers of the rep's team on the day, else of the company."""
    day = terms.day or as_of.day
    here = there_on(day, as_of)
    here.pop(terms.rep_id, None)
    seat = seat_of(terms.rep_id, day, as_of)
    mates = [rep for rep, held in here.items() if seat and held.team_id == seat.team_id]
    return sorted(mates or here)


def reports_of(rep_id: int, day: date, as_of: AsOf) -> list[Holding]:
    """Return the assignments under a rep that are in force on a day or begin after it."""
    return [
        held
        for held in assignments_as_of(as_of)
        if held.manager_id == rep_id and held.rep_id != rep_id and (held.until or date.max) >= day
    ]


def quota_changes(terms: Terms, as_of: AsOf) -> list[QuotaChange]:
    """Return the rep's quotas in force that a departure or absence prorates (rule 28)."""
    day = terms.day
    if day is None or terms.going is Going.MOVE or not terms.prorates:
        return []
    latest: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    agreed = quotas_as_of(as_of).values()
    for quota in sorted(agreed, key=lambda q: (q["effective_from"] or date.min, q["id"])):
        if quota["rep_id"] == terms.rep_id and quota["amount"] and quota["ends"]:
            latest[quota["starts"], quota["ends"], quota["level"]] = quota
    away = (day, terms.last_day if terms.going is Going.ABSENCE else None)
    share = terms.fte if terms.going is Going.ABSENCE else 1.0
    found = []
    for state in latest.values():
        left = prorated(state["amount"], state["starts"], state["ends"], away, share)
        if left != state["amount"]:
            found.append(
                QuotaChange(
                    state["id"], state["starts"], state["ends"], state["level"] or "operating",
                    state["currency"] or "", state["amount"], left,
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.starts, one.ends, one.level))


def eve(day: date) -> date:
    """Return the day before."""
    return day - timedelta(days=1)
