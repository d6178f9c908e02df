"""IT connects the fake Salesforce by OAuth, looks at the mapping, syncs and sees the proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.visiting import run_jobs
from tests.fakes import hubspot
from tests.fakes.hubspot.made import filled as filled_hubspot
from tests.fakes.salesforce import CLIENT, SECRET, serve
from tests.fakes.salesforce.made import filled

if TYPE_CHECKING:
    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


def test_a_salesforce_is_connected_mapped_synced_and_proved(
    empty_site: Site, screenshots: Path
) -> None:
    with serve(filled(40)) as serving:
        visit = empty_site.visit("analyst")
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
        expect(page.locator("main")).not_to_contain_text(SECRET)

        visit.follow(page.get_by_role("link", name="Opportunity", exact=True))
        field = page.get_by_label("Region__c")
        expect(field).to_have_value("")
        field.select_option(label="Competitor")
        page.screenshot(path=screenshots / "connection-map.png", full_page=True)
        visit.follow(page.get_by_role("button", name="Save the mapping"))

        visit.follow(page.get_by_role("button", name="Sync now"))
        page.screenshot(path=screenshots / "connection-progress.png", full_page=True)
        run_jobs()
        page.locator(".steps").wait_for(state="detached")
        visit.settle()
        expect(page.locator(".page-header, header").first).to_be_visible()
        expect(page.locator("main")).to_contain_text("Every month of every object holds the same")
        expect(page.locator("main")).to_contain_text("Both sides equal")
        page.screenshot(path=screenshots / "connection-proof.png", full_page=True)

        visit.follow(page.get_by_role("button", name="Set the schedule"))
        page.get_by_label("Sync what changed").select_option(label="every hour")
        visit.follow(page.get_by_role("button", name="Set the schedule"))
        expect(page.get_by_label("Sync what changed")).to_have_value("60")
        for language, width, scheme in (("fr", 1440, "dark"), ("fr", 360, "light")):
            other = empty_site.visit("analyst", language=language, width=width, scheme=scheme)
            other.go("/settings/connections/acme-crm/").screenshot(
                path=screenshots / f"connection-{language}-{width}-{scheme}.png", full_page=True
            )
            assert other.complaints == []
        other = empty_site.visit("analyst", language="fr")
        other.go("/settings/connections/").screenshot(
            path=screenshots / "connections-fr.png", full_page=True
        )


def test_a_hubspot_is_let_in_by_a_token_synced_and_proved(
    empty_site: Site, screenshots: Path
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
            other.go("/settings/connections/?system=hubspot").screenshot(
                path=screenshots / f"connections-hubspot-fr-{width}.png", full_page=True
            )
            assert other.complaints == []
        visit.follow(page.get_by_role("button", name="Add the connection"))
        expect(page.locator("main")).to_contain_text("Access is allowed")
        expect(page.locator("main")).not_to_contain_text(token)
        visit.follow(page.get_by_role("button", name="Sync now"))
        run_jobs()
        page.locator(".steps").wait_for(state="detached")
        visit.settle()
        expect(page.locator("main")).to_contain_text("Both sides equal")
        page.screenshot(path=screenshots / "connection-hubspot-proof.png", full_page=True)
        visit.follow(page.get_by_role("link", name="deals", exact=True))
        expect(page.get_by_label("closed_lost_reason")).to_have_value("loss_reason")
        page.screenshot(path=screenshots / "connection-hubspot-map.png", full_page=True)
