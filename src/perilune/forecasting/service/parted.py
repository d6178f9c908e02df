"""What a departure writes, by kind: dates, reports, quota, seats, accounts, deals and tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from perilune.forecasting.contracts.departures import Going, Terms
from perilune.forecasting.queries.parting import eve, parting, quota_changes, reports_of
from perilune.history.contracts import DELETED, Batch, Creation, Update, to_us
from perilune.history.queries import states_as_of
from perilune.history.service import bulk_append, bulk_complete, bulk_open, reserve_ids
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Conflict
from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import writing_time

PURPOSE = "departure"
BATCH = 4000
TITLES: Mapping[Going, str] = {
    Going.LEAVE: _("Departure with hand-over"),
    Going.ABSENCE: _("Absence with hand-over"),
    Going.MOVE: _("Change of team with hand-over"),
}
KINDS = ("rep", "assignment", "absence", "quota", "territory_seat", "account", "opportunity",
         "activity")  # fmt: skip


@dataclass
class Writing:
    """What is written, by kind, all known from one instant."""

    us: int
    creations: dict[str, list[Creation]] = field(default_factory=lambda: defaultdict(list))
    updates: dict[str, list[Update]] = field(default_factory=lambda: defaultdict(list))

    def create(self, kind: str, values: Mapping[str, Scalar]) -> None:
        """Begin a record."""
        known = {name: value for name, value in values.items() if value is not None}
        self.creations[kind].append(Creation(reserve_ids(kind, 1)[0], self.us, known))

    def set(self, kind: str, record_id: int, name: str, change: tuple[Scalar, Scalar]) -> None:
        """Change a field from what it was; nothing where it is so already."""
        if change[0] != change[1]:
            self.updates[kind].append(Update(record_id, self.us, name, *change))

    def delete(self, kind: str, record_id: int) -> None:
        """End a record."""
        self.updates[kind].append(Update(record_id, self.us, DELETED, False, True))

    def is_empty(self) -> bool:
        """Tell whether there is nothing to write."""
        return not any(self.creations.values()) and not any(self.updates.values())

    def write(self, change_set_id: int) -> None:
        """Append it in batches that each take well under a second."""
        for kind in KINDS:
            for at in range(0, len(self.creations[kind]), BATCH):
                rows = self.creations[kind][at : at + BATCH]
                bulk_append(change_set_id, Batch(kind, creations=rows))
            for at in range(0, len(self.updates[kind]), BATCH):
                changed = self.updates[kind][at : at + BATCH]
                bulk_append(change_set_id, Batch(kind, updates=changed))


# -- dates of people -------------------------------------------------------------------------------


def tell_all(terms: Terms, actor: str) -> int:
    """Write the dates alone, known from now; return the change set."""
    known = writing_time() or datetime.now(UTC)
    writing = Writing(to_us(known))
    dates(writing, terms, day_of(terms))
    number = opened(terms, actor, known)
    writing.write(number)
    bulk_complete(number)
    return number


def day_of(terms: Terms) -> date:
    """Return the day of terms that have one."""
    if terms.day is None:
        raise Conflict(_("Choose the day first."))
    return terms.day


def opened(terms: Terms, actor: str, known: datetime) -> int:
    """Open the change set of a departure; it stays invisible until it is complete."""
    return bulk_open(
        source="local", actor=actor, purpose=PURPOSE, title=TITLES[terms.going], known_at=known
    )


def dates(writing: Writing, terms: Terms, day: date) -> None:
    """End or begin what is dated: last day, assignments, absence."""
    rep = terms.rep_id
    if terms.going is Going.ABSENCE:
        ends = terms.last_day.isoformat() if terms.last_day else None
        part = None if terms.fte >= 1 else terms.fte
        writing.create("absence", {"rep_id": rep, "first_day": day.isoformat(), "last_day": ends,
                                   "fte": part})  # fmt: skip
        return
    if terms.going is Going.LEAVE:
        before = states_as_of("rep", [rep])[rep]["leave_date"]
        writing.set("rep", rep, "leave_date", (_text(before), eve(day).isoformat()))
    theirs = [s for s in states_as_of("assignment", None).values() if s["rep_id"] == rep]
    last = max(theirs, key=lambda s: s["effective_from"] or date.min, default=None)
    for state in theirs:
        _end(writing, state, day)
    if terms.going is Going.MOVE:
        sold = terms.product_family
        if sold is None:
            sold = last["product_family"] if last else None
        writing.create("assignment", {
            "rep_id": rep, "team_id": terms.team_id, "manager_id": terms.manager_id,
            "role": (last["role"] if last else None) or "seller",
            "fte": 1.0 if last is None or last["fte"] is None else last["fte"],
            "weekly_hours": last["weekly_hours"] if last else None,
            "product_family": sold or None,
            "effective_from": day.isoformat(),
        })  # fmt: skip


def _end(writing: Writing, state: Mapping[str, Any], day: date) -> None:
    """End an assignment on the eve of a day; one that would only begin then is no more."""
    if state["effective_from"] is not None and state["effective_from"] >= day:
        writing.delete("assignment", state["id"])
    elif state["effective_to"] is None or state["effective_to"] >= day:
        before = _text(state["effective_to"])
        writing.set("assignment", state["id"], "effective_to", (before, eve(day).isoformat()))


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def reports(writing: Writing, terms: Terms, day: date, as_of: AsOf) -> None:
    """Give the rep's people another manager from the day on."""
    if terms.going is Going.ABSENCE:
        return
    states = states_as_of("assignment", None)
    for held in reports_of(terms.rep_id, day, as_of):
        state = states.get(held.assignment_id or 0)
        if state is None or terms.reports_to in (held.rep_id, terms.rep_id):
            continue
        if held.since is not None and held.since >= day:
            writing.set("assignment", state["id"], "manager_id",
                        (terms.rep_id, terms.reports_to))  # fmt: skip
            continue
        before = _text(state["effective_to"])
        writing.set("assignment", state["id"], "effective_to", (before, eve(day).isoformat()))
        writing.create("assignment", {
            "rep_id": held.rep_id, "team_id": held.team_id, "manager_id": terms.reports_to,
            "role": held.role, "fte": held.fte, "weekly_hours": state["weekly_hours"],
            "effective_from": day.isoformat(), "effective_to": before,
        })  # fmt: skip


