"""A quota letter on paper: its words in the language of the country of employment, PDF by Typst.

It says what concerns the rep alone: never the over-assignment, never a figure of anybody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext, pgettext

from perilune.kernel.calendar import Grain
from perilune.people.queries import company, person_names, reps_as_of
from perilune.planning.contracts import Letter, LetterLine
from perilune.ui import formats

_SOURCE = Path(__file__).resolve().parents[1] / "templates" / "planning" / "letter.typ"
_OFF = ("away", "leave", "ramp", "change")
"""Columns that are left out where they are nought in every month."""


@dataclass(frozen=True)
class LetterRowWords:
    """A row of the letter's table; is_sum: of a quarter, or of the whole period."""

    cells: tuple[str, ...]
    is_sum: bool = False


@dataclass(frozen=True)
class LetterWords:
    """All that a letter says, in one language."""

    language: str
    title: str
    company: str
    to: str
    dated: str
    replaces: str
    opening: str
    headers: tuple[str, ...]
    rows: tuple[LetterRowWords, ...]
    basis_title: str
    basis: tuple[str, ...]
    approved: str
    delivered: str
    acknowledged: str
    signed: str
    foot: str
    page: str

    def texts(self) -> list[str]:
        """Return every text of the letter, in its order."""
        kept = asdict(self)
        cells = [cell for row in self.rows for cell in row.cells]
        plain = [text for text in kept.values() if isinstance(text, str)]
        return [*plain, *self.headers, *cells, *self.basis]


def letter_pdf(letter: Letter, also: str = "") -> bytes:
    """Return a letter as a tagged PDF. also: a second language, «fr» or «en», appended."""
    import typst

    languages = dict.fromkeys([letter.language, *([also] if also else [])])
    versions = [asdict(letter_words(letter, language)) for language in languages]
    # what it says goes as data, never as source
    made = typst.compile(
        _SOURCE.read_bytes(),
        format="pdf",
        sys_inputs={"letter": json.dumps({"versions": versions})},
        ignore_system_fonts=True,  # the same page on every machine
    )
    return bytes(made)


def letter_words(letter: Letter, language: str) -> LetterWords:
    """Return what a letter says in a language."""
    with translation.override(language):
        return _words(letter, language)


def _words(letter: Letter, language: str) -> LetterWords:
    home = company()
    name = (reps_as_of(home.today).get(letter.rep_id) or {}).get("name") or ""
    facts = {
        "year": letter.year,
        "first": formats.long_day(letter.starts),
        "last": formats.long_day(letter.ends),
        "amount": formats.money(letter.quota, letter.currency, 2),
        "made": formats.long_day(letter.made_on),
        "replaced": formats.long_day(letter.replaced_on) if letter.replaced_on else "",
        "by": person_names().get(letter.approved_by, letter.approved_by),
    }
    shown = [name for name in _OFF if any(getattr(line, name) for line in letter.lines)]
    return LetterWords(
        language=language,
        title=gettext("Quota letter %(year)s") % facts,
        company=home.name,
        to=name,
        dated=gettext("Made on %(made)s") % facts,
        replaces=gettext(
            "This letter replaces the one of %(replaced)s for the period from %(first)s to"
            " %(last)s."
        )
        % facts
        if letter.replaced_on
        else "",
        opening=gettext(
            "Your quota for the period from %(first)s to %(last)s is %(amount)s. This is how it is"
            " spread over the months, and how it was calculated."
        )
        % facts,
        headers=_headers(shown, letter.currency),
        rows=tuple(_rows(letter, shown)),
        basis_title=gettext("Basis and calculation"),
        basis=tuple(_basis(letter, shown)),
        approved=_approved(letter, facts),
        delivered=_stated(gettext("Delivered on"), letter.delivered),
        acknowledged=_stated(gettext("Acknowledged on"), letter.acknowledged),
        signed=gettext("Signature"),
        foot=gettext("Quota letter %(year)s, confidential") % facts,
        page=pgettext("of a document", "Page"),
    )


def _headers(shown: Sequence[str], currency: str) -> tuple[str, ...]:
    labels = {
        "away": gettext("Not employed or part time"),
        "leave": gettext("Leave"),
        "ramp": gettext("Ramp-up"),
        "change": gettext("Change in the year"),
    }
    full = gettext("Full amount (%(currency)s)") % {"currency": currency}
    found = [labels[name] for name in shown]
    return (gettext("Month"), *([full, *found] if shown else []),
            gettext("Quota (%(currency)s)") % {"currency": currency})  # fmt: skip


def _rows(letter: Letter, shown: Sequence[str]) -> Iterable[LetterRowWords]:
    calendar = company().calendar
    under: dict[str, list[LetterLine]] = {}
    for line in letter.lines:
        under.setdefault(calendar.find(line.starts, Grain.QUARTER).name, []).append(line)
    for quarter, lines in under.items():
        for line in lines:
            mark = " *" if line.is_set else ""
            yield LetterRowWords(_cells(line.month + mark, [line], shown, letter.currency))
        yield LetterRowWords(_cells(quarter, lines, shown, letter.currency), is_sum=True)
    whole = gettext("Whole period")
    yield LetterRowWords(_cells(whole, letter.lines, shown, letter.currency), is_sum=True)


def _cells(
    label: str, lines: Sequence[LetterLine], shown: Sequence[str], currency: str
) -> tuple[str, ...]:
    def text(minor: int) -> str:
        return formats.money(minor, currency, 2, symbol=False)

    sums = {name: sum(getattr(line, name) for line in lines) for name in ("full", *_OFF, "quota")}
    off = [text(sums[name] if name == "change" else -sums[name]) for name in shown]
    return (label, *([text(sums["full"]), *off] if shown else []), text(sums["quota"]))


def _basis(letter: Letter, shown: Sequence[str]) -> Iterable[str]:
    yield gettext(
        "Amounts are bookings, in %(currency)s at the company's budget rates, for the fiscal"
        " months shown."
    ) % {"currency": letter.currency}
    said = {
        "away": gettext(
            "Not employed or part time: the full amount is of a full-time month; days outside your"
            " employment and the part of your working time that you do not work are taken off."
        ),
        "leave": gettext(
            "Leave: days of leave of any kind known on the day of this letter are taken off, in"
            " proportion."
        ),
        "ramp": gettext("Ramp-up: what is taken off while you are new in the role."),
        "change": gettext(
            "Change in the year: what the quota now in force differs by; in the month under way the"
            " days before the change count at the earlier quota."
        ),
    }
    if shown:
        yield gettext("Quota = full amount less what is taken off, to the cent.")
    else:
        yield gettext("Nothing was taken off: you are there, full time and ramped, all through.")
    for name in shown:
        yield said[name]
    if any(line.is_set for line in letter.lines):
        yield gettext("* Set by agreement, not calculated: nothing was taken off.")


def _approved(letter: Letter, facts: dict[str, Any]) -> str:
    if not letter.approved_by:
        return ""
    if letter.is_self_approved:
        return gettext("Plan approved by its own author, %(by)s (self-approved).") % facts
    return gettext("Plan approved by %(by)s.") % facts


def _stated(label: str, day: date | None) -> str:
    return f"{label} {formats.day(day) if day else '. . . . . . . . . . . .'}"
