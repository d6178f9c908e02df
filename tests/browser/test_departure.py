"""A departure: from the rep through the guide to the preview, planned, private, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


def _seller() -> tuple[int, str, str]:
    """Return a rep who sells and has open deals, and a last day three weeks ahead."""
    from perilune.crm.models import Opportunity
    from perilune.people.models import Rep
    from perilune.people.queries import company

    held = Opportunity.objects.filter(stage__meaning="open").values_list("owner_id", flat=True)
    rep = Rep.objects.filter(id__in=held, leave_date=None).order_by("id")[0]
    return rep.pk, rep.name or "", (company().today.day + timedelta(days=21)).isoformat()


def _next(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).press("Enter")


@pytest.mark.timeout(400)  # six people open some fifteen pages
def test_a_departure_is_guided_previewed_planned_and_taken_back(site: Site) -> None:
    rep, name, last_day = _seller()
    visit = site.visit("manager")
    page = visit.go(f"/settings/reps/{rep}/")
    visit.follow(page.get_by_role("link", name="Leaves"))
    page.get_by_label("Last day").fill("2001-01-01")
    _next(page, "Next: who takes over")
    expect(page.get_by_text("This day lies before the hire date.")).to_be_visible()
    page.get_by_label("Last day").fill(last_day)
    _next(page, "Next: who takes over")
    expect(page.get_by_label("Deals in commit stay until they close")).not_to_be_checked()
    _next(page, "Next: quota, people, access")
    _next(page, "Preview what changes")
    expect(page.get_by_role("heading", name="What changes and when")).to_be_visible()
    expect(page.get_by_role("row", name="Open deals handed over")).to_be_visible()
    visit.settle()
    expect(page.get_by_role("heading", name="Forecast before and after")).to_be_visible()
    visit.follow(page.get_by_role("button", name="Plan for"))
    expect(page.get_by_text("Nobody outside your circle sees it")).to_be_visible()
    expect(page.locator("form[action*='/do/take-back/']").first).to_be_visible()
    address = page.url.removeprefix(visit.url)

    page.goto(f"{visit.url}/settings/reps/{rep}/")
    expect(page.get_by_role("link", name=f"{name}: last day")).to_be_visible()
    for user in ("director", "analyst", "teamlead"):  # rule 24: not even who may do everything
        other = site.visit(user).go("/settings/departures/")
        expect(other.get_by_text("Nothing is planned")).to_be_visible()
        other.goto(visit.url + address)
        expect(other.get_by_text("There is no such departure")).to_be_visible()
    closed = site.visit("rep").go("/settings/departures/")
    expect(closed.get_by_text("This page is not open to you")).to_be_visible()

    visit.go(address)
    visit.follow(page.get_by_role("link", name="Share by name"))
    page.get_by_role("checkbox", name="analyst").check()
    visit.follow(page.get_by_role("button", name="Save sharing"))
    shared = site.visit("analyst", language="fr", width=360, height=800).go(address)
    expect(shared.get_by_role("heading", name="Ce qui change, et quand")).to_be_visible()
    expect(shared.locator("form[action*='/do/']")).to_have_count(0)
    assert shared.evaluate("document.documentElement.scrollWidth") <= 360

    visit.follow(page.get_by_role("button", name="Take back"))
    expect(page.get_by_text("Nothing of it is in force.")).to_be_visible()
    visit.follow(page.locator("#toasts").get_by_role("button", name="Undo"))
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    visit.follow(page.get_by_role("button", name="Take back"))
    # the form that was wrong is answered by 422 on purpose
    assert [text for text in visit.complaints if "422" not in text] == []


def test_a_contingency_is_prepared_and_its_distance_stands_with_the_risks(site: Site) -> None:
    visit = site.visit("director")
    page = visit.go("/contingencies/new/")
    page.get_by_label("Name").fill("A thin quarter")
    page.get_by_label("Figure that triggers it").select_option("won_amount")
    page.get_by_label("Threshold").fill("1")
    page.get_by_role("textbox", name="First actions").fill("Call the ten largest accounts.")
    visit.follow(page.get_by_role("button", name="Save and watch"))
    expect(page.get_by_text("Watched", exact=True).first).to_be_visible()
    period = page.get_by_label("Of the period").input_value()
    visit.go(f"/forecast/{period}/risks/")
    expect(page.get_by_role("row", name="A thin quarter")).to_be_visible()
    other = site.visit("leader").go(f"/forecast/{period}/risks/")
    expect(other.get_by_role("row", name="A thin quarter")).to_have_count(0)
    assert visit.complaints == []
