"""How much of people is there, and what they hold, by the tables that scenarios edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from perilune.planning.contracts.tables import Floats, Tables


@dataclass(frozen=True)
class Book:
    """What one rep holds on a day: accounts, open deals, their value in minor units."""

    accounts: int = 0
    deals: int = 0
    value: float = 0.0


def presence(tables: Tables, first: int, last: int) -> dict[int, float]:
    """Return how much of each rep is there on average from column `first` to `last`, included.

    Of who is here today: a share of today's; of a hire (id below zero): ramped FTE of all its
    heads. Nobody where the span is empty.
    """
    if last < first:
        return {}
    own = (tables.reps == tables.like) | (tables.reps < 0)
    mean = tables.share[:, first : last + 1].mean(axis=1)
    found: dict[int, float] = {}
    for rep, share in zip(tables.reps[own].tolist(), mean[own].tolist(), strict=True):
        found[rep] = found.get(rep, 0.0) + share
    return found


def books(tables: Tables, column: int) -> dict[int, Book]:
    """Return what each rep holds on a day; 0 is nobody."""
    accounts = tables.account_moves.holders(tables.account_home, column)
    deals = tables.deal_holders(column)
    held = np.unique(np.concatenate([accounts, deals]))
    at = {rep: place for place, rep in enumerate(held.tolist())}
    value = _sums(np.searchsorted(held, deals), tables.deal_value, len(held))
    counts = [
        np.bincount(np.searchsorted(held, of), minlength=len(held)) for of in (accounts, deals)
    ]
    return {
        rep: Book(int(counts[0][place]), int(counts[1][place]), float(value[place]))
        for rep, place in at.items()
    }


def handed_over(before: Tables, after: Tables, column: int) -> tuple[Book, Mapping[int, int]]:
    """Return what is in other hands by a day than it would be, and how much of it each rep takes.

    The second is the number of deals and accounts by taker, 0 being nobody.
    """
    deals = before.deal_holders(column), after.deal_holders(column)
    accounts = (
        before.account_moves.holders(before.account_home, column),
        after.account_moves.holders(after.account_home, column),
    )
    moved = deals[0] != deals[1]
    gone = accounts[0] != accounts[1]
    takers, counts = np.unique(
        np.concatenate([deals[1][moved], accounts[1][gone]]), return_counts=True
    )
    book = Book(int(gone.sum()), int(moved.sum()), float(before.deal_value[moved].sum()))
    return book, dict(zip(takers.tolist(), counts.tolist(), strict=True))


def _sums(place: np.ndarray[tuple[int], np.dtype[np.int64]], value: Floats, size: int) -> Floats:
    found = np.zeros(size)
    np.add.at(found, place, value)
    return found
