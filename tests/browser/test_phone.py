"""On a phone: the columns that matter, filters behind one button, names in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]
WIDTH = 360


def _ends_within(cell: Locator) -> bool:
    box = cell.bounding_box()
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= WIDTH


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_list_shows_name_amount_and_date_and_its_filters_on_demand(
    site: Site, language: str
) -> None:
    visit = site.visit("director", width=WIDTH, language=language)
    page = visit.go("/pipeline/")
    row = page.locator("tbody tr").first
    for column in ("amount", "close_date"):
        assert _ends_within(row.locator(f"[data-edit*='/{column}/']")), column
    chip = page.locator("details.filter").first
    expect(chip).to_be_hidden()
    page.locator("[data-filters-fold]").click()
    expect(chip).to_be_visible()
    expect(page.locator("[data-filters-fold]")).to_have_attribute("aria-expanded", "true")
    assert visit.complaints == []


def test_the_assistant_reads_amount_and_what_to_repair(site: Site) -> None:
    visit = site.visit("assistant", width=WIDTH)
    page = visit.go("/")
    row = page.locator("#repair tbody tr").first
    assert _ends_within(row.locator("td.num"))
    assert _ends_within(row.locator(".status"))
    assert row.locator(".cell-title").get_attribute("title")


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_amber_bar_keeps_company_and_search(site: Site, width: int) -> None:
    visit = site.visit("director", width=width, language="fr")
    page = visit.go("/pipeline/?as_of=2026-06-30")
    search = page.locator(".search-field input").bounding_box()
    company = page.locator(".bar-company").bounding_box()
    assert search and search["width"] >= 80
    assert company and company["width"] >= 140
    expect(page.locator("#freshness")).to_be_visible()


def test_a_strip_of_tabs_begins_at_the_one_that_is_open(site: Site) -> None:
    page = site.visit("director", width=WIDTH).go("/settings/departures/")
    strip = page.locator(".tabs")
    assert strip.evaluate("strip => strip.scrollWidth > strip.clientWidth"), "it is wider than it"
    assert _ends_within(strip.locator("[aria-current]"))
