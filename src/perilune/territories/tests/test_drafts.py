"""Drafts: begun from the accounts as they are, changed by hand, undone, never overwritten."""

from typing import Any

import numpy as np
import pytest

from perilune.crm.testing import KNOWN, TODAY
from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import scope_for
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute, Criterion, Operator
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import make_ground

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
BALANCE = (Attribute("accounts", 0.1), Attribute("field:annual_revenue", 0.1))


@pytest.fixture
def ground():
    return make_ground()


@pytest.fixture
@made_once
def draft(ground) -> int:
    return service.create_draft("Autumn", BALANCE, **BY)


def _rows(draft):
    return {row.name: row for row in queries.draft(draft, ALL, "director").rows}


def test_a_draft_starts_from_who_owns_the_accounts(ground, draft) -> None:
    shown = queries.sheet(draft, ALL, "director")
    names = [(row.name, row.accounts, row.moved_in) for row in shown.territories]
    # 40 in thirds, two without a place and the book's own account of Rita and Sara
    assert names == [("Rita", 14 + 2 + 1, 0), ("Rolf", 13, 0), ("Sara", 13 + 1, 0)]
    assert shown.moved == 0 and shown.unassigned == 0
    assert shown.total.accounts == 44


def test_accounts_without_a_place_are_listed_and_move_in_the_table(ground, draft) -> None:
    view = queries.draft(draft, ALL, "director")
    lost = dict(view.unplaced)
    assert {"Nowhere 0", "Nowhere 1", "Ariane Nord", "Sud Aviation"} == set(lost.values())
    found = loaded(draft)
    number = int(np.flatnonzero(found.accounts.ids == ground.lost[0])[0])
    sheet = service.move_units(draft, 1, [number], _rows(draft)["Sara"].number, **BY)
    assert {row.name: row.moved_in for row in sheet.territories}["Sara"] == 1


def test_figures_of_a_territory_are_those_of_its_accounts(ground, draft) -> None:
    rows = {row.name: row for row in queries.sheet(draft, ALL, "director").territories}
    west = range(14)
    assert rows["Rita"].values[1] == sum(100_000 * (1 + i % 7) for i in west)
    # her own book: two open deals (1,000 and 2,500) and one won of 700
    assert rows["Rita"].pipeline == 2 * 200_000 + 100_000 + 250_000
    assert rows["Rita"].bookings == 3 * 50_000 + 70_000
    assert rows["Rita"].quota is None
    assert rows["Rita"].road > 0
    assert rows["Rita"].deviation[0] == pytest.approx(17 / (44 / 3) - 1)


def test_what_is_moved_can_be_taken_back_and_made_again(draft) -> None:
    before = loaded(draft).territory.tolist()
    goal = _rows(draft)["Sara"].number
    sheet = service.move_units(draft, 1, [0, 1, 2], goal, **BY)
    assert sheet.edition == 2
    moved = loaded(draft).territory.tolist()
    assert moved != before
    assert service.undo(draft, 2, **BY).edition == 3
    assert loaded(draft).territory.tolist() == before
    service.redo(draft, 3, **BY)
    assert loaded(draft).territory.tolist() == moved
    with pytest.raises(Invalid, match="nothing to make again"):
        service.redo(draft, 4, **BY)


def test_after_another_change_what_was_undone_is_gone(draft) -> None:
    service.rename(draft, 1, 0, "West", **BY)
    service.undo(draft, 2, **BY)
    service.rename(draft, 3, 0, "Coast", **BY)
    with pytest.raises(Invalid, match="nothing to make again"):
        service.redo(draft, 4, **BY)
    assert "Coast" in _rows(draft)


def test_a_stale_edition_is_refused_with_who_did_what_and_nothing_is_lost(draft) -> None:
    service.move_units(draft, 1, [0], 1, actor="anne", scope=ALL)
    with pytest.raises(Conflict, match=r"anne changed .+ \(moved accounts\)") as told:
        service.move_units(draft, 1, [5], 2, **BY)
    assert told.value.params["edition"] == 2
    assert loaded(draft).territory[0] == 1 and loaded(draft).territory[5] != 2


def test_locked_accounts_and_territories_stay(draft) -> None:
    service.lock(draft, 1, units=[3], **BY)
    with pytest.raises(Invalid, match=r"“.+” is locked where it is"):
        service.move_units(draft, 2, [3], 2, **BY)
    service.lock(draft, 2, territory=2, **BY)
    with pytest.raises(Invalid, match="The territory “Sara” is locked"):
        service.move_units(draft, 3, [4], 2, **BY)
    service.undo(draft, 3, **BY)
    service.undo(draft, 4, **BY)
    service.move_units(draft, 5, [3], 2, **BY)


def test_a_rep_is_seated_and_one_who_is_not_there_is_refused(ground, draft) -> None:
    who = ground.cast.organisation
    sheet = service.seat(draft, 1, 0, who.rolf, **BY)
    assert sheet.territories[0].rep == "Rolf"
    assert sheet.territories[0].moved_in == 17
    assert [row.accounts for row in sheet.reps] == [17 + 13, 14]
    with pytest.raises(NotFound, match="no rep 999"):
        service.seat(draft, 2, 0, 999, **BY)


def test_bad_names_numbers_and_attributes_are_named(ground, draft) -> None:
    with pytest.raises(Invalid, match="“rolf” already"):
        service.rename(draft, 1, 0, "rolf", **BY)
    with pytest.raises(NotFound, match="account number 44"):
        service.move_units(draft, 1, [44], 0, **BY)
    with pytest.raises(NotFound, match="no territory 9"):
        service.move_units(draft, 1, [4], 9, **BY)
    with pytest.raises(Invalid, match="field:moons"):
        service.create_draft("x", [Attribute("field:moons")], **BY)
    with pytest.raises(Invalid, match="balanced twice"):
        service.create_draft("x", [Attribute("accounts"), Attribute("accounts", 0.2)], **BY)
    with pytest.raises(Invalid, match="between 1 and 120"):
        service.create_draft(" ", BALANCE, **BY)
    with pytest.raises(Invalid, match="no accounts here"):
        service.create_draft(
            "x", BALANCE, criteria=[Criterion("segment", Operator.IN, ("none",))], **BY
        )


