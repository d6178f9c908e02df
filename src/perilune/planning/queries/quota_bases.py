"""What each rep has of every basis of quotas, and what a mix of them makes of quotas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    HISTORY_ALONE,
    Content,
    Level,
    Mix,
    QuotaBasis,
    RepBases,
    UnitRow,
)
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.mixing import mixed
from perilune.planning.engine.summing import Misfit, shared_out
from perilune.planning.queries.account_targets import AccountTargets, held_by, targets_of
from perilune.planning.queries.history_weights import LEAST_HISTORY, months_before, weighed
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.potential import potentials
from perilune.planning.queries.staff import booked, presence_of
from perilune.store import queries as store

BASES = tuple(QuotaBasis)


@dataclass(frozen=True)
class Mixed:
    """A plan with a mix of bases: what it would hold, what does not fit, a row by rep.

    without_rate, without_chance: open deals that are in no figure of the pipeline.
    """

    content: Content
    misfits: tuple[Misfit, ...]
    rows: tuple[RepBases, ...]
    targets: AccountTargets
    without_rate: int
    without_chance: int


def sound_mix(mix: Mix) -> dict[str, float]:
    """Return the parts of a mix above zero; Invalid for a part below, an unknown basis, none."""
    if any(name not in {one.value for one in BASES} for name in mix):
        raise Invalid(_("There is no such basis of quotas."))
    if any(not 0 <= part <= 100 for part in mix.values()):
        text = _("A part of the mix lies between 0 and 100.")
        raise Invalid(text, (Problem(text, {}, field="history"),))
    found = {one.value: float(mix[one.value]) for one in BASES if mix.get(one.value)}
    if not found:
        text = _("At least one basis has a part above zero.")
        raise Invalid(text, (Problem(text, {}, field="history"),))
    return found


def mixed_plan(content: Content, mix: Mix, year: Period, scope: Scope, at: AsOf) -> Mixed:
    """Return what a plan becomes by a mix: reps' weights, then quotas shared out, inputs kept.

    History is the year of a full, ramped rep as always; potential that of the accounts that a rep
    holds on the year's first day; the pipeline as known at the instant. All as `engine.mixing`
    weighs them; presence and ramp count on top.
    """
    parts = sound_mix(mix or HISTORY_ALONE)
    reps = [row for row in content.units.values() if row.kind == "rep"]
    targets = targets_of(content, year, scope, at)
    history, scale = _history(content, reps, year, scope, at)
    worth, unknown, held = _potential(reps, year, scope, at)
    whole, likely, lost = _pipeline(reps, scope, at)
    own = {row.rep for row in targets.rows if row.typed is not None}
    typed = np.array([float(sum(targets.by_rep.get(row.number, ()))) if row.number in own
                      or any(targets.by_rep.get(row.number, ())) else np.nan
                      for row in reps])  # fmt: skip
    values = np.array([history, worth, likely, whole, typed]).reshape(len(BASES), len(reps))
    weights = mixed(values, np.array([parts.get(one.value, 0.0) for one in BASES]))
    units = dict(content.units)
    for row, weight in zip(reps, weights.tolist(), strict=True):
        units[row.unit] = replace(row, weight=float(round(max(weight * scale, 0.0))))
    made = replace(content, units=units, mix={} if parts == dict(HISTORY_ALONE) else parts)
    months = len(company().calendar.months(int(year.name)))
    cells, misfits = shared_out(made, presence_of(made, year, at, rise_at(at, year)), months)
    made = replace(made, cells=cells)
    rows = _rows(reps, values, weights, (held, unknown), (content, made))
    return Mixed(made, tuple(misfits), rows, targets, *lost)


def _rows(
    reps: list[UnitRow],
    values: Floats,
    weights: Floats,
    counted: tuple[list[int], list[int]],
    plans: tuple[Content, Content],
) -> tuple[RepBases, ...]:
    before, after = plans
    totals = np.where(np.isfinite(values), values, 0.0).sum(axis=1)
    whole = float(weights.sum()) or 1.0
    fixed: dict[str, int] = {}
    for place, cell in before.cells.items():
        if cell.is_fixed and place.level is Level.STREET:
            fixed[place.unit] = fixed.get(place.unit, 0) + 1
    found = []
    for at, row in enumerate(reps):
        minor, share = {}, {}
        for of, basis in enumerate(BASES):
            value = float(values[of, at])
            is_known = np.isfinite(value)
            minor[basis.value] = round(value) if is_known else None
            share[basis.value] = value / float(totals[of]) if is_known and totals[of] else None
        found.append(
            RepBases(
                row.unit, row.parent, minor, share, float(weights[at]) / whole,
                after.units[row.unit].weight, counted[0][at], counted[1][at],
                before.year(Level.STREET, row.unit), after.year(Level.STREET, row.unit),
                fixed.get(row.unit, 0),
            )
        )  # fmt: skip
    return tuple(found)


def _history(
    content: Content, reps: list[UnitRow], year: Period, scope: Scope, at: AsOf
) -> tuple[Floats, float]:
    """Return (R,) what history weighs, NaN without a year of it, and the mean that is kept."""
    none = np.full(len(reps), np.nan), float(np.mean([row.weight for row in reps] or [0])) or 1.0
    past = months_before(year, at)
    if len(past) < LEAST_HISTORY or not reps:
        return none
    before = past[-LEAST_HISTORY:]
    found = booked(before[0].start, before[-1].end, scope, at)
    units = weighed(content, found.by_year([month.name for month in before]), before, at)
    made = np.array([units[row.unit].weight for row in reps])
    return (made, float(made.mean())) if made.sum() > len(reps) else none


def _potential(
    reps: list[UnitRow], year: Period, scope: Scope, at: AsOf
) -> tuple[Floats, list[int], list[int]]:
    """Return (R,) potential of the accounts held on the first day, how many lack it, how many."""
    worth = potentials(scope, at)
    first = held_by(worth, year, at)[:, 0]
    known = np.isfinite(worth.said.minor)
    made, unknown, held = [], [], []
    for row in reps:
        mine = first == row.number if row.number > 0 else np.zeros(len(first), np.bool_)
        held.append(int(mine.sum()))
        unknown.append(int((mine & ~known).sum()))
        is_said = bool((mine & known).any())
        made.append(float(worth.said.minor[mine & known].sum()) if is_said else np.nan)
    return np.array(made), unknown, held


def _pipeline(
    reps: list[UnitRow], scope: Scope, at: AsOf
) -> tuple[Floats, Floats, tuple[int, int]]:
    """Return (R,) open deals in full, (R,) by chance, and those without rate and chance.

    Nobody's pipeline is unknown but that of planned hires; of whom all deals lack a chance it is.
    """
    rows = store.run("planning.open_by_rep", {}, scope=scope, as_of=at).rows
    found = {row[0]: row[1:] for row in rows}
    whole, likely = [], []
    for row in reps:
        full, part, _rate, without = found.get(row.number, (0, 0, 0, 0))
        is_nobody = row.number < 0
        whole.append(np.nan if is_nobody else float(max(full, 0)))
        is_unsaid = is_nobody or (without > 0 and not part)
        likely.append(np.nan if is_unsaid else float(max(part, 0)))
    lost = sum(row[3] for row in rows), sum(row[4] for row in rows)
    return np.array(whole), np.array(likely), lost
