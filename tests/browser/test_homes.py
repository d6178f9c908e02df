"""Each role opens on its own home and is refused what is not its own; people come, change, go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perilune.demo.contracts import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

HOMES = {
    "director": "Duties and risks",
    "manager": "The team's load",
    "analyst": "Data health",
    "assistant": "Today's list",
    "leader": "Cockpit",
    "teamlead": "Cockpit",
    "rep": "Cockpit",
    "viewer": "Cockpit",
}
REFUSED = {
    "analyst": ("/settings/users/", "/settings/company/"),
    "assistant": ("/journal/", "/settings/users/"),
    "leader": ("/data/", "/journal/", "/settings/company/"),
    "rep": ("/data/", "/journal/", "/schedules/", "/settings/users/"),
    "viewer": ("/pipeline/", "/data/", "/journal/", "/settings/users/"),
}
NEW_PASSWORD = "perigee-over-mare-77"


def _sign_in(page: Page, user: str, password: str) -> None:
    page.get_by_label("User name or e-mail").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("user", HOMES)
def test_a_role_opens_on_its_own_home_and_its_rooms_all_open(site: Site, user: str) -> None:
    visit = site.visit(user)
    page = visit.go("/")
    assert page.get_by_role("heading", level=1).inner_text() == HOMES[user]
    rooms = page.locator("a.rail-item:not(.rail-close)").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert rooms
    for address in rooms:
        answer = page.request.get(site.url + address)
        assert answer.ok, f"{address} is offered to {user} and answers {answer.status}"
    assert visit.complaints == []


@pytest.mark.parametrize("user", REFUSED)
def test_a_refused_page_says_so_in_words_and_shows_the_way_back(site: Site, user: str) -> None:
    visit = site.visit(user)
    for address in REFUSED[user]:
        answer = visit.page.goto(site.url + address)
        assert answer is not None
        assert answer.status == 403, address
        assert visit.page.get_by_role("heading", level=1).inner_text().strip()
        assert visit.page.locator("a[href='/']").count() > 0, f"{address} is a dead end"
        assert "Traceback" not in visit.page.content()


def test_one_signs_in_changes_the_password_and_signs_out(site: Site) -> None:
    page = site.visit().go("/cockpit/")
    assert "/accounts/login/" in page.url
    _sign_in(page, "assistant", "not the password")
    expect(page.locator(".errorlist").first).to_be_visible()
    _sign_in(page, "assistant", PASSWORD)
    page.wait_for_url("**/cockpit/")
    _change_password(page, site, PASSWORD, NEW_PASSWORD)
    try:
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/accounts/login/")
        page.goto(site.url + "/cockpit/")
        assert "/accounts/login/" in page.url
        _sign_in(page, "assistant", PASSWORD)
        refused = page.locator(".errorlist").first
        expect(refused, "the old password still opens").to_be_visible()
        _sign_in(page, "assistant", NEW_PASSWORD)
        page.wait_for_url("**/cockpit/")
    finally:
        site.give_password("assistant", PASSWORD)


def _change_password(page: Page, site: Site, old: str, new: str) -> None:
    page.goto(site.url + "/accounts/password/change/")
    fields = page.locator("main input[type=password], form.form input[type=password]")
    for place, text in enumerate((old, new, new)):
        fields.nth(place).fill(text)
    with page.expect_navigation():
        page.locator("form.form button[type=submit]").first.click()
    assert page.locator(".errorlist").count() == 0, page.locator(".errorlist").all_inner_texts()
