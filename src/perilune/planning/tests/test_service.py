"""Scenarios: created, changed, shared, copied, taken back; and who sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from perilune.crm.testing import Book
from perilune.history.contracts import PRIVATE
from perilune.history.queries import recent_sets
from perilune.history.testing import made_once
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.contracts import Right
from perilune.people.queries import company, rights_of, scope_for
from perilune.people.testing import Cast, make_assignment, make_rep
from perilune.planning import queries, service
from perilune.planning.contracts import (
    MOST_EDITS,
    Absence,
    Edit,
    Hire,
    Index,
    Leave,
    Move,
    Price,
    Quota,
    Ramp,
    Shock,
    What,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 1)
ALL = Scope.company()


@pytest.fixture
@made_once
def made(book: Book) -> int:
    return service.scenario_create("  A   wave ", "2026-q3", actor="director")


def add(scenario_id: int, edit: Edit, actor: str = "director", scope: Scope = ALL) -> int:
    return service.edit_add(scenario_id, edit, actor=actor, scope=scope)


def edits(scenario_id: int, actor: str = "director") -> list[Edit]:
    found = queries.scenario(scenario_id, None, actor)
    return [item.edit for item in found.assumptions]


def test_a_scenario_is_private_and_named_after_a_period(made: int) -> None:
    head = queries.scenario(made, None, "director").head
    assert (head.name, head.period, head.author) == ("A wave", "2026-Q3", "director")
    assert head.shared_with == () and head.edits == 0
    with pytest.raises(Invalid):
        service.scenario_create(" ", "2026-Q3", actor="director")
    with pytest.raises(Invalid):
        service.scenario_create("B", "2026-Q9", actor="director")


def test_every_type_of_edit_comes_back_as_it_was_given(made: int, cast: Cast, book: Book) -> None:
    who = cast.organisation
    series = ((date(2026, 1, 1), 100.0), (date(2026, 4, 1), 97.123456789))
    given: list[Edit] = [
        Hire(who.north, DAY, "seller", 3, 0.5, 90),
        Leave(who.rita, DAY, who.rolf),
        Leave(who.sara, DAY),
        Absence(who.rolf, DAY, date(2026, 9, 30), 0.4),
        Ramp(DAY, 120, who.north),
        Ramp(DAY, 120),
        Move(who.rolf, DAY, accounts=(book.north_account,)),
        Move(who.rolf, DAY, who.rita),
        Quota(f"rep:{who.rita}", "2026-Q3", 12_345_67, "EUR"),
        Quota("company", "2026", 0, "EUR"),
        Price(1.05, DAY, book.product),
        Shock(What.CYCLE, 1.25, DAY, date(2026, 12, 31)),
        Index("Output", series, -0.5, "", What.AMOUNT),
    ]
    for edit in given:
        add(made, edit)
    assert edits(made) == given
    assert queries.scenario(made, None, "director").head.edition == 1 + len(given)


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (Hire(1, DAY, heads=0), "heads"),
        (Hire(99, DAY), "team_id"),
        (Hire(1, DAY, fte=1.5), "fte"),
        (Leave(99, DAY), "rep_id"),
        (Leave(-7, DAY), "rep_id"),
        (Absence(1, DAY, date(2026, 8, 1)), "ends"),
        (Ramp(DAY, -1), "ramp_days"),
        (Move(1, DAY), "rep_id"),
        (Move(1, DAY, accounts=(999,)), "accounts"),
        (Move(1, DAY, 1), "to_rep_id"),
        (Quota("company", "2026-Q9", 1), "period"),
        (Quota("company", "2026-Q3", -1), "amount"),
        (Quota("galaxy", "2026-Q3", 1), "unit"),
        (Price(1.0, DAY), "factor"),
        (Price(float("nan"), DAY), "factor"),
        (Price(1.1, DAY, 99), "product_id"),
        (Shock(What.AMOUNT, 0.0, DAY), "factor"),
        (Shock(What.AMOUNT, 0.5, DAY, sector="Unheard of"), "sector"),
        (Index("", ((DAY, 1.0),)), "title"),
        (Index("A", ()), "series"),
        (Index("A", ((DAY, 1.0), (DAY, 2.0))), "series"),
        (Index("A", ((DAY, 0.0),)), "series"),
        (Index("A", ((DAY, 1.0),), 0.0), "elasticity"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(made: int, edit: Edit, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        add(made, edit)
    assert field in [problem.field for problem in caught.value.problems]
    assert edits(made) == []


def test_overlapping_absences_are_named_in_scenarios_files_and_plans(
    made: int, cast: Cast, plan: int
) -> None:
    who, away = cast.organisation, Absence(cast.organisation.rolf, DAY, date(2026, 9, 30), 0.4)
    first = add(made, away)
    for other in (replace(away, starts=date(2026, 9, 30), ends=None), replace(away, fte=1.0)):
        with pytest.raises(Invalid, match="Rolf is away already on") as refused:
            add(made, other)
        assert [problem.field for problem in refused.value.problems] == ["starts"]
    add(made, replace(away, starts=date(2026, 10, 1), ends=None))
    add(made, replace(away, rep_id=who.rita))
    longer = replace(away, ends=date(2026, 9, 29), fte=1.0)
    service.edit_change(made, first, longer, actor="director", scope=ALL)
    with pytest.raises(Invalid, match="away already on 2026-10-01"):
        service.edit_change(made, first, replace(away, ends=None), actor="director", scope=ALL)
    lines = [{"type": "absence", "rep": who.rolf, "starts": day} for day in ("2026-07-01",) * 2]
    with pytest.raises(Invalid) as caught:
        queries.scenario_of(lines, company().today, ALL, company())
    assert [problem.line for problem in caught.value.problems] == [2]
    edition = queries.loaded_plan(plan).head.edition
    service.people_add(plan, edition, away, actor="director", scope=ALL)
    with pytest.raises(Invalid, match="Rolf is away already"):
        service.people_add(plan, edition + 1, longer, actor="director", scope=ALL)


def test_edits_are_changed_removed_and_reordered(made: int, cast: Cast) -> None:
    north = cast.organisation.north
    first, second, third = (add(made, Hire(north, DAY, heads=n)) for n in (1, 2, 3))

    def order() -> list[int]:
        return [edit.heads for edit in edits(made) if isinstance(edit, Hire)]

    service.edit_reorder(made, third, -1, actor="director")
    assert order() == [1, 3, 2]
    service.edit_reorder(made, first, 99, actor="director")
    assert order() == [3, 2, 1]
    service.edit_change(made, second, Hire(north, DAY, heads=7), actor="director", scope=ALL)
    assert order() == [3, 7, 1]
    with pytest.raises(Invalid):
        service.edit_change(made, second, Ramp(DAY, 3), actor="director", scope=ALL)
    service.edit_remove(made, second, actor="director")
    assert order() == [3, 1]
    with pytest.raises(NotFound):
        service.edit_remove(made, second, actor="director")


def test_each_change_is_taken_back_one_after_the_other(made: int, cast: Cast) -> None:
    north = cast.organisation.north
    first = add(made, Hire(north, DAY))
    add(made, Hire(north, DAY, heads=2))
    service.edit_remove(made, first, actor="director")
    service.scenario_change(made, "Other", "2026", actor="director")
    assert service.scenario_undo(made, actor="director") == "Scenario changed"
    assert queries.scenario(made, None, "director").head.name == "A wave"
    assert service.scenario_undo(made, actor="director") == "Edit removed"
    assert len(edits(made)) == 2
    service.scenario_undo(made, actor="director")
    service.scenario_undo(made, actor="director")
    assert edits(made) == []
    with pytest.raises(Invalid):
        service.scenario_undo(made, actor="director")
    assert queries.scenario(made, None, "director").head.edition == 1


def test_a_deleted_scenario_is_gone_and_comes_back_whole(made: int, cast: Cast) -> None:
    add(made, Hire(cast.organisation.north, DAY))
    service.scenario_delete(made, actor="director")
    assert queries.heads("director") == []
    with pytest.raises(NotFound):
        queries.scenario(made, None, "director")
    service.scenario_undo(made, actor="director")
    assert len(edits(made)) == 1


def test_a_change_on_an_edition_that_is_no_more_is_refused(made: int, cast: Cast) -> None:
    add(made, Hire(cast.organisation.north, DAY))
    with pytest.raises(Conflict):
        service.edit_add(
            made, Hire(cast.organisation.north, DAY), actor="director", scope=ALL, edition=1
        )
    assert len(edits(made)) == 1


def test_rule_24_only_the_author_and_those_named_see_a_scenario(made: int, cast: Cast) -> None:
    people = [user.username for user in cast.by_role().values()]
    for username in people:
        if username != "director":
            assert queries.heads(username) == []
            for verb in (
                lambda who=username: queries.scenario(made, None, who),
                lambda who=username: service.scenario_copy(made, "Mine", actor=who),
                lambda who=username: service.scenario_delete(made, actor=who),
                lambda who=username: service.scenario_undo(made, actor=who),
                lambda who=username: add(made, Ramp(DAY, 3), actor=who),
            ):
                with pytest.raises(NotFound):
                    verb()
    service.scenario_share(made, ["analyst"], actor="director")
    assert [head.id for head in queries.heads("analyst")] == [made]
    assert queries.heads("ops_manager") == []
    with pytest.raises(Refused):
        add(made, Ramp(DAY, 3), actor="analyst")
    service.scenario_share(made, [], actor="director")
    assert queries.heads("analyst") == []


def test_a_scenario_is_shared_only_with_people_who_can_open_it(made: int, cast: Cast) -> None:
    for username in ("viewer", "rep", "ops_rep", "nobody"):
        with pytest.raises(Invalid):
            service.scenario_share(made, [username], actor="director")
    able = {user.username for user in cast.by_role().values() if Right.MAKE_SCENARIOS
            in rights_of(user)}  # fmt: skip
    assert able == {person.username for person in queries.sharers()}


def test_the_journal_keeps_a_scenario_as_a_private_set(made: int) -> None:
    assert {info.purpose for info in recent_sets(1)} == {PRIVATE}


def test_a_manager_speaks_of_the_own_team_alone(book: Book, cast: Cast) -> None:
    who, scope = cast.organisation, scope_for(cast.sales_manager)
    made = service.scenario_create("Mine", "2026-Q3", actor="sales_manager")
    for edit in (
        Leave(who.sara, DAY),
        Hire(who.south, DAY),
        Move(who.rita, DAY, accounts=(book.south_account,)),
        Move(who.sara, DAY, who.rita),
        Quota("company", "2026-Q3", 1),
        Quota(f"team:{who.south}", "2026-Q3", 1),
        Quota(f"rep:{who.sara}", "2026-Q3", 1),
    ):
        with pytest.raises(Invalid):
            add(made, edit, "sales_manager", scope)
    add(made, Leave(who.rita, DAY, who.rolf), "sales_manager", scope)
    add(made, Quota(f"rep:{who.rita}", "2026-Q3", 1), "sales_manager", scope)
    assert len(edits(made, "sales_manager")) == 2


def test_a_copy_is_private_and_its_departures_mean_its_own_hires(made: int, cast: Cast) -> None:
    hired = add(made, Hire(cast.organisation.north, DAY))
    left = add(made, Leave(-hired, date(2026, 12, 31)))
    service.edit_reorder(made, left, -1, actor="director")
    with pytest.raises(Invalid):
        service.edit_remove(made, hired, actor="director")
    service.scenario_share(made, ["analyst"], actor="director")
    copy = service.scenario_copy(made, "Mine", actor="analyst")
    found = queries.scenario(copy, None, "analyst")
    assert found.head.shared_with == () and found.head.author == "analyst"
    leave = found.assumptions[0].edit
    assert isinstance(leave, Leave) and leave.rep_id == -found.assumptions[1].id != -hired
    with pytest.raises(NotFound):
        queries.scenario(copy, None, "director")


def test_the_past_of_a_scenario_is_as_it_was_known(made: int, cast: Cast) -> None:
    with pytest.raises(NotFound):
        queries.scenario(made, AsOf.end_of(date(2026, 3, 1), company().zone), "director")
    add(made, Hire(cast.organisation.north, DAY))
    assert len(queries.scenario(made, company().today, "director").assumptions) == 1


def test_a_scenario_holds_so_many_edits_and_no_more(made: int, monkeypatch) -> None:
    assert MOST_EDITS == 200
    monkeypatch.setattr("perilune.planning.service.edits.MOST_EDITS", 1)
    add(made, Ramp(DAY, 3))
    with pytest.raises(Invalid):
        add(made, Ramp(DAY, 4))


def test_rule_24_others_see_an_unnamed_reserve_at_five_reps_or_more(made: int, cast: Cast) -> None:
    who = cast.organisation
    add(made, Hire(who.north, DAY, heads=3))
    add(made, Leave(who.rita, DAY))
    add(made, Hire(who.north, DAY, role="manager"))
    today = company().today
    assert queries.reserves("analyst", today) == [], "not before its author lets it show"
    service.scenario_change(made, "A wave", "2026-Q3", actor="director", is_reserve=True)
    assert queries.reserves("analyst", today) == [], "three sellers are too few to hide among"
    for name in ("Ada", "Bo", "Cy"):
        make_assignment(make_rep(name), who.south)
    found = queries.reserves("analyst", today)
    assert [(item.team_id, item.name, item.reps, item.starts, item.fte) for item in found] == [
        (None, "Acme", 6, DAY, 2.0)
    ]
    for name in ("Di", "Ed", "Flo"):
        make_assignment(make_rep(name), who.north)
    assert {item.name for item in queries.reserves("analyst", today)} == {"North"}
    assert queries.reserves("director", today) == [], "the author sees the scenario itself"
