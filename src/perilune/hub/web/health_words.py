"""Words and tables of the health of connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.hub.contracts.health import Trouble, WritingHealth
from perilune.hub.queries.health import Health
from perilune.hub.queries.said import said
from perilune.hub.web.sync_words import state_of
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Status, Table, Tone


def health_table(found: Sequence[Health]) -> Table:
    """Return the connections: last success, what was seen and imported, what is wrong."""
    number = {"format": Format.NUMBER, "decimals": 0, "is_minor": True}
    columns = (
        Column("name", gettext("Connection"), is_title=True),
        Column("state", gettext("State")),
        Column("system", gettext("System"), is_minor=True),
        Column("last", gettext("Last success"), Format.INSTANT, is_minor=True),
        Column("seen", gettext("Seen"), **number),  # type: ignore[arg-type]
        Column("new", gettext("New"), **number),  # type: ignore[arg-type]
        Column("changed", pgettext("records", "Changed"), **number),  # type: ignore[arg-type]
        Column("written", gettext("Last written there"), Format.INSTANT, is_minor=True),
        Column("trouble", gettext("What is wrong"), Format.LONG_TEXT),
    )
    nothing = Empty(
        gettext("No connection yet"),
        gettext("Add your CRM below; nothing is written before you say so."),
    )
    return Table(columns, [_row(one) for one in found], gettext("Connections"), empty=nothing)


def _row(one: Health) -> Row:
    info, last = one.info, one.info.last
    return Row(
        info.name,
        (
            info.name, state_of(info), info.system, info.succeeded_at,
            last.seen if last is not None else None,
            last.written("new") if last is not None else None,
            last.written("changed") if last is not None else None,
            one.writing.written_at if one.writing else None, _worst(one.troubles),
        ),
        url=reverse("connections:show", args=[info.name]),
    )  # fmt: skip


def _worst(troubles: Sequence[Trouble]) -> Cell:
    if not troubles:
        return Cell("")
    text = said(troubles[0].message, troubles[0].params)
    more = len(troubles) - 1
    if more:
        text += " " + ngettext("(and %(n)s more)", "(and %(n)s more)", more) % {
            "n": formats.number(more, 0)
        }  # fmt: skip
    return Cell(text)


def _url(one: Trouble, name: str, *, may_write: bool) -> str:
    """Return where something is done about it; "" where the page itself is the place."""
    if one.code == "write_scopes":
        return reverse("connections:connect", args=[name])
    if not may_write:
        return ""
    if one.batch:
        return reverse("connections:batch", args=[name, one.batch])
    return reverse("connections:write", args=[name]) if one.code.startswith("write_") else ""


def writing_facts(found: WritingHealth | None) -> list[tuple[str, str]]:
    """Return how write-back stands, as label and text; empty where it is not used."""
    if found is None:
        return []

    def counted(count: int, since: datetime | None) -> str:
        text = formats.number(count, 0)
        if not count or since is None:
            return text
        return gettext("%(count)s, since %(at)s") % {"count": text, "at": formats.instant(since)}

    return [
        (
            gettext("Last written there"),
            formats.instant(found.written_at) if found.written_at else gettext("never"),
        ),
        (gettext("Values that wait"), counted(found.waiting, found.waiting_since)),
        (gettext("Conflicts to decide"), counted(found.asked, found.asked_since)),
        (gettext("Refused within a month"), formats.number(found.refused, 0)),
        (gettext("Batches to be confirmed"), formats.number(found.unconfirmed, 0)),
    ]


def troubles_table(found: Sequence[Trouble], name: str, *, may_write: bool) -> Table | None:
    """Return what is wrong with a connection, None where nothing is.

    Why the last run failed is left out: the page says it above.
    """
    troubles = [one for one in found if one.code != "failed"]
    if not troubles:
        return None
    rows = [
        Row(
            f"{i}-{one.code}",
            (
                said(one.message, one.params),
                Status(gettext("Act"), Tone.ACT) if one.is_urgent
                else Status(gettext("To look at"), Tone.WATCH),
                one.at,
                Cell(
                    gettext(one.todo) if one.todo else "",
                    url=_url(one, name, may_write=may_write),
                ),
            ),
        )
        for i, one in enumerate(troubles)
    ]  # fmt: skip
    columns = (
        Column("what", gettext("What is wrong"), Format.LONG_TEXT),
        Column("state", gettext("State")),
        Column("since", gettext("Since"), Format.INSTANT),
        Column("todo", gettext("What to do")),
    )
    return Table(columns, rows, gettext("What is wrong"), is_dense=True, name="troubles")
