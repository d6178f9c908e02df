"""Lists of a kind: composed SQL over the store's relations, cut to scope and as-of by the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perilune.crm.contracts import ListColumn, ListPage, ListQuery, Measured, Total
from perilune.crm.queries.columns import columns_of, default_sort, kind_named, listed_columns
from perilune.crm.queries.conditions import Where, where
from perilune.crm.queries.crediting import case_values, credited, with_shares
from perilune.crm.queries.names import title_sql, titles, titles_of_rows
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Refused
from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS, STORE_TABLES
from perilune.people.queries import company
from perilune.store import queries as store

EXPORT_BATCH = 50_000
_MOST_RANKED = 5_000


@dataclass(frozen=True)
class _Plan:
    """A list made ready to ask: its parts of SQL and their parameters."""

    query: ListQuery
    columns: tuple[ListColumn, ...]
    where: Where
    params: dict[str, Any] = field(default_factory=dict)
    cases: Mapping[int, int] | None = None


def list_page(query: ListQuery, *, scope: Scope, as_of: AsOf) -> ListPage:
    """Return one page of a list with its count, totals and the names its rows refer to.

    Refused when the scope shows totals only.
    """
    plan = _plan(query, scope, as_of)
    rows = _rows(plan, query.size, (query.page - 1) * query.size, scope, as_of)
    count, totals = _summed(plan, scope, as_of)
    names = titles_of_rows(plan.columns, rows, as_of)
    measured = _measured(plan, scope, as_of) if "amount" in totals else None
    return ListPage(query, plan.columns, rows, count, totals, names, measured)


def all_rows(query: ListQuery, *, scope: Scope, as_of: AsOf) -> Iterator[ListPage]:
    """Give every row of a list in its order, in large pages: for exports."""
    plan = _plan(query, scope, as_of)
    offset = 0
    while True:
        rows = _rows(plan, EXPORT_BATCH, offset, scope, as_of)
        names = titles_of_rows(plan.columns, rows, as_of)
        yield ListPage(query, plan.columns, rows, len(rows), {}, names)
        if len(rows) < EXPORT_BATCH:
            return
        offset += EXPORT_BATCH


def list_ids(query: ListQuery, *, scope: Scope, as_of: AsOf, most: int) -> list[int]:
    """Return the ids of a list's rows, up to a number."""
    plan = _plan(query, scope, as_of)
    sql = f"SELECT t.id FROM {_source(plan)} {plan.where.sql} ORDER BY t.id LIMIT :row_limit"
    given = {**plan.params, "row_limit": most}
    return store.run_sql(sql, given, scope=scope, as_of=as_of).column("id")


def list_sql(query: ListQuery, *, scope: Scope, as_of: AsOf) -> str:
    """Return the SQL behind a list, for the page that shows it."""
    plan = _plan(query, scope, as_of)
    sql, params = _page_sql(plan, scope, as_of, query.size, (query.page - 1) * query.size)
    return store.explain_sql(sql, params, scope=scope, as_of=as_of)


def _plan(query: ListQuery, scope: Scope, as_of: AsOf) -> _Plan:
    if scope.aggregates_only:
        raise Refused(_("You see totals here, not rows."))
    made = where(query, as_of)
    cases = case_values(query, scope, as_of)
    if cases is not None:  # of the cases of a figure those that the gate lets through
        made.parts.append(f"t.id IN ({made.give(sorted(cases))})")
    return _Plan(query, listed_columns(query.kind, query.columns), made, dict(made.params), cases)


def _source(plan: _Plan, *extra: ListColumn) -> str:
    """Return FROM: the kind, and the deal's stage where a column is derived from it."""
    sql = f'"{plan.query.kind}" AS t'
    if plan.where.needs_stage or any(column.is_derived for column in extra):
        sql += " LEFT JOIN stage AS s ON s.id = t.stage_id"
    return sql


def _rows(plan: _Plan, limit: int, offset: int, scope: Scope, as_of: AsOf) -> list[dict[str, Any]]:
    sql, params = _page_sql(plan, scope, as_of, limit, offset)
    return store.run_sql(sql, params, scope=scope, as_of=as_of).dicts()


def _page_sql(
    plan: _Plan, scope: Scope, as_of: AsOf, limit: int, offset: int
) -> tuple[str, dict[str, Any]]:
    shown = ", ".join(f'{column.sql} AS "{column.name}"' for column in plan.columns)
    if any(column.field.type in _CURRENCY_TYPES for column in plan.columns):
        has = {column.name for column in plan.columns}
        if "currency" in columns_of(plan.query.kind) and "currency" not in has:
            shown += ', t.currency AS "currency"'
    order, joins, params = _order(plan, scope, as_of)
    source = _source(plan, *plan.columns, *_sort_columns(plan))
    sql = (
        f"SELECT t.id, {shown} FROM {source}{joins} {plan.where.sql}"
        f" ORDER BY {order} LIMIT :row_limit OFFSET :row_offset"
    )
    return sql, {**plan.params, **params, "row_limit": limit, "row_offset": offset}


