"""The accounts of a draft, read from the store as of an instant: places, owners, worth, loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from perilune.history.queries import all_fields
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.store import queries as store
from perilune.territories.contracts import REGION, Accounts, Attribute, Criterion, Holder
from perilune.territories.engine import to_km
from perilune.territories.queries.criteria import asked_fields, met

NUMERIC = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY)
_PLACE = ("latitude", "longitude", "founded_year")
MONTH = 365.25 / 12

BUILT_IN = {
    "accounts": (_("Accounts"), ""),
    "pipeline": (_("Open pipeline"), "money"),
    "bookings": (_("Bookings of the last 12 months"), "money"),
}
WORKLOAD = _("Workload")

UNKNOWN, NO_RATE = "unknown:", "without_rate:"


@dataclass(frozen=True)
class Read:
    """What was read.

    unknown: of each attribute, accounts of which it is not known and counts as nothing.
    without_rate: deals, and accounts by attribute, whose money has no rate and counts as nothing.
    """

    accounts: Accounts
    names: list[str]
    holders: tuple[Holder, ...]
    attributes: tuple[Attribute, ...]
    store_version: int
    unknown: Mapping[str, int]
    without_rate: Mapping[str, int]


def attribute_choices() -> list[Attribute]:
    """Return what a draft may balance: counts, worth, and any numeric field of accounts."""
    fields = [
        f"field:{item.name}"
        for item in all_fields("account")
        if item.type in NUMERIC and item.name not in _PLACE
    ]
    return [described(Attribute(key)) for key in (*BUILT_IN, *fields)]


def described(attribute: Attribute) -> Attribute:
    """Return an attribute with its label and unit; Invalid, naming it, where there is none such."""
    kind, __, rest = attribute.key.partition(":")
    if not 0 <= attribute.tolerance <= 1:
        raise Invalid(
            _("The tolerance of “%(key)s” lies between 0 %% and 100 %%."), key=attribute.key
        )
    if attribute.key in BUILT_IN:
        label, unit = BUILT_IN[attribute.key]
        return replace(attribute, label=label, unit=company().currency if unit else "")
    if kind == "field":
        field = _numeric(rest, attribute.key)
        unit = company().currency if field.type is FieldType.MONEY else ""
        return replace(attribute, label=field.label, unit=unit)
    if kind == "workload":
        _visits_and_minutes(attribute.key)
        return replace(attribute, label=WORKLOAD, unit="hours")
    raise Invalid(_("Accounts have no “%(key)s” to balance."), key=attribute.key)


def snapshot(
    scope: Scope,
    as_of: AsOf,
    attributes: Sequence[Attribute],
    layer: str = "",
    criteria: Sequence[Criterion] = (),
) -> Read:
    """Return the accounts that a scope sees and that meet all criteria, as of an instant.

    Invalid for an attribute that accounts do not have, for values below zero (naming the account),
    and where there is no account.
    """
    wanted = tuple(described(attribute) for attribute in attributes)
    if len({one.key for one in wanted}) < len(wanted):
        raise Invalid(_("The same attribute is to be balanced twice."))
    columns, version = _read(wanted, scope, as_of, criteria)
    if not columns.get("id"):
        raise Invalid(_("There are no accounts here to share out."))
    names = [name or "" for name in columns["name"]]
    loads = np.column_stack([_load(one, columns) for one in wanted])
    _require_sound(loads, wanted, names)
    owner = np.array([one or 0 for one in columns["owner_id"]], np.int64)
    holders, holder = _holders(columns["id"], owner, scope, as_of, layer)
    lat, lon = (_floats(columns[name]) for name in ("latitude", "longitude"))
    lost = ~(np.isfinite(lat) & np.isfinite(lon))
    lat[lost], lon[lost] = np.nan, np.nan
    points = np.full((len(owner), 2), np.nan)
    if not lost.all():
        points[~lost] = to_km(lat[~lost], lon[~lost])
    since = [as_of.day if day is None else day for day in columns["since"]]
    accounts = Accounts(
        ids=np.array(columns["id"], np.int64),
        lon=lon,
        lat=lat,
        points=points,
        owner=owner,
        holder=holder,
        loads=loads,
        pipeline=np.array(columns["pipeline"], np.int64),
        bookings=np.array(columns["bookings"], np.int64),
        open_deals=np.array(columns["open_deals"], np.int32),
        months=np.where(owner > 0, [(as_of.day - day).days / MONTH for day in since], 0.0),
    )
    gaps = _gaps(wanted, columns)
    return Read(accounts, names, holders, wanted, version, *gaps)


def _read(
    wanted: Sequence[Attribute], scope: Scope, as_of: AsOf, criteria: Sequence[Criterion] = ()
) -> tuple[dict[str, Sequence[Any]], int]:
    """Return the columns of a snapshot, none where there is no account, and the store's version."""
    asked = asked_fields(criteria)
    result = store.run_sql(
        _sql(wanted, asked),
        {"year_ago": _year_before(as_of.day)},
        scope=scope,
        as_of=as_of,
    )
    rows = result.rows
    if criteria:
        first = len(result.columns) - len(asked)
        columns = {name: [row[first + at] for row in rows] for at, name in enumerate(asked)}
        rows = [rows[at] for at in np.flatnonzero(met(criteria, columns, len(rows))).tolist()]
    if not rows:
        return {}, result.version
    return dict(zip(result.columns, zip(*rows, strict=True), strict=True)), result.version


