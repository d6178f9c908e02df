"""The course of all deals, week by week: moved on, pushed, silent, handed over, won or lost.

Hazards compete: within a week a deal moves on with probability a / (a + l) x (1 - exp(-(a + l))).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.demo.engine.arrivals import Arrivals, Traits
from perilune.demo.engine.book import (
    BEST_CASE,
    COMMIT,
    LOST,
    NOTHING,
    OPEN,
    WON,
    Book,
    Ends,
    Log,
    Presence,
)
from perilune.demo.engine.calls import Caller, Calls
from perilune.demo.engine.days import Ints, Reals, Streams, Weeks, day_us, quarter_start
from perilune.demo.engine.market import Market
from perilune.demo.engine.rates import RateTable
from perilune.demo.engine.staff import Staff
from perilune.demo.engine.truth import Truth
from perilune.demo.engine.words import LOSS_REASONS
from perilune.demo.engine.words import LOST as LOST_STAGE
from perilune.demo.engine.words import WON as WON_STAGE

LAST = 4
"""The last open stage."""
NO_REAL_DEAL_AT = len(LOSS_REASONS)
_ATTENTION = np.array([0.5, 0.8, 1.2, 1.8, 2.0])


@dataclass
class World:
    """Everything drawn before the first week."""

    truth: Truth
    weeks: Weeks
    streams: Streams
    staff: Staff
    market: Market
    rates: RateTable


@dataclass
class Story:
    """What happened: the book at the end, the log, who worked on what, the calls."""

    book: Book
    log: Log
    presence: list[Presence] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)


def regime_week(truth: Truth, weeks: Weeks) -> int:
    """Return the week of the regime change: the first quarter start from `regime_week` on."""
    days = [date.fromordinal(int(day) + 6) for day in weeks.monday]
    starts = [w for w, day in enumerate(days) if (day - quarter_start(day)).days < 7]
    return next((w for w in starts if w >= truth.regime_week), 10**6)


def run(world: World) -> Story:
    """Walk through the weeks. Time O(weeks + deals x weeks open), vectorised over deals."""
    return _Walk(world).run()


class _Walk:
    """The state of the walk."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.traits = Traits.of(world.staff)
        first, last = int(world.weeks.monday[0]), int(world.weeks.monday[-1])
        self.ends = Ends(first - 40, last + 3 * 365)
        self.regime = regime_week(world.truth, world.weeks)
        self.story = Story(Book(4096), Log())
        self.arrivals = Arrivals(
            world.truth,
            world.weeks,
            world.staff,
            world.market,
            ends=self.ends,
            regime=self.regime,
        )
        self.caller = Caller(world.truth, world.weeks, world.staff, world.rates, self.traits)

    def run(self) -> Story:
        for week in range(self.world.weeks.count):
            rng = self.world.streams.of("deals", week)
            self._hand_over(week, rng)
            self.caller.week(
                week, self.story.book, self.story.calls, self.world.streams.of("calls", week)
            )
            self._step(week, rng)
            self.arrivals.week(week, self.story.book, rng, self.traits)
        return self.story

    def _hand_over(self, week: int, rng: np.random.Generator) -> None:
        """Give the open deals of those who left to colleagues in the team, else to the manager."""
        book, staff = self.story.book, self.world.staff
        live = book.open_deals()
        for leaver in np.flatnonzero(self.traits.leave == week):
            deals = live[book["owner"][live] == leaver]
            if not len(deals):
                continue
            heirs = self.traits.heirs(staff, int(leaver), week)
            new = rng.choice(heirs, len(deals))
            us = np.full(len(deals), day_us(int(self.world.weeks.monday[week]), 5.0))
            self.story.log.note("owner_id", deals, us, book["owner"][deals], new)
            book["owner"][deals] = new

    def _step(self, week: int, rng: np.random.Generator) -> None:
        book = self.story.book
        deals = book.open_deals()
        if not len(deals):
            self.story.presence.append(Presence(deals, deals, np.zeros(0)))
            return
        day, us = self.world.weeks.session(rng, week, book["region"][deals])
        advance, lose, back = self._hazards(week, deals)
        total = advance + lose + back
        happens = rng.random(len(deals)) < 1 - np.exp(-total)
        which = rng.random(len(deals)) * np.maximum(total, 1e-12)
        moved = happens & (which < advance)
        lost = happens & (which >= advance) & (which < advance + lose)
        fell = happens & (which >= advance + lose)
        self._note_presence(week, deals)
        won = moved & (book["stage"][deals] == LAST)
        self._close(deals[won], us[won], day[won], week, rng, status=WON)
        self._close(deals[lost], us[lost], day[lost], week, rng, status=LOST)
        self._move(deals[moved & ~won], us[moved & ~won], week, rng, step=1)
        self._move(deals[fell], us[fell], week, rng, step=-1)
        still = ~(won | lost)
        self._redate(deals[still], us[still], day[still], week, rng)
        self._silence(deals[still], rng)

    def _hazards(self, week: int, deals: Ints) -> tuple[Reals, Reals, Reals]:
        truth, book, weeks = self.world.truth, self.story.book, self.world.weeks
        stage, owner = book["stage"][deals], book["owner"][deals]
        segment = book["segment"][deals]
        advance = np.array(truth.advance)[stage] * np.array(truth.segment_win)[segment]
        advance *= np.array(truth.type_win)[book["type"][deals]]
        advance *= np.array(truth.source_win)[book["source"][deals]]
        age = np.maximum(week - book["stage_week"][deals] - 4, 0)
        advance *= np.exp(-truth.age_decay * age)
        skill = self.traits.skill[owner]
        rival = np.array([*truth.competitor_win, 1.0])[book["rival"][deals]]
        advance *= np.where(stage >= 2, np.exp(skill) * rival, 1.0)
        advance *= 1 - truth.ramp_on_advance * (1 - self.traits.ramp[owner, week])
        # managers who stand in have little time for it: what they hold moves slowly
        stands_in = owner >= self.world.staff.sellers
        advance *= np.where(stands_in, self.traits.presence[owner, week], 1.0)
        push = truth.win_by_week_left[int(weeks.left[week])] * truth.win_by_month[weeks.month[week]]
        advance *= np.where(stage == LAST, push, 1.0)
        lose = np.array(truth.lose)[stage] * np.exp(truth.skill_on_loss * skill)
        silent = book["silent"][deals] > 0
        advance *= np.where(silent, truth.silent_advance, 1.0)
        lose *= np.where(silent, truth.silent_lose, 1.0)
        if week >= self.regime:
            advance, lose = advance * truth.regime_advance, lose * truth.regime_lose
        speed = np.array(truth.segment_speed)[segment]
        if weeks.month[week] == 7:
            speed = speed * np.array(truth.august)[book["region"][deals]]
        back = np.where(stage >= 2, truth.go_back, 0.0)
        stuck = self._stuck(deals)
        lose = np.where(stuck, truth.zombie_lose, lose * speed)
        return np.where(stuck, 0, advance * speed), lose, np.where(stuck, 0, back)

    def _stuck(self, deals: Ints) -> np.ndarray:
        book = self.story.book
        zombie = book["zombie"][deals]
        return np.asarray((zombie >= 0) & (book["stage"][deals] >= zombie))

    def _note_presence(self, week: int, deals: Ints) -> None:
        book = self.story.book
        weight = _ATTENTION[book["stage"][deals]] * (0.7 + 0.5 * book["segment"][deals])
        weight = weight * np.where(book["silent"][deals] > 0, 0.05, 1.0)
        weight = weight * np.where(self._stuck(deals), 0.04, 1.0)
        self.story.presence.append(Presence(deals, book["owner"][deals].copy(), weight))

    def _close(
        self, deals: Ints, us: Ints, day: Ints, week: int, rng: np.random.Generator, *, status: int
    ) -> None:
        book, log, truth = self.story.book, self.story.log, self.world.truth
        stage = book["stage"][deals]
        log.note(
            "stage_id",
            deals,
            us,
            stage,
            np.full(len(deals), WON_STAGE if status == WON else LOST_STAGE),
        )
        log.note("close_date", deals, us, book["close"][deals], day)
        log.note(
            "forecast_category", deals, us, book["category"][deals], np.full(len(deals), NOTHING)
        )
        if status == WON:
            cut = np.clip(1 - rng.exponential(truth.discount, len(deals)), 0.7, 1)
            final = _rounded(
                np.where(book["amount"][deals] > 0, book["amount"][deals], book["hidden"][deals])
                * cut
            )
            log.note("amount", deals, us, book["amount"][deals], final)
            book["amount"][deals] = final
            self.caller.won(week, book, deals)
        else:
            reason = _reasons(truth, rng, stage, book["rival"][deals])
            log.note("loss_reason", deals, us, book["loss"][deals], reason)
            book["loss"][deals] = reason
        book["stage"][deals] = WON_STAGE if status == WON else LOST_STAGE
        book["close"][deals], book["category"][deals] = day, NOTHING
        book["status"][deals], book["closed_us"][deals], book["closed_week"][deals] = (
            status,
            us,
            week,
        )

    def _move(
        self, deals: Ints, us: Ints, week: int, rng: np.random.Generator, *, step: int
    ) -> None:
        """Move on (seldom over a stage) or back, and write down what the customer says."""
        book, log, truth = self.story.book, self.story.log, self.world.truth
        old = book["stage"][deals]
        jump = (rng.random(len(deals)) < 0.08) if step > 0 else np.zeros(len(deals), dtype=bool)
        new = np.clip(old + step + jump, 0, LAST)
        log.note("stage_id", deals, us, old, new)
        book["stage"][deals], book["stage_week"][deals] = new, week
        heard = np.where(new >= 2, book["rival"][deals], book["competitor"][deals])
        log.note("competitor", deals, us, book["competitor"][deals], heard)
        book["competitor"][deals] = heard
        self._reprice(deals, us, new, rng, truth.amount_change)
        bias, chance = self.traits.bias[book["owner"][deals]], rng.random(len(deals))
        category = np.full(len(deals), NOTHING)
        category[(new == 3) & (chance < truth.early_commit * np.maximum(bias, 0))] = COMMIT
        category[(new == LAST) & (chance < truth.late_commit * np.maximum(-bias, 0))] = BEST_CASE
        log.note("forecast_category", deals, us, book["category"][deals], category)
        book["category"][deals] = category
        writes = rng.random(len(deals)) < self.traits.writes[book["owner"][deals]]
        step_now = np.where(
            writes, np.where(rng.random(len(deals)) < 0.2, 5, new), book["next_step"][deals]
        )
        log.note("next_step", deals, us, book["next_step"][deals], step_now)
        book["next_step"][deals] = step_now

    def _reprice(
        self, deals: Ints, us: Ints, stage: Ints, rng: np.random.Generator, chance: float
    ) -> None:
        book, (mean, spread) = self.story.book, self.world.truth.amount_drift
        known = book["amount"][deals] > 0
        drifted = _rounded(
            1.0 * book["amount"][deals] * np.exp(rng.normal(mean, spread, len(deals)))
        )
        new = np.where(known & (rng.random(len(deals)) < chance), drifted, book["amount"][deals])
        # From the proposal on, nine of ten deals have an amount.
        told = ~known & (stage >= 3) & (rng.random(len(deals)) < 0.9)
        new = np.where(told, book["hidden"][deals], new)
        log_old = book["amount"][deals]
        self.story.log.note("amount", deals, us, log_old, new)
        book["amount"][deals] = new

    def _redate(
        self, deals: Ints, us: Ints, day: Ints, week: int, rng: np.random.Generator
    ) -> None:
        """Push what is overdue (if the rep keeps the book clean), push or pull some of the rest."""
        truth, book = self.world.truth, self.story.book
        old = book["close"][deals]
        chance = rng.random(len(deals))
        asleep = (book["silent"][deals] > 0) | self._stuck(deals)
        care = self.traits.hygiene[book["owner"][deals]] * np.where(asleep, 0.08, 1.0)
        overdue = (old > 0) & (old < self.world.weeks.monday[week])
        later = self.ends.month(day + rng.integers(7, 56, len(deals)))
        push = ~overdue & (old > 0) & (chance < truth.push) & ~asleep
        pull = ~overdue & (old > day + 40) & (chance > 1 - truth.pull_in)
        named = (old < 0) & (book["stage"][deals] >= 2) & (chance < 0.3)
        new = np.where((overdue & (chance < care)) | named, later, old)
        new = np.where(push, self.ends.month(old + 20), new)
        new = np.where(pull, np.maximum(old - 30, day + 7), new)
        self.story.log.note("close_date", deals, us, old, new)
        book["close"][deals] = new

    def _silence(self, deals: Ints, rng: np.random.Generator) -> None:
        truth, book = self.world.truth, self.story.book
        chance, silent = rng.random(len(deals)), book["silent"][deals] > 0
        stays = silent & (chance >= truth.back_to_talks)
        book["silent"][deals] = np.where(stays | (~silent & (chance < truth.silence)), 1, 0)


def _rounded(minor: NDArray[np.floating[Any]]) -> Ints:
    """Round to tens of the major unit, at least one hundred."""
    return np.asarray(np.maximum(np.round(minor / 1000), 10) * 1000, dtype=np.int64)


def _reasons(truth: Truth, rng: np.random.Generator, stage: Ints, rival: Ints) -> Ints:
    """Draw loss reasons; one in twelve is never written down."""
    reason = rng.choice(len(LOSS_REASONS), len(stage), p=(0.28, 0.0, 0.22, 0.26, 0.15, 0.09))
    reason = np.where((rival >= 0) & (stage >= 2) & (rng.random(len(stage)) < 0.5), 1, reason)
    none = rng.random(len(stage)) < np.array(truth.no_real_deal)[stage]
    reason = np.where(none, NO_REAL_DEAL_AT, reason)
    return np.asarray(np.where(rng.random(len(stage)) < 0.08, NOTHING, reason))


__all__ = ["LAST", "NO_REAL_DEAL_AT", "OPEN", "Story", "World", "regime_week", "run"]
