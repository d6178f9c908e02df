"""Compares a total or a report of another system with ours, and keeps what makes the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from perilune.history import queries as history
from perilune.hub.engine.reconcile import (
    Filters,
    Here,
    Reconciled,
    There,
    explain,
    reconcile,
)
from perilune.hub.models import ReconciledRow, Reconciliation
from perilune.hub.service.reports import Report, ReportRow, report_of
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import minor_exponent
from perilune.kernel.rates import Rates, RateSet
from perilune.kernel.scope import Scope
from perilune.people import queries as people
from perilune.store import queries as store

MEANINGS = ("won", "open", "lost")
BESIDE = timedelta(days=92)
"""How far outside the period deals are looked at that another system may count in it."""

_SHORT_ID, _LONGEST, _AT_ONCE = 15, 200, 1_000
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True)
class Asked:
    """What is compared: deals that close in a period, of a stage ("" for all), of an owner.

    source: whose ids the report has, "" for any that is known here. report_day: of which day the
    report is; total: what it says, in the company's currency.
    """

    period: Period | None = None
    meaning: str = "won"
    owner: str = ""
    source: str = ""
    report_day: date | None = None
    total: Decimal | None = None
    title: str = ""


def reconcile_report(
    path: Path | None, asked: Asked, *, scope: Scope, as_of: AsOf, actor: str
) -> int:
    """Compare, keep the comparison as evidence and return its id.

    path: the report; without one `asked.total` alone is explained as far as that goes. Invalid
    where neither is given, or where nothing of the file can be read as deals.
    """
    if asked.meaning and asked.meaning not in MEANINGS:
        raise Invalid(_("There is no stage of that kind: won, open or lost."))
    if scope.owners is not None:
        raise Refused(_("Only who sees every deal can say why two totals differ."))
    if path is None and asked.total is None:
        raise Invalid(_("Give a report, or a total."))
    report = report_of(path) if path is not None else None
    currency = people.company().currency
    total = _minor(asked.total, currency)
    ids = _ids(report, asked.source) if report is not None and not report.is_by_name else {}
    states = _states(asked.period, list(ids.values()), scope, as_of)
    owners = _owners(states, asked.owner)
    filters = Filters(
        asked.period.start.isoformat() if asked.period else "",
        asked.period.end.isoformat() if asked.period else "",
        frozenset([asked.meaning] if asked.meaning else ()),
        owners,
        asked.report_day.isoformat() if asked.report_day else "",
    )
    if report is not None and report.is_by_name:
        report, ids = _by_name(report, states, filters, currency)
    here = [_here(state) for state in states.values()]
    if report is None:
        found = explain(total or 0, here, filters)
    else:
        rows = _there(report, states, ids, currency, as_of)
        found = reconcile(rows, here, ids, filters, total=total)
    assert not found.residual  # the engine's law: the lines are the difference
    return _kept(found, asked, path, filters, scope, as_of, actor, currency)


def _minor(amount: Decimal | None, currency: str) -> int | None:
    if amount is None:
        return None
    exact = amount.scaleb(minor_exponent(currency))
    return int(exact.to_integral_value(ROUND_HALF_UP))


# -- what stands here --------------------------------------------------------------------------


def _states(
    period: Period | None, ids: Sequence[int], scope: Scope, as_of: AsOf
) -> dict[int, dict[str, Any]]:
    """Return the deals that may stand behind the total, by id."""
    starts = period.start - BESIDE if period else date(1900, 1, 1)
    ends = period.end + BESIDE if period else date(2999, 12, 31)
    params = {"starts": starts, "ends": ends, "ids": list(ids) or [0]}
    found = store.run("hub.deals_beside", params, scope=scope, as_of=as_of)
    return {int(row["id"]): row for row in found.dicts()}


def _here(state: Mapping[str, Any]) -> Here:
    return Here(
        int(state["id"]), state["value"], state["amount"], str(state["currency"]),
        str(state["close_date"] or ""), state["owner_id"], str(state["meaning"]),
        bool(state["is_excluded"]), str(state["created_date"] or ""),
    )  # fmt: skip


def _owners(states: Mapping[int, Mapping[str, Any]], name: str) -> frozenset[int]:
    if not name.strip():
        return frozenset()
    wanted = name.strip().casefold()
    found = frozenset(
        int(s["owner_id"])
        for s in states.values()
        if s["owner_id"] is not None and str(s["owner"] or "").casefold() == wanted
    )
    if not found:
        raise Invalid(_("No deal here belongs to %(name)s."), name=name)
    return found


# -- what the report says ----------------------------------------------------------------------


def _ids(report: Report, source: str) -> dict[str, int]:
    """Return the record of each key; short ids of Salesforce's reports are known by their long."""
    sources = [source] if source else sorted(history.sources("opportunity"))
    keys = {row.key for row in report.rows}
    longer = {key: long_id(key) for key in keys if len(key) == _SHORT_ID and key.isalnum()}
    found: dict[str, int] = {}
    for name in sources:
        known = history.identities(name, "opportunity", sorted(keys | set(longer.values())))
        for key in keys - found.keys():
            hit = known.get(key) or known.get(longer.get(key, ""))
            if hit is not None:
                found[key] = hit[0]
    return found


def long_id(key: str) -> str:
    """Return the 18 characters of a Salesforce id of 15, which only case tells apart.

    Examples
    --------
    >>> long_id("006Fk0000000001")
    '006Fk0000000001IAA'
    """
    tail = ""
    for start in (0, 5, 10):
        bits = sum(1 << i for i, c in enumerate(key[start : start + 5]) if c.isupper())
        tail += _LETTERS[bits]
    return key + tail


