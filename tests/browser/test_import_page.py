"""An analyst with nothing but an export: upload, look, apply, repair alike, roll back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.visiting import run_jobs

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Picture, Site, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

HEADS = "account,sector,year_established,revenue,employees,office_location,subsidiary_of"
DEAL_HEADS = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"
)
FILES = {
    "sales_teams.csv": "sales_agent,manager,regional_office\n"
    "Anna Snelling,Dustin Brinkmann,Central\n"
    "Moses Frase,Dustin Brinkmann,Central\n",
    "products.csv": "product,series,sales_price\nGTX Basic,GTX,550\nGTX Pro,GTX,4821\n",
    "accounts.csv": HEADS + "\n"
    "Cancity,retail,2001,718.62,2448,United States,\n"
    "Isdom,medical,2002,3178.24,4540,United States,\n",
    "sales_pipeline.csv": DEAL_HEADS + "\n"
    "1C1I7A6R,Moses Frase,GTX Basic,Cancity,Won,2016-10-20,2017-03-01,1054\n"
    "Z063OYW0,Anna Snelling,GTXPro,Isdom,Won,2016-10-25,2017-03-11,4514\n"
    "EC4QE1BX,Anna Snelling,GTXPro,Cancity,Engaging,2016-10-25,,\n"
    "MV1LWRNH,Moses Frase,GTX Basic,,Prospecting,,,\n"
    "PE84CX4O,Moses Frase,GTX Basic,Isdom,Lost,2016-10-25,2017-13-45,0\n"
    "\"=HYPERLINK(\"\"http://x\"\")\",Anna Snelling,GTX Pro,Isdom,Engaging,2016-10-26,,\n",
}  # fmt: skip


@pytest.fixture
def export(tmp_path: Path) -> list[str]:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return [str(tmp_path / name) for name in FILES]


def _worked(visit: Visit, button: str) -> Page:
    """Press what starts work, let the worker do it and the page find out by itself."""
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name=button).click()
    return visit.work()


def _deals(visit: Visit) -> dict[str, str]:
    """The rows of the list of all deals, by name."""
    rows = visit.go("/pipeline/?state=all").locator("tbody tr")
    return {row.split("\t")[1]: row for row in rows.all_inner_texts() if "\t" in row}


def _upload(visit: Visit, files: list[str]) -> Page:
    page = visit.go("/data/")
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Look at the files").click()
    return _worked(visit, "Read the files and show the changes")


def test_an_export_is_looked_at_applied_repaired_and_rolled_back(
    empty_site: Site, export: list[str], picture: Picture
) -> None:
    visit = empty_site.visit("analyst")
    page = _upload(visit, export)
    assert "2. What would change" in page.locator("[aria-current=step]").inner_text()
    text = page.locator("main").inner_text()
    for words in ("«GTXPro» is not a known Product", "no account", "«2017-13-45»"):
        assert words in text
    assert "Cancity" in text, "the difference is not shown field by field"
    picture(page, "import-preview-en-1440-light")
    assert _deals(visit) == {}, "something was written before it was applied"
    visit.go("/data/").locator("tbody tr a").first.click()
    _worked(visit, "Apply these changes")
    assert "3. Result" in page.locator("[aria-current=step]").inner_text()
    picture(page, "import-result-en-1440-light")

    page.locator("tr", has_text="«GTXPro»").locator("a").first.click()
    picture(page, "import-repair-en-1440-light")
    assert page.get_by_label("What is meant").input_value() == "GTX Pro"
    page.get_by_role("button", name="Repair all 2 rows").click()
    page.get_by_text("2 records repaired.").wait_for()
    assert page.locator("tr", has_text="«GTXPro»").count() == 0
    run_jobs()
    deals = _deals(visit)
    assert len(deals) == 6
    assert "GTX Pro" in deals["Z063OYW0"] and "4,514.00" in deals["Z063OYW0"]
    assert '=HYPERLINK("http://x")' in deals, "a formula must stay a text"

    visit.go("/journal/").locator("tbody tr", has_text="Import").locator("a").first.click()
    page.get_by_role("button", name="Roll back").click()
    page.get_by_text("Rolled back:").wait_for()
    run_jobs()
    assert _deals(visit) == {}
    assert visit.complaints == []


def test_the_same_files_again_change_nothing(empty_site: Site, export: list[str]) -> None:
    visit = empty_site.visit("analyst")
    page = _upload(visit, export)
    _worked(visit, "Apply these changes")
    _upload(visit, export)
    assert "0 new records, 0 changed" in page.locator(".finding").inner_text()


def test_who_names_a_new_source_means_a_new_source(empty_site: Site, export: list[str]) -> None:
    from playwright.sync_api import expect

    visit = empty_site.visit("analyst")
    _upload(visit, export)
    page = _worked(visit, "Apply these changes")
    visit.go("/data/")
    page.locator("input[type=file]").set_input_files(export)
    page.get_by_role("button", name="Look at the files").click()
    known, own = (
        page.locator(f"input[name=known_source]{end}") for end in (":not([value=''])", "[value='']")
    )
    expect(known.first).to_be_checked()
    page.get_by_label("Name of the new source").fill("archive")
    expect(own).to_be_checked()


def test_files_that_hold_nothing_are_refused_in_words(empty_site: Site, tmp_path: Path) -> None:
    visit = empty_site.visit("analyst")
    (tmp_path / "empty.csv").write_bytes(b"")
    page = visit.go("/data/")
    page.locator("input[type=file]").set_input_files(str(tmp_path / "empty.csv"))
    page.get_by_role("button", name="Look at the files").click()
    page.get_by_text("Nothing was changed.").wait_for()
    assert "empty.csv" in page.locator("main").inner_text()
