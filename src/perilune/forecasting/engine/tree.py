"""The forecast of a period at every level: won to date and what is to come, by one set of lots."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from perilune.forecasting.contracts import (
    Backtest,
    By,
    ForecastRow,
    Note,
    Status,
)
from perilune.forecasting.engine.combination import Mix, mix_of
from perilune.forecasting.engine.history import Wins
from perilune.forecasting.engine.levels import Sharing, share_out
from perilune.forecasting.engine.panel import Ground, Panel, Simulated, Unit, ground_of, panel_of
from perilune.forecasting.engine.parts import Parts, Told
from perilune.forecasting.engine.parts import told as told_of
from perilune.forecasting.engine.rows import (
    BEFORE_DATA,
    NO_HISTORY,
    PARTLY_BEFORE,
    Asked,
    Contributions,
    Trials,
    row_of,
)
from perilune.forecasting.engine.sampling import Lots, Seats, Shared, draw_lots
from perilune.forecasting.engine.simulation import PATHS, Draw
from perilune.forecasting.engine.windows import Calendar, Floats, Target, knowledge_days
from perilune.kernel.ranges import Range

_GROUPS_AT_LEAST = 2


@dataclass(frozen=True, eq=False)
class Question:
    """What is forecast. wins: numbered by seat. units: of every level but the total.

    simulated: the simulation's expectations at the knowledge days. draw: its deals at the as-of.
    Both None where there is no model. total: the unit of everything in scope. groups: units of
    teams between a region and its teams: they are told like teams and shared out by none.
    parts: what is sold, and to whom: units that cut across seats, where they are asked for.
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
    groups: Sequence[Unit] = ()
    parts: Mapping[By, Parts] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Answer:
    """Rows of each level, the total first among them; mix: what was combined at the as-of.

    lots: the samples of the remainder by seat, None where no range is shown. seat_mean: (L,) what
    the draw is stretched to. rule: the plain rule by which each level is shared out, "" where it
    has skill. groups: the rows of the question's groups, where rows by team are wanted. parts: the
    samples of parts, by their numbers. taken: (L,) what departures and absences on record took off
    the mean of each seat; empty where nobody is away.
    """

    rows: Mapping[By, tuple[ForecastRow, ...]]
    mix: Mapping[str, float]
    lots: Lots | None
    daily: Floats
    seat_mean: Floats = field(default_factory=lambda: np.zeros(0))
    rule: Mapping[By, str] = field(default_factory=dict)
    groups: tuple[ForecastRow, ...] = ()
    parts: Mapping[By, Lots] = field(default_factory=dict)
    taken: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def total(self) -> ForecastRow:
        """The row of everything in scope."""
        return self.rows[By.TOTAL][0]


def forecast(question: Question, wanted: Collection[By] = tuple(By)) -> Answer:
    """Return the forecast of every unit. Pure: the same arrays give the same digits.

    wanted: the cuts whose rows are made, beside the total. What is drawn, and so every row that is
    made, is the same whichever they are; the rows of 240 reps alone take a second.
    See docs/methods/forecast-range.md.
    """
    target = question.target
    days = knowledge_days(target, 0)
    levels = {By.TOTAL: (question.total,), **question.units}
    if target.end < 0:
        return _plain(levels, question.groups, Status.UNKNOWN, Note(BEFORE_DATA))
    if days[-1] < 0:
        note = Note(NO_HISTORY, {"points": 0})
        return _plain(levels, question.groups, Status.NO_HISTORY, note)
    ground = ground_of(
        question.seats.count, question.wins, days, target, question.calendar, question.simulated
    )
    panels = {by: panel_of(units, ground) for by, units in levels.items() if len(units)}
    if target.length == 0:
        for by, parts in question.parts.items():
            cut = ground_of(parts.count, parts.wins, days, target, question.calendar, None)
            panels[by] = panel_of(parts.units, cut)
        return _finished(panels, panel_of(question.groups, ground))
    return _running(question, panels, ground, {By.TOTAL, *wanted})


