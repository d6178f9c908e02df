"""The forecast of a period at every level: won to date and what is to come, by one set of lots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

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
from perilune.forecasting.engine.combination import Mix, mix_of
from perilune.forecasting.engine.history import Wins
from perilune.forecasting.engine.levels import Sharing, share_out
from perilune.forecasting.engine.members import (
    COMBINATION,
    COMBINED,
    FIVE_QUARTERS,
    MEMBERS,
    NAIVE,
    SIMULATION,
)
from perilune.forecasting.engine.panel import Ground, Panel, Simulated, Unit, ground_of, panel_of
from perilune.forecasting.engine.sampling import Lots, Seats, Shared, draw_lots
from perilune.forecasting.engine.simulation import PATHS, Draw
from perilune.forecasting.engine.windows import Calendar, Floats, Ints, Target, knowledge_days
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
    "No skill at this level, no claim: it is shared out by a plain rule, "
    "and still sums to the level above."
)
NO_MODEL = _("Open deals play no part yet: there is too little history to learn from them.")
_GROUPS_AT_LEAST = 2
SHOWN_MEMBERS = (COMBINATION, SIMULATION, *(member.name for member in MEMBERS))


@dataclass(frozen=True, eq=False)
class Question:
    """What is forecast. wins: numbered by seat. units: of every level but the total.

    simulated: the simulation's expectations at the knowledge days. draw: its deals at the as-of.
    Both None where there is no model. total: the unit of everything in scope.
    """

    wins: Wins
    seats: Seats
    units: Mapping[By, Sequence[Unit]]
    target: Target
    calendar: Calendar
    total: Unit
    simulated: Simulated | None = None
    draw: Draw | None = None
    seed: int = 0
    paths: int = PATHS


@dataclass(frozen=True, eq=False)
class Answer:
    """Rows of each level, the total first among them; mix: what was combined at the as-of.

    lots: the samples of the remainder by seat, None where no range is shown. seat_mean: (L,) what
    the draw is stretched to. rule: the plain rule by which each level is shared out, "" where it
    has skill.
    """

    rows: Mapping[By, tuple[ForecastRow, ...]]
    mix: Mapping[str, float]
    lots: Lots | None
    daily: Floats
    seat_mean: Floats = field(default_factory=lambda: np.zeros(0))
    rule: Mapping[By, str] = field(default_factory=dict)

    @property
    def total(self) -> ForecastRow:
        """The row of everything in scope."""
        return self.rows[By.TOTAL][0]


def forecast(question: Question) -> Answer:
    """Return the forecast of every unit. Pure: the same arrays give the same digits.

    See docs/methods/forecast-range.md.
    """
    target = question.target
    days = knowledge_days(target, 0)
    levels = {By.TOTAL: (question.total,), **question.units}
    if target.end < 0:
        return _plain(levels, Status.UNKNOWN, Note(BEFORE_DATA))
    if days[-1] < 0:
        return _plain(levels, Status.NO_HISTORY, Note(NO_HISTORY, {"points": 0}))
    ground = ground_of(
        question.seats.count, question.wins, days, target, question.calendar, question.simulated
    )
    panels = {by: panel_of(units, ground) for by, units in levels.items() if len(units)}
    if target.length == 0:
        return _finished(panels)
    return _running(question, panels, ground)


def _running(question: Question, panels: dict[By, Panel], ground: Ground) -> Answer:
    total = panels[By.TOTAL]
    groups = next(
        (panels[by] for by in (By.TEAM, By.REGION, By.REP)
         if by in panels and len(panels[by].units) >= _GROUPS_AT_LEAST), None,
    )  # fmt: skip
    mix = mix_of(total, groups)
    point = mix.point(total.said)[:, 0]
    sharing = share_out(panels, ground, question.seats, mix, point)
    trials = {by: _Trials(panel, sharing, by, point) for by, panel in panels.items()}
    lots, seat_mean = _lots(question, panels, sharing, trials)
    rows = {
        by: tuple(
            _row(question, panel, trials[by], at, lots=lots, mix=mix, rule=sharing.now.get(by, ""))
            for at in range(len(panel.units))
        )
        for by, panel in panels.items()
    }
    rows = _with_contributions(rows, panels, lots)
    weights = {name: float(weight[-1]) for name, weight in mix.weights.items()}
    return Answer(rows, weights, lots, total.daily[0], seat_mean, sharing.now)


class _Trials:
    """The trials of a level: what each member said at the origins that count."""

    def __init__(self, panel: Panel, sharing: Sharing, by: By, total: Floats) -> None:
        self.panel = panel
        seats = [list(unit.seats) for unit in panel.units]
        self.point = (
            total[:, None] if by is By.TOTAL
            else np.stack([sharing.mean[:, mine].sum(axis=1) for mine in seats], axis=1)
        )  # fmt: skip
        self.point[~np.isfinite(total)] = np.nan
        self.by_chance = panel.chance_of(self.point, sharing.is_plain(by))
        self.spreads = [
            panel.spread_at(row, self.point, self.by_chance) for row in range(len(panel.days))
        ]
        self.known = [len(panel.scored(row)) >= NONE_BELOW for row in range(len(panel.days))]
        last = len(panel.days) - 1
        self.over = panel.scored(last)

    def trial(self, at: int, name: str = COMBINATION) -> Trial:
        """Return the trial of a member for a unit; ranges are the combination's alone."""
        panel = self.panel
        point = self.point if name == COMBINATION else panel.said[name]
        by_chance = self.by_chance[:, at]
        deviation = np.array(
            [
                found.deviation(value) if name == COMBINATION and self.known[row] else np.nan
                for row, (found, value) in enumerate(zip(self.spreads, by_chance, strict=True))
            ]
        )
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


