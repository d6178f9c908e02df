"""What leaves its course (rule 23): range and target, units below their path, coverage, data.

Each line says what happened, what to do and where; a notice gathers them (`alerts.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.contracts import AIM, OF_PARTS, THIN_BELOW, TOO_NARROW, By
from perilune.forecasting.queries import Below, below_path, card
from perilune.history.queries import arrivals
from perilune.hub.contracts.health import Trouble
from perilune.hub.queries.health import health
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By as MeasureBy
from perilune.metrics.queries import measure_with_history
from perilune.people.contracts import Company, Right
from perilune.people.queries import (
    company,
    person,
    person_names,
    rights_of,
    target,
    user_named,
)
from perilune.planning.contracts import LETTER_STATE_LABELS, TaskState
from perilune.planning.queries import due_tasks, own_letters, unacknowledged
from perilune.site.approvals import waiting
from perilune.territories.queries import drift

WEEK = timedelta(days=7)
MOST_DRIFTS = 3
"""Territories that are told at a time: the furthest."""
STARTED = 14
"""Days into a period from which on a unit's path is judged."""
QUIET = 3
"""Imports are missed after so many times the usual gap between them."""
LEAST_GAP = timedelta(days=1)
LEAST_IMPORTS = 4


@dataclass(frozen=True)
class Line:
    """One thing off its course: what (msgid), its numbers, what to do (msgid), where.

    params: names that end in `_money` are minor units, in `_share` ratios, in `_day` ISO days.
    key: tells a thing that was said already from a new one.
    """

    key: str
    message: str
    params: Mapping[str, Any]
    todo: str
    url: str

    def kept(self) -> dict[str, Any]:
        """Return the line as JSON keeps it."""
        return asdict(self) | {"params": dict(self.params)}


@dataclass(frozen=True)
class _Asked:
    rep_id: int | None
    as_of: AsOf
    scope: Scope
    company: Company
    period: Period

    @property
    def before(self) -> AsOf:
        """The knowledge of a week ago."""
        return AsOf.end_of(self.as_of.day - WEEK, self.company.zone)

    @property
    def url(self) -> str:
        """Where the period stands."""
        return reverse("forecasting:period", args=[self.period.name])


def lines(username: str, as_of: AsOf, scope: Scope, now: datetime) -> list[Line]:
    """Return what is off its course for somebody, in the quarter under way."""
    user = user_named(username)
    if user is None:
        return []
    home = company()
    quarter = home.calendar.find(as_of.day, Grain.QUARTER)
    asked = _Asked(person(user), as_of, scope, home, quarter)
    found = [*_target(asked), *_held(asked), *_paths(asked), *_coverage(asked)]
    rights = rights_of(user)
    found += _own_letter(asked)
    found += [*_approvals(username, scope, rights), *_tasks(username, as_of)]
    if Right.MAKE_PLANS in rights:
        found += _letters(asked)
    if Right.DESIGN_TERRITORIES in rights:
        found += _drifts(asked)
    if Right.IMPORT_DATA in rights:
        found += _data(now)
    if Right.MANAGE_SCHEDULES in rights:
        found += _connections(now)
    return found


# -- range and target ------------------------------------------------------------------------------


def _goal(asked: _Asked, at: AsOf) -> int | None:
    own, owners = asked.rep_id, asked.scope.owners
    currency = asked.company.currency
    if owners is None:
        goal = target(asked.period, at, currency=currency)
    elif own is not None and owners == frozenset({own}):
        goal = target(asked.period, at, rep_id=own, currency=currency)
    else:
        return None
    return goal.minor if goal else None


def _target(asked: _Asked) -> Iterator[Line]:
    goal = _goal(asked, asked.as_of)
    now = card(asked.period, asked.as_of, asked.scope).total.range
    before = card(asked.period, asked.before, asked.scope).total.range
    if not goal or now is None or before is None or not before.p10 <= goal <= before.p90:
        return
    facts = {
        "period": asked.period.name,
        "low_money": now.p10,
        "high_money": now.p90,
        "goal_money": goal,
    }
    if now.p90 < goal:
        yield Line(
            f"target:{asked.period.name}:below",
            _("%(period)s: the range %(low_money)s to %(high_money)s fell below the target"
              " of %(goal_money)s."),
            facts,
            _("Look at what moved the range, and decide what closes the gap."),
            asked.url,
        )  # fmt: skip
    elif now.p10 > goal:
        yield Line(
            f"target:{asked.period.name}:above",
            _("%(period)s: the range %(low_money)s to %(high_money)s rose above the target"
              " of %(goal_money)s."),
            facts,
            _("Check whether deals were pulled in from the next period."),
            asked.url,
        )  # fmt: skip


