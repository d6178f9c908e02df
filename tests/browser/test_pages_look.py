"""Every kind of page, wide and narrow, light and dark, in both languages: seen, and open to all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pytest

from perilune.crm.models import Opportunity

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.visiting import Picture, Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]

HEIGHTS = {1440: 900, 1024: 768, 360: 740}
LOOKS: dict[str, tuple[tuple[Literal["light", "dark"], int], ...]] = {
    "en": (("light", 1440), ("light", 1024), ("light", 360), ("dark", 1440)),
    "fr": (("light", 1440), ("light", 360)),
}
"""The dark changes colours, not places; French changes words, not colours."""
HEAVIEST = 400 * 1024
MAP = 400 * 1024
"""What a map may weigh beside it: its library and the outlines of countries."""
AXE_RUN = """axe.run(document, {resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"""


def _busy_deal() -> str:
    newest = Opportunity.objects.filter(amount__isnull=False).order_by("-id").values_list("id")[0]
    return f"/records/opportunity/{newest[0]}/"


PAGES: dict[str, tuple[str, str | Callable[[], str]]] = {
    "home": ("director", "/"),
    "cockpit": ("director", "/cockpit/"),
    "charts": ("director", "/cockpit/courses/"),
    "why": ("director", "/explain/won_amount/"),
    "list": ("director", "/pipeline/"),
    "form": ("director", "/records/opportunity/new/"),
    "record": ("director", _busy_deal),
    "board": ("director", "/pipeline/board/"),
    "forecast": ("director", "/forecast/"),
    "bridge": ("director", "/forecast/all/bridge/?level=region&rates=actual"),
    "scenarios": ("director", "/plan/scenarios/"),
    "studio": ("director", "/plan/scenarios/1/"),
    "edit of a scenario": ("director", "/plan/scenarios/1/new/shock/"),
    "territories": ("director", "/territories/"),
    "territory plan": ("director", "/territories/1/"),
    "accounts of a plan": ("director", "/territories/1/accounts/"),
    "measures": ("director", "/measures/"),
    "import": ("director", "/data/"),
    "settings": ("director", "/settings/company/"),
    "users": ("director", "/settings/users/"),
    "schedules": ("director", "/schedules/"),
    "journal": ("director", "/journal/"),
    "notices": ("director", "/notices/"),
    "pack": ("director", "/pack/"),
    "login": ("", "/accounts/login/"),
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_fits_and_is_open_to_all(
    site: Site, axe: str, picture: Picture, kind: str, language: str
) -> None:
    user, address = PAGES[kind]
    visit = site.visit(user, language=language)
    page = visit.go(address if isinstance(address, str) else address())
    faults: list[str] = []
    weight, has_map = sum(visit.sizes.values()), page.locator("[data-map]").count()
    if weight > HEAVIEST + (MAP if has_map else 0):
        faults.append(f"weighs {weight // 1024} KB")
    page.evaluate(axe)
    for scheme, width in LOOKS[language]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        visit.settle()
        name = f"{kind}-{language}-{width}-{scheme}"
        picture(page, name)
        faults += [f"{name}: {fault}" for fault in _too_wide(page)]
        if width != 1024:  # what is between a wide and a narrow page is of one of them
            faults += [f"{name}: {fault}" for fault in _barriers(page)]
    assert faults + visit.complaints == []


def test_a_barrier_is_found_in_either_theme_and_language(site: Site, axe: str) -> None:
    faint = (
        "<p style='color: #888; background: #777'>faint words</p><img src='/static/ui/icon.svg'>"
    )
    for language in ("en", "fr"):
        page = site.visit("director", language=language).go("/notices/")
        page.evaluate(axe)
        page.locator("main").evaluate(
            "(main, html) => main.insertAdjacentHTML('beforeend', html)", faint
        )
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = " ".join(_barriers(page))
            assert "color-contrast" in found and "image-alt" in found


def _too_wide(page: Page) -> list[str]:
    over = page.evaluate(
        "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"{over} px wider than the window"] if over > 0 else []


def _barriers(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(AXE_RUN)["violations"]
    return [f"{v['id']} {v['nodes'][0]['html'][:160]} ({len(v['nodes'])})" for v in found]