def _lots(
    question: Question, panels: dict[By, Panel], sharing: Sharing, trials: dict[By, _Trials]
) -> tuple[Lots | None, Floats]:
    """Return the samples, and the mean of each seat inside the smallest unit that has skill."""
    total = panels[By.TOTAL]
    spreads = {by: item.spreads[-1] for by, item in trials.items()}
    if not question.seats.count or not np.isfinite(trials[By.TOTAL].point[-1, 0]):
        return None, np.zeros(question.seats.count)
    draw = question.draw if question.draw is not None else _no_draw()
    lots = draw_lots(
        sharing.mean[-1],
        draw,
        float(total.deal[-1, 0]),
        question.seats,
        spreads,
        shared=Shared(sharing.own, sharing.pool),
        seed=question.seed,
        paths=question.paths,
    )
    return lots, sharing.own


def _no_draw() -> Draw:
    none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Draw(
        none,
        none,
        empty,
        empty,
        none,
        none,
        empty,
        empty,
        none,
        np.ones(1),
        _ALL_SIZES[None],
        _ALL_SIZES,
    )


_ALL_SIZES = -np.log(1 - (np.arange(64) + 0.5) / 64)
"""Sizes of variation one, for a company without a model: quantiles of the exponential."""


def _row(
    question: Question,
    panel: Panel,
    trials: _Trials,
    at: int,
    *,
    lots: Lots | None,
    mix: Mix,
    rule: str,
) -> ForecastRow:
    unit, target = panel.units[at], question.target
    trial = trials.trial(at)
    points = trial.points()
    backtest = score(points, target.length)
    status = _status(backtest.points, lots)
    won = float(panel.won[at])
    span = None
    existing = None
    if lots is not None and status is not Status.NO_HISTORY:
        samples = lots.of(unit)
        low, mid, high = np.quantile(samples, [0.1, 0.5, 0.9])
        mean = float(samples.mean())
        span = Range(float(low), float(mid), float(max(high, mid)), mean).shifted(won)
        seats = range(len(lots.open)) if unit.by is By.TOTAL else unit.seats
        existing = float(sum(lots.samples[seat].mean() * lots.open[seat] for seat in seats))
    members = _members(panel, trials, at, points, target)
    notes: tuple[Note, ...] = (Note(SHARED_OUT),) if rule else ()
    if unit.by is By.TOTAL:
        notes = _notes(status, backtest, question, mix)
    return ForecastRow(
        unit.name, unit.id, unit.label, won, span, backtest, status, notes, members, points,
        _skill(members), existing=existing,
    )  # fmt: skip


