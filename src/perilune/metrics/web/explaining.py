"""What the drawer says about one figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext, ngettext

from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import COUNTERS
from perilune.metrics.contracts import BY_LABELS, Behind, By, Drill, Unit
from perilune.metrics.queries import UNKNOWN
from perilune.metrics.web import words
from perilune.people.web.doors import doors_of
from perilune.people.web.gate import PageRequest
from perilune.ui import formats
from perilune.ui.contracts import Column, Contribution, Explanation, Fact, Format, Link, Row, Table
from perilune.ui.filters import scope_label

LARGEST = 5

_TITLES = {
    "name": _("Deal"),
    "account": _("Account"),
    "owner": _("Credited to"),
    "stage": _("Stage"),
    "created_date": _("Created on"),
    "close_date": _("Close date"),
    "expected_then": _("Expected then"),
    "loss_reason": _("Reason"),
    "is_counted": _("Counted"),
    "value": _("Value"),
}


def explanation(request: PageRequest, period: Period, drill: Drill) -> Explanation:
    """Return the three depths behind a figure."""
    measure, row, currency = drill.measure, drill.row, request.company.currency
    return Explanation(
        title=gettext(measure.label),
        sentence=_sentence(request, period, drill),
        value=row.value,
        format=words.format_of(measure.name),
        currency=currency,
        decimals=words.decimals_of(measure.name),
        contributions=_contributions(drill),
        contributions_title=gettext("The largest deals in it"),
        definition=gettext(measure.definition),
        facts=_facts(request, period, drill),
        sql=drill.sql,
        rows=_parts(drill) if drill.parts else _rows(drill, currency) if drill.total else None,
        rows_url=_rows_url(request, period, drill),
        stopped=gettext(drill.stopped) if drill.stopped else "",
        doors=_doors(request, period, drill),
    )


def _doors(request: PageRequest, period: Period, drill: Drill) -> tuple[Link, ...]:
    """Return where a sum of deals is compared with another system's, cut as it is here."""
    measure, unit = drill.measure, drill.row.unit
    if measure.unit is not Unit.MONEY or measure.rows not in ("won", "open"):
        return ()
    if unit not in (By.TOTAL, By.REP):
        return ()
    return doors_of(
        request, period=period.name, stage=measure.rows, title=gettext(measure.label),
        owner=words.label(drill.row, request) if unit == By.REP else "",
    )  # fmt: skip


def _sentence(request: PageRequest, period: Period, drill: Drill) -> str:
    row, currency = drill.row, request.company.currency
    said = words.note(row.note)
    span = words.interval(row, currency)
    if row.value is None:
        return " ".join(part for part in (said, span) if part) or gettext("Unknown.")
    shown = formats.write(
        row.value, words.format_of(row.measure), currency, words.decimals_of(row.measure)
    )
    facts = {
        "scope": words.label(row, request),
        "period": period.name,
        "value": shown,
        "n": formats.number(row.n, 0),
    }
    sentence = gettext("%(scope)s, %(period)s: %(value)s, from %(n)s cases.") % facts
    if span:
        sentence += " " + gettext("95%% interval: %(span)s.") % {"span": span}
    return f"{sentence} {said}".strip()


def _contributions(drill: Drill) -> list[Contribution]:
    if drill.measure.unit is not Unit.MONEY or drill.measure.rows not in ("won", "open", "due"):
        return []
    if drill.measure.name not in ("won_amount", "open_value", "open_in_period") or not drill.rows:
        return []
    at, total = drill.columns.index("value"), drill.row.value or 0
    largest = [row for row in drill.rows[:LARGEST] if row[at] is not None]
    parts = [
        Contribution(
            str(row[drill.columns.index("account")] or row[drill.columns.index("name")]),
            row[at],
            words.record_url(row[0]),
            row[at] / total if total else None,
        )
        for row in largest
    ]
    rest = total - sum(row[at] for row in largest)
    share = rest / total if total else None
    return [*parts, Contribution(gettext("All others"), rest, "", share)]


