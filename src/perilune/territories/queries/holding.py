"""Who holds an account, and where one that arrives would belong by the territories in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.territories.contracts import DraftState, Holding, Placing
from perilune.territories.contracts.sheets import Held
from perilune.territories.engine import place, rules_from_plan
from perilune.territories.models import Draft
from perilune.territories.queries.criteria import rule_fields
from perilune.territories.queries.loading import loaded
from perilune.territories.queries.ruling import book_of
from perilune.territories.queries.running import named, rule_set

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


def facts_of(pairs: Sequence[str], postcode: str, country: str) -> dict[str, str]:
    """Return the facts of `place_new` from «name=value» texts; Invalid for other texts."""
    facts = {name: value for name, value in (("postcode", postcode), ("country", country)) if value}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise Invalid(_("“%(text)s” is no field: write name=value."), text=pair)
        facts[name.strip()] = value.strip()
    return facts


def place_new(facts: Mapping[str, str], layer: str, as_of: AsOf, scope: Scope) -> Placing:
    """Return where an account that arrives would belong. Nothing is written.

    facts: its fields by name. By the assignment rules that the plan in force on the day kept, as
    they stood at the as-of; of a layer whose plan keeps none by the rules that the territories in
    force give: the shortest beginnings of a postcode, in its country, that lie in one territory.
    Refused where the reader does not see all accounts, for rules made of some of them would place
    others wrongly; NotFound where no territory of the layer holds an account; Invalid for fields
    that accounts do not have, and without a postcode where that decides.
    """
    if scope.owners is not None or scope.aggregates_only:
        raise Refused(_("Rules are made of all territories: ask somebody who sees them all."))
    declared = {one.name for one in rule_fields()} | {"country", "postcode"}
    for name in facts:
        if name not in declared:
            raise Invalid(_("Accounts have no field “%(name)s” for rules to ask."), name=name)
    return _by_kept_rules(facts, layer, as_of) or _by_postcode(facts, layer, as_of, scope)


def _by_kept_rules(facts: Mapping[str, str], layer: str, as_of: AsOf) -> Placing | None:
    """Return where the rules of the plan in force on a day put an account; None: it keeps none."""
    plans = Draft.objects.filter(
        layer=layer, state=DraftState.ACTIVE.value, effective_from__lte=as_of.day
    ).order_by("-effective_from", "-id")
    for plan_id in plans.values_list("id", flat=True):
        found = loaded(plan_id)
        if found.head.state is not DraftState.ACTIVE:
            continue  # what it wrote was rolled back
        # of an archive, whose today lies before the calendar's, today's rules were written later
        is_past = as_of.day < company().today.day
        book = book_of(found, as_of.at if is_past else None)
        made, numbers = rule_set(book)
        if not made.rules:
            return None
        asks = sorted({one.field for rule in made.rules for one in rule.criteria})
        told = place([ARRIVES], {name: [facts.get(name, "")] for name in asks}, made)
        placed = named(told, book, numbers)
        return Placing(
            placed.territory[0],
            placed.ambiguous.get(0, ()),
            len(found.accounts.ids),
            found.head.id,
            found.head.name,
            placed.rule[0] if placed.rule[0] >= 0 else None,
            tuple(asks),
        )
    return None


def _by_postcode(facts: Mapping[str, str], layer: str, as_of: AsOf, scope: Scope) -> Placing:
    """Return where the accounts of the territories in force put one, by its postcode."""
    told = store.run("territories.coded_accounts", scope=scope, as_of=as_of).dicts()
    rows = [row for row in told if row["layer"] == layer]
    if not facts.get("postcode"):
        raise Invalid(_("Say the postcode: no plan in force keeps assignment rules."))
    if not rows:
        raise NotFound(_("No territory is in force on that day."))
    ids = [str(row["account_id"]) for row in rows]
    columns = {name: [row[name] for row in rows] for name in ("postcode", "country")}
    names = [row["territory"] or "" for row in rows]
    made = rules_from_plan(ids, names, columns, "postcode", "country")
    asked = {name: [facts.get(name, "")] for name in ("postcode", "country")}
    placed = place([ARRIVES], asked, made)
    return Placing(placed.territory[0], placed.ambiguous.get(0, ()), len(rows))