def _held(asked: _Asked) -> Iterator[Line]:
    """Tell that the range holds clearly fewer outcomes than it aims at, and did not a week ago."""
    now = card(asked.period, asked.as_of, asked.scope).total.backtest
    before = card(asked.period, asked.before, asked.scope).total.backtest
    if now.coverage80 is None or before.coverage80 is None or now.ranged < THIN_BELOW:
        return
    if now.coverage80 <= TOO_NARROW < before.coverage80:
        yield Line(
            f"held:{asked.period.name}",
            _("%(period)s: the range held only %(held_share)s of the last %(count)s outcomes;"
              " the aim is %(aim_share)s."),
            {
                "period": asked.period.name,
                "held_share": now.coverage80,
                "count": now.ranged,
                "aim_share": AIM,
            },
            _("Look at the track record before you rely on the range."),
            reverse("forecasting:track"),
        )  # fmt: skip


# -- units below their path ------------------------------------------------------------------------


def _paths(asked: _Asked) -> Iterator[Line]:
    if (asked.as_of.day - asked.period.start).days < STARTED:
        return
    is_company = asked.scope.owners is None
    by = By.TEAM if is_company or asked.scope.smallest_group > 1 else By.REP
    for cut in (by, *OF_PARTS) if is_company else (by,):
        for unit in below_path(asked.period, cut, asked.as_of, asked.scope):
            yield _below(asked, unit)


def _below(asked: _Asked, unit: Below) -> Line:
    return Line(
        f"path:{asked.period.name}:{unit.unit}",
        _("%(unit)s: %(won_money)s won so far in %(period)s, %(path_money)s were expected;"
          " chance that this is noise: %(noise_share)s, one of %(watched)s watched."),
        {
            "unit": unit.label,
            "period": asked.period.name,
            "won_money": unit.won,
            "path_money": unit.expected,
            "noise_share": unit.noise,
            "watched": unit.watched,
        },
        _("Go through the open deals of this unit and their risks."),
        reverse("forecasting:risks", args=[asked.period.name]),
    )  # fmt: skip


# -- coverage --------------------------------------------------------------------------------------


def _coverage(asked: _Asked) -> Iterator[Line]:
    now, needed = _covered(asked, asked.as_of)
    before, needed_before = _covered(asked, asked.before)
    if now is None or needed is None or before is None or needed_before is None:
        return
    if now < needed and before >= needed_before:
        yield Line(
            f"coverage:{asked.period.name}",
            _("%(period)s: coverage fell to %(now)s; %(needed)s is required at this point."),
            {"period": asked.period.name, "now": round(now, 1), "needed": round(needed, 1)},
            _("Create or pull in deals for this period."),
            asked.url,
        )


def _covered(asked: _Asked, at: AsOf) -> tuple[float | None, float | None]:
    names = ("coverage", "required_coverage")
    rows = measure_with_history(
        at, asked.period, MeasureBy.TOTAL, asked.scope, measures=names, with_states=False
    )
    found = {item.row.measure: item.row.value for item in rows}
    return found.get(names[0]), found.get(names[1])


# -- territories -----------------------------------------------------------------------------------


def _drifts(asked: _Asked) -> Iterator[Line]:
    """Tell the territories in force that are furthest beyond the tolerance of their plan."""
    for one in drift(asked.as_of, asked.scope)[:MOST_DRIFTS]:
        yield Line(
            f"drift:{asked.period.name}:{one.territory_id}:{one.attribute}",
            _("%(territory)s has left its tolerance: %(what)s is %(off_share)s off the target,"
              " %(allowed_share)s is allowed."),
            {
                "territory": one.name,
                "what": gettext(one.attribute),
                "off_share": one.deviation,
                "allowed_share": one.tolerance,
            },
            _("Copy the plan in force and balance it again, with as few moves as you like."),
            reverse("territories:plans"),
        )  # fmt: skip


# -- plans that wait, and the planning season -----------------------------------------------------


def _approvals(username: str, scope: Scope, rights: Collection[Right]) -> Iterator[Line]:
    """Tell of plans that somebody is to approve, and of their own that came back (rule 27)."""
    named = person_names()
    for one in waiting(username, scope, rights):
        facts = {"name": one.name, "by": named.get(one.by, one.by), "what_label": one.what}
        if one.is_back:
            yield Line(
                one.key,
                _("%(what_label)s “%(name)s” was sent back by %(by)s: %(reason)s"),
                facts | {"reason": one.reason},
                _("Change what is asked for, and submit it again."),
                one.url,
            )
        else:
            yield Line(
                one.key,
                _("%(what_label)s “%(name)s”, submitted by %(by)s, waits for your approval."),
                facts,
                _("Approve it, or send it back with a reason."),
                one.url,
            )


