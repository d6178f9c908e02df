"""Names of towns as they are compared: accents, hyphens, saints, CEDEX and arrondissements."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_WORDS = re.compile(r"[^\W_]+")
_CEDEX = re.compile(r"\bcedex\b\s*(\d{1,2})?.*$")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_SAINTS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "sankt": "saint"}
_ON = re.compile(r"(?<=\s)s(?:/|ous\b|ur\b)\s*")
_ARTICLE = re.compile(r"^(.*\S)\s*\(\s*(le|la|les|l['’]?)\s*\)$")
_NUMBER = re.compile(
    r"^(?P<town>\D*?\D)\s*\(?\b(?P<number>\d{1,2})\s*"
    r"(?:er|ere|e|eme|nd|nde)?(?:\s*(?:arr|arrondissement|ardt)\.?)?\)?$"
)
ARRONDISSEMENTS = {"paris": 20, "lyon": 9, "marseille": 16}
"""How many arrondissements a city has; the numbers of its CEDEX go on beyond them."""


class Named(NamedTuple):
    """A town's name, compared by `key`, and the arrondissement that stood with it (0: none)."""

    key: str
    number: int = 0


def fold(text: str) -> str:
    """Return a text in lower case without accents, ligatures opened."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return bare.casefold().translate(_LETTERS)  # «㎩» opens into a capital letter


def normal(name: str) -> str:
    """Return a town's name in the one spelling of all: «St-Étienne CEDEX 2» is «saint etienne».

    What is normal already stays as it is.
    """
    text = _CEDEX.sub("", fold(name)).strip()
    article = _ARTICLE.match(text)
    if article:
        text = f"{article[2]} {article[1]}"
    text = _ON.sub(lambda m: "sous " if m[0].startswith("sous") else "sur ", text)
    return " ".join(_SAINTS.get(word, word) for word in _WORDS.findall(text))


def key_of(name: str) -> str:
    """Return what names are looked up by: the normal spelling without its spaces."""
    return normal(name).replace(" ", "")


def readings(city: str) -> list[Named]:
    """Return what a city may mean, likeliest first: whole, without arrondissement, each part of it.

    «Lyon 3e» and «Lyon CEDEX 03» are Lyon with the number 3; «Angers (Avrillé)» is Angers, else
    Avrillé.
    """
    texts = [city]
    if not _ARTICLE.match(fold(city).strip()):
        texts += [
            part for part in re.split(r"[(),;]|\s-\s|\bcommune d[eu]\b", city) if part.strip()
        ]
    found: list[Named] = []
    for text in texts:
        found += [*_numbered(text), Named(key_of(text))]
    return [name for name in dict.fromkeys(found) if name.key]


def _numbered(text: str) -> list[Named]:
    """Return the arrondissement that a text names by its own number or that of its CEDEX."""
    plain = fold(text)
    cedex = _CEDEX.search(plain)
    own = _NUMBER.match(_CEDEX.sub("", plain).strip())
    if own:
        key, number = key_of(own["town"]), int(own["number"])
    else:
        key, number = key_of(text), int(cedex[1] or 0) if cedex else 0
    return [Named(key, number)] if 1 <= number <= ARRONDISSEMENTS.get(key, 0) else []
