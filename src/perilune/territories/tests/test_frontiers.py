"""The frontier of a draft: computed by a job, a point taken as one change, what makes it stale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.queries import job as status
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import scope_for
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute, EditKind, Reason
from perilune.territories.engine import PENALTIES
from perilune.territories.models import Frontier
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}


@pytest.fixture
def ground() -> Ground:
    return make_ground(60)


@pytest.fixture
@made_once
def draft(ground: Ground) -> int:
    made = service.create_draft("Autumn", [Attribute("accounts", 0.1)], **BY)
    service.add_territory(made, 1, name="East", **BY)
    return made


def _run(draft: int, most: int = 99) -> int:
    job = service.rebalance_draft(draft, **BY)
    for step in range(most):
        if status(job).state.is_over:
            break
        jobs.step(job, step)
    return job


def _frontier(draft: int) -> Any:
    found = queries.frontier(draft, ALL, "analyst")
    assert found is not None
    return found


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_re_balance_leaves_the_draft_alone_and_shows_what_may_be_traded(draft: int) -> None:
    before = loaded(draft)
    assert queries.frontier(draft, ALL, "analyst") is None
    done = status(_run(draft))
    assert done.state is State.DONE, done.error
    assert done.done == done.total == len(PENALTIES) + 1
    after = loaded(draft)
    assert after.head.edition == before.head.edition
    assert (after.territory == before.territory).all()
    found = _frontier(draft)
    assert len(found.points) == len(PENALTIES) and not found.is_stale and found.taken is None
    # three hold twenty each, four may hold sixteen and a half: three times 3.5 of 60 must move
    assert found.floor == pytest.approx(3 * 3.5 / 60)
    for one in found.points:
        assert not one.is_met or one.moved >= found.floor - 1e-9
    assert found.today.moved == 0 and found.today.deviation == pytest.approx(1.0)
    assert found.draft.deviation == found.today.deviation, "the draft is what is held today"


def test_a_point_becomes_the_draft_with_what_was_shown_and_is_taken_back(draft: int) -> None:
    _run(draft)
    found = _frontier(draft)
    shown = queries.frontier_handover(draft, found.chosen, ALL, "analyst")
    before = loaded(draft)
    service.seat(draft, 2, 3, before.rows[0].rep_id, **BY)
    shown = queries.frontier_handover(draft, found.chosen, ALL, "analyst")
    service.take_point(draft, 3, found.chosen, **BY)
    now = queries.handover(draft, ALL, "analyst")
    assert [(row.account_id, row.to_rep, row.reason) for row in shown] == [
        (row.account_id, row.to_rep, row.reason) for row in now
    ]
    assert shown and all(row.reason is not Reason.BY_HAND for row in shown)
    view = queries.draft(draft, ALL, "analyst")
    assert view.edits[0].kind is EditKind.REBALANCE and view.proof_stands
    after = _frontier(draft)
    assert after.taken == found.chosen
    assert after.draft.moved == pytest.approx(found.points[found.chosen].moved)
    with pytest.raises(Invalid, match="already"):
        service.take_point(draft, 4, found.chosen, **BY)
    service.undo(draft, 4, **BY)
    assert (loaded(draft).territory == before.territory).all()


def test_another_point_may_be_taken_after_the_first_but_not_after_a_lock(draft: int) -> None:
    _run(draft)
    points = [queries.frontier_handover(draft, at, ALL, "analyst") for at in (0, 9)]
    assert len(points) == 2
    service.take_point(draft, 2, 0, **BY)
    taken = loaded(draft).territory
    service.move_units(draft, 3, [0], int(taken[0] != 1), **BY)
    assert not _frontier(draft).is_stale, "where free accounts are is not what was asked"
    service.lock(draft, 4, territory=0, **BY)
    assert _frontier(draft).is_stale
    with pytest.raises(NotFound, match="compute it again"):
        service.take_point(draft, 5, 1, **BY)


def test_locked_territories_and_accounts_stay_at_every_point(draft: int) -> None:
    service.lock(draft, 2, territory=0, **BY)
    alone = int(np.flatnonzero(loaded(draft).territory == 2)[-1])
    service.lock(draft, 3, units=[alone], **BY)
    before = loaded(draft).territory
    assert status(_run(draft)).state is State.DONE
    for edition, at in ((4, 0), (5, 9)):
        service.take_point(draft, edition, at, **BY)
        after = loaded(draft).territory
        assert ((after == 0) == (before == 0)).all() and after[alone] == before[alone]


def test_a_lock_set_meanwhile_stops_the_job_and_a_move_does_not(draft: int) -> None:
    job = service.rebalance_draft(draft, **BY)
    jobs.step(job, 0)
    with pytest.raises(Conflict, match="under way"):
        service.rebalance_draft(draft, **BY)
    service.move_units(draft, 2, [0], 3, **BY)
    jobs.step(job, 1)
    assert status(job).state is not State.FAILED
    service.lock(draft, 3, territory=1, **BY)
    jobs.step(job, 2)
    assert status(job).state is State.FAILED and "was changed while" in status(job).error


def test_a_cancelled_job_leaves_the_frontier_that_was_there(draft: int) -> None:
    _run(draft)
    kept = Frontier.objects.get(draft_id=draft).pk
    job = _run(draft, most=3)
    jobs.cancel(job)
    jobs.step(job, 3)
    assert status(job).state is State.CANCELLED
    assert list(Frontier.objects.values_list("id", flat=True)) == [kept]
    _run(draft)
    assert Frontier.objects.get(draft_id=draft).pk != kept, "the next one takes its place"


def test_who_sees_a_part_is_refused_and_who_sees_nothing_finds_nothing(
    ground: Ground, draft: int
) -> None:
    nora = scope_for(ground.cast.sales_manager)
    for verb in (
        lambda: queries.frontier(draft, nora, "sales_manager"),
        lambda: queries.frontier_handover(draft, 0, nora, "sales_manager"),
        lambda: service.rebalance_draft(draft, actor="sales_manager", scope=nora),
        lambda: service.take_point(draft, 2, 0, actor="sales_manager", scope=nora),
    ):
        with pytest.raises(Refused, match="beyond your reps"):
            verb()


def test_the_page_goes_from_nothing_by_the_job_to_the_draft(client: Client, draft: int) -> None:
    login(client, "analyst")
    address = f"/territories/{draft}/rebalance/"
    assert "No re-balance yet" in text_of(client.get(address))
    assert client.post(f"{address}compute/").status_code == 302
    waiting = text_of(client.get(address))
    assert "Re-balance territories" in waiting and "Compute the options" not in waiting
    from perilune.jobs.queries import recent_jobs

    job = recent_jobs(1, "territories.rebalance")[0]
    for step in range(20):
        if not status(job.id).state.is_over:
            jobs.step(job.id, step)
    shown = text_of(client.get(address))
    assert "Whatever the map, 17.5% of the workload must move" in shown
    assert "chart-frontier" in shown and "From scratch" in shown and "Make it the draft" in shown
    assert f'href="{address}?point=9#hand-over"' in shown, "a point is chosen without the chart"
    answer = client.post(f"{address}take/", {"edition": "2", "point": "0"})
    assert answer.headers["Location"] == f"/territories/{draft}/"
    assert "re-balanced" in text_of(client.get(f"/territories/{draft}/"))
    again = client.post(f"{address}take/", {"edition": "2", "point": "1"}, follow=True)
    assert "changed this plan meanwhile" in text_of(again)
    assert "is the draft" in text_of(client.get(address))


def test_a_plan_that_nobody_holds_says_so(ground: Ground, client: Client, draft: int) -> None:
    service.lock(draft, 2, territory=0, **BY)
    service.lock(draft, 3, territory=1, **BY)
    service.lock(draft, 4, territory=2, **BY)
    login(client, "analyst")
    shown = text_of(client.get(f"/territories/{draft}/rebalance/?point=3"))
    assert "No re-balance yet" in shown and "Compute the options" in shown
    answer = client.post(f"/territories/{draft}/rebalance/compute/", follow=True)
    assert "fewer accounts with a place (0) than territories (1)" in text_of(answer)
    assert not Frontier.objects.exists()
