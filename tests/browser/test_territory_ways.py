"""Rules, re-balancing and the gap to the plan, each a short way through its page in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning import service as planning
from perilune.territories import service
from perilune.territories.contracts import Attribute
from tests.browser.visiting import run_jobs

if TYPE_CHECKING:
    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

ALL = Scope.company()


def drafted(name: str) -> int:
    balance = [Attribute("accounts", 0.3)]
    return service.create_draft(name, balance, actor="analyst", scope=ALL)


@pytest.mark.timeout(400)
def test_rules_are_made_from_a_plan_and_one_is_switched_off_and_taken_back(site: Site) -> None:
    plan = drafted("Rules")
    visit = site.visit("analyst")
    page = visit.go(f"/territories/{plan}/rules/")
    page.locator("[name=first]").select_option("country")
    page.locator("[name=code]").select_option("postcode")
    visit.follow(page.get_by_role("button", name="Make the rules"))
    rules = page.locator("#rules tbody tr")
    expect(rules.first).to_contain_text("takes accounts where “Country” is")
    expect(page.get_by_role("heading", name="Elsewhere than the plan")).to_have_count(0)
    visit.follow(rules.first.get_by_role("button", name="Switch off"))
    expect(rules.first).to_contain_text("off")
    visit.follow(page.get_by_role("button", name="Take back").first)
    expect(rules.first.get_by_role("button", name="Switch off")).to_be_visible()
    assert visit.complaints == []


@pytest.mark.timeout(400)
def test_a_design_and_a_re_balance_are_followed_and_an_option_becomes_the_draft(
    site: Site,
) -> None:
    plan = drafted("Ways")
    visit = site.visit("analyst")
    page = visit.go(f"/territories/{plan}/")
    expect(page.locator("[name=near]")).to_have_value("8.0")
    page.locator("[name=near]").fill("20")
    page.locator("[name=stay]").select_option("100")
    page.get_by_role("button", name="Design", exact=True).click()
    expect(page.locator("#design-steps .steps")).to_be_visible()
    run_jobs()
    # nobody touches the page: it is read again when its job is over
    expect(page.locator("#design-steps")).to_have_count(0)
    expect(page.locator("#studio-changes")).to_contain_text("designed")
    expect(page.locator("[name=near]")).to_have_value("20.0")
    expect(page.locator("[name=stay]")).to_have_value("100")
    visit.go(f"/territories/{plan}/rebalance/")
    page.get_by_role("button", name="Compute the options").click()
    expect(page.locator("#rebalance-steps .steps")).to_be_visible()
    run_jobs()
    expect(page.locator("#rebalance-steps")).to_have_count(0)
    options = page.locator("#frontier tbody tr")
    expect(options.nth(2)).to_be_visible()
    option = options.nth(3).locator("a")  # after today, the draft and a plan from scratch
    name = option.inner_text()
    visit.follow(option)
    expect(page.locator("#hand-over")).to_contain_text(name)
    take = page.get_by_role("button", name="Make it the draft")
    if take.count():
        take.click()
        page.wait_for_url(re.compile(rf"/territories/{plan}/$"))
        expect(page.locator("#studio-changes")).to_contain_text("re-balanced")
    assert visit.complaints == []


@pytest.mark.timeout(200)
def test_the_gap_to_the_plan_says_what_would_close_it(site: Site) -> None:
    year = company().calendar.year_of(company().today.day).fiscal_year
    plan = planning.create_plan(
        "Gap", year, from_last_year=planning.Proposal(0.2, 0.0, 0.0), actor="analyst", scope=ALL
    )
    visit = site.visit("analyst")
    page = visit.go(f"/plan/{plan}/gap/")
    for label in ("Attainment", "Pace", "Still to book", "Year at this pace"):
        expect(page.locator(".kpi", has_text=label).first).to_be_visible()
    expect(page.locator("#plan-gap canvas, [data-chart] canvas").first).to_be_visible()
    company_row = page.get_by_role("row", name=re.compile("^Company Operating plan"))
    expect(company_row.first).to_be_visible()
    assert visit.complaints == []
