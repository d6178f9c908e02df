"""French and English are equals: every page changes its words, its numbers and its dates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from perilune.site.navigation import ROOMS

if TYPE_CHECKING:
    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

PAGES = (
    "/", "/cockpit/", "/forecast/", "/pipeline/", "/pipeline/board/", "/measures/",
    "/records/account/", "/data/", "/settings/company/", "/schedules/", "/journal/",
    "/notices/", "/pack/", "/forecast/all/bridge/",
)  # fmt: skip
# the same word in both languages
SHARED_WORDS = {"Cockpit", "Pipeline", "Plan"}
ENGLISH_MONEY = re.compile(r"[€£$]\d|\d,\d{3}\b(?! ?€)")


def test_the_switch_turns_every_page_to_french_and_stays(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/cockpit/")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator(".languages").get_by_text("FR", exact=True).click()
    page.wait_for_selector("html[lang=fr]")
    english = {label for label, *_rest in ROOMS.values()} - SHARED_WORDS
    faults = []
    for address in PAGES:
        visit.go(address)
        assert page.locator("html").get_attribute("lang") == "fr", address
        rail = set(page.locator(".rail-label").all_inner_texts())
        faults += [f"{address}: «{word}» in the rail" for word in rail & english]
        text = page.locator("main").inner_text()
        faults += [f"{address}: «{found}»" for found in ENGLISH_MONEY.findall(text)]
    assert faults + visit.complaints == []
    # another window of the same person speaks French as well
    other = page.context.new_page()
    other.goto(site.url + "/")
    assert other.locator("html").get_attribute("lang") == "fr"


def test_numbers_and_dates_are_written_the_reader_s_way(site: Site) -> None:
    english = site.visit("director").go("/pipeline/?sort=-amount").locator("table.table tbody")
    first = english.locator("tr").first.inner_text()
    assert re.search(r"\d{1,3},\d{3}\.\d{2}", first), first
    french = site.visit("director", language="fr").go("/pipeline/?sort=-amount")
    first = french.locator("table.table tbody tr").first.inner_text()
    assert re.search(r"\d{1,3}\u202f\d{3},\d{2}", first), first
    assert re.search(r"\d{2}/\d{2}/\d{4}", first), first
    won = site.visit("director", language="fr").go("/cockpit/").locator(".kpi-value").first
    assert re.search(r"\d[\u00a0\u202f](k|M)?€", won.inner_text()), won.inner_text()


def test_a_stranger_reads_the_browser_s_language(site: Site) -> None:
    french = site.visit(language="fr").go("/accounts/login/")
    assert french.locator("html").get_attribute("lang") == "fr"
    assert french.get_by_role("button", name="Se connecter").is_visible()
    english = site.visit().go("/accounts/login/")
    assert english.get_by_role("button", name="Sign in").is_visible()
