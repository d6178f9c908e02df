"""Verbs on risks: take on, assign, let sleep with a reason, close with what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from perilune.forecasting.contracts.mitigations import Doing, Outcome, RiskKey
from perilune.forecasting.contracts.risk_kinds import RiskKind
from perilune.forecasting.models import Mitigation
from perilune.history import service as history
from perilune.history.service import Writer
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import user_named, writing_time

LONGEST_SLEEP = timedelta(days=180)
MOST_AT_ONCE = 500
"""Risks that one verb takes: a set of this size is written well under a second."""
KIND = "mitigation"


@dataclass(frozen=True)
class Asked:
    """Who does it, on which day, for the risks of which period."""

    actor: str
    day: date
    period: Period


def take(keys: Sequence[RiskKey], asked: Asked, *, owner: str = "", due: date | None = None) -> int:
    """Take risks on, or hand them to somebody; return the change set's id.

    owner: a username, by default whoever asks. Invalid with a due date in the past.
    """
    who = owner or asked.actor
    if user_named(who) is None:
        raise NotFound(_("There is no user named %(name)s."), name=who)
    if due is not None and due < asked.day:
        raise Invalid(_("The due date lies in the past."))
    values = {
        "owner": who,
        "due_date": due,
        "status": Doing.TAKEN.value,
        "snoozed_until": None,
    }
    return _write(keys, asked, values)


def snooze(keys: Sequence[RiskKey], asked: Asked, *, reason: str, until: date) -> int:
    """Let risks sleep: they leave the list until the day after, and nothing else is closed.

    Invalid without a reason, with an end before tomorrow, or later than in 180 days.
    """
    if not reason.strip():
        raise Invalid(_("Say why this risk may sleep; whoever reads it later needs to know."))
    if not asked.day < until <= asked.day + LONGEST_SLEEP:
        raise Invalid(
            _("A risk sleeps until a day after today and at most %(days)s days."),
            days=LONGEST_SLEEP.days,
        )
    values = {
        "status": Doing.SNOOZED.value,
        "snoozed_until": until,
        "reason": reason.strip(),
    }
    return _write(keys, asked, values, owner=asked.actor)


def wake(keys: Sequence[RiskKey], asked: Asked) -> int:
    """Bring sleeping risks back to the list."""
    acts = _standing(keys, asked.period)
    return _write(
        [key for key in keys if key in acts],
        asked,
        {"status": Doing.TAKEN.value, "snoozed_until": None},
    )


def close(keys: Sequence[RiskKey], asked: Asked, *, outcome: Outcome, reason: str = "") -> int:
    """Close what was done, with what came of it. The risk shows again if its facts still hold.

    Invalid where nobody has taken the risk on.
    """
    acts = _standing(keys, asked.period)
    if not all(key in acts for key in keys):
        raise Invalid(_("Take the risk on first; then close it with what came of it."))
    values = {
        "status": Doing.CLOSED.value,
        "snoozed_until": None,
        "outcome": outcome.value,
        "closed_on": asked.day,
    }
    if reason.strip():
        values["reason"] = reason.strip()
    return _write(keys, asked, values)


def _write(
    keys: Sequence[RiskKey], asked: Asked, values: Mapping[str, Any], *, owner: str = ""
) -> int:
    if not keys:
        raise Invalid(_("Select at least one risk."))
    if len(keys) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s risks at once."), most=MOST_AT_ONCE)
    acts = _standing(keys, asked.period)
    with _opened(asked.actor) as writing:
        for key in keys:
            if key in acts:
                writing.change(KIND, acts[key], values)
                continue
            first: dict[str, Any] = {
                "opportunity_id": key.deal,
                "risk": key.kind.value,
                "subject": key.subject or None,
                "period": asked.period.name if key.deal is None else None,
                "opened_on": asked.day,
                "owner": owner or asked.actor,
            }
            writing.create(KIND, first | dict(values))
    return writing.id


def _standing(keys: Sequence[RiskKey], period: Period) -> dict[RiskKey, int]:
    """Return the ids of the acts that are not closed, as they stand now; the latest of a risk."""
    deals = {key.deal for key in keys if key.deal is not None}
    found = Mitigation.objects.exclude(status=Doing.CLOSED.value).order_by("id")
    wanted = Q(opportunity_id__in=deals) | Q(opportunity_id=None, period=period.name)
    rows = found.filter(wanted).values_list("id", "risk", "opportunity_id", "subject")
    return {
        RiskKey(RiskKind(str(risk)), deal, subject or ""): id_ for id_, risk, deal, subject in rows
    }


@contextmanager
def _opened(actor: str) -> Iterator[Writer]:
    with history.change_set(
        actor=actor, title="", purpose="edit", known_at=writing_time()
    ) as writing:
        yield writing
