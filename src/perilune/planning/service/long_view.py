"""Keep a version of the long view."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from perilune.kernel.errors import Conflict, Invalid, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts.long_view import FEWEST_YEARS, MOST_YEARS, LongDocument
from perilune.planning.models import LongVersion
from perilune.planning.queries.plans import loaded_plan, require_seen_plan, require_whole_plan

MOST_HEADS = 1_000_000


def keep_long_view(
    plan_id: int, document: LongDocument, after: int, *, actor: str, scope: Scope, note: str = ""
) -> int:
    """Keep a version above the one it was made from (0: none yet); return its number.

    Invalid with the problem by year; Conflict when somebody kept another version meanwhile; Refused
    to whoever does not see the whole.
    """
    if scope.owners is not None:
        raise Refused(_("The long view is of the whole company: ask sales operations."))
    found = loaded_plan(plan_id)
    require_seen_plan(found, scope, actor)
    require_whole_plan(found, scope, actor)
    wrong = _problems(document)
    if wrong:
        raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
    last = LongVersion.objects.aggregate(last=Max("number"))["last"] or 0
    if last != after:
        raise _conflict()
    try:
        with transaction.atomic():
            row = LongVersion.objects.create(
                number=last + 1,
                plan_id=plan_id,
                document=document.as_json(),
                note=note[:200],
                actor=actor,
                at=datetime.now(UTC),
            )
    except IntegrityError:
        raise _conflict() from None
    return int(row.number)


def _conflict() -> Conflict:
    row = LongVersion.objects.first()
    return Conflict(
        _("%(by)s kept another version meanwhile: reload it and apply your change again."),
        by=row.actor if row else "",
    )


def _problems(document: LongDocument) -> list[Problem]:
    found = []
    if not FEWEST_YEARS - 1 <= len(document.years) <= MOST_YEARS - 1:
        params = {"least": FEWEST_YEARS, "most": MOST_YEARS}
        found.append(Problem(_("The long view has %(least)s to %(most)s years."), params, "years"))
    for year in document.years:
        params = {"year": year.year}
        if not 0 <= year.retention <= 3:
            text = _("%(year)s: what is kept lies between 0 and 300 %%.")
            found.append(Problem(text, params, "retention"))
        if not 0 <= year.heads <= MOST_HEADS:
            found.append(Problem(_("%(year)s: FTE cannot be negative."), params, "heads"))
        rates = (year.price, year.market_growth, year.productivity, year.growth or 0.0)
        if not all(-0.99 <= rate <= 10 for rate in rates):
            text = _("%(year)s: a change lies between -99 and 1000 %%.")
            found.append(Problem(text, params, "price"))
    if (document.market or 0) < 0 or not 0 < document.most_share <= 1:
        text = _("A market cannot be negative, and the share to be had is at most 100 %%.")
        found.append(Problem(text, {}, "market"))
    return found
