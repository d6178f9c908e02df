"""How to reach somebody: e-mail addresses, telephone numbers, web addresses."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from perilune.hub.contracts.mending import Normal, PhoneForm, Rule
from perilune.hub.engine.mending.spaces import tidy

_ADDRESS = re.compile(r"[^\s<>;,:()\[\]\"]+@[^\s<>;,:()\[\]\"]+")
_MEMO = 200_000
_CAMPAIGN = re.compile(r"^(?:utm_\w+|gclid|fbclid|mc_cid|mc_eid|msclkid)$", re.IGNORECASE)
_HOST = re.compile(r"^[\w-]+(?:\.[\w-]+)+$")
_FORMATS = {
    PhoneForm.INTERNATIONAL: phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    PhoneForm.E164: phonenumbers.PhoneNumberFormat.E164,
    PhoneForm.NATIONAL: phonenumbers.PhoneNumberFormat.NATIONAL,
}


@lru_cache(maxsize=_MEMO)
def email(text: str) -> Normal:
    """Return an address as RFC 5321 reads it; what is none, or more than one, stays.

    «Jean <Jean@EXEMPLE.FR>» is Jean@exemple.fr: the domain has no capitals, the part before it may.
    Where all of that part is in capitals they are taken for a shouted address.
    """
    found = [one.rstrip(".") for one in _ADDRESS.findall(tidy(text))]
    if len(found) != 1:
        return Normal(text)
    try:
        value = validate_email(found[0], check_deliverability=False).normalized
    except EmailNotValidError:
        return Normal(text)
    user, _at, host = value.rpartition("@")
    if user.isupper():
        value = f"{user.lower()}@{host}"
    return Normal(value, Rule.EMAIL) if value != text else Normal(text)


@lru_cache(maxsize=_MEMO)
def phone(text: str, region: str = "", form: PhoneForm = PhoneForm.INTERNATIONAL) -> Normal:
    """Return a telephone number in a form; what is no valid number of its country stays.

    region: the ISO country of numbers without one. No digit is made up or lost: what is not the
    number, its extension, its country's code or a zero before it keeps it as it is.
    """
    number = _parsed(text, region)
    if number is None:
        return Normal(text)
    if form is PhoneForm.E164 and number.extension:
        form = PhoneForm.INTERNATIONAL  # E.164 has no place for it
    if form is PhoneForm.NATIONAL and phonenumbers.region_code_for_number(number) != region:
        form = PhoneForm.INTERNATIONAL
    value = phonenumbers.format_number(number, _FORMATS[form])
    again = _parsed(value, region)
    if value == text or again != number:  # a form that reads as another number is no form of it
        return Normal(text)
    return Normal(value, Rule.PHONE)


@lru_cache(maxsize=_MEMO)
def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    plain = tidy(text)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    try:
        number = phonenumbers.parse(plain, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    code, digits = str(number.country_code), re.sub(r"\D", "", plain)
    own = phonenumbers.national_significant_number(number)
    rest = digits.removesuffix(own + (number.extension or ""))
    allowed = {"", "0", code, f"{code}0", f"011{code}"}
    is_all = digits.endswith(own + (number.extension or ""))
    return number if is_all and rest in allowed and plain.isascii() else None


def phone_country(text: str) -> str:
    """Return the ISO country of a valid number written with its country's code; "" for others."""
    number = _parsed(text, "")
    return (phonenumbers.region_code_for_number(number) or "") if number is not None else ""


@lru_cache(maxsize=_MEMO)
def website(text: str) -> Normal:
    """Return a web address with its host in small letters, without a trailing slash or campaign.

    Nothing is added: an address without https stays without it. What is none stays.
    """
    plain = tidy(text)
    if "@" in plain or " " in plain:
        return Normal(text)
    has_scheme = "://" in plain
    try:
        split = urlsplit(plain if has_scheme else f"//{plain}")
        host, port = split.hostname or "", split.port
    except ValueError:
        return Normal(text)
    if not _HOST.match(host) or split.scheme.lower() not in ("", "http", "https"):
        return Normal(text)
    asked = parse_qsl(split.query, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if not _CAMPAIGN.match(name)]
    query = split.query if len(kept) == len(asked) else urlencode(kept)
    place = f"{host}:{port}" if port else host
    path = split.path if query or split.fragment else split.path.rstrip("/")
    made = urlunsplit((split.scheme.lower(), place, path, query, split.fragment))
    value = made if has_scheme else made.removeprefix("//")
    return Normal(value, Rule.WEBSITE) if value != text else Normal(text)
