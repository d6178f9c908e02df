"""Submit a forecast, and withdraw it."""

from __future__ import annotations

from perilune.forecasting.contracts import Submitted
from perilune.history import service as history
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import writing_time


def submit(said: Submitted, *, actor: str) -> int:
    """Keep what somebody says a period will bring and return the record's id.

    Invalid when it was made after the period's end.
    """
    if said.made_on > said.period.end:
        raise Invalid(_("A forecast is made before its period ends."))
    with history.change_set(
        actor=actor, title="", purpose="edit", known_at=writing_time()
    ) as writing:
        return writing.create(
            "submission",
            {
                "rep_id": said.rep_id,
                "team_id": said.team_id,
                "period_start": said.period.start,
                "period_end": said.period.end,
                "made_on": said.made_on,
                "category": said.category,
                "amount": said.amount,
                "currency": said.currency,
                "author": said.author,
            },
        )


def withdraw(submission_id: int, *, actor: str) -> None:
    """Delete a submitted forecast; the history keeps that it was there."""
    with history.change_set(
        actor=actor, title="", purpose="edit", known_at=writing_time()
    ) as writing:
        writing.delete("submission", submission_id)
