"""The roll-up of a quarter: who sees which rows, what they come to, what stands beside them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from perilune.forecasting import queries, service
from perilune.forecasting.contracts import (
    LADDER,
    Author,
    Category,
    Cell,
    Level,
    NodeKind,
    Overriding,
    Rollup,
    Submitted,
    View,
)
from perilune.forecasting.tests.conftest import Quarter
from perilune.history.service import change_set
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.people.queries import scope_for
from perilune.store import queries as store

pytestmark = pytest.mark.django_db

SUM, SINGLE = View.CUMULATIVE, View.SINGLE


def rolled(quarter: Quarter, user: str = "director", **facts: Any) -> Rollup:
    scope = scope_for(getattr(quarter.cast, user))
    return queries.rollup(quarter.period, quarter.as_of, scope, **facts)


def labels(found: Rollup) -> list[tuple[int, str]]:
    return [(row.node.level, row.label) for row in found.rows]


def test_cumulative_categories_hold_all_that_is_at_least_as_sure_and_omitted_is_in_none(
    quarter: Quarter,
) -> None:
    total = rolled(quarter).total
    assert [total.value(each, SINGLE) for each in (*LADDER, Category.OMITTED)] == [
        70_000, 30_000, 50_000, 20_000, 97_000, 11_000,
    ]  # fmt: skip
    assert [total.value(each, SUM) for each in LADDER] == [
        70_000, 100_000, 150_000, 170_000, 267_000,
    ]  # fmt: skip
    assert total.value(Category.OMITTED, SUM) == 11_000


def test_a_deal_or_a_rep_without_a_team_rolls_up_to_unassigned(quarter: Quarter) -> None:
    found = rolled(quarter)
    assert labels(found) == [
        (0, "total"), (1, "North region"), (2, "North"), (3, "Rita"), (3, "Rolf"),
        (1, "South region"), (2, "South"), (3, "Sara"), (1, "unassigned"), (2, ""),
    ]  # fmt: skip
    assert found.rows[-2].value(Category.PIPELINE, SINGLE) == 7_000
    north = found.row(f"team:{quarter.who.north}")
    assert north is not None and north.managers == ("Nora",)


def test_the_closed_figure_is_what_the_range_counts_as_won(quarter: Quarter) -> None:
    found = rolled(quarter)
    by = {row.unit_id: row.won_to_date for row in queries.range_for(
        quarter.period, queries.default_cut(scope_for(quarter.cast.director)), quarter.as_of,
        scope_for(quarter.cast.director),
    ).rows}  # fmt: skip
    for row in found.rows:
        if row.node.kind is NodeKind.TEAM and row.node.level == 1:
            assert row.closed == by.get(row.node.unit[1], 0)
    assert found.total.closed == by[None]


def test_quota_attainment_gap_and_coverage_say_against_what(quarter: Quarter) -> None:
    north = rolled(quarter).row(f"team:{quarter.who.north}")
    assert north is not None
    assert (north.quota, north.quota_level) == (200_000, "operating")
    assert north.attainment == 70_000 / 200_000
    assert north.gap == -130_000
    assert north.coverage == 100_000 / 130_000
    assert north.required is None  # no past quarter: unknown, never a guess


def test_the_required_coverage_is_one_over_what_past_quarters_brought_of_their_open_value(
    quarter: Quarter,
) -> None:
    # five quarters, in each ten deals open at the end of its last day but one; four were won
    book, who = quarter.book, quarter.who
    days = [date(2025, 3, 30), date(2025, 6, 29), date(2025, 9, 29), date(2025, 12, 30),
            date(2026, 3, 30)]  # fmt: skip
    from datetime import UTC, datetime, timedelta

    for day in days:
        for n in range(10):
            born = datetime(day.year, day.month, 1, tzinfo=UTC) - timedelta(days=40)
            last = day + timedelta(days=1)
            with change_set(actor="test", known_at=born) as writing:
                deal = writing.create(
                    "opportunity",
                    {"name": f"{day} {n}", "owner_id": who.rita, "amount": 10_000,
                     "currency": "EUR", "stage_id": book.prospecting,
                     "created_date": born.date(), "close_date": last},
                )  # fmt: skip
            # known on the last day: after the day of the quarter that is asked for
            at = datetime(last.year, last.month, last.day, 12, tzinfo=UTC)
            stage = book.won_stage if n < 4 else book.lost_stage
            with change_set(actor="test", known_at=at) as writing:
                writing.change("opportunity", deal, {"stage_id": stage})
    with change_set(actor="test", known_at=datetime(2019, 1, 1, tzinfo=UTC)) as writing:
        writing.change("stage", book.prospecting, {"position": 1})
    quarter.refresh()
    from perilune.kernel.asof import AsOf
    from perilune.people.queries import company

    early = AsOf.end_of(date(2026, 6, 28), company().zone)
    found = queries.rollup(quarter.period, early, scope_for(quarter.cast.director))
    rita = found.row(f"rep:{who.rita}@{quarter.who.north}")
    assert rita is not None and rita.required is not None
    assert (rita.required.periods, rita.required.of) == (4, rita.node.key)
    assert rita.required.ratio == pytest.approx(100 / 40)
    rolf = found.row(f"rep:{who.rolf}@{quarter.who.north}")
    assert rolf is not None and rolf.required is not None
    assert rolf.required.of == f"team:{who.north}"  # no history of his own: the team's


def test_a_manager_sees_the_team_and_a_rep_only_the_own_row(quarter: Quarter) -> None:
    assert labels(rolled(quarter, "sales_manager")) == [
        (0, "total"), (1, "North"), (2, "Rita"), (2, "Rolf"),
    ]  # fmt: skip
    mine = rolled(quarter, "rep")
    assert labels(mine) == [(0, "total"), (1, "Rita")]
    assert mine.total.value(Category.PIPELINE, SUM) == 120_000


def test_a_share_of_a_colleague_outside_stays_in_the_sum_under_its_own_name(
    quarter: Quarter,
) -> None:
    with change_set(actor="test") as writing:
        for rep, share in ((quarter.who.rita, 6_000), (quarter.who.sara, 4_000)):
            writing.create(
                "opportunity_split",
                {"opportunity_id": quarter.deals["Rita commit"], "rep_id": rep, "share": share},
            )
    with change_set(actor="test") as writing:
        writing.change("opportunity", quarter.deals["Rita commit"], {"next_step": "Sign"})
    quarter.refresh()
    from perilune.kernel.asof import AsOf
    from perilune.people.queries import company

    now = AsOf.end_of(date(2100, 1, 1), company().zone)
    scope = scope_for(quarter.cast.sales_manager)
    found = queries.rollup(quarter.period, now, scope, with_ranges=False)
    assert found.rows[-1].node.kind is NodeKind.OTHERS
    assert found.rows[-1].value(Category.COMMIT, SINGLE) == 12_000
    assert found.total.value(Category.COMMIT, SINGLE) == 30_000
    deals = queries.cell_deals(
        quarter.period, now, scope, found.rows[-1].node.key, [Category.COMMIT]
    )
    assert (deals.count, deals.value) == (1, 12_000)


def test_a_viewer_sees_groups_of_three_or_more_and_no_rep(quarter: Quarter) -> None:
    found = rolled(quarter, "viewer")
    assert all(row.node.kind is not NodeKind.REP for row in found.rows)
    assert not found.total.is_withheld
    assert found.total.value(Category.COMMIT, SUM) == 100_000
    assert all(row.is_withheld and row.amounts == {} for row in found.rows[1:])
    behind = queries.cell_deals(
        quarter.period, quarter.as_of, scope_for(quarter.cast.viewer), "total", LADDER
    )
    assert behind.deals == () and behind.is_withheld and behind.count == 6


def test_every_cell_opens_the_deals_that_it_is_the_sum_of(quarter: Quarter) -> None:
    found = rolled(quarter, with_ranges=False)
    scope = scope_for(quarter.cast.director)
    for row in found.rows:
        for category in Category:
            deals = queries.cell_deals(
                quarter.period, quarter.as_of, scope, row.node.key, [category]
            )
            assert deals.value == row.value(category, SINGLE), (row.label, category)
            assert sum(deal.value or 0 for deal in deals.deals) == deals.value
    with pytest.raises(NotFound):
        queries.cell_deals(quarter.period, quarter.as_of, scope, "team:999", [Category.COMMIT])


def test_deals_due_before_the_period_or_never_are_told_apart(quarter: Quarter) -> None:
    quarter.deal("Late", owner_id=quarter.who.rita, amount=4_000, close_date=date(2026, 2, 1))
    quarter.deal("Undated", owner_id=quarter.who.rita, amount=5_000, close_date=None)
    quarter.refresh()
    left = rolled(quarter, with_ranges=False).left_out
    assert left.overdue == (1, 4_000)
    assert left.undated == (1, 5_000)


def test_the_last_call_stands_on_its_row_and_on_no_row_that_is_seen_in_part(
    quarter: Quarter,
) -> None:
    north, period = quarter.who.north, quarter.period
    for day, amount in ((date(2026, 6, 1), 1_000), (date(2026, 6, 8), 2_000)):
        service.submit(Submitted(period, day, amount, "EUR", "Nora", team_id=north), actor="x")
    quarter.refresh()
    row = rolled(quarter, "sales_manager").row(f"team:{north}")
    assert row is not None and row.call is not None
    assert (row.call.amount, row.call.made_on) == (2_000, date(2026, 6, 8))
    assert rolled(quarter, "rep").total.call is None


# -- overrides -------------------------------------------------------------------------------------


def author(quarter: Quarter, user: str) -> Author:
    who = getattr(quarter.cast, user)
    return Author(who.username, str(who), who.rep_id)


def say(
    quarter: Quarter, user: str, cell: Cell, amount: int, reason: str = "The board signed"
) -> int:
    made = service.override(
        Overriding(quarter.period, ((cell, amount),), reason),
        author(quarter, user),
        quarter.as_of,
        scope_for(getattr(quarter.cast, user)),
    )
    quarter.refresh()
    return made


def test_owner_and_manager_stand_side_by_side_and_no_deal_changes(quarter: Quarter) -> None:
    cell = Cell(("rep", quarter.who.rita), Category.COMMIT, SUM)
    sql = "SELECT id, amount, close_date, stage_id FROM opportunity ORDER BY id"
    from perilune.kernel.scope import Scope

    before = store.run_sql(sql, {}, scope=Scope.company(), as_of=quarter.as_of).rows
    say(quarter, "rep", cell, 120_000)
    say(quarter, "sales_manager", cell, 90_000, "Too hopeful")
    said = queries.overrides(quarter.period, quarter.as_of)
    assert {level: one.amount for (_cell, level), one in said.items()} == {
        Level.OWNER: 120_000, Level.MANAGER: 90_000,
    }  # fmt: skip
    assert {one.computed for one in said.values()} == {100_000}
    assert store.run_sql(sql, {}, scope=Scope.company(), as_of=quarter.as_of).rows == before
    found = rolled(quarter, with_ranges=False)
    made = queries.with_overrides(found, said, Category.COMMIT, SUM)
    assert made[f"rep:{quarter.who.rita}@{quarter.who.north}"] == 90_000
    assert made["total"] == 100_000 - 10_000  # the manager's counts, the rows above follow


def test_saying_something_else_keeps_what_was_said_and_undo_brings_it_back(
    quarter: Quarter,
) -> None:
    from perilune.crm.service import edit_undo

    cell = Cell(("rep", quarter.who.rita), Category.COMMIT, SUM)
    say(quarter, "rep", cell, 120_000)
    second = say(quarter, "rep", cell, 130_000, "And another")
    said = queries.overrides(quarter.period, quarter.as_of)
    assert [one.amount for one in said.values()] == [130_000]
    events = queries.override_history(said.values())
    assert {event.new for event in events if event.field == "amount"} == {130_000}
    edit_undo(second, actor=quarter.cast.rep.username)
    quarter.refresh()
    said = queries.overrides(quarter.period, quarter.as_of)
    assert [(one.amount, one.reason) for one in said.values()] == [(120_000, "The board signed")]


def test_an_override_needs_a_reason_and_a_figure_of_ones_own_people(quarter: Quarter) -> None:
    mine = Cell(("rep", quarter.who.rita), Category.COMMIT, SUM)
    with pytest.raises(Invalid):
        say(quarter, "rep", mine, 1, " ")
    with pytest.raises(Refused):
        say(quarter, "rep", Cell(("rep", quarter.who.rolf), Category.COMMIT, SUM), 1)
    with pytest.raises(Refused):
        say(quarter, "rep", Cell(("team", quarter.who.north), Category.COMMIT, SUM), 1)
    with pytest.raises(Refused):
        say(quarter, "sales_manager", Cell(("total", 0), Category.COMMIT, SUM), 1)
    with pytest.raises(Refused):
        say(quarter, "sales_manager", Cell(("team", quarter.who.south), Category.COMMIT, SUM), 1)
    with pytest.raises(Invalid):
        say(quarter, "rep", Cell(mine.unit, Category.CLOSED, SUM), 1)
    assert queries.overrides(quarter.period, quarter.as_of) == {}


def test_the_two_views_keep_their_overrides_apart(quarter: Quarter) -> None:
    unit = ("rep", quarter.who.rita)
    say(quarter, "rep", Cell(unit, Category.COMMIT, SUM), 120_000)
    say(quarter, "rep", Cell(unit, Category.COMMIT, SINGLE), 50_000)
    said = queries.overrides(quarter.period, quarter.as_of)
    assert {cell.view: one.amount for (cell, _level), one in said.items()} == {
        SUM: 120_000, SINGLE: 50_000,
    }  # fmt: skip


def test_nothing_is_said_on_a_page_of_the_past(quarter: Quarter) -> None:
    from perilune.kernel.asof import AsOf
    from perilune.people.queries import company

    past = AsOf.end_of(date(2026, 6, 1), company().zone)
    cell = Cell(("rep", quarter.who.rita), Category.COMMIT, SUM)
    with pytest.raises(Conflict):
        service.override(
            Overriding(quarter.period, ((cell, 1),), "Why not"),
            author(quarter, "rep"),
            past,
            scope_for(quarter.cast.rep),
        )
