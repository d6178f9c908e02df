"""Scope: what the access gate lets one person see. Made by `people`, obeyed by the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Key = TypeVar("Key", bound=str | int)


@dataclass(frozen=True)
class Scope:
    """The gate's answer for one person.

    owners: rep ids whose rows are visible; None means every row, whoever owns it.
    teams: the topmost teams whose totals the label names; none where it names no team. Rows go by
        `owners`, figures by these: a former member's win stays the team's.
    hidden: (kind, field) pairs that are blanked out.
    aggregates_only: totals may be shown, rows may not.
    smallest_group: aggregates over fewer people than this are withheld.
    label: names what the figures cover: «company», «team:North», «people» (who
        report to somebody that leads no team of their own), «mine».
    """

    label: str
    owners: frozenset[int] | None = None
    hidden: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    aggregates_only: bool = False
    smallest_group: int = 1
    teams: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def company(cls) -> Scope:
        """Return the scope that sees everything: the owner of the home, jobs, the command line."""
        return cls(label="company")

    def sees(self, owner: int | None) -> bool:
        """Tell whether a row of this owner may be shown; rows without owner are company rows."""
        return self.owners is None or (owner is not None and owner in self.owners)

    def too_few(self, people: Mapping[Key, int]) -> set[Key]:
        """Return which parts of one sum are about fewer people than may be shown.

        people: how many stand behind each part. A lone one takes the smallest other along: the sum
        less all others would tell of it.
        """
        small = {key for key, count in people.items() if count < self.smallest_group}
        others = sorted((count, str(key), key) for key, count in people.items() if key not in small)
        if self.smallest_group > 1 and len(small) == 1 and others:
            small.add(others[0][2])
        return small

    def digest(self) -> str:
        """Return a short stable key of the scope, for caches."""
        facts = (
            None if self.owners is None else sorted(self.owners),
            sorted(self.hidden),
            self.aggregates_only,
            self.smallest_group,
        )
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
