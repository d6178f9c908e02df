"""Codes that sources write where a reader wants a word: outcomes, origins, authors."""

from __future__ import annotations

from django.utils.translation import gettext, pgettext, pgettext_lazy

from perilune.people.queries import people

CODES = {
    "no_answer": pgettext_lazy("choice", "No answer"),
    "connected": pgettext_lazy("choice", "Connected"),
    "voicemail": pgettext_lazy("choice", "Voicemail"),
    "held": pgettext_lazy("choice", "Held"),
    "cancelled": pgettext_lazy("choice", "Cancelled"),
    "inbound": pgettext_lazy("choice", "Inbound"),
    "outbound": pgettext_lazy("choice", "Outbound"),
    "partner": pgettext_lazy("choice", "Partner"),
    "referral": pgettext_lazy("choice", "Referral"),
    "event": pgettext_lazy("choice", "Event"),
}
"""Codes that are common in exports, as words; what a company calls its own stays as it is."""

CODED = frozenset({"outcome", "source"})
"""The text fields that hold them."""


def of_code(value: object) -> str:
    """Return the reader's word for a code, or the text itself."""
    text = str(value)
    known = CODES.get(text.strip().lower())
    return text if known is None else str(known)


def source_word(source: str) -> str:
    """Return where a change came from, in the reader's language."""
    if source == "local":
        return gettext("in Perilune")
    return pgettext("source", "demo data") if source == "demo" else source


def authors() -> dict[str, str]:
    """Return what each author of changes is called; people by their names."""
    named = {person.username: person.name for person in people(with_inactive=True)}
    return {"demo": pgettext("source", "demo data"), **named}


def author_and_source(actor: str, source: str, named: dict[str, str]) -> tuple[str, str]:
    """Return both as a timeline shows them: one of them where they are the same."""
    who, whence = named.get(actor, actor), source_word(source)
    return ("", whence) if who == whence else (who, whence)
