from __future__ import annotations

import errno
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.hub import queries, service
from perilune.hub.queries.said import said
from perilune.hub.web import words
from perilune.kernel.errors import Invalid, PeriluneError, Refused, Unavailable
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.contracts import Action, PageHeader, ProblemReport


@page(Right.IMPORT_DATA)
def index(request: PageRequest) -> HttpResponse:
    """Show where to drop files, and past imports."""
    return _page(request)


def _page(
    request: PageRequest, problem: ProblemReport | None = None, status: int = 200
) -> HttpResponse:
    facts = {
        "header": PageHeader(
            gettext("Data"),
            gettext(
                "Import the export of your CRM: you see every change before anything is written."
            ),
            actions=(
                Action(gettext("Data quality"), reverse("hub:quality"), icon="check"),
                Action(gettext("Duplicates"), reverse("hub:duplicates"), icon="copy"),
                Action(gettext("Repairs"), reverse("hub:repairs"), icon="list-checks"),
                Action(gettext("Reconcile"), reverse("hub:reconcile"), icon="git-compare"),
                Action(gettext("Leads without an owner"), reverse("hub:routing"), icon="user"),
            ),
        ),
        "table": words.runs_table(queries.runs_folded(), may_import=not request.company.is_demo),
        "is_demo": request.company.is_demo,
        "problem": problem,
    }
    return render(request, "hub/index.html", facts, status=status)


@require_POST
@page(Right.IMPORT_DATA)
def upload(request: PageRequest) -> HttpResponse:
    """Take files and propose how they are read."""
    files = request.FILES.getlist("files")
    try:
        if request.company.is_demo:
            raise Refused(
                "This is a demo home: it never takes real data. Use «perilune init» for a company."
            )
        if not files:
            raise Invalid("No file was chosen.")
        path = kept(files)
        run_id = service.import_open(path, actor=request.actor)
    except PeriluneError as error:
        report = ProblemReport(
            what=said(error.message, error.params),
            todo=gettext("Check the file and upload it again."),
            kept=gettext("Nothing was changed."),
        )
        return _page(request, report, status=422)
    return redirect(reverse("hub:run", args=[run_id]))


def kept(files: list[UploadedFile[Any]]) -> Path:
    """Keep uploaded files in the home; several make a folder.

    The folder is named after its files: the name is the source that is proposed, and the same files
    must be known again.
    """
    folder = Path(settings.PERILUNE_HOME) / "uploads" / secrets.token_hex(8)
    if len(files) > 1:
        stems = sorted({Path(str(file.name)).name.split(".")[0] for file in files})
        folder /= "-".join(stems).replace("\\", "-")[:60]
    try:
        folder.mkdir(parents=True)
        for file in files:
            name = Path(str(file.name).replace("\\", "/")).name or "file"
            with (folder / name).open("wb") as out:
                for block in file.chunks():
                    out.write(block)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(
                "The disk is full; nothing was applied. Free some space and import again."
            ) from error
        raise
    return folder / Path(str(files[0].name)).name if len(files) == 1 else folder
