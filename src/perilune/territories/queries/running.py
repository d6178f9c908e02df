"""What the assignment rules of a plan would do to accounts as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.store import queries as store
from perilune.territories.contracts import (
    LAST_RANK,
    Arrival,
    Columns,
    Criterion,
    EditKind,
    Elsewhere,
    InForce,
    Loaded,
    Overridden,
    Placed,
    Rule,
    RuleBook,
    RulePreview,
    RuleSet,
    Why,
)
from perilune.territories.engine import place
from perilune.territories.models import DraftEdit
from perilune.territories.models.packing import unpack_one
from perilune.territories.queries.criteria import asked_fields, criteria_of, met
from perilune.territories.queries.forces import in_force
from perilune.territories.queries.loading import loaded, require_whole
from perilune.territories.queries.ruling import ABOVE, book_of

LAYERS_RULE = -LAST_RANK - 1
"""Priority of rules of territories above others: they bind, and take no account for themselves."""


@dataclass(frozen=True)
class Present:
    """Accounts as they are now, in one order: who they are, what rules ask for, who holds them."""

    ids: list[int]
    names: list[str]
    owners: list[int]
    columns: Columns
    held: Mapping[int, tuple[int, str]]
    """Account to the territory in force of the layer that it is in, and the origin of that."""


def rule_preview(draft_id: int, scope: Scope, actor: str) -> RulePreview:
    """Return what a plan's rules would do, as they stand; refused as `rule_book` is."""
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    return preview_of(found, book_of(found), scope)


def placed_by_plan(
    draft_id: int, ids: Sequence[str], columns: Columns, scope: Scope, actor: str
) -> Placed:
    """Return where the kept rules of a plan put accounts of a file, by name.

    Refused as `rule_book` is.
    columns: fields of the accounts, in their order. Invalid where the plan keeps no rule, and for a
    field that its rules ask for and the file does not have.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    book = book_of(found)
    made, numbers = rule_set(book)
    if not made.rules:
        raise Invalid(_("“%(plan)s” keeps no assignment rules that are on."), plan=found.head.name)
    return named(place(ids, columns, made), book, numbers)


def preview_of(found: Loaded, book: RuleBook, scope: Scope) -> RulePreview:
    """Return what rules would do to the accounts that a scope sees, of a plan that is loaded."""
    present = _present(found, book, scope)
    made, numbers = rule_set(book)
    placed = place([str(one) for one in present.ids], present.columns, made)
    standing = {one.id: one for one in in_force(company().today, Scope.company())}
    by_hand = _by_hand(found, present)
    places = dict(zip(found.accounts.ids.tolist(), found.territory.tolist(), strict=True))
    decided: Counter[int] = Counter()
    elsewhere, stay, beyond = [], [], []
    unmatched = known = 0
    for at, account in enumerate(present.ids):
        goal, rule = _goal(placed, at)
        if account in by_hand:
            why, where = by_hand[account]
            name = _name(book, standing, where)
            stay.append(Overridden(account, present.names[at], name, _called(book, goal), why))
            known += account in places
            continue
        if rule is not None:
            decided[numbers[rule]] += 1
        if account not in places:
            beyond.append(at)
            continue
        known += 1
        if not goal:
            unmatched += 1
        elif goal != str(places[account]):
            plan = _name(book, standing, str(places[account]))
            elsewhere.append(
                Elsewhere(account, present.names[at], plan, _called(book, goal),
                          numbers[rule if rule is not None else 0])
            )  # fmt: skip
    return RulePreview(
        decided=decided,
        accounts=known,
        unmatched=unmatched,
        ambiguous=sum(present.ids[at] not in by_hand for at in placed.ambiguous),
        arrivals=_arrivals(
            found,
            book,
            present,
            placed,
            numbers,
            standing,
            _arrived(found, present.ids, beyond, scope),
        ),
        elsewhere=tuple(elsewhere),
        by_hand=tuple(stay),
    )


def rule_set(book: RuleBook) -> tuple[RuleSet, list[int]]:
    """Return the rules that are on as the engine takes them, and the id of each."""
    on = [one for one in book.rules if one.is_on and not one.is_lost]
    rules = tuple(
        Rule(
            one.territory,
            one.criteria,
            LAYERS_RULE if one.territory.startswith(ABOVE) else -one.rank,
            one.is_inherited,
        )
        for one in on
    )
    return RuleSet(rules, book.parents, {}), [one.id for one in on]


def named(placed: Placed, book: RuleBook, numbers: Sequence[int]) -> Placed:
    """Return where kept rules put accounts by names: of the plan's territories, ids of the rules.

    numbers: ids of the rules as `rule_set` gives them. A territory above others takes no account.
    """
    goals = [_goal(placed, at) for at in range(len(placed.territory))]
    return Placed(
        tuple(book.choices.get(goal, "") for goal, _rule in goals),
        tuple(-1 if rule is None else numbers[rule] for _goal, rule in goals),
        {
            at: tuple(book.choices[key] for key in keys if not key.startswith(ABOVE))
            for at, keys in placed.ambiguous.items()
        },
    )


def _goal(placed: Placed, at: int) -> tuple[str, int | None]:
    """Return the territory of the plan and the rule; a territory above others takes no account."""
    goal = placed.territory[at]
    if not goal or goal.startswith(ABOVE):
        return "", None
    return goal, placed.rule[at]


def _present(found: Loaded, book: RuleBook, scope: Scope) -> Present:
    """Read the accounts of the plan's conditions that a scope sees, as they are now."""
    asked = [one for rule in book.rules for one in rule.criteria]
    now = company().today
    columns = _read(found, asked, scope, now)
    size = len(columns["id"])
    # a field that is not declared any more: nothing is known of it
    told: dict[str, Sequence[str]] = {
        one.field: ["" if value is None else str(value) for value in columns[one.field]]
        if one.field in columns else [""] * size
        for one in asked
    }  # fmt: skip
    members = store.run("territories.members_in_force", scope=scope, as_of=now).dicts()
    return Present(
        ids=[int(one) for one in columns["id"]],
        names=[str(one or "") for one in columns["name"]],
        owners=[int(one or 0) for one in columns["owner_id"]],
        columns=told,
        held={
            row["account_id"]: (row["territory_id"], row["origin"] or "")
            for row in members
            if row["layer"] == found.head.layer
        },
    )


