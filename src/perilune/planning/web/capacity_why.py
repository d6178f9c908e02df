"""The drawer behind a figure of a plan's capacity: definition, units it sums, people behind it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from perilune.planning.contracts import PlanView
from perilune.planning.contracts.capacity import COUNT_DEFINITIONS, COUNT_LABELS, Count
from perilune.planning.contracts.tables import Floats
from perilune.planning.queries.capacity import PlanCapacity
from perilune.planning.queries.words import unit_label
from perilune.planning.web.capacity_shown import value_of, written
from perilune.planning.web.plan_columns import money, month_name
from perilune.ui.contracts import Column, Contribution, Explanation, Fact, Format, Row, Table


def explanation(
    view: PlanView, found: PlanCapacity, count: Count, unit: str, month: int | None
) -> Explanation:
    """Return what a figure is, the units it sums, and the people behind it."""
    currency = view.head.currency
    at = found.units.index(unit)
    columns: Sequence[int] = [month - 1] if month else range(len(found.months))

    def told(values: Floats) -> float:
        chosen = values[list(columns)]
        return float(chosen.sum() if count.is_money else chosen.mean())

    value = told(found.figures[count][at])
    period = month_name(found.months[month - 1]) if month else found.year.name
    label = unit_label(unit, view.names)
    below = [place for place, above in enumerate(found.parents) if above == at]
    parts = [Contribution(unit_label(found.units[p], view.names), told(found.figures[count][p]))
             for p in below]  # fmt: skip
    rest = value - sum(float(part.value or 0) for part in parts)
    if parts and abs(rest) > (0.5 if count.is_money else 1e-6):
        parts.append(Contribution(gettext("Directly in the unit"), rest))
    facts = [
        Fact(gettext("Scope"), label),
        Fact(gettext("Period"), period),
        Fact(gettext("As of"), found.as_of.day, Format.DATE),
        Fact(gettext("Plan"), f"{view.head.name}, {gettext('edition')} {view.head.edition}"),
    ]
    law = found.basis.law_of(unit) if found.basis and count is Count.CAPACITY else None
    if law is not None and unit in (found.basis.laws if found.basis else {}):
        facts.append(Fact(gettext("Booked a year by one ramped FTE"), round(law.minor),
                          Format.MONEY, currency, 0))  # fmt: skip
    return Explanation(
        title=f"{gettext(COUNT_LABELS[count])} · {label} · {period}",
        sentence=_sentence(view, count, label, period, value),
        value=value_of(count, value),
        format=Format.MONEY if count.is_money else Format.NUMBER,
        currency=currency,
        decimals=0 if count.is_money else 1,
        contributions=parts,
        contributions_title=gettext("What it consists of"),
        definition=gettext(COUNT_DEFINITIONS[count]),
        facts=facts,
        rows=_people(view, found, count, at, columns),
    )


def _sentence(view: PlanView, count: Count, label: str, period: str, value: float) -> str:
    facts = {"what": gettext(COUNT_LABELS[count]), "unit": label, "period": period,
             "value": written(count, value, view.head.currency)}  # fmt: skip
    if count.is_money:
        return gettext("%(what)s of %(unit)s in %(period)s: %(value)s.") % facts
    return gettext("%(what)s of %(unit)s, mean of the months of %(period)s: %(value)s.") % facts


def _people(
    view: PlanView, found: PlanCapacity, count: Count, at: int, columns: Sequence[int]
) -> Table | None:
    if count not in found.details:
        return None
    inside = {found.units[at]}
    for place, above in enumerate(found.parents):
        if above >= 0 and found.units[above] in inside:
            inside.add(found.units[place])
    rows = []
    for row_at, row in enumerate(found.rows):
        chosen = found.details[count][row_at][list(columns)]
        value = float(chosen.sum() if count.is_money else chosen.mean())
        if row.at not in inside or abs(value) < 1e-9:
            continue
        name = gettext("Reserve (nobody is named)") if row.is_reserve else unit_label(
            row.unit, view.names)  # fmt: skip
        rows.append(Row(row_at, (name, unit_label(row.at, view.names), value_of(count, value))))
    rows.sort(key=lambda one: -float(one.cells[2]))
    last = (
        money("value", gettext(COUNT_LABELS[count]), view.head.currency)
        if count.is_money
        else Column("value", gettext(COUNT_LABELS[count]), Format.NUMBER, decimals=2)
    )
    return Table(
        (Column("who", gettext("Who"), is_title=True), Column("unit", gettext("Unit")), last),
        rows,
        gettext("The people behind the figure"),
        totals=(None, None, sum(float(one.cells[2]) for one in rows)),
        total_label=gettext("Sum"),
        is_dense=True,
        name="behind",
    )


def expected_explanation(view: PlanView, found: PlanCapacity) -> Explanation:
    """Return the drawer behind the sellers expected after departures."""
    rows = [
        Row(name, (name, one.fte, one.low, one.middle, one.high))
        for name, one in found.expected.items()
    ]
    number = {"format": Format.NUMBER, "decimals": 1}
    left = found.basis.leaving if found.basis else None
    facts = [Fact(gettext("As of"), found.as_of.day, Format.DATE)]
    if left is not None:
        facts += [
            Fact(gettext("Leave in a year, all sellers"), left.a_year, Format.PERCENT, decimals=0),
            Fact(gettext("Departures known"), left.leavers, Format.NUMBER),
        ]
    return Explanation(
        title=gettext("Ramped FTE after departures, months to come"),
        sentence=gettext("The same sellers and hires, but some leave by the hazard of their group"
                         " and seats are filled again about three months later by people who ramp"
                         " from zero."),
        definition=gettext("Mean of each month's days over the paths of the simulation that the"
                           " plan's chances come from: p10, p50 and p90 of them."),
        facts=facts,
        rows=Table(
            (Column("month", gettext("Month"), is_title=True),
             Column("fte", gettext("FTE"), **number),  # type: ignore[arg-type]
             Column("p10", "p10", **number),  # type: ignore[arg-type]
             Column("p50", "p50", **number),  # type: ignore[arg-type]
             Column("p90", "p90", **number)),  # type: ignore[arg-type]
            rows, gettext("By month"), is_dense=True, name="expected",
        ),
    )  # fmt: skip