def test_a_workload_is_visits_times_minutes_in_hours(ground) -> None:
    made = service.create_draft("Visits", [Attribute("workload:headcount:45")], **BY)
    found = loaded(made)
    assert found.attributes[0].unit == "hours"
    i = int(np.flatnonzero(found.accounts.ids == ground.accounts[1])[0])
    assert found.accounts.loads[i, 0] == pytest.approx(6 * 45 / 60)


def test_what_is_not_known_or_has_no_rate_counts_as_nothing_and_is_counted(ground) -> None:
    with change_set(actor="x", title="", known_at=KNOWN) as w:
        w.change("account", ground.accounts[0], {"currency": "USD"})
        w.create("opportunity", {"name": "Far", "account_id": ground.accounts[1], "amount": 1_000,
                                 "owner_id": ground.cast.organisation.rita, "currency": "USD",
                                 "close_date": TODAY, "created_date": TODAY})  # fmt: skip
    made = service.create_draft("Money", [Attribute("field:annual_revenue")], **BY)
    settings = loaded(made).head.settings
    # the two without a place and the two of the book
    assert settings["unknown"] == {"field:annual_revenue": 4}
    assert settings["without_rate"] == {"deals": 1, "field:annual_revenue": 1}


def test_a_manager_sees_and_changes_what_covers_their_reps(ground, draft) -> None:
    nora = scope_for(ground.cast.sales_manager)
    view = queries.draft(draft, nora, "sales_manager")
    assert [row.name for row in view.rows] == ["Rita", "Rolf"] and not view.is_whole
    sheet = queries.sheet(draft, nora, "sales_manager")
    assert sheet.is_partial and sheet.total.accounts == 17 + 13
    mine = int(np.flatnonzero(loaded(draft).accounts.ids == ground.accounts[0])[0])
    by: dict[str, Any] = {"actor": "sales_manager", "scope": nora}
    service.move_units(draft, 1, [mine], 1, **by)
    with pytest.raises(Refused, match="“Sara” is beyond"):
        service.move_units(draft, 2, [mine], 2, **by)
    theirs = int(np.flatnonzero(loaded(draft).accounts.ids == ground.accounts[-1])[0])
    with pytest.raises(Refused, match="beyond your reps"):
        service.move_units(draft, 2, [theirs], 1, **by)
    with pytest.raises(Refused, match="Sara is not one of your reps"):
        service.seat(draft, 2, 0, ground.cast.organisation.sara, **by)
    with pytest.raises(Refused, match="beyond your reps"):
        service.clone_draft(draft, "Copy", **by)


def test_a_rep_sees_no_more_than_their_own_and_a_viewer_the_total(ground, draft) -> None:
    rita = scope_for(ground.cast.rep)
    assert [row.name for row in queries.sheet(draft, rita, "rep").territories] == ["Rita"]
    viewer = scope_for(ground.cast.viewer)
    shown = queries.sheet(draft, viewer, "viewer")
    assert shown.territories == () and shown.total.accounts == 44
    assert queries.drafts(viewer, "viewer") == []
    with pytest.raises(NotFound):
        queries.draft(draft, viewer, "viewer")


def test_a_territory_is_added_and_removed_and_both_are_taken_back(ground, draft) -> None:
    before = loaded(draft)
    service.add_territory(draft, 1, "Centre", rep_id=ground.cast.organisation.sami, **BY)
    service.move_units(draft, 2, [0, 1], 3, **BY)
    with pytest.raises(Invalid, match="“centre” already"):
        service.add_territory(draft, 3, "centre", **BY)
    sheet = service.remove_territory(draft, 3, 0, to=3, **BY)
    assert [(row.number, row.name) for row in sheet.territories] == [
        (0, "Rolf"), (1, "Sara"), (2, "Centre"),
    ]  # fmt: skip
    # the 17 of Rita, and one of Sara's that was moved before
    assert sheet.territories[2].accounts == 18
    for edition in (4, 5, 6):
        service.undo(draft, edition, **BY)
    after = loaded(draft)
    assert after.rows == before.rows and (after.territory == before.territory).all()
    service.lock(draft, 7, units=[0], **BY)
    with pytest.raises(Invalid, match="is locked where it is"):
        service.remove_territory(draft, 8, int(before.territory[0]), **BY)


def test_a_total_of_too_few_people_is_not_shown(ground, draft) -> None:
    service.remove_territory(draft, 1, 0, **BY)
    with pytest.raises(Refused, match="fewer than 3 people"):
        queries.sheet(draft, scope_for(ground.cast.viewer), "viewer")


def test_a_copy_goes_its_own_way(draft) -> None:
    copy = service.clone_draft(draft, "What if", **BY)
    service.move_units(copy, 1, [0, 1], 2, **BY)
    assert loaded(draft).head.edition == 1
    assert {head.name for head in queries.drafts(ALL, "director")} == {"Autumn", "What if"}


def test_comments_are_kept_beside_the_plan(draft) -> None:
    service.comment(draft, "  Too far east. ", territory=2, **BY)
    with pytest.raises(Invalid):
        service.comment(draft, " ", **BY)
    (said,) = queries.draft(draft, ALL, "director").comments
    assert (said.text, said.territory, said.actor) == ("Too far east.", 2, "director")
