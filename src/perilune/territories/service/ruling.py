"""The assignment rules of a plan: made from it, written by hand, switched, taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import (
    LAST_RANK,
    MOST_RULES,
    Criterion,
    DraftState,
    KeptRule,
    Loaded,
    RuleBook,
    RuleVerb,
)
from perilune.territories.engine import rules_by_fields
from perilune.territories.models import Draft, RuleEdition
from perilune.territories.queries.constraints import texts
from perilune.territories.queries.criteria import rule_fields, sound
from perilune.territories.queries.loading import MISSING, loaded_of, require_whole
from perilune.territories.queries.ruling import ABOVE, book_of
from perilune.territories.queries.running import moved_by_hand
from perilune.territories.service.writing import wrong_state

MADE_RANK = 10
"""Of rules made from a plan: there is room before them for those written by hand."""


@dataclass
class Ruling:
    """A plan's rules that are held for a change."""

    row: Draft
    found: Loaded
    book: RuleBook
    actor: str

    def put(self, verb: RuleVerb, rules: Sequence[KeptRule]) -> None:
        """Write the rules as a new edition; Invalid where they are too many."""
        if len(rules) > MOST_RULES:
            message = _("These would be %(count)s rules; a plan takes at most %(most)s.")
            raise Invalid(message, count=len(rules), most=MOST_RULES)
        self.write(verb, [_plain(one) for one in rules], self.book.edition, self.row.edition)

    def write(
        self, verb: RuleVerb, rules: list[Any], before: int | None, plan_edition: int
    ) -> None:
        """Write an edition as it is."""
        RuleEdition.objects.create(
            draft=self.row,
            number=self.book.edition + 1,
            before=before,
            verb=verb.value,
            actor=self.actor,
            at=datetime.now(UTC),
            plan_edition=plan_edition,
            rules=rules,
        )

    def rule(self, rule_id: int) -> KeptRule:
        """Return one of the rules; NotFound otherwise."""
        kept = next((one for one in self.book.rules if one.id == rule_id), None)
        if kept is None:
            raise NotFound(_("There is no such rule in this plan."))
        return kept


@contextmanager
def ruling(draft_id: int, edition: int, *, actor: str, scope: Scope) -> Iterator[Ruling]:
    """Hold the rules of a plan for a change.

    NotFound or Refused where not all of the plan is the person's, Conflict when the rules are no
    longer the edition that the change was made on, Invalid for a plan that is archived.
    """
    with transaction.atomic():
        # the plan is held until all is written: two changes never take the same edition
        row = Draft.objects.select_for_update().filter(id=draft_id).first()
        if row is None:
            raise NotFound(MISSING)
        found = loaded_of(row)
        require_whole(found, scope, actor)
        if found.head.state is DraftState.ARCHIVED:
            raise wrong_state(found)
        book = book_of(found)
        if book.edition != edition:
            raise Conflict(
                _("%(by)s changed these rules meanwhile: look at them and make your change again."),
                by=book.actor, edition=book.edition,
            )  # fmt: skip
        yield Ruling(row, found, book, actor)


def make_rules(
    draft_id: int,
    edition: int,
    fields: Sequence[str],
    code: str = "",
    *,
    actor: str,
    scope: Scope,
) -> int:
    """Make rules from where a plan puts its accounts; return how many.

    fields: asked for as a whole, in this order; code: asked for last, by its beginnings. They take
    the place of rules that were made before; those written by hand stay. What was moved or locked
    by hand says nothing. Invalid where these fields tell no territory apart.
    """
    with ruling(draft_id, edition, actor=actor, scope=scope) as held:
        asked = _known_fields([*fields, *([code] if code else [])])
        found = held.found
        told = found.territory.copy()
        told[moved_by_hand(found)] = -1
        told[found.locked] = -1
        names = ["" if number < 0 else str(number) for number in told.tolist()]
        made = rules_by_fields(names, {name: texts(found, name) for name in asked}, fields, code)
        if not made:
            raise Invalid(_("These fields tell no territory of the plan apart: choose others."))
        kept = [one for one in held.book.rules if not one.is_made]
        first = 1 + max((one.id for one in kept), default=0)
        fresh = [
            KeptRule(first + at, one.territory, held.book.choices[one.territory], one.criteria,
                     MADE_RANK, is_made=True)
            for at, one in enumerate(made)
        ]  # fmt: skip
        held.put(RuleVerb.MADE, [*kept, *fresh])
    return len(made)


