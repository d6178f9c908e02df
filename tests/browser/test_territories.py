"""A territory plan from a file of accounts to the day it is in force, by analyst and director."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.people import testing as people
from perilune.people.contracts import Role
from perilune.people.queries import company
from perilune.store import service as store
from perilune.territories.tests.routing_server import Roads, routing_server
from tests.browser.visiting import run_jobs

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

OWNERS = ("Anna Snelling", "Moses Frase", "Vicki Laflamme")
TOWNS = ("Brest", "Rennes", "Caen", "Rouen", "Paris", "Reims")
"""From west to east, ten accounts each."""
FILES = {
    "sales_teams.csv": "sales_agent,manager,regional_office\n"
    + "".join(f"{name},Dustin Brinkmann,Central\n" for name in OWNERS),
    "accounts.csv": "account,owner,latitude,longitude,office_location,city\n"
    + "".join(
        f"Firm {n:02d},{OWNERS[n % 3]},{44 + (n * 7 % 13) / 2},{(n * 5 % 17) / 2 - 1},France,"
        f"{TOWNS[sorted(range(60), key=lambda i: (i * 5 % 17, i)).index(n) // 10]}\n"
        for n in range(60)
    ),
}
READY = "#studio[data-ready]:not([aria-busy])"


@pytest.mark.timeout(400)
def test_accounts_are_imported_shared_out_lassoed_and_published(
    empty_site: Site, tmp_path: Path
) -> None:
    site = empty_site
    people.make_user(Role.OPS_DIRECTOR, "director")
    analyst = site.visit("analyst")
    _import(analyst.page, site.url, tmp_path)
    plan = _make(analyst.page, site.url)
    _design(analyst.page, plan)
    taker, names = _lasso(analyst.page)
    _compare(analyst.page, plan)
    _submit(analyst.page, plan)
    director = site.visit("director")
    _approve(director.page, plan)
    assert not _has(director.page, site.url, taker, names[0]), "not before it is in force"
    _publish(director.page, plan)
    assert all(_has(director.page, site.url, taker, name) for name in names[:3])
    director.page.goto(f"{site.url}/territories/")
    expect(director.page.locator("#standing tbody tr")).to_have_count(len(OWNERS))
    assert analyst.complaints == [] and director.complaints == []


@pytest.mark.timeout(400)
def test_a_layer_of_some_accounts_is_drawn_in_regions_of_whole_towns_by_travel_times(
    empty_site: Site, tmp_path: Path
) -> None:
    site = empty_site
    people.make_user(Role.OPS_DIRECTOR, "director")
    analyst = site.visit("analyst")
    _import(analyst.page, site.url, tmp_path)
    plan = _layer(analyst.page, site.url)
    _whole_towns(analyst.page, plan)
    _in_regions(analyst.page, plan)
    _whole_then_torn(analyst.page)
    with routing_server(Roads()) as roads:
        director = site.visit("director")
        _routed(director.page, site.url, roads)
        _by_ways(analyst.page, plan)
    assert analyst.complaints == [] and director.complaints == []


def _layer(page: Page, url: str) -> str:
    page.goto(f"{url}/territories/")
    page.get_by_label("Name", exact=True).fill("Experts")
    page.get_by_label("Tolerance, % of the target").fill("40")
    page.get_by_text("A layer of its own").click()
    page.get_by_label("Layer", exact=True).fill("Specialists")
    page.get_by_label("Reps of the layer").select_option(label=OWNERS[0])
    page.get_by_text("Only accounts that meet conditions").click()
    page.locator("[name=field0]").select_option("city")
    page.locator("[name=operator0]").select_option("not_in")
    page.locator("[name=values0]").fill("reims")
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_selector(READY)
    expect(page.locator(".finding")).to_contain_text("Layer “Specialists”, of accounts where")
    expect(page.locator(".finding")).to_contain_text("50 accounts")
    return page.url


def _whole_towns(page: Page, plan: str) -> None:
    page.get_by_text("Change what is handed out whole").click()
    page.locator("[name=by]").select_option("field:city")
    page.get_by_role("button", name="Keep these whole").click()
    page.wait_for_url(plan)
    page.wait_for_selector(READY)
    expect(page.locator("#studio-containers")).to_contain_text("5 containers are handed out whole")


def _in_regions(page: Page, plan: str) -> None:
    page.locator("[name=k]").fill("3")
    page.locator("[name=regions]").fill("2")
    page.locator("[name=region_tolerance]").fill("60")
    _design_it(page, plan)
    rows = page.locator("#territories tbody tr")
    expect(rows).to_have_count(3 + 2)
    expect(rows.first).to_contain_text("Region 1")
    expect(page.locator("#studio-containers")).to_contain_text("None is torn")


def _whole_then_torn(page: Page) -> None:
    """Pull a narrow lasso: whole towns are chosen; with the box ticked, single accounts are."""
    chosen = page.locator("[data-studio=chosen] b").first
    _pull(page, 0.47)
    expect(chosen).to_have_text(re.compile(r"^[1-5]0$"))
    page.locator("[data-map-clear]").click()
    page.get_by_label("Tear containers").check()
    _pull(page, 0.47)
    expect(chosen).not_to_have_text(re.compile(r"0$"))
    last = page.locator("#territories tbody tr").last.get_attribute("data-id")
    page.locator("[data-studio=to]").select_option(last)
    page.locator("[data-studio=move]").click()
    expect(page.locator("#studio-changes")).to_contain_text("moved accounts")
    expect(page.locator("#studio-containers")).to_contain_text("torn between territories")
    expect(page.locator("#studio-containers dt")).not_to_have_count(0)


def _pull(page: Page, to: float) -> None:
    page.locator("[data-map-lasso]").click()
    box = page.locator("#map-plan").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.03 * box["width"], box["y"] + 0.05 * box["height"])
    page.mouse.down()
    for x, y in [(to, 0.05), (to, 0.95), (0.03, 0.95), (0.03, 0.05)]:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
    page.mouse.up()


def _routed(page: Page, url: str, roads: str) -> None:
    page.goto(f"{url}/settings/routing/")
    page.get_by_label("Address").fill(roads)
    page.get_by_role("button", name="Ask it and keep it").click()
    expect(page.locator(".finding")).to_contain_text(roads)


def _by_ways(page: Page, plan: str) -> None:
    page.goto(plan)
    page.wait_for_selector(READY)
    expect(page.get_by_text("By travel times of OSRM")).to_be_visible()
    page.locator("[name=regions]").fill("")
    _design_it(page, plan)
    expect(page.locator("#territories thead")).to_contain_text("Way")
    expect(page.locator("#territories tbody tr")).to_have_count(3)
    expect(page.get_by_text("minutes from the centre on average")).to_be_visible()


def _design_it(page: Page, plan: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Design", exact=True).click()
    run_jobs()
    expect(page.locator("#design-steps")).to_have_count(0)  # the page is read again by itself
    page.wait_for_selector(READY)


def _import(page: Page, url: str, folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    page.goto(f"{url}/data/")
    page.locator("input[type=file]").set_input_files([str(folder / name) for name in FILES])
    page.get_by_role("button", name="Look at the files").click()
    for button in ("Read the files and show the changes", "Apply these changes"):
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        run_jobs()
        page.wait_for_selector(".import-guide [aria-current=step]")
        page.locator(".steps").wait_for(state="detached")
    store.refresh()


def _make(page: Page, url: str) -> str:
    page.goto(f"{url}/territories/")
    page.get_by_label("Name", exact=True).fill("Autumn")
    page.get_by_label("Tolerance, % of the target").fill("20")
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_selector(READY)
    expect(page.locator("#territories tbody tr")).to_have_count(len(OWNERS))
    return page.url


def _design(page: Page, plan: str) -> None:
    page.locator("[name=k]").fill(str(len(OWNERS)))
    _design_it(page, plan)
    expect(page.locator("#territories tbody tr")).to_have_count(len(OWNERS))
    expect(page.get_by_text("How good it is")).to_be_visible()


def _lasso(page: Page) -> tuple[str, list[str]]:
    """Pull a lasso around the west of the map and move what is inside; return who takes it."""
    page.locator("[data-map-lasso]").click()
    box = page.locator("#map-plan").bounding_box()
    assert box is not None
    across, down = box["width"], box["height"]
    corners = [(0.03, 0.05), (0.48, 0.05), (0.48, 0.95), (0.03, 0.95), (0.03, 0.05)]
    page.mouse.move(box["x"] + corners[0][0] * across, box["y"] + corners[0][1] * down)
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x * across, box["y"] + y * down, steps=8)
    page.mouse.up()
    chosen = page.locator("[data-studio=chosen] b").first
    expect(chosen).to_have_text(re.compile(r"^[1-9]"))
    count = int(chosen.inner_text().replace(",", ""))
    last = page.locator("#territories tbody tr").last
    to, taker = last.get_attribute("data-id"), last.locator("td").first.inner_text()
    page.locator("[data-studio=to]").select_option(to)
    page.locator("[data-studio=move]").click()
    page.wait_for_selector("#studio[data-rescored]:not([aria-busy])")
    expect(page.locator("#studio-changes")).to_contain_text("moved accounts")
    assert float(page.locator("#studio").get_attribute("data-rescored") or "1e9") < 50
    before = page.locator(".finding").inner_text()
    page.keyboard.press("Control+z")
    expect(page.locator("#studio-changes")).to_contain_text("took a change back")
    expect(page.locator(".finding")).not_to_have_text(before)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".finding")).to_have_text(before)
    assert count > 0
    page.goto(page.url + "handover/")
    rows = page.locator("#handover tbody tr", has_text=taker)
    names = [row.split("\t")[0] for row in rows.all_inner_texts() if row.split("\t")[2] == taker]
    assert names
    return taker, names


def _compare(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("button", name="Copy").click()
    page.wait_for_url(lambda found: found != plan)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare plans")).to_be_visible()
    page.get_by_label("Compare with").select_option(label="Autumn")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".finding")).to_contain_text("0 accounts are with another rep")


def _submit(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("h1")).to_contain_text("under review")


def _approve(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("h1")).to_contain_text("approved")


def _publish(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("link", name="Publish").click()
    page.locator("[name=effective_from]").fill(company().today.day.isoformat())
    page.locator("main form").get_by_role("button", name="Publish").click()
    page.wait_for_url(plan)
    run_jobs()
    store.refresh()
    page.goto(plan)
    expect(page.locator("h1")).to_contain_text("in force")


def _has(page: Page, url: str, rep: str, account: str) -> bool:
    """Tell whether a rep's list of accounts holds one, as of now."""
    page.goto(f"{url}/records/account/?q={account}")
    row = page.locator("tbody tr", has_text=account).first
    expect(row).to_be_visible()
    return rep in row.inner_text()
