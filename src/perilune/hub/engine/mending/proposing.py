"""From a record and what is known around it to what its fields could become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from perilune.hub.contracts.mending import (
    NO_FACTS,
    TEXTS,
    Facts,
    Normal,
    Proposal,
    Rule,
    Spelling,
    Sure,
    Told,
)
from perilune.hub.engine.mending import names, places, reach, telling
from perilune.hub.engine.mending.spaces import nothing, spaces
from perilune.kernel.countries import country_code, country_name

Row = Mapping[str, Any]
Mender = Callable[[str, str, Spelling], Normal]
"""(text, ISO country of the record, the company's spelling) to the normal form."""

_COMPANY: tuple[Mender, ...] = (
    lambda text, _code, _as: names.company_form(text),
    lambda text, _code, _as: names.company_capitals(text),
)
_PERSON: tuple[Mender, ...] = (lambda text, _code, _as: names.person(text),)


def _nothing(text: str, _code: str, _as: Spelling) -> Normal:
    return nothing(text)


def _phone(text: str, code: str, spelt: Spelling) -> Normal:
    return reach.phone(text, code, spelt.phone)


def _email(text: str, _code: str, _as: Spelling) -> Normal:
    return reach.email(text)


def _website(text: str, _code: str, _as: Spelling) -> Normal:
    return reach.website(text)


def _country(text: str, _code: str, spelt: Spelling) -> Normal:
    return places.country(text, spelt.country)


def _postcode(text: str, code: str, _as: Spelling) -> Normal:
    return places.postcode(text, code)


def _number(field: str) -> tuple[Mender, ...]:
    return (_nothing, lambda text, _code, _as: places.number(text, field))


_SHARED: Mapping[str, tuple[Mender, ...]] = {
    "email": (_nothing, _email),
    "phone": (_nothing, _phone),
    "country": (_country,),
}
MENDERS: Mapping[str, Mapping[str, tuple[Mender, ...]]] = {
    "account": {
        **_SHARED,
        "name": _COMPANY,
        "website": (_nothing, _website),
        "postcode": (_nothing, _postcode),
        "siren": _number("siren"),
        "siret": _number("siret"),
        "vat_number": _number("vat_number"),
    },
    "contact": {**_SHARED, "name": _PERSON, "first_name": _PERSON, "last_name": _PERSON},
    "lead": {**_SHARED, "name": _PERSON, "company": _COMPANY},
}
"""Kind, field: what makes its normal form; the first that changes something is proposed."""


def proposals(
    kind: str, row: Row, spelling: Spelling, facts: Facts = NO_FACTS
) -> Iterator[Proposal]:
    """Give what the fields of a record could become, at most one proposal a field.

    row: values by field name, with `id`.
    """
    code = country_code(row.get("country") or "") or country_code(facts.country)
    menders = MENDERS[kind]
    for name in TEXTS[kind]:
        text = row.get(name)
        if not text:
            continue
        made = _mended(str(text), menders.get(name, ()), code, spelling)
        is_required = made.value is None and name == "name"
        if made.rule is not None and not is_required:
            yield Proposal(kind, row["id"], name, text, made.value, made.rule, made.sure)
    yield from _blanks(kind, row, facts, spelling)


def normal_of(kind: str, field: str, text: str, code: str, spelling: Spelling) -> str | None:
    """Return a text of a field as the company writes it. code: the ISO country of the record."""
    for _round in range(4):
        made = _mended(text, MENDERS[kind].get(field, ()), code, spelling)
        if made.rule is None or made.value is None:
            return made.value
        text = made.value
    return text


def _mended(text: str, menders: Iterable[Mender], code: str, spelling: Spelling) -> Normal:
    for mender in menders:
        made = mender(text, code, spelling)
        if made.rule is not None:
            return made
    return spaces(text)


def _blanks(kind: str, row: Row, facts: Facts, spelling: Spelling) -> Iterator[Proposal]:
    if not row.get("country"):
        vats = (row.get("vat_number") or "",)
        told = telling.country_of(vats, (row.get("phone") or "", *facts.phones))
        spelt = told and _spelt(told, spelling)
        if spelt:
            yield _blank(kind, row, "country", spelt, Rule.COUNTRY_TOLD)
    if kind != "account":
        return
    if not row.get("website") and facts.mails:
        site = telling.website_of(facts.mails, row.get("name") or "")
        if site is not None:
            yield _blank(kind, row, "website", site, Rule.WEBSITE_OF_MAIL)
    if not row.get("siren"):
        siren = telling.siren_of(row.get("siret") or "", row.get("vat_number") or "")
        if siren is not None:
            yield _blank(kind, row, "siren", siren, Rule.SIREN_TOLD)


def _spelt(told: Told, spelling: Spelling) -> Told | None:
    is_code = spelling.country == "code"
    value = told.value if is_code else country_name(told.value, spelling.country)
    return Told(value, told.agree, told.of) if value else None


def _blank(kind: str, row: Row, field: str, told: Told, rule: Rule) -> Proposal:
    sure = Sure.CERTAIN if rule is Rule.SIREN_TOLD else Sure.LIKELY
    return Proposal(kind, row["id"], field, None, told.value, rule, sure, told.agree, told.of)


def usual_country(values: Mapping[str, int], language: str) -> str:
    """Return the spelling of countries that most records have: «en», «fr» or «code».

    values: spelling to how often it stands. language: decides where none is more usual.
    """
    votes: Counter[str] = Counter()
    for text, count in values.items():
        code = country_code(text)
        if not code:
            continue
        votes["code"] += count * (text == code)
        for form in ("en", "fr"):
            votes[form] += count * (text == country_name(code, form))
    own = language if language in ("en", "fr") else "en"
    return max(("en", "fr", "code"), key=lambda form: (votes[form], form == own))
