"""A whole forecast meeting: period, deal, override, call, two scenarios, the pack to take along."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

PERIOD = "2026-Q2"
COMMIT = "[data-grid] tr[data-key='total'] td:nth-of-type(2)"
SHEETS = ["Roll-up", "Bridge", "Why the range moved", "Risks", "Track record", "Value added"]


@pytest.mark.timeout(400)
def test_a_director_goes_through_a_whole_meeting(site: Site, tmp_path: Path) -> None:
    visit = site.visit("director")
    page = visit.page
    _open_the_period(visit.go(f"/forecast/{PERIOD}/"))
    _drill_to_a_deal(page)
    visit.go(f"/forecast/{PERIOD}/rollup/")
    _override(page)
    _submit(page)
    visit.go("/plan/scenarios/")
    _compare(page)
    visit.go(f"/pack/?period={PERIOD}")
    _take_the_pack_along(page, tmp_path)
    assert visit.complaints == []


def _open_the_period(page: Page) -> None:
    expect(page.get_by_role("heading", name=f"Forecast {PERIOD}")).to_be_visible()
    # why the range moved comes once the page is there
    expect(page.locator("#moved .panel-body p").first).to_contain_text("Jun")
    page.get_by_role("link", name="Open the roll-up").click()
    page.wait_for_url("**/rollup/")


def _drill_to_a_deal(page: Page) -> None:
    page.locator(COMMIT).locator("a").first.click()
    drawer = page.locator("#drawer .explain")
    expect(drawer).to_be_visible()
    drawer.locator("tbody th a").last.click()
    page.wait_for_url("**/records/opportunity/**")
    expect(page.locator("h1")).not_to_be_empty()


def _override(page: Page) -> None:
    page.locator(COMMIT).locator("a").first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_label("Your figure, EUR").fill("765 432")
    drawer.get_by_label("Reason").fill("Two signatures are on their way")
    drawer.get_by_role("button", name="Keep this figure").click()
    expect(page.locator(COMMIT)).to_contain_text("765,432")


def _submit(page: Page) -> None:
    page.locator(".tabs").get_by_role("link", name="Submit").click()
    page.wait_for_url("**/submit/**")
    page.locator("[name=amount]").fill("777 000")
    page.locator("button[value=call]").click()
    page.wait_for_load_state("networkidle")
    page.goto(page.url.split("/forecast/")[0] + f"/forecast/{PERIOD}/calls/")
    expect(page.locator("#calls tbody tr").first).to_contain_text(re.compile(r"777[,\u202f ]000"))


def _compare(page: Page) -> None:
    for row in ("A lost region", "Wave of hires"):
        page.get_by_role("row", name=row).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare scenarios")).to_be_visible()
    results = page.locator("#results")
    for name in ("A lost region", "Wave of hires"):
        expect(results.get_by_text(name).first).to_be_visible()


def _take_the_pack_along(page: Page, folder: Path) -> None:
    expect(page.get_by_text("Why the range moved").first).to_be_visible()
    files = {}
    for name in ("PDF", "Excel"):
        with page.expect_download() as started:
            page.get_by_role("link", name=name, exact=True).click()
        files[name] = folder / started.value.suggested_filename
        started.value.save_as(files[name])
    assert files["PDF"].read_bytes().startswith(b"%PDF")
    book = CalamineWorkbook.from_path(files["Excel"])
    assert [name for name in book.sheet_names if name in SHEETS] == SHEETS
    # the call and the override of this meeting are in the file, as numbers
    rows = book.get_sheet_by_name("Roll-up").to_python()
    total = dict(zip(rows[0], rows[1], strict=True))
    assert 777_000 in total.values()
    assert 765_432 in total.values()
