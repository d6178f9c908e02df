"""Make quota letters, record that they were handed over, acknowledge one's own (rule 28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.db import transaction

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, person_named
from perilune.planning.contracts import (
    LetterLine,
    LetterRow,
    LetterState,
    LetterStepKind,
    Level,
    LoadedPlan,
    Place,
)
from perilune.planning.engine.lettering import calculated
from perilune.planning.models import LetterStep, Plan, QuotaLetter
from perilune.planning.queries.letters import (
    LETTERED,
    MISSING_LETTER,
    held_reps,
    letter,
    letters,
    stages,
    standing_quotas,
    starts_of,
)
from perilune.planning.queries.plans import loaded_plan
from perilune.planning.service.plan_quotas import quotas_of
from perilune.planning.service.plan_writing import wrong_plan_state

Days = tuple[date, date]
MISSING = (LetterState.NONE, LetterState.OUTDATED)


def make_letters(plan_id: int, *, actor: str, scope: Scope) -> list[int]:
    """Make a letter for each rep of a plan whose quota no letter tells yet; return their ids.

    Safe to repeat. Nothing is made for whom the plan plans something that the records do not know:
    the letter would tell it. Invalid unless the plan is approved or published.
    """
    with transaction.atomic():
        # two that make letters at once would make two of each
        if Plan.objects.select_for_update().filter(id=plan_id).first() is None:
            raise NotFound(MISSING_LETTER)
        found, today = loaded_plan(plan_id), company().today
        rows = letters(plan_id, scope, actor, today)
        if found.head.state not in LETTERED:
            raise wrong_plan_state(found)
        held = held_reps(found.content)
        wanted = [row for row in rows if row.state in MISSING and row.rep_id not in held]
        lines = _lines(found, [row.rep_id for row in wanted], today)
        made = [_made(found, row, lines[row.rep_id], actor) for row in wanted if lines[row.rep_id]]
    return [each.pk for each in made]


def deliver_letters(ids: Sequence[int], day: date | None, *, actor: str, scope: Scope) -> int:
    """Record that letters were handed over on a day, today if None; return how many were new.

    From then on the rep sees the letter. Invalid for a day before the letter was made or after
    today; Refused for one's own; NotFound for one that is not of the scope.
    """
    today = company().today
    on = today.day if day is None else day
    who = person_named(actor)
    count = 0
    with transaction.atomic():
        for each in ids:
            found = letter(each, scope, None, today)
            if who is not None and who.rep_id == found.rep_id:
                raise Refused(_("Somebody else records the delivery of your own letter."))
            if not found.made_on <= on <= today.day:
                problem = Problem(
                    _("A letter is delivered between the day it was made, %(first)s, and today."),
                    {"first": found.made_on.isoformat()}, field="day",
                )  # fmt: skip
                raise Invalid(problem.message, (problem,), **problem.params)
            count += _noted(each, LetterStepKind.DELIVERED, on, actor)
    return count


def acknowledge_letter(letter_id: int, *, actor: str, rep_id: int | None) -> bool:
    """Record that a rep has read their own letter; tell whether that was new.

    rep_id: of the person who acts. NotFound for a letter that is not theirs or was not handed over.
    """
    today = company().today
    found = letter(letter_id, Scope("mine", owners=frozenset()), rep_id, today)
    return _noted(found.id, LetterStepKind.ACKNOWLEDGED, today.day, actor)


def _noted(letter_id: int, kind: LetterStepKind, day: date, actor: str) -> bool:
    now = {"day": day, "noted_on": company().today.day, "at": datetime.now(UTC), "actor": actor}
    _step, is_new = LetterStep.objects.get_or_create(
        letter_id=letter_id, kind=kind.value, defaults=now
    )
    return is_new


def _made(
    found: LoadedPlan, row: LetterRow, lines: Sequence[LetterLine], actor: str
) -> QuotaLetter:
    head = found.head
    return QuotaLetter.objects.create(
        plan_id=head.id,
        rep_id=row.rep_id,
        year=head.year,
        currency=head.currency,
        language=row.language,
        starts=starts_of(head),
        ends=company().calendar.year(head.year).end,
        lines=[_kept(line) for line in lines],
        made_on=company().today.day,
        made_at=datetime.now(UTC),
        made_by=actor,
        replaces_id=None if row.letter is None else row.letter.id,
    )


def _kept(line: LetterLine) -> dict[str, Any]:
    values = asdict(line)
    return values | {name: values[name].isoformat() for name in ("starts", "ends")}


def _lines(found: LoadedPlan, reps: Sequence[int], today: AsOf) -> dict[int, list[LetterLine]]:
    """Return the months of each rep's letter: the quotas that are or will be on record."""
    head, content = found.head, found.content
    months = company().calendar.months(head.year)
    written = _written(found, today)
    there = stages(content, head.year, today)
    season = list(content.season) or [1.0] * len(months)
    lines = {}
    for rep in reps:
        unit = f"rep:{rep}"
        cells = [content.cells.get(Place(Level.STREET, unit, at + 1)) for at in range(len(months))]
        amounts = [0 if cell is None else cell.minor for cell in cells]
        is_set = [cell is not None and cell.is_fixed for cell in cells]
        whole = there.get(rep, np.ones((3, len(months))))
        parts = calculated(amounts, whole, is_set, season)
        spans = written.get(rep, {})
        lines[rep] = [
            _line(month, part, amount, spans[month.start, month.end], is_set=fixed)
            for month, part, amount, fixed in zip(months, parts, amounts, is_set, strict=True)
            if (month.start, month.end) in spans and month.end >= starts_of(head)
        ]
    return lines


def _line(
    month: Period, part: tuple[int, int, int, int], amount: int, quota: int, *, is_set: bool
) -> LetterLine:
    full, away, leave, ramp = part
    return LetterLine(
        month.name, month.start, month.end, full, away, leave, ramp, quota - amount, quota, is_set
    )


def _written(found: LoadedPlan, today: AsOf) -> Mapping[int, Mapping[Days, int]]:
    """Return the street quotas by rep and span: on record where in force, else as they will be."""
    if found.head.is_in_force:
        return standing_quotas(found.head, today)
    spans: dict[int, dict[Days, int]] = {}
    values, _outside = quotas_of(found, starts_of(found.head))
    for each in values:
        if each.get("rep_id") and each["level"] == Level.STREET.value:
            span = date.fromisoformat(str(each["starts"])), date.fromisoformat(str(each["ends"]))
            spans.setdefault(int(str(each["rep_id"])), {})[span] = int(str(each["amount"]))
    return spans
