"""What of a kind of record may stand behind a total: what it is compared by, and its rows here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from perilune.history import queries as history
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType, Kind
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS
from perilune.people import queries as people
from perilune.store import queries as store

DEAL, COUNT = "opportunity", "count"
RECONCILED = (DEAL, "account", "contact", "lead", "activity", "case", "campaign", "product")
"""Kinds that other systems list with a key of their own."""

BESIDE = timedelta(days=92)
"""How far outside the period records are looked at that another system may count in it."""

_DATED = (FieldType.DATE, FieldType.INSTANT)
_TOLD_BY = {"account": ("siret",), "contact": ("email",), "lead": ("email",)}
_ASKED = (FieldType.TEXT, FieldType.CHOICE)
_EVER, _NEVER = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Beside:
    """By what records of a kind are compared.

    money: the field that is summed, None where records are counted. day: the field that a period
    asks for, None where the kind has none. told_by: fields that tell a record of a report without
    ids, the surest first. where: the field that a filter asks for, None without one.
    """

    kind: Kind
    currency: str = ""
    money: Field | None = None
    day: Field | None = None
    told_by: tuple[str, ...] = ()
    where: Field | None = None

    @property
    def is_deals(self) -> bool:
        """Tell whether these are deals, which have stages, and a value without an amount."""
        return self.kind.name == DEAL


def moneys(kind: str) -> list[Field]:
    """Return the money fields of a kind that a total may be of."""
    if kind == DEAL:
        return [KINDS.get(kind).field("amount")]
    return [one for one in history.all_fields(kind) if one.type is FieldType.MONEY]


def filters(kind: str) -> list[Field]:
    """Return the fields of a kind by which another system's report may have been cut."""
    if kind == DEAL:  # their stage cuts them
        return []
    own = KINDS.get(kind)
    return [
        one for one in history.all_fields(kind)
        if one.type in _ASKED and not one.is_personal
        and one.name not in {own.title_field, "currency"}
    ]  # fmt: skip


def beside(kind: str, measure: str, where: str) -> Beside:
    """Return by what records are compared. measure: a money field, `count`, or "" for the usual.

    Invalid for a kind, a field or a filter that there is not.
    """
    if kind not in RECONCILED:
        raise Invalid(
            _("Records of that kind are not compared: %(kinds)s."), kinds=", ".join(RECONCILED)
        )
    own = KINDS.get(kind)
    by_name = {one.name: one for one in moneys(kind)}
    money = None
    if measure != COUNT and (measure or kind == DEAL):
        money = by_name.get(measure or "amount")
        if money is None:
            raise Invalid(
                _("%(field)s is no amount of these records: %(fields)s."),
                field=measure, fields=", ".join([COUNT, *by_name]),
            )  # fmt: skip
    asked = next((one for one in filters(kind) if one.name == where), None)
    if where and asked is None:
        raise Invalid(_("These records are not filtered by %(field)s."), field=where)
    day = next((one for one in own.fields if one.type in _DATED and one.is_listed), None)
    currency = people.company().currency if money is not None else ""
    return Beside(own, currency, money, day, (*_TOLD_BY.get(kind, ()), own.title_field), asked)


def states(
    what: Beside, period: Period | None, ids: Sequence[int], scope: Scope, as_of: AsOf
) -> dict[int, dict[str, Any]]:
    """Return the records that may stand behind a total, by id, also those that do not count.

    Of each: the fields of `told_by`, owner and owner_id, day and created (ISO, company's zone),
    meaning (a deal's, else the value that is filtered by), stage_name, currency, amount and value
    (minor units; ones where records are counted), is_excluded.
    """
    if period is not None and what.day is None:
        raise Invalid(_("These records have no day by which a period cuts them."))
    params = {
        "starts": period.start - BESIDE if period else _EVER,
        "ends": period.end + BESIDE if period else _NEVER,
        "ids": list(ids) or [0],
    }
    if what.is_deals:
        found = store.run("hub.deals_beside", params, scope=scope, as_of=as_of)
    else:
        sql = _sql(what, is_cut=period is not None)
        found = store.run_sql(sql, params, scope=scope, as_of=as_of)
    zone = people.company().zone
    result = {}
    for row in found.dicts():
        row |= {name: _day(row[name], zone) for name in ("day", "created")}
        if what.money is None:
            row |= {"amount": 1, "value": 1, "currency": ""}
        result[int(row["id"])] = row
    return result


def _sql(what: Beside, *, is_cut: bool) -> str:
    """Return the SELECT of a kind without stages; identifiers are declared ones."""
    names = set(what.kind.field_names)

    def column(name: str, type_: str = "VARCHAR") -> str:
        return f'm."{name}"' if name else f"CAST(NULL AS {type_})"

    def own(name: str, type_: str = "VARCHAR") -> str:
        return column(name if name in names else "", type_)

    day = column(what.day.name) if what.day else column("", "DATE")
    # what happens at an instant is made then; of other records only a date of creation says it
    is_event = what.day is not None and what.day.type is FieldType.INSTANT
    created = day if is_event else own("created_date", "DATE")
    told = "".join(f'm."{name}", ' for name in what.told_by)
    owner, currency = own("owner_id", "BIGINT"), own("currency")
    amount = column(what.money.name if what.money else "", "BIGINT")
    cut = f"(CAST({day} AS DATE) >= :starts AND CAST({day} AS DATE) <= :ends) OR m.id IN (:ids)"
    return f"""
        SELECT
            m.id, {told}{day} AS day, {created} AS created, {owner} AS owner_id, r.name AS owner,
            COALESCE({column(what.where.name if what.where else "")}, '') AS meaning,
            '' AS stage_name, COALESCE({currency}, :currency) AS currency, {amount} AS amount,
            CAST(ROUND({amount} * b.factor) AS BIGINT) AS value, FALSE AS is_excluded
        FROM "{what.kind.name}" AS m
        LEFT JOIN rep AS r ON r.id = {owner}
        LEFT JOIN budget_rate AS b
            ON b.currency = COALESCE({currency}, :currency)
            AND b.starts <= :as_of_day AND b.ends > :as_of_day
        {"WHERE " + cut if is_cut else ""}
        ORDER BY m.id
    """


def _day(value: Any, zone: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).date().isoformat()
    return str(value or "")[:10]


def names_of(kind: str, ids: Sequence[int], scope: Scope, as_of: AsOf) -> dict[int, str]:
    """Return the names of those of the records that a person may see."""
    if not ids or kind not in KINDS:
        return {}
    title = KINDS.get(kind).title_field
    sql = f'SELECT t.id, t."{title}" AS title FROM "{kind}" AS t WHERE t.id IN (:ids)'
    found = store.run_sql(sql, {"ids": sorted(set(ids))}, scope=scope, as_of=as_of)
    return {int(row["id"]): str(row["title"] or "") for row in found.dicts()}
