"""Input that no plan can be made of is refused by name; what blocks a tolerance is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perilune.kernel.errors import Invalid
from perilune.territories.contracts import Request
from perilune.territories.engine import design, to_km
from perilune.territories.testing import made_units

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


def refusal(units, request) -> str:
    with pytest.raises(Invalid) as caught:
        design(units, request, np.random.default_rng(0))
    return " ".join(problem.message % problem.params for problem in caught.value.problems)


def test_fewer_accounts_than_territories() -> None:
    text = refusal(made_units(3), Request(5, (0.01,)))
    assert text == "There are fewer accounts (3) than territories (5)."


def test_a_missing_coordinate_names_its_account() -> None:
    units = made_units(10)
    units.points[4, 0] = np.nan
    assert refusal(units, Request(2, (0.01,))) == "No coordinates: A4."


def test_a_negative_load_names_its_account_and_zero_everywhere_its_attribute() -> None:
    units = made_units(10, attributes=2)
    units.loads[7, 0] = -1
    units.loads[:, 1] = 0
    text = refusal(units, Request(2, (0.01, 0.01)))
    assert "“potential” is missing or below zero: A7." in text
    assert "“visits” is zero everywhere" in text


def test_no_territory_and_the_same_id_twice() -> None:
    units = replace(made_units(4), ids=("a", "b", "a", "c"))
    text = refusal(units, Request(0, (0.01,)))
    assert "at least 1, not 0" in text
    assert "more than one row: a." in text


def test_zero_loads_are_taken_and_put_where_they_are_near() -> None:
    units = made_units(60)
    units.loads[:10, 0] = 0
    plan = design(units, Request(3, (0.2,)), np.random.default_rng(0))
    assert plan.certificate.met
    assert plan.figures.cut_off == 0


def test_one_account_heavier_than_a_territory_is_named_and_the_best_plan_is_given() -> None:
    units = made_units(60)
    units.loads[5, 0] = 10 * units.loads.sum()
    plan = design(units, Request(4, (0.05,)), np.random.default_rng(0))
    assert not plan.certificate.met
    assert dict(plan.certificate.blocking_params)["id"] == "A5"
    assert plan.figures.empty == 0


def test_locks_that_make_balance_impossible_are_named() -> None:
    units = made_units(60)
    locked = np.full(60, -1, np.int32)
    locked[:40] = 0
    plan = design(units, Request(3, (0.05,), locked=locked), np.random.default_rng(0))
    assert not plan.certificate.met
    assert "locked to territory" in plan.certificate.blocking
    assert dict(plan.certificate.blocking_params)["territory"] == "1"
    assert (plan.territory[:40] == 0).all()


def test_eligibility_that_makes_balance_impossible_is_named() -> None:
    units = replace(made_units(60), group=np.zeros(60, np.int32))
    allowed = np.array([[True, True, False]])
    plan = design(units, Request(3, (0.05,), allowed=allowed), np.random.default_rng(0))
    assert not plan.certificate.met
    assert plan.certificate.blocking
    assert set(plan.territory.tolist()) <= {0, 1}


def test_two_continents_are_one_map_with_true_areas() -> None:
    latitude, longitude = np.array([48.9, 48.9, 40.7]), np.array([2.35, 3.35, -74.0])
    points = to_km(latitude, longitude)
    near = np.hypot(*(points[1] - points[0]))
    assert near == pytest.approx(111.32 * np.cos(np.radians(48.9)), rel=0.15)


def test_a_degree_at_the_middle_is_its_length_on_the_sphere() -> None:
    # 6371.0088 km * pi / 180
    points = to_km(np.array([46.5, 47.5]), np.array([2.0, 2.0]))
    assert np.hypot(*(points[1] - points[0])) == pytest.approx(111.195, abs=0.01)


def test_the_date_line_does_not_tear_neighbours_apart() -> None:
    points = to_km(np.array([0.0, 0.0]), np.array([179.5, -179.5]))
    assert np.hypot(*(points[1] - points[0])) == pytest.approx(111.195, abs=0.01)


def test_heavy_accounts_that_no_two_of_which_fit_together_are_named_as_the_proof():
    # four accounts of 6, and territories that may hold 11 each: three of them have room for three
    loads = np.array([6.0, 6.0, 6.0, 6.0, *[0.3] * 20])
    units = replace(made_units(24, 1), loads=loads[:, None])
    plan = design(units, Request(3, (0.1,)), np.random.default_rng(0))
    assert not plan.certificate.met
    assert "as none can be split" in plan.certificate.blocking
    params = dict(plan.certificate.blocking_params)
    assert (params["room"], params["count"]) == ("3", "4")
    assert set(params["ids"].split(", ")) == {"A0", "A1", "A2", "A3"}


def test_equal_accounts_that_cannot_be_shared_out_evenly_enough_are_told():
    units = replace(made_units(10, 1), loads=np.ones((10, 1)))
    plan = design(units, Request(4, (0.1,)), np.random.default_rng(0))  # 2.25 to 2.75 each
    assert not plan.certificate.met
    assert dict(plan.certificate.blocking_params)["room"] == "8"


def test_too_few_accounts_with_something_of_an_attribute_are_told():
    visits = np.ones((30, 1))
    rare = np.zeros((30, 1))
    rare[:3] = 1.0
    units = replace(
        made_units(30, 1), loads=np.hstack([visits, rare]), names=("visits", "pipeline")
    )
    plan = design(units, Request(4, (0.3, 0.5)), np.random.default_rng(0))
    params = dict(plan.certificate.blocking_params)
    assert (params["name"], params["need"], params["some"]) == ("pipeline", "4", "3")
