"""What is in force: territories with their reps as of a day, and which have drifted."""

from __future__ import annotations

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store
from perilune.territories.contracts import REGION, Attribute, Drifted, InForce
from perilune.territories.models import Draft
from perilune.territories.queries.criteria import criteria_of
from perilune.territories.queries.snapshots import snapshot


def in_force(as_of: AsOf, scope: Scope) -> list[InForce]:
    """Return the territories in force as of a day, as known then, by layer and name.

    A scope of some reps sees their seats and accounts, the regions above them, and of other
    territories nothing; whoever sees aggregates only reads territories without their reps and
    numbers of accounts.
    """
    rows = store.run("territories.in_force", scope=scope, as_of=as_of).dicts()
    found: dict[int, InForce] = {}
    above = {
        row["parent_id"] for row in rows if row["rep_id"] is not None or row["accounts"]
    }  # fmt: skip
    for row in rows:
        named = row["rep_id"] is not None and not scope.aggregates_only
        seat = ((row["rep_id"], row["rep"] or "", row["role"]),) if named else ()
        before = found.get(row["territory_id"])
        is_above = row["type"] == REGION and row["territory_id"] in above
        if scope.owners is not None and not seat and not row["accounts"] and not is_above:
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
            accounts=None if scope.aggregates_only else row["accounts"],
            type=row["type"],
        )
    return list(found.values())


def drift(as_of: AsOf, scope: Scope) -> list[Drifted]:
    """Return where territories in force have left the tolerance of their plan, the worst first.

    What they hold is weighed as of the instant, against the mean of their plan's territories. Of
    these, those in whose seats the scope sees a rep; whoever sees aggregates only reads none.
    """
    if scope.aggregates_only:
        return []
    mine = {territory.id for territory in in_force(as_of, scope)}
    plans: dict[str, dict[int, str]] = {}
    for territory in in_force(as_of, Scope.company()):
        plans.setdefault(territory.plan, {})[territory.id] = territory.name
    found = []
    for plan in Draft.objects.select_related("snapshot").defer(
        "snapshot__arrays", "snapshot__names"
    ).filter(id__in=[int(number) for number in plans if number.isdigit()]):  # fmt: skip
        theirs = plans[str(plan.pk)]
        attributes = [Attribute(**one) for one in plan.snapshot.attributes]
        found += [one for one in _drifted(plan, theirs, attributes, as_of)
                  if one.territory_id in mine]  # fmt: skip
    return sorted(found, key=lambda one: (-abs(one.deviation), one.name, one.attribute))


def _drifted(
    plan: Draft, theirs: dict[int, str], attributes: list[Attribute], as_of: AsOf
) -> list[Drifted]:
    read = snapshot(Scope.company(), as_of, attributes, plan.layer, criteria_of(plan.settings))
    places = {holder.record_id: at for at, holder in enumerate(read.holders)}
    numbers = [(record, places[record]) for record in theirs if record in places]
    if not numbers:
        return []
    size = len(read.holders) + 1
    holder = np.where(read.accounts.holder >= 0, read.accounts.holder, size - 1)
    found = []
    for at, attribute in enumerate(read.attributes):
        held = np.bincount(holder, read.accounts.loads[:, at], size)
        target = float(np.mean([held[place] for _record, place in numbers]))
        for record, place in numbers if target > 0 else ():
            off = float(held[place] / target - 1)
            if abs(off) > attribute.tolerance + 1e-9:
                found.append(
                    Drifted(record, theirs[record], attribute.label, off, attribute.tolerance)
                )
    return found