def _by_name(
    report: Report, states: Mapping[int, Mapping[str, Any]], filters: Filters, currency: str
) -> tuple[Report, dict[str, int]]:
    """Return a report whose rows are keyed by their line, and the record that each one means.

    Deals often share a name: those that agree in amount and day are taken first, then in the
    amount, in the day, those that count, the rest; each once. A row that is left though its name is
    known is listed twice: it gets the key of the row that took the deal.
    """
    named: dict[str, list[int]] = {}
    for record_id, state in states.items():
        named.setdefault(str(state["name"] or "").casefold(), []).append(record_id)
    taken: dict[int, str] = {}
    keys: dict[int, str] = {}
    for level in range(5):
        for row in report.rows:
            if row.line in keys:
                continue
            for record_id in named.get(row.name.casefold(), ()):
                if record_id not in taken and _is_like(
                    row, states[record_id], filters, currency, level
                ):
                    taken[record_id] = keys[row.line] = str(row.line)
                    break
    ids = {key: record_id for record_id, key in taken.items()}
    for row in report.rows:
        twin = next((taken[i] for i in named.get(row.name.casefold(), ()) if i in taken), None)
        keys.setdefault(row.line, twin or str(row.line))
    rows = [replace(row, key=keys[row.line]) for row in report.rows]
    # the row that took a deal comes before its doubles
    rows.sort(key=lambda row: (row.key != str(row.line), row.line))
    return replace(report, rows=rows), ids


def _is_like(
    row: ReportRow, state: Mapping[str, Any], filters: Filters, currency: str, level: int
) -> bool:
    amount = row.converted if row.amount is None else row.amount
    own = currency if row.amount is None else row.currency or str(state["currency"])
    worth = state["value"] if row.amount is None else state["amount"]
    is_amount = amount is not None and _minor(amount, own) == worth
    is_day = bool(row.day) and row.day == str(state["close_date"] or "")
    counts = not filters.why_not(_here(state))
    return (is_amount and is_day, is_amount, is_day, counts, True)[level]


def _there(
    report: Report, states: Mapping[int, Mapping[str, Any]], ids: Mapping[str, int],
    currency: str, as_of: AsOf,
) -> list[There]:  # fmt: skip
    rates = people.budget_rates(as_of, currency)
    meanings = {str(s["stage_name"]).casefold(): str(s["meaning"]) for s in states.values()}
    owners = {
        str(s["owner"] or "").casefold(): int(s["owner_id"])
        for s in states.values()
        if s["owner_id"] is not None
    }
    result = []
    for row in report.rows:
        state = states.get(ids.get(row.key, 0))
        own = row.currency or (str(state["currency"]) if state else currency)
        amount = _minor(row.amount, own)
        result.append(
            There(
                row.key, _value(row, amount, own, state, rates, as_of), amount, own, row.day,
                owners.get(row.owner.casefold()), meanings.get(row.stage.casefold(), row.stage),
                row.name, row.line,
            )
        )  # fmt: skip
    return result


def _value(  # noqa: PLR0917  # one call site
    row: ReportRow, amount: int | None, own: str, state: Mapping[str, Any] | None, rates: Rates,
    as_of: AsOf,
) -> int | None:  # fmt: skip
    """Return a row's worth in the company's currency: as the report converts it, else as we do."""
    currency = rates.company_currency
    if row.converted is not None:
        return _minor(row.converted, currency)
    if amount is None or own == currency:
        return amount
    if state is not None and (state["amount"], state["currency"]) == (amount, own):
        return None if state["value"] is None else int(state["value"])
    is_won = state is not None and state["meaning"] == "won"
    day = date.fromisoformat(row.day) if row.day and is_won else as_of.day
    rate = rates.find(RateSet.BUDGET, own, day)
    if rate is None:
        return None
    scale = Decimal(10) ** (minor_exponent(currency) - minor_exponent(own))
    return int((Decimal(amount) * rate * scale).to_integral_value(ROUND_HALF_UP))


# -- evidence ----------------------------------------------------------------------------------


def _kept(  # noqa: PLR0917  # what a comparison consists of
    found: Reconciled, asked: Asked, path: Path | None, filters: Filters, scope: Scope,
    as_of: AsOf, actor: str, currency: str,
) -> int:  # fmt: skip
    with transaction.atomic():
        made = Reconciliation.objects.create(
            title=(asked.title or (path.stem if path is not None else ""))[:_LONGEST],
            file=path.name if path is not None else "",
            actor=actor,
            source=asked.source,
            scope=scope.label,
            currency=currency,
            filters={
                "period": asked.period.name if asked.period else "",
                "starts": filters.starts,
                "ends": filters.ends,
                "meaning": asked.meaning,
                "owners": sorted(filters.owners),
                "report_day": filters.report_day,
            },
            counts={"there": found.rows_there, "here": found.rows_here, "equal": found.equal},
            total_there=found.total_there,
            total_here=found.total_here,
            as_of=as_of.at,
            version=store.freshness().version,
        )
        ReconciledRow.objects.bulk_create(
            (
                ReconciledRow(
                    reconciliation=made,
                    cause=line.cause,
                    key=line.key[:_LONGEST],
                    record_id=line.record_id,
                    there=line.there,
                    here=line.here,
                    was=line.was[:_LONGEST],
                    now=line.now[:_LONGEST],
                    label=line.label[:_LONGEST],
                    is_sure=line.is_sure,
                )
                for line in found.lines
            ),
            batch_size=_AT_ONCE,
        )
    return made.id
