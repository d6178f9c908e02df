"""Ask for hiring advice, compute it in short steps, take its hires into the plan."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from perilune.jobs import service as jobs
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.people.queries import company
from perilune.planning.contracts import (
    MOST_PEOPLE,
    Assumption,
    Hire,
    HiringPlan,
    LoadedPlan,
    PlanModel,
)
from perilune.planning.contracts.hiring_advice import (
    MANAGER,
    SELLER,
    AdvisedStart,
    Chance,
    HiringAdviceInfo,
    HiringAnswer,
    HiringAsked,
    LimitLifted,
    SegmentUsed,
)
from perilune.planning.contracts.tables import Floats
from perilune.planning.engine import hiring
from perilune.planning.engine.choosing import Solved
from perilune.planning.engine.hiring_binding import lifted
from perilune.planning.engine.simulating import draws, simulate
from perilune.planning.models import HiringAdvice
from perilune.planning.queries.capacity_laws import Laws, laws
from perilune.planning.queries.capacity_model import SEED, Basis, basis
from perilune.planning.queries.hiring import (
    MISSING_ADVICE,
    advice_of,
    hiring_teams,
    months_of,
    question,
)
from perilune.planning.queries.hiring_segments import chosen_segments
from perilune.planning.queries.plans import (
    loaded_plan,
    require_seen_plan,
    require_whole_plan,
)
from perilune.planning.service.plan_people import put_people, require_sound
from perilune.planning.service.plan_writing import changing_plan, require_circle

JOB = "planning.hiring"
LONGEST_LEAD = 24
MOST_SPAN = 50
STEPS = hiring.ROUNDS + 2
"""Steps at most: the attempts, what waiting and each limit do, the chance before and after."""


def ask_hiring(
    plan_id: int, asked: HiringAsked, *, actor: str, scope: Scope, at: AsOf | None = None
) -> int:
    """Note what advice is asked for, of the plan as it stands; return its id. `start_hiring` runs.

    Refused to whoever is not in the plan's circle; Invalid with the problem of each field.
    """
    found = loaded_plan(plan_id)
    require_seen_plan(found, scope, actor)
    require_whole_plan(found, scope, actor)
    if not found.head.is_of_circle(actor):
        raise Refused(_("Hiring advice is asked by the plan's author and those named."))
    wrong = _problems(asked)
    if wrong:
        raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
    at = at or company().today
    question(basis(found.head, found.content, scope, at), asked, at)
    _segments(found, basis(found.head, found.content, scope, at), asked, at)
    row = HiringAdvice.objects.create(
        plan_id=plan_id,
        edition=found.head.edition,
        as_of_at=at.at,
        as_of_day=at.day,
        asked=asked.as_json(),
        actor=actor,
        made_at=datetime.now(UTC),
    )
    return int(row.pk)


def start_hiring(advice_id: int, *, actor: str) -> int:
    """Let the queue compute advice; return the id of the job."""
    job_id = jobs.start(JOB, {"advice": advice_id}, actor=actor)
    HiringAdvice.objects.filter(id=advice_id).update(job_id=job_id)
    return job_id


def take_hiring(advice_id: int, edition: int, *, actor: str, scope: Scope) -> int:
    """Add the advised people to the plan as one change that can be taken back; return how many.

    One line for each person. Invalid where there is nothing to take, or the plan is another edition
    by now: what was computed then may not hold.
    """
    row = HiringAdvice.objects.filter(id=advice_id).first()
    if row is None:
        raise NotFound(MISSING_ADVICE)
    found = advice_of(row)
    if found.answer is None or not found.answer.starts:
        raise Invalid(_("This advice has nobody to hire."))
    with changing_plan(found.plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        require_circle(held)
        content = held.found.content
        if held.row.edition != found.edition:
            raise Invalid(_("The plan changed since this advice: ask anew."))
        hires = _hires(found)
        if len(content.people) + len(hires) > MOST_PEOPLE:
            raise Invalid(_("A plan holds at most %(most)s hires and leavers."), most=MOST_PEOPLE)
        number = max((item.id for item in content.people), default=0)
        for hire in hires:
            require_sound(hire, content, scope)
        added = tuple(Assumption(number + by, hire) for by, hire in enumerate(hires, 1))
        put_people(held, replace(content, people=(*content.people, *added)))
    HiringAdvice.objects.filter(id=advice_id).update(taken_by=actor, taken_at=datetime.now(UTC))
    return len(hires)


def _hires(found: HiringAdviceInfo) -> list[Hire]:
    assert found.answer is not None
    days = found.asked.ramp_days
    return [
        Hire(
            int(start.team.partition(":")[2]), start.month, start.role,
            ramp_days=days if start.role == SELLER else None, segment=start.segment,
        )
        for start in found.answer.starts
        for _head in range(start.heads)
    ]  # fmt: skip


def _problems(asked: HiringAsked) -> list[Problem]:
    found = []
    if not 0.01 <= asked.wanted <= 0.99:
        found.append(Problem(_("A chance lies between 1 and 99 %."), {}, "wanted"))
    if not 0 <= asked.lead <= LONGEST_LEAD:
        params = {"most": LONGEST_LEAD}
        found.append(Problem(_("Recruiting takes 0 to %(most)s months."), params, "lead"))
    money = (asked.budget or 0, asked.seller_month, asked.seller_once, asked.manager_month,
             asked.manager_once)  # fmt: skip
    if min(money) < 0:
        found.append(Problem(_("An amount cannot be negative."), {}, "budget"))
    if asked.managers and not asked.span:
        text = _("Say how many sellers a manager leads, or hire sellers alone.")
        found.append(Problem(text, {}, "span"))
    if asked.span is not None and not 1 <= asked.span <= MOST_SPAN:
        found.append(Problem(_("A manager leads 1 to %(most)s sellers."), {"most": MOST_SPAN},
                             "span"))  # fmt: skip
    if asked.twice is not None and not 1 <= asked.twice <= 2:
        text = _("Twice the sellers bring between once and twice as much.")
        found.append(Problem(text, {}, "twice"))
    return found


# -- the job ---------------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Take one attempt, or tell the answer: each step is a few seconds and safe to repeat."""
    row = HiringAdvice.objects.filter(id=params["advice"]).first()
    if row is None:
        raise NotFound(MISSING_ADVICE)
    begun, found = time.monotonic(), advice_of(row)
    held = loaded_plan(row.plan_id)
    if held.head.edition != row.edition:
        raise Invalid(_("The plan changed while the advice was computed: ask anew."))
    inputs = basis(held.head, held.content, Scope.company(), found.as_of)
    used, known = _segments(held, inputs, found.asked, found.as_of)
    model, task = question(inputs, found.asked, found.as_of, used, known)
    base, worth = draws(model, SEED, paths=hiring.PATHS).reached, hiring.worths(model, task)
    last = _attempt_of(cursor)
    spent = float(cursor.get("spent", 0.0))
    if last is None or not last.is_last:
        made = hiring.attempt(model, task, SEED, base, worth, last=last)
        told = _cursor_of(made) | {"spent": spent + time.monotonic() - begun}
        said = {"n": made.turn + 1, "chance": round(100 * (made.chance or 0.0))}
        done = STEPS - 2 if made.is_last else made.turn + 1
        text = _("Attempt %(n)s: chance %(chance)s %%")
        return StepResult(told, False, done, STEPS, text, said)
    told_plan = hiring.advice(model, task, base, worth, last)
    need = hiring.needed(model, base, last)
    limits = lifted(task, worth, need) if told_plan.missing else ()
    places = [(one.team, one.segment) for one in used] or [
        (inputs.teams[market.unit], "") for market in task.markets
    ]
    seconds = spent + time.monotonic() - begun
    answer = _answer(months_of(inputs), places, (model, task), last, told_plan, seconds)
    answer = replace(
        answer,
        segments=used,
        limits=tuple(LimitLifted(one.limit, one.missing, one.cost) for one in limits),
    )
    HiringAdvice.objects.filter(id=row.pk, answer__isnull=True).update(answer=answer.as_json())
    text = _("Advice ready: people to hire: %(n)s")
    return StepResult({}, True, STEPS, STEPS, text, {"n": answer.heads}, {"advice": row.pk})


