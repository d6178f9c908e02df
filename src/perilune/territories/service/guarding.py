"""What a change by hand is refused for: what is locked, left, not there, or beyond the actor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.territories.contracts import TerritoryRow
from perilune.territories.queries.loading import names_of, seen_accounts
from perilune.territories.service.writing import Changing

NOBODY = -1


def territory_of(held: Changing, number: int) -> TerritoryRow:
    """Return a territory of a draft; NotFound, or Refused where it is beyond the actor."""
    found = next((row for row in held.found.rows if row.number == number), None)
    if found is None:
        raise NotFound(_("This plan has no territory %(number)s."), number=number)
    if number not in held.seen:
        raise Refused(_("The territory “%(name)s” is beyond your reps."), name=found.name)
    return found


def numbers_of(held: Changing, units: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the accounts asked for, each once; Invalid, NotFound or Refused otherwise."""
    chosen = np.unique(np.asarray(units, np.int64))
    if not len(chosen):
        raise Invalid(_("No account was chosen."))
    count = len(held.found.territory)
    if chosen[0] < 0 or chosen[-1] >= count:
        wrong = int(chosen[0] if chosen[0] < 0 else chosen[-1])
        raise NotFound(_("This plan has no account number %(number)s."), number=wrong)
    if not held.is_whole:
        beyond = chosen[~seen_accounts(held.found, held.scope, held.actor)[chosen]]
        if len(beyond):
            raise Refused(_("Some of these accounts are beyond your reps."))
    return chosen


def whole_of(
    held: Changing, chosen: np.ndarray[Any, np.dtype[np.int64]]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return accounts with all that the actor sees of the containers that they lie in."""
    if held.found.containers is None:
        return chosen
    whole = held.found.containers.whole(chosen)
    return np.asarray(whole[seen_accounts(held.found, held.scope, held.actor)[whole]])


def require_free(
    held: Changing,
    chosen: np.ndarray[Any, np.dtype[np.int64]],
    before: np.ndarray[Any, Any],
    to: int,
) -> None:
    """Refuse to move what is locked, or out of or into what is locked or beyond the actor's."""
    if not len(chosen):
        raise Invalid(_("These accounts are there already."))
    locked = chosen[held.found.locked[chosen]]
    if len(locked):
        name = names_of(held.found)[int(locked[0])]
        raise Invalid(_("The account “%(name)s” is locked where it is."), name=name)
    concerned = {int(number) for number in np.unique(before)} | {to}
    for row in held.found.rows:
        if row.number in concerned and row.is_locked:
            raise Invalid(_("The territory “%(name)s” is locked."), name=row.name)
        if row.number in concerned and row.number not in held.seen:
            raise Refused(_("The territory “%(name)s” is beyond your reps."), name=row.name)


def require_rep(rep_id: int, scope: Scope) -> str:
    """Refuse a rep who is not there, has left or is beyond the actor; return their name."""
    today = company().today
    state = reps_as_of(today).get(rep_id)
    if state is None:
        raise NotFound(_("There is no rep %(rep)s."), rep=rep_id)
    if not scope.sees(rep_id):
        raise Refused(_("%(name)s is not one of your reps."), name=state["name"])
    if state["leave_date"] and state["leave_date"] < today.day:
        raise Invalid(_("%(name)s has left."), name=state["name"])
    return str(state["name"] or "")
