"""The close of a period in words and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import (
    CHECK_LABELS,
    STEP_LABELS,
    Category,
    Check,
    Fact,
    Learnt,
    Rollup,
    Step,
    StepInfo,
)
from perilune.forecasting.web.meeting import label_of, money_in
from perilune.history.contracts import CREATION, DELETED
from perilune.kernel.calendar import Period
from perilune.kernel.wiring import KINDS
from perilune.ui import formats
from perilune.ui.contracts import (
    Column,
    Empty,
    Format,
    Row,
    Status,
    Table,
    Timeline,
    TimelineEvent,
    Tone,
)


@dataclass(frozen=True)
class CheckLine:
    """A line of the checklist, with what it takes to go on."""

    name: str
    label: str
    count: int
    status: Status
    may_accept: bool = False


def lines(found: list[Check]) -> list[CheckLine]:
    """Return today's checklist."""
    return [
        CheckLine(
            check.name,
            gettext(CHECK_LABELS[check.name]),
            check.count,
            Status(gettext("holds"), Tone.GOOD)
            if check.holds
            else Status(
                gettext("stops the close") if check.is_blocking else gettext("does not hold"),
                Tone.ACT if check.is_blocking else Tone.WATCH,
            ),
            may_accept=not check.holds and not check.is_blocking,
        )
        for check in found
    ]


def kept(step: StepInfo) -> list[CheckLine]:
    """Return the checklist as it was when a step was taken."""
    found = []
    for row in step.checklist:
        status = Status(gettext("holds"), Tone.GOOD)
        if row["count"]:
            status = Status(gettext("accepted"), Tone.WATCH)
        label = gettext(CHECK_LABELS.get(row["name"], row["name"]))
        found.append(CheckLine(row["name"], label, row["count"], status))
    return found


def mark(last: StepInfo | None) -> Status:
    """Say whether a period's figures are live, proposed or of record."""
    if last is not None and last.step is Step.CLOSED:
        return Status(gettext("of record"), Tone.GOOD)
    if last is not None and last.step is Step.PROPOSED:
        return Status(gettext("close proposed"), Tone.WATCH)
    return Status(gettext("live"), Tone.NEUTRAL)


def finding(period: Period, last: StepInfo | None, late: list[Learnt], rolled: Rollup) -> str:
    """Say where the close stands and what was learnt since."""
    if last is None or last.step is not Step.CLOSED:
        return gettext("The figures of %(period)s are live: they follow every change.") % {
            "period": period.name
        }
    said = gettext("Frozen on %(day)s.") % {"day": formats.day(last.as_of.day)}
    if not late:
        return said + " " + gettext("Nothing was learnt since.")
    change = sum(one.change for one in late)
    text = ngettext(
        "After close: %(count)s deal, %(change)s; it counts in the open period.",
        "After close: %(count)s deals, %(change)s; they count in the open period.",
        len(late),
    )
    amount = formats.short_money(change, rolled.currency)
    return said + " " + text % {"count": len(late), "change": amount}


def figures(rolled: Rollup, closed: StepInfo | None) -> Table:
    """Return what every unit won: of record, live, and the difference."""
    money = money_in(rolled.currency)
    columns = [Column("unit", gettext("Unit"), is_title=True)]
    if closed is not None:
        columns.append(money("record", gettext("Won, of record")))
    columns.append(money("live", gettext("Won, live")))
    if closed is not None:
        columns.append(money("late", gettext("After close")))
    columns += [
        money("quota", gettext("Quota")),
        Column("attainment", gettext("Attainment"), Format.PERCENT, unit="%", decimals=1),
        Column("of", gettext("Attainment is")),
    ]
    rows = []
    for row in rolled.rows:
        live = row.amounts.get(Category.CLOSED, 0) if not row.is_withheld else None
        record = row.won_of_record
        late = live - record if live is not None and record is not None else None
        kind = gettext("live") if record is None else gettext("of record")
        values: list[Any] = [label_of(row, rolled.scope_label)]
        values += [record, live, late] if closed is not None else [live]
        values += [row.quota, row.attainment, kind if row.attainment is not None else ""]
        rows.append(Row(row.node.key, values, level=row.node.level))
    return Table(columns, rows, gettext("What every unit won"), is_dense=True, name="figures")


def learnt(late: list[Learnt], currency: str) -> Table:
    """Return what was learnt after the close: which deal, from what to what, who, when, why."""
    money = money_in(currency)
    columns = (
        Column("deal", gettext("Deal"), is_title=True),
        money("before", gettext("Of record")),
        money("after", gettext("Live")),
        money("change", gettext("Change")),
        Column("who", gettext("Who, when, why"), Format.LONG_TEXT),
    )
    rows = [
        Row(
            f"{one.deal_id}-{one.rep_id}-{one.team_id}",
            (one.name, one.before, one.after, one.change, _who(one)),
            url=reverse("crm:record", args=["opportunity", one.deal_id]),
        )
        for one in late
    ]
    nothing = Empty(
        gettext("Nothing was learnt after the close"),
        gettext("What changes a figure of record later stands here, with who, when and why."),
    )
    caption = gettext("Learnt after the close")
    return Table(columns, rows, caption, is_dense=True, name="after-close", empty=nothing)


def _who(one: Learnt) -> str:
    if not one.facts:
        return gettext("a change around the deal: credit, rate or team")
    return "; ".join(_fact(fact) for fact in one.facts[:4])


def _fact(fact: Fact) -> str:
    labels = {field.name: field.label for field in KINDS.get("opportunity").fields}
    what = {
        CREATION: gettext("entered"),
        DELETED: gettext("deleted") if fact.new else gettext("restored"),
    }.get(fact.field) or gettext(labels.get(fact.field, fact.field))
    said = f"{formats.instant(fact.at)}, {fact.actor}: {what}"
    return f"{said} ({fact.why})" if fact.why and fact.why != "local" else said


def course(taken: list[StepInfo]) -> Timeline:
    """Return the steps, the latest first."""
    return Timeline([_event(step) for step in taken])


def _event(step: StepInfo) -> TimelineEvent:
    title = gettext(STEP_LABELS[step.step])
    if step.is_self_approved:
        title += " " + gettext("(self-approved, small team)")
    version = gettext("Store version %(version)s") % {"version": step.store_version}
    return TimelineEvent(
        step.at,
        title,
        step.actor,
        version,
        step.reason,
        icon="check" if step.step is Step.CLOSED else "circle-dot",
        tone=Tone.GOOD if step.step is Step.CLOSED else Tone.NEUTRAL,
    )
