"""Where deals come from: seats create them by season and ramp; won ones return as renewals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.demo.engine.book import NOTHING, OPEN, WON, Book, Ends
from perilune.demo.engine.days import Ints, Reals, Weeks
from perilune.demo.engine.market import Market
from perilune.demo.engine.rates import CURRENCIES
from perilune.demo.engine.staff import Staff
from perilune.demo.engine.truth import Truth
from perilune.demo.engine.words import CURRENCY

NEW, EXPANSION, RENEWAL = 0, 1, 2
_PER_EUR = np.array([1.0, 0.86, 0.95])
_SOURCES = (0.3, 0.34, 0.14, 0.1, 0.12)


@dataclass
class Traits:
    """What the walk asks of people, one entry (or row by week) a rep of `staff.reps`."""

    skill: Reals
    optimism: Reals
    hygiene: Reals
    writes: Reals
    bias: Reals
    leave: Ints
    hire: Ints
    team: Ints
    ramp: Reals
    presence: Reals

    @classmethod
    def of(cls, staff: Staff) -> Traits:
        """Collect the traits; those who hold no seat count as ramped and a little present."""
        reps = staff.reps
        others = (len(reps) - staff.sellers, staff.ramp.shape[1])
        return cls(
            skill=np.array([rep.skill for rep in reps]),
            optimism=np.array([rep.optimism for rep in reps]),
            hygiene=np.array([rep.hygiene for rep in reps]),
            writes=np.array([rep.writes_next_step for rep in reps]),
            bias=np.array([rep.bias for rep in reps]),
            leave=np.array([rep.leave for rep in reps]),
            hire=np.array([rep.hire for rep in reps]),
            team=np.array([rep.team for rep in reps]),
            ramp=np.concatenate([staff.ramp, np.ones(others)]),
            presence=np.concatenate([staff.presence, np.full(others, 0.3)]),
        )

    def heirs(self, staff: Staff, leaver: int, week: int) -> Ints:
        """Return who may take over from a leaver: sellers of the team, else the manager."""
        team = int(self.team[leaver])
        here = (self.team == team) & (self.hire <= week) & (self.leave > week)
        here[staff.sellers :] = False
        found = np.flatnonzero(here)
        # By person, not by index: a longer history has more people but the same beginning.
        ordered = sorted(found.tolist(), key=lambda rep: staff.reps[rep].key)
        return np.array(ordered or [staff.manager_at(team, week)])


class Arrivals:
    """Creates the deals of a week."""

    def __init__(
        self, truth: Truth, weeks: Weeks, staff: Staff, market: Market, *, ends: Ends, regime: int
    ) -> None:
        self.truth, self.weeks, self.staff, self.market = truth, weeks, staff, market
        self.ends, self.regime = ends, regime
        self.customers: set[int] = set()
        self.currency = np.array([CURRENCIES.index(CURRENCY[c]) for c in market.country])
        self.entry = np.array([firm.week for firm in market.firms])
        seat = np.array([firm.seat for firm in market.firms])
        self.portfolio = [
            [np.flatnonzero((seat == s) & (market.segment == g)) for g in range(3)]
            for s in range(len(staff.seat_team))
        ]

    def week(self, week: int, book: Book, rng: np.random.Generator, traits: Traits) -> None:
        """Add the deals created in a week."""
        closed = np.flatnonzero(
            (book["status"][: book.count] == WON) & (book["closed_week"][: book.count] == week - 1)
        )
        self.customers.update(book["account"][closed].tolist())
        seats = self._seats(week, rng)
        accounts = np.array([self._account(int(seat), week, rng) for seat in seats], dtype=np.int64)
        known = np.array([a in self.customers for a in accounts], dtype=bool)
        grows = known & (rng.random(len(seats)) < self.truth.expansion_share)
        types = np.where(grows, EXPANSION, NEW)
        old = self._due_renewals(week, book, rng)
        seats = np.concatenate([seats, book["seat"][old]])
        accounts = np.concatenate([accounts, book["account"][old]])
        types = np.concatenate([types, np.full(len(old), RENEWAL)])
        previous = np.concatenate([np.full(len(accounts) - len(old), NOTHING), old])
        if len(seats):
            self._open(week, book, rng, traits, (seats, accounts, types, previous))

    def _seats(self, week: int, rng: np.random.Generator) -> Ints:
        truth, staff = self.truth, self.staff
        holder = staff.holder[:, week]
        at_work = np.where(
            holder >= 0, staff.presence[holder, week] * staff.ramp[holder, week], 0.0
        )
        season = truth.create_by_month[self.weeks.month[week]]
        growth = (1 + truth.yearly_growth) ** (week / 52.18)
        counts = rng.poisson(truth.create_rate * season * growth * at_work)
        return np.repeat(np.arange(len(holder)), counts)

    def _account(self, seat: int, week: int, rng: np.random.Generator) -> int:
        segment = int(rng.choice(3, p=self.truth.segment_share))
        for wanted in (segment, 0, 1, 2):
            firms = self.portfolio[seat][wanted]
            there = firms[self.entry[firms] < week]
            if len(there):
                return int(there[rng.integers(len(there))])
        raise ValueError("a seat without accounts")

    def _due_renewals(self, week: int, book: Book, rng: np.random.Generator) -> Ints:
        due = np.flatnonzero(
            (book["closed_week"][: book.count] == week - self.truth.renewal_weeks)
            & (book["status"][: book.count] == WON)
        )
        return due[rng.random(len(due)) < self.truth.renewal_share]

    def _open(
        self,
        week: int,
        book: Book,
        rng: np.random.Generator,
        traits: Traits,
        what: tuple[Ints, Ints, Ints, Ints],
    ) -> None:
        truth = self.truth
        seats, accounts, types, previous = what
        size = len(seats)
        team = self.staff.seat_team[seats]
        region = np.array([firm.region for firm in self.market.firms])[accounts]
        owner = self.staff.holder[seats, week]
        for at in np.flatnonzero(owner < 0):
            owner[at] = self.staff.manager_at(int(team[at]), week)
        day, us = self.weeks.session(rng, week, region)
        segment, currency = self.market.segment[accounts], self.currency[accounts]
        hidden = self._amounts(week, rng, segment, currency, types)
        again = previous >= 0
        hidden[again] = (
            np.round(book["amount"][previous[again]] * 1.03 / 1000).astype(np.int64) * 1000
        )
        planned = np.array(truth.planned_weeks)[segment] * np.where(types == RENEWAL, 0.7, 1.0)
        span = planned * np.exp(traits.optimism[owner] + rng.normal(0, 0.35, size))
        close = day + np.maximum(span * 7, 10).astype(np.int64)
        close = np.where(rng.random(size) < 0.45, self.ends.month(close), close)
        close[rng.random(size) < truth.close_date_missing] = NOTHING
        share = truth.regime_competitor if week >= self.regime else truth.competitor_share
        rival = rng.choice(4, size, p=(*share, 1 - sum(share)))
        zombie = np.where(rng.random(size) < truth.zombie_share, rng.integers(0, 5, size), NOTHING)
        unknown = (rng.random(size) < truth.amount_missing) & ~again
        people = self.market.first_person
        book.add(
            {
                "created_week": np.full(size, week),
                "created_us": us,
                "created_day": day,
                "seat": seats,
                "region": region,
                "owner": owner,
                "account": accounts,
                "segment": segment,
                "type": types,
                "source": rng.choice(5, size, p=_SOURCES),
                "product": self._products(rng, segment, types),
                "currency": currency,
                "rival": np.where(rival == 3, NOTHING, rival),
                "hidden": hidden,
                "amount": np.where(unknown, NOTHING, hidden),
                "stage": np.where(again, 1, 0),
                "stage_week": np.full(size, week),
                "close": close,
                "zombie": np.where(again, NOTHING, zombie),
                "silent": np.zeros(size, dtype=np.int64),
                "status": np.full(size, OPEN),
                "previous": previous,
                "next_step": np.where(rng.random(size) < traits.writes[owner], 0, NOTHING),
                "contact": people[accounts]
                + (rng.random(size) * (people[accounts + 1] - people[accounts])).astype(np.int64),
                "excluded": (rng.random(size) < truth.excluded_share).astype(np.int64),
            }
        )

    def _amounts(
        self, week: int, rng: np.random.Generator, segment: Ints, currency: Ints, types: Ints
    ) -> Ints:
        truth = self.truth
        amount = np.array(truth.amount_median)[segment] * np.exp(
            rng.normal(0, truth.amount_sigma, len(segment))
        )
        amount *= np.where(types == EXPANSION, 0.6, 1.0) * _PER_EUR[currency]
        amount *= truth.regime_price if week >= self.regime else 1.0
        return np.asarray(np.maximum(np.round(amount / 10), 10) * 1000, dtype=np.int64)

    def _products(self, rng: np.random.Generator, segment: Ints, types: Ints) -> Ints:
        extra = 3 + rng.integers(0, 5, len(segment))
        return np.where((types == EXPANSION) & (rng.random(len(segment)) < 0.7), extra, segment)
