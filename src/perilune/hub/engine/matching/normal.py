"""Values in the one spelling that they are compared in, by what their column holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from perilune.hub.contracts.duplicates import Role
from perilune.hub.engine.matching import words

MOST = 400
"""Characters of a value that are looked at: a longer one is a text, not a name."""
_DIGITS = re.compile(r"\d+")
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th|eme|er|ere|e)\b")
_NUMBER = re.compile(r"^(\d+)([a-z]?)\b")
_RANGE = re.compile(r"^(\d+)[a-z]?\s*[-–/]\s*\d+\b")
_PLACE = re.compile(r"(?:^|//)(?:www\d?\.)?([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)
_MAIL = re.compile(r"[^@\s<>;,]+@[\w-]+(?:\.[\w-]+)+")
_EXTENSION = re.compile(r"(?:ext?\.?|poste|x|#)\s*\d+\s*$", re.IGNORECASE)
FREE_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "yahoo.fr",
        "hotmail.com",
        "hotmail.fr",
        "outlook.com",
        "outlook.fr",
        "live.com",
        "live.fr",
        "aol.com",
        "icloud.com",
        "me.com",
        "msn.com",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "sfr.fr",
        "laposte.net",
        "gmx.com",
        "gmx.de",
        "gmx.fr",
        "web.de",
        "proton.me",
        "protonmail.com",
        "comcast.net",
        "sbcglobal.net",
        "att.net",
        "ameritech.net",
        "verizon.net",
        "bbox.fr",
        "neuf.fr",
        "numericable.fr",
    ]
)


def name(text: str) -> str:
    """Return a name folded, without its form of company: «Dupont & Fils SARL» is dupont fils."""
    return " ".join(words.without_form(words.fold(text[:MOST]).split()))


def address(text: str) -> str:
    """Return a street address: short kinds of street and directions, no floor or flat.

    «535 EAST 35TH STREET, Suite 2» is 535 e 35 st; «12 bis, boulevard Voltaire» 12 bd voltaire.
    """
    text = _RANGE.sub(r"\1 ", text[:MOST].strip())
    folded = _ORDINAL.sub(r"\1", words.fold(text))
    found: list[str] = []
    skip = False
    for word in folded.split():
        if skip:
            skip = False
            continue
        if found and word in words.UNITS and not (word in {"ste", "st"} and len(found) < 2):
            skip = True
            continue
        if word in {"bis", "ter", "quater"} and len(found) == 1:
            continue
        found.append(words.STREETS.get(word) or words.DIRECTIONS.get(word) or word)
    return " ".join(found)


def number_and_street(normal: str) -> tuple[str, list[str]]:
    """Return the house number of a normal address ("" for none) and its street's words."""
    number = _NUMBER.match(normal)
    rest = normal[number.end() :] if number else normal
    street = [w for w in rest.split() if w not in words.KINDS_OF_STREET and w not in words.SMALL]
    core = [w for w in street if w not in words.COMPASS]
    return (number.group(1) if number else ""), core or street


def phone(text: str) -> str:
    """Return the digits of a telephone number as dialled within its country; "" under six.

    +33 1 42 27 00 00, 0033142270000 and 01.42.27.00.00 are all 142270000.
    """
    text = _EXTENSION.sub("", text[:MOST].strip())
    digits = "".join(_DIGITS.findall(text))
    if text.startswith("+") or digits.startswith("00"):
        return _national("+" + digits.removeprefix("00")) or digits
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    digits = digits.lstrip("0")
    return digits if len(digits) >= 6 and len(set(digits)) > 1 else ""


@lru_cache(maxsize=200_000)
def _national(text: str) -> str:
    import phonenumbers

    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return ""


def postcode(text: str) -> str:
    """Return a postcode without spaces; of an American one the first five digits."""
    plain = re.sub(r"[^0-9a-z]", "", text[:40].casefold())
    if len(plain) == 9 and plain.isdigit():
        plain = plain[:5]
    if len(plain) == 4 and plain.isdigit():
        return "0" + plain
    return plain


def email(text: str) -> str:
    """Return an e-mail address in lower case, without what stands after a plus; "" for none."""
    found = _MAIL.search(text[:MOST].casefold())
    if not found:
        return ""
    user, _at, host = found.group().rpartition("@")
    return f"{user.split('+')[0]}@{host}"


def domain(text: str) -> str:
    """Return the host of a web address or an e-mail without www; "" for none and for free mail."""
    text = text[:MOST].strip().casefold()
    host = text.rpartition("@")[2] if "@" in text else ""
    if not host:
        found = _PLACE.search(text)
        host = found.group(1) if found else ""
    host = host.strip("./ ").removeprefix("www.")
    return "" if host in FREE_MAIL or "." not in host else host


def registration(text: str) -> str:
    """Return a registration number (SIREN, SIRET, VAT) without spaces; "" under six signs."""
    plain = re.sub(r"[^0-9a-z]", "", text[:60].casefold())
    return plain if len(plain) >= 6 and len(set(plain)) > 1 else ""


def text(value: str) -> str:
    """Return any other text folded."""
    return words.fold(value[:MOST])


def _town(value: str) -> str:
    return " ".join(
        "saint" if w in {"st", "ste", "sainte"} else w
        for w in words.fold(value[:MOST]).split()
        if w != "cedex" and not w.isdigit()
    )


NORMAL: dict[Role, Callable[[str], str]] = {
    Role.NAME: name,
    Role.ADDRESS: address,
    Role.CITY: _town,
    Role.POSTCODE: postcode,
    Role.COUNTRY: text,
    Role.PHONE: phone,
    Role.EMAIL: email,
    Role.DOMAIN: domain,
    Role.REGISTRATION: registration,
    Role.TEXT: text,
}
"""role: what makes the one spelling"""
EMPTY = frozenset(("nan", "none", "null", "na", "n a", "nil", "unknown", "inconnu", "tbd", "test"))
"""Normal values that stand for nothing."""
