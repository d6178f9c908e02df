from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from perilune.demo import service
from perilune.demo.contracts import DEFAULT_SEED, LOGINS, PASSWORD, Report
from perilune.demo.engine.truth import Truth
from perilune.insights import service as learning
from perilune.jobs import service as jobs
from perilune.ui import formats


def demo_command(
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The demo's as-of; the current date by default."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another company.")] = DEFAULT_SEED,
    quick: Annotated[bool, typer.Option("--quick", help="A small company: six reps.")] = False,
) -> None:
    """Build a demo company, synthetic and labelled so, in a home of its own.

    Example: perilune demo --today 2026-06-30
    """
    _prepare()
    day = today.date() if today else datetime.now(ZoneInfo("Europe/Paris")).date()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=1.0)
        report = service.demo_build(
            day,
            seed,
            lambda what, share: bar.update(task, description=_(what), completed=share),
            truth=Truth.small() if quick else Truth(),
            language="fr" if (get_language() or "").startswith("fr") else "en",
        )
    # the worker learns while people look around: the forecast page says how far it is
    jobs.start(learning.JOB, {}, actor="demo")
    _say(report)


def _prepare() -> None:
    """Make the home and bring its databases up to date: the demo may be its first command."""
    settings.PERILUNE_HOME.mkdir(parents=True, exist_ok=True)
    for alias in connections:
        call_command("migrate", database=alias, verbosity=0, interactive=False)


def _say(report: Report) -> None:
    typer.echo(
        _("Demo company as of %(day)s: %(deals)s opportunities, %(rows)s changes, %(seconds)s s.")
        % {
            "day": formats.day(report.today),
            "deals": formats.number(report.records.get("opportunity", 0), 0),
            "rows": formats.number(report.rows, 0),
            "seconds": round(sum(report.seconds.values())),
        }
    )
    typer.echo(_("Logins, all with the password %(password)s:") % {"password": PASSWORD})
    for username, role in LOGINS.items():
        typer.echo(f"  {username:<12} {_(role)}")
