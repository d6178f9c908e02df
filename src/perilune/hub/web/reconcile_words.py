"""Words and tables of the pages of reconciliations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.hub.queries.reconciling import (
    CAUSE_LABELS,
    ReconciliationInfo,
    RowInfo,
)
from perilune.ui import formats
from perilune.ui.contracts import (
    Cell,
    Column,
    Empty,
    Format,
    Kpi,
    Link,
    Row,
    Status,
    Table,
    Tone,
)
from perilune.ui.export import Export
from perilune.ui.filters import scope_label


def finding_of(info: ReconciliationInfo) -> str:
    """Return the sentence that says what the comparison found."""
    if not info.difference:
        return gettext("Both totals are equal.")
    largest = max(info.causes, key=lambda one: abs(one.difference))
    return gettext("%(difference)s apart; the largest part: %(cause)s (%(part)s).") % {
        "difference": formats.money(info.difference, info.currency),
        "cause": gettext(CAUSE_LABELS[largest.cause]).lower(),
        "part": formats.money(largest.difference, info.currency),
    }


def kpis_of(info: ReconciliationInfo) -> list[Kpi]:
    """Return both totals, what lies between, and what is left unsaid: nothing."""
    rows = gettext("%(n)s rows, %(equal)s equal") % {
        "n": formats.number(info.counts["there"], 0),
        "equal": formats.number(info.counts["equal"], 0),
    }
    there, here, between = (
        formats.money(amount, info.currency)
        for amount in (info.total_there, info.total_here, info.difference)
    )
    deals = ngettext("%(n)s deal", "%(n)s deals", info.counts["here"]) % {
        "n": formats.number(info.counts["here"], 0)
    }
    money: dict[str, Any] = {
        "format": Format.MONEY, "currency": info.currency, "is_rise_good": None
    }  # fmt: skip
    return [
        Kpi(
            gettext("The other system says"), info.total_there, detail=f"{there} · {rows}", **money
        ),
        Kpi(gettext("Stands here"), info.total_here, detail=f"{here} · {deals}", **money),
        Kpi(gettext("Difference"), info.difference, detail=between, **money),
        Kpi(
            gettext("Without a row"), info.residual,
            detail=gettext("the rows below sum to the difference"), **money,
        ),
    ]  # fmt: skip


def facts_of(info: ReconciliationInfo) -> list[tuple[str, str]]:
    """Return what was compared: scope, filters, as-of, who, when."""
    filters = info.filters
    stage = filters.get("meaning") or ""
    found = [
        (gettext("Scope"), scope_label(info.scope)),
        (gettext("As of"), formats.instant(info.as_of)),
        (gettext("Period of closing"), filters.get("period") or pgettext("stages", "all")),
        (gettext("Stage"), pgettext("choice", stage) if stage else pgettext("stages", "all")),
        (gettext("Report"), info.file or gettext("a total alone")),
        (pgettext("reconciliation", "Made"), f"{formats.instant(info.made_at)} · {info.actor}"),
    ]
    if filters.get("report_day"):
        found.append((gettext("Day of the report"), formats.day(filters["report_day"])))
    return found


def causes_table(info: ReconciliationInfo) -> Table:
    """Return the causes with their part of the difference."""
    rows = [
        Row(
            one.cause,
            (
                gettext(CAUSE_LABELS[one.cause]), one.rows,
                Cell(one.difference, currency=info.currency),
            ),
        )
        for one in info.causes
    ]  # fmt: skip
    return Table(
        (
            Column("cause", gettext("Cause"), is_title=True),
            Column("rows", gettext("Rows"), Format.NUMBER, decimals=0),
            Column("difference", gettext("Here less report"), Format.MONEY),
        ),
        rows,
        gettext("Causes"),
        is_dense=True,
        name="causes",
        empty=Empty(gettext("No difference"), gettext("Both totals are equal.")),
    )


def rows_table(info: ReconciliationInfo, found: Sequence[RowInfo]) -> Table:
    """Return the rows that make the difference."""
    money = info.currency
    rows = [
        Row(
            f"{i}",
            (
                one.name or one.key or gettext("no row"),
                gettext(CAUSE_LABELS[one.cause]) if one.is_sure
                else Status(gettext(CAUSE_LABELS[one.cause]), Tone.WATCH),
                Cell(one.there, currency=money), Cell(one.here, currency=money),
                Cell(one.difference, currency=money), _change(one), one.key,
            ),
            url=reverse("crm:record", args=["opportunity", one.record_id])
            if one.record_id and one.cause != "ended" else "",
        )
        for i, one in enumerate(found)
    ]  # fmt: skip
    columns = (
        Column("deal", gettext("Deal"), is_title=True),
        Column("cause", gettext("Cause")),
        Column("there", gettext("Report"), Format.MONEY),
        Column("here", gettext("Here"), Format.MONEY),
        Column("difference", gettext("Here less report"), Format.MONEY),
        Column("change", gettext("Report says → here")),
        Column("key", gettext("Id in the report"), is_minor=True),
    )
    return Table(
        columns, rows, gettext("Rows that make the difference"), is_dense=True, name="rows",
        note=_note(info, found),
        export_urls=[
            Link(label, reverse("hub:reconciliation_export", args=[info.id, form]))
            for label, form in (("CSV", "csv"), ("Excel", "xlsx"))
        ],
    )  # fmt: skip


def _note(info: ReconciliationInfo, found: Sequence[RowInfo]) -> str:
    total = sum(one.rows for one in info.causes)
    notes = []
    if total > len(found):
        notes.append(
            gettext("The first %(n)s of %(total)s; the export holds all of them.")
            % {"n": formats.number(len(found), 0), "total": formats.number(total, 0)}
        )
    if any(not one.is_sure for one in found):
        notes.append(
            gettext("A total alone does not name its rows: these would explain it exactly.")
        )
    return " ".join(notes)


def _change(one: RowInfo) -> str:
    if not (one.was or one.now) or one.cause == "duplicate":
        return ""
    if one.cause == "stage":
        return f"{pgettext('choice', one.was)} → {pgettext('choice', one.now)}"
    if one.cause in ("period", "late"):
        was = formats.day(one.was) if one.was else "–"
        return f"{was} → {formats.day(one.now) if one.now else '–'}"
    return f"{one.was} → {one.now}" if one.now else one.was


def list_table(found: Sequence[ReconciliationInfo]) -> Table:
    """Return the comparisons on record."""
    rows = [
        Row(
            info.id,
            (
                info.title or info.file or gettext("a total alone"),
                info.filters.get("period") or "",
                Cell(info.total_there, currency=info.currency),
                Cell(info.total_here, currency=info.currency),
                Cell(info.difference, currency=info.currency),
                sum(one.rows for one in info.causes), info.made_at, info.actor,
            ),
            url=reverse("hub:reconciliation", args=[info.id]),
        )
        for info in found
    ]  # fmt: skip
    columns = (
        Column("title", gettext("Comparison"), is_title=True),
        Column("period", gettext("Period")),
        Column("there", gettext("Report"), Format.MONEY),
        Column("here", gettext("Here"), Format.MONEY),
        Column("difference", gettext("Difference"), Format.MONEY),
        Column("rows", gettext("Rows"), Format.NUMBER, decimals=0),
        Column("made", pgettext("reconciliation", "Made"), Format.INSTANT),
        Column("actor", gettext("By"), is_minor=True),
    )
    nothing = Empty(
        gettext("Nothing compared yet"),
        gettext("Give a report of your CRM or of finance: the rows that differ come out."),
    )
    return Table(columns, rows, gettext("Reconciliations"), empty=nothing)


def export_of(info: ReconciliationInfo, found: Sequence[RowInfo]) -> Export:
    """Return every row of a comparison as a file, with what was compared."""
    columns = (
        Column("cause", gettext("Cause")),
        Column("deal", gettext("Deal")),
        Column("key", gettext("Id in the report")),
        Column("there", gettext("Report"), Format.MONEY, currency=info.currency),
        Column("here", gettext("Here"), Format.MONEY, currency=info.currency),
        Column("difference", gettext("Here less report"), Format.MONEY, currency=info.currency),
        Column("was", gettext("Report says")),
        Column("now", gettext("Stands here")),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for one in found:
            label = gettext(CAUSE_LABELS[one.cause])
            yield (label, one.name, one.key, one.there, one.here, one.difference, one.was, one.now)

    return Export(f"reconciliation-{info.id}", columns, rows(), facts=facts_of(info))
