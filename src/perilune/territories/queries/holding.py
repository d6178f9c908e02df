"""Who holds an account, and where one that arrives would belong by the territories in force."""

from __future__ import annotations

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.store import queries as store
from perilune.territories.contracts import Holding, Placed
from perilune.territories.contracts.sheets import Held
from perilune.territories.engine import place, rules_from_plan

ARRIVES = "new"


def holder(account_id: int, as_of: AsOf, scope: Scope) -> Holding:
    """Return who holds an account as of a day, as known then.

    Reps are named as far as the scope sees them. NotFound for an account that is not there or not
    the reader's to see; Refused for whoever sees aggregates only.
    """
    if scope.aggregates_only:
        raise Refused(_("Who holds an account is not shown in totals."))
    params = {"account": account_id}
    rows = store.run("territories.holders", params, scope=scope, as_of=as_of).dicts()
    if not rows:
        raise NotFound(_("There is no such account, or it is not yours to see."))
    found: dict[int, Held] = {}
    for row in rows:
        number = row["territory_id"]
        if number is None:
            continue
        before = found.get(number)
        seat = () if row["rep_id"] is None else ((row["rep_id"], row["rep"] or "", row["role"]),)
        reps = (*(before.reps if before else ()), *seat)
        found[number] = Held(
            number, row["territory"] or "", row["layer"], row["effective_from"], reps
        )
    first = rows[0]
    return Holding(
        first["account_id"], first["account"] or "", first["owner_id"], first["owner"] or "",
        tuple(found.values()),
    )  # fmt: skip


def place_new(
    postcode: str, country: str, layer: str, as_of: AsOf, scope: Scope
) -> tuple[Placed, int]:
    """Return where an account that arrives would belong, and of how many accounts that is known.

    By the rules that the territories in force give: the shortest beginnings of a postcode, in its
    country, that lie in one territory. Nothing is written. Refused where the reader does not see
    all accounts, for rules made of some of them would place others wrongly; NotFound where no
    territory of the layer holds an account.
    """
    if scope.owners is not None or scope.aggregates_only:
        raise Refused(_("Rules are made of all territories: ask somebody who sees them all."))
    told = store.run("territories.coded_accounts", scope=scope, as_of=as_of).dicts()
    rows = [row for row in told if row["layer"] == layer]
    if not rows:
        raise NotFound(_("No territory is in force on that day."))
    ids = [str(row["account_id"]) for row in rows]
    columns = {name: [row[name] for row in rows] for name in ("postcode", "country")}
    names = [row["territory"] or "" for row in rows]
    made = rules_from_plan(ids, names, columns, "postcode", "country")
    asked = {"postcode": [postcode], "country": [country]}
    return place([ARRIVES], asked, made), len(rows)
