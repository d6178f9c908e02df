"""A risk of nothing is no risk, and no sentence sets a chance against the same chance."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from perilune.forecasting.contracts import DealAtRisk, DealRisk, RiskKind
from perilune.forecasting.contracts.risks import Figure
from perilune.forecasting.engine.risks import LEAST_GAP, LEAST_SHARE, is_material
from perilune.forecasting.web.risk_words import calculation

chance = st.floats(0, 1)
amount = st.integers(1, 10**12)


def at_risk(own: float, without: float, value: int, expected: float) -> DealAtRisk:
    revenue = max(without - own, 0.0) * value
    counts = is_material(revenue, without - own, expected)
    risk = DealRisk(RiskKind.OVERDUE, {"days": 9.0}, Figure(revenue, without, 25, None, counts))
    return DealAtRisk(1, "A", "", 1, "", None, "", "", None, value, own, (risk,))


@given(chance, chance, amount, st.floats(0, 1e14))
def test_what_is_at_stake_in_a_listed_risk_is_never_nothing(
    own: float, without: float, value: int, expected: float
) -> None:
    deal = at_risk(own, without, value, expected)
    assert deal.revenue is not None
    if deal.is_awake:
        assert deal.revenue > 0 and deal.revenue >= LEAST_SHARE * expected
        assert without - own >= LEAST_GAP


@given(chance, chance, amount)
def test_no_sentence_sets_a_chance_against_the_same_chance(
    own: float, without: float, value: int
) -> None:
    deal = at_risk(own, without, value, 0.0)
    said = calculation(deal.risks[0], deal, "EUR")
    against = re.search(r"chance (\S+) instead of (\S+),", said)
    assert not against or against[1] != against[2]
    if deal.is_awake:
        assert against