def _members(
    panel: Panel, trials: _Trials, at: int, points: tuple[object, ...], target: Target
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
                score(trial.points(), target.length),
                trial.errors(),
            )
        )
    return tuple(rows)


def _status(points: int, lots: Lots | None) -> Status:
    if points < NONE_BELOW or lots is None:
        return Status.NO_HISTORY
    return Status.THIN if points < THIN_BELOW else Status.FULL


def _notes(status: Status, backtest: Backtest, question: Question, mix: Mix) -> tuple[Note, ...]:
    target, calendar = question.target, question.calendar
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
    if question.simulated is None or not np.isfinite(question.simulated.open[-1]).all():
        notes.append(Note(NO_MODEL))
    first, now = calendar.position(np.array([0.0, target.as_of + 1.0]))
    if now - first < FIVE_QUARTERS:
        notes.append(Note(SEASON_UNKNOWN))
    return tuple(notes)


def _skill(members: tuple[MemberRow, ...]) -> float | None:
    wape = {member.name: member.backtest.wape for member in members}
    own, naive = wape[COMBINATION], wape[NAIVE]
    return None if own is None or not naive else 1 - own / naive


def _with_contributions(
    rows: dict[By, tuple[ForecastRow, ...]], panels: dict[By, Panel], lots: Lots | None
) -> dict[By, tuple[ForecastRow, ...]]:
    """Add to each row what it brings where the total is near its p10, p50, p90 (rule 18)."""
    total = rows[By.TOTAL][0]
    if lots is None or total.range is None or total.won_to_date is None:
        return rows
    whole = lots.samples.sum(axis=0)
    order = np.argsort(whole, kind="stable")
    near = [_near(order, level) for level in (0.1, 0.5, 0.9)]
    aims = [
        value - total.won_to_date for value in (total.range.p10, total.range.p50, total.range.p90)
    ]
    # the paths near a quantile sum to about it: what is missing is spread in proportion
    scale = [
        aim / max(float(whole[paths].mean()), 1e-9) for aim, paths in zip(aims, near, strict=True)
    ]
    found = {}
    for by, level in rows.items():
        changed = []
        for row, unit in zip(level, panels[by].units, strict=True):
            samples = lots.of(unit)
            parts = [
                float(samples[paths].mean() * by_) for paths, by_ in zip(near, scale, strict=True)
            ]
            won = row.won_to_date or 0.0
            changed.append(replace(row, near=(parts[0] + won, parts[1] + won, parts[2] + won)))
        found[by] = tuple(changed)
    return found


def _near(order: Ints, level: float) -> Ints:
    reach = max(len(order) // 40, 1)
    at = int(level * (len(order) - 1))
    return order[max(at - reach, 0) : at + reach + 1]


def _plain(levels: Mapping[By, Sequence[Unit]], status: Status, note: Note) -> Answer:
    rows = {
        by: tuple(
            ForecastRow(unit.name, unit.id, unit.label, None, None, Backtest(), status, (note,))
            for unit in units
        )
        for by, units in levels.items()
    }
    return Answer(rows, {}, None, np.zeros(0))


def _finished(panels: dict[By, Panel]) -> Answer:
    rows = {}
    for by, panel in panels.items():
        notes = (Note(PARTLY_BEFORE),) if panel.target.start < 0 else ()
        rows[by] = tuple(
            ForecastRow(
                unit.name, unit.id, unit.label, float(won), Range(*[float(won)] * 4), Backtest(),
                Status.FINISHED, notes,
            )
            for unit, won in zip(panel.units, panel.won, strict=True)
        )  # fmt: skip
    return Answer(rows, {}, None, panels[By.TOTAL].daily[0])
