"""The weekly forecast calls: what was won, what the book and the last quarter promise, and a bias.

A call uses the book as it stood on its Monday and nothing later; its bias is known (Truth).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from perilune.demo.engine.arrivals import Traits
from perilune.demo.engine.book import Book
from perilune.demo.engine.days import Ints, Reals, Weeks
from perilune.demo.engine.rates import RateTable
from perilune.demo.engine.staff import Staff
from perilune.demo.engine.truth import Truth
from perilune.demo.engine.words import TEAM_REGION

WIN_FROM = np.array([0.1, 0.18, 0.3, 0.45, 0.65])
"""What everybody believes a deal in each stage is worth."""
WEEKS_NEEDED = np.array([14.0, 11.0, 8.0, 5.0, 2.5])
STALE_WEEKS = 30
"""Nobody counts on deals older than this, or long overdue."""
REGION_CUT, COMPANY_CUT = 0.97, 0.98
"""Leaders trust what comes from below a little less."""


@dataclass
class Calls:
    """(week, level, unit, author, call, won to date) in minor units of EUR.

    level: rep, team, region, company; unit and author: rep, team, region indexes; author a rep.
    """

    rows: list[tuple[int, str, int, int, float, float]] = field(default_factory=list)


class Caller:
    """Keeps what was won so far and makes the calls of a week."""

    def __init__(
        self, truth: Truth, weeks: Weeks, staff: Staff, rates: RateTable, traits: Traits
    ) -> None:
        self.truth, self.weeks, self.staff, self.rates, self.traits = (
            truth,
            weeks,
            staff,
            rates,
            traits,
        )
        self.won_by_rep = np.zeros((len(staff.reps), weeks.count + 1))
        self.team_of_seat = staff.seat_team

    def won(self, week: int, book: Book, deals: Ints) -> None:
        """Note deals won in a week at the year's budget rates."""
        counted = deals[book["excluded"][deals] == 0]
        np.add.at(self.won_by_rep, (book["owner"][counted], week), self._value(week, book, counted))

    def week(self, week: int, book: Book, calls: Calls, rng: np.random.Generator) -> None:
        """Make the calls of a Monday for the quarter that it lies in."""
        end = int(self.weeks.quarter_end[week])
        begin = week
        while begin > 0 and self.weeks.quarter_end[begin - 1] == end:
            begin -= 1
        left = (end - int(self.weeks.monday[week]) + 1) / 7
        won = self.won_by_rep[:, begin:week].sum(axis=1)
        existing = self._existing(week, book, end, left)
        usual = self.won_by_rep[:, max(week - 13, 0) : week].sum(axis=1) / max(min(week, 13), 1)
        outlook = _Outlook(won, existing, usual, left * self._season(week, end))
        regions: dict[int, list[tuple[float, float]]] = {}
        for team, managers in self.staff.managers.items():
            manager = [rep for first, rep in managers if first <= week][-1]
            call, to_date = self._team(week, team, manager, outlook, calls=calls, rng=rng)
            regions.setdefault(TEAM_REGION[team], []).append((call, to_date))
        self._leaders(week, regions, calls)

    def _value(self, week: int, book: Book, deals: Ints) -> Reals:
        amount = np.where(book["amount"][deals] > 0, book["amount"][deals], 0)
        return np.asarray(amount * self.rates.budget[week][book["currency"][deals]])

    def _existing(self, week: int, book: Book, end: int, left: float) -> Reals:
        deals = book.open_deals()
        near = (
            (book["close"][deals] > 0)
            & (book["close"][deals] <= end)
            & (book["excluded"][deals] == 0)
        )
        near &= week - book["created_week"][deals] < STALE_WEEKS
        near &= book["close"][deals] > self.weeks.monday[week] - 35
        deals = deals[near]
        stage = book["stage"][deals]
        chance = WIN_FROM[stage] * np.minimum(1, left / WEEKS_NEEDED[stage])
        total = np.zeros(len(self.staff.reps))
        np.add.at(total, book["owner"][deals], chance * self._value(week, book, deals))
        return total

    def _season(self, week: int, end: int) -> float:
        """The quarter's end brings more per week than an average week."""
        by_left = np.array(self.truth.win_by_week_left)
        ahead = by_left[: max(int((end - int(self.weeks.monday[week])) // 7) + 1, 1)]
        return float(ahead.mean() / by_left.mean())

    def _team(
        self,
        week: int,
        team: int,
        manager: int,
        outlook: _Outlook,
        *,
        calls: Calls,
        rng: np.random.Generator,
    ) -> tuple[float, float]:
        truth, traits = self.truth, self.traits
        members = np.flatnonzero(traits.team[: self.staff.sellers] == team)
        seats = np.flatnonzero(self.team_of_seat == team)
        noise = rng.normal(0, 1, len(seats) + 1)
        width = np.sqrt(min(outlook.weighted_weeks / 13, 1.0))
        mine = np.append(members, [rep for _, rep in self.staff.managers[team]])
        usual = outlook.usual[mine].sum() * outlook.weighted_weeks
        for at, seat in enumerate(seats):
            rep = int(self.staff.holder[seat, week])
            if rep < 0:
                continue
            share = usual / len(seats) * traits.ramp[rep, week]
            rest = 0.5 * outlook.existing[rep] + 0.5 * share
            factor = (1 + traits.bias[rep]) * np.exp(noise[at] * truth.rep_noise * width - 0.04)
            calls.rows.append(
                (week, "rep", rep, rep, outlook.won[rep] + rest * factor, outlook.won[rep])
            )
        won = float(outlook.won[mine].sum())
        rest = 0.5 * float(outlook.existing[mine].sum()) + 0.5 * usual
        factor = (1 + truth.manager_bias[team]) * np.exp(noise[-1] * truth.manager_noise * width)
        calls.rows.append((week, "team", team, manager, won + rest * factor, won))
        return won + rest * float(factor), won

    def _leaders(
        self, week: int, regions: dict[int, list[tuple[float, float]]], calls: Calls
    ) -> None:
        whole, whole_won = 0.0, 0.0
        for region, teams in sorted(regions.items()):
            won = sum(pair[1] for pair in teams)
            call = won + (sum(pair[0] for pair in teams) - won) * REGION_CUT
            calls.rows.append((week, "region", region, self.staff.leads[region], call, won))
            whole, whole_won = whole + call, whole_won + won
        call = whole_won + (whole - whole_won) * COMPANY_CUT
        calls.rows.append((week, "company", 0, self.staff.head, call, whole_won))


@dataclass
class _Outlook:
    """By rep: won this quarter, expected from the book, usual a week; weeks left by season."""

    won: Reals
    existing: Reals
    usual: Reals
    weighted_weeks: float
