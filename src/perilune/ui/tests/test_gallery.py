"""The gallery in a real browser: every width and theme, accessible, nothing wider than the page."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
# whitespace between classes is not checked by axe, contrast and names are
RUN = "axe.run(document, {resultTypes: ['violations']})"


@pytest.fixture
def page_of(browser, live_server, picture):
    contexts = []

    def open_page(language="en-GB", width=1440, scheme="light"):
        context = browser.new_context(
            locale=language, viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.goto(f"{live_server.url}/ui/gallery/")
        page.wait_for_selector("canvas")
        expect(page.locator("#map [data-ready=true]")).to_have_count(4)
        picture(page, f"gallery-{language}-{width}-{scheme}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en-GB", 1440, "light"), ("fr-FR", 1024, "dark"), ("fr-FR", 360, "light")],
)
def test_the_gallery_is_accessible_and_fits(page_of, language, width, scheme):
    page = page_of(language, width, scheme)
    page.evaluate(AXE)
    violations = page.evaluate(RUN)["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in violations] == []
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0
    assert page.troubles == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_number_opens_its_reason_and_escape_gives_the_focus_back(page_of):
    page = page_of()
    page.locator("#kpi .why-link").first.press("Enter")
    page.wait_for_selector("#drawer .explain")
    page.keyboard.press("Escape")
    assert page.locator("#drawer").inner_html() == ""
    assert page.evaluate("document.activeElement.matches('#kpi .why-link')")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_rows_are_walked_and_selected_by_keyboard(page_of):
    page = page_of()
    page.locator("#deals tbody tr").first.focus()
    for key in (" ", "ArrowDown", "ArrowDown", "Shift+ "):
        page.keyboard.press(key)
    assert page.locator("#deals [data-bulk-count]").inner_text() == "3"
    page.locator("#deals [data-bulk-clear]").click()
    assert page.locator("#deals [data-bulk]").is_hidden()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_field_is_edited_in_place_and_a_refused_value_is_kept(page_of):
    page = page_of()
    field = page.locator("#field [data-field=next_step]").first
    field.locator(".field-tool").click()
    box = field.locator("input[name=next_step]")
    box.fill("  ")
    box.press("Enter")
    field.locator(".field-problem").wait_for()
    box.fill("Call purchasing")
    box.press("Enter")
    page.wait_for_selector("#toasts .toast")
    assert "Call purchasing" in field.inner_text()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_refused_move_puts_the_card_back_and_says_so(page_of):
    page = page_of()
    # the gallery keeps nothing: the move answers 405
    page.locator("[data-card='1']").press("Alt+ArrowRight")
    page.wait_for_selector("#toasts .toast")
    assert page.locator("[data-column='1'] [data-card='1']").count() == 1
