"""Quota letters as a person may read them: one's own, or those of the reps of one's scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import (
    company,
    quota_spans,
    reps_as_of,
    teams_as_of,
    work_language,
)
from perilune.planning.contracts import (
    Absence,
    Content,
    Leave,
    Letter,
    LetterLine,
    LetterRow,
    LetterState,
    LetterStepKind,
    Level,
    LoadedPlan,
    PlanHead,
    PlanState,
)
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine.presence import by_month, linear_ramp, presence
from perilune.planning.models import LetterStep, Plan, QuotaLetter
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.plans import head_of, loaded_plan, require_seen_plan
from perilune.planning.queries.staff import heads_of

LETTERED = frozenset({PlanState.APPROVED, PlanState.PUBLISHED})
"""States of a plan whose quotas are told to people."""
MISSING_LETTER = _("There is no such letter, or it is not yours to see.")

Days = tuple[date, date]


def letters(plan_id: int, scope: Scope, actor: str, at: AsOf) -> list[LetterRow]:
    """Return the reps of a plan that one sees, each with the latest letter of the year.

    In the order of the plan. Empty in states that tell nobody of quotas.
    """
    found = loaded_plan(plan_id)
    seen = require_seen_plan(found, scope, actor)
    if found.head.state not in LETTERED:
        return []
    return _rows(found, seen, at, is_circle=found.head.is_of_circle(actor))


def own_letters(rep_id: int, at: AsOf) -> list[Letter]:
    """Return the letters that a rep was handed, the latest first; one that is not is not theirs."""
    rows = QuotaLetter.objects.filter(rep_id=rep_id, made_on__lte=at.day).select_related("plan")
    found = letters_of(rows.order_by("-id"), at)
    return [letter for letter in found if letter.delivered is not None]


def letter(letter_id: int, scope: Scope, own_rep: int | None, at: AsOf) -> Letter:
    """Return a letter to a rep of the scope, or one's own once handed over; else NotFound."""
    rows = QuotaLetter.objects.filter(id=letter_id, made_on__lte=at.day).select_related("plan")
    for found in letters_of(rows, at):
        is_own = own_rep is not None and found.rep_id == own_rep
        if is_own and found.delivered is not None:
            return found
        if not is_own and not scope.aggregates_only and scope.sees(found.rep_id):
            return found
    raise NotFound(MISSING_LETTER)


def unacknowledged(at: AsOf, scope: Scope) -> tuple[PlanHead | None, list[LetterRow]]:
    """Return the published plan of the year under way and its reps without an acknowledged letter.

    From the first day of the plan's period on: before it nobody is late.
    """
    year = int(company().calendar.year_of(at.day).name)
    rows = Plan.objects.filter(
        year=year, state=PlanState.PUBLISHED.value, effective_from__lte=at.day
    ).order_by("-effective_from", "-id")
    row = rows.first()
    if row is None or scope.aggregates_only:
        return None, []
    found = loaded_plan(row.pk)
    every = _rows(found, frozenset(found.content.units), at, is_circle=False)
    late = [
        one for one in every
        if scope.sees(one.rep_id) and one.state is not LetterState.ACKNOWLEDGED
    ]  # fmt: skip
    return head_of(row), late


def starts_of(head: PlanHead) -> date:
    """Return the first day of the quotas of a plan: its day, else that of its year."""
    return head.effective_from or company().calendar.year(head.year).start


def stages(content: Content, year: int, at: AsOf) -> dict[int, Floats]:
    """Return (3, M) how much of each rep there is by month, as `lettering.calculated` wants it."""
    period = company().calendar.year(year)
    heads, curves = heads_of(content, period, at, rise_at(at, period))
    if not len(heads.rep):
        return {}
    ready = [linear_ramp(curve.name, 0) for curve in curves]
    months = [(m.start, m.end) for m in company().calendar.months(year)]
    steps = (
        presence(replace(heads, absent=()), ready),
        presence(heads, ready),
        presence(heads, curves),
    )
    found = np.stack([by_month(step, period.start, months) for step in steps], axis=1)
    return {rep: found[i] for i, rep in enumerate(heads.rep.tolist())}


