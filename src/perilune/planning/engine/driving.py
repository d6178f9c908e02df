"""What matters most: one driver at a time, other luck being the same (common random numbers)."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np

from perilune.planning.contracts import (
    Attrition,
    Backfill,
    Band,
    Delay,
    Driver,
    Effect,
    PlanModel,
    RampCurve,
)
from perilune.planning.engine.simulating import draws

PATHS = 2_000
LIKELY = 1.2816
"""Standard deviations from the middle to the 10th and the 90th percentile."""
SMALLEST = 0.2
"""Log of the smallest factor tried on attrition and ramp: about a fifth up or down."""
PRODUCTIVITY = 0.05
"""The same for productivity."""
DAYS, SHARE = 30.0, 0.25


def effects(
    plan: PlanModel, seed: int, *, aim: int = 0, paths: int = PATHS, workers: int = 1
) -> tuple[Effect, ...]:
    """Return what each driver does to an aim's chance, those with the widest swing first.

    A driver is put at its bad and its good tenth (at least the smallest change stated above), then
    held still: `weight` is how much of the aim's relative variance goes. Each costs three runs.
    """

    def run(changed: PlanModel) -> tuple[float, float]:
        reached = draws(changed, seed, paths=paths, workers=workers).reached[:, aim]
        mean = float(reached.mean())
        met = float((reached >= plan.aims[aim].minor).mean())
        return met, float(reached.var()) / mean**2 if mean > 0 else 0.0

    _chance, variance = run(plan)
    found = []
    for driver in Driver:
        worst, best = _values(plan, driver)
        if worst == best:
            continue
        low, _ = run(changed(plan, driver, worst))
        high, _ = run(changed(plan, driver, best))
        _, left = run(still(plan, driver))
        weight = float(np.clip(1 - left / variance, 0, 1)) if variance > 0 else 0.0
        found.append(Effect(driver, worst, best, low, high, weight))
    return tuple(sorted(found, key=lambda effect: (-effect.swing, effect.driver.value)))


def _values(plan: PlanModel, driver: Driver) -> tuple[float, float]:
    """Return the bad and the good value: factors, but days for hiring and a share for backfill."""
    level = max((law.sigma for law in plan.attrition), default=0.0)
    logs = {
        Driver.ATTRITION: max(LIKELY * level, SMALLEST),
        Driver.RAMP: max(LIKELY * plan.doubt.ramp, SMALLEST),
        Driver.PRODUCTIVITY: -max(LIKELY * plan.doubt.productivity, PRODUCTIVITY),
    }
    if driver in logs:
        return exp(logs[driver]), exp(-logs[driver])
    if driver is Driver.HIRING:
        there = bool(plan.heads.planned.any())
        return (DAYS, -min(DAYS, plan.delay.days)) if there else (0.0, 0.0)
    if driver is Driver.BACKFILL:
        share = plan.backfill.share
        return max(share - SHARE, 0.0), min(share + SHARE, 1.0)
    spread = [law.spread if driver is Driver.SKILL else law.luck for law in plan.productivity]
    return (1.5, 0.5) if any(spread) else (1.0, 1.0)


def changed(plan: PlanModel, driver: Driver, value: float) -> PlanModel:
    """Return the plan with a driver at a value (see `Effect`); a spread is widened by a factor."""
    if driver is Driver.ATTRITION:
        return replace(plan, attrition=tuple(_scaled(law, value) for law in plan.attrition))
    if driver is Driver.RAMP:
        return replace(plan, ramps=tuple(_stretched(curve, value) for curve in plan.ramps))
    if driver is Driver.HIRING:
        return replace(plan, delay=replace(plan.delay, days=max(plan.delay.days + value, 0.0)))
    if driver is Driver.BACKFILL:
        return replace(plan, backfill=replace(plan.backfill, share=value))
    name = {Driver.PRODUCTIVITY: "minor", Driver.SKILL: "spread", Driver.LUCK: "luck"}[driver]
    laws = tuple(replace(law, **{name: getattr(law, name) * value}) for law in plan.productivity)
    return replace(plan, productivity=laws)


def still(plan: PlanModel, driver: Driver) -> PlanModel:
    """Return the plan without what is uncertain of a driver: nobody leaves, nothing varies."""
    if driver is Driver.ATTRITION:
        calm = tuple(replace(_scaled(law, 0.0), sigma=0.0) for law in plan.attrition)
        return replace(plan, attrition=calm)
    if driver is Driver.RAMP:
        return replace(plan, doubt=replace(plan.doubt, ramp=0.0))
    if driver is Driver.PRODUCTIVITY:
        return replace(plan, doubt=replace(plan.doubt, productivity=0.0))
    if driver is Driver.HIRING:
        return replace(plan, delay=Delay(plan.delay.days))
    if driver is Driver.BACKFILL:
        return replace(plan, backfill=Backfill(round(plan.backfill.share), plan.backfill.days, 0.0))
    return changed(plan, driver, 0.0)


def _scaled(law: Attrition, factor: float) -> Attrition:
    return replace(law, bands=tuple(_band(band, factor) for band in law.bands))


def _band(band: Band, factor: float) -> Band:
    return band._replace(hazard=min(band.hazard * factor, 0.99))


def _stretched(curve: RampCurve, factor: float) -> RampCurve:
    """Return a curve that takes `factor` times as long, month by month between its own values."""
    months = int(np.ceil((len(curve.share) - 1) * factor)) + 1
    at = np.arange(months) / factor
    share = np.interp(at, np.arange(len(curve.share)), curve.share)
    share[-1] = curve.share[-1]
    return replace(curve, share=tuple(float(value) for value in share))
