"""What every test stands on: a home of its own, and a browser for those that look at pages.

pytest-django would load the settings before this file is read, so the settings are named here and
not in pyproject.toml: the home must be a temporary one before Django looks for it.
"""

import atexit
import fcntl
import gc
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parent
CHROMIUM_ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# pages and commands draw what services and queries say, which are asked on both databases
DRAWN = re.compile(r"test_(\w+_)?(web|pages|cli)(_\w+)?\.py")

# rooms that ask the store, which holds the same whatever database its records come from, and what
# of them writes records of its own
ASKS = {"demo", "forecasting", "insights", "metrics", "planning", "site", "territories"}
WRITES = re.compile(
    r"test_(approvals|closing|contingencies|departures|drafts|plans|publishing|quota_bases|ruling"
    r"|service|sharing|submitting|taking|workbooks)\.py"
)

PATIENCE = 60_000
"""Milliseconds until a page or an expectation is given up: never a measure of speed."""

# fixtures that open a database
RECORDS = {"db", "transactional_db", "live_server", "django_db_setup"}

# a busy machine is no fault of the code: neither an example nor its making is timed
hypothesis.settings.register_profile(
    "perilune", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("perilune")

if settings.configured:
    raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: tests choose a temporary home first")

HOME = tempfile.mkdtemp(prefix=f"perilune-{os.environ.get('PYTEST_XDIST_WORKER', 'test')}-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
Path(HOME, "static").mkdir()
os.environ["PERILUNE_HOME"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "perilune.site.settings"


def pytest_configure() -> None:
    """Compile the French and load the applications before a test module imports a model."""
    from perilune.ui.catalogues import compile_all

    compile_all()
    # a password is slow to check on purpose: a fifth of a second for each user of each test
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
    list_static_files_once()
    draw_no_constants_of_the_product()
    # what has been loaded stays: to look through it again and again finds no garbage
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    # no test here outlives the machine; those that cut a process off leave its own syncing alone
    os.fsync = lambda _file: None  # type: ignore[assignment]


def list_static_files_once() -> None:
    """Let every client of a process share the list of static files: each made its own anew."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    listed: dict[str, Any] = {}
    add = WhiteNoiseMiddleware.add_files_from_finders

    def add_listed(self: WhiteNoiseMiddleware) -> None:
        if not listed:
            add(self)
            listed.update(self.files)
        self.files.update(listed)

    WhiteNoiseMiddleware.add_files_from_finders = add_listed


def draw_no_constants_of_the_product() -> None:
    """Let hypothesis draw without literals of a thousand modules, which each worker would parse.

    Those of one engine are one in ten thousand of them: where a limit matters, a test draws it.
    """
    from hypothesis.internal.conjecture import providers

    providers._get_local_constants = lambda: providers._local_constants


def is_once(path: Path) -> bool:
    """Tell whether a file of tests asks only what is the same on both databases."""
    is_asking = path.relative_to(ROOT).parts[2] in ASKS and not WRITES.match(path.name)
    return is_asking or bool(DRAWN.match(path.name))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a file unread of which the second lane asks nothing."""
    if not collection_path.match("test_*.py") or "not once" not in config.option.markexpr:
        return None
    return is_once(collection_path) or "browser" in collection_path.parts or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open every database to tests with one: on SQLite sessions and jobs live apart.

    A test that asks for none says the same on every database. The longest ones begin, so that no
    worker is left alone with them at the end.
    """
    items.sort(
        key=lambda item: "journeys" not in item.path.parts and not item.get_closest_marker("roles")
    )
    for item in items:
        asked = RECORDS & set(getattr(item, "fixturenames", ()))
        by_fixture = "db" in asked and not asked & {"transactional_db", "live_server"}
        if by_fixture and item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db)
        for mark in item.iter_markers("django_db"):
            mark.kwargs["databases"] = "__all__"
        asks = asked or item.get_closest_marker("django_db")
        if not asks and "journeys" not in item.path.parts:
            item.add_marker("engine")
        if is_once(item.path):
            item.add_marker("once")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each worker read this file before its Django, so that each has a home of its own."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def compile_in_turn(file: Path) -> None:
    """Let one worker of a run compile at a time: the others find in numba's cache what it made.

    In a fresh clone all of them come to the same loops, half a minute each, at the same time.
    """
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher

    compiled, lock, depth = Dispatcher.compile, file.open("a"), 0

    def in_turn(self: Any, signature: Any) -> Any:
        nonlocal depth
        with global_compiler_lock:  # other threads of this worker; the file keeps other workers out
            fcntl.flock(lock, fcntl.LOCK_EX)
            depth += 1
            try:
                return compiled(self, signature)
            finally:
                depth -= 1
                if not depth:  # loops that call others compile those first
                    fcntl.flock(lock, fcntl.LOCK_UN)

    Dispatcher.compile = in_turn


@pytest.fixture(scope="session", autouse=True)
def shared_worlds(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the workers of a run share what takes seconds to make or to compile."""
    from perilune.history.testing import share_in

    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = tmp_path_factory.getbasetemp().parent / "shared"
        folder.mkdir(exist_ok=True)
        share_in(folder)
        os.environ["PERILUNE_TEST_SHARED"] = str(folder)  # see jobs.testing
        compile_in_turn(folder / "compiling")


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Let the tests' SQLite begin from the files that stand there; they go with the home."""
    return "sqlite3" in str(settings.DATABASES["default"]["ENGINE"]) or bool(
        request.config.getvalue("reuse_db")
    )


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, shared_worlds: None, django_db_modify_db_settings: None
) -> None:
    """Migrate the databases once for all workers of a run."""
    from perilune.jobs.testing import homes_files, migrated_once

    with migrated_once(homes_files(of_tests=True)):
        request.getfixturevalue("django_db_setup")  # that of pytest-django


@pytest.fixture(autouse=True)
def own_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give each test with a database a store of its own: a rolled-back test must leave no trace."""
    from perilune.site import wiring
    from perilune.store import service

    is_set_up = service.current().path != Path(HOME) / "store"  # by a fixture of wider scope
    if is_set_up or request.node.get_closest_marker("django_db") is None:
        yield
        return
    folder = request.getfixturevalue("tmp_path")
    service.configure(folder, always=wiring.always)
    yield
    service.configure(Path(HOME), always=wiring.always)


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Begin each test in the default language: a page asked in French leaves French behind it."""
    from django.utils import translation

    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium with a new profile; a test opens a context in the language it wants.

    Every page and every expectation has the same patience: four of them share two processors.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        open_context = running.new_context

        def patient(**options: Any) -> "BrowserContext":
            context = open_context(**options)
            context.set_default_timeout(PATIENCE)
            context.set_default_navigation_timeout(2 * PATIENCE)
            return context

        patch.setattr(running, "new_context", patient)
        yield running
        running.close()


@pytest.fixture(scope="session")
def picture() -> Callable[["Page", str], None]:
    """Keep a picture of a page in var/screenshots for a person, where PERILUNE_PICTURES is set."""
    folder = ROOT / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)

    def kept(page: "Page", name: str) -> None:
        if os.environ.get("PERILUNE_PICTURES"):
            page.screenshot(path=folder / f"{name}.png", full_page=True)

    return kept
