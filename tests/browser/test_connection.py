"""A manager connects the fake Salesforce by OAuth, maps, syncs, sees the proof, merges and undoes,
writes back and takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.crm.models import Contact, Opportunity
from perilune.people import testing as people
from tests.browser.visiting import run_jobs
from tests.fakes import hubspot
from tests.fakes.hubspot.made import filled as filled_hubspot
from tests.fakes.salesforce import CLIENT, SECRET, serve
from tests.fakes.salesforce.made import filled

if TYPE_CHECKING:
    from tests.browser.visiting import Picture, Site, Visit
    from tests.fakes.salesforce import Org

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


MAIN = "/settings/connections/acme-crm/"


@pytest.mark.timeout(300)
def test_a_salesforce_is_connected_proved_merged_in_and_written_back_to(
    empty_site: Site, picture: Picture
) -> None:
    org = filled(40)
    org.create("Contact", FirstName="Jo", LastName="Person Twice", Email="jo1@c1.example")
    people.make_user("ops_manager")
    with serve(org) as serving:
        visit = empty_site.visit("ops_manager")
        page = visit.go("/settings/connections/")
        page.get_by_label("Name", exact=True).fill("Acme CRM")
        page.get_by_label("Address").fill(serving.address)
        page.get_by_label("Client id").fill(CLIENT)
        page.get_by_label("Client secret").fill(SECRET)
        visit.follow(page.get_by_role("button", name="Add the connection"))
        page.get_by_role("link", name="Allow access at Salesforce").click()
        expect(page.get_by_role("heading", name="Allow access?")).to_be_visible()
        page.get_by_role("button", name="Allow").first.click()
        page.wait_for_url("**/settings/connections/acme-crm/")
        visit.settle()
        visit.complaints.clear()  # the other system's own pages have no icon
        expect(page.locator("main")).not_to_contain_text(SECRET)

        visit.follow(page.get_by_role("link", name="Opportunity", exact=True))
        field = page.get_by_label("Region__c")
        expect(field).to_have_value("")
        field.select_option(label="Competitor")
        picture(page, "connection-map")
        visit.follow(page.get_by_role("button", name="Save the mapping"))

        visit.follow(page.get_by_role("button", name="Sync now"))
        picture(page, "connection-progress")
        visit.work()
        expect(page.locator(".page-header, header").first).to_be_visible()
        expect(page.locator("main")).to_contain_text("Every month of every object holds the same")
        expect(page.locator("main")).to_contain_text("Both sides equal")
        picture(page, "connection-proof")

        visit.follow(page.get_by_role("button", name="Set the schedule"))
        page.get_by_label("Sync what changed").select_option(label="every hour")
        visit.follow(page.get_by_role("button", name="Set the schedule"))
        expect(page.get_by_label("Sync what changed")).to_have_value("60")
        for language, width, scheme in (("fr", 1440, "dark"), ("fr", 360, "light")):
            other = empty_site.visit("ops_manager", language=language, width=width, scheme=scheme)
            picture(
                other.go("/settings/connections/acme-crm/"),
                f"connection-{language}-{width}-{scheme}",
            )
            assert other.complaints == []
        other = empty_site.visit("ops_manager", language="fr")
        picture(other.go("/settings/connections/"), "connections-fr")
        _merge_and_undo(visit)
        _write_back(empty_site, visit, org, picture)
        assert visit.complaints == []


def _merge_and_undo(visit: Visit) -> None:
    """Two contacts of one address become one, and two again."""
    page = visit.go("/data/duplicates/contact/")
    count = Contact.objects.count()
    visit.follow(page.get_by_role("button", name="Look again"))
    run_jobs()
    visit.go("/data/duplicates/contact/")
    visit.follow(page.get_by_role("link", name="Jo Person Twice", exact=False).first)
    visit.follow(page.locator(".duplicates-verbs").get_by_role("button", name="Merge"))
    assert Contact.objects.count() == count - 1
    visit.go("/data/duplicates/contact/")
    visit.follow(page.locator("#merges").get_by_role("link").first)
    visit.follow(page.get_by_role("button", name="Take the merge back"))
    expect(page.locator("#merges").get_by_text("taken back")).to_be_visible()
    assert Contact.objects.count() == count


def _write_back(site: Site, visit: Visit, org: Org, picture: Picture) -> None:
    """An edited next step is looked at, written to the org, and taken back."""
    page = visit.go(MAIN)
    visit.follow(page.get_by_role("link", name="Write back"))
    visit.follow(page.get_by_role("link", name="Opportunity", exact=True))
    page.get_by_label("NextStep").select_option(label="a person decides")
    picture(page, "write-fields")
    visit.follow(page.get_by_role("button", name="Save what may be written"))

    deal = Opportunity.objects.order_by("id")[0]
    visit.go(f"/records/opportunity/{deal.pk}/")
    field = page.locator("[data-field='next_step']")
    field.locator("a[title='Edit']").click()
    field.locator("input.input").fill("Call Ann on Monday")
    field.get_by_role("button", name="Save").click()
    expect(field).to_contain_text("Call Ann on Monday")
    key = next(k for k, row in org.rows["Opportunity"].items() if row["Name"] == deal.name)
    before = org.rows["Opportunity"][key]["NextStep"]

    visit.go(f"{MAIN}write/")
    expect(page.locator("main")).to_contain_text("Call Ann on Monday")
    picture(page, "write-differs")
    page.get_by_label("Written for").fill("Next steps of the week")
    visit.follow(page.get_by_role("button", name="Look at what stands there"))
    expect(page.locator("main")).to_contain_text("will be written")
    assert org.rows["Opportunity"][key]["NextStep"] == before
    picture(page, "write-batch")
    visit.follow(page.get_by_role("button", name="Write to acme-crm"))
    visit.work()
    expect(page.locator(".finding")).to_contain_text("1 value written")
    assert org.rows["Opportunity"][key]["NextStep"] == "Call Ann on Monday"
    where = page.url.removeprefix(site.url)
    for language, width, scheme in (("fr", 1440, "dark"), ("fr", 360, "light")):
        other = site.visit("ops_manager", language=language, width=width, scheme=scheme)
        for name, path in (("log", where), ("differs", f"{MAIN}write/"),
                           ("fields", f"{MAIN}write/fields/Opportunity/")):  # fmt: skip
            picture(other.go(path), f"write-{name}-{language}-{width}-{scheme}")
        assert other.complaints == []
    visit.follow(page.get_by_role("button", name="Take it back"))
    visit.follow(page.get_by_role("button", name="Write to acme-crm"))
    visit.work()
    expect(page.locator(".finding")).to_contain_text("1 value written")
    assert org.rows["Opportunity"][key]["NextStep"] == before


def test_a_hubspot_is_let_in_by_a_token_synced_and_proved(
    empty_site: Site, picture: Picture
) -> None:
    with hubspot.serve(filled_hubspot(40)) as serving:
        token, _refresh = serving.doors.session()
        visit = empty_site.visit("analyst")
        page = visit.go("/settings/connections/")
        visit.follow(page.get_by_role("link", name="HubSpot", exact=True))
        expect(page.get_by_label("Address")).to_have_value("https://api.hubapi.com")
        page.get_by_label("Address").fill(serving.address)
        page.get_by_label("Token").fill(token)
        for width, scheme in ((360, "light"), (1440, "dark")):
            other = empty_site.visit("analyst", language="fr", width=width, scheme=scheme)
            picture(
                other.go("/settings/connections/?system=hubspot"), f"connections-hubspot-fr-{width}"
            )
            assert other.complaints == []
        visit.follow(page.get_by_role("button", name="Add the connection"))
        expect(page.locator("main")).to_contain_text("Access is allowed")
        expect(page.locator("main")).not_to_contain_text(token)
        visit.follow(page.get_by_role("button", name="Sync now"))
        visit.work()
        expect(page.locator("main")).to_contain_text("Both sides equal")
        picture(page, "connection-hubspot-proof")
        visit.follow(page.get_by_role("link", name="deals", exact=True))
        expect(page.get_by_label("closed_lost_reason")).to_have_value("loss_reason")
        picture(page, "connection-hubspot-map")
