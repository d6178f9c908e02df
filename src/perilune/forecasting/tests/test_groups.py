"""Teams between region and team: told by the same samples, whatever the tree looks like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.forecasting.cli import app
from perilune.forecasting.contracts import By, ForecastResult
from perilune.forecasting.engine import Seats
from perilune.forecasting.queries import range_for
from perilune.forecasting.queries.seating import groups_of, subtree
from perilune.forecasting.testing import maven_company, maven_store, maven_store_rows
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import FiscalCalendar
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company, user_named
from perilune.people.service import user_add

pytestmark = pytest.mark.once

DAY = date(2017, 12, 1)
MIDDLE, BELOW = 51, (11, 12)
"""A team put between the first region and two of its managers."""


def tree_rows() -> list[dict[str, Any]]:
    rows = maven_store_rows()["team"]
    top = next(row["parent_id"] for row in rows if row["id"] == BELOW[0])
    middle = {"id": MIDDLE, "name": "Middle", "parent_id": top}
    return [{**row, "parent_id": MIDDLE} if row["id"] in BELOW else row for row in rows] + [middle]


@pytest.fixture(scope="module")
def _store(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store(team=tree_rows()):
        yield


@pytest.fixture
def middle(db: None, _store: None) -> None:
    maven_company()


def by(cut: By, period: str = "2017-12", scope: Scope | None = None) -> ForecastResult:
    zone = ZoneInfo("UTC")
    return range_for(
        FiscalCalendar().parse(period), cut, AsOf.end_of(DAY, zone), scope or Scope.company(),
        company=company(),
    )  # fmt: skip


def test_a_middle_team_has_the_range_of_all_below_it_beside_rows_that_still_sum(
    middle: None,
) -> None:
    found = by(By.TEAM)
    [group] = found.groups
    assert (group.row.label, group.above) == ("Middle", None)
    assert group.teams == {MIDDLE, *BELOW}
    inside = [row for row in found.rows if row.unit_id in BELOW]
    assert len(inside) == 2
    for name in ("mean", "won_to_date"):
        whole = sum(getattr(row, name) for row in inside)
        assert getattr(group.row, name) == pytest.approx(whole, abs=2), name
        total = sum(getattr(row, name) for row in found.rows[1:])
        assert total == pytest.approx(getattr(found.total, name), abs=len(found.rows)), name
    assert group.row.near is not None
    for at in range(3):
        parts = sum(row.near[at] for row in inside if row.near)
        assert group.row.near[at] == pytest.approx(parts, abs=2)
    assert (group.row.p10 or 0) > sum(row.p10 or 0 for row in inside), (
        "not both are unlucky at once"
    )
    assert group.row.backtest.points >= 8


def test_a_middle_team_changes_no_row_of_any_other_cut(middle: None) -> None:
    region = next(row for row in by(By.REGION).rows if row.unit_id == tree_rows()[-1]["parent_id"])
    group = by(By.TEAM).groups[0].row
    assert region.mean is not None and group.mean is not None and region.mean > group.mean
    assert by(By.REGION).groups == by(By.REP).groups == ()


def test_of_a_period_that_is_over_the_middle_team_has_what_was_won(middle: None) -> None:
    found = by(By.TEAM, "2017-08")
    won = sum(row.won_to_date or 0 for row in found.rows if row.unit_id in BELOW)
    assert found.groups[0].row.p50 == found.groups[0].row.won_to_date == won


def test_whom_only_groups_may_be_shown_sees_no_middle_team_that_would_tell_a_small_one(
    middle: None,
) -> None:
    known = by(By.TEAM, scope=Scope("company", smallest_group=3)).groups[0].row
    withheld = by(By.TEAM, scope=Scope("company", smallest_group=7)).groups[0].row
    assert known.mean == by(By.TEAM).groups[0].row.mean
    assert (withheld.mean, withheld.won_to_date, withheld.near) == (None, None, None)
    assert withheld.notes[0].message.startswith("Withheld")


def test_the_outline_puts_each_group_ahead_of_what_it_holds(middle: None) -> None:
    told = by(By.TEAM).outline()
    labels = [row.label for _depth, row in told]
    at = labels.index("Middle")
    assert told[0][0] == 0 and told[at][0] == 1
    assert {row.unit_id for depth, row in told[at + 1 : at + 3] if depth == 2} == set(BELOW)
    assert sum(depth == 2 for depth, _row in told) == 2
    plain = by(By.REGION)
    assert [row for _depth, row in plain.outline()] == list(plain.rows)


@given(
    st.lists(st.integers(-1, 8), min_size=9, max_size=9),
    st.lists(st.integers(0, 8), min_size=1, max_size=20),
)
def test_a_group_holds_the_seats_below_it_in_any_tree_even_in_a_ring(
    above: list[int], held: list[int]
) -> None:
    parents = {team: None if parent < 0 else parent for team, parent in enumerate(above)}
    seats = Seats(np.arange(len(held)), np.array(held), np.zeros(len(held), int))
    groups = groups_of(seats, parents, {}, DAY)
    for group in groups:
        assert group.id is not None and parents[group.id] is not None
        expected = {seat for seat, team in enumerate(held) if team in subtree(parents, group.id)}
        assert set(group.seats) == expected
    sizes = [len(subtree(parents, group.id or 0)) for group in groups]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.django_db(databases=["default", "queue"])
def test_command_file_and_page_show_the_middle_team_with_the_same_figures(
    middle: None, client: Client
) -> None:
    typed = ["--as-of", str(DAY), "--period", "2017-12", "--by", "team", "--json"]
    ran = CliRunner().invoke(app, typed)
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    group = by(By.TEAM).groups[0]  # the command has learnt from open deals
    assert said["groups"] == [
        {
            **said["groups"][0],
            "unit": "Middle",
            "teams": [*BELOW, MIDDLE],
            "mean": f"{(group.row.mean or 0) / 100:.2f}",
        }
    ]
    assert len(said["groups"][0]["near"]) == 3
    user_add("lead", Role.ANALYST)
    user = user_named("lead")
    assert user is not None
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    address = "/forecast/2017-12/"
    found = client.get(address + f"export.csv?by=team&as_of={DAY}").getvalue().decode("utf-8-sig")
    assert "Middle with its teams" in found
    for show in ("", "&show=near"):
        page = client.get(f"{address}?by=team&as_of={DAY}{show}").content.decode()
        assert "Middle with its teams" in page
