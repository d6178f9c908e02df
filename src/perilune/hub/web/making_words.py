"""Words and tables of what is made there, and deleted there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext, ngettext

from perilune.hub.contracts.writing import OPEN, BatchInfo, LineState, Proposal, Verb
from perilune.hub.queries.proposals import Proposed
from perilune.hub.web.write_words import SHOWN, record_url, values_of
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Row, Table


def setup_of(provider: str) -> str:
    """Return what must be set up there, so that records can be made there."""
    what = {
        "salesforce": gettext("a text field of the object, marked as external id and as unique"),
        "hubspot": gettext("a single-line text property that requires unique values"),
        "pipedrive": gettext("a text field of your own on the object, used for nothing else"),
    }.get(provider, "")
    return gettext("To be set up there first: %(what)s. It keeps the id that a record has here, so"
                   " that none is made twice.") % {"what": what}  # fmt: skip


def births_of(found: Proposed, currency: str) -> Table:
    """Return what was made here and is not there, a row a record with its values."""
    values = values_of(found.lines[:SHOWN], currency)
    by: dict[tuple[str, int], list[str]] = {}
    first: dict[tuple[str, int], Proposal] = {}
    for one in found.lines[:SHOWN]:
        key = (one.kind, one.record_id)
        first.setdefault(key, one)
        by.setdefault(key, []).append(
            f"{values.label(one.kind, one.field)}{gettext(':')}"
            f" {values.text(one.kind, one.field, one.wanted)}"
        )
    rows = [
        Row(
            f"{kind}-{record_id}",
            (Cell(one.title or f"#{record_id}", url=record_url(one)),
             gettext(KINDS.get(kind).label), " · ".join(by[kind, record_id])),
            url=record_url(one),
        )
        for (kind, record_id), one in first.items()
    ]  # fmt: skip
    columns = (
        Column("title", gettext("Record"), is_title=True),
        Column("kind", gettext("Kind")),
        Column("values", gettext("Values"), is_minor=True),
    )
    nothing = Empty(gettext("Nothing to make"), gettext("What is made here stands there already."))
    return Table(columns, rows, gettext("To be made there"), is_dense=True, empty=nothing,
                 name="births")  # fmt: skip


def ends_of(found: Proposed) -> Table:
    """Return what was ended here and may be deleted there."""
    rows = [
        Row(
            f"{one.kind}-{one.record_id}",
            (one.title or one.key, gettext(KINDS.get(one.kind).label), one.key),
        )
        for one in found.lines[:SHOWN]
    ]  # fmt: skip
    columns = (
        Column("title", gettext("Record"), is_title=True),
        Column("kind", gettext("Kind")),
        Column("key", gettext("Its key there"), is_minor=True),
    )
    nothing = Empty(
        gettext("Nothing to delete"), gettext("What was ended here does not stand there any more.")
    )
    return Table(columns, rows, gettext("To be deleted there"), is_dense=True, empty=nothing,
                 name="ends")  # fmt: skip


def counted(births: int, ends: int) -> str:
    """Return the sentence that counts what is to be made and to be deleted, "" for nothing."""
    parts = []
    if births:
        text = ngettext(
            "%(n)s new record is not there.", "%(n)s new records are not there.", births
        )
        parts.append(text % {"n": formats.number(births, 0)})
    if ends:
        text = ngettext(
            "%(n)s record that was ended here may stand there.",
            "%(n)s records that were ended here may stand there.", ends,
        )  # fmt: skip
        parts.append(text % {"n": formats.number(ends, 0)})
    return " ".join(parts)


def would(info: BatchInfo, count: int) -> str:
    """Return what a batch of new or ended records would do."""
    n = {"n": formats.number(info.records if info.verb is Verb.MAKE else count, 0)}
    if info.verb is Verb.MAKE:
        return ngettext(
            "Up to %(n)s record would be made there. Nothing is made before you say so.",
            "Up to %(n)s records would be made there. Nothing is made before you say so.",
            info.records,
        ) % n  # fmt: skip
    if info.verb is Verb.END:
        return ngettext(
            "%(n)s record would be deleted there. Nothing is deleted before you say so.",
            "%(n)s records would be deleted there. Nothing is deleted before you say so.",
            count,
        ) % n  # fmt: skip
    return ngettext(
        "%(n)s record would be brought back there.",
        "%(n)s records would be brought back there.", count,
    ) % n  # fmt: skip


def did(info: BatchInfo) -> str:
    """Return what a batch of deletions or returns did."""
    wrote = info.count(LineState.WRITTEN)
    n = {"n": formats.number(wrote, 0)}
    if info.verb is Verb.END:
        return ngettext("%(n)s record deleted there", "%(n)s records deleted there", wrote) % n
    return (
        ngettext("%(n)s record brought back there", "%(n)s records brought back there", wrote) % n
    )


def figures(info: BatchInfo, *, is_over: bool) -> list[tuple[str, int]]:
    """Return a batch of deletions or returns in three figures."""
    is_end = info.verb is Verb.END
    label = gettext("Deleted there") if is_end else gettext("Brought back")
    if not is_over:
        label = gettext("To be deleted there") if is_end else gettext("To be brought back")
    same = gettext("Gone there already") if is_end else gettext("Stand there already")
    left = (LineState.REFUSED, LineState.CANNOT, LineState.LEFT, LineState.GONE)
    return [
        (label, info.count(LineState.WRITTEN) if is_over else info.count(*OPEN)),
        (same, info.count(LineState.SAME)),
        (gettext("Left as they are, with reason"), info.count(*left)),
    ]


def go_label(info: BatchInfo) -> str:
    """Return what the verb of a batch is called on its button."""
    label = {
        Verb.MAKE: gettext("Make them in %(name)s"),
        Verb.END: gettext("Delete them in %(name)s"),
        Verb.RESTORE: gettext("Bring them back in %(name)s"),
    }.get(info.verb, gettext("Write to %(name)s"))
    return label % {"name": info.connection}


def consequence(info: BatchInfo) -> str:
    """Return what confirming a batch entails."""
    if info.verb is Verb.END:
        return gettext("What is deleted stays in the recycle bin of the other system for a time.")
    return gettext("It can be taken back afterwards.")


def objects_may(
    objects: Sequence[str], told: Mapping[str, tuple[str, bool]]
) -> dict[str, tuple[str, str]]:
    """Return by object how its records are made there and whether they are deleted there."""
    found = {}
    for name in objects:
        match, ends = told.get(name, ("", False))
        found[name] = (
            match or gettext("no"),
            gettext("yes") if ends else gettext("no"),
        )
    return found