def _tasks(username: str, as_of: AsOf) -> Iterator[Line]:
    """Tell the owner of a line of a planning season that it is late, or due within a week."""
    for one in due_tasks(username, as_of):
        due = one.task.due.isoformat() if one.task.due else ""
        facts = {"task_label": one.task.title, "plan": one.plan.name, "due_day": due}
        late = _("%(plan)s: “%(task_label)s” is late, it was due on %(due_day)s.")
        soon = _("%(plan)s: “%(task_label)s” is due on %(due_day)s.")
        yield Line(
            f"task:{one.task.id}:{due}:{one.state.value}",
            late if one.state is TaskState.LATE else soon,
            facts,
            _("Do it and tick it off, or agree on another day."),
            reverse("planning:season", args=[one.plan.id]),
        )


# -- quota letters -------------------------------------------------------------------------------


def _letters(asked: _Asked) -> Iterator[Line]:
    """Tell of each rep whose period began without an acknowledged letter (rule 28)."""
    head, late = unacknowledged(asked.as_of, asked.scope)
    if head is None:
        return
    for one in late:
        yield Line(
            f"letter:{head.id}:{one.rep_id}",
            _("%(rep)s has not acknowledged a quota letter for %(year)s: %(state_label)s."),
            {
                "rep": one.name,
                "year": str(head.year),
                "state_label": LETTER_STATE_LABELS[one.state],
            },
            _("Make the letter, hand it over, and have it acknowledged."),
            reverse("planning:letters", args=[head.id]),
        )


def _own_letter(asked: _Asked) -> Iterator[Line]:
    """Tell a rep that a letter was handed over that they have not acknowledged."""
    found = [] if asked.rep_id is None else own_letters(asked.rep_id, asked.as_of)
    if found and found[0].acknowledged is None:
        yield Line(
            f"letter:own:{found[0].id}",
            _("Your quota letter for %(year)s waits for you to acknowledge it."),
            {"year": str(found[0].year)},
            _("Read it, and say that you have."),
            reverse("planning:own_letters"),
        )


# -- data ------------------------------------------------------------------------------------------


def _data(now: datetime) -> list[Line]:
    """Tell that imports stopped: later than three times the usual gap; never of one-off imports."""
    times = arrivals()
    if len(times) < LEAST_IMPORTS:
        return []
    usual = median((later - earlier).total_seconds() for later, earlier in pairwise(times))
    gap = max(timedelta(seconds=usual), LEAST_GAP)
    if now - times[0] <= QUIET * gap:
        return []
    day = times[0].date().isoformat()
    return [
        Line(
            f"data:{day}",
            _("No data have arrived since %(last_day)s; usually they come every %(gap)s days."),
            {"last_day": day, "gap": max(round(gap / timedelta(days=1)), 1)},
            _("Check the import or the connection."),
            reverse("hub:index"),
        )
    ]


# -- connections (rule 37) -------------------------------------------------------------------------

CONNECTION = {
    "access": _("%(connection)s: access was taken back; nothing is read."),
    "cut_off": _("%(connection)s: a sync ended in the middle; what it received is kept."),
    "failing": _("%(connection)s: the last %(count)s runs failed one after another."),
    "failed": _("%(connection)s: the last sync failed; nothing was lost."),
    "late": _("%(connection)s should have synced by itself and did not succeed in time."),
    "silent": _("%(connection)s has brought nothing for %(days)s days: longer than ever before."),
    "differs": _("%(connection)s: rows differ from the other system, months: %(count)s."),
    "hook_waits": _("%(connection)s: calls of the webhook %(name)s wait: %(count)s."),
    "hook_silent": _("%(connection)s: the webhook %(name)s has been silent for %(days)s days."),
    "write_stopped": _("%(connection)s: writing stopped; values that wait: %(count)s."),
    "write_scopes": _("%(connection)s: writing is switched on and not allowed there."),
}
"""Troubles that are told to who looks after connections; the page knows lesser ones too."""

_ONCE = frozenset({"access", "late", "silent", "hook_silent"})
"""Troubles that begin at an instant: another beginning is another thing to tell."""


def _connections(now: datetime) -> Iterator[Line]:
    """Tell of each connection the worst that is wrong with it."""
    for one in health(now):
        worst = next((trouble for trouble in one.troubles if trouble.code in CONNECTION), None)
        if worst is not None:
            yield _of_connection(one.info.name, worst)


def _of_connection(name: str, trouble: Trouble) -> Line:
    since = trouble.at.date().isoformat() if trouble.at and trouble.code in _ONCE else ""
    return Line(
        f"connection:{name}:{trouble.code}:{since}",
        CONNECTION[trouble.code],
        {"connection": name, **{k: v for k, v in trouble.params.items() if k in _NAMED}},
        trouble.todo or _("Look at the connection, then sync now."),
        reverse("connections:show", args=[name]),
    )


_NAMED = frozenset({"count", "days", "name"})
