"""The design of a draft: a job, its steps, its locks, what it says when it cannot."""

from typing import Any

import numpy as np
import pytest

from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.queries import job as status
from perilune.kernel.errors import Conflict, Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import scope_for
from perilune.territories import queries, service
from perilune.territories.contracts import Asked, Attribute
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import make_ground

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}


@pytest.fixture
def ground():
    return make_ground(60)


@pytest.fixture
@made_once
def draft(ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.1)], **BY)


def _designed(draft: int, asked: Asked, edition: int = 1):
    """Run the job to its end as the worker does, step by step."""
    job = service.design_draft(draft, edition, asked, **BY)
    steps = 0
    while not status(job).state.is_over:
        jobs.step(job, steps)
        steps += 1
    return status(job), steps


def test_a_design_balances_the_accounts_that_have_a_place(draft) -> None:
    done, steps = _designed(draft, Asked(k=4))
    assert done.state is State.DONE, done.error
    assert steps == 3 and done.result["is_within"] and done.result["edition"] == 2
    found = loaded(draft)
    count = np.bincount(found.territory[found.accounts.placed], minlength=4)
    assert count.sum() == 60 and count.max() <= 16 and count.min() >= 14
    assert [row.rep_id is None for row in found.rows] == [False, False, False, True]
    assert found.rows[3].name == "Territory 4"


def test_accounts_without_a_place_stay_with_who_has_them(ground, draft) -> None:
    before = loaded(draft)
    lost = ~before.accounts.placed
    _designed(draft, Asked(k=4))
    assert (loaded(draft).territory[lost] == before.territory[lost]).all()


def test_what_keeps_accounts_where_they_are_moves_fewer_of_them(draft) -> None:
    free = service.clone_draft(draft, "Free", **BY)
    _designed(free, Asked(k=4))
    _done, steps = _designed(draft, Asked(k=4, stay=2.0))
    assert steps == 4
    moved = [int((loaded(d).territory != loaded(d).present).sum()) for d in (free, draft)]
    assert moved[1] <= moved[0]
    assert loaded(draft).head.settings["proof"]["is_within"]


def test_a_design_is_taken_back_as_one_change_with_its_territories(draft) -> None:
    before = loaded(draft)
    _designed(draft, Asked(k=2))
    assert len(loaded(draft).rows) == 2
    service.undo(draft, 2, **BY)
    after = loaded(draft)
    assert after.rows == before.rows and (after.territory == before.territory).all()
    service.redo(draft, 3, **BY)
    assert len(loaded(draft).rows) == 2


def test_locked_territories_and_accounts_are_left_as_they_are(draft) -> None:
    service.lock(draft, 1, territory=0, **BY)
    alone = int(np.flatnonzero(loaded(draft).territory == 2)[-1])
    service.lock(draft, 2, units=[alone], **BY)
    before = loaded(draft).territory
    done, __ = _designed(draft, Asked(k=5), edition=3)
    assert done.state is State.DONE, done.error
    after = loaded(draft).territory
    assert ((after == 0) == (before == 0)).all()
    assert after[alone] == before[alone]


def test_the_hours_of_a_rep_find_the_number_of_territories(ground) -> None:
    by = [Attribute("workload:headcount:60", 0.2)]
    draft = service.create_draft("Visits", by, **BY)
    done, __ = _designed(draft, Asked(hours=200))
    assert done.state is State.DONE, done.error
    found = loaded(draft)
    visits = found.accounts.loads[found.accounts.placed, 0].sum()
    assert len(found.rows) == done.result["territories"]
    assert len(found.rows) >= visits / 200


def test_a_change_made_meanwhile_stands_and_the_job_says_so(draft) -> None:
    job = service.design_draft(draft, 1, Asked(k=4), **BY)
    jobs.step(job, 0)
    service.move_units(draft, 1, [0], 2, **BY)
    jobs.step(job, 1)
    done = status(job)
    assert done.state is State.FAILED and "changed while it was being designed" in done.error
    assert loaded(draft).territory[0] == 2


def test_what_cannot_be_designed_is_said_before_the_job_starts(ground, draft) -> None:
    with pytest.raises(Invalid, match=r"fewer accounts with a place \(60\) than territories \(61"):
        service.design_draft(draft, 1, Asked(k=61), **BY)
    with pytest.raises(Invalid, match="how many territories"):
        service.design_draft(draft, 1, Asked(), **BY)
    with pytest.raises(Invalid, match="only where a workload"):
        service.design_draft(draft, 1, Asked(hours=100), **BY)
    with pytest.raises(Conflict):
        service.design_draft(draft, 7, Asked(k=2), **BY)
    nora = scope_for(ground.cast.sales_manager)
    with pytest.raises(Refused, match="beyond your reps"):
        service.design_draft(draft, 1, Asked(k=2), actor="sales_manager", scope=nora)
    service.lock(draft, 1, territory=0, **BY)
    with pytest.raises(Invalid, match=r"Too few territories \(1\)"):
        service.design_draft(draft, 2, Asked(k=1), **BY)


def test_a_manager_designs_a_draft_of_their_own_reps(ground) -> None:
    by: dict[str, Any] = {"actor": "sales_manager", "scope": scope_for(ground.cast.sales_manager)}
    draft = service.create_draft("North", [Attribute("accounts", 0.1)], **by)
    assert [row.name for row in queries.draft(draft, by["scope"], by["actor"]).rows] == [
        "Rita", "Rolf",
    ]  # fmt: skip
    job = service.design_draft(draft, 1, Asked(k=2), **by)
    for step in range(3):
        jobs.step(job, step)
    assert status(job).state is State.DONE
