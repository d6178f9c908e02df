"""What a forecast meeting goes through, as tables: the pack shows them, its Excel file holds them.

The tables are those of the pages: roll-up with calls, why the range moved, what is done about
risks, track record, value added. Page, PDF and file show one another's figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from perilune.forecasting import queries as forecasting
from perilune.forecasting.contracts import (
    ADJUSTABLE,
    Category,
    DealAtRisk,
    DealRisk,
    ForecastResult,
    Move,
    NodeKind,
    RiskList,
    Rollup,
    View,
    Worth,
)
from perilune.forecasting.web import (
    bridge_shown,
    calling,
    moved_shown,
    recorded,
    risk_files,
    risk_words,
    rolled_file,
    valued,
)
from perilune.forecasting.web.meeting import category_label, label_of, money_in
from perilune.forecasting.web.rolled import SHOWN, Sheet
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import person, personal_scope_for, user_named
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Table
from perilune.ui.export import Export
from perilune.ui.filters import scope_label

if TYPE_CHECKING:
    from perilune.site.pack import Pack

MOST_ACTS = 20
_ON_PAPER = ("unit", "day", "figure", "said", "actual", "model", "added", "over")


@dataclass(frozen=True)
class Meeting:
    """The figures of one meeting. worth: of the period before, None while it runs."""

    rolled: Rollup
    move: Move
    risks: RiskList
    before: Period
    rolled_before: Rollup
    worth: Worth | None


def build(username: str, period: Period, before: Period, at: AsOf, scope: Scope) -> Meeting:
    """Return what a meeting of a period goes through, as one person may see it."""
    rolled_before = forecasting.rollup(before, at, scope, with_ranges=False)
    user = user_named(username)
    if user is None:
        raise NotFound(_("There is no user named %(name)s."), name=username)
    named = personal_scope_for(user).owners or frozenset()
    reader = forecasting.Reader(person(user), named)
    return Meeting(
        rolled=forecasting.rollup(period, at, scope),
        move=forecasting.move_for(period, forecasting.week_before(at), at, scope),
        risks=forecasting.risks_of(period, at, scope),
        before=before,
        rolled_before=rolled_before,
        worth=forecasting.worth(rolled_before, reader, scope) if at.day > before.end else None,
    )


# -- tables of words -------------------------------------------------------------------------------


def rollup(found: Meeting) -> Table:
    """Return categories, calls, range and quota by unit, down to the teams."""
    rolled = found.rolled
    money = money_in(rolled.currency)
    shown = [each for each in SHOWN if each is not Category.OMITTED]
    columns = (
        Column("unit", gettext("Unit"), is_title=True),
        *(money(each.value, category_label(each)) for each in shown),
        money("call", gettext("Last call")),
        money("p50", gettext("Realistic (p50)")),
        money("quota", gettext("Quota")),
    )
    rows = [
        Row(
            row.node.key,
            (
                # the level shows by dots: paper and mail have no tree
                "·\u00a0" * row.node.level + label_of(row, rolled.scope_label),
                *(row.value(each, View.CUMULATIVE) for each in shown),
                row.call.amount if row.call else None,
                row.reach.p50 if row.reach else None,
                row.quota,
            ),
        )
        for row in rolled.rows
        if row.node.kind is not NodeKind.REP
    ]
    return Table(columns, rows, gettext("Roll-up"))


def moved(found: Meeting) -> Table:
    """Return why the range moved since a week ago."""
    return moved_shown.causes(found.move)


def acts(found: Meeting) -> Table:
    """Return the risks of deals that somebody deals with, or lets sleep."""
    currency = found.rolled.currency
    columns = (
        Column("deal", gettext("Deal"), is_title=True),
        Column("risk", gettext("Risk")),
        Column("who", gettext("Who does it")),
        Column("state", gettext("State")),
        Column("due", gettext("Until"), Format.DATE),
        Column("why", gettext("Reason"), Format.LONG_TEXT),
        Column("revenue", gettext("At stake"), Format.MONEY, currency=currency, decimals=0),
    )
    rows = [_act(deal, risk) for deal, risk in _acted(found.risks)][:MOST_ACTS]
    empty = Empty(
        gettext("Nobody has taken a risk on"),
        gettext("Take risks on from the list of risks; they stand here until they are closed."),
    )
    return Table(columns, rows, gettext("What is done about risks"), empty=empty)


def _acted(found: RiskList) -> Iterator[tuple[DealAtRisk, DealRisk]]:
    seen = {deal.id: deal for deal in (*found.deals, *found.asleep)}
    for deal in seen.values():
        for risk in (*deal.risks, *deal.silenced):
            if risk.mitigation is not None:
                yield deal, risk


def _act(deal: DealAtRisk, risk: DealRisk) -> Row:
    act = risk.mitigation
    if act is None:
        raise ValueError(deal)
    state = risk_words.doing(act)
    cells = (
        deal.account or deal.name, risk_words.short(risk.kind), act.owner,
        state.label if state else "", act.snoozed_until or act.due, act.reason,
        risk.figure.revenue,
    )  # fmt: skip
    return Row(act.id, cells)


def track(result: ForecastResult) -> Table:
    """Return how the combination, its members and the naive rules did at past origins."""
    return recorded.members(result)


def worth(found: Meeting) -> Table:
    """Return what calls and overrides of the period before added, those that may be named."""
    if found.worth is None:
        return Table((), (), gettext("Value added"))
    names = calling.names(found.rolled_before)
    return valued.named(found.worth, found.rolled_before, names)


def compared(found: Meeting) -> Table:
    """Return what was said on the day of a run, in the columns that paper is wide enough for."""
    whole = worth(found)
    at = [place for place, column in enumerate(whole.columns) if column.name in _ON_PAPER]
    rows = [
        Row(row.id, tuple(row.cells[place] for place in at))
        for row in whole.rows
        if any(
            column.name == "model" and _value(cell) is not None
            for column, cell in zip(whole.columns, row.cells, strict=True)
        )
    ]
    empty = Empty(
        gettext("Nothing to compare"),
        gettext("No call and no override met a run of the model of the same day."),
    )
    columns = tuple(whole.columns[place] for place in at)
    return replace(whole, columns=columns, rows=rows, empty=empty)


def _value(cell: Any) -> Any:
    return cell.value if isinstance(cell, Cell) else cell


# -- the Excel file --------------------------------------------------------------------------------


def sheets(pack: Pack) -> list[tuple[str, Export]]:
    """Return the sheets of the meeting's Excel file: what the pages export, under one cover."""
    found, scope, at = pack.meeting, pack.scope, pack.as_of
    said = forecasting.overrides(pack.period, at)
    made = {
        each: forecasting.with_overrides(found.rolled, said, each, View.CUMULATIVE)
        for each in ADJUSTABLE
    }
    facts = (
        (gettext("Scope"), str(scope_label(scope))),
        (gettext("As of"), at.day.isoformat()),
        (gettext("Period"), pack.period.name),
    )
    risks = Export(
        "risks",
        risk_files.export_columns(pack.company.currency),
        list(risk_files.export_rows(found.risks.core)),
        facts,
    )
    told = [
        (
            gettext("Roll-up"),
            rolled_file.export_of(Sheet(found.rolled, View.CUMULATIVE, said, made)),
        ),
        (gettext("Bridge"), bridge_shown.export_of(pack.changes)),
        (gettext("Why the range moved"), moved_shown.export_of(found.move)),
        (gettext("Risks"), risks),
        (gettext("Track record"), _of(track(pack.outlook.result), facts)),
    ]
    if found.worth is not None:
        before = (*facts[:2], (gettext("Period"), found.before.name))
        told.append((gettext("Value added"), _of(worth(found), before)))
    return told


def _of(table: Table, facts: tuple[tuple[str, str], ...]) -> Export:
    rows = [[_value(cell) for cell in row.cells] for row in table.rows]
    return Export("table", table.columns, rows, facts)
