"""Put a figure beside the computed one, with a reason; deals are never touched."""

from __future__ import annotations

from perilune.forecasting.contracts import (
    ADJUSTABLE,
    Author,
    Cell,
    Overriding,
    Rollup,
)
from perilune.forecasting.queries import rollup
from perilune.forecasting.queries.overrides import levels, overrides, spoken_for
from perilune.forecasting.service.writing import opened, require_now, unit_values
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope

NOT_YOURS = _("This figure is not yours to override.")
REASON = 3
"""Fewest characters of a reason."""


def override(asked: Overriding, author: Author, as_of: AsOf, scope: Scope) -> int:
    """Keep what somebody says of some figures, in one change set, and return its id.

    What was said before at the same level is changed; its history keeps it. Invalid without a
    reason or on a figure that cannot be overridden, Refused on one that is not the author's to say,
    Conflict on a page of the past or once the period is locked.
    """
    reason = asked.reason.strip()
    if len(reason) < REASON:
        raise Invalid(_("An override needs a reason: say what the deals do not show."))
    if not asked.amounts:
        raise Invalid(_("Nothing was changed."))
    require_now(asked.period, as_of)
    rolled = rollup(asked.period, as_of, scope, with_ranges=False)
    before = overrides(asked.period, as_of)
    may = levels(rolled, author, scope)
    with opened(author.actor, "") as writing:
        for cell, amount in asked.amounts:
            values = _values(cell, amount, rolled) | {
                "reason": reason,
                "made_on": as_of.day,
                "author": author.name,
                "author_rep_id": author.rep_id,
            }
            level = may.get(cell.unit)
            if level is None:
                raise Refused(NOT_YOURS)
            standing = before.get((cell, level))
            if standing is not None:
                writing.change("adjustment", standing.id, values)
                continue
            writing.create(
                "adjustment",
                {
                    **unit_values(cell.unit),
                    "period_start": asked.period.start,
                    "period_end": asked.period.end,
                    "category": cell.category.value,
                    "basis": cell.view.value,
                    "level": level.value,
                    "currency": rolled.currency,
                    **values,
                },
            )
        return writing.id


def _values(cell: Cell, amount: int, rolled: Rollup) -> dict[str, object]:
    if cell.category not in ADJUSTABLE:
        raise Invalid(_("Only commit, most likely and best case can be overridden."))
    if amount < 0:
        raise Invalid(_("An override is not below zero."))
    return {"amount": amount, "computed": _computed(cell, rolled)}


def _computed(cell: Cell, rolled: Rollup) -> int | None:
    for row in rolled.rows:
        if spoken_for(row.node, rolled) == cell.unit:
            return row.value(cell.category, cell.view)
    raise Refused(NOT_YOURS)


def override_withdraw(period: Period, cell: Cell, author: Author, as_of: AsOf, scope: Scope) -> int:
    """Take back what the author's level says of a figure; the change set's id undoes it."""
    require_now(period, as_of)
    level = levels(rollup(period, as_of, scope, with_ranges=False), author, scope).get(cell.unit)
    one = overrides(period, as_of).get((cell, level)) if level else None
    if one is None:
        raise Invalid(_("There is no override of yours to take back here."))
    with opened(author.actor, "") as writing:
        writing.delete("adjustment", one.id)
        return writing.id
