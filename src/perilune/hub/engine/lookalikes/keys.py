"""The keys under which a record is found again: equal keys bring two records together. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from perilune.hub.contracts.lookalikes import Facts
from perilune.hub.engine.matching import normal, words

BYTES = 8
MOST_WORDS = 8
"""Words of a name that are keys: a name of more says no more."""


@dataclass(frozen=True)
class Key:
    """A key in plain text. tag: what it is made of; weight: how much sharing it promises."""

    tag: str
    text: str
    weight: float


def hashed(kind: str, key: Key, secret: bytes) -> int:
    """Return the number that a key of a kind is kept under, -2**63 to 2**63 - 1.

    The home's secret is part of it: who has the index alone can guess no name or telephone.
    """
    text = f"{kind}\n{key.tag}\n{key.text}".encode()
    return int.from_bytes(blake2b(text, digest_size=BYTES, key=secret).digest(), "big", signed=True)


def words_of(name: str) -> list[str]:
    """Return the words of a normal name that tell something, each once, in order."""
    found = list(dict.fromkeys(name.split()))
    return [word for word in found if word not in words.SMALL][:MOST_WORDS] or found[:MOST_WORDS]


def keys(one: Facts) -> list[Key]:
    """Return the keys of a record, the weightiest first; none for one of which nothing is known."""
    made = _organisation(one) if one.kind == "account" else _person(one)
    return sorted({(key.tag, key.text): key for key in made}.values(), key=lambda k: -k.weight)


def _organisation(one: Facts) -> Iterator[Key]:
    for number in {one.siren, one.siret, one.vat} - {""}:
        yield Key("number", number, 9)
    if one.domain:
        yield Key("domain", one.domain, 5)
    if one.phone:
        yield Key("phone", one.phone[-8:], 4)
    yield from _named(one.name)
    for word in words_of(one.name) if one.name else ():
        yield Key("word", word, 1)
        for place in {one.postcode, one.city} - {""}:
            yield Key("word place", f"{word} {place}", 2)
    number, street = normal.number_and_street(one.street) if one.street else ("", [])
    if number and street:
        for place in {one.postcode, one.city} - {""}:
            yield Key("address", f"{number} {' '.join(sorted(street))} {place}", 3)


def _named(name: str) -> Iterator[Key]:
    if not name:
        return
    yield Key("name", " ".join(sorted(words_of(name))), 4)
    joined = name.replace(" ", "")
    if len(joined) >= 5:
        yield Key("start", joined[:8], 2)


def _person(one: Facts) -> Iterator[Key]:
    if one.email:
        yield Key("email", one.email, 9)
    if one.phone:
        yield Key("phone", one.phone[-8:], 3)
    if len(one.name.split()) < 2:
        return  # a first name alone names nobody
    name = " ".join(sorted(one.name.split()))
    yield Key("name", name, 2)
    for place in {one.domain, one.company, f"#{one.account}" if one.account else ""} - {""}:
        yield Key("name place", f"{name} {place}", 6)
