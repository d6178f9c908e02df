"""What calls were worth: pooled errors beside those of the model and of the naive forecast.

Source: forecast value added as defined in the house's notes on the field (error of the model less
error of the one who overrides), WAPE and bias of rule 16.
"""

from __future__ import annotations

from collections.abc import Sequence

from perilune.forecasting.contracts.worth import Brier, Measured, Pool


def pool(measured: Sequence[Measured]) -> Pool:
    """Return the pooled errors of figures; amounts in minor units, ratios 0 to any.

    Errors are of the same figures: those with a model run of their day, where there is any.
    """
    people = {person for one in measured for person in one.people}
    compared = [one for one in measured if one.model is not None]
    naive = [one for one in compared if one.naive is not None]
    judged = compared or measured
    whole = sum(one.actual for one in judged)
    return Pool(
        people=len(people),
        figures=len(measured),
        compared=len(compared),
        wape=_ratio(sum(one.error for one in judged), whole),
        bias=_ratio(sum(one.said - one.actual for one in judged), whole),
        wape_model=_ratio(
            sum(abs((one.model or 0) - one.actual) for one in compared),
            sum(one.actual for one in compared),
        ),
        wape_naive=_ratio(
            sum(abs((one.naive or 0) - one.actual) for one in naive),
            sum(one.actual for one in naive),
        ),
        closer=_ratio(sum((one.added(one.model) or 0) > 0 for one in compared), len(compared)),
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def brier(cases: Sequence[tuple[int, float, float, bool]]) -> Brier | None:
    """Return the Brier scores of (person, shown, said, has happened); None without a case.

    Source: G. W. Brier, Verification of forecasts expressed in terms of probability, 1950.
    """
    if not cases:
        return None
    count = len(cases)
    return Brier(
        people=len({person for person, *_rest in cases}),
        count=count,
        shown=sum((shown - came) ** 2 for _person, shown, _said, came in cases) / count,
        said=sum((said - came) ** 2 for _person, _shown, said, came in cases) / count,
    )
