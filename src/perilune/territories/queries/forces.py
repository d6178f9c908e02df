"""What is in force: territories with their reps as of a day, and which have drifted."""

from __future__ import annotations

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store
from perilune.territories.contracts import InForce


def in_force(as_of: AsOf, scope: Scope) -> list[InForce]:
    """Return the territories in force as of a day, as known then, by layer and name.

    A scope of some reps sees their seats and accounts, and of other territories nothing; whoever
    sees aggregates only reads territories with the number of accounts and no name of a rep.
    """
    rows = store.run("territories.in_force", scope=scope, as_of=as_of).dicts()
    found: dict[int, InForce] = {}
    for row in rows:
        named = row["rep_id"] is not None and not scope.aggregates_only
        seat = ((row["rep_id"], row["rep"] or "", row["role"]),) if named else ()
        before = found.get(row["territory_id"])
        if scope.owners is not None and not seat and not row["accounts"]:
            continue
        found[row["territory_id"]] = InForce(
            id=row["territory_id"],
            name=row["name"] or "",
            code=row["code"] or "",
            layer=row["layer"],
            parent_id=row["parent_id"],
            plan=row["plan"] or "",
            effective_from=row["effective_from"],
            reps=(*(before.reps if before else ()), *seat),
            accounts=row["accounts"],
        )
    return list(found.values())
