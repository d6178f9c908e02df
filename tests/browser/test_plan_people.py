"""What a plan rests on: its capacity, hires advised, fairness, the long view and segments."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning import queries, service
from perilune.planning.contracts import Leave, Shock, What
from tests.browser.visiting import wide_tables

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


@pytest.mark.timeout(600)
def test_a_plan_is_staffed_by_advice_and_shown_to_be_fair_and_the_years_after_follow(
    site: Site,
) -> None:
    plan = _plan(site)
    visit = site.visit("analyst", language="fr")
    _hiring(visit, plan)
    _capacity(visit, plan)
    _fairness(visit, plan)
    _long_view(visit, plan)
    assert visit.complaints == []


@pytest.mark.timeout(600)
def test_segments_are_cut_approved_by_another_applied_and_taken_back(site: Site) -> None:
    analyst = site.visit("analyst")
    address = _cut(analyst)
    director = site.visit("director")
    page = director.page
    page.goto(address)
    director.follow(page.get_by_role("button", name="Approve", exact=True))
    moved = page.locator("#segment-shifts tfoot .num").first.inner_text()
    assert int(moved.replace(",", "")) > 0, "the preview says how many accounts move"
    director.follow(page.get_by_role("button", name="Apply to accounts"))
    expect(page.locator(".timeline")).to_contain_text(f"{moved} accounts changed")
    page.goto(f"{site.url}/plan/segments/")
    expect(page.locator(".table-box").first).to_contain_text("Large firms")
    page.goto(address)
    director.follow(page.get_by_role("button", name="Take back", exact=True))
    expect(page.locator(".timeline")).to_contain_text("taken back since")
    assert analyst.complaints == [] and director.complaints == []


@pytest.mark.timeout(600)
def test_events_of_a_scenario_are_taken_into_a_plan_and_the_plan_opens_as_one(site: Site) -> None:
    plan = _plan(site)
    number = int(plan.rstrip("/").rpartition("/")[2])
    year = queries.loaded_plan(number).head.year
    reps = [row for row in queries.loaded_plan(number).content.units.values() if row.number > 0]
    leaver = next(row.number for row in reps if row.kind == "rep")
    made = service.scenario_create("Loss", str(year), actor="analyst")
    for edit in (Leave(leaver, date(year, 12, 15)), Shock(What.ARRIVAL, 0.9, date(year, 12, 1))):
        service.edit_add(made, edit, actor="analyst", scope=Scope.company())
    visit = site.visit("analyst")
    page = visit.page
    page.goto(f"{plan}people/")
    visit.follow(page.get_by_role("link", name="Take from a scenario"))
    visit.follow(page.get_by_role("link", name="Loss"))
    expect(page.get_by_text("A plan has amounts, and no market that changes.")).to_be_visible()
    visit.follow(page.get_by_role("button", name="Take as one edition"))
    expect(page.locator(".plan-event")).to_contain_text("from the scenario “Loss”")
    expect(page.locator(".plan-ties")).to_contain_text("Both say the same.")
    visit.follow(page.get_by_role("button", name="Open as a scenario"))
    expect(page.locator(".scenario-edits li")).to_have_count(1)
    expect(page.locator(".plan-ties")).to_contain_text("Opened from it. Both say the same.")
    assert visit.complaints == []


def _plan(site: Site) -> str:
    """Make a plan of the year under way, reconciled; making one by hand is tested elsewhere."""
    year = int(company().calendar.year_of(company().today.day).name)
    proposal = service.Proposal(0.3, 0.0, 0.05)
    made = service.create_plan("Staffed", year, actor="analyst", scope=Scope.company(),
                               from_last_year=proposal)  # fmt: skip
    edition = queries.loaded_plan(made).head.edition
    service.reconcile(made, edition, actor="analyst", scope=Scope.company())
    return f"{site.url}/plan/{made}/"


def _hiring(visit: Visit, plan: str) -> None:
    """Ask when to hire whom, wait for the answer, take it into the plan."""
    page = visit.page
    page.goto(f"{plan}hiring/")
    expect(page.get_by_text("Aucun conseil n’a encore été demandé")).to_be_visible()
    page.get_by_label("Probabilité voulue, %").fill("95")
    page.get_by_label("Durée du recrutement, mois").fill("1")
    page.get_by_label("Montée en charge d’un nouveau vendeur, jours").fill("30")
    page.get_by_label("Nouveaux vendeurs au plus par équipe ou segment").fill("2")
    visit.follow(page.get_by_role("button", name="Demander conseil"))
    visit.work()
    expect(page.locator("#starts tbody tr").first).to_be_visible()
    expect(page.locator("#hiring-odds tbody tr")).to_have_count(2)
    assert wide_tables(page) == []
    visit.follow(page.get_by_role("button", name="Reprendre dans le plan"))
    expect(page.locator(".plan-event").first).to_contain_text("rejoin")
    visit.follow(page.get_by_role("button", name="Rapprocher", exact=True))
    expect(page.locator(".finding")).to_contain_text("quotas terrain")


def _capacity(visit: Visit, plan: str) -> None:
    """Months by name, the people behind a figure in the drawer, another count, the workbook."""
    page = visit.page
    visit.page.goto(f"{plan}capacity/")
    visit.settle()
    months = page.locator(".capacity-months thead th")
    expect(months.nth(2)).to_have_text(re.compile("^janv. "))
    assert wide_tables(page) == []
    page.locator("#capacity-units tbody tr").first.locator("a.why").first.click()
    expect(page.locator("#drawer")).to_contain_text("Personnes")
    page.goto(f"{plan}capacity/?show=target")
    with page.expect_download() as loading:
        page.locator(".capacity-months .exports a").click()
    assert loading.value.suggested_filename.endswith(".xlsx")


def _fairness(visit: Visit, plan: str) -> None:
    page = visit.page
    page.goto(f"{plan}fairness/")
    visit.settle()
    expect(page.locator(".finding")).to_contain_text("quota")
    expect(page.locator("#fairness-reps tbody tr").first).to_be_visible()
    assert wide_tables(page) == []


def _long_view(visit: Visit, plan: str) -> None:
    """Type a year's growth and keep it: a version that the page shows from then on."""
    page = visit.page
    page.goto(f"{plan}capacity/")
    visit.follow(page.get_by_role("link", name="Vue à long terme"))
    assert wide_tables(page) == []
    _type(page, "year|", "12,5")
    visit.follow(page.get_by_role("button", name="Enregistrer une nouvelle version").first)
    expect(page.locator("#long-versions tbody tr")).to_have_count(1)
    expect(page.locator("#long-years tbody tr").first).to_contain_text("12,5")


def _type(page: Page, field: str, text: str) -> None:
    """Type into the first cell of a grid whose field begins so."""
    cell = page.locator(f"td.grid-editable[data-field^='{field}']").first
    cell.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("[data-grid-count]").first).to_have_text("1")


def _cut(visit: Visit) -> str:
    """Make a version by cutting a number into bands, and submit it."""
    page = visit.page
    page.goto(f"{visit.url}/plan/segments/")
    visit.follow(page.get_by_role("button", name="Make the version"))
    address = page.url
    rules = page.locator(".scenario-edits li")
    for left in range(rules.count(), 0, -1):  # it begins with the rules in force
        expect(rules).to_have_count(left)
        visit.follow(rules.first.get_by_role("button", name="Remove"))
    visit.follow(page.get_by_role("link", name="Cut into bands"))
    page.get_by_role("textbox", name="Edges").fill("200")
    page.get_by_role("textbox", name="Segments").fill("Small firms; Large firms")
    visit.follow(page.get_by_role("button", name="Add the bands"))
    expect(rules).to_have_count(2)
    visit.follow(page.get_by_role("button", name="Submit", exact=True))
    expect(page.locator("h1")).to_contain_text("submitted")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    return address