def _facts(request: PageRequest, period: Period, drill: Drill) -> list[Fact]:
    row, measure = drill.row, drill.measure
    facts = [
        Fact(gettext("Scope"), scope_label(request.scope)),
        Fact(gettext("As of"), drill.as_of.day, Format.DATE),
        Fact(gettext("Period"), words.dated(period)),
        Fact(gettext("Denominator"), gettext(measure.denominator)),
        Fact(gettext("Answers for it"), gettext(measure.owner)),
        Fact(gettext("Number of cases"), row.n, Format.NUMBER, decimals=0),
        *_credit(drill),
        Fact(gettext("Query"), measure.query),
        Fact(gettext("Data version"), drill.store_version, Format.NUMBER, decimals=0),
    ]
    if row.unit != By.TOTAL:
        facts.insert(1, Fact(gettext(BY_LABELS[By(row.unit)]), words.label(row, request)))
    if row.level:
        facts.insert(3, Fact(gettext("Level of the target"), words.level(row)))
    if span := words.interval(row, request.company.currency):
        facts.append(Fact(gettext("95% interval"), span))
    return facts


def _credit(drill: Drill) -> list[Fact]:
    if drill.measure.name in COUNTERS:
        return []  # of records, not of deals: the definition says by whom it goes
    return [Fact(gettext("Credit"), gettext("whoever held the deal at the event"))]


def _rows_url(request: PageRequest, period: Period, drill: Drill) -> str:
    if drill.measure.name in COUNTERS:
        counter = COUNTERS.get(drill.measure.name)
        return counter.url(request.scope, request.rights)
    return words.list_url(drill.row, period) if drill.rows else ""


def _parts(drill: Drill) -> Table:
    """Return what a figure is made of: of a share each part's own, else what each adds."""
    is_share = drill.measure.unit is Unit.RATIO
    rows = [
        Row(str(at), [label, one.cases, one.part / one.whole if is_share else one.part])
        for at, (label, one) in enumerate(drill.parts)
    ]
    columns = [
        Column("part", gettext("What it is made of"), is_title=True),
        Column("cases", gettext("Number of cases"), Format.NUMBER, decimals=0),
        Column("value", gettext("Value"), words.format_of(drill.measure.name), decimals=1),
    ]
    return Table(columns, rows, gettext("What it is made of"), is_dense=True, name="behind")


def _rows(drill: Drill, currency: str) -> Table:
    names = drill.columns[1:]
    columns = [_column(name, currency) for name in names]
    rows = [
        Row(
            row[0],
            [_cell(name, value) for name, value in zip(names, row[1:], strict=True)],
            url=words.record_url(row[0]),
        )
        for row in drill.rows
    ]
    is_numerator = drill.measure.behind is Behind.NUMERATOR
    title = (
        gettext("Deals in the numerator") if is_numerator else gettext("Deals behind the figure")
    )
    note = " ".join(_notes(drill, currency))
    return Table(columns, rows, title, note=note, is_dense=True, name="behind")


def _cell(name: str, value: Any) -> Any:
    if name == "owner" and value is None:
        return gettext(UNKNOWN)
    if name == "is_counted":
        return gettext("in the numerator") if value else ""
    return value


def _notes(drill: Drill, currency: str) -> Iterator[str]:
    """Tell how the rows make the number: which are in it, not shown, or not for this reader."""
    shown = len(drill.rows)
    if "is_counted" in drill.columns:
        yield gettext("%(counted)s of %(total)s cases are in the numerator.") % {
            "counted": formats.number(drill.counted, 0),
            "total": formats.number(drill.total, 0),
        }
    if drill.total - drill.outside > shown:
        yield gettext("The %(shown)s largest of %(total)s.") % {
            "shown": shown,
            "total": formats.number(drill.total, 0),
        }
    if drill.outside:
        yield ngettext(
            "%(n)s case of the figure, %(value)s, is outside of your view.",
            "%(n)s cases of the figure, %(value)s, are outside of your view.",
            drill.outside,
        ) % {
            "n": formats.number(drill.outside, 0),
            "value": formats.money(drill.outside_value, currency, 0),
        }


def _column(name: str, currency: str) -> Column:
    label = gettext(_TITLES[name])
    if name == "value":
        return Column(name, label, Format.MONEY, currency=currency)
    how: Any = Format.DATE if name.endswith("_date") or name == "expected_then" else Format.TEXT
    return Column(name, label, how, is_title=name == "name")
