"""A scenario from a document, by names or ids, without a record of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from datetime import date
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, PeriluneError, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.people.queries import reps_as_of
from perilune.planning.contracts import (
    EDITS,
    MOST_EDITS,
    Absence,
    Assumption,
    Edit,
    Leave,
    Quota,
    Scenario,
    ScenarioHead,
    What,
)
from perilune.planning.engine.checks import before_hire, overlapping, problems
from perilune.planning.queries.choices import Choices, choices
from perilune.ui.reading import amount_of

NAMED = {"rep": "rep_id", "to_rep": "to_rep_id", "team": "team_id", "product": "product_id"}
"""What may be said by name, and the field that it fills."""
_DAYS = ("starts", "ends", "last_day")


def scenario_of(document: Any, as_of: AsOf, scope: Scope, settings: Company) -> Scenario:
    """Return the scenario of a document: a list of edits, or an object with `assumptions`.

    An edit is an object with `type` and the fields of its type; `rep`, `to_rep`, `team` and
    `product` take a name or an id. A hire may be spoken of later as `hire:1`, the first of the
    list. Raises Invalid with every problem, by the number of the edit.
    """
    given = document.get("assumptions") if isinstance(document, Mapping) else document
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise Invalid(_("The file holds no list of assumptions."))
    if len(given) > MOST_EDITS:
        raise Invalid(_("A scenario holds at most %(most)s edits."), most=MOST_EDITS)
    head = document if isinstance(document, Mapping) else {}
    offered, people = choices(scope, as_of), reps_as_of(as_of)
    wrong: list[Problem] = []
    edits: list[Assumption] = []
    for number, item in enumerate(given, 1):
        try:
            edit = _edit(item, offered, given[: number - 1], settings)
        except PeriluneError as error:
            wrong.append(_at(number, error.message, error.params))
            continue
        unsound = [*_unsound(edit, scope, offered, people)]
        if isinstance(edit, Absence):
            name = (people.get(edit.rep_id) or {}).get("name") or f"#{abs(edit.rep_id)}"
            unsound += overlapping(edit, name, [item.edit for item in edits])
        wrong += [_at(number, one.message, one.params) for one in unsound]
        edits.append(Assumption(number, edit))
    if wrong:
        raise Invalid(_("The assumptions cannot be taken as they are."), tuple(wrong))
    name, period = str(head.get("name") or ""), str(head.get("period") or "")
    return Scenario(ScenarioHead(0, name, "", period, (), 0, len(edits)), tuple(edits))


def _at(number: int, message: str, params: Mapping[str, Any]) -> Problem:
    """Return a problem with the number of its edit."""
    return Problem(message, dict(params), line=number)


def _edit(item: Any, offered: Choices, before: Sequence[Any], settings: Company) -> Edit:
    kind = EDITS.get(str(item.get("type"))) if isinstance(item, Mapping) else None
    if kind is None:
        raise Invalid(_("An assumption needs a type: %(types)s."), types=", ".join(EDITS))
    values = {key: value for key, value in item.items() if key != "type"}
    for name, field in NAMED.items():
        if name in values:
            values[field] = _id_of(name, values.pop(name), offered, before)
    known = {one.name: one for one in fields(kind)}
    strange = sorted(set(values) - set(known))
    if strange:
        raise Invalid(_("There is no field named %(names)s."), names=", ".join(strange))
    missing = [n for n, one in known.items() if one.default is MISSING and values.get(n) is None]
    if missing:
        raise Invalid(_("Missing: %(names)s."), names=", ".join(missing))
    try:
        edit = kind(**{name: _read(name, value) for name, value in values.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid(_("A value cannot be read: %(error)s."), error=str(error)) from None
    return _quota(edit, values, settings) if isinstance(edit, Quota) else edit


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(value)
    if name == "accounts":
        return tuple(int(one) for one in value)
    if name == "series":
        return tuple((date.fromisoformat(day), float(level)) for day, level in value)
    if name == "what" and value not in set(What):
        raise Invalid(_("“what” is one of: %(values)s."), values=", ".join(What))
    return What(value) if name == "what" else value


def _quota(edit: Quota, values: Mapping[str, Any], settings: Company) -> Quota:
    """Read the amount as written in the major unit, and the period by its name."""
    amount = amount_of(str(values["amount"]), settings.currency)
    asked = str(values.get("currency") or settings.currency).upper()
    if asked != settings.currency:
        text = _("A quota is in %(own)s, the company's currency, not in %(asked)s.")
        raise Invalid(text, own=settings.currency, asked=asked)
    period = settings.calendar.parse(edit.period).name
    return replace(edit, period=period, amount=amount, currency=settings.currency)


def _id_of(what: str, value: Any, offered: Choices, before: Sequence[Any]) -> int | None:
    """Return the id of a record by id or name; of a hire of the list, minus its number."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str) and value.startswith("hire:"):
        hires = [at for at, one in enumerate(before, 1) if one.get("type") == "hire"]
        place = int(value.removeprefix("hire:") or 0) if value[5:].isdigit() else 0
        if not 1 <= place <= len(hires):
            raise Invalid(_("No hire stands before with this number: %(name)s."), name=value)
        return -hires[place - 1]
    listed = {"team": offered.teams, "product": offered.products}.get(what, offered.reps)
    found = [id_ for id_, name in listed if name.casefold() == str(value).strip().casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(_("Several have this name, say the id: %(name)s."), name=value)
    raise Invalid(_("Nobody and nothing of yours has this name: %(name)s."), name=value)


def _unsound(
    edit: Edit, scope: Scope, offered: Choices, people: Mapping[int, Mapping[str, Any]]
) -> Iterator[Problem]:
    yield from problems(edit)
    for field in ("rep_id", "to_rep_id"):
        rep = getattr(edit, field, None)
        if rep is not None and rep > 0 and not (rep in dict(offered.reps) and scope.sees(rep)):
            yield Problem(_("This rep is not one of yours."), {}, field)
    rep = getattr(edit, "rep_id", None)
    if isinstance(edit, Leave | Absence) and rep is not None and rep in people:
        yield from before_hire(edit, people[rep]["name"] or f"#{rep}", people[rep]["hire_date"])
    for field, known in (("team_id", offered.teams), ("product_id", offered.products)):
        if getattr(edit, field, None) not in {None, *dict(known)}:
            yield Problem(_("There is no such team or product: %(id)s."),
                          {"id": getattr(edit, field)}, field)  # fmt: skip
    for field, values in (("segment", offered.segments), ("sector", offered.sectors)):
        if getattr(edit, field, "") and getattr(edit, field) not in values:
            yield Problem(_("No account has this."), {}, field)
