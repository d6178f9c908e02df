"""Which persons are probably one, by rule. Pure.

A model without labels cannot tell persons: colleagues share company, telephone and domain, and
namesakes share name and mailbox, so that it learns who works together. Two plain rules hold
instead, and no probability is claimed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from perilune.hub.engine.matching import normal

EMAIL, NAME_PLACE, NAME_PHONE = "email", "name_place", "name_phone"
MOST = 20
"""A key that more persons share says nothing: a mailbox of a department, a name of a test."""


@dataclass(frozen=True)
class Person:
    """What is known of a person. company: the account's id or the lead's company, "" for none."""

    id: int
    name: str
    email: str
    phone: str
    company: str


def groups(persons: Iterable[Person]) -> list[tuple[tuple[int, ...], str]]:
    """Return (ids, rule) of persons who are probably one.

    One e-mail address; or one name (in any order of its words) at one company, domain or telephone.
    Groups do not chain: somebody may stand in two, and a person decides.
    """
    keys: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for one in persons:
        for key in _keys(one):
            keys[key].append(one.id)
    found: dict[tuple[int, ...], str] = {}
    for (rule, _key), ids in sorted(keys.items()):
        if 1 < len(ids) <= MOST:
            found.setdefault(tuple(sorted(ids)), rule)
    inside = [set(ids) for ids in found]
    return [
        (ids, rule) for ids, rule in found.items() if not any(set(ids) < other for other in inside)
    ]


def _keys(one: Person) -> Iterable[tuple[str, str]]:
    address = normal.email(one.email)
    if address:
        yield EMAIL, address
    words = sorted(normal.name(one.name).split())
    if len(words) < 2:
        return  # a first name alone names nobody
    name = " ".join(words)
    domain = normal.domain(address)
    if domain and domain not in normal.FREE_MAIL:
        yield NAME_PLACE, f"{name} @{domain}"
    if one.company:
        yield NAME_PLACE, f"{name} {normal.text(one.company)}"
    phone = normal.phone(one.phone)
    if phone:
        yield NAME_PHONE, f"{name} {phone}"
