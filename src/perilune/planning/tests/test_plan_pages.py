"""The pages of a plan: its tables as workbooks, who may put it away, which step it took."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from perilune.kernel.scope import Scope
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.contracts import Level, PlanState
from perilune.planning.queries.plans import loaded_plan

pytestmark = pytest.mark.django_db
ALL = Scope.company()


@pytest.fixture
def plan(sold: Cast) -> int:
    made = service.create_plan(
        "2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.25), actor="analyst", scope=ALL
    )
    service.reconcile(made, _edition(made), actor="analyst", scope=ALL)
    return made


def _edition(plan: int) -> int:
    return loaded_plan(plan).head.edition


def _as(client: Client, user: str) -> Client:
    login(client, user)
    return client


def test_the_tables_of_a_plan_leave_as_workbooks_of_what_the_page_shows(
    client: Client, plan: int
) -> None:
    analyst = _as(client, "analyst")
    year = queries.company_years([plan])[plan][Level.OPERATING]
    assert year == loaded_plan(plan).content.year(Level.OPERATING, "company")
    answer: Any = analyst.get(f"/plan/{plan}/tables/sums.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    amounts = [row[2] for row in rows if row[:2] == ["Company", "Operating plan"]]
    assert amounts == [year / 100]
    assert analyst.get(f"/plan/{plan}/tables/nothing.xlsx").status_code == 404
    assert analyst.get(f"/plan/{plan}/tables/compared.xlsx").status_code == 404, "no other plan"


def test_its_author_puts_a_draft_away_and_nobody_else_who_may_not_publish(
    client: Client, plan: int
) -> None:
    away = f"/plan/{plan}/archive/now/"
    analyst = _as(client, "analyst")
    assert "Archive the plan" in analyst.get(f"/plan/{plan}/settings/").content.decode()
    service.submit_plan(plan, _edition(plan), actor="analyst", scope=ALL)
    assert analyst.post(away, {"edition": _edition(plan)}).status_code == 403
    service.withdraw_plan(plan, _edition(plan), actor="analyst", scope=ALL)
    edition = {"edition": _edition(plan)}
    assert analyst.post(away, edition).headers["Location"] == "/plan/"
    assert loaded_plan(plan).head.state is PlanState.ARCHIVED


def test_the_changes_of_a_plan_say_which_step_it_took(client: Client, plan: int) -> None:
    service.submit_plan(plan, _edition(plan), actor="analyst", scope=ALL)
    service.approve_plan(plan, _edition(plan), actor="director", scope=ALL)
    page = _as(client, "analyst").get(f"/plan/{plan}/").content.decode()
    assert page.index("approved the plan") < page.index("submitted the plan")
    assert page.index("submitted the plan") < page.index("reconciled the quotas")


def test_a_plan_is_handed_over_once_its_sums_hold(client: Client, plan: int) -> None:
    analyst = _as(client, "analyst")
    submit = f'action="/plan/{plan}/submit/now/"'
    assert submit in analyst.get(f"/plan/{plan}/").content.decode()
    service.undo_plan(plan, _edition(plan), actor="analyst", scope=ALL)
    page = analyst.get(f"/plan/{plan}/").content.decode()
    assert submit not in page and "Reconcile first" in page
