"""Re-balance a draft: a job computes the frontier, a point of it becomes the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from perilune.jobs import queries as job_queries
from perilune.jobs import service as jobs
from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import JobKind, StepResult
from perilune.territories.contracts import EDITABLE, EditKind, Loaded
from perilune.territories.engine import PENALTIES, alternative, grow, seek, standing
from perilune.territories.models import Frontier, FrontierPoint
from perilune.territories.models.packing import pack_one, unpack_one
from perilune.territories.queries.asking import Problem
from perilune.territories.queries.checking import readable
from perilune.territories.queries.frontiers import digest_of, point_of, question
from perilune.territories.queries.loading import loaded, require_whole
from perilune.territories.service.designing import proof_of, warm, with_stay
from perilune.territories.service.writing import changing, wrong_state

JOB = "territories.rebalance"
LATEST = 50
_STEPS = len(PENALTIES) + 1
"""One for the centres, one a point."""


def rebalance_draft(draft_id: int, *, actor: str, scope: Scope) -> int:
    """Start the frontier of a draft and return the job's id; the draft itself is not changed.

    Refused to whoever does not see its whole; Conflict while one is under way; Invalid, saying why,
    where nothing can be re-balanced.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    if not found.head.may_edit:
        raise wrong_state(found)
    made = question(found)
    if made.units.owner is None:
        raise Invalid(
            _("Nobody holds an account of this plan today: design it, there is nothing to keep.")
        )
    if any(
        job.params.get("draft") == draft_id and not job.state.is_over
        for job in job_queries.recent_jobs(LATEST, JOB)
    ):
        raise Conflict(_("A re-balance of this plan is under way."))
    return jobs.start(JOB, {"draft": draft_id, "actor": actor}, actor=actor)


def take_point(draft_id: int, edition: int, number: int, *, actor: str, scope: Scope) -> int:
    """Make a point of the frontier the draft, as one change; return how many accounts it moved.

    Errors as of `changing`; NotFound where the point does not answer what the draft asks now;
    Invalid where the draft is that point already.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        made = question(held.found)
        point = point_of(held.found, made, number)
        after = made.placed(unpack_one(point.units))
        count = int((after != held.found.territory).sum())
        if not count:
            raise Invalid(_("The plan is this one already."))
        proof = {**point.proof, "edition": held.row.edition + 1}
        held.row.settings = {**held.row.settings, "proof": proof}
        held.rewrite(EditKind.REBALANCE, held.found.rows, after, count=count)
    return count


# -- the job ---------------------------------------------------------------------------------------


def _step(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    """Take the next step; what the draft asks must be what it asked when the job began."""
    found = loaded(int(params["draft"]))
    try:
        made = question(found)
        if not cursor:
            warm()
            return _begun(found, made, str(params["actor"]))
        return _grown(found, made, dict(cursor))
    except Invalid as error:
        raise readable(error) from error


def _begun(found: Loaded, made: Problem, actor: str) -> StepResult:
    # what a job left that was broken off, and this step if it is repeated
    Frontier.objects.filter(draft_id=found.head.id, is_done=False).delete()
    centres, price = seek(made.units, made.request, np.random.default_rng(0))
    now = made.accounts.owner
    assert now is not None
    row = Frontier.objects.create(
        draft_id=found.head.id,
        problem=digest_of(found, made),
        actor=actor,
        made_at=datetime.now(UTC),
        today=_plain(asdict(standing(made.accounts, made.asked, now))),
    )
    cursor = {
        "frontier": row.pk, "at": 0, "unit": 0.0, "centres": centres.tolist(),
        "price": price.tolist(),
    }  # fmt: skip
    return StepResult(cursor, False, 1, _STEPS, _("Centres found"))


def _grown(found: Loaded, made: Problem, cursor: dict[str, Any]) -> StepResult:
    row = Frontier.objects.filter(id=cursor["frontier"]).first()
    is_same = row is not None and row.problem == digest_of(found, made)
    if row is None or not is_same or found.head.state not in EDITABLE:
        raise Conflict(_("The plan was changed while it was being re-balanced: start again."))
    at = int(cursor["at"])
    stay = PENALTIES[at] * float(cursor["unit"])
    plan = grow(made.units, with_stay(made, stay), np.array(cursor["centres"]),
                np.array(cursor["price"]))  # fmt: skip
    told = made.told(plan)
    FrontierPoint.objects.update_or_create(
        frontier=row,
        number=at,
        defaults={
            "facts": _plain(asdict(alternative(made.accounts, stay, told))),
            "proof": proof_of(told, len(made.rows)),
            "units": pack_one(told.territory.astype(np.int16)),
        },
    )
    if at == 0:
        # the others start from the plan from scratch; its compactness is what moving is priced in
        cursor |= {
            "unit": max(plan.figures.inertia, 1e-12), "centres": plan.centres.tolist(),
            "price": [0.0] * len(plan.names),
        }  # fmt: skip
        Frontier.objects.filter(id=row.pk).update(floor=plan.certificate.floor)
    if at + 1 < len(PENALTIES):
        cursor["at"] = at + 1
        message = _("Options found: %(n)s")
        return StepResult(cursor, False, at + 2, _STEPS, message, {"n": at + 1})
    Frontier.objects.filter(id=row.pk).update(is_done=True)
    Frontier.objects.filter(draft_id=row.draft_id).exclude(id=row.pk).delete()
    message = _("Re-balance computed: choose an option")
    return StepResult({}, True, _STEPS, _STEPS, message, {}, {"frontier": row.pk})


def _cancelled(_params: Mapping[str, Any], cursor: Mapping[str, Any]) -> None:
    Frontier.objects.filter(id=cursor.get("frontier", 0), is_done=False).delete()


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures as JSON takes them: what is not measured is none."""
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in facts.items()
    }


JOB_KIND = JobKind(JOB, _("Re-balance territories"), _step, _cancelled)