def _sql(attributes: Sequence[Attribute], asked: Sequence[str]) -> str:
    """Return the SELECT of a snapshot; identifiers come from declarations alone.

    asked: fields that conditions ask for, the last columns.
    """
    declared = {item.name: item for item in all_fields("account")}
    fields = dict.fromkeys(
        field.name for attribute in attributes for field in _fields_of(attribute)
    )
    shown = [f'a."{name}" AS "f_{name}"' for name in fields]
    shown += [
        f'CAST(ROUND(a."{name}" * r.factor) AS BIGINT) AS "m_{name}"'
        for name in fields
        if declared[name].type is FieldType.MONEY
    ]
    shown += [f'a."{name}" AS "c_{name}"' for name in asked]
    return f"""
        SELECT a.id, a.name, a.owner_id, a.latitude, a.longitude,
            w.pipeline, w.bookings, w.open_deals, w.without_rate, w.since
            {"".join(", " + text for text in shown)}
        FROM account AS a
        LEFT JOIN account_worth AS w ON w.id = a.id
        LEFT JOIN budget_rate AS r
            ON r.currency = COALESCE(a.currency, :currency)
            AND r.starts <= :as_of_day AND r.ends > :as_of_day
        ORDER BY a.id
    """


def _fields_of(attribute: Attribute) -> list[Field]:
    kind, __, rest = attribute.key.partition(":")
    if kind == "field":
        return [_numeric(rest, attribute.key)]
    if kind == "workload":
        return [_visits_and_minutes(attribute.key)[0]]
    return []


def _visits_and_minutes(key: str) -> tuple[Field, float]:
    __, name, minutes = [*key.split(":"), "", ""][:3]
    try:
        length = float(minutes)
    except ValueError:
        length = 0.0
    if not 0 < length < 100_000:
        raise Invalid(_("“%(key)s” needs the minutes of a visit, above zero."), key=key)
    return _numeric(name, key), length


def _numeric(name: str, key: str) -> Field:
    for item in all_fields("account"):
        if item.name == name and item.type in NUMERIC and name not in _PLACE:
            return item
    raise Invalid(_("Accounts have no “%(key)s” to balance."), key=key)


def _load(attribute: Attribute, columns: Mapping[str, Sequence[Any]]) -> np.ndarray[Any, Any]:
    """Return (n,) what each account has of an attribute; what is not known counts as none."""
    kind, __, rest = attribute.key.partition(":")
    if attribute.key == "accounts":
        return np.ones(len(columns["id"]))
    if attribute.key in BUILT_IN:
        return np.array(columns[attribute.key], float)
    if kind == "workload":
        field, minutes = _visits_and_minutes(attribute.key)
        return np.asarray(np.nan_to_num(_floats(columns[f"f_{field.name}"])) * minutes / 60)
    is_money = _numeric(rest, attribute.key).type is FieldType.MONEY
    return np.asarray(np.nan_to_num(_floats(columns[("m_" if is_money else "f_") + rest])))


