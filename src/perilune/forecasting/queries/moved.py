"""Why the range of a period moved between two as-ofs, as the store knows it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from perilune.forecasting.contracts import (
    By,
    Cause,
    Figures,
    ForecastRequest,
    ForecastRow,
    MemberMove,
    Move,
    MovePart,
    RunInfo,
)
from perilune.forecasting.engine import COMBINED, SIMULATION, Target
from perilune.forecasting.engine.expectation import expected
from perilune.forecasting.engine.moved import Causes, Chances, Deals, Facts, Said, causes, whole
from perilune.forecasting.engine.panel import Ground, Simulated, ground_of, panel_of
from perilune.forecasting.engine.windows import Floats, Ints
from perilune.forecasting.queries.inputs import Inputs, first_of
from perilune.forecasting.queries.kept_inputs import inputs_of
from perilune.forecasting.queries.ranges import card
from perilune.forecasting.queries.runs import runs
from perilune.insights import queries as insights
from perilune.insights.contracts import OpenDeals, horizon_for
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import company as current_company
from perilune.store import queries as store
from perilune.store import service

EPOCH = date(1970, 1, 1)
NEVER = 2**31
_kept_moves = Kept[Move](32)


def move_for(period: Period, since: AsOf, until: AsOf, scope: Scope) -> Move:
    """Return why the range of a scope's total moved between two as-ofs.

    Where a run of the first day is on record, the move starts at its figures. Both days are
    computed with the same random numbers, so no part is luck.
    Invalid where the second day lies first.
    """
    if since.at > until.at:
        raise Invalid(_("The second day lies before the first."))
    company = current_company()
    run = _run_of(period, since, scope)
    version = first_of(until).version
    key = (
        service.current().path, version, period, since.at, until.at, scope.digest(), scope.label,
        company.currency, str(company.zone), company.calendar, insights.models_on_record(),
        run and run.id,
    )  # fmt: skip
    start = run.as_of if run else since
    return _kept_moves.get(key, lambda: _move(period, start, until, scope, company, run))


def _run_of(period: Period, since: AsOf, scope: Scope) -> RunInfo | None:
    """Return the last run on record of exactly that day."""
    found = next(iter(runs(period, scope, until=since, limit=1)), None)
    return found if found is not None and found.as_of.day == since.day else None


@dataclass(frozen=True, eq=False)
class _End:
    """One of the two days: what is asked, the row of the total, weights, and what it stands on."""

    request: ForecastRequest
    row: ForecastRow
    mix: Mapping[str, float]
    inputs: Inputs
    scope: Scope
    company: Company
    daily: tuple[float, ...]

    @property
    def target(self) -> Target:
        return self.inputs.question.target

    @property
    def figures(self) -> Figures:
        row = self.row
        return (
            round(row.p10 or 0.0), round(row.p50 or 0.0), round(row.p90 or 0.0),
            round(row.mean or 0.0),
        )  # fmt: skip


def _end(period: Period, as_of: AsOf, scope: Scope, company: Company) -> _End | None:
    found = card(period, as_of, scope)
    if found.total.range is None:
        return None
    request = ForecastRequest(period, By.TOTAL, as_of)
    inputs = inputs_of(request, scope, company)
    if inputs is None:
        return None
    return _End(request, found.total, found.mix, inputs, scope, company, found.daily)


def _move(  # noqa: PLR0917  # what a move is asked by, one each
    period: Period, since: AsOf, until: AsOf, scope: Scope, company: Company, run: RunInfo | None
) -> Move:
    then, now = (_end(period, at, scope, company) for at in (since, until))
    if then is None or now is None:
        return Move(
            period, since, until, scope.label, company.currency,
            then.figures if then else None, now.figures if now else None,
        )  # fmt: skip
    before, after = then.figures, now.figures
    kept = _kept(run)
    found = _causes(then, now)
    at_mean = [cause for cause in Cause if found.value[cause]]
    amounts = whole([found.value[cause] for cause in at_mean], after[3] - before[3])
    parts = [
        MovePart(cause, (amount,) * 4, found.deals.get(cause))
        for cause, amount in zip(at_mean, amounts, strict=True)
        if amount
    ]
    if kept is not None and kept != before:
        parts.insert(0, MovePart(Cause.RECORD, _less(before, kept)))
    width = _less(_less(after, before), (after[3] - before[3],) * 4)
    if any(width):
        parts.append(MovePart(Cause.WIDTH, width))
    return Move(
        period, since, until, scope.label, company.currency, kept or before, after,
        round(then.row.won_to_date or 0.0), round(now.row.won_to_date or 0.0),
        tuple(parts), _members(then, now), run.id if run and kept else None,
        now.inputs.store_version,
    )  # fmt: skip


def _kept(run: RunInfo | None) -> Figures | None:
    """Return the figures of a run's total; None where it has no range."""
    if run is None:
        return None
    row = run.rows[0]
    found = [row[name] for name in ("p10", "p50", "p90", "mean")]
    return None if None in found else (found[0], found[1], found[2], found[3])