def _read(
    found: Loaded, asked: Sequence[Criterion], scope: Scope, as_of: AsOf
) -> dict[str, Sequence[Any]]:
    """Return the accounts that meet the plan's conditions, that a scope sees, as of an instant.

    Columns: id, name, owner_id, and what is asked of them.
    """
    criteria = criteria_of(found.head.settings)
    fields = asked_fields([*asked, *criteria])
    names = ["id", "name", "owner_id", *(f"c_{name}" for name in fields)]
    shown = "".join(f', a."{name}" AS "c_{name}"' for name in fields)  # declared
    rows = store.run_sql(
        f"SELECT a.id, a.name, a.owner_id{shown} FROM account AS a ORDER BY a.id",
        {},
        scope=scope,
        as_of=as_of,
    ).rows
    columns = {name.removeprefix("c_"): [row[at] for row in rows] for at, name in enumerate(names)}
    kept = np.flatnonzero(met(criteria, columns, len(rows))).tolist()
    return {name: [values[at] for at in kept] for name, values in columns.items()}


def _arrived(found: Loaded, ids: Sequence[int], beyond: Sequence[int], scope: Scope) -> list[int]:
    """Return which accounts beyond the plan have arrived since.

    Those that were there at its instant were left out of it: a manager's plan is of their reps.
    """
    if not beyond:
        return []
    there = {int(one) for one in _read(found, (), scope, found.head.as_of)["id"]}
    return [at for at in beyond if ids[at] not in there]


def _by_hand(found: Loaded, present: Present) -> dict[int, tuple[Why, str]]:
    """Return the accounts that somebody placed: why, and the key of their territory.

    Moved in the plan since its last design, locked in it, or placed by hand in a record since.
    """
    keys = {row.record_id: str(row.number) for row in found.rows if row.record_id is not None}
    ids, places = found.accounts.ids, found.territory
    made = {
        int(ids[unit]): (Why.LOCKED, str(places[unit]))
        for unit in np.flatnonzero(found.locked).tolist()
    } | {
        int(ids[unit]): (Why.MOVED, str(places[unit]))
        for unit in moved_by_hand(found)
    }  # fmt: skip
    for account, (record, origin) in present.held.items():
        if origin == "manual":
            made[account] = (Why.RECORD, keys.get(record, f"{ABOVE}{record}"))
    return made


def moved_by_hand(found: Loaded) -> list[int]:
    """Return the numbers of the accounts that were moved by hand since the plan's last design."""
    edits = DraftEdit.objects.filter(draft_id=found.head.id, is_undone=False)
    designed = edits.filter(kind=EditKind.DESIGN.value).order_by("-number")
    since = designed.values_list("number", flat=True).first() or 0
    moves = edits.filter(kind=EditKind.MOVE.value, number__gt=since, units__isnull=False)
    units: set[int] = set()
    for blob in moves.values_list("units", flat=True):
        units |= set(unpack_one(blob).tolist()) if blob else set()
    return sorted(units)


def _called(book: RuleBook, key: str) -> str:
    return book.choices.get(key, "")


def _name(book: RuleBook, standing: Mapping[int, InForce], key: str) -> str:
    """Return a territory's name: of the plan, above it, or another one in force."""
    if key.startswith(ABOVE) and key not in book.choices:
        record = standing.get(int(key.removeprefix(ABOVE)))
        return record.name if record else ""
    return _called(book, key)


def _arrivals(  # noqa: PLR0917  # one table out of what was read
    found: Loaded,
    book: RuleBook,
    present: Present,
    placed: Placed,
    numbers: Sequence[int],
    standing: Mapping[int, InForce],
    arrived: Sequence[int],
) -> tuple[Arrival, ...]:
    reps = reps_as_of(company().today)
    seats = _seats(found, standing)
    made = []
    for at in arrived:
        goal, rule = _goal(placed, at)
        rep = seats.get(goal)
        held = standing.get(present.held.get(present.ids[at], (0, ""))[0])
        made.append(
            Arrival(
                id=present.ids[at],
                name=present.names[at],
                territory=goal,
                goal=_called(book, goal),
                rule=None if rule is None else numbers[rule],
                several=tuple(_called(book, key) for key in placed.ambiguous.get(at, ())),
                now=held.name if held else "",
                owner_id=present.owners[at],
                owner=_rep(reps, present.owners[at]),
                rep_id=rep,
                rep=_rep(reps, rep or 0),
            )
        )
    return tuple(made)


def _seats(found: Loaded, standing: Mapping[int, InForce]) -> dict[str, int | None]:
    """Return who sits in each territory: in force, the seat's rep, else the plan's."""
    role = "overlay" if found.head.layer else "owner"
    made: dict[str, int | None] = {}
    for row in found.rows:
        record = standing.get(row.record_id or 0)
        if record is None:
            made[str(row.number)] = row.rep_id
            continue
        seated = [rep for rep, _name, theirs in record.reps if theirs == role]
        made[str(row.number)] = seated[0] if seated else None
    return made


def _rep(reps: Mapping[int, Mapping[str, Any]], rep: int) -> str:
    return str(reps[rep]["name"] or "") if rep in reps else ""
