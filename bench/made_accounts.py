"""Made accounts with known duplicates, French and American: names, addresses, phones, domains.

Nothing here is real. A fifth of the rows are other spellings of an earlier account: forms of
company come and go, letters are lost or swapped, phones and addresses missing or changed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

COLUMNS = ("id", "name", "address", "postcode", "city", "phone", "website", "truth")
_STARTS = [
    "Atelier",
    "Garage",
    "Pharmacie",
    "Boulangerie",
    "Transports",
    "Menuiserie",
    "Clinique",
    "Cabinet",
    "Imprimerie",
    "Maison",
    "Plomberie",
    "Electricite",
    "Couverture",
    "Serrurerie",
    "Brasserie",
    "Domaine",
    "Acme",
    "Summit",
    "Pioneer",
    "Liberty",
    "Heritage",
    "Evergreen",
    "Pacific",
    "Atlantic",
    "Northern",
    "Golden",
    "Silver",
    "Blue",
    "Red",
    "River",
    "Lake",
    "Mountain",
    "Valley",
]
_ENDS = [
    "Services",
    "Conseil",
    "Distribution",
    "Solutions",
    "Systems",
    "Logistics",
    "Industries",
    "Partners",
    "Dental",
    "Medical",
    "Foods",
    "Construction",
    "Consulting",
    "Plumbing",
    "Electric",
    "Motors",
    "Design",
    "Studio",
    "Press",
    "Energie",
    "Nettoyage",
]
_SOUNDS = [
    "ba",
    "be",
    "bo",
    "cha",
    "co",
    "da",
    "de",
    "du",
    "el",
    "fa",
    "ga",
    "gui",
    "ha",
    "jo",
    "ka",
    "la",
    "le",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "no",
    "pa",
    "pe",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "so",
    "ta",
    "to",
    "va",
    "vi",
]
_FORMS = ("SARL", "SAS", "SA", "Inc.", "LLC", "Ltd", "Corp.", "")
_KINDS = (
    ("rue", "r."),
    ("avenue", "av."),
    ("boulevard", "bd"),
    ("Street", "St."),
    ("Road", "Rd"),
    ("Avenue", "Ave"),
)


def _word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(_SOUNDS, int(rng.integers(2, 5)))).capitalize()


def _slip(text: str, rng: np.random.Generator) -> str:
    """Lose or swap a letter."""
    if len(text) < 4:
        return text
    at = int(rng.integers(1, len(text) - 2))
    if rng.random() < 0.5:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def rows(count: int, seed: int = 0, share: float = 0.2) -> Iterator[tuple[str, ...]]:
    """Give `count` rows, in no order; truth is the number of the account."""
    rng = np.random.default_rng(seed)
    words = [_word(rng) for _ in range(60_000)]
    towns = [
        (
            f"{int(rng.integers(1000, 98999)):05d}",
            _word(rng) + rng.choice(["ville", "ton", "sur Mer", ""]),
        )
        for _ in range(6_000)
    ]
    firsts = max(1, int(count * (1 - share)))
    made: list[tuple[str, ...]] = []
    for _n in range(firsts):
        kind = rng.integers(0, 4)
        core = words[int(len(words) * rng.random() ** 2)]
        parts = [core]
        if kind != 0:
            parts.insert(0, str(rng.choice(_STARTS)))
        if kind != 1:
            parts.append(str(rng.choice(_ENDS)))
        if kind == 3:
            parts.insert(1, words[int(rng.integers(len(words)))])
        postcode, city = towns[int(len(towns) * rng.random() ** 1.5)]
        street = words[int(2_000 * rng.random() ** 1.5)]
        made.append((
            " ".join([*parts, str(rng.choice(_FORMS))]).strip(),
            f"{int(rng.integers(1, 300))} {_KINDS[int(rng.integers(6))][0]} {street}",
            postcode, city,
            f"0{int(rng.integers(100_000_000, 599_999_999))}" if rng.random() < 0.9 else "",
            f"www.{'-'.join(parts).lower()}.{rng.choice(['fr', 'com'])}"
            if rng.random() < 0.5 else "",
        ))  # fmt: skip
    order = rng.permutation(count)
    out: list[tuple[str, ...] | None] = [None] * count
    for n in range(count):
        truth = n if n < firsts else int(rng.integers(firsts))
        row = made[truth] if n < firsts else _respelt(made[truth], rng)
        out[order[n]] = (f"A{order[n]:07d}", *row, str(truth))
    for one in out:
        if one is not None:
            yield one


def _respelt(row: tuple[str, ...], rng: np.random.Generator) -> tuple[str, ...]:
    name, address, postcode, city, phone, site = row
    words = [w for w in name.split() if w not in _FORMS]
    if rng.random() < 0.35:
        at = int(rng.integers(len(words)))
        words[at] = _slip(words[at], rng)
    if rng.random() < 0.12 and len(words) > 2:
        words.pop()
    if rng.random() < 0.5:
        words.append(str(rng.choice(_FORMS)))
    name = " ".join(words).strip()
    name = name.upper() if rng.random() < 0.3 else name
    long, short = _KINDS[int(rng.integers(6))]
    address = address.replace(f" {long} ", f" {short} ")
    if rng.random() < 0.2:
        address = _slip(address, rng)
    if rng.random() < 0.12:
        address = "" if rng.random() < 0.5 else f"{int(rng.integers(1, 300))} rue {_word(rng)}"
    if phone and rng.random() < 0.5:
        phone = "+33 " + " ".join([phone[1], *(phone[i : i + 2] for i in range(2, 10, 2))])
    if rng.random() < 0.25:
        phone = ""
    postcode = "" if rng.random() < 0.1 else postcode
    return name, address, postcode, city, phone, "" if rng.random() < 0.3 else site


def write(path: Path, count: int, seed: int = 0) -> None:
    """Write a file of made accounts."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(rows(count, seed))
