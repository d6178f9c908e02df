"""What the house itself holds of people, and the tables of the parts that others keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore

from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import (
    PERSONAL_FILES,
    PERSONAL_LOGS,
    PERSONAL_TABLES,
    Cleaned,
    Codec,
    PersonalFiles,
    PersonalTable,
    Scrub,
)


def _session_opened(text: Any) -> Any:
    return SessionStore().decode(str(text))


def _session_closed(found: Any) -> Any:
    return SessionStore().encode(found)


TABLES = (
    PersonalTable(
        "perilune_site.Notice", names=("username",),
        holds=("title", "params", "lines", "scope_label", "url"), free=("topic",),
    ),
    PersonalTable("perilune_site.NoticeSettings", names=("username",)),
    PersonalTable(
        "perilune_site.KeptPack", names=("username",), holds=("address", "problem", "shown"),
        free=("token", "period", "language"),
    ),
    PersonalTable(
        "perilune_site.Contingency", names=("author", "owner", "shared_with"),
        holds=("name", "first_actions"), free=("figure", "comparison", "period", "state"),
    ),
    PersonalTable("auth.Permission", free=("name", "codename")),
    PersonalTable("auth.Group", holds=("name",)),
    PersonalTable("contenttypes.ContentType", free=("app_label", "model")),
    PersonalTable(
        "sessions.Session",
        packed={"session_data": Codec(_session_opened, _session_closed)}, free=("session_key",),
    ),
    # the queue hands out numbers of jobs and steps alone; their arguments stand in `jobs.Job`
    PersonalTable(
        "django_q.Task",
        free=("id", "name", "func", "hook", "args", "kwargs", "result", "group", "cluster"),
    ),
    PersonalTable(
        "django_q.Schedule",
        free=(
            "name", "func", "hook", "args", "kwargs", "cron", "task", "cluster",
            "intended_date_kwarg",
        ),
    ),
    PersonalTable("django_q.OrmQ", free=("key", "payload")),
    PersonalTable("account.EmailAddress", holds=("email",), is_dropped=True),
    PersonalTable("account.EmailConfirmation", free=("key",)),
)  # fmt: skip


def _nothing_named(home: Path, scrub: Scrub, is_dry: bool) -> Cleaned:
    """Delete files that a company added to its pages, where their names or texts name the person.

    A picture is not read: whoever put a portrait there takes it away.
    """
    folder = home / "static"
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    named = []
    for path in files:
        try:
            text = path.read_text()
        except (UnicodeDecodeError, OSError):
            text = ""
        if scrub.text(f"{path.relative_to(home)}\n{text}") != f"{path.relative_to(home)}\n{text}":
            named.append(path)
    if not is_dry:
        for path in named:
            path.unlink()
    return Cleaned(len(files), len(named))


FILES = (
    PersonalFiles(
        "secret", _("The home's secret"), holds_nobody=_("A random key."),
    ),
    PersonalFiles("static", _("Files added to the pages"), _nothing_named),
    PersonalFiles(
        "records.sqlite3", _("Records"), holds_nobody=_("Reached table by table, then compacted."),
    ),
    PersonalFiles(
        "queue.sqlite3", _("Jobs and sessions"),
        holds_nobody=_("Reached table by table, then compacted."),
    ),
)  # fmt: skip


def register() -> None:
    """Put every room's declarations into the registries."""
    from perilune.crm.queries.personal import TABLES as CRM
    from perilune.forecasting.queries.personal import TABLES as FORECASTING
    from perilune.history.personal import TABLES as HISTORY
    from perilune.hub.queries.personal import TABLES as HUB
    from perilune.hub.service.hooks.forgetting import LOG as HOOKS_LOG
    from perilune.hub.service.personal import FILES as HUB_FILES
    from perilune.insights.queries.personal import TABLES as INSIGHTS
    from perilune.jobs.personal import TABLES as JOBS
    from perilune.people.queries.personal import TABLES as PEOPLE
    from perilune.planning.queries.personal import TABLES as PLANNING
    from perilune.privacy.queries.personal import TABLES as PRIVACY
    from perilune.store.personal import FILES as STORE_FILES
    from perilune.territories.queries.personal import TABLES as TERRITORIES

    for table in (
        *HISTORY, *JOBS, *PEOPLE, *CRM, *PRIVACY, *INSIGHTS, *TERRITORIES, *PLANNING, *FORECASTING,
        *HUB, *TABLES,
    ):  # fmt: skip
        PERSONAL_TABLES.add(table.model, table)
    for files in (*FILES, *STORE_FILES, *HUB_FILES):
        PERSONAL_FILES.add(files.folder, files)
    PERSONAL_LOGS.add(HOOKS_LOG.name, HOOKS_LOG)
