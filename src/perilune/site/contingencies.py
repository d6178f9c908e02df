"""Contingencies: a prepared scenario, the trigger that calls it, its owner and the first actions.

A contingency shows to its author, its owner and those named, and to nobody else (rule 24). Its
figure is read within the owner's scope; whoever has another scope reads the state, not the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.urls import reverse

from perilune.forecasting.queries import card
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import MEASURES, Unit
from perilune.metrics.contracts import By as MeasureBy
from perilune.metrics.queries import measure_with_history
from perilune.people.queries import company, scope_for, user_named
from perilune.planning.queries import scenario, sharers
from perilune.site.models import Contingency
from perilune.site.watching import Line

BELOW, ABOVE = "below", "above"
WATCHING, FIRED, STOPPED, OVER = "watching", "fired", "stopped", "over"
STATES: Mapping[str, str] = {
    WATCHING: _("Watched"),
    FIRED: _("Triggered"),
    STOPPED: _("Stopped"),
    OVER: _("Over without a trigger"),
}
"""English msgids."""
RANGE: Mapping[str, str] = {
    "forecast:p10": _("Forecast, p10"),
    "forecast:p50": _("Forecast, p50"),
    "forecast:p90": _("Forecast, p90"),
}
"""Figures of the forecast by name: English msgids; the others are measures."""
NEAR = 0.1
"""Within so much of the threshold a trigger is near."""


@dataclass(frozen=True)
class Watched:
    """A contingency beside its figure now. value None: unknown, or not the reader's to know.

    distance: how far the figure is from the threshold, positive while the trigger has not fired.
    """

    row: Contingency
    value: float | None
    is_hidden: bool = False

    @property
    def distance(self) -> float | None:
        """How far away the trigger is, in the unit of the figure; zero or less: reached."""
        return distance(self.value, self.row.threshold, self.row.comparison)

    @property
    def is_reached(self) -> bool:
        """Whether the trigger fired, or would if its figure were read for the record now."""
        far = self.distance
        return self.row.state == FIRED or (
            self.row.state == WATCHING and far is not None and far <= 0
        )

    @property
    def is_near(self) -> bool:
        """Whether the figure is within a tenth of the threshold."""
        return is_near(self.distance, self.row.threshold)


def distance(value: float | None, threshold: float, comparison: str) -> float | None:
    """Return how far a figure is from a threshold, positive while it is not reached."""
    if value is None:
        return None
    return value - threshold if comparison == BELOW else threshold - value


def is_near(far: float | None, threshold: float) -> bool:
    """Tell whether a distance is within a tenth of the threshold."""
    return far is not None and far <= NEAR * abs(threshold)


def figures() -> dict[str, str]:
    """Return what a trigger may watch: name to label (English msgids)."""
    return {**RANGE, **{item.name: item.label for item in MEASURES.values()}}


def unit_of(figure: str) -> Unit:
    """Return the unit of a figure: that of the threshold, too."""
    return Unit.MONEY if figure in RANGE else MEASURES[figure].unit


def contingencies(username: str, as_of: AsOf, *, scenario_id: int | None = None) -> list[Watched]:
    """Return what shows to somebody, the nearest trigger first; with figures within their scope."""
    rows = [row for row in Contingency.objects.all() if _sees(row, username)]
    if scenario_id is not None:
        rows = [row for row in rows if row.scenario_id == scenario_id]
    found = [_watched(row, username, as_of) for row in rows]
    order = {FIRED: 0, WATCHING: 1, STOPPED: 2, OVER: 3}

    def key(one: Watched) -> tuple[int, float]:
        far = one.distance
        bottom = abs(one.row.threshold) or 1.0
        return order[one.row.state], float("inf") if far is None else far / bottom

    return sorted(found, key=key)


def contingency(number: int, username: str) -> Contingency:
    """Return one; NotFound where it is not theirs and was not shared with them."""
    row = Contingency.objects.filter(id=number).first()
    if row is None or not _sees(row, username):
        raise NotFound(_("There is no such contingency, or it was not shared with you."))
    return row


def _sees(row: Contingency, username: str) -> bool:
    return username in {row.author, row.owner, *row.shared_with.split()}


def _watched(row: Contingency, username: str, as_of: AsOf) -> Watched:
    theirs, own = _scope(row.owner, as_of), _scope(username, as_of)
    if theirs is None or own is None or theirs.digest() != own.digest():
        return Watched(row, None, is_hidden=True)
    return Watched(row, value_of(row.figure, row.period, as_of, theirs))


def _scope(username: str, as_of: AsOf) -> Scope | None:
    user = user_named(username)
    return scope_for(user, as_of) if user is not None and user.is_active else None


def value_of(figure: str, period: str, as_of: AsOf, scope: Scope) -> float | None:
    """Return a figure of a period: money in minor units, ratios 0 to 1; None where unknown."""
    asked = company().calendar.parse(period)
    if figure in RANGE:
        span = card(asked, as_of, scope).total.range
        return None if span is None else float(getattr(span, figure.partition(":")[2]))
    rows = measure_with_history(
        as_of, asked, MeasureBy.TOTAL, scope, measures=(figure,), with_states=False
    )
    value = next((item.row.value for item in rows if item.row.measure == figure), None)
    return None if value is None else float(value)


# -- verbs -----------------------------------------------------------------------------------------


def save(number: int | None, values: Mapping[str, Any], *, actor: str) -> int:
    """Make a contingency, or change one of the actor's; return its id. It is watched (again).

    values: name, scenario_id, figure, comparison, threshold, period, until, owner, first_actions,
    shared_with. Invalid with the problem of each field.
    """
    row = Contingency(author=actor) if number is None else _own(number, actor)
    wrong = list(_problems(values, actor))
    if wrong:
        raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
    for name in ("name", "scenario_id", "figure", "comparison", "threshold", "until", "owner",
                 "first_actions"):  # fmt: skip
        setattr(row, name, values[name])
    row.period = company().calendar.parse(str(values["period"])).name
    row.shared_with = " ".join(sorted(set(values.get("shared_with", ())) - {actor}))
    row.state, row.fired_on, row.fired_value, row.told_at = WATCHING, None, None, None
    row.save()
    return int(row.pk)


def switch(number: int, *, actor: str) -> Contingency:
    """Stop watching, or watch again; the author's and the owner's verb."""
    row = contingency(number, actor)
    if actor not in {row.author, row.owner}:
        raise Refused(_("Only its author and its owner change it."))
    row.state = WATCHING if row.state in (STOPPED, FIRED, OVER) else STOPPED
    if row.state == WATCHING:
        row.fired_on, row.fired_value, row.told_at = None, None, None
    row.save()
    return row


def _own(number: int, actor: str) -> Contingency:
    row = contingency(number, actor)
    if row.author != actor:
        raise Refused(_("Only %(author)s changes this contingency."), author=row.author)
    return row


def _problems(values: Mapping[str, Any], actor: str) -> list[Problem]:
    found = []
    able = {person.username for person in sharers()}
    if values["figure"] not in figures():
        found.append(Problem(_("There is no such figure."), {}, "figure"))
    named = [("owner", values["owner"]), *(("shared_with", n) for n in values["shared_with"])]
    for field, name in named:
        if name not in able:
            found.append(Problem(_("%(name)s cannot open scenarios."), {"name": name}, field))
    if not str(values["first_actions"]).strip():
        found.append(Problem(_("Say what is done first."), {}, "first_actions"))
    try:
        company().calendar.parse(str(values["period"]))
    except Invalid as error:
        found.append(Problem(error.message, error.params, "period"))
    try:
        scenario(values["scenario_id"] or 0, None, actor)
    except NotFound as error:
        found.append(Problem(error.message, {}, "scenario_id"))
    return found


# -- the trigger -----------------------------------------------------------------------------------


def check(as_of: AsOf, owner: str) -> list[Contingency]:
    """Read the figures of what somebody owns; record what fired, once, and with its day."""
    scope = _scope(owner, as_of)
    fired = []
    for row in Contingency.objects.filter(owner=owner, state=WATCHING):
        value = None if scope is None else value_of(row.figure, row.period, as_of, scope)
        found = Watched(row, value)
        if found.distance is not None and found.distance <= 0:
            row.state, row.fired_on, row.fired_value = FIRED, as_of.day, value
            row.save(update_fields=["state", "fired_on", "fired_value"])
            fired.append(row)
        elif (row.until or date.max) < as_of.day:
            Contingency.objects.filter(id=row.pk, state=WATCHING).update(state=OVER)
    return fired


def untold(owner: str) -> list[Line]:
    """Return what fired and was not told to its owner yet, as the lines of a notice."""
    rows = Contingency.objects.filter(owner=owner, state=FIRED, told_at=None).order_by("fired_on")
    return [_line(row) for row in rows]


def tell(owner: str, keys: Sequence[str]) -> None:
    """Note that these lines were told."""
    ids = [int(key.partition(":")[2]) for key in keys]
    Contingency.objects.filter(owner=owner, id__in=ids).update(told_at=datetime.now(UTC))


def _line(row: Contingency) -> Line:
    unit = unit_of(row.figure)
    facts: dict[str, Any] = {
        "name": row.name,
        "figure_label": figures()[row.figure],
        "period": row.period,
        "on_day": row.fired_on.isoformat() if row.fired_on else "",
    }
    if unit is Unit.MONEY:
        facts |= {"value_money": row.fired_value, "limit_money": row.threshold}
        message = _("%(name)s is triggered as of %(on_day)s: %(figure_label)s of %(period)s is"
                    " %(value_money)s, the threshold %(limit_money)s.")  # fmt: skip
    elif unit is Unit.RATIO:
        facts |= {"value_share": row.fired_value, "limit_share": row.threshold}
        message = _("%(name)s is triggered as of %(on_day)s: %(figure_label)s of %(period)s is"
                    " %(value_share)s, the threshold %(limit_share)s.")  # fmt: skip
    else:
        facts |= {"value": row.fired_value, "limit": row.threshold}
        message = _("%(name)s is triggered as of %(on_day)s: %(figure_label)s of %(period)s is"
                    " %(value)s, the threshold %(limit)s.")  # fmt: skip
    address = reverse("site:contingency", args=[row.pk])
    return Line(f"contingency:{row.pk}", message, facts, row.first_actions, address)