def _running(
    question: Question, panels: dict[By, Panel], ground: Ground, wanted: Collection[By]
) -> Answer:
    total = panels[By.TOTAL]
    groups = next(
        (panels[by] for by in (By.TEAM, By.REGION, By.REP)
         if by in panels and len(panels[by].units) >= _GROUPS_AT_LEAST), None,
    )  # fmt: skip
    mix = mix_of(total, groups)
    point = mix.point(total.said)[:, 0]
    sharing = share_out(panels, ground, question.seats, mix, point)
    trials = {by: Trials.of(panel, sharing, by, point) for by, panel in panels.items()}
    lots, seat_mean = _lots(question, panels, sharing, trials)
    simulated = question.simulated
    has_model = simulated is not None and bool(np.isfinite(simulated.open[-1]).all())
    asked = Asked(question.calendar, has_model)

    def told(by: By, panel: Panel, tried: Trials) -> tuple[ForecastRow, ...]:
        rule = sharing.now.get(by, "")
        return tuple(
            row_of(asked, panel, tried, at, lots=lots, mix=mix, rule=rule)
            for at in range(len(panel.units))
        )

    rows = {by: told(by, panel, trials[by]) for by, panel in panels.items() if by in wanted}
    between: tuple[ForecastRow, ...] = ()
    if question.groups and By.TEAM in wanted:
        panel = panel_of(question.groups, ground)
        between = told(By.TEAM, panel, Trials.of(panel, sharing, By.TEAM, point))
    if lots is not None and rows[By.TOTAL][0].range is not None:
        parts = Contributions(rows[By.TOTAL][0], lots)
        rows = {by: parts.added(level, panels[by].units) for by, level in rows.items()}
        between = parts.added(between, question.groups)
    cut = {
        by: told_of(
            parts, total.days, question.target, question.calendar, mix, point, lots,
            question.draw, seed=question.seed,
        )
        for by, parts in question.parts.items() if by in wanted
    }  # fmt: skip
    rows |= {by: _of_parts(asked, mine, mix, rows[By.TOTAL][0], lots) for by, mine in cut.items()}
    weights = {name: float(weight[-1]) for name, weight in mix.weights.items()}
    samples = {by: mine.lots for by, mine in cut.items() if mine.lots is not None}
    return Answer(
        rows, weights, lots, total.daily[0], seat_mean, sharing.now, between, samples,
        _weighted(ground.taken, weights),
    )  # fmt: skip


def _weighted(taken: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Return (L,) the combination of what was taken from each member."""
    parts = [np.nan_to_num(weights.get(name, 0.0)) * less for name, less in taken.items()]
    return np.sum(parts, axis=0) if parts else np.zeros(0)


def _of_parts(
    asked: Asked, cut: Told, mix: Mix, total: ForecastRow, lots: Lots | None
) -> tuple[ForecastRow, ...]:
    rows = tuple(
        row_of(asked, cut.panel, cut.trials, at, lots=cut.lots, mix=mix, rule=cut.rule)
        for at in range(len(cut.panel.units))
    )
    if lots is None or cut.lots is None or total.range is None:
        return rows
    parts = Contributions(total, lots)
    return tuple(parts.of(row, mine) for row, mine in zip(rows, cut.lots.samples, strict=True))


def _lots(
    question: Question, panels: dict[By, Panel], sharing: Sharing, trials: dict[By, Trials]
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


def _plain(
    levels: Mapping[By, Sequence[Unit]], groups: Sequence[Unit], status: Status, note: Note
) -> Answer:
    def told(units: Sequence[Unit]) -> tuple[ForecastRow, ...]:
        return tuple(
            ForecastRow(unit.name, unit.id, unit.label, None, None, Backtest(), status, (note,))
            for unit in units
        )

    rows = {by: told(units) for by, units in levels.items()}
    return Answer(rows, {}, None, np.zeros(0), groups=told(groups))


def _finished(panels: dict[By, Panel], between: Panel) -> Answer:
    def told(panel: Panel) -> tuple[ForecastRow, ...]:
        notes = (Note(PARTLY_BEFORE),) if panel.target.start < 0 else ()
        return tuple(
            ForecastRow(
                unit.name, unit.id, unit.label, float(won), Range(*[float(won)] * 4), Backtest(),
                Status.FINISHED, notes,
            )
            for unit, won in zip(panel.units, panel.won, strict=True)
        )  # fmt: skip

    rows = {by: told(panel) for by, panel in panels.items()}
    return Answer(rows, {}, None, panels[By.TOTAL].daily[0], groups=told(between))
