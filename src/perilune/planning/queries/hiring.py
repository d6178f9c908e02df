"""Hiring advice on record, and the question as the engine reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import Money
from perilune.people.queries import assignments_as_of, reps_as_of
from perilune.planning.contracts import (
    COMPANY,
    Aim,
    HiringTask,
    Job,
    Market,
    PlanModel,
)
from perilune.planning.contracts.hiring_advice import (
    ASSUMED_MONTH,
    ASSUMED_MOST,
    ASSUMED_ONCE,
    MANAGER,
    SELLER,
    HiringAdviceInfo,
    HiringAnswer,
    HiringAsked,
    SegmentUsed,
)
from perilune.planning.engine.hiring import firsts
from perilune.planning.engine.presence import linear_ramp
from perilune.planning.models import HiringAdvice
from perilune.planning.queries.capacity_laws import Laws
from perilune.planning.queries.capacity_model import Basis
from perilune.planning.queries.hiring_segments import with_segments

MISSING_ADVICE = _("There is no such hiring advice, or it is not yours to see.")
MOST_KEPT = 10


def advice_of(row: HiringAdvice) -> HiringAdviceInfo:
    """Return advice from its row."""
    return HiringAdviceInfo(
        id=row.pk,
        plan_id=row.plan_id,
        edition=row.edition,
        as_of=AsOf(row.as_of_at, row.as_of_day),
        asked=HiringAsked.of(row.asked),
        answer=None if row.answer is None else HiringAnswer.of(row.answer),
        actor=row.actor,
        made_at=row.made_at,
        job_id=row.job_id,
        taken_by=row.taken_by,
        taken_at=row.taken_at,
    )


def advice(advice_id: int) -> HiringAdviceInfo:
    """Return advice on record; the gate is the caller's affair. NotFound if unknown."""
    row = HiringAdvice.objects.filter(id=advice_id).first()
    if row is None:
        raise NotFound(MISSING_ADVICE)
    return advice_of(row)


def advice_on(plan_id: int) -> list[HiringAdviceInfo]:
    """Return the latest advice on a plan, the newest first."""
    return [advice_of(row) for row in HiringAdvice.objects.filter(plan_id=plan_id)[:MOST_KEPT]]


def teams_to_hire(found: Basis) -> tuple[str, ...]:
    """Return the units that sellers can be hired for: of the organisation's own level."""
    return found.hiring


def months_of(found: Basis) -> list[date]:
    """Return the first day in the horizon of each month from the day after the as-of on."""
    first, last = found.horizon.start, found.horizon.end
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [first + timedelta(days=column) for column in firsts(found.model, count)]


def first_start(found: Basis, asked: HiringAsked, at: AsOf) -> int:
    """Return the place in `months_of` of the first start that recruiting leaves time for."""
    earliest = asked.earliest(at.day)
    return sum(month < earliest for month in months_of(found))


def question(
    found: Basis, asked: HiringAsked, at: AsOf, used: Sequence[SegmentUsed] = (),
    known: Laws | None = None,
) -> tuple[PlanModel, HiringTask]:  # fmt: skip
    """Return the model with the one aim asked for and the task, as the engine reads them.

    New sellers leave as all sellers do, and ramp evenly in the days asked, else as the plan's own.
    used: the segments to be hired for, in place of whole teams, by what is `known` of them; the
    task's markets follow their order, else that of the teams. Invalid where the plan has no such
    target or no team that may be hired for.
    """
    aim = _aim(found, asked)
    model = found.model
    whole = replace(found.leaving.whole, name="all")
    # the first ramp is that of whoever is given none of their own, see `heads_of`
    ramp = model.ramps[0] if asked.ramp_days is None else linear_ramp("hired", asked.ramp_days)
    model = replace(
        model,
        aims=(aim,),
        ramps=(*model.ramps, ramp),
        attrition=(*model.attrition, whole),
    )
    place = {team: at_ for at_, team in enumerate(found.teams)}
    chosen = hiring_teams(found, asked)
    markets = [(team, place[team]) for team in chosen]
    if used and known is not None:
        first = len(model.productivity)
        model = with_segments(model, found, used, known)
        markets = [(one.team, first + at_) for at_, one in enumerate(used)]
    lead = first_start(found, asked, at)
    jobs = [
        Job(SELLER, ramp=len(model.ramps) - 1, group=len(model.attrition) - 1, lead=lead,
            cost_month=asked.seller_month, cost_hire=asked.seller_once,
            per_month=asked.per_month)
    ]  # fmt: skip
    if asked.managers and asked.span:
        jobs.append(
            Job(MANAGER, sells=False, leads=asked.span, lead=lead,
                cost_month=asked.manager_month, cost_hire=asked.manager_once)
        )  # fmt: skip
    yields = (1.0, 0.0)[: len(jobs)]
    teams = [team for team, _unit in markets]
    room = _room(found, teams, asked.span, at) if asked.span else ()
    task = HiringTask(
        months=len(months_of(found)),
        jobs=tuple(jobs),
        markets=tuple(
            Market(unit, yields, asked.most, under=place[team]) for team, unit in markets
        ),
        budget=asked.budget,
        per_month=asked.per_month,
        wanted=asked.wanted,
        room=room,
    )
    return model, task


def hiring_teams(found: Basis, asked: HiringAsked) -> list[str]:
    """Return the teams that may hire by a question; Invalid without one."""
    chosen = [team for team in teams_to_hire(found) if not asked.teams or team in asked.teams]
    if not chosen:
        raise Invalid(_("Choose a team that may hire: the plan has none of those."))
    return chosen


def _aim(found: Basis, asked: HiringAsked) -> Aim:
    for (level, unit, _period), aim in zip(found.aims, found.model.aims, strict=True):
        if level is asked.level and unit == COMPANY:
            return aim
    raise Invalid(_("The plan has no such target of the company: type it, or choose another."))


def _room(found: Basis, teams: list[str], span: int, at: AsOf) -> tuple[int, ...]:
    """Return how many sellers more the managers of each team may lead."""
    reps = reps_as_of(at)
    managers: dict[str, set[int]] = {}
    for held in assignments_as_of(at):
        left = (reps.get(held.rep_id) or {}).get("leave_date")
        is_now = (held.since or date.min) <= at.day <= (held.until or date.max)
        if held.role == MANAGER and is_now and (left is None or left > at.day):
            managers.setdefault(f"team:{held.team_id}", set()).add(held.rep_id)
    heads = found.model.heads
    there = (heads.last >= heads.days - 1) | (heads.start > 0)
    # a hire for a segment brings apart, and leaves and is led with the team
    led = np.bincount(heads.group[there], minlength=len(found.teams))
    place = {team: at_ for at_, team in enumerate(found.teams)}
    return tuple(
        max(span * len(managers.get(team, ())) - int(led[place[team]]), 0) for team in teams
    )


def first_question(found: Basis, currency: str, last: HiringAsked | None) -> HiringAsked:
    """Return what a form starts with: the last question, else our assumptions, named as such."""
    if last is not None:
        return last

    def minor(major: int) -> int:
        return Money(Decimal(major), currency).minor()

    return HiringAsked(
        most=ASSUMED_MOST,
        teams=teams_to_hire(found),
        seller_month=minor(ASSUMED_MONTH),
        seller_once=minor(ASSUMED_ONCE),
        manager_month=minor(ASSUMED_MONTH),
        manager_once=minor(ASSUMED_ONCE),
        is_assumed=True,
    )
