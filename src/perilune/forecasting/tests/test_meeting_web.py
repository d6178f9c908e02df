"""The roll-up's pages: what each role is shown and may send, the drawer, the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from perilune.forecasting import queries
from perilune.forecasting.contracts import Level
from perilune.forecasting.tests.conftest import Quarter

pytestmark = pytest.mark.django_db

ADDRESS = "/forecast/2026-Q2/rollup/"


def field(quarter: Quarter, category: str = "commit") -> str:
    return f"cell:rep:{quarter.who.rita}:{category}"


def test_the_page_says_where_the_quarter_stands_and_that_percentiles_do_not_add_up(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    text = as_user("director").get(ADDRESS).content.decode()
    assert "€1.0K with commit for a quota of €3.0K" in text
    assert "p10, p50 and p90 of rows do not add up" in text
    assert "Unassigned" in text and "Without an owner" in text


def test_a_typed_figure_is_kept_with_its_reason_beside_the_computed_one(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    form = {field(quarter): "1 200", "reason": "The board signed"}
    answer = as_user("sales_manager").post(ADDRESS + "adjust/", form)
    assert (answer.status_code, answer["Location"]) == (302, f"{ADDRESS}?view=cumulative")
    quarter.refresh()
    said = queries.overrides(quarter.period, quarter.as_of)
    assert [(one.level, one.amount, one.computed) for one in said.values()] == [
        (Level.MANAGER, 120_000, 100_000)
    ]
    text = as_user("rep").get(ADDRESS).content.decode()
    assert "1,200 manager" in text
    query = f"?row=rep:{quarter.who.rita}@{quarter.who.north}&figure=commit"
    drawer = as_user("rep").get(f"{ADDRESS}cell/{query}").content.decode()
    assert "The board signed" in drawer and "Rita commit" in drawer
    taken = as_user("sales_manager").post(ADDRESS + "withdraw/", {"field": field(quarter)})
    assert taken.status_code == 302
    quarter.refresh()
    assert queries.overrides(quarter.period, quarter.as_of) == {}


@pytest.mark.parametrize(
    ("user", "name", "amount", "reason", "status"),
    [
        ("rep", "commit", "100", "", 400),
        ("rep", "commit", "plenty", "Because", 400),
        ("rep", "closed", "100", "Because", 404),
        ("outsider", "commit", "100", "Because", 403),
        ("ops_rep", "commit", "100", "Because", 403),
        ("viewer", "commit", "100", "Because", 403),
    ],
)
def test_what_is_not_theirs_or_makes_no_sense_is_refused_and_nothing_is_kept(
    quarter: Quarter,
    as_user: Callable[[str], Client],
    user: str,
    name: str,
    amount: str,
    reason: str,
    status: int,
) -> None:
    form = {field(quarter, name): amount, "reason": reason}
    assert as_user(user).post(ADDRESS + "adjust/", form).status_code == status
    quarter.refresh()
    assert queries.overrides(quarter.period, quarter.as_of) == {}


def test_every_figure_of_every_row_has_a_drawer(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    client = as_user("director")
    figures = ("closed", "commit", "omitted", "quota", "attainment", "gap", "coverage", "range")
    for row in ("total", f"team:{quarter.who.north}", "unassigned"):
        for figure in figures:
            answer = client.get(f"{ADDRESS}cell/", {"row": row, "figure": figure})
            assert answer.status_code == 200, (row, figure)
            assert "period_deal" in answer.content.decode()
    assert client.get(f"{ADDRESS}cell/", {"row": "total", "figure": "x"}).status_code == 404


def test_a_viewer_gets_no_deal_out_of_a_drawer(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    query = {"row": "total", "figure": "commit"}
    text = as_user("viewer").get(f"{ADDRESS}cell/", query).content.decode()
    assert "single deals are not shown" in text and "Rita" not in text


def test_the_file_holds_exactly_the_grid_and_says_what_it_covers(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    answer = as_user("sales_manager").get(f"{ADDRESS}export.csv?view=single")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    head = next(at for at, row in enumerate(rows) if "Unit" in row)
    unit, commit = rows[head].index("Unit"), rows[head].index("Commit (EUR)")
    found = {row[unit]: row[commit] for row in rows[head + 1 :] if len(row) > commit}
    assert found["Rita"] == "300.00"
    assert "Sara" not in found
    assert "Single category" in text and "Team North" in text


def test_a_page_of_the_past_is_for_reading(
    quarter: Quarter, as_user: Callable[[str], Client]
) -> None:
    client = as_user("sales_manager")
    assert "data-field" not in client.get(f"{ADDRESS}?as_of=2026-05-01").content.decode()
    form = {field(quarter): "1200", "reason": "The board signed"}
    assert client.post(ADDRESS + "adjust/", form).status_code == 409
