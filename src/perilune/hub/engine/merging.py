"""Which value survives when several records become one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perilune.hub.contracts.merging import Outcome, Rule, Rules, Standing
from perilune.kernel.kinds import Scalar


def kept_by_default(records: Sequence[Standing]) -> int:
    """Return the id of the record that most others refer to; then the fullest, then the oldest."""
    return min(records, key=lambda one: (-one.related, -len(one.values), one.id)).id


def survive(
    fields: Sequence[str], records: Sequence[Standing], kept: int, *,
    rules: Rules, chosen: Mapping[str, int],
) -> tuple[Outcome, ...]:  # fmt: skip
    """Return what each field becomes.

    records: two or more, `kept` among them. chosen: field to the record whose value a person wants,
    even an empty one. A value is only lost to another value, never to an empty field.
    """
    by_id = {one.id: one for one in records}
    return tuple(_outcome(name, by_id, kept, rules, chosen.get(name)) for name in fields)


def _outcome(
    name: str, records: Mapping[int, Standing], kept: int, rules: Rules, chosen: int | None
) -> Outcome:
    having = [one for one in records.values() if one.values.get(name) is not None]
    differs = len({_plain(one.values[name]) for one in having}) > 1
    if chosen is not None and chosen in records:
        value = records[chosen].values.get(name)
        return Outcome(name, value, chosen if value is not None else None, Rule.CHOSEN, differs)
    rule = rules.by_field.get(name, Rule.KEPT)
    if not having:
        return Outcome(name, None, None, rule, differs=False)
    best = min(having, key=lambda one: (*_rank(rule, name, one, kept, rules), one.id))
    return Outcome(name, best.values[name], best.id, rule, differs)


def _rank(
    rule: Rule, name: str, one: Standing, kept: int, rules: Rules
) -> tuple[float | bool, ...]:
    """Return what sorts the best record first; ties go to the kept one, then to the newest."""
    tie = (one.id != kept, -one.known_us.get(name, 0))
    match rule:
        case Rule.NEWEST:
            return (-one.known_us.get(name, 0), *tie)
        case Rule.FULLEST:
            return (-len(one.values), *tie)
        case Rule.LONGEST:
            return (-len(str(one.values[name])), *tie)
        case Rule.SOURCE:
            trust = [at for at, source in enumerate(rules.sources) if source in one.sources]
            return (min(trust, default=len(rules.sources)), *tie)
        case _:
            return tie


def _plain(value: Scalar) -> Scalar:
    return " ".join(value.casefold().split()) if isinstance(value, str) else value


NUMBERS = ("siren", "siret", "vat_number")


def numbers_apart(records: Sequence[Standing]) -> str:
    """Return the registration number by which records are not one thing; empty where none tells.

    Two SIRETs under one SIREN are sites, not duplicates (rule 36).
    """
    for name in NUMBERS:
        known = {
            "".join(str(one.values[name]).split()).upper()
            for one in records
            if one.values.get(name)
        }
        if len(known) > 1:
            return name
    return ""