_CURRENCY_TYPES = (FieldType.MONEY, FieldType.UNIT_PRICE)


# -- order ---------------------------------------------------------------------------------------


def _sort_columns(plan: _Plan) -> tuple[ListColumn, ...]:
    column = columns_of(plan.query.kind).get(plan.query.sort)
    return (column,) if column else ()


def _order(plan: _Plan, scope: Scope, as_of: AsOf) -> tuple[str, str, dict[str, Any]]:
    """Return (ORDER BY, joins, parameters) of a list; ties by id, empty values last."""
    kind = kind_named(plan.query.kind)
    name, descending = plan.query.sort, plan.query.is_descending
    column = columns_of(kind.name).get(name)
    if column is None:
        name, descending = default_sort(kind)
        column = columns_of(kind.name).get(name)
    way = "DESC" if descending else "ASC"
    if column is None:
        return f"t.id {way}", "", {}
    if column.field.type is FieldType.REFERENCE:
        key, joins = _reference_order(plan, column, scope, as_of)
    else:
        is_text = column.field.type in (FieldType.TEXT, FieldType.LONG_TEXT)
        key, joins = (f"LOWER({column.sql})" if is_text else column.sql), ""
    return f"{key} {way} NULLS LAST, t.id {way}", joins, {}


def _reference_order(plan: _Plan, column: ListColumn, scope: Scope, as_of: AsOf) -> tuple[str, str]:
    target = column.field.target
    if target == "stage":
        return "g.position", f" LEFT JOIN stage AS g ON g.id = {column.sql}"
    if scope.owners is not None and _is_owned(target):
        return _ranked_order(plan, column, scope, as_of)
    title = title_sql(KINDS.get(target), "r")
    return f"LOWER({title})", f' LEFT JOIN "{target}" AS r ON r.id = {column.sql}'


def _ranked_order(plan: _Plan, column: ListColumn, scope: Scope, as_of: AsOf) -> tuple[str, str]:
    """Order by names that the scope's own relation does not hold: ranks of the ids in the list."""
    sql = (
        f"SELECT DISTINCT {column.sql} AS id FROM {_source(plan)} {plan.where.sql}"
        " ORDER BY 1 LIMIT :most"
    )
    given = {**plan.params, "most": _MOST_RANKED}
    rows = store.run_sql(sql, given, scope=scope, as_of=as_of).dicts()
    found = titles(column.field.target, [row["id"] for row in rows if row["id"]], as_of)
    ranked = sorted(found, key=lambda record_id: (found[record_id].lower(), record_id))
    if not ranked:
        return column.sql, ""
    ranks = ", ".join(f"({int(record_id)}, {at})" for at, record_id in enumerate(ranked))
    return "r.rank", f" LEFT JOIN (VALUES {ranks}) AS r(id, rank) ON r.id = {column.sql}"


def _is_owned(kind: str) -> bool:
    table = next((table for table in STORE_TABLES if table.relation == kind), None)
    return table is not None and bool(table.owner_column or table.parent[0])


# -- totals --------------------------------------------------------------------------------------


def _summed(plan: _Plan, scope: Scope, as_of: AsOf) -> tuple[int, dict[str, Total]]:
    """Return the number of rows and the sums of the shown money columns, converted."""
    money = [c for c in plan.columns if c.field.type is FieldType.MONEY]
    currency = company().currency
    has_currency = "currency" in columns_of(plan.query.kind)
    own = "COALESCE(t.currency, :currency)" if has_currency else ":currency"
    sums = "".join(
        f", CAST(SUM({c.sql}) AS BIGINT) AS s{at}, COUNT({c.sql}) AS n{at}"
        for at, c in enumerate(money)
    )
    if not money:
        sql = f"SELECT COUNT(*) AS n FROM {_source(plan)} {plan.where.sql}"
        return store.run_sql(sql, plan.params, scope=scope, as_of=as_of).scalar() or 0, {}
    sql = (
        f"SELECT {own} AS currency, COUNT(*) AS n{sums} FROM {_source(plan)} {plan.where.sql}"
        f" GROUP BY {own}"
    )
    groups = store.run_sql(sql, plan.params, scope=scope, as_of=as_of).dicts()
    count = sum(group["n"] for group in groups)
    if any(group["currency"] != currency for group in groups):
        return count, _converted(plan, money, groups, scope, as_of)
    return count, {
        c.name: Total(sum(g[f"s{at}"] or 0 for g in groups), currency) for at, c in enumerate(money)
    }


