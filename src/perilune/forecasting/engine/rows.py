"""The rows of an answer: range, back-test, members, notes and contributions of each unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import (
    NONE_BELOW,
    THIN_BELOW,
    Backtest,
    By,
    ForecastRow,
    MemberRow,
    Note,
    Status,
)
from perilune.forecasting.engine.backtest import Trial, score
from perilune.forecasting.engine.combination import Mix
from perilune.forecasting.engine.levels import Sharing
from perilune.forecasting.engine.members import (
    COMBINATION,
    COMBINED,
    FIVE_QUARTERS,
    MEMBERS,
    NAIVE,
    SIMULATION,
)
from perilune.forecasting.engine.panel import Panel, Unit
from perilune.forecasting.engine.sampling import Lots
from perilune.forecasting.engine.windows import Calendar, Floats, Ints, Target
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.ranges import Range

SEASON_UNKNOWN = _(
    "The season of the year is unknown: there are fewer than five quarters of history."
)
THIN = _(
    "Thin history: %(points)s past origins, separate windows: %(windows)s. "
    "The range is widened for it."
)
NO_HISTORY = _(
    "Past origins: %(points)s. That is too few to say how wrong this forecast usually is, "
    "so no range is shown."
)
PARTLY_BEFORE = _("The period began before the first day of data: what was won then is unknown.")
NOT_STARTED = _("The period has not begun yet.")
BEFORE_DATA = _("The period ended before the first day of data.")
GATED = _(
    "No skill, no claim: at past origins the combination was no better than a plain rule, "
    "so the plain rule is shown."
)
SHARED_OUT = _(
    "No skill by this cut, no claim: at past origins its rows were no better than a plain rule, "
    "so the level above is shared out to them as that rule would. They still sum."
)
NO_MODEL = _("Open deals play no part yet: there is too little history to learn from them.")
SHOWN_MEMBERS = (COMBINATION, SIMULATION, *(member.name for member in MEMBERS))


@dataclass(frozen=True, eq=False)
class Asked:
    """What the notes of a total depend on beside its panel."""

    calendar: Calendar
    has_model: bool


def is_shared_out(rows: Iterable[ForecastRow]) -> bool:
    """Tell whether rows of a level say that a plain rule shares the level above out to them."""
    return any(note.message == SHARED_OUT for row in rows for note in row.notes)


class Trials:
    """The trials of a level: what each member said at the origins that count."""

    def __init__(
        self, panel: Panel, point: Floats, is_plain: NDArray[np.bool_] | None = None
    ) -> None:
        """Take what was said of the units: point (K, U), and the days of a plain rule, (K,)."""
        self.panel = panel
        self.point = point
        self.by_chance = panel.chance_of(self.point, is_plain)
        self.spreads = [
            panel.spread_at(row, self.point, self.by_chance) for row in range(len(panel.days))
        ]
        known = [len(panel.scored(row)) >= NONE_BELOW for row in range(len(panel.days))]
        told = [one.deviation(row) for one, row in zip(self.spreads, self.by_chance, strict=True)]
        self.deviation = np.where(np.array(known)[:, None], np.stack(told), np.nan)
        self.over = panel.scored(len(panel.days) - 1)

    @classmethod
    def of(cls, panel: Panel, sharing: Sharing, by: By, total: Floats) -> Trials:
        """Return the trials of a level of seats. total: (K,) what was said of everything."""
        seats = [list(unit.seats) for unit in panel.units]
        point = (
            total[:, None] if by is By.TOTAL
            else np.stack([sharing.mean[:, mine].sum(axis=1) for mine in seats], axis=1)
        )  # fmt: skip
        point[~np.isfinite(total)] = np.nan
        return cls(panel, point, sharing.is_plain(by))

    def trial(self, at: int, name: str = COMBINATION) -> Trial:
        """Return the trial of a member for a unit; ranges are the combination's alone."""
        panel = self.panel
        point = self.point if name == COMBINATION else panel.said[name]
        nothing = np.full(len(panel.days), np.nan)
        deviation = self.deviation[:, at] if name == COMBINATION else nothing
        usable = panel.may[self.over, at] & (panel.deal[self.over, at] > 0)
        usable &= np.isfinite(self.point[self.over, at]) & np.isfinite(point[self.over, at])
        return Trial(
            panel.days,
            point[:, at],
            panel.deal[:, at],
            panel.came[-1, :, at],
            deviation,
            self.over[usable],
        )


