"""Countries by their codes and by their names in the languages of Europe: CLDR's, through Babel."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global

LANGUAGES = (
    "cs", "da", "el", "es", "fi", "hr", "hu", "it", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl",
    "sv", "tr", "uk", "de", "fr", "en",
)  # fmt: skip
"""Whose names are read; where two languages give one name to two countries, the later holds."""
_ALSO = {
    "uk": "GB", "england": "GB", "angleterre": "GB", "scotland": "GB", "ecosse": "GB",
    "wales": "GB", "greatbritain": "GB", "grandebretagne": "GB", "northernireland": "GB",
    "usa": "US", "unitedstatesofamerica": "US", "etatsunisdamerique": "US",
    "francemetropolitaine": "FR", "ger": "DE", "holland": "NL", "hollande": "NL",
    "republicofireland": "IE", "czechrepublic": "CZ", "guyane": "GF", "lareunion": "RE",
}  # fmt: skip
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_SAINT = re.compile(r"\bst\b")


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", _SAINT.sub("saint", plain))


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in {"ZZ", "EU", "EZ", "UN", "XA", "XB"}


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if _is_country(str(code)):
                found[_key(str(name))] = str(code)
    for three, codes in get_global("territory_aliases").items():
        if len(three) == 3 and three.isalpha() and len(codes) == 1 and _is_country(codes[0]):
            found[three.lower()] = codes[0]
    for name in Locale("en").territories:
        code = str(name)
        if _is_country(code):
            found[code.lower()] = code
    return found | _ALSO


def country_code(text: str) -> str:
    """Return the ISO code of a country's code (two or three letters) or name; "" for none."""
    return _countries().get(_key(text), "")


@cache
def country_name(code: str, language: str) -> str:
    """Return the name of an ISO country code in a language; "" where there is none."""
    return str(Locale.parse(language).territories.get(code, ""))
