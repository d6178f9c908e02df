"""The figures of Maven, computed again from the CSV with nothing but the csv module."""

import json
from collections import Counter
from datetime import date

import pytest
import typer
from typer.testing import CliRunner

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.metrics.cli import metrics_command
from perilune.metrics.contracts import By
from perilune.metrics.queries import (
    drill_down,
    measure_rows,
    measure_with_history,
)
from perilune.metrics.testing import rows_of_file
from perilune.people.queries import company

pytestmark = pytest.mark.django_db(databases=["default", "queue"])

END = date(2017, 12, 31)


def as_of(day):
    return AsOf.end_of(day, company().zone)


def period(name):
    return company().calendar.parse(name)


def rows(day, name, by=By.TOTAL, scope=None, **more):
    found = measure_rows(as_of(day), period(name), by, scope or Scope.company(), **more)
    return {(row.unit_id, row.measure): row for row in found}


def closed_in(first, last):
    return [
        row
        for row in rows_of_file("sales_pipeline")
        if row["close_date"] and first <= row["close_date"] <= last
    ]


def test_won_and_win_rate_of_a_quarter_equal_the_csv(maven):
    closed = closed_in("2017-07-01", "2017-09-30")
    won = [row for row in closed if row["deal_stage"] == "Won"]
    found = rows(END, "2017-Q3")
    assert found[None, "won_count"].value == len(won) == 1257
    assert found[None, "won_amount"].value == 100 * sum(int(r["close_value"]) for r in won)
    assert found[None, "won_amount"].value == 298225500
    assert found[None, "win_rate_closed"].value == pytest.approx(len(won) / len(closed))
    assert found[None, "win_rate_closed"].n == len(closed) == 2047
    assert round(found[None, "win_rate_closed"].value, 3) == 0.614


def test_the_cohort_keeps_open_deals_in_its_denominator(maven):
    window = (date(2017, 3, 1), date(2017, 8, 15))
    made = [
        row
        for row in rows_of_file("sales_pipeline")
        if row["engage_date"] and "2017-03-01" <= row["engage_date"] <= "2017-08-15"
    ]
    found = rows(END, "2017-Q3", cohort=window)[None, "win_rate_cohort"]
    assert found.n == len(made)
    assert found.value == pytest.approx(sum(r["deal_stage"] == "Won" for r in made) / len(made))
    assert round(found.value, 3) == 0.473


def test_the_cycle_from_creation_is_that_of_the_csv(maven):
    won = [r for r in closed_in("2017-07-01", "2017-09-30") if r["deal_stage"] == "Won"]
    days = [
        (date.fromisoformat(r["close_date"]) - date.fromisoformat(r["engage_date"])).days
        for r in won
    ]
    found = rows(END, "2017-Q3")
    assert found[None, "cycle_creation"].value == pytest.approx(sum(days) / len(days))
    assert found[None, "cycle_creation"].n == len(days)


def test_units_of_every_cut_sum_to_the_total(maven):
    total = rows(END, "2017-Q3")[None, "won_amount"].value
    for by in (By.REGION, By.TEAM, By.REP, By.INDUSTRY):
        found = rows(END, "2017-Q3", by)
        tops = [r for (_u, m), r in found.items() if m == "won_amount" and r.depth == 0]
        assert sum(r.value for r in tops) == total, by


def test_wins_by_rep_equal_the_csv(maven):
    expected: Counter[str] = Counter()
    for row in closed_in("2017-07-01", "2017-09-30"):
        if row["deal_stage"] == "Won":
            expected[row["sales_agent"]] += 100 * int(row["close_value"])
    found = rows(END, "2017-Q3", By.REP)
    got = {r.label: r.value for (_u, m), r in found.items() if m == "won_amount" and r.value}
    assert got == dict(expected)


def test_an_earlier_as_of_knows_nothing_of_later_wins(maven):
    won = [r for r in closed_in("2017-07-01", "2017-08-15") if r["deal_stage"] == "Won"]
    assert rows(date(2017, 8, 15), "2017-Q3")[None, "won_count"].value == len(won)


def test_a_window_before_the_first_data_is_unknown_and_never_zero(maven):
    found = rows(END, "2016-Q3")
    assert found[None, "won_amount"].value is None
    assert "unknown" in found[None, "won_amount"].note.message


def test_deals_without_a_created_date_are_counted_apart(maven):
    without = sum(
        not r["engage_date"] and r["deal_stage"] in ("Prospecting", "Engaging")
        for r in rows_of_file("sales_pipeline")
    )
    found = rows(END, "2017-Q4")[None, "open_count"]
    assert found.note.params == {"count": without}
    assert rows(date(2017, 12, 30), "2017-Q4")[None, "open_count"].note is None


def test_coverage_says_why_it_is_unknown(maven):
    assert rows(END, "2017-Q4")[None, "coverage"].note.message.startswith("There is no quota")


def test_a_running_quarter_is_compared_at_the_same_point(maven):
    day = date(2017, 11, 15)
    days = (day - date(2017, 10, 1)).days
    until = date.fromordinal(date(2017, 7, 1).toordinal() + days).isoformat()
    won = [r for r in closed_in("2017-07-01", until) if r["deal_stage"] == "Won"]
    found = measure_with_history(
        as_of(day), period("2017-Q4"), By.TOTAL, Scope.company(), measures=["won_count"]
    )
    assert found[0].previous.row and found[0].previous.row.value == len(won)
    assert found[0].year_ago.row and found[0].year_ago.row.value is None
    assert found[0].year_ago.exceeds_noise is None


def test_every_rep_of_a_group_of_two_is_withheld_from_a_viewer(maven):
    viewer = Scope("company", aggregates_only=True, smallest_group=3)
    assert all(r.value is None for r in rows(END, "2017-Q3", By.REP, viewer).values())
    by_team = rows(END, "2017-Q3", By.TEAM, viewer)
    assert any(r.value for (_u, m), r in by_team.items() if m == "won_amount")


def test_drilling_down_gives_the_deals_behind_the_number(maven):
    drill = drill_down(
        "won_amount", as_of(END), period("2017-Q3"), By.TOTAL, unit="total", scope=Scope.company()
    )
    assert drill.total == drill.row.n == 1257
    assert "SELECT" in drill.sql and "2017-07-01" in drill.sql
    rep = next(iter(maven["rep"].values()))
    one = drill_down(
        "won_count", as_of(END), period("2017-Q3"), By.REP, unit=str(rep), scope=Scope.company()
    )
    assert one.total == one.row.value == len(one.rows)


def test_drilling_down_stops_with_the_reason_where_only_totals_may_be_seen(maven):
    viewer = Scope("company", aggregates_only=True, smallest_group=3)
    drill = drill_down(
        "won_amount", as_of(END), period("2017-Q3"), By.TOTAL, unit="total", scope=viewer
    )
    assert drill.rows == () and drill.stopped


def test_the_command_prints_the_documented_json(maven):
    app = typer.Typer()
    app.command()(metrics_command)
    done = CliRunner().invoke(app, ["--as-of", "2017-12-31", "--period", "2017-Q3", "--json"])
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)
    head = {key: value for key, value in content.items() if key != "rows"}
    assert head == {
        "schema": 1,
        "as_of": "2017-12-31",
        "period": "2017-Q3",
        "currency": "USD",
        "scope": "company",
    }
    assert {
        "unit": "total",
        "measure": "won_amount",
        "value": "2982255.00",
        "n": 1257,
    } in content["rows"]
    assert {
        "unit": "total",
        "measure": "win_rate_closed",
        "value": 0.6141,
        "n": 2047,
    } in content["rows"]
