"""What pages read of drafts: points of the map, the hand-over list, two plans compared."""

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import scope_for
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute, Reason
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import make_ground

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}


@pytest.fixture
def ground():
    return make_ground(30)


@pytest.fixture
@made_once
def draft(ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.3)], **BY)


def _numbers(draft, ground, *which):
    ids = loaded(draft).accounts.ids
    return [int(np.flatnonzero(ids == ground.accounts[i])[0]) for i in which]


def test_the_map_reads_arrays_of_one_length_that_json_takes(ground, draft) -> None:
    shown = queries.points(draft, ALL, "director")
    n = len(shown["ids"])
    assert n == 34
    for name in ("lon", "lat", "territory", "present", "locked", "labels", "units"):
        assert len(shown[name]) == n, name
    assert [len(load) for load in shown["loads"]] == [n]
    assert shown["lon"].count(None) == 4
    assert shown["attributes"][0]["target"] == [34 / 3] * 3
    again = json.loads(json.dumps(shown, allow_nan=False))
    assert again["names"] == ["Rita", "Rolf", "Sara"]
    assert [area["properties"]["name"] for area in again["areas"]["features"]] == shown["names"]


def test_the_map_is_cut_to_what_one_sees(ground, draft) -> None:
    nora = scope_for(ground.cast.sales_manager)
    shown = queries.points(draft, nora, "sales_manager")
    assert shown["names"] == ["Rita", "Rolf", ""] and set(shown["territory"]) == {0, 1}
    assert {a["id"] for a in shown["areas"]["features"]} == {0, 1}
    with pytest.raises(Refused):
        queries.points(draft, scope_for(ground.cast.viewer), "viewer")


def test_the_hand_over_list_says_who_to_whom_why_and_what_is_at_stake(ground, draft) -> None:
    who = ground.cast.organisation
    service.move_units(draft, 1, _numbers(draft, ground, 0, 1, 10), 2, **BY)
    rows = {row.account: row for row in queries.handover(draft, ALL, "director")}
    assert set(rows) == {"Account 0", "Account 1", "Account 10"}
    first = rows["Account 0"]
    assert (first.from_rep, first.to_rep, first.reason) == (who.rita, who.sara, Reason.BY_HAND)
    assert (first.open_deals, first.stays) == (1, 1)  # in commit
    assert (first.pipeline, first.bookings) == (200_000, 50_000)
    assert rows["Account 10"].stays == 0
    # known since January 2026, the snapshot is of the end of June
    assert first.months == pytest.approx((date(2026, 6, 30) - date(2026, 1, 5)).days * 12 / 365.25)
    assert first.cost > rows["Account 1"].cost > 0
    assert list(rows)[-1] == "Account 1"


def test_what_moving_breaks_is_one_for_the_mean_account(draft) -> None:
    assert loaded(draft).accounts.cost.mean() == pytest.approx(1.0)


def test_the_reason_follows_what_the_plan_did(ground, draft) -> None:
    who = ground.cast.organisation
    service.seat(draft, 1, 0, who.sami, **BY)
    rows = queries.handover(draft, ALL, "director")
    assert {row.reason for row in rows} == {Reason.SAME_TERRITORY}
    assert {(row.from_rep, row.to_rep) for row in rows} == {(who.rita, who.sami)}


def test_accounts_whose_deals_go_along_are_introduced_two_weeks_before(ground, draft) -> None:
    service.move_units(draft, 1, _numbers(draft, ground, 0, 10), 2, **BY)
    service.submit(draft, 2, **BY)
    service.approve(draft, 3, actor="ops_manager", scope=ALL)
    day = date(2026, 9, 1)
    service.publish(draft, 4, day, actor="ops_manager", scope=ALL)
    rows = {row.account: row.suggested for row in queries.handover(draft, ALL, "director")}
    assert rows == {"Account 0": day, "Account 10": day - timedelta(days=14)}


def test_two_plans_stand_side_by_side_with_what_differs(ground, draft) -> None:
    other = service.clone_draft(draft, "What if", **BY)
    service.move_units(other, 1, _numbers(draft, ground, 0), 2, **BY)
    shown = queries.compare(draft, other, ALL, "director")
    assert shown.differing == ((ground.accounts[0], "Account 0", "Rita", "Sara"),)
    counts = {row.rep: (row.one and row.one.accounts, row.other and row.other.accounts)
              for row in shown.reps}  # fmt: skip
    assert counts == {"Rita": (13, 12), "Rolf": (10, 10), "Sara": (11, 12)}
    with pytest.raises(Invalid, match="two plans"):
        queries.compare(draft, draft, ALL, "director")
