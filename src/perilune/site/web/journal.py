"""The journal: every change set, who wrote it, what it holds; rolled back by one verb."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from perilune.crm.web.coded import authors, source_word
from perilune.history import queries, service
from perilune.history.contracts import PRIVATE, SetInfo
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop
from perilune.people.contracts import Right
from perilune.people.web import shell
from perilune.people.web.gate import PageRequest, page
from perilune.site.web.journal_words import rows_of, titles_of
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    Link,
    PageHeader,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.toasts import notify


def _purpose(info: SetInfo) -> str:
    words = {
        "edit": pgettext("journal", "Edit"),
        "import": _("Import"),
        "demo": _("Demo"),
        "repair": pgettext("journal", "Repair"),
        "enrichment": pgettext("journal", "Enrichment"),
        "implied": _("Filled from other fields"),
        "territories": _("Territories"),
        "erasure": pgettext("journal", "Erasure"),
        PRIVATE: pgettext("journal", "Private"),
    }
    return words.get(info.purpose, info.purpose)


def _state(info: SetInfo) -> Status:
    if info.retracted_at:
        return Status(_("Rolled back"), Tone.WATCH)
    return Status(_("Holds"), Tone.GOOD) if info.completed_at else Status(_("Under way"))


def _refused(info: SetInfo) -> str:
    """Say why a set cannot be rolled back, nothing where it can."""
    if info.purpose == "erasure":
        return _("An erasure cannot be taken back.")
    return "" if info.completed_at and not info.retracted_at else _("It does not hold (any more).")


def _is_open(info: SetInfo, request: PageRequest) -> bool:
    """Tell whether a set may be read here: a private one by who wrote it alone (rule 24)."""
    return info.purpose != PRIVATE or info.actor == request.actor


def _opened(request: PageRequest, change_set_id: int) -> SetInfo:
    info = queries.set_info(change_set_id)
    if info is None or not _is_open(info, request):
        raise NotFound(gettext_noop("There is no change set %(id)s."), id=change_set_id)
    return info


@page(Right.SEE_AUDIT)
def index(request: PageRequest) -> HttpResponse:
    """The latest change sets."""
    listed = [info for info in queries.recent_sets(200) if _is_open(info, request)]
    titles, named = titles_of(request, listed), authors()
    rows = [
        Row(
            info.id,
            (titles[info.id], _purpose(info), named.get(info.actor, info.actor),
             source_word(info.source), info.rows, info.recorded_at, _state(info)),
            url=reverse("site:change_set", args=[info.id]),
        )
        for info in listed
    ]  # fmt: skip
    table = Table(
        columns=(
            Column("title", pgettext("journal", "Change"), Format.LONG_TEXT, is_title=True),
            Column("purpose", _("What")),
            Column("actor", _("Who")),
            Column("source", _("Source")),
            Column("rows", _("Rows"), Format.NUMBER),
            Column("recorded", _("Written"), Format.INSTANT),
            Column("state", _("State")),
        ),
        rows=rows,
        caption=_("The latest changes"),
        empty=Empty(_("Nothing was written yet"), _("Edits and imports appear here.")),
    )
    header = shell.header(request, "journal", finding=_("Every write, with its undo."))
    return render(request, "site/list.html", {"header": header, "table": table})


@page(Right.SEE_AUDIT)
def change_set(request: PageRequest, change_set_id: int) -> HttpResponse:
    """One change set, row by row."""
    info = _opened(request, change_set_id)
    events = queries.events_of_set(change_set_id, limit=500)
    table = Table(
        columns=(
            Column("record", _("Record"), is_title=True),
            Column("field", _("Field")),
            Column("old", _("Before"), Format.LONG_TEXT),
            Column("new", _("After"), Format.LONG_TEXT),
            Column("known", _("Known from"), Format.INSTANT),
        ),
        rows=[
            Row(event.id, (*words, event.known_at), url=url)
            for event, words, url in rows_of(request, events)
        ],
        caption=_("What this change wrote"),
        note=_("The first 500 rows.") if info.rows > len(events) else "",
    )
    actions = [
        Action(
            _("Roll back"),
            reverse("site:retract", args=[info.id]),
            method="post",
            consequence=_("Its values no longer count; later edits stand and are listed."),
            refused=_refused(info),
        )
    ]
    header = PageHeader(
        titles_of(request, [info])[info.id],
        ngettext("%(n)s row by %(who)s.", "%(n)s rows by %(who)s.", info.rows)
        % {"n": info.rows, "who": authors().get(info.actor, info.actor)},
        actions=actions,
        back=Link(_("Journal"), reverse("site:journal")),
        statuses=(_state(info),),
    )
    return render(request, "site/list.html", {"header": header, "table": table})


@require_POST
@page(Right.IMPORT_DATA)
def retract(request: PageRequest, change_set_id: int) -> HttpResponse:
    """Roll a change set back; the audit keeps it."""
    _opened(request, change_set_id)
    done = service.retract(change_set_id, request.actor)
    kept = len(done.conflicts)
    text = ngettext("Rolled back: %(n)s record.", "Rolled back: %(n)s records.", done.records) % {
        "n": done.records
    }
    if kept:
        text += " " + ngettext(
            "%(n)s later edit stands.", "%(n)s later edits stand.", kept
        ) % {"n": kept}  # fmt: skip
    notify(request, text)
    return redirect("site:change_set", change_set_id)
