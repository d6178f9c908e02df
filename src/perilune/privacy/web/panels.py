"""The consent ledger on the pages of contacts and leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from perilune.kernel.wiring import Panel
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.privacy import queries
from perilune.privacy.contracts import BASES, PURPOSES, ConsentState
from perilune.privacy.contracts.consent import CONSENT_STATES
from perilune.privacy.web.forms import ConsentForm
from perilune.ui import formats
from perilune.ui.contracts import Status, Tone

_TONES = {ConsentState.GIVEN: Tone.GOOD}


def panels() -> list[Panel]:
    """Return the panels of privacy."""
    return [
        Panel("privacy.consent.contact", "record.contact", 40, _consent),
        Panel("privacy.consent.lead", "record.lead", 40, _consent),
    ]


def _consent(request: PageRequest, context: Mapping[str, Any]) -> str:
    """Return what a person allowed as of the page's day, and the form of a new entry."""
    kind, record_id, day = context["kind"], context["id"], request.as_of.day
    lines = queries.ledger_of(kind, record_id, day)
    told = [
        (
            gettext(PURPOSES[line.purpose]),
            Status(
                gettext(CONSENT_STATES[line.state]),
                _TONES.get(line.state, Tone.WATCH) if line.is_in_force else Tone.NEUTRAL,
            ),
            gettext(BASES[line.basis]), line.source, formats.day(line.day), line.actor,
        )
        for line in lines
    ]  # fmt: skip
    purposes = queries.allowed(kind, record_id, day)
    allowed = [gettext(label) for purpose, label in PURPOSES.items() if purpose in purposes]
    may_note = Right.EDIT_RECORDS in request.rights and day == request.company.today.day
    facts = {
        "lines": told,
        "allowed": ", ".join(allowed),
        "form": ConsentForm(initial={"day": day}) if may_note else None,
        "action_url": reverse("privacy:consent", args=[kind, record_id]),
        "verb": gettext("Note it"),
    }
    return render_to_string("privacy/panel_consent.html", facts, request=request)
