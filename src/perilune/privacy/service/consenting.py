"""Notes what a person allowed, withdrew or objected to: entries are added, never changed."""

from __future__ import annotations

from datetime import UTC, date, datetime

from perilune.history import queries as history
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people import queries as people
from perilune.privacy.contracts.consent import Basis, ConsentState, Purpose
from perilune.privacy.models import ConsentEntry

KINDS = ("contact", "lead")
"""Who is written to."""


def consent_note(
    kind: str,
    record_id: int,
    *,
    purpose: Purpose | str,
    basis: Basis | str,
    state: ConsentState | str,
    source: str,
    day: date,
    actor: str,
) -> int:
    """Note a basis, a withdrawal or an objection from a day on; return the entry.

    Invalid without a source, for a day to come, and for a withdrawal of what is no consent.
    NotFound for a person who is not there.
    """
    if kind not in KINDS or history.state_as_of(kind, record_id) is None:
        raise NotFound(_("There is no such record."))
    if not source.strip():
        raise Invalid(_("Say where it was said: a form, a mail, a call."))
    if day > people.company().today.day:
        raise Invalid(_("This day is still to come."))
    if ConsentState(state) is ConsentState.WITHDRAWN and Basis(basis) is not Basis.CONSENT:
        raise Invalid(_("Only consent is withdrawn; to any other basis a person objects."))
    entry = ConsentEntry.objects.create(
        kind=kind, record_id=record_id, purpose=Purpose(purpose).value, basis=Basis(basis).value,
        state=ConsentState(state).value, source=source.strip()[:200], day=day, actor=actor,
        noted_at=datetime.now(UTC),
    )  # fmt: skip
    return entry.id
