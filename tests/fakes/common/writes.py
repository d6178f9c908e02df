"""What stands in the way of writes to a fake, and what took place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]
Rule = Callable[[Values], "tuple[str, list[str]] | None"]
"""A validation rule: of the record as it would be, (message, fields that it names) or None."""


@dataclass
class Writes:
    """What stands in the way of writes.

    locked: how many writes of a record find its row locked. rules: validation rules by object.
    flows: what the service does by itself with a record that was written. log: (object, id, fields)
    of every write that took place; made, ended: (object, id) of every creation and deletion.
    between: called when a write has arrived, before it takes place. after: called when a write took
    place, before it is answered.
    """

    locked: dict[str, int] = field(default_factory=dict)
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    flows: dict[str, Callable[[Values], Values]] = field(default_factory=dict)
    log: list[tuple[str, str, Values]] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)
    between: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def is_locked(self, key: str) -> bool:
        """Tell whether a write finds its row locked this time."""
        if self.locked.get(key, 0) <= 0:
            return False
        self.locked[key] -= 1
        return True

    def broken(self, kind: str, row: Values) -> tuple[str, list[str]] | None:
        """Return what a rule says against a record as it would be."""
        told = (rule(row) for rule in self.rules.get(kind, ()))
        return next((one for one in told if one is not None), None)
