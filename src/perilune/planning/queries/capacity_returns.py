"""Diminishing returns of a rep: bookings by the accounts held, and by the potential held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts.capacity import Abscissa, ReturnsChoice
from perilune.planning.contracts.tables import Flags, Floats, Ids
from perilune.planning.engine.capacity_learning import Saturation, beside, saturation
from perilune.planning.models import ReturnsChosen
from perilune.planning.queries.potential import potentials
from perilune.planning.queries.segment_fields import years_before
from perilune.store import queries as store

MOSTLY = 0.8
"""Share of a rep's accounts whose potential must be known: what is unknown is not guessed."""
LEAST_TIME = 0.75
"""Ramped FTE-years: accounts are counted today, and whoever came in the year held others."""
_NOTHING = Saturation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, (), "too few units")


@dataclass(frozen=True)
class Returns:
    """Both curves, and which counts. potential: in minor units of the company's currency.

    reps, skills: those of whom both are known, and by how much each curve errs less than the mean
    on them when each is left out. unknown: reps whose accounts' potential is mostly unknown.
    """

    choice: ReturnsChoice
    by: Mapping[Abscissa, Saturation] | None = None
    reps: int = 0
    skills: Mapping[Abscissa, float] | None = None
    unknown: int = 0

    def law(self, by: Abscissa) -> Saturation:
        """Return a curve; one that claims nothing without a year of bookings."""
        return (self.by or {}).get(by, _NOTHING)

    @property
    def better(self) -> Abscissa | None:
        """Which tells reps left out better, of those that claim something."""
        claimed = [by for by in Abscissa if not self.law(by).reason]
        skills = self.skills or {}
        return max(claimed, key=lambda by: skills.get(by, 0.0), default=None)

    @property
    def counted(self) -> Abscissa | None:
        """By which curve is counted: the chosen one where it claims something, else the better."""
        chosen = self.choice.by
        if self.choice.twice is not None:
            return None
        return self.better if chosen is None or self.law(chosen).reason else chosen

    @property
    def twice(self) -> float:
        """What twice the sellers on the same accounts bring: booked ~ held ^ x, reps ^ (1 - x)."""
        if self.choice.twice is not None:
            return self.choice.twice
        by = self.counted
        return 2.0 if by is None else 2.0 ** (1 - self.law(by).exponent)


def returns_choice() -> ReturnsChoice:
    """Return how the company wants diminishing returns counted; the latest word holds."""
    row = ReturnsChosen.objects.first()
    if row is None:
        return ReturnsChoice()
    by = Abscissa(row.by) if row.by else None
    return ReturnsChoice(by, row.twice, row.actor, row.at)


def returns_of(  # noqa: PLR0917 - arrays of one length
    reps: Ids, years: Floats, booked: Floats, here: Flags, scope: Scope, at: AsOf
) -> Returns:
    """Return both curves of reps. years: ramped FTE-years of twelve months. booked: in them."""
    use = (years >= LEAST_TIME) & here
    ids, per_fte = reps[use].tolist(), np.maximum(years[use], LEAST_TIME)
    result = store.run("planning.accounts_by_rep", {}, scope=scope, as_of=at)
    counts = {row["rep_id"]: float(row["accounts"]) for row in result.dicts()}
    worth = _potential_by_rep(scope, at)
    made = booked[use] / per_fte
    accounts = np.array([counts.get(rep, 0.0) for rep in ids]) / per_fte
    potential = np.array([worth.get(rep, np.nan) for rep in ids]) / per_fte
    common, one, other = beside(accounts, potential, made)
    return Returns(
        returns_choice(),
        {Abscissa.ACCOUNTS: saturation(accounts, made),
         Abscissa.POTENTIAL: saturation(potential, made)},
        common,
        {Abscissa.ACCOUNTS: one, Abscissa.POTENTIAL: other},
        int((np.isnan(potential) & (accounts > 0)).sum()),
    )  # fmt: skip


def _potential_by_rep(scope: Scope, at: AsOf) -> dict[int, float]:
    """Return the potential of the accounts that each rep holds, where it is mostly known.

    What a column says stands as of the day; an estimate is that of a year before, for one of today
    has seen the bookings that it would explain.
    """
    now = potentials(scope, at)
    then = potentials(scope, AsOf.end_of(years_before(at.day, 1), company().zone))
    told = now.stated.copy()
    place = np.searchsorted(then.table.ids, now.table.ids)
    place = np.minimum(place, max(len(then.table.ids) - 1, 0))
    if len(then.table.ids):
        there = then.table.ids[place] == now.table.ids
        told = np.where(np.isnan(told) & there, then.said.minor[place], told)
    found = {}
    for rep in np.unique(now.table.owner[now.table.owner > 0]).tolist():
        own = told[now.table.owner == rep]
        if np.isfinite(own).mean() >= MOSTLY:
            found[rep] = float(np.nansum(own))
    return found
