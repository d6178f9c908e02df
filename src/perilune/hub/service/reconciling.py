"""Compares a total or a report of another system with ours, and keeps what makes the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
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
from perilune.hub.queries.beside import COUNT, DEAL, Beside, beside, states
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
_SHORT_ID, _LONGEST, _AT_ONCE = 15, 200, 1_000
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True)
class Asked:
    """What is compared: records of a kind by what they sum to, of a period, of an owner.

    kind: deals where nothing is said. measure: a money field, `count`, "" for the usual one of the
    kind. meaning: the stage of deals, "" for all; where: (field, value) that other records have.
    source: whose ids the report has, "" for any that is known here. report_day: of which day the
    report is; total: what it says, in the company's currency, or how many.
    """

    period: Period | None = None
    meaning: str = "won"
    owner: str = ""
    source: str = ""
    report_day: date | None = None
    total: Decimal | None = None
    title: str = ""
    kind: str = DEAL
    measure: str = ""
    where: tuple[str, str] = ("", "")

    @property
    def wanted(self) -> str:
        """The stage, or the value, that records must have to count; "" for any."""
        return self.meaning if self.kind == DEAL else self.where[1].strip()


def reconcile_report(
    path: Path | None, asked: Asked, *, scope: Scope, as_of: AsOf, actor: str
) -> int:
    """Compare, keep the comparison as evidence and return its id.

    path: the report; without one `asked.total` alone is explained as far as that goes. Invalid
    where neither is given, or where nothing of the file can be read as deals.
    """
    if asked.kind == DEAL and asked.meaning and asked.meaning not in MEANINGS:
        raise Invalid(_("There is no stage of that kind: won, open or lost."))
    if scope.owners is not None:
        raise Refused(_("Only who sees every record can say why two totals differ."))
    if path is None and asked.total is None:
        raise Invalid(_("Give a report, or a total."))
    what = beside(asked.kind, asked.measure, asked.where[0] if asked.wanted else "")
    report = report_of(path, what) if path is not None else None
    total = _minor(asked.total, what.currency)
    ids = _ids(report, asked) if report is not None and not report.is_by_name else {}
    known = states(what, asked.period, list(ids.values()), scope, as_of)
    filters = Filters(
        asked.period.start.isoformat() if asked.period else "",
        asked.period.end.isoformat() if asked.period else "",
        frozenset([asked.wanted.casefold()] if asked.wanted else ()),
        _owners(known, asked.owner),
        asked.report_day.isoformat() if asked.report_day else "",
    )
    if report is not None and report.is_by_name:
        report, ids = _by_name(report, what, known, filters)
    here = [_here(state) for state in known.values()]
    if report is None:
        found = explain(total or 0, here, filters)
    else:
        rows = _there(report, what, known, ids, as_of)
        found = reconcile(rows, here, ids, filters, total=total)
    assert not found.residual  # the engine's law: the lines are the difference
    return _kept(found, asked, what, path, filters, scope, as_of, actor)


def _minor(amount: Decimal | None, currency: str) -> int | None:
    """Return minor units of a currency; without one it is a count."""
    if amount is None:
        return None
    exact = amount.scaleb(minor_exponent(currency) if currency else 0)
    return int(exact.to_integral_value(ROUND_HALF_UP))


# -- what stands here --------------------------------------------------------------------------


def _here(state: Mapping[str, Any]) -> Here:
    return Here(
        int(state["id"]), state["value"], state["amount"], str(state["currency"]),
        state["day"], state["owner_id"], str(state["meaning"]).casefold(),
        bool(state["is_excluded"]), state["created"],
    )  # fmt: skip


def _owners(known: Mapping[int, Mapping[str, Any]], name: str) -> frozenset[int]:
    if not name.strip():
        return frozenset()
    wanted = name.strip().casefold()
    found = frozenset(
        int(s["owner_id"])
        for s in known.values()
        if s["owner_id"] is not None and str(s["owner"] or "").casefold() == wanted
    )
    if not found:
        raise Invalid(_("No such record here belongs to %(name)s."), name=name)
    return found


# -- what the report says ----------------------------------------------------------------------


def _ids(report: Report, asked: Asked) -> dict[str, int]:
    """Return the record of each key; short ids of Salesforce's reports are known by their long."""
    sources = [asked.source] if asked.source else sorted(history.sources(asked.kind))
    keys = {row.key for row in report.rows}
    longer = {key: long_id(key) for key in keys if len(key) == _SHORT_ID and key.isalnum()}
    found: dict[str, int] = {}
    for name in sources:
        known = history.identities(name, asked.kind, sorted(keys | set(longer.values())))
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
    report: Report, what: Beside, known: Mapping[int, Mapping[str, Any]], filters: Filters
) -> tuple[Report, dict[str, int]]:
    """Return a report whose rows are keyed by their line, and the record that each one means.

    Records often share a name: those that agree in amount and day are taken first, then in the
    amount, in the day, those that count, the rest; each once. A row that is left though its name is
    known is listed twice: it gets the key of the row that took the record.
    """
    meant = _meant(what, known)
    taken: dict[int, str] = {}
    keys: dict[int, str] = {}
    for level in range(5):
        for row in report.rows:
            if row.line in keys:
                continue
            for record_id in meant(row):
                if record_id not in taken and _is_like(
                    row, known[record_id], filters, what.currency, level
                ):
                    taken[record_id] = keys[row.line] = str(row.line)
                    break
    ids = {key: record_id for record_id, key in taken.items()}
    for row in report.rows:
        twin = next((taken[i] for i in meant(row) if i in taken), None)
        keys.setdefault(row.line, twin or str(row.line))
    rows = [replace(row, key=keys[row.line]) for row in report.rows]
    # the row that took a record comes before its doubles
    rows.sort(key=lambda row: (row.key != str(row.line), row.line))
    return replace(report, rows=rows), ids


