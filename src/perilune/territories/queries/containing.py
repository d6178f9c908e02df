"""Containers of a draft: what they can be, which accounts lie in which, which are torn."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import Containers, ContainersView, Loaded, Torn
from perilune.territories.models import ContainerSet
from perilune.territories.queries.constraints import text_fields, texts
from perilune.territories.queries.loading import AREAS, loaded, require_seen, seen_accounts

DEPARTMENT = "department"
USUAL = ("city", "postcode", "region", "country")
_UNTOLD = ("name", "currency")
FRANCE = frozenset({"", "fr", "fra", "france"})

_shapes: Kept[dict[str, list[dict[str, Any]]]] = Kept(3)


def container_choices() -> list[tuple[str, str]]:
    """Return what containers can be, by key, with an English msgid each."""
    fields = {one.name: one for one in text_fields() if one.name not in _UNTOLD}
    usual = [(f"field:{name}", fields[name].label) for name in USUAL if name in fields]
    others = [(f"field:{name}", one.label) for name, one in fields.items() if name not in USUAL]
    return [
        *usual[:2], (DEPARTMENT, _("French department, by the postcode")), *usual[2:],
        (AREAS, _("Polygons of a GeoJSON file")), *others,
    ]  # fmt: skip


def names_by(found: Loaded, by: str) -> list[str]:
    """Return (n,) the name of the container of each account, "" where it is not known.

    Capitals and blanks make no difference. Towns of one name are told apart by region, else by
    French department, and like postcodes and regions by country where a draft has several.
    """
    countries = texts(found, "country")
    if by == DEPARTMENT:
        return [
            department(code) if country.strip().casefold() in FRANCE else ""
            for code, country in zip(texts(found, "postcode"), countries, strict=True)
        ]
    field = by.removeprefix("field:")
    parts: list[Sequence[str]] = [_spelt(texts(found, field))]
    if field == "city":
        regions = _spelt(texts(found, "region"))
        codes = names_by(found, DEPARTMENT)
        parts.append(_told_apart(parts[0], [
            region or code for region, code in zip(regions, codes, strict=True)
        ]))  # fmt: skip
    several = len({one.casefold() for one in countries if one.strip()}) > 1
    if field in {"city", "postcode", "region"} and several:
        parts.append(_spelt(countries))
    return [
        "" if not told[0] else
        f"{told[0]} ({', '.join(filter(None, told[1:]))})" if any(told[1:]) else told[0]
        for told in zip(*parts, strict=True)
    ]  # fmt: skip


def _told_apart(towns: Sequence[str], areas: Sequence[str]) -> list[str]:
    """Return the area of each town; one that is not known is that of its only namesake."""
    known: dict[str, set[str]] = {}
    for town, area in zip(towns, areas, strict=True):
        known.setdefault(town, set()).update({area} - {""})
    return [
        area or (next(iter(known[town])) if len(known[town]) == 1 else "")
        for town, area in zip(towns, areas, strict=True)
    ]


def _spelt(values: Sequence[str]) -> list[str]:
    """Return texts with one spelling each: the most frequent of those that differ in capitals."""
    bare = [" ".join(text.split()) for text in values]
    spellings: dict[str, Counter[str]] = {}
    for text in bare:
        spellings.setdefault(text.casefold(), Counter())[text] += 1
    best = {key: min(found, key=lambda one: (-found[one], one)) for key, found in spellings.items()}
    return [best[text.casefold()] for text in bare]


def department(postcode: str) -> str:
    """Return the French department of a postcode, "" where it is none.

    A zero at the front that a spreadsheet lost is put back. Corsica by the postal border: 20200
    and beyond are 2B.
    """
    digits = "".join(postcode.split())
    if not digits.isdigit() or len(digits) not in {4, 5}:
        return ""
    code = digits.zfill(5)
    if code.startswith(("97", "98")):
        return code[:3]
    if code.startswith("20"):
        return "2A" if code < "20200" else "2B"
    return code[:2]


def containers(draft_id: int, scope: Scope, actor: str) -> ContainersView:
    """Return the containers of a draft, of the accounts that a person sees."""
    found = loaded(draft_id)
    seen = require_seen(found, scope, actor)
    choices = tuple(container_choices())
    if found.containers is None:
        return ContainersView(None, 0, 0, (), choices)
    mine = seen_accounts(found, scope, actor)
    member = found.containers.member[mine]
    return ContainersView(
        found.containers,
        count=len(np.unique(member[member >= 0])),
        alone=int((member < 0).sum()),
        torn=torn(found, mine, seen),
        choices=choices,
    )


def torn(found: Loaded, mine: np.ndarray[Any, Any], seen: frozenset[int]) -> tuple[Torn, ...]:
    """Return the containers whose accounts are in several territories, of accounts mine (n,)."""
    held = found.containers
    if held is None:
        return ()
    kept = mine & (held.member >= 0)
    pairs = np.column_stack([held.member[kept], found.territory[kept]]).astype(np.int64)
    if not len(pairs):
        return ()
    both, counts = np.unique(pairs, axis=0, return_counts=True)
    often = np.bincount(both[:, 0], minlength=len(held.names))
    parts: dict[int, list[tuple[str | None, int]]] = {}
    for (container, number), count in zip(both.tolist(), counts.tolist(), strict=True):
        if often[container] > 1:
            name: str | None = ""
            if number >= 0:
                name = found.rows[number].name if number in seen else None
            parts.setdefault(container, []).append((name, count))
    made = [
        Torn(held.names[at], tuple(sorted(of, key=lambda one: (-one[1], one[0] or ""))))
        for at, of in parts.items()
    ]
    return tuple(sorted(made, key=lambda one: (-sum(n for __, n in one.parts), one.name)))


def shapes_of(held: Containers) -> dict[str, list[dict[str, Any]]]:
    """Return the GeoJSON geometries of containers that are polygons, by name."""

    def read() -> dict[str, list[dict[str, Any]]]:
        blob = ContainerSet.objects.values_list("shapes", flat=True).get(id=held.id)
        return {} if blob is None else dict(json.loads(zlib.decompress(bytes(blob))))

    return _shapes.get((held.id, held.digest), read)
