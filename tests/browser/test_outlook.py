"""Open deals with their chances, the track record and the range: seen, walked, open to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.insights.testing import learn_latest
from perilune.people.queries import company

if TYPE_CHECKING:
    from tests.browser.visiting import Picture, Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

DEALS = "/forecast/2026-Q3/deals/"
PAGES = {
    "deals": DEALS,
    "track": "/forecast/track-record/",
    "contributions": "/forecast/2026-Q3/?show=near&by=team",
}


@pytest.fixture
def learnt(site: Site) -> Site:
    """The site with the last eight weekly models on record."""
    learn_latest(company().today, 8)
    return site


def test_a_deal_opens_its_reasons_and_its_record_tells_the_outlook(learnt: Site) -> None:
    visit = learnt.visit("director")
    page = visit.go(DEALS)
    page.locator("#deals tbody a[hx-get]").first.click()
    drawer = page.locator("#drawer .explain")
    drawer.wait_for()
    expect(drawer).to_contain_text("still open after it with")
    expect(drawer.locator("#reasons tbody tr").first).to_be_visible()
    visit.go(DEALS)
    page.locator("#deals tbody th a").first.click()
    page.wait_for_url("**/records/opportunity/**")
    expect(page.locator("#outlook")).to_contain_text("Within a year")
    assert visit.complaints == []


def test_a_filter_and_a_sort_stay_in_the_address(learnt: Site) -> None:
    visit = learnt.visit("director")
    page = visit.go(DEALS)
    page.get_by_role("link", name="In a year").click()
    page.wait_for_url("**sort=ever**")
    visit.settle()
    page.locator("details[name=stage] > summary").click()
    page.locator("details[name=stage] input[type=checkbox]").first.check()
    page.locator("details[name=stage] button[type=submit]").click()
    page.wait_for_url("**stage=**")
    assert "sort=ever" in page.url
    assert visit.complaints == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", PAGES)
def test_the_pages_fit_and_are_open_to_all(
    learnt: Site, axe: str, picture: Picture, kind: str, language: str
) -> None:
    visit = learnt.visit("director", language=language)
    page = visit.go(PAGES[kind])
    page.evaluate(axe)
    faults: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in ((1440, 900), (360, 740)):
            page.set_viewport_size({"width": width, "height": height})
            visit.settle()
            name = f"{kind}-{language}-{width}-{scheme}"
            picture(page, name)
            root = "document.documentElement"
            if page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") > 0:
                faults.append(f"{name}: wider than the window")
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            faults += [f"{name}: {v['id']} {v['nodes'][0]['html'][:160]}" for v in found]
    assert faults + visit.complaints == []
