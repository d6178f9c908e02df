"""One company for the browser tests of a run: the small demo, or an empty home where one asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.visiting import Site

AXE = Path(__file__).parents[2] / "src/perilune/ui/tests/vendor/axe.min.js"


@pytest.fixture(scope="package")
def the_site(
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    from tests.browser.visiting import Site  # its models need Django, which is not ready above

    with django_db_blocker.unblock():
        site = Site(browser, tmp_path_factory.mktemp("homes"))
        yield site
        site.stop()


@pytest.fixture
def _django_db_helper(the_site: Site) -> None:
    """Leave the database as it is between tests: this takes the place of pytest-django's own.

    The mark `django_db` still sets up the databases, and puts these tests after those that
    expect an empty one.
    """


@pytest.fixture
def site(the_site: Site) -> Iterator[Site]:
    """The site with the small demo company."""
    the_site.show_demo()
    yield the_site
    the_site.close_windows()


@pytest.fixture
def empty_site(the_site: Site) -> Iterator[Site]:
    """The site with a company that has no records yet."""
    the_site.show_empty()
    yield the_site
    the_site.close_windows()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which finds what keeps people out of a page."""
    return AXE.read_text("utf-8")