def row_of(
    asked: Asked,
    panel: Panel,
    trials: Trials,
    at: int,
    *,
    lots: Lots | None,
    mix: Mix,
    rule: str,
) -> ForecastRow:
    """Return the row of the unit at a place of its level.

    rule: the plain rule that shares the level out, "" where it has skill.
    """
    unit, target = panel.units[at], panel.target
    trial = trials.trial(at)
    points = trial.points()
    backtest = score(points, target.length)
    status = _status(backtest.points, lots)
    won = float(panel.won[at])
    span, existing = None, None
    if lots is not None and status is not Status.NO_HISTORY:
        samples = lots.of(unit)
        low, mid, high = np.quantile(samples, [0.1, 0.5, 0.9])
        mean = float(samples.mean())
        span = Range(float(low), float(mid), float(max(high, mid)), mean).shifted(won)
        seats = range(len(lots.open)) if unit.by is By.TOTAL else unit.seats
        existing = float(sum(lots.samples[seat].mean() * lots.open[seat] for seat in seats))
    members = _members(panel, trials, at, backtest, target)
    notes: tuple[Note, ...] = (Note(SHARED_OUT),) if rule and span else ()
    if unit.by is By.TOTAL:
        notes = _notes(status, backtest, asked, panel, mix)
    return ForecastRow(
        unit.name, unit.id, unit.label, won, span, backtest, status, notes, members, points,
        _skill(members), existing=existing,
    )  # fmt: skip


def _members(
    panel: Panel, trials: Trials, at: int, own: Backtest, target: Target
) -> tuple[MemberRow, ...]:
    rows = []
    for name in SHOWN_MEMBERS:
        last = trials.point[-1, at] if name == COMBINATION else panel.said[name][-1, at]
        trial = trials.trial(at, name)
        rows.append(
            MemberRow(
                name,
                float(last) if np.isfinite(last) else None,
                name in COMBINED,
                own if name == COMBINATION else trial.score(target.length),
                trial.errors(),
            )
        )
    return tuple(rows)


def _status(points: int, lots: Lots | None) -> Status:
    if points < NONE_BELOW or lots is None:
        return Status.NO_HISTORY
    return Status.THIN if points < THIN_BELOW else Status.FULL


def _notes(
    status: Status, backtest: Backtest, asked: Asked, panel: Panel, mix: Mix
) -> tuple[Note, ...]:
    target, calendar = panel.target, asked.calendar
    counts = {"points": backtest.points, "windows": backtest.windows}
    notes = []
    if status is Status.THIN:
        notes.append(Note(THIN, counts))
    if status is Status.NO_HISTORY:
        notes.append(Note(NO_HISTORY, {"points": backtest.points}))
    if target.lead:
        notes.append(Note(NOT_STARTED))
    if target.start < 0:
        notes.append(Note(PARTLY_BEFORE))
    if mix.gated[-1]:
        notes.append(Note(GATED))
    if not asked.has_model:
        notes.append(Note(NO_MODEL))
    first, now = calendar.position(np.array([0.0, target.as_of + 1.0]))
    if now - first < FIVE_QUARTERS:
        notes.append(Note(SEASON_UNKNOWN))
    return tuple(notes)


def _skill(members: tuple[MemberRow, ...]) -> float | None:
    wape = {member.name: member.backtest.wape for member in members}
    own, naive = wape[COMBINATION], wape[NAIVE]
    return None if own is None or not naive else 1 - own / naive


class Contributions:
    """What rows bring where the total is near its p10, p50 and p90 (rule 18)."""

    def __init__(self, total: ForecastRow, lots: Lots) -> None:
        """Take a total that has a range, and the samples of which it is the sum."""
        if total.range is None or total.won_to_date is None:
            raise ValueError("a total without a range has no contributions")
        self._lots = lots
        whole = lots.samples.sum(axis=0)
        order = np.argsort(whole, kind="stable")
        self._near = [_near(order, level) for level in (0.1, 0.5, 0.9)]
        aims = [
            value - total.won_to_date
            for value in (total.range.p10, total.range.p50, total.range.p90)
        ]
        # the paths near a quantile sum to about it: what is missing is spread in proportion
        self._scale = [
            aim / max(float(whole[paths].mean()), 1e-9)
            for aim, paths in zip(aims, self._near, strict=True)
        ]

    def added(self, rows: Sequence[ForecastRow], units: Sequence[Unit]) -> tuple[ForecastRow, ...]:
        """Return rows with their contributions. units: those of the rows, in their order."""
        return tuple(
            self.of(row, self._lots.of(unit)) for row, unit in zip(rows, units, strict=True)
        )

    def of(self, row: ForecastRow, samples: Floats) -> ForecastRow:
        """Return a row with its contributions. samples: (S,) its remainder on each path."""
        low, mid, high = (
            float(samples[paths].mean() * scale)
            for paths, scale in zip(self._near, self._scale, strict=True)
        )
        won = row.won_to_date or 0.0
        return replace(row, near=(low + won, mid + won, high + won))


def _near(order: Ints, level: float) -> Ints:
    reach = max(len(order) // 40, 1)
    at = int(level * (len(order) - 1))
    return order[max(at - reach, 0) : at + reach + 1]
