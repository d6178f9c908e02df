"""The accounts as rules see them: every field that a rule may use, as columns of one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.crm.contracts import NO_DEAL_REASONS
from perilune.history.queries import all_fields
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import BOOKINGS, CYCLE, FieldKind, SegmentField
from perilune.planning.contracts.tables import Flags, Floats, Ids
from perilune.planning.engine.segmenting import Deals
from perilune.store import queries as store

_KINDS = {
    FieldType.TEXT: FieldKind.TEXT,
    FieldType.CHOICE: FieldKind.TEXT,
    FieldType.BOOLEAN: FieldKind.TEXT,
    FieldType.INTEGER: FieldKind.NUMBER,
    FieldType.DECIMAL: FieldKind.NUMBER,
    FieldType.MONEY: FieldKind.MONEY,
}
_LEFT_OUT = ("segment", "latitude", "longitude", "phone", "website", "street", "currency")
"""What rules write, and what says nothing of an account's kind."""
_YES_NO = (("1", _("yes")), ("0", _("no")))
_MEASURES = {
    CYCLE: ("y.cycle", SegmentField(CYCLE, _("Days from creation to win"), FieldKind.DAYS)),
    BOOKINGS: (
        "CAST(y.booked AS DOUBLE)",
        SegmentField(BOOKINGS, _("Bookings of twelve months"), FieldKind.MONEY),
    ),
}


@dataclass(frozen=True)
class AccountTable:
    """N accounts as known at an instant, ordered by id.

    owner: rep, 0 for nobody. segment: as recorded, empty for none. columns: the fields asked for;
    numbers with NaN, texts with "" where not known. booked, pipeline: minor units; booked of the
    twelve months before. worked: an open deal now or an activity within twelve months.
    without_rate: deals whose money has no rate.
    """

    ids: Ids
    names: Sequence[str]
    owner: Ids
    segment: NDArray[Any]
    columns: Mapping[str, NDArray[Any]]
    booked: Floats
    pipeline: Floats
    worked: Flags
    without_rate: int
    version: int


def segment_fields() -> tuple[SegmentField, ...]:
    """Return what rules may use: fields of accounts, own ones too, and what is measured."""
    fields = [
        SegmentField(
            item.name,
            item.label,
            _KINDS[item.type],
            item.type is FieldType.INTEGER,
            _YES_NO if item.type is FieldType.BOOLEAN else item.choices,
        )
        for item in all_fields("account")
        if item.type in _KINDS and item.name not in _LEFT_OUT
    ]
    return (*fields, *(field for _sql, field in _MEASURES.values()))


def segment_field(name: str) -> SegmentField:
    """Return a field by name; Invalid, naming it, where accounts have none such."""
    found = next((one for one in segment_fields() if one.name == name), None)
    if found is None:
        raise Invalid(_("Accounts have no field “%(name)s” for a rule."), name=name)
    return found


def account_table(scope: Scope, at: AsOf, names: Sequence[str] = ()) -> AccountTable:
    """Return the accounts that a scope sees, with these fields, as known at an instant."""
    fields = [segment_field(name) for name in names]
    given = {"year_ago": years_before(at.day, 1), "two_years_ago": years_before(at.day, 2)}
    result = store.run_sql(_sql(fields), given, scope=scope, as_of=at)
    rows = zip(*result.rows, strict=True) if result.rows else [()] * len(result.columns)
    columns = dict(zip(result.columns, rows, strict=True))
    return AccountTable(
        ids=np.array(columns["id"], np.int64),
        names=[name or "" for name in columns["name"]],
        owner=np.array([one or 0 for one in columns["owner_id"]], np.int64),
        segment=_texts(columns["segment"]),
        columns={
            field.name: (_floats if field.is_number else _texts)(columns[f"f{at_}"])
            for at_, field in enumerate(fields)
        },
        booked=_floats(columns["booked"]),
        pipeline=_floats(columns["pipeline"]),
        worked=np.array(columns["is_worked"], np.bool_),
        without_rate=sum(columns["without_rate"]),
        version=result.version,
    )


def known_values(name: str, scope: Scope, at: AsOf, most: int = 40) -> list[str]:
    """Return the values that a text field has, those of most accounts first."""
    field = _declared()[segment_field(name).name]
    column = _column(field)
    result = store.run_sql(
        f"SELECT {column} AS value, COUNT(*) AS n FROM account AS a"
        f" WHERE {column} IS NOT NULL AND {column} <> ''"
        f" GROUP BY {column} ORDER BY n DESC, value LIMIT {int(most)}",
        scope=scope, as_of=at,
    )  # fmt: skip
    return [row[0] for row in result.rows]


def closed_deals(table: AccountTable, scope: Scope, at: AsOf, years: int = 2) -> Deals:
    """Return the deals of these accounts that closed in some years, as evidence counts them."""
    starts = years_before(at.day, years)
    given = {"starts": starts, "ends": at.day, "no_deal": list(NO_DEAL_REASONS)}
    found = store.arrays("planning.segment_deals", given, scope=scope, as_of=at)
    place = np.searchsorted(table.ids, found["account_id"])
    place = np.minimum(place, max(len(table.ids) - 1, 0))
    mine = table.ids[place] == found["account_id"] if len(table.ids) else place < 0
    minor, days = (np.where(found[n] < 0, np.nan, found[n])[mine] for n in ("minor", "days"))
    return Deals(place[mine], found["won"][mine] == 1, minor, days)


def years_before(day: date, years: int) -> date:
    """Return the same day some years before; of a leap day the last of February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _sql(fields: Sequence[SegmentField]) -> str:
    """Return the SELECT of the table; identifiers come from declarations alone."""
    declared = _declared()
    shown = "".join(
        f", {_MEASURES[one.name][0] if one.name in _MEASURES else _column(declared[one.name])}"
        f" AS f{at}"
        for at, one in enumerate(fields)
    )
    return f"""
        SELECT a.id, a.name, a.owner_id, a.segment,
            CAST(y.booked AS DOUBLE) AS booked, CAST(y.pipeline AS DOUBLE) AS pipeline,
            y.is_worked, y.without_rate{shown}
        FROM account AS a
        INNER JOIN account_year AS y ON y.id = a.id
        LEFT JOIN budget_rate AS r
            ON r.currency = COALESCE(a.currency, :currency)
            AND r.starts <= :as_of_day AND r.ends > :as_of_day
        ORDER BY a.id
    """


def _declared() -> dict[str, Field]:
    return {item.name: item for item in all_fields("account")}


def _column(field: Field) -> str:
    own = f'a."{field.name}"'
    if field.type is FieldType.MONEY:
        return f"CAST({own} * r.factor AS DOUBLE)"
    if field.type is FieldType.BOOLEAN:
        return f"CASE WHEN {own} = TRUE THEN '1' WHEN {own} = FALSE THEN '0' ELSE '' END"
    return own


def _floats(values: Sequence[Any]) -> Floats:
    return np.array([np.nan if one is None else one for one in values], np.float64)


def _texts(values: Sequence[Any]) -> NDArray[Any]:
    return np.array([one or "" for one in values], dtype=np.str_)
