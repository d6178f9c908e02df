"""The year of a plan: whose quotas it shows, the day that is proposed, who leaves, in a file."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from perilune.crm.testing import KNOWN
from perilune.history.service import change_set
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Registry, YearPlan
from perilune.people.queries import company, scope_for
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute, QuotaSource
from perilune.territories.queries import years
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}
NEXT = date(2027, 1, 1)
BRITISH = {"accept-language": "en-GB"}


@pytest.fixture
def ground() -> Ground:
    return make_ground()


@pytest.fixture
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.5)], **BY)


@pytest.fixture
def answers(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What higher rooms answer: a draft of next year's plan, and departures that are planned."""
    who = ground.cast.organisation
    told: dict[str, Any] = {"leaves": {}, "quotas": {who.rita: 500_000, who.sara: 300_000}}

    def planned(day: date, scope: Scope, _actor: str) -> YearPlan | None:
        if day.year != NEXT.year:
            return None
        quotas = {rep: amount for rep, amount in told["quotas"].items() if scope.sees(rep)}
        return YearPlan("Plan 2027", "draft", NEXT, date(2027, 12, 31), False, quotas)

    plans: Any = Registry("annual plan")
    plans.add("planning", planned)
    leavers: Any = Registry("departures")
    leavers.add("forecasting", lambda _scope, _actor: told["leaves"])
    monkeypatch.setattr(years, "YEAR_PLANS", plans)
    monkeypatch.setattr(years, "LEAVERS", leavers)
    return told


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_first_day_of_next_year_is_proposed_once_its_plan_exists(
    plan: int, answers: dict[str, Any]
) -> None:
    assert queries.proposed_day(ALL, "analyst") == NEXT
    period = years.period_of(loaded(plan).head, ALL, "analyst")
    assert (period.start, period.end) == (NEXT, date(2027, 12, 31))
    sheet = queries.sheet(plan, ALL, "analyst")
    assert sheet.quota_of == QuotaSource("2027", "Plan 2027", False, "draft")
    assert {row.name: row.quota for row in sheet.territories} == {
        "Rita": 500_000, "Rolf": None, "Sara": 300_000,
    }  # fmt: skip
    assert sheet.total.quota == 800_000


def test_without_it_quotas_are_those_of_the_running_year(plan: int) -> None:
    assert queries.proposed_day(ALL, "analyst") is None
    head = loaded(plan).head
    assert years.day_of(head, ALL, "analyst") == company().today.day
    source = queries.sheet(plan, ALL, "analyst").quota_of
    assert source is None or (source.year, source.is_in_force) == ("2026", True)


def test_a_manager_reads_the_quotas_of_their_reps_alone(
    plan: int, ground: Ground, answers: dict[str, Any]
) -> None:
    nora = scope_for(ground.cast.sales_manager)
    shown = {row.name: row.quota for row in queries.sheet(plan, nora, "sales_manager").territories}
    assert "Sara" not in shown and shown["Rita"] == 500_000


def test_who_leaves_and_keeps_a_territory_is_told_before_publishing(
    plan: int, ground: Ground, answers: dict[str, Any], client: Client
) -> None:
    who = ground.cast.organisation
    answers["leaves"] = {who.rita: date(2026, 12, 18), who.sara: date(2027, 3, 31), 999: NEXT}
    found = queries.leavers(queries.draft(plan, ALL, "director"), ALL, "director")
    assert [(one.rep, one.territories, one.from_start) for one in found] == [
        ("Rita", ("Rita",), True), ("Sara", ("Sara",), False),
    ]  # fmt: skip
    login(client, "director")
    for address in ("seats", "publish"):
        page = text_of(client.get(f"/territories/{plan}/{address}/", headers=BRITISH))
        assert "Rita leaves on 18 Dec 2026, before the plan begins" in page
        assert "Sara leaves on 31 Mar 2027, while the plan runs" in page
    assert 'value="2027-01-01"' in page and "1 Jan 2027 is proposed" in page
    seats = {one.name: one.rep for one in queries.seating(plan, ALL, "director")}
    assert "Rita" not in seats.values(), "nobody is seated who is gone by then"
    assert seats["Sara"] == "Sara"


def test_two_plans_are_compared_rep_by_rep_and_taken_along(
    plan: int, ground: Ground, answers: dict[str, Any], client: Client
) -> None:
    other = service.clone_draft(plan, "Other", **BY)
    units = queries.points(plan, ALL, "analyst")["territory"]
    rows = {row.name: row.number for row in loaded(plan).rows}
    chosen = [u for u, t in enumerate(units) if t == rows["Rita"]][:5]
    service.move_units(other, 1, chosen, rows["Sara"], **BY)
    login(client, "director")
    page = text_of(client.get(f"/territories/{plan}/compare/?with={other}"))
    assert "5 accounts are with another rep" in page and "Plan 2027 (draft)" in page
    assert "no model of chances is on record" in page, "nothing is claimed without a model"
    answer = client.get(f"/territories/{plan}/compare/{other}/export.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))  # type: ignore[arg-type]
    assert book.sheet_names[:3] == ["By rep", "As wholes", "Accounts"]
    heads, *rows_ = book.get_sheet_by_name("By rep").to_python()
    at = {name: heads.index(name) for name in ("Rep", "Plan", "Accounts", "Quota (EUR)")}
    said = {(row[at["Rep"]], row[at["Plan"]]): row for row in rows_}
    before, after = said["Rita", "Autumn"], said["Rita", "Other"]
    assert after[at["Accounts"]] == before[at["Accounts"]] - 5
    assert before[at["Quota (EUR)"]] == 5000
    assert len(book.get_sheet_by_name("Accounts").to_python()) == 1 + 5
    wholes = {row[0]: row[1:] for row in book.get_sheet_by_name("As wholes").to_python()}
    assert wholes["Accounts that change hands"] == [0, 5]
    assert client.get(f"/territories/{plan}/compare/{plan}/export.xlsx").status_code == 404


def test_a_last_day_on_record_counts_by_itself(plan: int, ground: Ground) -> None:
    today = company().today.day
    with change_set(actor="x", title="", known_at=KNOWN) as w:
        w.change("rep", ground.cast.organisation.rolf, {"leave_date": today + timedelta(days=9)})
    (one,) = queries.leavers(queries.draft(plan, ALL, "director"), ALL, "director")
    assert (one.rep, one.last_day, one.from_start) == ("Rolf", today + timedelta(days=9), False)
