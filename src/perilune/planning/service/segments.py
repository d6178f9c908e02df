"""Make and change versions of the segmentation: rules, bands, go-to-market."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from django.db import transaction
from django.db.models import Max

from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import (
    LONGEST_SEGMENT,
    MOST_CONDITIONS,
    MOST_RULES,
    MOST_VALUES,
    Channel,
    Condition,
    GoToMarket,
    Op,
    RuleSet,
    SegmentRule,
)
from perilune.planning.engine.segment_rules import document_of
from perilune.planning.engine.segmenting import bands
from perilune.planning.models import PotentialField
from perilune.planning.models import Segmentation as SegmentationRow
from perilune.planning.queries.potential import potential_fields
from perilune.planning.queries.segment_fields import segment_field
from perilune.planning.queries.segments import require_all_accounts, segmentation
from perilune.planning.service.segment_writing import changing_segments, segmentation_name


def create_segmentation(name: str, *, actor: str, scope: Scope, based_on: int | None = None) -> int:
    """Make a new version, empty or from another one; return its id."""
    require_all_accounts(scope)
    given = segmentation(based_on) if based_on is not None else None
    rules = given.rules if given else RuleSet(0, ())
    with transaction.atomic():
        top = SegmentationRow.objects.aggregate(top=Max("number"))["top"] or 0
        row = SegmentationRow.objects.create(
            number=top + 1,
            name=segmentation_name(name),
            author=actor,
            document=document_of(rules, given.markets if given else ()),
            based_on_id=based_on,
            made_at=datetime.now(UTC),
        )
    return int(row.pk)


def rename_segmentation(
    segmentation_id: int, edition: int, name: str, *, actor: str, scope: Scope
) -> None:
    """Give a version another name."""
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        held.row.name = segmentation_name(name)


def put_rule(
    segmentation_id: int,
    edition: int,
    rule: SegmentRule,
    *,
    actor: str,
    scope: Scope,
    place: int | None = None,
) -> None:
    """Add a rule at the end, or put it in the place of another (0 for the first).

    Invalid, naming what, for a field that accounts do not have, a comparison that the field does
    not take, or a band without room.
    """
    checked = _checked(rule)
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        rules = list(held.found.rules.rules)
        if place is None:
            rules.append(checked)
        else:
            _require_place(place, rules)
            rules[place] = checked
        held.put(_ruleset(held.found.rules, rules))


def put_bands(
    segmentation_id: int,
    edition: int,
    field: str,
    edges: Sequence[float],
    names: Sequence[str],
    *,
    actor: str,
    scope: Scope,
) -> None:
    """Add rules that cut a number into bands: one name more than edges, which rise."""
    if not segment_field(field).is_number:
        raise _wrong("edges", _("Only a number can be cut into bands."))
    if not edges or any(high <= low for low, high in pairwise(edges)):
        raise _wrong("edges", _("Edges rise, each above the one before."))
    if len(names) != len(edges) + 1:
        raise _wrong("names", _("There is one name more than edges."))
    made = [_checked(rule) for rule in bands(field, edges, names).rules]
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        held.put(_ruleset(held.found.rules, [*held.found.rules.rules, *made]))


def take_over(
    segmentation_id: int, edition: int, rules: RuleSet, *, actor: str, scope: Scope
) -> None:
    """Put suggested rules in the place of all rules of a version."""
    made = [_checked(rule) for rule in rules.rules]
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        held.put(_ruleset(held.found.rules, made))


def move_rule(
    segmentation_id: int, edition: int, place: int, by: int, *, actor: str, scope: Scope
) -> None:
    """Move a rule up (-1) or down (1): the first that fits wins."""
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        rules = list(held.found.rules.rules)
        _require_place(place, rules)
        rules.insert(max(min(place + by, len(rules) - 1), 0), rules.pop(place))
        held.put(_ruleset(held.found.rules, rules))


def remove_rule(
    segmentation_id: int, edition: int, place: int, *, actor: str, scope: Scope
) -> None:
    """Take a rule out."""
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        rules = list(held.found.rules.rules)
        _require_place(place, rules)
        del rules[place]
        held.put(_ruleset(held.found.rules, rules))


def put_markets(
    segmentation_id: int,
    edition: int,
    markets: Sequence[GoToMarket],
    *,
    actor: str,
    scope: Scope,
) -> None:
    """Say how each segment is sold to. Invalid for a ratio that is not above zero."""
    for one in markets:
        ratio = one.accounts_per_rep
        if ratio is not None and not (math.isfinite(ratio) and 0 < ratio <= 1_000_000):
            raise Invalid(
                _("Accounts per rep of “%(segment)s”: a number above zero."), segment=one.segment
            )
    with changing_segments(segmentation_id, edition, actor=actor, scope=scope) as held:
        own = set(held.found.segments)
        kept = [
            replace(one, accounts_per_rep=None) if one.channel is Channel.SELF_SERVICE else one
            for one in markets
            if one.segment in own
        ]
        held.put(held.found.rules, kept)


def choose_potential(field: str, *, actor: str, scope: Scope) -> None:
    """Say which field of accounts is their potential; empty for none, all are estimated then."""
    require_all_accounts(scope)
    if field and field not in {one.name for one in potential_fields()}:
        raise Invalid(_("Accounts have no amount “%(name)s”."), name=field)
    PotentialField.objects.create(field=field, actor=actor, at=datetime.now(UTC))


# -- checks ----------------------------------------------------------------------------------------


def _ruleset(before: RuleSet, rules: Sequence[SegmentRule]) -> RuleSet:
    if len(rules) > MOST_RULES:
        raise Invalid(_("A segmentation has %(most)s rules at most."), most=MOST_RULES)
    return replace(before, rules=tuple(rules))


def _require_place(place: int, rules: Sequence[SegmentRule]) -> None:
    if not 0 <= place < len(rules):
        raise NotFound(_("There is no such rule."))


def _checked(rule: SegmentRule) -> SegmentRule:
    name = " ".join(rule.segment.split())
    if not name or len(name) > LONGEST_SEGMENT:
        text = _("A segment's name has between 1 and %(most)s characters.")
        raise _wrong("segment", text, most=LONGEST_SEGMENT)
    if len(rule.conditions) > MOST_CONDITIONS:
        raise _wrong("segment", _("A rule has %(most)s conditions at most."), most=MOST_CONDITIONS)
    lows: dict[str, float] = {}
    highs: dict[str, float] = {}
    for one in rule.conditions:
        _check(one)
        if one.op is Op.AT_LEAST:
            lows[one.field] = max(lows.get(one.field, -math.inf), one.value)
        elif one.op is Op.BELOW:
            highs[one.field] = min(highs.get(one.field, math.inf), one.value)
    for field, high in highs.items():
        if lows.get(field, -math.inf) >= high:
            raise _wrong("segment", _("No account fits: the band ends where it begins."))
    return replace(rule, segment=name)


def _check(one: Condition) -> None:
    field = segment_field(one.field)
    if one.op is Op.IS_UNKNOWN:
        return
    if one.op is Op.IN:
        if field.is_number:
            raise _wrong("segment", _("A number is compared with “at least” or “below”."))
        if not one.value or len(one.value) > MOST_VALUES:
            text = _("Say between 1 and %(most)s values.")
            raise _wrong("segment", text, most=MOST_VALUES)
        return
    if not field.is_number:
        raise _wrong("segment", _("A text is compared with “is one of”."))
    if not isinstance(one.value, int | float) or not math.isfinite(one.value):
        raise _wrong("segment", _("An edge is a number."))


def _wrong(field: str, message: str, **params: object) -> Invalid:
    return Invalid(message, (Problem(message, params, field=field),), **params)