def _less(one: Figures, other: Figures) -> Figures:
    low, mid, high, mean = (a - b for a, b in zip(one, other, strict=True))
    return low, mid, high, mean


def _members(then: _End, now: _End) -> tuple[MemberMove, ...]:
    said = [{item.name: item.remainder for item in end.row.members} for end in (then, now)]
    moves = []
    for name in COMBINED:
        weights = [end.mix.get(name, 0.0) for end in (then, now)]
        was, became = (known.get(name) for known in said)
        if was is None and became is None and not any(weights):
            continue
        value = weights[1] * (became or 0.0) - weights[0] * (was or 0.0)
        moves.append(
            MemberMove(name, _whole(was), weights[0], _whole(became), weights[1], round(value))
        )
    return tuple(moves)


def _whole(amount: float | None) -> int | None:
    return None if amount is None else round(amount)


# -- what the engine is handed ---------------------------------------------------------------------


def _causes(then: _End, now: _End) -> Causes:
    passed = _Passed(then, now.request.as_of)
    deals = _deals(then, now, passed)
    won, wins = _won_since(then, now)
    return causes(_said(then, passed), _said(now), deals, won_since=won, wins=wins)


def _said(end: _End, passed: _Passed | None = None) -> Said:
    row, simulated = end.row, end.inputs.question.simulated
    said = {item.name: item.remainder for item in row.members if item.remainder is not None}
    new = float(np.nansum(simulated.new[-1])) if simulated is not None else 0.0
    facts = (row.won_to_date or 0.0, row.mean or 0.0, said, end.mix)
    taken = _taken(_ground(end, end.target))
    if passed is None:
        return Said(*facts, new=new, taken=taken)
    return Said(*facts, passed.said(), new, passed.new, taken, passed.taken())


def _ground(end: _End, target: Target, simulated: Simulated | None = None) -> Ground:
    """Return what the members say on the as-of of a window; by default with its simulation."""
    asked = end.inputs.question
    today = np.array([target.as_of], dtype=np.int64)
    whole = simulated or (asked.simulated and asked.simulated.last)
    return ground_of(asked.seats.count, asked.wins, today, target, asked.calendar, whole)


def _taken(ground: Ground) -> dict[str, float]:
    return {name: float(less.sum()) for name, less in ground.taken.items()}


class _Passed:
    """What a first day expects of the days of the period until a second day."""

    def __init__(self, end: _End, until: AsOf) -> None:
        target = end.target
        last = (until.day - end.inputs.first_day).days
        self.end = end
        self.target = Target(target.as_of, target.start, min(target.end, last))
        self.bounds = tuple(
            min(max(bound, target.lead), target.lead + target.length)
            for bound in (target.lead, last - target.as_of, target.lead + target.length)
        )
        self.deals = _open_deals(end, self.bounds)
        self.expected = self._expected()
        self.new = float(self.expected.new[0, 0]) if self.expected is not None else 0.0

    def said(self) -> dict[str, float]:
        """Return it by member."""
        if not self.target.length:
            return {}
        panel = panel_of([self.end.inputs.question.total], self._ground())
        found = {name: float(np.nan_to_num(panel.said[name][0, 0])) for name in COMBINED}
        found[SIMULATION] = self.new
        if self.deals is not None:
            found[SIMULATION] += float((self.deals.value * self.chance(0)).sum())
        return found

    def taken(self) -> dict[str, float]:
        """Return what departures and absences on record take off it, by member."""
        return _taken(self._ground()) if self.target.length else {}

    def _ground(self) -> Ground:
        simulated = self.end.inputs.question.simulated
        last = simulated and simulated.last
        if last is None or last.taken is None or self.expected is None:
            return _ground(self.end, self.target, last)
        # of each seat as much stays as of the whole window; the new deals are those of these days
        taken = np.zeros_like(last.taken)
        if self.expected.taken is not None:
            taken[0, 0] = self.expected.taken[0, 0]
        return _ground(self.end, self.target, replace(last, taken=taken))

    def chance(self, at: int) -> Floats:
        """Return the chances of its open deals in the days that pass (0), and in all days (1)."""
        if self.deals is None:
            return np.zeros(0)
        upto = self.deals.win[:, 1 + at]
        return np.maximum(upto - self.deals.win[:, 0], 0.0)

    def _expected(self) -> Simulated | None:
        model, scope = self.end.inputs.model, self.end.scope
        if model.outlook is None or not self.target.length:
            return None
        owners = model.outlook.owners
        seen = np.array([0 if scope.owners is None or o in scope.owners else -1 for o in owners])
        seats = seen.astype(np.int64)
        return expected([model.outlook], [model.factor], [seats], 1, self.target, [model.presence])


