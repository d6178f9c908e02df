"""The consent ledger: for what a person may be written to, on which basis, said where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _


class Purpose(StrEnum):
    """What a person is written to for."""

    PROSPECTING = "prospecting"
    NEWSLETTER = "newsletter"
    EVENTS = "events"
    CONTRACT = "contract"


PURPOSES: dict[Purpose, str] = {
    Purpose.PROSPECTING: _("Prospecting"),
    Purpose.NEWSLETTER: _("Newsletter"),
    Purpose.EVENTS: _("Events"),
    Purpose.CONTRACT: _("Running a contract"),
}


class Basis(StrEnum):
    """On which basis of law (GDPR, article 6)."""

    CONSENT = "consent"
    INTEREST = "interest"
    CONTRACT = "contract"
    OBLIGATION = "obligation"


BASES: dict[Basis, str] = {
    Basis.CONSENT: _("Consent"),
    Basis.INTEREST: _("Legitimate interest"),
    Basis.CONTRACT: _("Contract"),
    Basis.OBLIGATION: _("Legal obligation"),
}


class ConsentState(StrEnum):
    """What an entry says: a basis came, consent was withdrawn, or the person objected."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"


CONSENT_STATES: dict[ConsentState, str] = {
    ConsentState.GIVEN: _("Given"),
    ConsentState.WITHDRAWN: _("Withdrawn"),
    ConsentState.OBJECTED: _("Objected"),
}


@dataclass(frozen=True)
class ConsentLine:
    """One entry: from `day` on it holds, until a later one of the same purpose."""

    id: int
    purpose: Purpose
    basis: Basis
    state: ConsentState
    source: str
    day: date
    actor: str
    noted_at: datetime
    is_in_force: bool = False