def quotas(writing: Writing, terms: Terms, day: date, as_of: AsOf) -> None:
    """Put prorated quotas in force from the day on, beside those that were agreed (rule 28)."""
    for one in quota_changes(terms, as_of):
        writing.create("quota", {
            "rep_id": terms.rep_id, "starts": one.starts.isoformat(),
            "ends": one.ends.isoformat(), "amount": one.after, "currency": one.currency or None,
            "level": one.level, "effective_from": day.isoformat(),
        })  # fmt: skip


def seats(writing: Writing, terms: Terms, day: date) -> None:
    """Vacate the seats of whoever leaves: their territories show as without a rep."""
    if terms.going is not Going.LEAVE:
        return
    for state in states_as_of("territory_seat", None).values():
        ends = state["effective_to"]
        if state["rep_id"] == terms.rep_id and (ends is None or ends >= day):
            change = (_text(ends), eve(day).isoformat())
            writing.set("territory_seat", state["id"], "effective_to", change)


def book(writing: Writing, terms: Terms, as_of: AsOf) -> list[list[Any]]:
    """Give accounts, deals and tasks to their takers; return [kind, record id, taker]."""
    given = parting(terms, as_of)
    takers = {
        "account": given.account_taker,
        "opportunity": given.deal_taker,
        "activity": given.task_taker,
    }
    moved: list[list[Any]] = []
    for kind, by_id in takers.items():
        for record, to in by_id.items():
            if to:
                writing.set(kind, record, "owner_id", (terms.rep_id, to))
                moved.append([kind, record, to])
    return moved
