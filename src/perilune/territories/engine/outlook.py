"""Balance over time: what territories will hold, from what they held in equal periods before.

Every rule is tried on the history itself, from each origin that has enough before it and the
horizon after it; the one with the least error is used, and its own errors are the interval. Errors
of one origin stay together over all territories, for what lifts one often lifts all: a deviation
from the mean is known better than a load. Sources: Hyndman, Athanasopoulos, Forecasting: Principles
and Practice (3rd ed. 2021), 5.2 simple methods, 5.10 rolling origin.
"""

from __future__ import annotations

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts.outlooks import Outlook, Rule, Trial
from perilune.territories.contracts.units import FloatArray

FEWEST = 4
"""Origins under which no interval is given: only the history is shown (rule 20)."""
THIN = 8
MOST_ORIGINS = 40


def ahead(history: FloatArray, rule: Rule, horizon: int, season: int) -> FloatArray:
    """Return loads (h, k) of the coming periods by one rule; never below zero.

    history (t, k), the oldest first; season: periods of a year.
    """
    last = history[-1]
    steps = np.arange(1, horizon + 1)[:, None]
    if rule is Rule.NAIVE:
        found = np.repeat(last[None], horizon, axis=0)
    elif rule is Rule.DRIFT:
        found = last + steps * _change(history, season)
    elif rule is Rule.SHARED:
        whole = float(_change(history.sum(axis=1, keepdims=True), season)[0])
        found = last + steps * whole * last / max(float(last.sum()), 1e-300)
    else:
        year = history[-season:]
        found = year[(steps[:, 0] - 1) % season]
        if rule is Rule.SEASONAL_GROWTH:
            before = history[-2 * season : -season].sum()
            growth = float(year.sum() / before) if before > 0 else 1.0
            found = found * growth ** (1 + (steps - 1) // season)
    return np.asarray(np.maximum(found, 0.0), float)


def _change(history: FloatArray, season: int) -> FloatArray:
    width = min(2 * season, len(history) - 1)
    return np.asarray((history[-1] - history[-1 - width]) / max(width, 1))


def project(  # noqa: PLR0917  # one question
    history: FloatArray,
    tolerance: FloatArray,
    horizon: int,
    season: int,
    cover: float = 0.8,
    rules: tuple[Rule, ...] = tuple(Rule),
) -> Outlook:
    """Return what k territories will hold in the coming periods, and when they leave tolerance.

    history (t, k) loads of equal periods, the oldest first, the last one complete. tolerance (k,)
    shares off the mean of all territories. rules: what may be used; naive is always tried. Raises
    Invalid for a history too short to try a rule at least four times.
    """
    if not (history.sum(axis=1)[-1] > 0 and np.isfinite(history).all() and (history >= 0).all()):
        raise Invalid(_("The last period holds nothing, or a load is missing or below zero."))
    rules = tuple(rule for rule in Rule if rule in rules or rule is Rule.NAIVE)
    first = 2 * season + 1
    origins = [t for t in range(first, len(history) - horizon + 1) if history[t - 1].sum() > 0]
    origins = origins[-MOST_ORIGINS:]
    if len(origins) < FEWEST:
        raise Invalid(
            _("%(have)s periods are too few to try a rule four times: %(need)s are needed."),
            have=len(history), need=first + horizon + FEWEST - 1,
        )  # fmt: skip
    actual = np.stack([history[t : t + horizon] for t in origins])
    told = {
        rule: np.stack([ahead(history[:t], rule, horizon, season) for t in origins])
        for rule in rules
    }
    trials = [_trial(rule, said, actual) for rule, said in told.items()]
    best = min(trials, key=lambda one: (one.mean, one.rule is not Rule.NAIVE)).rule
    middle = ahead(history, best, horizon, season)
    samples = _samples(middle, told[best], actual)
    share = samples / np.maximum(samples.mean(axis=2, keepdims=True), 1e-300) - 1
    edge = (1 - cover) / 2
    low, high = np.quantile(samples, [edge, 1 - edge], axis=0)
    share_low, share_high = np.quantile(share, [edge, 1 - edge], axis=0)
    deviation = middle / np.maximum(middle.mean(axis=1, keepdims=True), 1e-300) - 1
    return Outlook(
        rule=best,
        trials=tuple(trials),
        origins=len(origins),
        cover=cover,
        middle=middle,
        low=np.minimum(low, middle),
        high=np.maximum(high, middle),
        deviation=deviation,
        deviation_low=np.minimum(share_low, deviation),
        deviation_high=np.maximum(share_high, deviation),
        leaves=(np.abs(share) > tolerance + 1e-9).mean(axis=0),
    )


def _trial(rule: Rule, said: FloatArray, actual: FloatArray) -> Trial:
    wrong = np.abs(said - actual).sum(axis=(0, 2))
    whole = np.maximum(actual.sum(axis=(0, 2)), 1e-300)
    return Trial(rule, tuple((wrong / whole).tolist()), float(wrong.sum() / whole.sum()))


def _samples(middle: FloatArray, said: FloatArray, actual: FloatArray) -> FloatArray:
    """Return (o, h, k) what would come if this forecast were wrong as each one before.

    Errors are relative to the mean load of that origin, so that a history that grew counts; with
    few origins they are widened by (o + 1) / o as the least that a sample's own spread misses.
    """
    scale = np.maximum(said.mean(axis=2, keepdims=True), 1e-300)
    wrong = (actual - said) / scale
    count = len(wrong)
    wide = (count + 1) / count * (1.25 if count < THIN else 1.0)
    found = middle[None] + wide * wrong * middle.mean(axis=1)[None, :, None]
    return np.asarray(np.maximum(found, 0.0))


def first_out(outlook: Outlook, chance: float = 0.5) -> list[int | None]:
    """Return for each territory the first period ahead (0 is the next) it is out at this chance."""
    out = outlook.leaves >= chance
    return [int(np.argmax(column)) if column.any() else None for column in out.T]
