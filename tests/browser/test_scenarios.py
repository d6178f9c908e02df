"""The studio: a scenario is made, edited, put in order, taken back and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


def _sentences(page: Page) -> list[str]:
    return page.locator(".scenario-edits p").all_inner_texts()


def test_a_scenario_is_made_edited_taken_back_and_compared(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/plan/scenarios/")
    page.get_by_label("Name").fill("A hard winter")
    visit.follow(page.get_by_role("button", name="Make scenario"))
    assert page.get_by_text("Nothing is assumed yet").is_visible()

    visit.follow(page.get_by_role("link", name="Departure"))
    page.get_by_label("Rep", exact=True).select_option(index=1)
    name = page.get_by_label("Rep", exact=True).locator("option:checked").inner_text()
    visit.follow(page.get_by_role("button", name="Add to the scenario"))
    visit.follow(page.get_by_role("link", name="Market shock"))
    page.get_by_label("Change (%)").fill("-15")
    visit.follow(page.get_by_role("button", name="Add to the scenario"))
    first, second = _sentences(page)
    assert first.startswith(f"{name} leaves on") and "New deals: −15%" in second

    visit.follow(page.get_by_role("button", name=f"Down: {first}"))
    assert _sentences(page) == [second, first]
    visit.follow(page.get_by_role("button", name=f"Remove: {second}"))
    assert _sentences(page) == [first]
    visit.follow(page.locator("#toasts").get_by_role("button", name="Undo"))
    assert _sentences(page) == [second, first]

    visit.go("/plan/scenarios/")
    for row in ("A hard winter", "Wave of hires"):
        page.get_by_role("row", name=row).get_by_role("checkbox").check()
    visit.follow(page.get_by_role("button", name="Compare"))
    assert page.get_by_role("heading", name="Compare scenarios").is_visible()
    assert second in _sentences(page) and page.get_by_role("button", name="Remove").count() == 0
    assert visit.complaints == []


def test_a_form_that_is_wrong_keeps_what_was_typed(site: Site) -> None:
    visit = site.visit("director", language="fr", width=360, height=800)
    page = visit.go("/plan/scenarios/1/new/index/")
    page.get_by_label("Nom de la série").fill("Production")
    page.get_by_label("Points").fill("2026-01;100\nbonjour")
    visit.follow(page.get_by_role("button", name="Ajouter au scénario"))
    assert page.get_by_text("La ligne 2 n’a pas de jour").is_visible()
    assert page.get_by_label("Points").input_value().endswith("bonjour")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
