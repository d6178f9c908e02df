"""What is wrong with an edit in itself; whether its people and accounts exist, the service asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from perilune.kernel.errors import Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.contracts import (
    MOST_POINTS,
    Absence,
    Edit,
    Hire,
    Index,
    Leave,
    Move,
    Price,
    Quota,
    Ramp,
    Shock,
)

MOST_HEADS, LONGEST_RAMP, LARGEST_FACTOR, STEEPEST = 500, 1_500, 100.0, 10.0


def problems(edit: Edit) -> list[Problem]:
    """Return what is wrong with the values of an edit, each with its field."""
    return list(_CHECKS[type(edit)](edit))


def before_hire(edit: Leave | Absence, name: str, hired: date | None) -> Iterator[Problem]:
    """Give that somebody leaves or is away before being hired."""
    is_leave = isinstance(edit, Leave)
    day = edit.last_day if isinstance(edit, Leave) else edit.starts
    if hired is not None and day < hired:
        text = _("%(name)s cannot leave or be away on %(day)s, before being hired on %(hired)s.")
        params = {"name": name, "day": day.isoformat(), "hired": hired.isoformat()}
        yield Problem(text, params, "last_day" if is_leave else "starts")


def overlapping(edit: Absence, name: str, others: Iterable[Edit]) -> Iterator[Problem]:
    """Give the first other absence of the same person that shares a day with one."""
    last = edit.ends or date.max
    for other in others:
        if not isinstance(other, Absence) or other.rep_id != edit.rep_id:
            continue
        if other.starts <= last and edit.starts <= (other.ends or date.max):
            params = {"name": name, "day": max(edit.starts, other.starts).isoformat()}
            text = _("%(name)s is away already on %(day)s: change that absence, or let this one"
                     " begin after it.")  # fmt: skip
            yield Problem(text, params, "starts")
            return


def _hire(edit: Hire) -> Iterator[Problem]:
    if not 1 <= edit.heads <= MOST_HEADS:
        yield Problem(_("Between 1 and %(most)s people."), {"most": MOST_HEADS}, "heads")
    yield from _fte(edit.fte)
    if edit.ramp_days is not None:
        yield from _ramp_days(edit.ramp_days)


def _leave(edit: Leave) -> Iterator[Problem]:
    if edit.to_rep_id == edit.rep_id:
        yield Problem(_("Somebody else takes over."), {}, "to_rep_id")


def _absence(edit: Absence) -> Iterator[Problem]:
    yield from _fte(edit.fte)
    yield from _span(edit.starts, edit.ends)


def _ramp(edit: Ramp) -> Iterator[Problem]:
    yield from _ramp_days(edit.ramp_days)


def _move(edit: Move) -> Iterator[Problem]:
    if edit.to_rep_id == edit.rep_id:
        yield Problem(_("The accounts go to somebody else."), {}, "to_rep_id")
    if not (edit.accounts or edit.rep_id is not None):
        yield Problem(_("Say whose accounts go, or which."), {}, "rep_id")


def _quota(edit: Quota) -> Iterator[Problem]:
    if edit.amount < 0:
        yield Problem(_("A quota cannot be negative."), {}, "amount")


def _price(edit: Price) -> Iterator[Problem]:
    yield from _factor(edit.factor)
    if edit.product_id is not None and edit.segment:
        yield Problem(_("A price changes for a product or for a segment, not both."), {}, "segment")


def _shock(edit: Shock) -> Iterator[Problem]:
    yield from _factor(edit.factor)
    yield from _span(edit.starts, edit.ends)


def _index(edit: Index) -> Iterator[Problem]:
    if not edit.title.strip():
        yield Problem(_("The series needs a name."), {}, "title")
    if not 1 <= len(edit.series) <= MOST_POINTS:
        yield Problem(_("Between 1 and %(most)s points."), {"most": MOST_POINTS}, "series")
    days = [day for day, _level in edit.series]
    if any(later <= day for day, later in pairwise(days)):
        yield Problem(_("The days of a series rise, each once."), {}, "series")
    if not all(math.isfinite(level) and level > 0 for _day, level in edit.series):
        yield Problem(_("The levels of a series are above zero."), {}, "series")
    if not (math.isfinite(edit.elasticity) and 0 < abs(edit.elasticity) <= STEEPEST):
        yield Problem(
            _("An elasticity lies between -%(most)s and %(most)s and is not zero."),
            {"most": int(STEEPEST)},
            "elasticity",
        )


def _fte(fte: float) -> Iterator[Problem]:
    if not 0 < fte <= 1:
        yield Problem(_("FTE lies above 0 and at most at 1."), {}, "fte")


def _ramp_days(days: int) -> Iterator[Problem]:
    if not 0 <= days <= LONGEST_RAMP:
        yield Problem(_("A ramp takes 0 to %(most)s days."), {"most": LONGEST_RAMP}, "ramp_days")


def _factor(factor: float) -> Iterator[Problem]:
    if not (math.isfinite(factor) and 0 < factor <= LARGEST_FACTOR):
        yield Problem(_("The change stays above -100 % and is no more than a hundredfold."), {},
                      "factor")  # fmt: skip
    elif factor == 1:
        yield Problem(_("A change of zero changes nothing."), {}, "factor")


def _span(first: date, last: date | None) -> Iterator[Problem]:
    if last is not None and last < first:
        yield Problem(_("The last day lies before the first."), {}, "ends")


_CHECKS: Mapping[type[Edit], Callable[[Any], Iterator[Problem]]] = {
    Hire: _hire,
    Leave: _leave,
    Absence: _absence,
    Ramp: _ramp,
    Move: _move,
    Quota: _quota,
    Price: _price,
    Shock: _shock,
    Index: _index,
}
