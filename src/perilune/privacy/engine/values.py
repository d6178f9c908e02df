"""What identifies a person: e-mail addresses, telephone numbers, full names; and their one form."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

EMAIL = "email"
PHONE = "phone"
NAME = "name"
WEB = "web"

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_PHONE = re.compile(r"^[+(]?[\d\s.\-()/]{8,24}$")
_WEB = re.compile(r"^(?:https?://|www\.)\S{6,}$", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+")
CORE = 9
"""Digits of a telephone number that tell it apart, whatever the prefix of its country."""
_FEWEST = 8


class Value(NamedTuple):
    """One thing by which a person is known: of what sort, as it was written."""

    sort: str
    text: str


def sorted_out(texts: Iterable[str], *, names: Iterable[str] = ()) -> tuple[list[Value], list[str]]:
    """Return (what identifies a person wherever it stands, words that do so only beside others).

    texts: any values of a person's own fields, of which e-mail addresses, telephone numbers of at
    least eight digits and web addresses count. names: their names; one of a single word is of the
    second sort, and so are the words of longer ones.
    """
    strong: dict[tuple[str, str], Value] = {}
    weak: dict[str, str] = {}
    for text in texts:
        value = valued(text)
        if value is not None:
            strong.setdefault((value.sort, form(value)), value)
    for name in names:
        words = words_of(name)
        if len(words) > 1:
            value = Value(NAME, " ".join(words))
            strong.setdefault((NAME, form(value)), value)
        for word in words:
            if len(word) > 1:
                weak.setdefault(folded(word), word)
    return list(strong.values()), list(weak.values())


def valued(text: str) -> Value | None:
    """Return a text as what identifies a person by its shape alone; None for any other."""
    stripped = text.strip()
    if _EMAIL.match(stripped):
        return Value(EMAIL, stripped)
    if _PHONE.match(stripped) and len(digits(stripped)) >= _FEWEST:
        return Value(PHONE, stripped)
    if _WEB.match(stripped):
        return Value(WEB, stripped)
    return None


def form(value: Value) -> str:
    """Return the one form of all spellings of a value: what its hash is made of."""
    if value.sort == PHONE:
        return digits(value.text)[-CORE:]
    if value.sort == NAME:
        return " ".join(sorted(folded(word) for word in words_of(value.text)))
    return value.text.strip().casefold()


def digits(text: str) -> str:
    """Return the digits of a text."""
    return "".join(char for char in text if char.isdigit())


def words_of(name: str) -> list[str]:
    """Return the words of a name, as they are written."""
    return _WORDS.findall(unicodedata.normalize("NFC", name))


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def keyed(key: bytes, sort: str, text: str) -> str:
    """Return the hash of a value under a secret key: without the key nobody can try values out."""
    body = f"{sort}\0{text}".encode()
    return hashlib.blake2b(body, key=key, digest_size=24, person=b"perilune privacy").hexdigest()
