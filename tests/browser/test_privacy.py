"""The rights of a person, by hand: found, exported, erased by two people, proved."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.history.service import change_set

if TYPE_CHECKING:
    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

NAME = "Zoé Quémeneur"


@pytest.mark.timeout(600)
def test_a_person_is_found_exported_erased_by_two_people_and_proved(site: Site) -> None:
    with change_set(actor="analyst") as writer:
        contact = writer.create("contact", {"name": NAME, "email": "zoe@quemeneur.example"})
    asks = site.visit("director")
    page = asks.go("/settings/privacy/")
    page.get_by_label("Name, e-mail address or telephone number").fill("Quemeneur")
    asks.follow(page.get_by_role("button", name="Look", exact=True))
    page.locator(f"input[name=record][value='contact:{contact}']").check()
    asks.follow(page.get_by_role("button", name="See where they stand"))
    asks.work()
    dossier = page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Export everything").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert NAME in json.dumps(json.loads(archive.read("person.json")), ensure_ascii=False)
    asks.follow(page.get_by_role("button", name="Ask for erasure"))
    expect(page.get_by_text("Somebody else must approve what you asked for.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve: erase this person")).to_have_count(0)

    approves = site.visit("manager", language="fr", width=360, height=800)
    other = approves.go(dossier.removeprefix(approves.url))
    assert other.evaluate("document.documentElement.scrollWidth") <= 360
    approves.follow(other.locator("button[name=verb][value=approve]"))
    approves.work()
    expect(other.get_by_role("heading", name="Preuve")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Proof")).to_be_visible()
    expect(page.get_by_role("heading", name="What remains")).to_have_count(0)
    asks.go(f"/records/contact/{contact}/")
    expect(page.get_by_role("heading", name=f"Erased person {contact}")).to_be_visible()
    assert NAME not in page.content()
    with change_set(actor="analyst") as writer:  # the company is shared with other tests
        writer.delete("contact", contact)
    assert not asks.complaints and not approves.complaints
