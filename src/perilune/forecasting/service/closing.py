"""Close a period: propose, approve, withdraw, re-open. Each step is kept for ever."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from perilune.forecasting.contracts import NodeKind, Rollup
from perilune.forecasting.contracts.closing import Check, Step, StepInfo
from perilune.forecasting.models import PeriodStep
from perilune.forecasting.queries import rollup
from perilune.forecasting.queries.closing import checklist, standing
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, is_self_approved
from perilune.store import service as store

REASON = 3


def checks(period: Period) -> list[Check]:
    """Return the checklist of a period as of today."""
    return _checks(period, _rolled(period))


def close_propose(
    period: Period, accepted: Collection[str], reason: str, *, actor: str, at: datetime
) -> None:
    """Propose to freeze a period.

    accepted: names of checks that do not hold and are accepted. Invalid where one that does not
    hold is not, or cannot be, accepted; Conflict while the period is closed or proposed already.
    """
    last = standing(period)
    if last is not None and last.step in (Step.PROPOSED, Step.CLOSED):
        raise Conflict(_("The close of %(period)s is under way already."), period=period.name)
    rolled = _rolled(period)
    found = _checks(period, rolled)
    _require_accepted(found, accepted)
    _note(period, Step.PROPOSED, rolled, last, actor=actor, at=at, reason=reason.strip(),
          checklist=[_json(check, accepted) for check in found])  # fmt: skip


def close_approve(period: Period, *, actor: str, at: datetime) -> None:
    """Freeze a period: its figures are of record, the store version they come from is pinned.

    Refused to who proposed it, unless the company is a small team and the pause is over: it is then
    marked self-approved (rule 27). Conflict where nothing is proposed, or where the checklist has
    found more since.
    """
    last = standing(period)
    if last is None or last.step is not Step.PROPOSED:
        raise Conflict(_("Nothing is proposed for %(period)s."), period=period.name)
    is_own = is_self_approved(actor, (last.actor,), last.at, at)
    rolled = _rolled(period)
    found = _checks(period, rolled)
    accepted = [row["name"] for row in last.checklist if row["is_accepted"]]
    try:
        _require_accepted(found, accepted)
    except Invalid as error:
        raise Conflict(_("The checklist has changed since: propose the close again.")) from error
    with transaction.atomic():
        made = _note(
            period, Step.CLOSED, rolled, last, actor=actor, at=at, is_self_approved=is_own,
            checklist=[_json(check, accepted) for check in found], figures=_figures(rolled),
        )  # fmt: skip
        store.pin(rolled.store_version, f"period-{made}")


def close_withdraw(period: Period, *, actor: str, at: datetime) -> None:
    """Take a proposal back; Conflict where nothing is proposed."""
    last = standing(period)
    if last is None or last.step is not Step.PROPOSED:
        raise Conflict(_("Nothing is proposed for %(period)s."), period=period.name)
    _note(period, Step.WITHDRAWN, _rolled(period), last, actor=actor, at=at)


def period_reopen(period: Period, reason: str, *, actor: str, at: datetime) -> None:
    """Re-open a closed period with a reason; the frozen figures and their version are kept."""
    last = standing(period)
    if last is None or last.step is not Step.CLOSED:
        raise Conflict(_("%(period)s is not closed."), period=period.name)
    if len(reason.strip()) < REASON:
        raise Invalid(_("Say why the period is opened again."))
    _note(period, Step.REOPENED, _rolled(period), last, actor=actor, at=at, reason=reason.strip())


def _rolled(period: Period) -> Rollup:
    return rollup(period, company().today, Scope.company(), with_ranges=False)


def _checks(period: Period, rolled: Rollup) -> list[Check]:
    bare = sum(row.quota is None for row in rolled.rows if row.node.kind is NodeKind.TEAM)
    return checklist(period, rolled.as_of, bare)


def _require_accepted(found: Collection[Check], accepted: Collection[str]) -> None:
    for check in found:
        if check.holds:
            continue
        if check.is_blocking:
            raise Invalid(_("The period cannot be closed yet: see the checklist."))
        if check.name not in accepted:
            raise Invalid(_("What does not hold must be put right, or accepted by name."))


def _json(check: Check, accepted: Collection[str]) -> dict[str, Any]:
    return {
        "name": check.name,
        "count": check.count,
        "is_accepted": not check.holds and check.name in accepted,
    }


def _figures(rolled: Rollup) -> list[dict[str, Any]]:
    return [
        {
            "key": row.node.key,
            "unit": list(row.node.unit),
            "label": row.label,
            "won": row.closed,
            "quota": row.quota,
            "quota_level": row.quota_level,
        }
        for row in rolled.rows
    ]


def _note(period: Period, step: Step, rolled: Rollup, last: StepInfo | None, **facts: Any) -> int:
    try:
        with transaction.atomic():
            return PeriodStep.objects.create(
                starts=period.start,
                ends=period.end,
                period=period.name,
                number=last.number + 1 if last else 1,
                step=step.value,
                as_of_at=rolled.as_of.at,
                as_of_day=rolled.as_of.day,
                store_version=rolled.store_version,
                currency=rolled.currency,
                **facts,
            ).pk
    except IntegrityError as error:
        raise Conflict(_("Somebody else was quicker: look again.")) from error
