"""The verbs of the command line, mounted from the capabilities. Imported once Django is set up."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from django.core.management import call_command
from django.db import connections
from django.utils.translation import get_language

from perilune.kernel.errors import Conflict
from perilune.people import service as people
from perilune.people.queries import company_or_none
from perilune.site.home import Home
from perilune.store import service as store

app = typer.Typer(
    name="perilune",
    help="Mission control for a sales force. One home is one company: --home DIR or PERILUNE_HOME."
    " It speaks the company's language, or --language en | fr.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog="Acts as the owner of the home, or --as USER.",
)


@app.command()
def init(
    name: Annotated[str, typer.Option(help="The company's name.")] = "",
    currency: Annotated[str, typer.Option(help="ISO code, such as EUR or USD.")] = "EUR",
    fiscal_start: Annotated[int, typer.Option(help="Month the fiscal year starts in.")] = 1,
    timezone: Annotated[str, typer.Option(help="IANA name.")] = "Europe/Paris",
    language: Annotated[str, typer.Option(help="en or fr; the terminal's if left out.")] = "",
) -> None:
    """Make the home and its company.

    Example: perilune --home acme init --currency USD --timezone America/New_York
    """
    home = Home.from_environment()
    if home.exists() and _has_company():
        raise Conflict("There is a company in %(home)s already.", home=str(home.path))
    prepare(home)
    people.company_init(
        name=name or home.path.name,
        currency=currency.upper(),
        fiscal_start_month=fiscal_start,
        timezone=timezone,
        language=language or (get_language() or "en")[:2],
    )
    store.refresh()
    typer.echo(str(home.path))


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on the loopback.")] = 8000,
) -> None:
    """Serve the pages on 127.0.0.1 with the job worker beside them, until Ctrl-C.

    Example: perilune --home acme serve --port 8080
    """
    from perilune.site import serving

    prepare(Home.from_environment())
    serving.serve(port)


@app.command()
def run(port: Annotated[int, typer.Option(help="Port on the loopback.")] = 8000) -> None:
    """Serve var/company, or make and serve the demo company in var/demo until there is one.

    Example: perilune run
    """
    from perilune.site import serving

    home = Home.from_environment()
    prepare(home)
    if not _has_company():
        demo: Any = import_module("perilune.demo.cli")
        demo.demo_command()
    serving.serve(port)


def prepare(home: Home) -> None:
    """Make the home's folder and bring its databases up to this version."""
    home.prepare()
    home.static.mkdir(exist_ok=True)
    for alias in connections:
        call_command("migrate", database=alias, verbosity=0, interactive=False)


def _has_company() -> bool:
    from django.db import DatabaseError

    try:
        return company_or_none() is not None
    except DatabaseError:
        return False


_VERBS: dict[str, tuple[str, str]] = {
    "user": ("perilune.people.cli", "app"),
    "contingencies": ("perilune.site.contingency_cli", "contingencies_command"),
    "demo": ("perilune.demo.cli", "demo_command"),
    "import": ("perilune.hub.cli.imports", "import_command"),
    "imports": ("perilune.hub.cli.imports", "imports_app"),
    "hub": ("perilune.hub.cli.writing", "hub_app"),
    "hooks": ("perilune.hub.cli.hooks", "hooks_app"),
    "leads": ("perilune.hub.cli.routing", "app"),
    "repairs": ("perilune.hub.cli.repairs", "app"),
    "duplicates": ("perilune.hub.cli.duplicates", "app"),
    "quality": ("perilune.hub.cli.quality", "app"),
    "metrics": ("perilune.metrics.cli", "metrics_command"),
    "forecast": ("perilune.forecasting.cli", "app"),
    "rep": ("perilune.forecasting.cli", "rep_app"),
    "store": ("perilune.store.cli", "app"),
    "territories": ("perilune.territories.cli", "app"),
    "plan": ("perilune.planning.cli", "app"),
    "privacy": ("perilune.privacy.cli", "app"),
}
"""verb: (module, name in it)"""
_JOINED: dict[str, dict[str, tuple[str, str]]] = {
    "plan": {"scenario": ("perilune.forecasting.cli.together", "plan_scenario_command")},
}
"""Verbs below a verb that another capability answers, one that stands above it."""


def mount(wanted: str) -> typer.Typer:
    """Return the application with the verb that is wanted, or with all of them where none is known.

    A verb's capability is imported only when it is asked for: numerical libraries take seconds.
    """
    own = {command.callback.__name__ for command in app.registered_commands if command.callback}
    for name in () if wanted in own else (wanted,) if wanted in _VERBS else _VERBS:
        module, attribute = _VERBS[name]
        found: Any = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            for part, (above, command) in _JOINED.get(name, {}).items():
                found.command(part)(getattr(import_module(above), command))
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app
