"""Global search by name, registration number, e-mail, phone or key elsewhere, through the gate."""

from __future__ import annotations

import re
from typing import Any

from perilune.crm.contracts import Elsewhere, Hit
from perilune.crm.engine import digits, siren_of_vat
from perilune.crm.models import Account
from perilune.crm.queries.columns import kind_named
from perilune.crm.queries.names import titles
from perilune.crm.queries.records import is_seen, whom_to_ask
from perilune.history.queries import identities, recent_sets, state_as_of
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store

PER_KIND = 6
_SHORTEST_PHONE = 6

# kind: (columns searched as text, columns searched by digits, column shown beside the title)
_SEARCHED: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "account": (("name", "website"), ("phone", "siren", "siret", "vat_number"), "city"),
    "opportunity": (("name",), (), "account_id"),
    "contact": (("name", "email"), ("phone",), "email"),
    "lead": (("name", "company", "email"), ("phone",), "company"),
    "product": (("name", "code"), (), "code"),
    "campaign": (("name",), (), "status"),
    "case": (("subject",), (), "status"),
    "quote": (("name", "number"), (), "number"),
    "contract": (("number",), (), "status"),
}
KINDS_SEARCHED = tuple(_SEARCHED)


def search(
    text: str, *, scope: Scope, as_of: AsOf, per_kind: int = PER_KIND
) -> dict[str, list[Hit]]:
    """Return visible records by kind, best first: exact, beginning with it, containing it."""
    text = text.strip()
    if len(text) < 2 or scope.aggregates_only:
        return {}
    found = {
        kind: hits
        for kind in KINDS_SEARCHED
        if (hits := _of_kind(kind, text, scope, as_of, per_kind))
    }
    for hit in _by_key(text, scope):
        known = found.setdefault(hit.kind, [])
        if all(other.id != hit.id for other in known):
            known.insert(0, hit)
    return found


def _of_kind(kind: str, text: str, scope: Scope, as_of: AsOf, most: int) -> list[Hit]:
    texts, numbers, detail = _SEARCHED[kind]
    number = _significant(text)
    params: dict[str, Any] = {"text": text.lower(), "most": most}
    parts = [f"STRPOS(LOWER(t.{name}), :text) > 0" for name in texts]
    exact = [f"LOWER(t.{name}) = :text" for name in texts]
    if numbers and len(number) >= _SHORTEST_PHONE:
        params["number"] = number
        plain = [f"REGEXP_REPLACE(t.{name}, '[^0-9]', '', 'g')" for name in numbers]
        parts += [f"STRPOS({column}, :number) > 0" for column in plain]
        exact += [f"{column} = :number" for column in plain]
    title = kind_named(kind).title_field
    latest = "t.close_date DESC NULLS LAST, " if kind == "opportunity" else ""
    of_deals = ", t.stage_id, t.amount, t.currency, t.close_date" if kind == "opportunity" else ""
    sql = f"""
        SELECT t.id, t.{title} AS title, t.{detail} AS detail{of_deals},
            CASE WHEN {" OR ".join(exact)} THEN 0
                WHEN STARTS_WITH(LOWER(t.{title}), :text) THEN 1 ELSE 2 END AS rank
        FROM "{kind}" AS t WHERE {" OR ".join(parts)}
        ORDER BY rank, LOWER(t.{title}), {latest}t.id LIMIT :most"""
    rows = store.run_sql(sql, params, scope=scope, as_of=as_of).dicts()
    if kind == "opportunity":
        return _deals(rows, as_of)
    return [
        Hit(
            kind,
            row["id"],
            row["title"] or f"#{row['id']}",
            str(row["detail"] or ""),
            row["rank"],
        )
        for row in rows
    ]


def _deals(rows: list[dict[str, Any]], as_of: AsOf) -> list[Hit]:
    accounts = titles("account", {r["detail"] for r in rows if r["detail"]}, as_of)
    stages = titles("stage", {r["stage_id"] for r in rows if r["stage_id"]}, as_of)
    return [
        Hit(
            "opportunity",
            row["id"],
            row["title"] or f"#{row['id']}",
            accounts.get(row["detail"], ""),
            row["rank"],
            stage=stages.get(row["stage_id"], ""),
            amount=row["amount"],
            currency=row["currency"] or "",
            close_date=row["close_date"],
        )
        for row in rows
    ]


def _significant(text: str) -> str:
    """Return the digits that identify: a phone without the country or trunk prefix."""
    if re.search(r"[A-Za-z]{3}", text):
        return ""
    number = digits(text)
    if text.strip().startswith(("+33", "0033")):
        return number.removeprefix("00").removeprefix("33")
    return number.lstrip("0")


def _by_key(text: str, scope: Scope) -> list[Hit]:
    """Return the records that a source knows by exactly this key."""
    sources = sorted({info.source for info in recent_sets(30, purpose="import")})[:5]
    hits = []
    for source in sources:
        for kind in KINDS_SEARCHED:
            record_id = identities(source, kind, [text]).get(text, (0, 0))[0]
            state = state_as_of(kind, record_id) if record_id else None
            if state is not None and is_seen(kind, state, scope):
                title = str(state.get(kind_named(kind).title_field) or f"#{record_id}")
                hits.append(Hit(kind, record_id, title, f"{source} {text}", 0))
    return hits


# -- registration numbers (rules 35 and 36) ------------------------------------------------------


def elsewhere(text: str, scope: Scope) -> Elsewhere | None:
    """Say «exists, ask X» when a registration number is of an account the scope may not see."""
    number = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(r"\d{9}|\d{14}|[A-Z]{2}[A-Z0-9]{2,13}", number):
        return None
    column = {9: "siren", 14: "siret"}.get(len(number) if number.isdigit() else 0, "vat_number")
    return next(
        (
            Elsewhere("account", whom_to_ask("account", state))
            for state in _accounts_with(column, number)
            if not is_seen("account", state, scope)
        ),
        None,
    )


def same_account(values: dict[str, Any], record_id: int | None = None) -> dict[str, Any] | None:
    """Return the account that has the same registration number, or None (rule 36).

    SIRET decides; two SIRETs under one SIREN are sites of one company and no duplicates; else
    SIREN, else the VAT number.
    """
    own = {name: _number(values.get(name)) for name in ("siren", "siret", "vat_number")}
    own["siren"] = own["siren"] or siren_of_vat(own["vat_number"])
    for column in ("siret", "siren", "vat_number"):
        if not own[column]:
            continue
        for other in _accounts_with(column, own[column]):
            both = own["siret"] and _number(other.get("siret"))
            if other["id"] != record_id and (not both or both == own["siret"]):
                return other
    return None


def _accounts_with(column: str, number: str) -> list[dict[str, Any]]:
    written = {number, _spaced(number)}
    ids = Account.objects.filter(**{f"{column}__in": written}).values_list("id", flat=True)[:20]
    states = [state_as_of("account", record_id) for record_id in ids]
    return [state for state in states if state is not None]


def _number(value: Any) -> str:
    return re.sub(r"[\s.-]", "", str(value or "")).upper()


def _spaced(number: str) -> str:
    """Write a SIREN or SIRET in groups of three, as people often do."""
    return " ".join((number[:3], number[3:6], number[6:9], number[9:])).strip()
