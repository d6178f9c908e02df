"""Words and tables of the pages of reconciliations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.hub.queries.beside import COUNT, DEAL, moneys
from perilune.hub.queries.beside import filters as filter_fields
from perilune.hub.queries.reconciling import (
    ReconciliationInfo,
    RowInfo,
    cause_label,
)
from perilune.kernel.wiring import KINDS
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


def shown(value: int, info: ReconciliationInfo) -> str:
    """Return an amount in its currency, or how many."""
    return formats.money(value, info.currency) if info.currency else formats.number(value, 0)


def finding_of(info: ReconciliationInfo) -> str:
    """Return the sentence that says what the comparison found."""
    rows = sum(one.rows for one in info.causes)
    if not info.difference and not rows:
        return gettext("Both totals are equal.")
    if not info.difference:
        text = gettext("Both totals are equal, yet rows differ: %(n)s.")
        return text % {"n": formats.number(rows, 0)}
    largest = max(info.causes, key=lambda one: abs(one.difference))
    return gettext("%(difference)s apart; the largest part: %(cause)s (%(part)s).") % {
        "difference": shown(info.difference, info),
        "cause": gettext(cause_label(largest.cause, info.kind)).lower(),
        "part": shown(largest.difference, info),
    }


def kpis_of(info: ReconciliationInfo) -> list[Kpi]:
    """Return both totals, what lies between, and what is left unsaid: nothing."""
    rows = gettext("%(n)s rows, %(equal)s equal") % {
        "n": formats.number(info.counts["there"], 0),
        "equal": formats.number(info.counts["equal"], 0),
    }
    there, here, between = (
        shown(amount, info) for amount in (info.total_there, info.total_here, info.difference)
    )
    records = ngettext("%(n)s record", "%(n)s records", info.counts["here"]) % {
        "n": formats.number(info.counts["here"], 0)
    }
    money: dict[str, Any] = {
        "format": _format(info), "currency": info.currency, "is_rise_good": None,
        **({} if info.currency else {"decimals": 0}),
    }  # fmt: skip
    return [
        Kpi(
            gettext("The other system says"), info.total_there, detail=f"{there} · {rows}", **money
        ),
        Kpi(gettext("Stands here"), info.total_here, detail=f"{here} · {records}", **money),
        Kpi(gettext("Difference"), info.difference, detail=between, **money),
        Kpi(
            gettext("Without a row"), info.residual,
            detail=gettext("the rows below sum to the difference"), **money,
        ),
    ]  # fmt: skip


def _format(info: ReconciliationInfo) -> Format:
    return Format.MONEY if info.currency else Format.NUMBER


def _sums(name: str, label: str, info: ReconciliationInfo) -> Column:
    """Return a column of what is compared."""
    if info.currency:
        return Column(name, label, Format.MONEY, currency=info.currency)
    return Column(name, label, Format.NUMBER, decimals=0)


def measure_label(kind: str, measure: str) -> str:
    """Return what is compared: «Accounts: annual revenue», «Contacts: how many»."""
    what = gettext("how many")
    if measure != COUNT:
        field = next((one for one in moneys(kind) if one.name == measure), None)
        what = gettext(field.label).lower() if field is not None else measure
    return f"{gettext(KINDS.get(kind).label_plural)}{gettext(':')} {what}"


def facts_of(info: ReconciliationInfo) -> list[tuple[str, str]]:
    """Return what was compared: scope, filters, as-of, who, when."""
    filters = info.filters
    found = [
        (gettext("Records"), measure_label(info.kind, info.measure)),
        (gettext("Scope"), scope_label(info.scope)),
        (gettext("As of"), formats.instant(info.as_of)),
        (
            gettext("Period of closing") if info.kind == DEAL else gettext("Period"),
            filters.get("period") or pgettext("stages", "all"),
        ),
        *_cut(info),
        (gettext("Report"), info.file or gettext("a total alone")),
        (pgettext("reconciliation", "Made"), f"{formats.instant(info.made_at)} · {info.actor}"),
    ]
    if filters.get("report_day"):
        found.append((gettext("Day of the report"), formats.day(filters["report_day"])))
    return found


def _cut(info: ReconciliationInfo) -> list[tuple[str, str]]:
    """Return which records count: deals of a stage, others with a value."""
    wanted = info.filters.get("meaning") or ""
    if info.kind == DEAL:
        label = pgettext("choice", wanted) if wanted else pgettext("stages", "all")
        return [(gettext("Stage"), label)]
    fields = {one.name: one for one in filter_fields(info.kind)}
    name = str(info.filters.get("where") or "")
    if not (wanted and name):
        return []
    return [(gettext(fields[name].label) if name in fields else name, wanted)]


def causes_table(info: ReconciliationInfo) -> Table:
    """Return the causes with their part of the difference."""
    rows = [
        Row(
            one.cause,
            (
                gettext(cause_label(one.cause, info.kind)), one.rows,
                Cell(one.difference, currency=info.currency),
            ),
        )
        for one in info.causes
    ]  # fmt: skip
    return Table(
        (
            Column("cause", gettext("Cause"), is_title=True),
            Column("rows", gettext("Rows"), Format.NUMBER, decimals=0),
            _sums("difference", gettext("Here less report"), info),
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
                gettext(cause_label(one.cause, info.kind)) if one.is_sure
                else Status(gettext(cause_label(one.cause, info.kind)), Tone.WATCH),
                Cell(one.there, currency=money), Cell(one.here, currency=money),
                Cell(one.difference, currency=money), _change(one, info), one.key,
            ),
            url=reverse("crm:record", args=[info.kind, one.record_id])
            if one.record_id and one.cause != "ended" else "",
        )
        for i, one in enumerate(found)
    ]  # fmt: skip
    columns = (
        Column("record", gettext(KINDS.get(info.kind).label), is_title=True),
        Column("cause", gettext("Cause")),
        _sums("there", gettext("Report"), info),
        _sums("here", gettext("Here"), info),
        _sums("difference", gettext("Here less report"), info),
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


def _change(one: RowInfo, info: ReconciliationInfo) -> str:
    if not (one.was or one.now) or one.cause == "duplicate":
        return ""
    if one.cause == "stage" and info.kind == DEAL:
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
                measure_label(info.kind, info.measure), info.filters.get("period") or "",
                shown(info.total_there, info), shown(info.total_here, info),
                shown(info.difference, info),
                sum(one.rows for one in info.causes), info.made_at, info.actor,
            ),
            url=reverse("hub:reconciliation", args=[info.id]),
        )
        for info in found
    ]  # fmt: skip
    columns = (
        Column("title", gettext("Comparison"), is_title=True),
        Column("kind", gettext("Records")),
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
        Column("record", gettext(KINDS.get(info.kind).label)),
        Column("key", gettext("Id in the report")),
        _sums("there", gettext("Report"), info),
        _sums("here", gettext("Here"), info),
        _sums("difference", gettext("Here less report"), info),
        Column("was", gettext("Report says")),
        Column("now", gettext("Stands here")),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for one in found:
            label = gettext(cause_label(one.cause, info.kind))
            yield (label, one.name, one.key, one.there, one.here, one.difference, one.was, one.now)

    return Export(f"reconciliation-{info.id}", columns, rows(), facts=facts_of(info))
