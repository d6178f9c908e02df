"""A manager connects a REST interface, tests it, names a list of it and syncs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.people import testing as people
from tests.fakes.rest import serve
from tests.fakes.rest.server import filled

if TYPE_CHECKING:
    from tests.browser.visiting import Picture, Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]
MAIN = "/settings/connections/erp/"


@pytest.mark.timeout(300)
def test_an_interface_is_tested_named_and_synced(empty_site: Site, picture: Picture) -> None:
    people.make_user("ops_manager")
    of = filled(30)
    of.paging = "next"
    with serve(of) as serving:
        token, _refresh = serving.doors.session()
        visit = empty_site.visit("ops_manager")
        page = visit.go("/settings/connections/?system=rest")
        page.get_by_label("Name", exact=True).fill("erp")
        page.get_by_label("Address", exact=True).fill(serving.address)
        page.get_by_label("Token", exact=True).fill("wrong")
        page.get_by_role("button", name="Test").click()
        expect(page.locator("#tested")).to_contain_text("look at the login")
        page.get_by_label("Token", exact=True).fill(token)
        page.get_by_role("button", name="Test").click()
        expect(page.locator("#tested")).to_contain_text("It lets us in")
        picture(page, "source-new")
        visit.follow(page.get_by_role("button", name="Add the connection"))
        visit.follow(page.get_by_role("link", name="Add an object"))
        page.get_by_label("Name", exact=True).fill("deals")
        page.get_by_label("Path", exact=True).fill("/api/deals")
        page.get_by_role("button", name="Test").click()
        expect(page.locator("#tested")).to_contain_text("30 rows")
        picture(page, "source-object")
        visit.follow(page.get_by_role("button", name="Save"))
        visit.follow(page.get_by_role("button", name="Save the mapping"))
        visit.follow(page.get_by_role("button", name="Sync now"))
        visit.work()
        expect(page.locator("main")).to_contain_text("Both sides equal")
        picture(page, "source-proof")
        for width in (1440, 360):
            other = empty_site.visit("ops_manager", language="fr", width=width)
            for name, where in (
                ("new", "/settings/connections/?system=rest"),
                ("sql", "/settings/connections/?system=sql"),
                ("object", MAIN + "objects/deals/"), ("proof", MAIN),
            ):  # fmt: skip
                picture(other.go(where), f"source-{name}-fr-{width}")
            assert other.complaints == []
        assert visit.complaints == []
