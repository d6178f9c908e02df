"""What restarts a ramp in part beside a change of team: other products, other accounts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.people.queries import assignments_as_of, company
from perilune.planning.contracts import Change, Content
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.seats import changes, told
from perilune.planning.queries.staff import heads_of, staff_units
from perilune.store import service as store

if TYPE_CHECKING:
    from perilune.people.testing import Cast

KNOWN = datetime(2025, 12, 1, tzinfo=UTC)
DAY = date(2026, 4, 1)


def _seat(rep: int, day: date, **values: object) -> None:
    """End a rep's last seat on the eve of a day and begin one like it, but for these values."""
    theirs = [one for one in assignments_as_of(company().today) if one.rep_id == rep]
    now = max(theirs, key=lambda one: one.since or date.min)
    with change_set(actor="test", title="", known_at=KNOWN) as write:
        write.change("assignment", now.assignment_id or 0,
                     {"effective_to": day - timedelta(days=1)})  # fmt: skip
        write.create("assignment", {"rep_id": rep, "team_id": now.team_id, "role": now.role,
                                    "fte": 1.0, "effective_from": day, **values})  # fmt: skip


@pytest.fixture
@made_once
def swapped(sold: Cast) -> Cast:
    """Rita and Rolf have four accounts each; from April on she holds three of his and one of hers.

    Sara's two stay with her, and a third is added. Before April nothing is in a territory.
    """
    org = sold.organisation
    with change_set(actor="test", title="", known_at=datetime(2023, 1, 1, tzinfo=UTC)) as write:
        owned = {
            rep: [write.create("account", {"name": f"{rep} {at}", "owner_id": rep})
                  for at in range(count)]
            for rep, count in ((org.rita, 4), (org.rolf, 4), (org.sara, 2), (org.nora, 1))
        }  # fmt: skip
    rita, rolf = owned[org.rita], owned[org.rolf]
    held = {org.rita: [*rolf[:3], rita[0]], org.rolf: [rolf[3], *rita[1:]],
            org.sara: [*owned[org.sara], *owned[org.nora]]}  # fmt: skip
    with change_set(actor="test", title="", known_at=KNOWN) as write:
        for rep, accounts in held.items():
            north = write.create("territory", {"name": str(rep), "effective_from": DAY})
            write.create("territory_seat", {"territory_id": north, "rep_id": rep, "role": "owner",
                                            "effective_from": DAY})  # fmt: skip
            for account in accounts:
                write.create("territory_account", {"territory_id": north, "account_id": account,
                                                   "effective_from": DAY})  # fmt: skip
    store.refresh()
    return sold


def test_who_has_half_their_accounts_replaced_when_a_plan_comes_into_force_changes_territory(
    swapped: Cast,
) -> None:
    org, at = swapped.organisation, company().today
    assert told(at) == {Change.SEAT, Change.TERRITORY}
    assert changes(at) == sorted((rep, DAY, Change.TERRITORY) for rep in (org.rita, org.rolf))
    year = company().calendar.year(2026)
    heads, _ramps = heads_of(Content(units=staff_units(year, (), at)), year, at, rise_at(at, year))
    place = heads.rep.tolist()
    assert {(place[row], day, kept) for row, day, kept in heads.restarts} == {
        (org.rita, 90, 0.5), (org.rolf, 90, 0.5)
    }  # fmt: skip


def test_new_accounts_within_a_quarter_of_a_change_of_team_are_a_part_of_it(swapped: Cast) -> None:
    org = swapped.organisation
    _seat(org.rita, date(2026, 2, 1), team_id=org.south)
    store.refresh()
    found = changes(company().today)
    assert [one for one in found if one.rep == org.rita] == [
        (org.rita, date(2026, 2, 1), Change.SEAT)
    ]


@pytest.mark.parametrize(
    ("families", "seen"),
    [(("Racks", "Cloud"), 1), (("Racks", "Racks"), 0), ((None, "Cloud"), 0), (("Racks", None), 0)],
)
def test_another_product_family_in_the_same_seat_is_a_change_and_an_unknown_one_tells_nothing(
    sold: Cast, families: tuple[str | None, str | None], seen: int
) -> None:
    rita = sold.organisation.rita
    for day, family in zip((date(2024, 1, 1), DAY), families, strict=True):
        _seat(rita, day, product_family=family)
    store.refresh()
    assert changes(company().today) == [(rita, DAY, Change.PRODUCT)] * seen
