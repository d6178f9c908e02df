"""Whose an amount is and how it is measured: splits, overlays, street quota, rates, fairness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import Money, split_minor
from perilune.kernel.rates import Rates, RateSet
from perilune.planning.contracts import Converted, Credits, Fairness, Foreign, Street
from perilune.planning.contracts.tables import Floats


def credits(
    minor: int, direct: Mapping[int, Decimal], overlay: Mapping[int, Decimal] | None = None
) -> Credits:
    """Return the credit of an amount by rep; direct shares must sum to exactly 1 (rule 8).

    Overlay shares are of the same amount, any number of them, rounded one by one; they enter no
    total. Ties of the last cent go to the lower rep id.
    """
    if sum(direct.values(), Decimal(0)) != 1 or any(share < 0 for share in direct.values()):
        raise Invalid(_("The credited shares of a deal must sum to 100 %."))
    reps = sorted(direct)
    parts = split_minor(minor, [direct[rep] for rep in reps])
    return Credits(
        dict(zip(reps, parts, strict=True)),
        {rep: _half_up(minor * share) for rep, share in sorted((overlay or {}).items())},
    )


def street(target: int, quota: int) -> Street:
    """Return how a target stands to the street quotas below it: factor and over-assignment.

    The two are inverses: 80 % and 125 %. None where the other amount is zero.
    """
    whole, parts = Decimal(target), Decimal(quota)
    return Street(
        target, quota, whole / parts if quota else None, parts / whole if target else None
    )


def street_needed(target: int, factor: Decimal) -> int:
    """Return the street quota that reaches a target when reps attain `factor` of it on average.

    Rounded up: a cent less would not reach it.
    """
    if factor <= 0:
        raise Invalid(_("An attainment factor must be above zero."))
    return int((Decimal(target) / factor).to_integral_value("ROUND_CEILING"))


def converted(amounts: Iterable[Foreign], rates: Rates) -> Converted:
    """Return the sum of amounts at budget rates; those without a rate stand apart (rule 5)."""
    total, count = 0, 0
    left_out: dict[str, tuple[int, int]] = {}
    for amount in amounts:
        rate = rates.find(RateSet.BUDGET, amount.currency, amount.on)
        if rate is None:
            many, minor = left_out.get(amount.currency, (0, 0))
            left_out[amount.currency] = many + 1, minor + amount.minor
            continue
        money = Money.from_minor(amount.minor, amount.currency)
        total += money.convert(rate, rates.company_currency).minor()
        count += 1
    return Converted(
        total, count, tuple((currency, *left_out[currency]) for currency in sorted(left_out))
    )


def fairness(quota: Floats, potential: Floats, expected: Floats) -> Fairness:
    """Return how evenly quotas (R,) lie on potential (R,), NaN unknown, and expected bookings (R,).

    Spread and Gini need two reps with a quota and a known potential above zero.
    """
    known = np.isfinite(potential) & (potential > 0)
    ratio = np.divide(quota, potential, out=np.full(len(quota), np.nan), where=known)
    attainment = np.divide(expected, quota, out=np.full(len(quota), np.nan), where=quota > 0)
    measured, reached = ratio[known & (quota > 0)], attainment[np.isfinite(attainment)]
    enough = len(measured) >= 2
    return Fairness(
        ratio=ratio,
        spread=float(measured.std() / measured.mean()) if enough else None,
        gini=_gini(measured) if enough else None,
        attainment=attainment,
        over_full=float((reached > 1).mean()) if len(reached) else None,
        unknown=int((~known).sum()),
    )


def _gini(values: Floats) -> float:
    """Return the Gini coefficient: mean absolute difference of two over twice the mean."""
    n = len(values)
    rank = 2 * np.arange(1, n + 1) - n - 1
    return float((rank * np.sort(values)).sum() / (n * values.sum()))


def _half_up(value: Decimal) -> int:
    return int(value.to_integral_value("ROUND_HALF_UP"))
