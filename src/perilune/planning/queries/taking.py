"""Scenarios beside annual plans: what of one the other has, what differs, what a plan cannot hold.

People events show to the plan's circle alone (rule 24); a scenario to whoever it was shared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perilune.kernel.errors import Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    Assumption,
    Content,
    Hire,
    LoadedPlan,
    Place,
    PlanState,
    Quota,
    Ramp,
    Scenario,
    ScenarioHead,
    UnitRow,
)
from perilune.planning.contracts.edits import Edit
from perilune.planning.contracts.taking import TakenEdit, Taking, Verdict
from perilune.planning.engine.pairing import Pair, paired, renamed, with_ramps
from perilune.planning.models import Plan
from perilune.planning.queries.choices import Choices, choices
from perilune.planning.queries.plan_events import unsound
from perilune.planning.queries.plans import loaded_plan, loaded_plan_of, require_whole_plan
from perilune.planning.queries.scenarios import heads, scenario
from perilune.planning.queries.seats import SELLER
from perilune.planning.queries.sheet_values import months_in

NO_PLACE: dict[str, str] = {
    "move": _("A plan moves no accounts: territories do."),
    "price": _("A plan has amounts, and no prices that change."),
    "shock": _("A plan has amounts, and no market that changes."),
    "index": _("A plan has amounts, and no market that changes."),
}
"""English msgids: why a plan cannot hold such an edit."""


def take_preview(plan_id: int, scenario_id: int, *, actor: str, scope: Scope) -> Taking:
    """Return a scenario beside a plan: what would come, what is there, what a plan cannot hold.

    NotFound for a plan or scenario that is not the actor's to see, Refused outside the plan's
    circle (rule 24) and to whoever does not see its whole.
    """
    found = plan_of_circle(plan_id, actor, scope)
    return taking(found, scenario(scenario_id, None, actor), scope)


def plan_ties(found: LoadedPlan, *, actor: str, scope: Scope) -> tuple[list[Taking], int]:
    """Return the scenarios that a plan's events came from or went to, and how many are not shown.

    Those that were not shared with the actor are counted, not named. Nothing outside the circle.
    """
    if not found.head.is_of_circle(actor):
        return [], 0
    seen = {head.id: head for head in heads(actor)}
    from_ = {item.source[0] for item in found.content.people if item.source is not None}
    opened = {id_ for id_, head in seen.items() if head.plan_id == found.head.id}
    shown = [
        taking(found, scenario(id_, None, actor), scope)
        for id_ in sorted((from_ | opened) & seen.keys())
    ]
    return shown, len(from_ - seen.keys())


def scenario_ties(found: Scenario, *, actor: str, scope: Scope) -> list[Taking]:
    """Return the plans that a scenario was opened from or taken into, as far as they are theirs."""
    if scope.owners is not None or scope.aggregates_only:
        return []
    head, shown = found.head, []
    for row in Plan.objects.exclude(state=PlanState.ARCHIVED).order_by("-year", "-id"):
        if row.pk != head.plan_id and head.id not in row.settings.get("scenarios", ()):
            continue
        plan = loaded_plan_of(row)
        is_tied = row.pk == head.plan_id or any(
            item.source is not None and item.source[0] == head.id for item in plan.content.people
        )
        if is_tied and plan.head.is_of_circle(actor):
            shown.append(taking(plan, found, scope))
    return shown


def scenario_named(name: str, actor: str) -> ScenarioHead:
    """Return a scenario of theirs or shared with them by its name or number; NotFound if none."""
    for head in heads(actor):
        if name in (head.name, str(head.id)):
            return head
    raise NotFound(_("There is no such scenario, or it was not shared with you."))


def taking(plan: LoadedPlan, found: Scenario, scope: Scope) -> Taking:
    """Return a scenario beside a plan; the gate is the caller's affair."""
    pairs, links = pairs_of(plan, found)
    by_edit = {pair.other.id: pair for pair in pairs if pair.other is not None}
    _folded, ramps = with_ramps(found.assumptions)
    told = _Told(plan, choices(scope, company().today), by_edit, links)
    lines = [told.line(item, item.id in ramps) for item in found.assumptions]
    standing = {item.id for item in found.assumptions}
    left = {number for edit, number in links.items() if edit not in standing}
    for pair in pairs:
        if pair.other is None and pair.line is not None and pair.line.id in left:
            line = pair.line
            lines.append(TakenEdit(-line.id, Verdict.GONE, line.edit, line.edit, line.id, line))
    return Taking(
        plan.head, found, tuple(lines),
        is_opened=found.head.plan_id == plan.head.id,
        added=tuple(
            pair.line for pair in pairs
            if pair.other is None and pair.line is not None and pair.line.id not in left
        ),
    )  # fmt: skip


