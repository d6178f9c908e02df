"""What the verbs of the meeting share: when something may be said, and in which change set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perilune.forecasting.contracts import UnitKey
from perilune.forecasting.queries.deadlines import terms_of
from perilune.history import service as history
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Conflict, Past
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company, writing_time


@contextmanager
def opened(actor: str, title: str = "") -> Iterator[history.Writer]:
    """Open a change set known at the company's time of writing (an archive's «today»)."""
    with history.change_set(
        actor=actor, title=title, purpose="edit", known_at=writing_time()
    ) as writing:
        yield writing


def require_now(period: Period, as_of: AsOf) -> None:
    """Raise Conflict on a page of the past, and once the calls of the period are locked."""
    if as_of.day < company().today.day:
        raise Past
    if terms_of(period, as_of).is_locked(as_of.day):
        raise Conflict(_("Calls for %(period)s are locked."), period=period.name)


def unit_values(unit: UnitKey) -> dict[str, int | None]:
    """Return a unit as the fields of a record: `rep_id` and `team_id`, neither for the company."""
    kind, id_ = unit
    return {
        "rep_id": id_ if kind == "rep" else None,
        "team_id": id_ if kind == "team" else None,
    }
