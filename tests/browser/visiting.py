"""The running site for browser tests: what it shows, and who visits it.

The database is shared with the threads of the server, so tests here are in no transaction. The demo
takes seconds, so it is built once, and again only after a test needed an empty home.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import expect

from perilune.demo.testing import build_small
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.models import Job
from perilune.people import testing as people
from perilune.people.models import User
from perilune.people.queries import company_or_none
from perilune.site import wiring
from perilune.store import service as store

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

    Picture = Callable[[Page, str], None]

LOCALES = {"en": "en-GB", "fr": "fr-FR"}


@dataclass
class Visit:
    """A page opened by somebody, and what the browser complained about since."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def go(self, path: str) -> Page:
        """Open an address of the site and wait until nothing loads any more."""
        self.page.goto(self.url + path)
        return self.settle()

    def follow(self, door: Locator) -> Page:
        """Press what leads to another page, or to this one anew, and wait until it stands there.

        A busy machine may not have left the old page when the click returns: to look at once
        would be to look at the old one.
        """
        with self.page.expect_navigation():
            door.click()
        return self.settle()

    def work(self) -> Page:
        """Let the worker beside the site do what waits, and the page find out by itself.

        A page that shows a job's steps asks each second and opens anew once it is over: to go
        elsewhere before would race with that.
        """
        run_jobs()
        expect(self.page.locator(".steps")).to_have_count(0)
        return self.settle()

    def settle(self) -> Page:
        """Wait for panels that load by themselves and for charts to be drawn."""
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator(".htmx-request, .htmx-settling")).to_have_count(0)
        undrawn = self.page.locator("[data-chart]:visible:not(:has(canvas))")
        expect(undrawn).to_have_count(0)
        return self.page


class Site:
    """The running site and what it shows."""

    def __init__(self, browser: Browser, homes: Path) -> None:
        self._browser, self._homes = browser, homes
        self._contexts: list[BrowserContext] = []
        # the page's files come through the product's own middleware, not through a test's
        through: Any = lambda app: app  # noqa: E731
        self._thread = LiveServerThread("127.0.0.1", static_handler=through)
        self._thread.daemon = True
        self._thread.start()
        self._thread.is_ready.wait()
        assert not self._thread.error, self._thread.error
        self.url = f"http://127.0.0.1:{self._thread.port}"
        self._count = 0
        self._new_store()

    def show_demo(self) -> None:
        """Let the home be that of the small demo company."""
        found = company_or_none()
        if found is None or not found.is_demo:
            self._clear()
            build_small()

    def show_empty(self) -> None:
        """Let the home be that of a company without any record, with an analyst."""
        self._clear()
        people.make_company(name="Maven", currency="USD", timezone="UTC", country="US")
        people.make_user("analyst", "analyst")
        store.refresh()

    def _clear(self) -> None:
        for alias in settings.DATABASES:
            call_command("flush", database=alias, interactive=False, verbosity=0)
        self._new_store()

    def _new_store(self) -> None:
        self._count += 1
        store.configure(self._homes / str(self._count), always=wiring.always)

    def visit(
        self, user: str = "", *, language: str = "en", width: int = 1440, height: int = 900,
        scheme: Any = "light",
    ) -> Visit:  # fmt: skip
        """Open a browser window, signed in when a user is named."""
        context = self._browser.new_context(
            locale=LOCALES[language],
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        if user:
            User.objects.filter(username=user).update(language="")
            client = Client()
            client.force_login(
                User.objects.get(username=user),
                backend="django.contrib.auth.backends.ModelBackend",
            )
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.url}]
            )
        visit = Visit(context.new_page(), self.url)
        _listen(visit)
        return visit

    def give_password(self, user: str, password: str) -> None:
        """Let somebody have this password again."""
        found = User.objects.get(username=user)
        found.set_password(password)
        found.save(update_fields=["password"])

    def close_windows(self) -> None:
        """Close what a test opened."""
        while self._contexts:
            self._contexts.pop().close()

    def stop(self) -> None:
        """Close the server and leave the databases as empty as they were."""
        self.close_windows()
        self._thread.terminate()
        self._clear()
        connections.close_all()
        store.configure(settings.PERILUNE_HOME, always=wiring.always)


def _listen(visit: Visit) -> None:
    """Collect errors of scripts, the console and answers, and the bytes of every answer."""
    page, said = visit.page, visit.complaints
    page.on("pageerror", lambda error: said.append(f"script: {error}"))
    page.on("console", lambda m: said.append(f"console: {m.text}") if m.type == "error" else None)
    # an answer without a body (204) counts as aborted for Chromium
    page.on(
        "requestfailed",
        lambda r: None if "ABORTED" in str(r.failure) else said.append(f"{r.failure} {r.url}"),
    )
    page.on("response", lambda r: said.append(f"{r.status} {r.url}") if r.status >= 500 else None)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.on(
        "Network.loadingFinished",
        lambda e: visit.sizes.__setitem__(e["requestId"], int(e["encodedDataLength"])),
    )


def wide_tables(page: Page) -> list[str]:
    """Return the tables of a page that leave their panel, by name: on a desk none should."""
    names: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main .table-scroll")]
        .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0)
        .map((box) => box.getAttribute("aria-label"))"""
    )
    return names


def run_jobs() -> None:
    """Do what the worker beside the site would do, until nothing waits."""
    over = [state.value for state in State if state.is_over]
    while job := Job.objects.exclude(state__in=over).order_by("id").first():
        jobs.step(job.id, job.step)