def _segments(
    held: LoadedPlan, inputs: Basis, asked: HiringAsked, at: AsOf
) -> tuple[tuple[SegmentUsed, ...], Laws | None]:
    """Return the segments asked for and what they rest on; nothing where teams are meant."""
    if not asked.segments:
        return (), None
    known = laws(held.head, held.content, Scope.company(), at)
    return chosen_segments(known, hiring_teams(inputs, asked), asked), known


def _answer(  # noqa: PLR0917 - one thing each
    months: Sequence[date],
    places: Sequence[tuple[str, str]],
    asked: tuple[PlanModel, Any],
    last: hiring.Attempt,
    told: HiringPlan,
    seconds: float,
) -> HiringAnswer:
    model, task = asked
    after = hiring.staffed(model, task, last.made.heads)
    starts = tuple(
        AdvisedStart(
            months[start.month], task.jobs[start.job].name, places[start.unit][0], start.heads,
            places[start.unit][1] if task.jobs[start.job].sells else "",
        )
        for start in told.starts
    )  # fmt: skip
    return HiringAnswer(
        target=model.aims[0].minor,
        starts=starts,
        cost=told.cost,
        gap=told.gap,
        before=_chance(model),
        after=_chance(after),
        missing=max((one.minor for one in told.missing), default=0.0),
        waiting=told.waiting,
        waiting_missing=max((one.minor for one in told.waiting_missing), default=0.0),
        limits=(),
        attempts=last.turn + 1,
        seconds=round(seconds, 2),
        is_late=told.seconds_limit_hit,
    )


def _chance(model: PlanModel) -> Chance:
    odds = simulate(model, SEED, paths=hiring.PATHS).odds[0]
    span = odds.reached
    middle = span.mean if span.p50 is None else span.p50
    return Chance(odds.chance, odds.error, span.p10, middle, span.p90, span.mean)


def _cursor_of(made: hiring.Attempt) -> dict[str, Any]:
    """Return an attempt as JSON."""
    solved = made.made
    return {
        "turn": made.turn, "margin": made.margin, "chance": made.chance,
        "next": made.next_margin, "is_last": made.is_last, "heads": solved.heads.tolist(),
        "cost": solved.cost, "bound": solved.bound, "short": solved.short.tolist(),
        "penalty": solved.penalty, "is_late": solved.is_late,
    }  # fmt: skip


def _attempt_of(cursor: Mapping[str, Any]) -> hiring.Attempt | None:
    if "turn" not in cursor:
        return None
    short: Floats = np.array(cursor["short"], dtype=np.float64)
    solved = Solved(
        np.array(cursor["heads"], np.int64), cursor["cost"], cursor["bound"], short,
        cursor["penalty"], cursor["is_late"],
    )  # fmt: skip
    return hiring.Attempt(
        cursor["turn"], cursor["margin"], solved, cursor["chance"], cursor["next"],
        cursor["is_last"],
    )  # fmt: skip


HIRING_JOB = JobKind(JOB, _("Hiring advice"), _step)
"""Solves the hiring of a plan and checks it by the simulation."""

__all__ = ["HIRING_JOB", "MANAGER", "ask_hiring", "start_hiring", "take_hiring"]