def _converted(
    plan: _Plan,
    money: Sequence[ListColumn],
    groups: Sequence[dict[str, Any]],
    scope: Scope,
    as_of: AsOf,
) -> dict[str, Total]:
    if plan.query.kind == "opportunity":
        return _converted_deals(plan, money, scope, as_of)
    rates = _rates(as_of)
    currency = company().currency
    totals = {}
    for at, column in enumerate(money):
        minor, unrated = 0, 0
        for group in groups:
            rate = 1.0 if group["currency"] == currency else rates.get(group["currency"])
            if rate is None:
                unrated += group[f"n{at}"]
            else:
                minor += round((group[f"s{at}"] or 0) * rate)
        totals[column.name] = Total(minor, currency, unrated, is_converted=True)
    return totals


# a won deal is frozen at the rate of its close date, all others follow that of the as-of (rule 5)
_RATE_DAY = (
    "CASE WHEN s.meaning = 'won' THEN COALESCE(t.close_date, :as_of_day) ELSE :as_of_day END"
)


def _converted_deals(
    plan: _Plan, money: Sequence[ListColumn], scope: Scope, as_of: AsOf
) -> dict[str, Total]:
    sums = ", ".join(
        f"CAST(SUM(CAST(ROUND({c.sql} * d.factor) AS BIGINT)) AS BIGINT) AS s{at},"
        f" COUNT(CASE WHEN d.factor IS NULL THEN {c.sql} END) AS u{at}"
        for at, c in enumerate(money)
    )
    sql = f"""
        SELECT {sums} FROM opportunity AS t LEFT JOIN stage AS s ON s.id = t.stage_id
        LEFT JOIN budget_rate AS d ON d.currency = COALESCE(t.currency, :currency)
            AND d.starts <= {_RATE_DAY} AND d.ends > {_RATE_DAY}
        {plan.where.sql}"""
    row = store.run_sql(sql, plan.params, scope=scope, as_of=as_of).dicts()[0]
    currency = company().currency
    return {
        c.name: Total(row[f"s{at}"] or 0, currency, row[f"u{at}"], is_converted=True)
        for at, c in enumerate(money)
    }


def _measured(plan: _Plan, scope: Scope, as_of: AsOf) -> Measured | None:
    """Return what the measures count of these deals; None where that is the list's sum."""
    if plan.query.kind != "opportunity":
        return None
    stage = "LEFT JOIN stage AS s ON s.id = t.stage_id" if plan.where.needs_stage else ""
    out = "COALESCE(m.is_excluded, FALSE) OR (m.meaning = 'open' AND m.category = 'omitted')"
    listed = f"NOT ({out}) AND m.value IS NOT NULL AND COALESCE(m.amount, 0) <> m.expected"
    sql = f"""
        SELECT
            CAST(COALESCE(SUM(CASE WHEN NOT ({out}) THEN m.value END), 0) AS BIGINT) AS minor,
            COUNT(CASE WHEN {listed} THEN 1 END) AS listed,
            CAST(COALESCE(SUM(CASE WHEN {listed} THEN m.value END), 0) AS BIGINT) AS listed_minor,
            COUNT(CASE WHEN {out} THEN 1 END) AS left_out,
            CAST(COALESCE(SUM(CASE WHEN {out} THEN m.value END), 0) AS BIGINT) AS left_out_minor
        FROM opportunity AS t {stage} INNER JOIN any_deal AS m ON m.id = t.id {plan.where.sql}"""
    row = store.run_sql(sql, plan.params, scope=scope, as_of=as_of).dicts()[0]
    found = Measured(**row)
    counts = credited(plan.query, plan.cases, scope, as_of)
    if counts is not None:
        sql = f"""
            SELECT m.id, m.value
            FROM opportunity AS t {stage} INNER JOIN any_deal AS m ON m.id = t.id
            {plan.where.sql} {"AND" if plan.where.sql else "WHERE"} NOT ({out})"""
        rows = store.run_sql(sql, plan.params, scope=scope, as_of=as_of).rows
        found = with_shares(found, {deal: value or 0 for deal, value in rows}, counts)
    return found if found.is_other else None


def _rates(as_of: AsOf) -> dict[str, float]:
    """Return company minor units per minor unit, by currency: the budget rates of the as-of day."""
    sql = """
        SELECT d.currency, d.factor FROM budget_rate AS d
        WHERE d.starts <= :as_of_day AND d.ends > :as_of_day"""
    return dict(store.run_sql(sql, scope=Scope.company(), as_of=as_of).rows)
