"""The cockpit: as of any date, on one screen, with a reason behind every number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

PAST = "2026-05-15"


def _figures(page: Page) -> list[str]:
    return page.locator(".kpi-value").all_inner_texts()


def test_an_earlier_date_tints_the_bar_and_changes_the_figures(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/cockpit/")
    today, bar = _figures(page), page.locator(".bar")
    plain = bar.evaluate("b => getComputedStyle(b).backgroundColor")
    page.locator("[data-asof] input[type=date]").fill(PAST)
    page.wait_for_url("**as_of=2026-05-15**")
    visit.settle()
    assert "May\u00a015, 2026" in page.locator(".asof-note").inner_text()
    assert bar.evaluate("b => getComputedStyle(b).backgroundColor") != plain
    assert _figures(page) != today
    # the date goes along to other pages, until one comes back
    visit.go("/pipeline/")
    assert page.locator(".bar-past").count() == 1
    visit.go("/cockpit/")
    page.get_by_role("link", name="Back to today").click()
    visit.settle()
    assert page.locator(".bar-past").count() == 0
    assert _figures(page) == today
    assert visit.complaints == []


def test_every_number_opens_its_definition_its_query_and_its_rows(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/cockpit/")
    won = page.locator(".kpi", has_text="Won").first
    won.locator(".why-link").click()
    drawer = page.locator("#drawer .explain")
    drawer.wait_for()
    assert drawer.get_by_role("heading", name="Definition").is_visible()
    drawer.get_by_text("Query (SQL)").click()
    assert "SELECT" in drawer.locator("pre").inner_text().upper()
    assert drawer.locator("table tbody tr a").count() > 0
    page.keyboard.press("Escape")
    assert page.locator("#drawer").inner_html() == ""
    links = page.locator(".why-link").count()
    for place in range(links):
        page.locator(".why-link").nth(place).click()
        drawer.wait_for()
        assert drawer.locator(".explain-sentence").inner_text().strip()
        page.keyboard.press("Escape")
    assert links >= 4
    assert visit.complaints == []


def test_figures_and_range_are_on_the_first_screen(site: Site) -> None:
    page = site.visit("director", width=1280, height=800).go(f"/cockpit/?as_of={PAST}")
    for part in (page.locator(".kpi").last, page.locator(".range-key").first):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800


def test_a_viewer_sees_totals_and_no_deal(site: Site) -> None:
    visit = site.visit("viewer")
    page = visit.go("/cockpit/")
    assert page.locator(".kpi-value").first.inner_text().startswith("€")
    assert page.locator("main a[href^='/records/']").count() == 0
    assert "the records behind them" in page.locator("main").inner_text()
    assert visit.complaints == []