def _meant(
    what: Beside, known: Mapping[int, Mapping[str, Any]]
) -> Callable[[ReportRow], Sequence[int]]:
    """Return what says which records a row may mean, by the surest name that is known here."""
    named: dict[tuple[int, str], list[int]] = {}
    for record_id, state in known.items():
        for i, field in enumerate(what.told_by):
            named.setdefault((i, _plain(state[field])), []).append(record_id)

    def meant(row: ReportRow) -> Sequence[int]:
        told = ((i, _plain(name)) for i, name in enumerate(row.names) if name)
        return next((named[one] for one in told if one in named), ())

    return meant


def _plain(text: object) -> str:
    words = str(text or "").casefold().split()
    joined = "".join(words)
    return joined if joined.isdigit() else " ".join(words)  # registration numbers come in groups


def _is_like(
    row: ReportRow, state: Mapping[str, Any], filters: Filters, currency: str, level: int
) -> bool:
    amount = row.converted if row.amount is None else row.amount
    own = currency if row.amount is None else row.currency or str(state["currency"])
    worth = state["value"] if row.amount is None else state["amount"]
    is_amount = bool(own) and amount is not None and _minor(amount, own) == worth
    is_day = bool(row.day) and row.day == state["day"]
    counts = not filters.why_not(_here(state))
    return (is_amount and is_day, is_amount, is_day, counts, True)[level]


def _there(
    report: Report, what: Beside, known: Mapping[int, Mapping[str, Any]], ids: Mapping[str, int],
    as_of: AsOf,
) -> list[There]:  # fmt: skip
    rates = people.budget_rates(as_of, people.company().currency)
    meanings = {str(s["stage_name"]).casefold(): str(s["meaning"]) for s in known.values()}
    owners = {
        str(s["owner"] or "").casefold(): int(s["owner_id"])
        for s in known.values()
        if s["owner_id"] is not None
    }
    result = []
    for row in report.rows:
        state = known.get(ids.get(row.key, 0))
        own = row.currency or (str(state["currency"]) if state else what.currency)
        amount = _minor(row.amount, own)
        result.append(
            There(
                row.key,
                _value(row, amount, own, state, rates, as_of) if what.money else amount,
                amount, own, row.day,
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
    found: Reconciled, asked: Asked, what: Beside, path: Path | None, filters: Filters,
    scope: Scope, as_of: AsOf, actor: str,
) -> int:  # fmt: skip
    with transaction.atomic():
        made = Reconciliation.objects.create(
            title=(asked.title or (path.stem if path is not None else ""))[:_LONGEST],
            file=path.name if path is not None else "",
            actor=actor,
            source=asked.source,
            scope=scope.label,
            currency=what.currency,
            filters={
                "period": asked.period.name if asked.period else "",
                "starts": filters.starts,
                "ends": filters.ends,
                "meaning": asked.wanted,
                "kind": asked.kind,
                "measure": what.money.name if what.money is not None else COUNT,
                "where": what.where.name if what.where is not None else "",
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
