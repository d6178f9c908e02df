"""The page of a record: what is edited in place is what the rest of the page says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


def test_an_edited_amount_is_in_title_and_timeline_at_once(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/pipeline/board/")
    visit.follow(page.locator("[data-card] a").first)
    before = page.locator(".finding").inner_text()
    amount = page.locator("[data-field='amount']")
    amount.locator("a[title='Edit']").click()
    amount.locator("input.input").fill("712345")
    amount.get_by_role("button", name="Save").click()
    expect(amount).to_contain_text("712,345")
    expect(page.locator(".finding")).to_contain_text("712,345")
    assert "712,345" not in before
    newest = page.locator("#record-story li").first
    expect(newest).to_contain_text("712,345")
    expect(newest).to_contain_text(re.compile("Amount"))
    expect(page.locator("[data-follows][aria-busy]")).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".finding")).not_to_contain_text("712,345")
    assert visit.complaints == []


def test_a_total_of_a_list_follows_an_edited_cell(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/pipeline/")
    before = page.locator(".finding").inner_text()
    cell = page.locator("td[data-edit*='/amount/']").first
    cell.click()
    cell.locator("input.input").fill("98765432")
    cell.locator("input.input").press("Enter")
    expect(page.locator("tfoot")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".finding")).not_to_have_text(before)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".finding")).to_have_text(before)
    assert visit.complaints == []
