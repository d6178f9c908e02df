"""What open deals of a plan's accounts may bring: laws of the samples, the cut, what is claimed."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.insights import queries as insights
from perilune.insights.contracts import ChanceScore, DealChance, DealReliability
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.keeping import forget_all
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.store import queries as store
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute, Claim
from perilune.territories.engine import draw, near, quantiles
from perilune.territories.testing import Ground, make_ground

ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
DEALS = st.lists(
    st.tuples(
        st.integers(0, 3), st.floats(0, 1), st.floats(0, 1e7), st.integers(1, 10**6)
    ),
    min_size=1, max_size=40, unique_by=lambda deal: deal[3],
)  # fmt: skip


def drawn(deals: list[tuple[int, float, float, int]], k: int = 4) -> Any:
    place, chance, value, key = (np.array(column) for column in zip(*deals, strict=True))
    return draw(place.astype(np.int32), chance.astype(float), value.astype(float), key, k)


@given(DEALS)
def test_contributions_sum_to_the_three_figures_of_the_whole(deals: Any) -> None:
    made = drawn(deals)
    whole = quantiles(made.samples.sum(axis=0))
    summed = near(made.samples).sum(axis=0)
    assert all(a == pytest.approx(b, rel=1e-9, abs=1e-6) or b == 0 for a, b in
               zip(summed, whole, strict=True))  # fmt: skip
    assert whole[0] <= whole[1] <= whole[2] <= sum(deal[2] for deal in deals) * (1 + 1e-9)


@given(DEALS, st.integers(0, 39), st.integers(0, 3))
def test_a_deal_that_goes_elsewhere_changes_two_places_and_never_the_whole(
    deals: Any, which: int, to: int
) -> None:
    at = which % len(deals)
    moved = [(to, *deal[1:]) if i == at else deal for i, deal in enumerate(deals)]
    one, other = drawn(deals), drawn(moved)
    assert np.allclose(one.samples.sum(axis=0), other.samples.sum(axis=0))
    untouched = [place for place in range(4) if place not in (deals[at][0], to)]
    assert np.array_equal(one.samples[untouched], other.samples[untouched])


def test_a_hundred_equal_deals_are_a_binomial() -> None:
    # Binomial(100, 0.3): mean 30, standard deviation sqrt(21); p10, p50, p90 are 24, 30 and 36
    made = drawn([(0, 0.3, 1.0, key) for key in range(1, 101)], k=1)
    assert made.mean[0] == pytest.approx(30)
    assert made.samples[0].mean() == pytest.approx(30, abs=0.3)
    assert made.samples[0].std() == pytest.approx(21**0.5, rel=0.05)
    assert quantiles(made.samples[0]) == (24, 30, 36)


# -- of a draft ------------------------------------------------------------------------------------


@pytest.fixture
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.5)], **BY)


@pytest.fixture
def ground(db: None) -> Ground:
    return make_ground()


@pytest.fixture
def models(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Models on record that give every open deal an even chance of 1,000, with a track record.

    A home of forty accounts has won too few deals to learn one.
    """
    said: dict[str, Any] = {"chance": 0.5, "loss": 0.3, "plain": 0.5}

    def chances(_period: Any, as_of: AsOf, scope: Scope, **_more: Any) -> tuple[DealChance, ...]:
        rows = store.run("territories.open_deals", scope=scope, as_of=as_of).dicts()
        even = said["chance"]
        return () if even is None else tuple(
            DealChance(row["id"], None, 100_000, even, 0.1, 0.9 - even, even, None) for row in rows
        )  # fmt: skip

    def reliability(_as_of: AsOf, _scope: Scope) -> DealReliability:
        score = ChanceScore(900, 90, said["loss"], said["plain"], 0.01)
        return DealReliability(28, (date(2026, 6, 1),), 13, 50, score)

    monkeypatch.setattr(insights, "chances", chances)
    monkeypatch.setattr(insights, "reliability", reliability)
    forget_all()  # what was kept does not know of these
    return said


def test_a_territory_brings_what_open_deals_of_its_accounts_may(
    models: dict[str, Any], ground: Ground, plan: int
) -> None:
    found = queries.outlook(plan, company().today, ALL, "director")
    assert found.claim is Claim.TOLD and found.total is not None
    # every tenth account has one: 0 and 10 are Rita's, 20 Rolf's, 30 Sara's; the book has its own
    assert found.total.deals == sum(one.deals for one in found.territories.values())
    assert found.total.mean == pytest.approx(found.total.deals * 50_000)
    for at in range(3):
        summed = sum(one.near[at] for one in found.territories.values())
        assert summed == pytest.approx(
            (found.total.p10, found.total.p50, found.total.p90)[at], rel=1e-6
        )
    rows = {row.name: row.number for row in queries.draft(plan, ALL, "director").rows}
    rolf, sara = rows["Rolf"], rows["Sara"]
    before = found.territories[sara].deals
    units = queries.points(plan, ALL, "director")["territory"]
    service.move_units(plan, 1, [u for u, t in enumerate(units) if t == rolf], sara, **BY)
    after = queries.outlook(plan, company().today, ALL, "director")
    assert rolf not in after.territories
    assert after.territories[sara].deals == before + found.territories[rolf].deals
    assert after.total is not None
    now, then = after.total, found.total
    assert (now.deals, now.p10, now.p50, now.p90) == (then.deals, then.p10, then.p50, then.p90)


def test_it_is_cut_to_what_one_sees_of_the_plan(
    models: dict[str, Any], ground: Ground, plan: int
) -> None:
    whole = queries.outlook(plan, company().today, ALL, "director")
    nora = scope_for(ground.cast.sales_manager)
    mine = queries.outlook(plan, company().today, nora, "sales_manager")
    assert 0 < len(mine.territories) < len(whole.territories)
    assert all(mine.territories[at].deals == whole.territories[at].deals for at in mine.territories)
    with pytest.raises(NotFound):
        queries.outlook(plan, company().today, scope_for(ground.cast.viewer), "viewer")


@pytest.mark.parametrize(
    ("said", "claim"),
    [
        ({"chance": None}, Claim.NO_MODEL),
        ({"loss": None}, Claim.NO_RECORD),
        ({"loss": 0.6}, Claim.NO_SKILL),
    ],
)
def test_no_skill_no_claim(
    models: dict[str, Any], plan: int, said: dict[str, Any], claim: Claim
) -> None:
    models |= said
    found = queries.outlook(plan, company().today, ALL, "director")
    assert found.claim is claim and found.total is None and not found.territories


def test_nothing_is_said_of_days_that_chances_do_not_reach(
    models: dict[str, Any], plan: int
) -> None:
    far = company().calendar.year(2029)
    found = queries.outlook(plan, company().today, ALL, "director", far)
    assert found.claim is Claim.BEYOND
