"""Verbs on the organisation: hire, move, leave, absence, teams and quotas, each one change set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from perilune.history.queries import state_as_of, states_as_of
from perilune.history.service import Writer, change_set
from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.money import Money
from perilune.people.queries import company, writing_time


def team_add(name: str, *, actor: str, parent_id: int | None = None, level: str = "team") -> int:
    """Add a team and return its id."""
    if not name.strip():
        raise Invalid("A team needs a name.")
    with _set(actor, f"Team {name}") as w:
        return w.create("team", {"name": name, "parent_id": parent_id, "level": level})


def rep_hire(
    name: str,
    *,
    actor: str,
    hire_date: date | None = None,
    team_id: int | None = None,
    manager_id: int | None = None,
    role: str = "seller",
    fte: float = 1.0,
    product_family: str = "",
    **others: Any,
) -> int:
    """Add a rep with a first assignment from the hire date; return the rep's id.

    others: further fields of a rep such as email, title, country.
    """
    if not name.strip():
        raise Invalid("A rep needs a name.")
    _check_fte(fte)
    with _set(actor, f"Hire {name}") as w:
        rep = w.create("rep", {"name": name, "hire_date": hire_date, **others})
        if team_id is not None or manager_id is not None or role != "seller" or product_family:
            w.create(
                "assignment",
                {
                    "rep_id": rep,
                    "team_id": team_id,
                    "manager_id": manager_id,
                    "role": role,
                    "fte": fte,
                    "product_family": product_family or None,
                    "effective_from": hire_date,
                },
            )
    return rep


def rep_move(
    rep_id: int,
    *,
    actor: str,
    on: date,
    team_id: int | None,
    manager_id: int | None = None,
    role: str | None = None,
    fte: float | None = None,
    product_family: str | None = None,
) -> int:
    """Give a rep a new assignment from a day on; what is in force ends the day before.

    role, fte and product_family None keep what was. An assignment that starts that very day is
    replaced. Returns the id of the new assignment.
    """
    _rep(rep_id)
    theirs = _assignments(rep_id)
    last = max(theirs, key=lambda item: item["effective_from"] or date.min, default=None)
    new: dict[str, Any] = {
        "rep_id": rep_id,
        "team_id": team_id,
        "manager_id": manager_id,
        "role": role or (last["role"] if last else None) or "seller",
        "fte": fte if fte is not None else (last["fte"] if last else None) or 1.0,
        "weekly_hours": last["weekly_hours"] if last else None,
        "product_family": product_family
        if product_family is not None
        else (last["product_family"] if last else None),
        "effective_from": on,
    }
    _check_fte(new["fte"])
    with _set(actor, "Change of team") as w:
        for item in theirs:
            if item["effective_from"] is not None and item["effective_from"] >= on:
                w.delete("assignment", item["id"])
            elif item["effective_to"] is None or item["effective_to"] >= on:
                w.change("assignment", item["id"], {"effective_to": on - timedelta(days=1)})
        return w.create("assignment", new)


def rep_leave(rep_id: int, last_day: date, *, actor: str) -> None:
    """Set a rep's last day and end the assignments with it; reversible by `rep_stay`."""
    state = _rep(rep_id)
    if state["hire_date"] and last_day < state["hire_date"]:
        raise Invalid("The last day lies before the hire date.")
    with _set(actor, "Departure") as w:
        w.change("rep", rep_id, {"leave_date": last_day})
        for item in _assignments(rep_id):
            if item["effective_from"] is not None and item["effective_from"] > last_day:
                w.delete("assignment", item["id"])
            elif item["effective_to"] is None or item["effective_to"] > last_day:
                w.change("assignment", item["id"], {"effective_to": last_day})


def rep_stay(rep_id: int, *, actor: str) -> None:
    """Take a departure back: no last day, and the assignments that ended with it go on."""
    state = _rep(rep_id)
    with _set(actor, "Departure taken back") as w:
        w.change("rep", rep_id, {"leave_date": None})
        for item in _assignments(rep_id):
            if state["leave_date"] and item["effective_to"] == state["leave_date"]:
                w.change("assignment", item["id"], {"effective_to": None})


def absence_add(
    rep_id: int, first_day: date, last_day: date | None, *, actor: str, fte: float | None = None
) -> int:
    """Record days away by FTE (None: wholly); a reason is never asked for (rule 25)."""
    _rep(rep_id)
    _check_span(first_day, last_day)
    if fte is not None:
        _check_fte(fte)
    values = {"rep_id": rep_id, "first_day": first_day, "last_day": last_day, "fte": fte}
    with _set(actor, "Absence") as w:
        return w.create("absence", values)


def quota_set(
    amount: Money,
    starts: date,
    ends: date,
    *,
    actor: str,
    rep_id: int | None = None,
    team_id: int | None = None,
    level: str = "operating",
    effective_from: date | None = None,
) -> int:
    """Set the quota of a rep, a team or (neither) the company over a span; return the record's id.

    A quota of the same unit, span, level and effective day is changed; with a later effective day
    it is a new record beside the old one, which stays readable as-of.
    """
    _check_span(starts, ends)
    if amount.minor() < 0:
        raise Invalid("A quota cannot be negative.")
    if rep_id is not None:
        _rep(rep_id)
    elif team_id is not None and state_as_of("team", team_id) is None:
        raise NotFound("This team does not exist (any more).")
    values = {
        "rep_id": rep_id,
        "team_id": team_id if rep_id is None else None,
        "starts": starts,
        "ends": ends,
        "amount": amount.minor(),
        "currency": amount.currency,
        "level": level,
        "effective_from": effective_from,
    }
    same = ("rep_id", "team_id", "starts", "ends", "level", "effective_from")
    with _set(actor, "Quota") as w:
        for record_id, state in states_as_of("quota", None).items():
            if all(state[name] == values[name] for name in same):
                w.change("quota", record_id, values)
                return record_id
        return w.create("quota", values)


def rate_set(rate_set: str, currency: str, starts: date, value: float, *, actor: str) -> int:
    """Say what one unit of a currency is worth in the company's, from a day on; return the id."""
    if value <= 0:
        raise Invalid("A rate is above zero.")
    if currency.upper() == company().currency:
        raise Invalid("The company's own currency has no rate.")
    values = {
        "rate_set": rate_set,
        "currency": currency.upper(),
        "starts": starts,
        "value": float(value),
    }
    with _set(actor, f"Rate {currency.upper()}") as w:
        for record_id, state in states_as_of("rate", None).items():
            if all(state[name] == values[name] for name in ("rate_set", "currency", "starts")):
                w.change("rate", record_id, values)
                return record_id
        return w.create("rate", values)


# -- shared --------------------------------------------------------------------------------------


@contextmanager
def _set(actor: str, title: str) -> Iterator[Writer]:
    with change_set(actor=actor, title=title, known_at=writing_time()) as writer:
        yield writer


def _rep(rep_id: int) -> dict[str, Any]:
    state = state_as_of("rep", rep_id)
    if state is None:
        raise NotFound("This rep does not exist (any more).")
    return state


def _assignments(rep_id: int) -> list[dict[str, Any]]:
    states = states_as_of("assignment", None).values()
    return [state for state in states if state["rep_id"] == rep_id]


def _check_fte(fte: float | None) -> None:
    if fte is None or not 0 < fte <= 1:
        raise Invalid("FTE lies above 0 and at most at 1.")


def _check_span(first: date, last: date | None) -> None:
    if last is not None and last < first:
        problem = Problem("The last day lies before the first.", {}, field="ends")
        raise Invalid("The last day lies before the first.", problems=(problem,))
