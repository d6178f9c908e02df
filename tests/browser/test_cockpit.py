"""The cockpit: as of any date, on one screen, with a reason behind every number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

PAST = "2026-05-15"
# height and width of what can be scrolled, and the texts that are wider than their tile
MEASURED = """() => [
    document.scrollingElement.scrollHeight, document.scrollingElement.scrollWidth,
    [...document.querySelectorAll(".kpi-line, .kpi-head, .panel-body, .tabs, .bar")]
        .filter((part) => part.scrollWidth > part.clientWidth + 1)
        .map((part) => part.outerHTML.slice(0, 120)),
]"""

# top and height of every box of the grid
PLACES = """() => [...document.querySelectorAll(".one-screen .panel")].map((part) => {
    const box = part.getBoundingClientRect(), name = part.id || part.getAttribute("aria-label");
    return [name, Math.round(box.top), Math.round(box.height)];
})"""


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
    # at this width the picker beside the words says the day
    assert page.locator(".asof-note").inner_text().strip() == "As known on"
    assert page.locator(".asof input").input_value() == "2026-05-15"
    assert bar.evaluate("b => getComputedStyle(b).backgroundColor") != plain
    assert _figures(page) != today
    # the date goes along to other pages, until one comes back
    visit.go("/pipeline/")
    assert page.locator(".bar-past").count() == 1
    visit.go("/cockpit/")
    visit.follow(page.get_by_role("link", name="Back to today"))
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


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("day", ["", PAST])
def test_the_cockpit_is_one_screen_of_1280_by_800(site: Site, language: str, day: str) -> None:
    visit = site.visit("director", language=language, width=1280, height=800)
    page = visit.go(f"/cockpit/?as_of={day}")
    assert 4 <= page.locator(".kpi").count() <= 6
    assert page.locator("main .chart canvas").count() == 2, "the range and what changed"
    assert page.locator("main tbody tr").count() >= 3, "the risks are no worklist"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        visit.settle()
        tall, wide, cut = page.evaluate(MEASURED)
        assert (tall, wide) == (800, 1280), f"{scheme}: the page scrolls"
        assert cut == [], f"{scheme}: does not fit its place"
        for part in (".kpi", ".range-key", ".panel", "main tbody tr", ".fold summary"):
            box = page.locator(part).last.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 800, part


@pytest.mark.parametrize(
    ("language", "width", "day"),
    [("en", 1280, ""), ("fr", 1280, PAST), ("fr", 800, PAST), ("en", 360, ""), ("fr", 360, PAST)],
)
def test_the_range_comes_after_the_page_and_nothing_jumps(
    site: Site, language: str, width: int, day: str
) -> None:
    visit = site.visit("director", language=language, width=width, height=800)
    page = visit.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/cockpit/later/**", hold)
    page.goto(visit.url + f"/cockpit/?as_of={day}", wait_until="commit")
    box = page.locator("#forecast-range")
    expect(box.locator(".skeleton")).to_be_visible()
    others = page.locator(".panel:not(#forecast-range)")
    expect(others.locator(".skeleton")).to_have_count(0)
    expect(others.locator(".chart canvas")).to_have_count(1)
    before = page.evaluate(PLACES)
    assert len(held) == 1, "asked for once"
    held[0].continue_()
    expect(box.locator(".range-key")).to_be_visible()
    visit.settle()
    assert page.evaluate(PLACES) == before
    assert visit.complaints == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [360, 1024])
def test_no_part_that_comes_later_moves_the_others(site: Site, language: str, width: int) -> None:
    visit = site.visit("director", language=language, width=width, height=800)
    page = visit.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    later = re.compile(r"/cockpit/(later|changes|risks)/")
    page.route(later, hold)
    page.goto(visit.url + f"/cockpit/?as_of={PAST}", wait_until="commit")
    expect(page.locator(".panel .skeleton")).to_have_count(3)
    page.wait_for_function("document.fonts.status == 'loaded'")
    before = page.evaluate(PLACES)
    while len(held) < 3:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    expect(page.locator(".panel .skeleton")).to_have_count(0)
    visit.settle()
    assert page.evaluate(PLACES) == before
    # the value of a deal at risk stands within the window
    box = page.locator("#risks tbody tr td:last-child").first.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    assert visit.complaints == []


def test_an_open_drawer_leaves_full_rows_of_tiles_and_every_column(site: Site) -> None:
    visit = site.visit("director", language="fr")
    page = visit.go("/cockpit/")
    page.locator(".kpi .why-link").first.click()
    page.locator("#drawer .explain").wait_for()
    visit.settle()
    lefts = page.locator(".kpi").evaluate_all("all => all.map(k => k.getBoundingClientRect().left)")
    assert len(lefts) % len(set(lefts)) == 0, "a hole in the grid"
    seen, whole = page.locator("#risks .table-scroll").evaluate(
        "box => [box.clientWidth, box.scrollWidth]"
    )
    assert whole <= seen, "a column is pushed out"


def test_the_hint_of_a_lists_search_is_whole_and_its_sum_no_higher_than_two_lines(
    site: Site,
) -> None:
    for width, lines in ((1440, 1), (360, 2)):
        page = site.visit("director", language="fr", width=width).go("/pipeline/")
        cut = page.locator(".filter-query input").evaluate(
            """box => {
                const probe = document.createElement("span");
                probe.style.cssText = `font: ${getComputedStyle(box).font}; white-space: nowrap`;
                probe.textContent = box.placeholder;
                document.body.append(probe);
                const wide = probe.getBoundingClientRect().width;
                probe.remove();
                return wide - box.clientWidth;
            }"""
        )
        assert cut <= 0, width
        high = page.locator("tfoot .cell-title").evaluate(
            """cell => {
                const range = document.createRange();
                range.selectNodeContents(cell);
                return new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size;
            }"""
        )
        assert high <= lines, width


def test_the_charts_below_the_cockpit_are_loaded_when_they_are_opened(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/cockpit/")
    charts = page.locator(".fold-body .chart")
    assert charts.count() == 0
    page.locator(".one-screen > .fold > summary").press("Enter")
    charts.first.wait_for()
    visit.settle()
    assert charts.count() == 3
    assert visit.complaints == []


def test_a_viewer_sees_totals_and_no_deal(site: Site) -> None:
    visit = site.visit("viewer")
    page = visit.go("/cockpit/")
    assert page.locator(".kpi-value").first.inner_text().startswith("€")
    assert page.locator("main a[href^='/records/']").count() == 0
    assert "the records behind them" in page.locator("main").inner_text()
    assert visit.complaints == []
