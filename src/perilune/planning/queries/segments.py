"""Versions of the segmentation, what a version would do, and what each segment is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from perilune.history.queries import set_info
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import assignments_as_of, company, reps_as_of
from perilune.planning.contracts import (
    Evidence,
    GoToMarket,
    RuleSet,
    Segmentation,
    SegmentFlow,
    SegmentPreview,
    SegmentRun,
    SegmentState,
    Staffing,
)
from perilune.planning.contracts.tables import Ids
from perilune.planning.engine import segment_rules
from perilune.planning.engine.segmenting import evidence
from perilune.planning.models import Segmentation as SegmentationRow
from perilune.planning.models import SegmentationRun
from perilune.planning.queries.potential import Potentials, potentials
from perilune.planning.queries.segment_fields import AccountTable, account_table, closed_deals
from perilune.store import service as store

MISSING_SEGMENTATION = _("There is no such version of the segmentation.")


@dataclass(frozen=True)
class SegmentFigures:
    """What is known of a segment. Money: minor units.

    booked: of the twelve months before the as-of; share: of all bookings. potential: of the
    accounts of which it is known, None where of none is; unknown: accounts of which it is not.
    headroom: potential less bookings, never below zero for an account. worked: accounts with an
    open deal, or an activity within twelve months.
    """

    evidence: Evidence
    booked: int
    share: float | None
    pipeline: int
    potential: int | None
    headroom: int | None
    unknown: int
    worked: int

    @property
    def name(self) -> str:
        """Return the segment, empty for accounts without one."""
        return self.evidence.segment

    @property
    def coverage(self) -> float | None:
        """Return the share of its accounts that are worked."""
        accounts = self.evidence.accounts
        return self.worked / accounts if accounts else None


@dataclass(frozen=True)
class SegmentsSeen:
    """Figures by segment, the last one of accounts without any, and how each is staffed."""

    figures: tuple[SegmentFigures, ...]
    staffing: tuple[Staffing, ...]
    accounts: int
    without_rate: int

    @property
    def unsegmented(self) -> int:
        """Return how many accounts have no segment."""
        return sum(one.evidence.accounts for one in self.figures if not one.name)


_seen: Kept[SegmentsSeen] = Kept(12)


# -- versions --------------------------------------------------------------------------------------


def segmentations() -> list[Segmentation]:
    """Return every version, the latest first."""
    runs = _runs()
    standing = [run for run in runs if run.is_standing]
    force = max(standing, key=lambda run: run.id).segmentation if standing else None
    latest = {run.segmentation: run for run in reversed(runs) if run.is_standing}
    return [
        segmentation_of(row, latest.get(row.pk), is_in_force=row.pk == force)
        for row in SegmentationRow.objects.order_by("-number")
    ]


def segmentation(segmentation_id: int) -> Segmentation:
    """Return a version; NotFound where there is none such."""
    found = next((one for one in segmentations() if one.id == segmentation_id), None)
    if found is None:
        raise NotFound(MISSING_SEGMENTATION)
    return found


def segmentation_in_force() -> Segmentation | None:
    """Return the version that was applied last and not taken back."""
    return next((one for one in segmentations() if one.is_in_force), None)


def segment_runs(segmentation_id: int) -> list[SegmentRun]:
    """Return when a version was applied, the latest first."""
    return [run for run in _runs() if run.segmentation == segmentation_id]


def segmentation_of(
    row: SegmentationRow, run: SegmentRun | None = None, *, is_in_force: bool = False
) -> Segmentation:
    """Return a version from its row."""
    return Segmentation(
        id=row.pk,
        number=row.number,
        name=row.name,
        state=SegmentState(row.state),
        author=row.author,
        edition=row.edition,
        made_at=row.made_at,
        rules=segment_rules.rules_of(row.document, row.number),
        markets=segment_rules.markets_of(row.document),
        based_on=row.based_on_id,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        checked_by=row.checked_by,
        checked_at=row.checked_at,
        is_self_approved=row.is_self_approved,
        reason=row.reason,
        run=run,
        is_in_force=is_in_force,
    )


def require_all_accounts(scope: Scope) -> None:
    """Refuse to whoever does not see every account what concerns all of them."""
    if scope.owners is not None or scope.aggregates_only:
        raise Refused(_("Segments are the whole company's: ask sales operations."))


def _runs() -> list[SegmentRun]:
    found = []
    for row in SegmentationRun.objects.order_by("-id"):
        written = set_info(row.change_set_id)
        found.append(
            SegmentRun(
                row.pk, row.segmentation_id, row.actor, row.at, row.day, row.changed,
                row.unsegmented, row.change_set_id,
                is_standing=written is not None and written.retracted_at is None,
            )
        )  # fmt: skip
    return found


# -- what a version would do -----------------------------------------------------------------------


def segment_preview(found: Segmentation, scope: Scope, at: AsOf) -> SegmentPreview:
    """Return what applying a version would do to the accounts that a scope sees."""
    table, after = placed_accounts(found.rules, scope, at)
    return segment_rules.shifts(table.segment.tolist(), after, table.pipeline, table.booked)


def placed_accounts(rules: RuleSet, scope: Scope, at: AsOf) -> tuple[AccountTable, list[str]]:
    """Return the accounts and the segment that rules give each, empty where none fits."""
    table = account_table(scope, at, segment_rules.fields_of(rules))
    names, places = _places(table, rules)
    return table, [names[place] if place >= 0 else "" for place in places.tolist()]


def _places(table: AccountTable, rules: RuleSet) -> tuple[list[str], Ids]:
    if not rules.rules or not len(table.ids):
        names = list(dict.fromkeys(rule.segment for rule in rules.rules))
        return names, np.full(len(table.ids), -1, np.int64)
    # a rule without a condition takes whatever is left: its length comes from the ids
    return segment_rules.placed({"": table.ids, **table.columns}, rules)


# -- what segments are worth -----------------------------------------------------------------------


def segments_recorded(scope: Scope, at: AsOf) -> SegmentsSeen:
    """Return the segments as accounts have them now, the largest first; one without at the end."""
    found = segmentation_in_force()
    markets = {one.segment: one for one in found.markets} if found else {}
    stamp = store.stamp()
    key = (stamp, scope.digest(), at.at, tuple(markets.values()), "recorded", company().currency)

    def compute() -> SegmentsSeen:
        table = account_table(scope, at)
        count = Counter(table.segment.tolist())
        known = found.segments if found else ()
        names = [name for name in known if name in count]
        names += sorted((n for n in count if n and n not in names), key=lambda n: (-count[n], n))
        number = {name: place for place, name in enumerate(names)}
        places = np.array([number.get(name, -1) for name in table.segment.tolist()], np.int64)
        return _figures(table, (names, places), markets, scope, at)

    return _seen.get(key, compute)


def segments_of(found: Segmentation, scope: Scope, at: AsOf) -> SegmentsSeen:
    """Return the segments as the rules of a version would make them."""
    stamp = store.stamp()
    key = (stamp, scope.digest(), at.at, found.rules, found.markets, company().currency)

    def compute() -> SegmentsSeen:
        table = account_table(scope, at, segment_rules.fields_of(found.rules))
        names, places = _places(table, found.rules)
        markets = {one.segment: one for one in found.markets}
        return _figures(table, (names, places), markets, scope, at)

    return _seen.get(key, compute)


def _figures(
    table: AccountTable,
    placed: tuple[Sequence[str], Ids],
    markets: Mapping[str, GoToMarket],
    scope: Scope,
    at: AsOf,
) -> SegmentsSeen:
    names, places = placed
    deals = closed_deals(table, scope, at)
    worth = potentials(scope, at)
    whole = float(table.booked.sum())
    all_names, all_places = [*names], places
    if (places < 0).any():
        all_names, all_places = [*names, ""], np.where(places < 0, len(names), places)
    figures = [
        _figure(told, table, all_places == place, worth, whole)
        for place, told in enumerate(evidence(all_places, all_names, deals))
    ]
    return SegmentsSeen(
        tuple(figures),
        segment_rules.staffing(names, places, table.owner, markets, fte_today(at)),
        len(table.ids),
        table.without_rate,
    )


def _figure(
    told: Evidence, table: AccountTable, mine: np.ndarray, worth: Potentials, whole: float
) -> SegmentFigures:
    booked = float(table.booked[mine].sum())
    minor, room = worth.of(table.ids[mine]), worth.headroom_of(table.ids[mine])
    known = np.isfinite(minor)
    return SegmentFigures(
        evidence=told,
        booked=round(booked),
        share=booked / whole if whole > 0 else None,
        pipeline=round(float(table.pipeline[mine].sum())),
        potential=round(float(minor[known].sum())) if known.any() else None,
        headroom=round(float(room[known].sum())) if known.any() else None,
        unknown=int((~known).sum()),
        worked=int(table.worked[mine].sum()),
    )


def fte_today(at: AsOf) -> dict[str, dict[int, float]]:
    """Return the FTE of each rep by selling role on the day, of those who are there."""
    found: dict[str, dict[int, float]] = {}
    reps = reps_as_of(at)
    for held in assignments_as_of(at):
        if not _covers(held.since, held.until, at.day) or held.rep_id not in reps:
            continue
        hired, left = (reps[held.rep_id][name] for name in ("hire_date", "leave_date"))
        if _covers(hired, left, at.day):
            of_role = found.setdefault(held.role, {})
            of_role[held.rep_id] = min(of_role.get(held.rep_id, 0.0) + held.fte, 1.0)
    return found


def _covers(since: date | None, until: date | None, day: date) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


# -- moves over time -------------------------------------------------------------------------------


def segment_flow(scope: Scope, since: AsOf, at: AsOf) -> SegmentFlow:
    """Return how accounts moved between segments from one instant to another, as recorded."""
    before, after = (
        dict(zip(table.ids.tolist(), table.segment.tolist(), strict=True))
        for table in (account_table(scope, since), account_table(scope, at))
    )
    both = Counter((before[id_], name) for id_, name in after.items() if id_ in before)
    moved = sorted(both.items(), key=lambda pair: (-pair[1], pair[0]))
    return SegmentFlow(
        since.day,
        at.day,
        tuple((*pair, count) for pair, count in moved),
        dict(Counter(name for id_, name in after.items() if id_ not in before)),
        dict(Counter(name for id_, name in before.items() if id_ not in after)),
    )
