"""Duplicates: looked for, judged side by side by keyboard, merged, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.crm.models import Account, Contact
from perilune.history.service import change_set
from tests.browser.visiting import run_jobs

if TYPE_CHECKING:
    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]


def _twin() -> tuple[int, int, int]:
    """Write an account that is there already in capitals, with a contact; return both and it."""
    first = Account.objects.exclude(postcode=None).order_by("id")[0]
    values = {
        name: getattr(first, name)
        for name in ("city", "postcode", "street", "country", "website", "phone")
    }
    with change_set(actor="analyst") as writer:
        twin = writer.create(
            "account", {**values, "name": str(first.name).upper(), "industry": "Steel"}
        )
        contact = writer.create("contact", {"name": "Zoé Martin", "account_id": twin})
    return first.pk, twin, contact


@pytest.mark.timeout(240)
def test_duplicates_are_found_judged_by_keyboard_merged_and_taken_back(site: Site) -> None:
    first, twin, contact = _twin()
    visit = site.visit("analyst")
    page = visit.go("/data/duplicates/")
    expect(page.get_by_text("Nobody has looked yet").first).to_be_visible()
    visit.follow(page.get_by_role("button", name="Look for duplicates").or_(
        page.get_by_role("button", name="Look again")
    ))  # fmt: skip
    run_jobs()
    visit.go("/data/duplicates/account/")
    name = str(Account.objects.get(id=first).name)
    visit.follow(page.get_by_role("link", name=name, exact=False).first)

    expect(page.get_by_role("columnheader", name="Becomes")).to_be_visible()
    kept = page.locator(f"input[name=kept][value='{first}']")
    kept.check()
    expect(page.locator(f"input[name=kept][value='{first}']:checked")).to_have_count(1)
    page.locator(f"input[name=field-industry][value='{twin}']").check()
    row = page.get_by_role("row", name="Industry")
    expect(row.get_by_role("cell").last).to_contain_text("Steel")
    expect(row.get_by_role("cell").last).to_contain_text("chosen by hand")
    page.locator("h1").click()
    with page.expect_navigation():
        page.keyboard.press("m")
    visit.settle()
    assert Contact.objects.get(id=contact).account_id == first
    assert Account.objects.get(id=first).industry == "Steel"

    visit.go(f"/records/account/{twin}/")  # the id that is gone leads on
    expect(page).to_have_url(f"{visit.url}/records/account/{first}/")
    french = site.visit("analyst", language="fr", width=360, height=800).go("/data/duplicates/")
    expect(french.get_by_role("heading", name="Fusions")).to_be_visible()
    assert french.evaluate("document.documentElement.scrollWidth") <= 360

    visit.go("/data/duplicates/")
    visit.follow(page.locator("#merges").get_by_role("link").first)
    visit.follow(page.get_by_role("button", name="Take the merge back"))
    expect(page.locator("#merges").get_by_text("taken back")).to_be_visible()
    assert Contact.objects.get(id=contact).account_id == twin
    with change_set(actor="analyst") as writer:  # the company is shared with other tests
        writer.delete("contact", contact)
        writer.delete("account", twin)
    assert not visit.complaints
