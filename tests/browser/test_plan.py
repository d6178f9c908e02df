"""An annual plan from last year to the quotas of reps on its day, by analyst and director."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.people.queries import company
from perilune.store import service as store
from tests.browser.visiting import run_jobs

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

NAME = "Second half"


@pytest.mark.timeout(300)
def test_a_plan_is_built_reconciled_approved_by_another_and_in_force_on_its_day(
    site: Site, tmp_path: Path
) -> None:
    analyst = site.visit("analyst")
    plan = _build(analyst.page, site.url)
    _hire_and_lose(analyst.page, plan)
    _reconcile(analyst.page, plan)
    _workbook(analyst.page, plan, tmp_path)
    _submit(analyst.page, plan)
    director = site.visit("director")
    before = _target(director.page, site.url)
    _approve(director.page, plan)
    assert _target(director.page, site.url) == before, "not before it is in force"
    _publish(director.page, plan)
    after = _target(director.page, site.url)
    assert after != before, "the company's quotas are the plan's from its day on"
    assert analyst.complaints == [] and director.complaints == []


def _build(page: Page, url: str) -> str:
    page.goto(f"{url}/plan/")
    page.get_by_label("Name", exact=True).fill(NAME)
    year = company().calendar.year_of(company().today.day).name
    page.get_by_label("Fiscal year").select_option(year)
    page.get_by_label("Growth on the twelve months before, %").fill("25")
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_url(re.compile(r"/plan/\d+/$"))
    expect(page.locator(".finding")).to_contain_text("target")
    return page.url


def _hire_and_lose(page: Page, plan: str) -> None:
    page.goto(f"{plan}people/")
    page.get_by_role("link", name="Hire", exact=True).click()
    page.get_by_label("Team").select_option(index=1)
    page.get_by_label("First day").fill(company().today.day.isoformat())
    page.get_by_label("People").fill("2")
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator(".plan-event")).to_have_count(1)
    page.get_by_role("link", name="Departure", exact=True).click()
    page.get_by_label("Rep", exact=True).select_option(index=2)
    last = company().calendar.year_of(company().today.day).end
    page.get_by_label("Last day").fill(last.replace(month=9, day=30).isoformat())
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator(".plan-event")).to_have_count(2)


def _reconcile(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("button", name="Reconcile", exact=True).click()
    expect(page.get_by_text("every level sums to the cent")).to_be_visible()
    expect(page.locator(".finding")).to_contain_text("Street quotas")
    page.goto(f"{plan}sums/")
    expect(page.locator("#proof tbody tr").first).to_be_visible()
    expect(page.locator("#proof")).not_to_contain_text("months")


def _workbook(page: Page, plan: str, folder: Path) -> None:
    """Hand a leader's workbook out and take it back as it was: nothing changes."""
    page.goto(f"{plan}workbooks/")
    page.get_by_label("Workbook for").select_option(index=1)
    page.get_by_role("button", name="Make the workbook").click()
    expect(page.locator("#handed tbody tr")).to_have_count(1)
    with page.expect_download() as loading:
        page.locator("#handed tbody a").first.click()
    path = folder / "north.xlsx"
    loading.value.save_as(path)
    page.set_input_files("#files", path)
    page.get_by_role("button", name="Read the files").click()
    expect(page.locator(".finding")).to_contain_text("1 returned file waits: 0 amounts change.")
    page.get_by_role("button", name="Close these files: nothing changes").click()
    page.wait_for_url(plan)


def _submit(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("h1")).to_contain_text("submitted")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)


def _approve(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("h1")).to_contain_text("approved")


def _publish(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("link", name="Publish", exact=True).click()
    page.locator("[name=effective_from]").fill(company().today.day.isoformat())
    page.locator("main form").get_by_role("button", name="Publish").click()
    page.wait_for_url(plan)
    run_jobs()
    store.refresh()
    page.goto(plan)
    expect(page.locator("h1")).to_contain_text("in force")


def _target(page: Page, url: str) -> str:
    """Return the quota of the company in the meeting's roll-up of the quarter under way."""
    calendar = company().calendar
    quarter = calendar.parse(f"{company().today.day.year}-Q{(company().today.day.month + 2) // 3}")
    page.goto(f"{url}/forecast/{quarter.name}/rollup/")
    row = page.locator("#rollup tbody tr").first
    expect(row).to_be_visible()
    return row.inner_text()
