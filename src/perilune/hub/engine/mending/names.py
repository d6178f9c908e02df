"""Names of companies and people: legal forms and capitals."""

from __future__ import annotations

import re
from functools import lru_cache

from perilune.hub.contracts.mending import Normal, Rule, Sure
from perilune.hub.engine.matching import words
from perilune.hub.engine.mending.spaces import tidy

FORMS = {
    **{form: form.upper() for form in (
        "sarl", "sas", "sasu", "eurl", "snc", "sci", "scop", "sa", "scp", "gie", "eirl", "scs",
        "sca", "selarl", "earl", "llc", "llp", "lp", "ag", "kg", "ohg", "ug", "se", "nv", "bv",
    )},
    "gmbh": "GmbH", "ltd": "Ltd", "inc": "Inc.", "corp": "Corp.", "plc": "plc", "srl": "S.r.l.",
    "spa": "S.p.A.", "sl": "S.L.", "ab": "AB", "oy": "Oy", "aps": "ApS", "as": "AS",
}  # fmt: skip
"""Legal form, folded: its usual spelling where it is registered (cleanco tells which are forms)."""
_LOWER = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "et", "en", "au", "aux", "sur", "of", "and", "for",
     "the", "und", "der", "die", "das", "von", "van", "y", "e")
)  # fmt: skip
_PARTICLES = frozenset(
    ("de", "du", "des", "la", "le", "van", "von", "der", "den", "di", "da", "dos", "del", "della",
     "ten", "ter", "zu", "zum", "el")
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ELIDED = ("d'", "d’", "l'", "l’")
_ROMAN = re.compile(r"^(?:II|III|IV|VI|VII|VIII|IX)$", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouyàâäéèêëîïôöùûü]", re.IGNORECASE)
_MEMO = 200_000
_MOST = 200


@lru_cache(maxsize=_MEMO)
def company_form(text: str) -> Normal:
    """Return a company's name with its legal form in its usual spelling: S.A.R.L. is SARL.

    Only at the end of a name, or a French one before it; the rest stays letter by letter.
    """
    found = tidy(text).split(" ")
    for size in range(min(4, len(found) - 1), 0, -1):
        spelled = _spelled(" ".join(found[-size:]))
        if spelled:
            made = " ".join([*found[:-size], spelled])
            return Normal(made, Rule.COMPANY_FORM) if made != tidy(text) else Normal(text)
    first = words.fold(found[0])
    if len(found) > 1 and first in words.FRENCH_FORMS and _spelled(found[0]):
        made = " ".join([FORMS[first], *found[1:]])
        return Normal(made, Rule.COMPANY_FORM) if made != tidy(text) else Normal(text)
    return Normal(text)


def _spelled(text: str) -> str:
    folded = words.fold(text)
    if len(folded) == 2 and text.islower():
        return ""  # «as», «sa», «se» are words as well
    return FORMS.get(folded, "") if folded in words.forms()[0] or folded in ("ag", "ab") else ""


@lru_cache(maxsize=_MEMO)
def company_capitals(text: str) -> Normal:
    """Return a company's name that is all capitals, or has none, as names are written.

    Short names and words without a vowel (SNCF, BNP) are left: they are abbreviations.
    """
    plain = tidy(text)
    bare = words.without_form(words.fold(plain[:_MOST]).split())
    letters = "".join(bare)
    is_long = len(letters) > 6 or sum(len(one) > 2 for one in bare) > 1
    if not (_is_flat(plain, bare) and is_long and letters.isascii()) or len(plain) > _MOST:
        return Normal(text)
    forms = {word for word in words.fold(plain).split() if word not in bare}
    value = _WORD.sub(lambda m: _in_company(m, forms), plain)
    sure = Sure.LIKELY if plain.islower() else Sure.LOOK
    if value == plain or value.casefold() != plain.casefold():
        return Normal(text)
    return Normal(value, Rule.COMPANY_CAPITALS, sure)


def _is_flat(plain: str, bare: list[str]) -> bool:
    """Tell whether the words that name a company are all in capitals, or all without."""
    named = [one for one in plain.split() if words.fold(one) in bare]
    text = " ".join(named) or plain
    return text.isupper() or text.islower()


def _in_company(found: re.Match[str], forms: set[str]) -> str:
    word = found.group()
    folded = words.fold(word)
    is_short = len(word) <= 4 and not _VOWEL.search(word)
    if folded in forms or (is_short and word.isupper()):
        return word
    if found.start() > 0 and word.casefold() in _LOWER:
        return word.lower()
    if found.start() > 0 and word[:2].casefold() in _ELIDED and len(word) > 3:
        return word[:2].lower() + _capital(word[2:])
    return _capital(word)


@lru_cache(maxsize=_MEMO)
def person(text: str) -> Normal:
    """Return a person's name that is all capitals, or has none, as names are written.

    Particles stay small after the first word, McDonald and O'Brien have their two capitals. A name
    in both kinds of letters is as its writer wanted it.
    """
    plain = tidy(text)
    is_name = (plain.isupper() or plain.islower()) and not re.search(r"[\d@/&]", plain)
    if not is_name or len(plain) > _MOST or sum(c.isalpha() for c in plain) < 3:
        return Normal(text)
    value = _WORD.sub(lambda m: _in_person(m, plain), plain)
    if value == plain or value.casefold() != plain.casefold():
        return Normal(text)
    return Normal(value, Rule.PERSON_CAPITALS, Sure.LIKELY)


def _in_person(found: re.Match[str], whole: str) -> str:
    word = found.group()
    if _ROMAN.match(word) and found.start() > 0 and word.isupper():
        return word
    is_alone = whole[found.start() - 1 : found.start()] == " "
    if is_alone and word.casefold() in _PARTICLES:
        return word.lower()
    lower = word.lower()
    if lower.startswith("mc") and len(lower) > 4:
        return "Mc" + lower[2:].capitalize()
    if is_alone and lower[:2] in _ELIDED[:2]:
        return lower[:2] + lower[2:].capitalize()
    return _capital(word)


def _capital(word: str) -> str:
    """Return a word with a capital, and one after an apostrophe that more than one letter follow.

    L'ORÉAL is L'Oréal, MEN'S is Men's.
    """
    parts = re.split(r"(['’])", word.lower())
    return "".join(
        one.capitalize() if at == 0 or len(one) > 1 else one for at, one in enumerate(parts)
    )
