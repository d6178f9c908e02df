"""How two records agree, and how much that says. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from perilune.hub.contracts.lookalikes import Facts, Strength, Why
from perilune.hub.engine.lookalikes.keys import words_of

NEAR, ALIKE = 0.55, 0.8
"""Likeness of names from which they are told as similar, and from which with a place they decide.

Set on the made accounts of bench/made_accounts.py, first million numbers; measured on others.
"""
_LETTERS = 0.88
"""Jaro-Winkler likeness from which two words of four letters or more are one with a slip."""

Often = Callable[[str], int]
"""In how many records of the kind a word stands, at least 1."""


def agree(asked: Facts, other: Facts, often: Often, records: int) -> tuple[Strength, list[Why]]:
    """Return how much speaks for two records being one thing, and what, the weightiest first.

    often, records: how rare a word is among the records of `other`'s kind. Registration numbers
    decide first (rule 36): other companies, and two sites of one, are no duplicates.
    """
    if other.kind == "account":
        return _organisations(asked, other, often, records)
    return _persons(asked, other)


def _organisations(
    asked: Facts, other: Facts, often: Often, records: int
) -> tuple[Strength, list[Why]]:
    decided = _numbers(asked, other)
    if decided is False:
        return Strength.NONE, []
    name = likeness(asked.name, other.name, often, records)
    why = [Why.NUMBER] if decided else []
    is_domain = bool(asked.domain) and asked.domain == other.domain
    is_phone = bool(asked.phone) and asked.phone[-8:] == other.phone[-8:]
    is_place = _same(asked.postcode, other.postcode) or _same(asked.city, other.city)
    is_address = _same(asked.street, other.street) and is_place
    why += [Why.DOMAIN] if is_domain else []
    why += [Why.NAME] if name == 1 else [Why.NEAR_NAME] if name >= NEAR else []
    why += [Why.PHONE] if is_phone else []
    why += [Why.ADDRESS] if is_address else [Why.PLACE] if is_place else []
    if decided:
        return Strength.SURE, why
    held = is_domain + is_phone + is_address
    is_elsewhere = not is_place and (
        _differ(asked.postcode, other.postcode) or _differ(asked.city, other.city)
    )
    if (held and name >= NEAR) or (is_place and name >= ALIKE) or held > 1:
        return Strength.LIKELY, why
    if held or name == 1 or (is_place and name >= NEAR) or (name >= ALIKE and not is_elsewhere):
        return Strength.POSSIBLE, why
    return Strength.NONE, []


def _persons(asked: Facts, other: Facts) -> tuple[Strength, list[Why]]:
    is_email = _same(asked.email, other.email)
    is_name = len(asked.name.split()) > 1 and sorted(asked.name.split()) == sorted(
        other.name.split()
    )
    is_domain = _same(asked.domain, other.domain)
    is_company = _same(asked.company, other.company) or (
        asked.account is not None and asked.account == other.account
    )
    is_phone = bool(asked.phone) and asked.phone[-8:] == other.phone[-8:]
    told = (
        (Why.EMAIL, is_email), (Why.NAME, is_name), (Why.COMPANY, is_company),
        (Why.DOMAIN, is_domain and not is_email and is_name), (Why.PHONE, is_phone),
    )  # fmt: skip
    why = [reason for reason, holds in told if holds]
    if is_email:
        return Strength.SURE if is_name else Strength.LIKELY, why
    if is_name:
        placed = is_domain or is_company or is_phone
        return Strength.LIKELY if placed else Strength.POSSIBLE, why
    return Strength.NONE, []


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _differ(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other


def _numbers(one: Facts, other: Facts) -> bool | None:
    """Return whether registration numbers say the same (True), another (False), or nothing."""
    for mine, theirs in (
        (one.siret, other.siret), (one.siren, other.siren), (one.vat, other.vat),
    ):  # fmt: skip
        if mine and theirs:
            return mine == theirs
    return None


def likeness(one: str, other: str, often: Often, records: int) -> float:
    """Return how alike two normal names are, 0 to 1: words in common, the rare ones heavier.

    1 only for the same words. A word with a slip counts for four fifths.
    """
    if not one or not other:
        return 0.0
    mine, theirs = words_of(one), words_of(other)
    if sorted(mine) == sorted(theirs):
        return 1.0
    if one.replace(" ", "") == other.replace(" ", ""):
        return 0.99
    weight = {
        word: math.log((1 + records) / max(1, often(word))) + 0.1 for word in {*mine, *theirs}
    }
    common = _common(mine, theirs, weight)
    mass = math.sqrt(sum(weight[w] ** 2 for w in mine) * sum(weight[w] ** 2 for w in theirs))
    return min(0.98, max(common / mass, _spelling(one, other)))


def _spelling(one: str, other: str) -> float:
    from rapidfuzz.distance import JaroWinkler

    return min(0.9, max(0.0, (JaroWinkler.normalized_similarity(one, other) - 0.8) * 4.5))


def _common(mine: list[str], theirs: list[str], weight: Mapping[str, float]) -> float:
    from rapidfuzz.distance import JaroWinkler

    left, found = set(theirs), 0.0
    for word in mine:
        if word in left:
            left.discard(word)
            found += weight[word] ** 2
            continue
        near = [
            (JaroWinkler.normalized_similarity(word, other), other)
            for other in sorted(left)
            if min(len(word), len(other)) >= 4
        ]
        if near and max(near)[0] >= _LETTERS:
            other = max(near)[1]
            left.discard(other)
            found += 0.8 * weight[word] * weight[other]
    return found