def _gaps(
    attributes: Sequence[Attribute], columns: Mapping[str, Sequence[Any]]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many accounts have no value, and how many amounts no rate, where some have."""
    counts = {what: sum(map(int, found)) for what, found in _lacks(attributes, columns).items()}
    unknown, without_rate = (
        {what.removeprefix(kind): n for what, n in counts.items() if n and what.startswith(kind)}
        for kind in (UNKNOWN, NO_RATE)
    )
    return unknown, without_rate


def _lacks(
    attributes: Sequence[Attribute], columns: Mapping[str, Sequence[Any]]
) -> dict[str, list[int]]:
    """Return of each account whether a value is unknown, or how much of it has no rate."""
    found = {f"{NO_RATE}deals": [n or 0 for n in columns["without_rate"]]}
    for attribute in attributes:
        for field in _fields_of(attribute):
            values = columns[f"f_{field.name}"]
            found[UNKNOWN + attribute.key] = [int(value is None) for value in values]
            if field.type is FieldType.MONEY:
                found[NO_RATE + attribute.key] = [
                    int(value is not None and other is None)
                    for value, other in zip(values, columns[f"m_{field.name}"], strict=True)
                ]
    return found


def lacking(attributes: Sequence[Attribute], as_of: AsOf, what: str) -> frozenset[int]:
    """Return the accounts of which something was unknown, or without a rate, as of an instant.

    what: `unknown:` or `without_rate:` and the key of an attribute, or `without_rate:deals`.
    """
    columns, __ = _read(tuple(attributes), Scope.company(), as_of)
    flags = _lacks(attributes, columns).get(what, []) if columns else []
    return frozenset(id_ for id_, flag in zip(columns.get("id", ()), flags, strict=False) if flag)


def values_of(attribute: Attribute, as_of: AsOf) -> dict[int, float | None]:
    """Return a numeric field of every account by its id, as of an instant; None: not known.

    Money in minor units of the company's currency; without a rate it is not known. Invalid for what
    is no such field.
    """
    [field] = _fields_of(attribute)
    columns, __ = _read((attribute,), Scope.company(), as_of)
    name = ("m_" if field.type is FieldType.MONEY else "f_") + field.name
    return {
        id_: None if value is None else float(value)
        for id_, value in zip(columns.get("id", ()), columns.get(name, ()), strict=True)
    }


def _floats(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    return np.array([np.nan if one is None else one for one in values], float)


def _require_sound(
    loads: np.ndarray[Any, Any], attributes: Sequence[Attribute], names: Sequence[str]
) -> None:
    for at, attribute in enumerate(attributes):
        below = np.flatnonzero(loads[:, at] < 0)
        if len(below):
            message = _("“%(key)s” of account %(name)s is below zero.")
            raise Invalid(message, key=attribute.key, name=names[below[0]])


def _holders(
    ids: Sequence[int], owner: np.ndarray[Any, Any], scope: Scope, as_of: AsOf, layer: str
) -> tuple[tuple[Holder, ...], np.ndarray[Any, Any]]:
    """Return who holds the accounts and (n,) which one holds each, -1 for nobody.

    Territories in force in the layer hold their accounts; all others, in the main layer, are held
    by their owner.
    """
    members = store.run("territories.members_in_force", scope=scope, as_of=as_of).dicts()
    inside = {row["account_id"]: row["territory_id"] for row in members if row["layer"] == layer}
    seats = store.run("territories.in_force", scope=Scope.company(), as_of=as_of).dicts()
    role = "overlay" if layer else "owner"
    held: dict[int, Holder] = {}
    regions = {row["territory_id"]: row["name"] or "" for row in seats if row["type"] == REGION}
    for row in seats:
        if row["territory_id"] in regions:
            continue
        if row["layer"] == layer and (row["territory_id"] not in held or row["role"] == role):
            rep = row["rep_id"] if row["role"] == role else None
            held[row["territory_id"]] = Holder(
                row["name"] or "", rep, row["territory_id"], regions.get(row["parent_id"], "")
            )
    reps = {rep: state["name"] or "" for rep, state in reps_as_of(as_of).items()}
    keys: list[tuple[str, int] | None] = []
    for account, rep in zip(ids, owner.tolist(), strict=True):
        territory = inside.get(account)
        if territory in held:
            keys.append(("territory", int(territory or 0)))
        else:
            keys.append(("rep", rep) if rep and not layer else None)
    # whole territories that the reader sees come along though they hold nothing
    empty = [("territory", id_) for id_, found in held.items()
             if scope.owners is None or (found.rep_id and scope.sees(found.rep_id))]  # fmt: skip
    known = sorted({key for key in keys if key is not None} | set(empty))
    made = [
        held[id_] if kind == "territory" else Holder(reps.get(id_, f"#{id_}"), id_)
        for kind, id_ in known
    ]
    order = sorted(range(len(made)), key=lambda at: (made[at].name.casefold(), known[at]))
    number = {known[at]: place for place, at in enumerate(order)}
    at = [-1 if key is None else number[key] for key in keys]
    return tuple(made[i] for i in order), np.array(at, np.int32)


def _year_before(day: date) -> date:
    """Return the same day a year before; of a leap day the last of February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
