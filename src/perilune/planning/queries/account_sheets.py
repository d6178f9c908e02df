"""Targets by account from a plain sheet: account, amount, currency; every wrong cell named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perilune.kernel.errors import Invalid, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.planning.queries.plain_sheets import HEAD_WITHIN, TITLES, Reading, in_plan_currency
from perilune.planning.queries.sheet_values import amount_in, cell_name, folded, is_blank

ACCOUNT_TITLES: Mapping[str, tuple[str, ...]] = {
    "account": ("account", "compte", "client", "customer"),
    "number": ("account no.", "n° de compte", "account id", "id"),
    "amount": (*TITLES["amount"], "cible"),
    "currency": TITLES["currency"],
}
"""The titles of columns as `folded`, in both languages."""


def account_amounts(
    rows: Sequence[Sequence[Any]], named: Sequence[tuple[int, str]], given: Reading
) -> tuple[dict[int, int | None], list[Problem]]:
    """Return the targets of a sheet by account, and what is wrong with it by cell.

    named: (id, name) of the accounts there are. A row is of the account with its number, else its
    name; an empty amount takes a target out. Invalid where no row of titles is found.
    """
    at, column = _titles(rows)
    by_name: dict[str, list[int]] = {}
    for id_, name in named:
        by_name.setdefault(folded(name), []).append(id_)
        by_name[folded(f"{name} #{id_}")] = [id_]
    ids = {id_ for id_, _name in named}
    found: dict[int, int | None] = {}
    wrong = []
    for line in range(at + 1, len(rows)):
        row = rows[line]
        if all(is_blank(cell) for cell in row):
            continue
        cells = {name: row[of] if of < len(row) else None for name, of in column.items()}
        where = "amount"
        try:
            where = "number" if not is_blank(cells.get("number")) else "account"
            account = _account(cells, ids, by_name)
            if account in found:
                raise Invalid(_("This account stands there twice."))
            where = "amount"
            found[account] = _minor(cells, given)
        except Invalid as error:
            name = cell_name(line, column.get(where, 0))
            wrong.append(Problem(error.message, error.params, field=name, line=line + 1))
    return found, wrong


def _titles(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    titled = {folded(title): name for name, titles in ACCOUNT_TITLES.items() for title in titles}
    for at, row in enumerate(rows[:HEAD_WITHIN]):
        named: dict[str, int] = {}
        for column, cell in enumerate(row):
            bare = cell.partition(" (")[0] if isinstance(cell, str) else ""
            if folded(bare) in titled:
                named.setdefault(titled[folded(bare)], column)
        if "amount" in named and {"account", "number"} & set(named):
            return at, named
    raise Invalid(
        _("No row of titles was found: a sheet of account targets has a column for the account or"
          " its number, and one for the target.")
    )  # fmt: skip


def _account(cells: Mapping[str, Any], ids: set[int], by_name: Mapping[str, list[int]]) -> int:
    number, name = cells.get("number"), cells.get("account")
    if not is_blank(number):
        text = str(number).strip().removesuffix(".0")
        if text.isdecimal() and int(text) in ids:
            return int(text)
        raise Invalid(_("There is no account %(id)s."), id=text[:40])
    known = by_name.get(folded(name), []) if not is_blank(name) else []
    facts: dict[str, Any] = {"name": str(name or "")[:60]}
    if not known:
        raise Invalid(_("There is no account “%(name)s”."), **facts)
    if len(known) > 1:
        text = _("Several are called “%(name)s”: write the number too, “%(name)s #%(number)s”.")
        raise Invalid(text, **facts, number=known[0])
    return known[0]


def _minor(cells: Mapping[str, Any], given: Reading) -> int | None:
    typed = cells.get("currency")
    own = given.currency if is_blank(typed) else str(typed).strip().upper()
    return in_plan_currency(amount_in(cells.get("amount"), own), own, 1, given)
