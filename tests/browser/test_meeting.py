"""The forecast meeting: open the roll-up, drill to a deal, override with a reason, submit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

ROLLUP = "/forecast/2026-Q2/rollup/"
NUMBER = re.compile(r"\d")


def commit_of_first_rep(page: Page) -> str:
    """Return the selector of the first rep's commit: the cell to the right of «closed»."""
    row = page.locator("[data-grid] tr[data-key^='rep:']").first
    return f"[data-grid] tr[data-key='{row.get_attribute('data-key')}'] td:nth-of-type(2)"


def test_a_cell_opens_its_deals_and_a_deal_its_record(site: Site) -> None:
    visit = site.visit("teamlead")
    page = visit.go(ROLLUP)
    page.locator("[data-grid] tr").nth(1).locator("td").nth(1).locator("a").click()
    drawer = page.locator("#drawer .explain")
    drawer.wait_for()
    assert NUMBER.search(drawer.locator(".explain-value").inner_text())
    drawer.get_by_text("Query (SQL)").click()
    assert "SELECT" in drawer.locator("pre").inner_text().upper()
    drawer.locator("tbody th a").last.click()
    page.wait_for_url("**/records/opportunity/**")
    assert visit.complaints == []


def test_the_grid_is_walked_folded_typed_and_saved_by_keyboard(site: Site) -> None:
    visit = site.visit("teamlead")
    page = visit.go(ROLLUP)
    team = page.locator("[data-grid] tr[aria-expanded='true']").last
    reps = page.locator("[data-grid] tr[data-key^='rep:']")
    team.locator("th").focus()
    page.keyboard.press("ArrowLeft")
    expect(reps.first).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(reps.first).to_be_visible()
    # down to the first rep, right to «commit», type a figure, Enter keeps it
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    cell = page.locator(commit_of_first_rep(page))
    expect(cell).to_be_focused()
    for key in ("4", "3", "2", "1", "0", "Enter"):
        page.keyboard.press(key)
    expect(cell).to_have_class(re.compile("grid-changed"))
    bar = page.locator("[data-grid-save]")
    expect(bar).to_be_visible()
    bar.locator("[name=reason]").fill("The budget is voted")
    visit.follow(bar.locator("button[type=submit]"))
    cell = page.locator(commit_of_first_rep(page))
    expect(cell).to_contain_text("43,210 manager")
    # the computed figure still stands, and the drawer tells who said what and why
    cell.locator("a").click()
    page.locator("#drawer").get_by_text("The budget is voted").first.wait_for()
    with page.expect_response("**/undo/**"):
        page.get_by_role("button", name="Undo").click()
    visit.settle()
    visit.go(ROLLUP)
    expect(page.locator(commit_of_first_rep(page))).not_to_contain_text("43,210")
    assert visit.complaints == []


def test_a_block_is_copied_and_pasted_like_in_a_spreadsheet(site: Site) -> None:
    visit = site.visit("teamlead")
    page = visit.go(ROLLUP)
    cell = page.locator(commit_of_first_rep(page))
    cell.focus()
    paste = """([target, text]) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      const facts = {clipboardData: data, bubbles: true, cancelable: true};
      target.dispatchEvent(new ClipboardEvent("paste", facts));
    }"""
    page.evaluate(paste, [cell.element_handle(), "1000\t2000\n3000\t4000"])
    expect(page.locator(".grid-changed")).to_have_count(4)
    assert page.locator("[data-grid-count]").inner_text() == "4"
    copy = """(target) => {
      const data = new DataTransfer();
      const facts = {clipboardData: data, bubbles: true, cancelable: true};
      target.dispatchEvent(new ClipboardEvent("copy", facts));
      return data.getData("text/plain");
    }"""
    cell.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate(copy, page.evaluate_handle("document.activeElement")) == "1000\t2000"
    page.locator("[data-grid-discard]").click()
    expect(page.locator(".grid-changed")).to_have_count(0)
    assert visit.complaints == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_rep_submits_on_a_phone(site: Site, axe: str, language: str) -> None:
    visit = site.visit("rep", language=language, width=360, height=740)
    page = visit.go("/forecast/2026-Q2/submit/")
    page.evaluate(axe)
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in violations] == []
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0
    others = page.locator(".submit-deals > details > summary")
    step = page.locator("[name^='next-']").first
    if step.count() and not step.is_visible():
        others.click()
    if step.count():
        step.fill("Signature on Friday")
    page.locator("[name=amount]").fill("123 000")
    visit.follow(page.locator("button[value=call]"))
    assert page.locator(".field-problem, [role=alert]").count() == 0
    visit.go("/forecast/2026-Q2/calls/")
    first = page.locator("#calls tbody tr").first.inner_text()
    assert re.search(r"123[,\u202f\u00a0]000", first), first
    assert visit.complaints == []


@pytest.mark.parametrize("path", [ROLLUP, "/forecast/2026-Q1/value/", "/forecast/2026-Q1/close/"])
def test_the_pages_of_the_meeting_are_accessible_in_french_and_in_the_dark(
    site: Site, axe: str, path: str
) -> None:
    visit = site.visit("director", language="fr", scheme="dark")
    page = visit.go(path)
    page.evaluate(axe)
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in violations] == []
    assert visit.complaints == []
