"""The board: a card is moved by mouse or keyboard, and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


def _columns(page: Page) -> tuple[Locator, Locator]:
    """The first two columns of open deals."""
    columns = page.locator("[data-column]")
    return columns.nth(0), columns.nth(1)


def _first_card(column: Locator) -> str:
    return column.locator("[data-card]").first.get_attribute("data-card") or ""


def _undo(page: Page) -> None:
    with page.expect_navigation():
        page.locator("#toasts").get_by_role("button", name="Undo").click()
    page.wait_for_load_state("networkidle")


def test_a_card_is_dragged_to_the_next_stage_and_the_move_undone(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/pipeline/board/")
    first, second = _columns(page)
    card = _first_card(first)
    page.locator(f"[data-card='{card}']").drag_to(second.locator("header"))
    page.locator("#toasts .toast").wait_for()
    visit.go("/pipeline/board/")
    assert second.locator(f"[data-card='{card}']").count() == 1, "the move was not kept"
    page.locator(f"[data-card='{card}']").drag_to(first.locator("header"))
    _undo(page)
    assert second.locator(f"[data-card='{card}']").count() == 1, "undo did not put it back"
    assert visit.complaints == []


def test_a_card_is_moved_by_keyboard_alone_and_the_move_undone(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/pipeline/board/")
    first, second = _columns(page)
    card = _first_card(first)
    page.locator(f"[data-card='{card}']").focus()
    page.keyboard.press("Alt+ArrowRight")
    page.locator("#toasts .toast").wait_for()
    assert second.locator(f"[data-card='{card}']").count() == 1
    assert page.evaluate("document.activeElement.dataset.card") == card
    assert "Moved to" in page.locator("[data-board-said]").inner_text()
    undo = page.locator("#toasts").get_by_role("button", name="Undo")
    undo.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert first.locator(f"[data-card='{card}']").count() == 1
    assert visit.complaints == []


def test_a_rep_sees_the_deals_of_one_person_and_no_others(site: Site) -> None:
    everybody = site.visit("director").go("/pipeline/board/")
    own = site.visit("rep").go("/pipeline/board/")
    assert 0 < _count(own) < _count(everybody)


def _count(page: Page) -> int:
    return sum(int(text) for text in page.locator("[data-count]").all_inner_texts())


def test_counts_sums_and_days_follow_a_moved_card(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/pipeline/board/")
    first, second = _columns(page)
    counts = [int(column.locator("[data-count]").inner_text()) for column in (first, second)]
    card = _first_card(first)
    page.locator(f"[data-card='{card}']").drag_to(second.locator("header"))
    expect(second.locator("[data-count]")).to_have_text(str(counts[1] + 1))
    expect(first.locator("[data-count]")).to_have_text(str(counts[0] - 1))
    moved = second.locator("[data-card]").first
    expect(moved).to_have_attribute("data-card", card)
    expect(moved).to_contain_text("0 days in this stage")
    _undo(page)
    expect(second.locator("[data-count]")).to_have_text(str(counts[1]))
    assert visit.complaints == []
