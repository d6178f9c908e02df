"""What connections must be allowed for the writing that is switched on, and what is missing."""

from __future__ import annotations

from perilune.hub.contracts.scopes import WRITING
from perilune.hub.models import Connection, WriteRule


def wanted_scopes(found: Connection) -> tuple[str, ...]:
    """Return the scopes that the objects need which may be written to; none where none may."""
    own = WRITING.get(found.provider, {})
    rules = WriteRule.objects.filter(connection=found)
    on = [rule.object for rule in rules if rule.policies or rule.match or rule.ends]
    return tuple(sorted({own[name] for name in on if name in own}))


def missing_scopes(name: str) -> tuple[str, ...]:
    """Return the scopes that writing needs and that were not granted.

    Empty where all were, and where the system does not say what was: a refused write tells then.
    """
    found = Connection.objects.filter(name=name).first()
    if found is None or "scopes" not in found.health:
        return ()
    granted = set(found.health["scopes"])
    return tuple(scope for scope in wanted_scopes(found) if scope not in granted)