def _open_deals(end: _End, bounds: tuple[int, ...]) -> OpenDeals | None:
    """Return the open deals in scope with their chances by each bound; None without a model."""
    if end.inputs.question.draw is None:
        return None
    found = insights.outlooks(
        end.inputs.first_day, (), horizon_for(bounds[-1]), end.request.as_of, end.company,
        version=end.inputs.store_version,
    ).deals(bounds)  # fmt: skip
    if found is None or end.scope.owners is None:
        return found
    mine = np.isin(found.owner, list(end.scope.owners))
    return replace(
        found, key=found.key[mine], owner=found.owner[mine], value=found.value[mine],
        win=found.win[mine], lose=found.lose[mine],
    )  # fmt: skip


def _deals(then: _End, now: _End, passed: _Passed) -> Deals:
    draw = now.inputs.question.draw
    was = passed.deals
    keys = [was.key if was is not None else _NONE, draw.deal_key if draw else _NONE]
    ids = np.unique(np.concatenate(keys))
    before = _placed(ids, keys[0], was.value if was is not None else _EMPTY, passed.chance(1),
                     passed.chance(0))  # fmt: skip
    after = (
        _placed(ids, draw.deal_key, draw.deal_value, draw.deal_win)
        if draw is not None
        else _placed(ids, _NONE, _EMPTY, _EMPTY)
    )
    version = now.inputs.store_version
    last = (then.request.period.end - EPOCH).days
    return Deals(last, _facts(ids, then, version), _facts(ids, now, version), before, after)


_NONE = np.zeros(0, dtype=np.int64)
_EMPTY = np.zeros(0)


def _placed(
    ids: Ints, key: Ints, value: Floats, chance: Floats, passed: Floats | None = None
) -> Chances:
    at = np.searchsorted(ids, key)
    drawn = np.zeros(len(ids), bool)
    drawn[at] = True
    columns = []
    for column in (value, chance, passed):
        full = np.zeros(len(ids))
        if column is not None:
            full[at] = column
        columns.append(full)
    return Chances(drawn, *columns)


def _facts(ids: Ints, end: _End, version: int) -> Facts:
    """Return what is on record of deals, whoever holds them: a deal handed over is not gone."""
    size = len(ids)
    exists = np.zeros(size, bool)
    columns = {name: np.full(size, -1, dtype=np.int64) for name in _COLUMNS}
    if size:
        found = store.arrays(
            "forecasting.moved_facts",
            {"ids": ids.tolist(), "never": NEVER, "currency": end.company.currency},
            scope=Scope.company(),
            as_of=end.request.as_of,
            version=version,
        )
        at = np.searchsorted(ids, found["id"].astype(np.int64))
        exists[at] = True
        for name, column in columns.items():
            column[at] = found[name].astype(np.int64)
    return Facts(exists, *(columns[name] for name in _COLUMNS))


_COLUMNS = ("meaning", "due", "stage", "category", "amount")


def _won_since(then: _End, now: _End) -> tuple[float, int]:
    """Return what the days between brought, as known on the second, and by how many deals."""
    first, last = then.target.as_of + 1, now.target.as_of
    start = now.target.start
    won = sum(now.daily[max(first - start, 0) :]) if last >= start else 0.0
    wins = now.inputs.question.wins
    known = (wins.known_from <= last) & (wins.known_to > last)
    inside = (wins.day >= max(first, start)) & (wins.day <= min(last, now.target.end))
    return float(won), round(float(wins.counts[known & inside].sum()))
