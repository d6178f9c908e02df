"""The planning season: check-list, readiness, approval courtesy, what reps and managers read."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from perilune.crm.testing import Book
from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.contracts import RIGHTS, Role
from perilune.people.queries import company, scope_for
from perilune.people.service import note_import
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.contracts import (
    Hire,
    Lack,
    Level,
    Place,
    PlanState,
    TaskState,
    UnitRow,
    task_state,
)
from perilune.planning.queries.plans import loaded_plan
from perilune.store import service as store

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
TODAY, NEW_YEAR = date(2025, 12, 15), date(2026, 1, 1)
CHECKER = RIGHTS[Role.OPS_MANAGER]


@pytest.fixture
@made_once
def plan(book: Book, cast: Cast) -> int:
    """90,000 a month over three reps, a quarter more assigned in the north; reconciled."""
    org = cast.organisation
    store.refresh()
    note_import(TODAY)
    made = service.create_plan("Plan 2026", 2026, **BY)
    places = {Place(Level.OPERATING, "company", month): 90_000_00 for month in range(1, 13)}
    service.set_cells(made, 1, places, **BY)
    service.set_rule(made, _edition(made), UnitRow(f"team:{org.north}", over=2_500), **BY)
    for rep, weight in ((org.rita, 1.0), (org.rolf, 1.7), (org.sara, 2.3)):
        service.set_rule(made, _edition(made), UnitRow(f"rep:{rep}", weight=weight), **BY)
    assert service.reconcile(made, _edition(made), **BY) == []
    return made


def _edition(plan: int) -> int:
    return loaded_plan(plan).head.edition


def _view(plan: int, user: Any = None) -> Any:
    if user is None:
        return queries.plan(plan, ALL, "director")
    return queries.plan(plan, scope_for(user), user.username)


def _states(plan: int, day: date) -> list[TaskState]:
    view = _view(plan)
    return [task_state(task, view.head, day) for task in view.tasks]


def _published(plan: int) -> None:
    service.submit_plan(plan, _edition(plan), **BY)
    service.approve_plan(plan, _edition(plan), **OTHER)
    service.publish_plan(plan, _edition(plan), NEW_YEAR, **OTHER)


def _text(response: Any) -> str:
    return re.sub(r"[ \t\n]+", " ", response.content.decode())


# -- the check-list --------------------------------------------------------------------------------


def test_a_line_is_late_after_its_day_and_its_owner_is_told_a_week_before(plan: int) -> None:
    day = TODAY + timedelta(days=7)
    line = service.task_save(plan, None, "Agree with finance", owner="analyst", due=day, **BY)
    told = queries.due_tasks("analyst", company().today)
    assert [(one.task.id, one.state) for one in told] == [(line, TaskState.SOON)]
    assert _states(plan, day + timedelta(days=1))[-1] is TaskState.LATE
    assert queries.due_tasks("director", company().today) == [], "others are not told"
    service.task_save(plan, line, "Agree", owner="analyst", due=day + timedelta(days=1), **BY)
    assert queries.due_tasks("analyst", company().today) == []
    service.task_done(plan, line, True, **BY)
    assert _states(plan, day + timedelta(days=30))[-1] is TaskState.DONE
    with pytest.raises(Invalid, match="viewer cannot open annual plans"):
        service.task_save(plan, line, "Agree", owner="viewer", due=None, **BY)
    with pytest.raises(NotFound, match="no such line"):
        service.task_save(plan, 999, "Agree", owner="", due=None, **BY)


def test_approval_ticks_its_line_and_a_published_plan_closes_the_rest(plan: int) -> None:
    line = service.task_save(plan, None, "Late", owner="analyst", due=TODAY, **BY)
    _published(plan)
    view = _view(plan)
    by = {task.title: task.done_by for task in view.tasks}
    assert by["Plan approved"] == "ops_manager"
    assert _states(plan, NEW_YEAR)[-1] is TaskState.CLOSED
    assert queries.due_tasks("analyst", company().today) == []
    with pytest.raises(Invalid, match="The season of “Plan 2026” is over"):
        service.task_done(plan, line, True, **BY)
    service.unpublish_plan(plan, _edition(plan), **OTHER)
    service.task_done(plan, line, True, **BY)


def test_what_the_data_lack_is_counted_and_opens_its_rows(plan: int, client: Client) -> None:
    note_import(date(2026, 9, 1))
    view, at = _view(plan), company().today
    counted = {one.lack: one for one in queries.readiness(view, ALL, at)}
    for lack in Lack:
        rows = queries.lacking(view, lack, ALL, at)
        assert counted[lack].count == len(rows) <= counted[lack].total, lack
    assert counted[Lack.TERRITORY].count == counted[Lack.TERRITORY].total > 0
    assert counted[Lack.QUOTA].count == counted[Lack.START].count == 0
    login(client, "analyst")
    service.change_plan(plan, _edition(plan), shared_with=["analyst"], **BY)
    page = _text(client.get(f"/plan/{plan}/season/"))
    assert f"/plan/{plan}/season/territory/" in page and "Plan approved" in page
    rows_page = client.get(f"/plan/{plan}/season/territory/")
    assert "/records/account/" in _text(rows_page)
    assert client.get(f"/plan/{plan}/season/luck/").status_code == 404
    posted = {"title": "Chase the north", "owner": "analyst", "due": "2025-12-01"}
    told = _text(client.post(f"/plan/{plan}/season/add/", posted, follow=True))
    assert "Chase the north" in told and "late" in told


# -- approval --------------------------------------------------------------------------------------


def test_rule_27_who_may_approve_is_told_and_the_maker_is_not(plan: int) -> None:
    assert queries.to_approve("ops_manager", ALL, CHECKER) == []
    service.submit_plan(plan, _edition(plan), **BY)
    assert [head.id for head in queries.to_approve("ops_manager", ALL, CHECKER)] == [plan]
    assert queries.to_approve("director", ALL, CHECKER) == []
    assert queries.to_approve("analyst", ALL, RIGHTS[Role.ANALYST]) == []


def test_a_submitted_plan_is_withdrawn_by_its_author_alone(plan: int) -> None:
    service.submit_plan(plan, _edition(plan), **BY)
    with pytest.raises(Refused, match="Only who made or submitted"):
        service.withdraw_plan(plan, _edition(plan), **OTHER)
    service.withdraw_plan(plan, _edition(plan), **BY)
    head = loaded_plan(plan).head
    assert (head.state, head.submitted_by) == (PlanState.DRAFT, "")
    with pytest.raises(Invalid, match="is draft: this cannot be done"):
        service.withdraw_plan(plan, _edition(plan), **BY)


def test_the_reason_of_a_refusal_reaches_the_author_and_stays(plan: int) -> None:
    service.submit_plan(plan, _edition(plan), **BY)
    service.reject_plan(plan, _edition(plan), "North carries too much", **OTHER)
    assert [head.reason for head in queries.sent_back("director")] == ["North carries too much"]
    service.submit_plan(plan, _edition(plan), **BY)
    assert queries.sent_back("director") == [] and loaded_plan(plan).head.reason == ""
    said = [(one.actor, one.text) for one in _view(plan).comments]
    assert said == [("ops_manager", "North carries too much")]


# -- what is published -----------------------------------------------------------------------------


def test_rule_28_a_rep_reads_the_own_street_quota_of_the_plan_in_force_and_nothing_else(
    plan: int, cast: Cast, client: Client
) -> None:
    rita = cast.organisation.rita
    _published(plan)
    assert queries.own_quota(rita, company().today) is None, "not before its day"
    note_import(NEW_YEAR)
    service.activate_plans()
    found = queries.own_quota(rita, company().today)
    content = loaded_plan(plan).content
    assert found is not None and sum(found[1].values()) == content.year(Level.STREET, f"rep:{rita}")
    login(client, "rep")
    page = _text(client.get("/plan/letters/"))
    assert "My quota of 2026 by month" in page and "Jan 2026" in page
    assert "25" not in re.findall(r"\+(\d+)", page), "over-assignment is not told"
    assert "Rolf" not in page and client.get(f"/plan/{plan}/").status_code == 403
    assert "My quota by month" in _text(client.get("/settings/me/"))


def test_a_manager_reads_the_own_subtree_of_a_published_plan(
    plan: int, cast: Cast, client: Client
) -> None:
    org = cast.organisation
    with pytest.raises(NotFound):
        _view(plan, cast.sales_manager)
    _published(plan)
    seen = set(_view(plan, cast.sales_manager).content.units)
    assert seen >= {f"rep:{org.rita}", f"rep:{org.rolf}", f"team:{org.north}"}
    assert f"rep:{org.sara}" not in seen and "company" not in seen
    login(client, "sales_manager")
    page = _text(client.get(f"/plan/{plan}/"))
    assert "Rita" in page and "Sara" not in page
    assert "Save as fixed" not in page and "Submit" not in page


def test_several_hires_of_one_line_are_one_row_that_says_how_many(
    plan: int, cast: Cast, client: Client
) -> None:
    hire = Hire(cast.organisation.north, date(2026, 3, 1), heads=3)
    number = service.people_add(plan, _edition(plan), hire, **BY)
    assert service.reconcile(plan, _edition(plan), **BY) == []
    content = loaded_plan(plan).content
    rows = [row for row in content.units.values() if row.number == -number and row.kind == "rep"]
    assert len(rows) == 1 and content.year(Level.STREET, f"rep:-{number}")
    for month in (1, 2):
        assert content.amount(Level.STREET, f"rep:-{number}", month) == 0
    login(client, "director")
    page = _text(client.get(f"/plan/{plan}/"))
    assert "3 × seller, from Mar\xa01, 2026" in page
    service.submit_plan(plan, _edition(plan), **BY)
    other = Client()
    login(other, "ops_manager")
    assert "3 × seller" not in _text(other.get(f"/plan/{plan}/")), "hires are told by name (24)"
