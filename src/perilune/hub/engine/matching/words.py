"""Words that say little: forms of companies, kinds of streets, directions, small words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain

_APART = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ß": "ss"})
_ELISION = re.compile(r"\b(l|d|qu|jusqu)['’ʼ](?=\w)")
_APOSTROPHE = re.compile(r"['’ʼ`´]")
_OTHER = re.compile(r"[^a-z0-9]+")
_OTHER_SCRIPTS = re.compile(r"[^\w]+|_+")
_LETTERS = re.compile(r"\b(?:[a-z] ){1,}[a-z]\b")

FRENCH_FORMS = (
    "sarl", "sas", "sasu", "eurl", "snc", "sci", "scop", "sa", "scp", "selarl", "gie", "earl",
    "gaec", "ei", "eirl", "scs", "sca", "asso", "association", "societe", "ste", "ets",
    "etablissements", "etablissement", "cie", "compagnie", "groupe",
)  # fmt: skip
ENGLISH_FORMS = ("inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited",
                 "llc", "llp", "lp", "plc", "pc", "group", "holding", "holdings")  # fmt: skip
SMALL = frozenset(
    [
    "the", "of", "and", "a", "an", "for", "at", "in", "de", "du", "des", "la", "le",
    "les", "et", "en", "au", "aux", "d", "l", "un", "une", "pour", "sur", "und", "der",
    "die", "das",
]
)  # fmt: skip
STREETS = {
    "street": "st", "str": "st", "avenue": "av", "ave": "av", "aven": "av", "boulevard": "bd",
    "blvd": "bd", "boul": "bd", "bld": "bd", "blv": "bd", "road": "rd", "drive": "dr",
    "driv": "dr", "lane": "ln", "court": "ct", "crt": "ct", "place": "pl", "parkway": "pkwy",
    "highway": "hwy", "terrace": "ter", "terr": "ter", "square": "sq", "circle": "cir",
    "rue": "rue", "r": "rue", "route": "rte", "chemin": "ch", "chem": "ch", "che": "ch",
    "impasse": "imp", "allee": "all", "allees": "all", "quai": "qu", "cours": "crs", "faubourg":
    "fg", "fbg": "fg", "passage": "pass", "strasse": "strasse", "saint": "saint", "sainte":
    "saint", "mount": "mt", "fort": "ft",
}  # fmt: skip
KINDS_OF_STREET = frozenset(
    [
        "st",
        "av",
        "bd",
        "rd",
        "dr",
        "ln",
        "ct",
        "pl",
        "pkwy",
        "hwy",
        "ter",
        "sq",
        "cir",
        "rue",
        "rte",
        "ch",
        "imp",
        "all",
        "qu",
        "crs",
        "fg",
        "pass",
        "way",
        "plaza",
    ]
)
DIRECTIONS = {
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw",
    "southeast": "se", "southwest": "sw", "no": "n", "so": "s", "nord": "n", "sud": "s",
    "est": "e", "ouest": "w",
}  # fmt: skip
COMPASS = frozenset(("n", "s", "e", "w", "ne", "nw", "se", "sw"))
UNITS = frozenset(
    [
    "suite", "ste", "apt", "apartment", "unit", "floor", "fl", "flr", "bldg",
    "building", "room", "rm", "etage", "bat", "batiment", "appt", "lot", "box", "bp",
    "cs", "cedex",
]
)  # fmt: skip


def fold(text: str) -> str:
    """Return a text in lower case without accents or punctuation, words apart by one space.

    Letters of other scripts stay. S.A.R.L. becomes sarl, L'Oréal becomes l oreal.
    """
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_APART))
        text = "".join(c for c in text if not unicodedata.combining(c))
    text = _ELISION.sub(r"\1 ", text)
    text = _APOSTROPHE.sub("", text)
    plain = (_OTHER if text.isascii() else _OTHER_SCRIPTS).sub(" ", text).strip()
    return _LETTERS.sub(lambda found: found.group().replace(" ", ""), plain)


@cache
def forms() -> tuple[frozenset[str], int]:
    """Return the forms of companies (cleanco's, French, English) folded, and the longest's words.

    Words that are names as often as forms are left out: they are kept in names.
    """
    from cleanco import termdata

    known = chain.from_iterable(
        chain(termdata.terms_by_type.values(), termdata.terms_by_country.values())
    )
    found = {fold(term) for term in known} | set(FRENCH_FORMS) | set(ENGLISH_FORMS)
    found = {term for term in found if term and term not in _NAMES_TOO}
    return frozenset(found), max(len(term.split()) for term in found)


_NAMES_TOO = frozenset(("as", "is", "kb", "dd", "ab", "ag", "bt", "ca", "pt", "ky", "og", "at"))


def without_form(words: list[str]) -> list[str]:
    """Return the words of a name without forms of company at its ends; never nothing."""
    known, longest = forms()
    start, end = 0, len(words)
    while end - start > 1:
        for size in range(min(longest, end - start - 1), 0, -1):
            if " ".join(words[end - size : end]) in known:
                end -= size
                break
            if " ".join(words[start : start + size]) in known:
                start += size
                break
        else:
            break
    return words[start:end]
