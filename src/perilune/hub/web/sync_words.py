"""Words and tables of the pages of connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_skeleton
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.hub.contracts.sync import MODE_LABELS, SYNC_LABELS, SyncState
from perilune.hub.queries.connections import ConnectionInfo, ObjectInfo, ProofCell, SyncInfo
from perilune.hub.queries.said import said
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import (
    Cell,
    Column,
    Empty,
    Format,
    Kpi,
    Row,
    Status,
    Tab,
    Table,
    Tone,
)

if TYPE_CHECKING:
    from perilune.hub.service.sync.providers import Provider

_TONES = {
    SyncState.DONE: Tone.GOOD,
    SyncState.FAILED: Tone.ACT,
    SyncState.RUNNING: Tone.NEUTRAL,
    SyncState.CANCELLED: Tone.NEUTRAL,
}
_NAMED = 8


def state_of(info: ConnectionInfo) -> Status:
    """Return how a connection stands, in a word: grey when late."""
    last = info.last
    is_failed = last is not None and last.state is SyncState.FAILED
    ranked = (
        (not info.is_connected, gettext("Not connected"), Tone.WATCH),
        (info.running is not None, gettext("Under way"), Tone.NEUTRAL),
        (info.cut_off is not None, pgettext("run", "Cut off"), Tone.WATCH),
        (last is None, gettext("Never synced"), Tone.NEUTRAL),
        (info.is_late, gettext("Late"), Tone.NEUTRAL),
        (is_failed, gettext("Failed"), Tone.ACT),
        (info.unequal > 0, gettext("Rows differ"), Tone.ACT),
        (info.asked + info.refused > 0, gettext("To look at"), Tone.WATCH),
        (info.is_proved, gettext("Both sides equal"), Tone.GOOD),
    )
    for is_so, word, tone in ranked:
        if is_so:
            return Status(word, tone)
    return Status(gettext("Not compared yet"), Tone.NEUTRAL)


def finding_of(info: ConnectionInfo) -> str:
    """Return the sentence that says what is known of a connection."""
    if not info.is_connected:
        return gettext("Nobody has allowed access yet, or it was taken back.")
    if info.last is None:
        return gettext("Access is allowed. Look at the mapping, then sync for the first time.")
    if info.last.state is SyncState.FAILED and info.running is None:
        return said(info.last.message, info.last.message_params)
    if info.unequal:
        text = ngettext(
            "%(n)s month differs between the two sides.",
            "%(n)s months differ between the two sides.",
            info.unequal,
        )
        return text % {"n": formats.number(info.unequal, 0)}
    if info.is_proved:
        return gettext("Every month of every object holds the same rows on both sides.")
    return ""


def _records(info: ConnectionInfo) -> int | None:
    return None if info.last is None else info.last.written("new") + info.last.written("changed")


_HOW = {
    "salesforce": _(
        "Make a connected app in Salesforce with the scopes «api» and «refresh_token», and give its"
        " keys here."
    ),
    "hubspot": _(
        "Make a private app in HubSpot that may read deals, contacts, companies and owners, and"
        " give its token here; or leave the token empty and give the keys of a public app. What"
        " shall be written needs the write scopes of its objects besides."
    ),
    "pipedrive": _(
        "Give the API token of a Pipedrive user who sees every deal (Personal preferences, API); or"
        " leave it empty and give the keys of an app. An app that shall write needs the scopes"
        " «deals:full» and «contacts:full», set in the developer hub."
    ),
    "sql": _(
        "Give the address of a database and a user who may only read. You then say table by table,"
        " or SELECT by SELECT, which records its rows are; nothing is ever written there."
    ),
    "rest": _(
        "Give the address of an interface that lists rows in JSON. You then say list by list where"
        " its rows are and which records they become; nothing is ever written there."
    ),
}


def how_of(of: Provider) -> str:
    """Return how a kind of system is let in."""
    return gettext(_HOW[of.name])


def systems_of(found: Sequence[Provider], chosen: str) -> list[Tab]:
    """Return the kinds of systems to choose from."""
    index = reverse("connections:index")
    return [Tab(of.label, f"{index}?system={of.name}#new", of.name == chosen) for of in found]


def kpis_of(info: ConnectionInfo) -> list[Kpi]:
    """Return the health of a connection in four figures."""
    last = info.last
    seen = last.seen if last is not None else None
    refused = gettext("kept out, with their reason") if info.refused else ""
    used = ""
    if info.allowed:
        used = gettext("of %(allowed)s a day") % {"allowed": formats.number(info.allowed, 0)}
    return [
        Kpi(gettext("Rows seen by the last run"), seen, decimals=0, is_rise_good=None),
        Kpi(
            gettext("Records written"), _records(info), decimals=0, is_rise_good=None,
            detail=gettext("new and changed"),
        ),
        Kpi(gettext("Rows refused"), info.refused, decimals=0, detail=refused),
        Kpi(
            gettext("Requests used"), info.used if info.allowed else None, decimals=0,
            is_rise_good=None, detail=used,
        ),
    ]  # fmt: skip


def objects_of(info: ConnectionInfo) -> Table:
    """Return the objects of a connection: what they become, and how much of them is read."""
    rows = [
        Row(
            one.name,
            (
                one.name,
                ", ".join(gettext(KINDS.get(kind).label_plural) for kind in one.kinds),
                _read(one),
                one.rows if one.is_on else None,
                _proved(one),
                gettext("%(mapped)s of %(of)s") % {
                    "mapped": formats.number(one.mapped, 0), "of": formats.number(one.of, 0)
                },
                _unread(one),
            ),
            url=reverse("connections:map", args=[info.name, one.name]) if one.of else "",
        )
        for one in info.objects
    ]  # fmt: skip
    columns = (
        Column("object", gettext("Object"), is_title=True),
        Column("becomes", gettext("Becomes")),
        Column("state", gettext("State")),
        Column("rows", gettext("Rows there"), Format.NUMBER, decimals=0),
        Column("proof", gettext("Proof")),
        Column("fields", gettext("Fields read"), is_minor=True),
        Column("unread", gettext("Own fields not read yet"), is_minor=True),
    )
    nothing = Empty(
        gettext("No object yet"),
        gettext("Say which rows are read, and which records they become."),
    )
    return Table(columns, rows, gettext("Objects"), is_dense=True, empty=nothing, name="objects")


def _read(one: ObjectInfo) -> Status:
    if one.is_on:
        return Status(pgettext("object", "Read"), Tone.GOOD)
    return Status(gettext("Not shown to us") if one.is_hidden else gettext("Left out"))


def _proved(one: ObjectInfo) -> Status | str:
    """Return what the proof says of an object that is read."""
    if not one.is_on:
        return ""
    if one.unequal:
        return Status(gettext("Rows differ"), Tone.ACT)
    if one.refused:
        text = ngettext("%(n)s row kept out", "%(n)s rows kept out", one.refused)
        return Status(text % {"n": formats.number(one.refused, 0)}, Tone.WATCH)
    if one.rows is None:
        return Status(gettext("Not compared yet"), Tone.NEUTRAL)
    return Status(gettext("Both sides equal"), Tone.GOOD)


def _unread(one: ObjectInfo) -> str:
    shown = ", ".join(one.unread[:4])
    return shown + (", …" if len(one.unread) > 4 else "")


def proof_of(cells: Sequence[ProofCell], order: Sequence[str]) -> Table:
    """Return the proof: a line a month, newest first, a column an object."""
    there = {cell.object for cell in cells}
    names = [name for name in order if name in there]
    by = {(cell.month.month, cell.object): cell for cell in cells}
    months = sorted({cell.month.month for cell in cells}, reverse=True)
    rows = [
        Row(
            month,
            (_month_name(month), *(_cell(by.get((month, name))) for name in names)),
        )
        for month in months
    ]
    columns = (
        Column("month", gettext("Created in"), is_title=True),
        *(Column(name, name) for name in names),
    )
    nothing = Empty(
        gettext("Nothing compared yet"),
        gettext("After each sync both sides are listed and compared, month by month."),
    )
    return Table(
        columns, rows, gettext("Rows on both sides, by month of creation"), is_dense=True,
        empty=nothing, name="proof",
        note=gettext("Equal: the same ids in the same state, by count and checksum on both sides."),
    )  # fmt: skip


def _cell(cell: ProofCell | None) -> Cell:
    if cell is None:
        return Cell("")
    month = cell.month
    count = formats.number(month.there, 0)
    if not month.is_equal:
        text = gettext("%(here)s of %(there)s") % {
            "here": formats.number(month.here, 0), "there": count
        }  # fmt: skip
        return Cell(Status(text, Tone.ACT), hint=_named(cell))
    if month.refused:
        text = ngettext(
            "%(n)s, %(refused)s kept out", "%(n)s, %(refused)s kept out", month.refused
        ) % {"n": count, "refused": formats.number(month.refused, 0)}
        return Cell(Status(text, Tone.WATCH))
    return Cell(Status(count, Tone.GOOD), hint=formats.instant(cell.proved_at))


def _named(cell: ProofCell) -> str:
    return ", ".join(key for key, _why in cell.rows[:_NAMED])


def differing_of(cells: Sequence[ProofCell]) -> Table | None:
    """Return the rows that differ by name, None where there are none."""
    why = {
        "missing": gettext("there, not here"),
        "stale": gettext("here in an older state"),
        "extra": gettext("here, no longer there"),
    }
    rows = [
        Row(f"{cell.object}-{key}", (key, cell.object, _month_name(cell.month.month), why[reason]))
        for cell in cells
        if not cell.month.is_equal
        for key, reason in cell.rows
    ]
    if not rows:
        return None
    columns = (
        Column("key", gettext("Id"), is_title=True),
        Column("object", gettext("Object")),
        Column("month", gettext("Created in")),
        Column("why", gettext("Difference")),
    )
    return Table(columns, rows[:200], gettext("Rows that differ"), is_dense=True, name="differing")


def _month_name(month: str) -> str:
    if month == "1970-01":  # where nothing says when rows were created
        return gettext("No creation date")
    first = date(int(month[:4]), int(month[5:]), 1)
    return str(format_skeleton("yMMM", first, locale=formats.active_locale()))


def runs_of(found: Sequence[SyncInfo]) -> Table:
    """Return the latest runs of a connection."""
    rows = [
        Row(
            info.id,
            (
                info.started_at,
                gettext(MODE_LABELS[info.mode]),
                Status(gettext(SYNC_LABELS[info.state]), _TONES[info.state]),
                info.seen,
                info.written("new"),
                info.written("changed"),
                sum(info.counts.get("differing", {}).values()),
                sum(info.counts.get("left", {}).values()),
                info.actor,
            ),
            url=reverse("hub:run", args=[info.import_ids[0]]) if info.import_ids else "",
        )
        for info in found
    ]
    number = {"format": Format.NUMBER, "decimals": 0}
    columns = (
        Column("started", gettext("Started"), Format.INSTANT, is_title=True),
        Column("mode", gettext("Read")),
        Column("state", gettext("State")),
        Column("seen", gettext("Seen"), **number),  # type: ignore[arg-type]
        Column("new", gettext("New"), **number),  # type: ignore[arg-type]
        Column("changed", pgettext("records", "Changed"), **number),  # type: ignore[arg-type]
        Column("found", gettext("Found differing"), is_minor=True, **number),  # type: ignore[arg-type]
        Column("left", gettext("Still differing"), **number),  # type: ignore[arg-type]
        Column("actor", gettext("By"), is_minor=True),
    )
    return Table(columns, rows, gettext("Latest runs"), is_dense=True, name="runs")


def notices_of(info: SyncInfo | None) -> list[str]:
    """Return what the last run had to say, as sentences."""
    if info is None:
        return []
    return [said(one["message"], one["params"]) for one in info.notices]