def lettered_reps(content: Content) -> list[int]:
    """Return the reps of a plan who have a quota in it, in its order; planned hires are nobody."""
    return [
        row.number
        for unit, row in content.units.items()
        if row.kind == "rep" and row.number > 0 and content.year(Level.STREET, unit) is not None
    ]


def held_reps(content: Content) -> frozenset[int]:
    """Return the reps of whom the plan knows an absence or departure of its own (rule 24)."""
    edits = (item.edit for item in content.people)
    return frozenset(edit.rep_id for edit in edits if isinstance(edit, Leave | Absence))


def letters_of(rows: Iterable[QuotaLetter], at: AsOf) -> list[Letter]:
    """Return letters from their rows, with what was recorded of each up to a day."""
    listed = list(rows)
    steps: dict[tuple[int, str], date] = {}
    known = LetterStep.objects.filter(letter__in=listed, noted_on__lte=at.day)
    for step in known:
        steps[step.letter_id, step.kind] = step.day
    before = {row.replaces_id for row in listed if row.replaces_id is not None}
    made = dict(QuotaLetter.objects.filter(id__in=before).values_list("id", "made_on"))
    return [_letter(row, steps, made) for row in listed]


# -- shared ----------------------------------------------------------------------------------------


def _letter(
    row: QuotaLetter, steps: Mapping[tuple[int, str], date], made: Mapping[int, date]
) -> Letter:
    return Letter(
        id=row.pk,
        plan_id=row.plan_id,
        rep_id=row.rep_id,
        year=row.year,
        currency=row.currency,
        language=row.language,
        starts=row.starts,
        ends=row.ends,
        made_on=row.made_on,
        made_by=row.made_by,
        lines=tuple(_line(values) for values in row.lines),
        replaced_on=None if row.replaces_id is None else made.get(row.replaces_id),
        approved_by=row.plan.checked_by,
        is_self_approved=row.plan.is_self_approved,
        delivered=steps.get((row.pk, LetterStepKind.DELIVERED.value)),
        acknowledged=steps.get((row.pk, LetterStepKind.ACKNOWLEDGED.value)),
    )


def _line(values: Mapping[str, Any]) -> LetterLine:
    days = {name: date.fromisoformat(values[name]) for name in ("starts", "ends")}
    return LetterLine(**{**values, **days})


def _rows(found: LoadedPlan, seen: frozenset[str], at: AsOf, *, is_circle: bool) -> list[LetterRow]:
    head, content = found.head, found.content
    reps, teams = reps_as_of(at), teams_as_of(at)
    listed = QuotaLetter.objects.filter(year=head.year, made_on__lte=at.day)
    latest = {one.rep_id: one for one in letters_of(listed.select_related("plan"), at)}
    standing = standing_quotas(head, at) if head.is_in_force else None
    held = held_reps(content) if is_circle else frozenset()
    rows = []
    for rep in lettered_reps(content):
        unit = f"rep:{rep}"
        if unit not in seen:
            continue
        state = reps.get(rep) or {}
        team = content.units[content.units[unit].parent]
        last = latest.get(rep)
        now = LetterState.NONE if last is None else last.state
        if last is not None and not _is_true(last, head, standing):
            now = LetterState.OUTDATED
        named = (teams.get(team.number) or {}).get("name") if team.kind == "team" else ""
        rows.append(
            LetterRow(
                rep, state.get("name") or unit, named or "", work_language(state.get("country")),
                now, last, rep in held,
            )
        )  # fmt: skip
    return rows


def standing_quotas(head: PlanHead, at: AsOf) -> dict[int, dict[Days, int]]:
    """Return what the records say of each rep's street quota by span, up to the end of a year."""
    last = company().calendar.year(head.year).end
    return {
        rep: spans
        for (rep, _team, level), spans in quota_spans(at, last, head.currency).items()
        if rep is not None and level == Level.STREET.value
    }


def _is_true(
    last: Letter, head: PlanHead, standing: Mapping[int, Mapping[Days, int]] | None
) -> bool:
    """Tell whether a letter is of this plan and says the quota that stands now."""
    if last.plan_id != head.id or last.starts != starts_of(head):
        return False
    if standing is None:
        return True
    spans = standing.get(last.rep_id, {})
    return all(spans.get((line.starts, line.ends)) == line.quota for line in last.lines)
