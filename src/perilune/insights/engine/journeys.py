"""What was known of every deal on every day: the input of the outlook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FOREVER = 2**31
"""Day number of «still so»."""
UNKNOWN = -(2**31)
"""Day number of a date that is not known."""

TYPES = ("new", "expansion", "renewal", "other", "?")
"""Levels of the type of a deal."""
RENEWAL = TYPES.index("renewal")

OPEN, WON, LOST, GONE = 0, 1, 2, 3
"""State of a deal in a spell; GONE: deleted, merged, left out of all figures or out of sight."""


@dataclass(frozen=True, eq=False)
class Journeys:
    """Deals as spells: what was known of a deal between two changes of knowledge.

    Days are numbered from the first day of data, day 0; a spell holds for who asks at the end of a
    day d with start <= d < end. m deals, n spells sorted by deal, then start.

    deal: (n,) index of the deal. start, end: (n,) day numbers, end FOREVER for the last one.
    state: (n,) OPEN, WON, LOST or GONE. closed: (n,) day of the close, UNKNOWN while open.
    due: (n,) expected day of the close, UNKNOWN without one. value: (n,) what it is expected to
    bring, minor units, NaN where unknown. owner: (n,) number of the rep, -1 without one.
    pushes: (n,) how often the expected close had moved to a later month.
    created: (m,) day of the creation, may lie before day 0. key: (m,) id of the deal.
    codes: name of a feature to (n,) level numbers; levels: name to the words of its levels.
    ids: name of a feature to (n,) ids of its levels, where they have names of their own.
    acts: (k,) `deal * DAYS + day` of each activity with a customer, ascending.
    """

    deal: Ints
    start: Ints
    end: Ints
    state: Ints
    closed: Ints
    due: Ints
    value: Floats
    owner: Ints
    pushes: Ints
    created: Ints
    key: Ints
    codes: Mapping[str, Ints] = field(default_factory=dict)
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: Mapping[str, Ints] = field(default_factory=dict)
    acts: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def count(self) -> int:
        """How many deals there are."""
        return len(self.created)

    @cached_property
    def _order(self) -> Ints:
        # one key that ascends with deal, then start: the spell on a day is then one search away
        return self.deal * DAYS + self.start + OFFSET

    @cached_property
    def acts_from(self) -> Ints:
        """(k,) the day from which each activity plays a part: not before its deal is known."""
        first = np.searchsorted(self.deal, self.acts // DAYS)
        return np.maximum(self.acts % DAYS, self.start[first])

    def on(self, deal: Ints, day: Ints) -> Ints:
        """Return the spell that held at the end of a day for each deal; -1 where none did."""
        found = self._latest(deal, day)
        inside = (found >= 0) & (self.end[np.maximum(found, 0)] > day)
        return np.where(inside, found, -1)

    def _latest(self, deal: Ints, day: Ints) -> Ints:
        """Return the last spell that had begun by a day for each deal; -1 where none had."""
        found = np.searchsorted(self._order, deal * DAYS + day + OFFSET, side="right") - 1
        return np.where((found >= 0) & (self.deal[np.maximum(found, 0)] == deal), found, -1)

    def known(self, day: int) -> tuple[Ints, Ints]:
        """Return the deals that were known at the end of a day, and their spells."""
        deal = np.arange(self.count, dtype=np.int64)
        spell = self.on(deal, np.full(self.count, day, dtype=np.int64))
        is_known = spell >= 0
        return deal[is_known], spell[is_known]

    def open_at(self, day: int) -> tuple[Ints, Ints]:
        """Return the deals that were open at the end of a day, and their spells."""
        deal, spell = self.known(day)
        is_open = (self.state[spell] == OPEN) & (self.created[deal] <= day)
        return deal[is_open], spell[is_open]

    def is_open(self, deal: Ints, day: int) -> Bools:
        """Return whether each of some deals was open at the end of a day."""
        spell = self.on(deal, np.full(len(deal), day, dtype=np.int64))
        is_open = (spell >= 0) & (self.state[np.maximum(spell, 0)] == OPEN)
        return np.asarray(is_open & (self.created[deal] <= day))

    def exits(self, day: int) -> tuple[Ints, Ints]:
        """Return (m,) the day on which each deal left the pipeline, and how, as known at a day.

        WON or LOST with the day of the close; GONE with the day from which it was; OPEN with
        FOREVER. A deal that is not known yet is GONE before all days.
        """
        when = np.full(self.count, UNKNOWN, dtype=np.int64)
        how = np.full(self.count, GONE, dtype=np.int64)
        every = np.arange(self.count, dtype=np.int64)
        spell = self._latest(every, np.full(self.count, day, dtype=np.int64))
        deal, spell = every[spell >= 0], spell[spell >= 0]
        # a spell that ended without another one: the deal was deleted or merged
        is_over = self.end[spell] <= day
        state = np.where(is_over, GONE, self.state[spell])
        how[deal] = state
        closed = np.where(self.closed[spell] == UNKNOWN, self.start[spell], self.closed[spell])
        gone = np.where(is_over, self.end[spell], self.start[spell])
        when[deal] = np.where(state == OPEN, FOREVER, np.where(state == GONE, gone, closed))
        return when, how


DAYS = 2**24
"""More days than any history has: a deal and a day make one number."""
OFFSET = 2**22
"""Days before the first one that such a number can still hold."""