def put_rule(  # noqa: PLR0913  # a rule and who writes it
    draft_id: int,
    edition: int,
    territory: str,
    criteria: Sequence[Criterion],
    *,
    actor: str,
    scope: Scope,
    rule_id: int | None = None,
    rank: int = 1,
    is_inherited: bool = False,
) -> int:
    """Write a rule, or change one (rule_id); return its id.

    territory: a key of `RuleBook.choices`. A rule that is changed is its author's from then on:
    making rules anew leaves it. Invalid, naming what is wrong, for a rule that cannot be.
    """
    with ruling(draft_id, edition, actor=actor, scope=scope) as held:
        before = None if rule_id is None else held.rule(rule_id)
        if territory not in held.book.choices:
            raise Invalid(_("Choose a territory of the plan."))
        if not 1 <= rank <= LAST_RANK:
            raise Invalid(_("The priority lies between 1 and %(most)s."), most=LAST_RANK)
        fresh = KeptRule(
            id=before.id if before else 1 + max((one.id for one in held.book.rules), default=0),
            territory=territory,
            name=held.book.choices[territory],
            criteria=_asking(criteria),
            rank=rank,
            # one above others takes no account for itself: its rules bind those below
            is_inherited=is_inherited or territory.startswith(ABOVE),
            is_on=before.is_on if before else True,
        )
        others = [one for one in held.book.rules if one.id != fresh.id]
        held.put(RuleVerb.CHANGED if before else RuleVerb.ADDED, [*others, fresh])
    return fresh.id


def switch_rule(
    draft_id: int, edition: int, rule_id: int, is_on: bool, *, actor: str, scope: Scope
) -> None:
    """Let a rule decide, or not, without losing it."""
    with ruling(draft_id, edition, actor=actor, scope=scope) as held:
        kept = replace(held.rule(rule_id), is_on=is_on)
        held.put(RuleVerb.SWITCHED, [kept if one.id == rule_id else one for one in held.book.rules])


def remove_rule(draft_id: int, edition: int, rule_id: int, *, actor: str, scope: Scope) -> None:
    """Remove a rule; it can be taken back."""
    with ruling(draft_id, edition, actor=actor, scope=scope) as held:
        gone = held.rule(rule_id)
        held.put(RuleVerb.REMOVED, [one for one in held.book.rules if one.id != gone.id])


def undo_rules(draft_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Take the latest change of the rules back that stands; Invalid when there is none."""
    with ruling(draft_id, edition, actor=actor, scope=scope) as held:
        editions = RuleEdition.objects.filter(draft=held.row)
        last = editions.order_by("-number").first()
        if last is None or last.before is None:
            raise Invalid(_("There is nothing to take back."))
        goal = editions.filter(number=last.before).first()
        held.write(
            RuleVerb.UNDONE,
            goal.rules if goal else [],
            goal.before if goal else None,
            goal.plan_edition if goal else held.row.edition,
        )


def _plain(rule: KeptRule) -> dict[str, Any]:
    told = asdict(rule)
    told.pop("is_lost")
    return told


def _known_fields(names: Sequence[str]) -> list[str]:
    if not names:
        raise Invalid(_("Choose a field that tells accounts apart."))
    known = {one.name for one in rule_fields()}
    for name in names:
        if name not in known:
            raise Invalid(_("Accounts cannot be chosen by “%(name)s”."), name=name)
    if len(set(names)) < len(names):
        raise Invalid(_("The same field is asked for twice."))
    return list(names)


def _asking(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    if not criteria:
        raise Invalid(_("A rule asks for at least one field."))
    return sound(criteria)