class _Told:
    """Says of one edit after the other what becomes of it, beside those before it."""

    def __init__(
        self,
        plan: LoadedPlan,
        offered: Choices,
        pairs: Mapping[int, Pair],
        links: Mapping[int, int],
    ) -> None:
        self.head, self.content = plan.head, plan.content
        self.offered, self.pairs, self.links = offered, pairs, links
        self.numbers = {
            -pair.other.id: -pair.number
            for pair in pairs.values()
            if pair.other is not None and isinstance(pair.other.edit, Hire)
        }

    def line(self, item: Assumption, is_within: bool) -> TakenEdit:
        """Return an edit beside the plan."""
        if item.id in self.pairs:
            return self._event(item, self.pairs[item.id])
        if isinstance(item.edit, Quota):
            return self._quota(item, item.edit)
        if isinstance(item.edit, Ramp) and is_within:
            return TakenEdit(item.id, Verdict.WITHIN, item.edit, item.edit)
        text = NO_PLACE.get(item.edit.TYPE) or _("No hire of this scenario follows this ramp.")
        return _refused(item, item.edit, Problem(text, {}))

    def _event(self, item: Assumption, pair: Pair) -> TakenEdit:
        assert pair.edit is not None
        if pair.is_same:
            return TakenEdit(item.id, Verdict.SAME, item.edit, pair.edit, pair.number, pair.line)
        rest = tuple(each for each in self.content.people if each.id != pair.number)
        wrong = unsound(pair.edit, replace(self.content, people=rest), self.offered)
        if wrong:
            return _refused(item, pair.edit, wrong[0])
        # what follows is judged beside it; a hire has a row of its own once it is taken
        units = dict(self.content.units)
        if isinstance(pair.edit, Hire) and pair.edit.role == SELLER:
            units.setdefault(f"rep:{-pair.number}", UnitRow(f"rep:{-pair.number}"))
        people = (*rest, Assumption(pair.number, pair.edit))
        self.content = replace(self.content, people=people, units=units)
        if pair.line is not None:
            return TakenEdit(item.id, Verdict.CHANGED, item.edit, pair.edit, pair.number, pair.line)
        return TakenEdit(item.id, Verdict.NEW, item.edit, pair.edit, pair.number,
                         was_there=item.id in self.links)  # fmt: skip

    def _quota(self, item: Assumption, edit: Quota) -> TakenEdit:
        said = renamed(edit, self.numbers)
        assert isinstance(said, Quota)
        try:
            places = quota_places(self.content, said, self.head.year)
        except Invalid as error:
            return _refused(item, said, Problem(error.message, error.params))
        if said.currency != self.head.currency:
            text = _("The plan is in %(own)s, this quota in %(other)s.")
            params = {"own": self.head.currency, "other": said.currency}
            return _refused(item, said, Problem(text, params))
        known = [self.content.amount(*place) for place in places]
        has = [minor for minor in known if minor is not None]
        standing = sum(has) if has else None
        if standing == said.amount:
            verdict = Verdict.SAME
        else:
            verdict = Verdict.NEW if standing is None else Verdict.CHANGED
        return TakenEdit(item.id, verdict, edit, said, standing=standing)


def _refused(item: Assumption, planned: Edit, problem: Problem) -> TakenEdit:
    return TakenEdit(item.id, Verdict.REFUSED, item.edit, planned, problem=problem)


def quota_places(content: Content, edit: Quota, year: int) -> list[Place]:
    """Return the months of a quota in a plan; Invalid for another year, or whom it does not have.

    A rep carries street quotas; of a team or the company the operating target is meant.
    """
    row = content.units.get(edit.unit)
    if row is None:
        raise Invalid(_("The plan has no row for whom this quota is of."))
    months = months_in(edit.period, company().calendar, year)
    return [Place(row.level, edit.unit, month) for month in months]


def pairs_of(plan: LoadedPlan, found: Scenario) -> tuple[list[Pair], dict[int, int]]:
    """Return the events of both as pairs, and the links: id of an edit to a number in the plan."""
    links: dict[int, int] = {}
    if found.head.plan_id == plan.head.id:
        links |= dict(found.head.plan_lines)
    for item in plan.content.people:
        if item.source is not None and item.source[0] == found.head.id:
            links[item.source[1]] = item.id
    listed, _used = with_ramps(found.assumptions)
    return paired(plan.content.people, listed, links), links


def plan_of_circle(plan_id: int, actor: str, scope: Scope) -> LoadedPlan:
    """Return a plan to whoever sees its whole and its people events; else NotFound or Refused."""
    found = loaded_plan(plan_id)
    require_whole_plan(found, scope, actor)
    if not found.head.is_of_circle(actor):
        raise Refused(_("Hires and leavers of a plan are seen by its author and those named."))
    return found
