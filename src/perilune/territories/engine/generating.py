"""Rules from a plan by several fields: as few questions as tell its territories apart."""

from __future__ import annotations

from collections.abc import Sequence

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import Columns, Criterion, Operator, Rule

Found = dict[tuple[str, tuple[Criterion, ...], str, Operator], set[str]]


def rules_by_fields(
    territory: Sequence[str], columns: Columns, fields: Sequence[str], code: str = ""
) -> tuple[Rule, ...]:
    """Return rules that ask for one field after the other until one territory is left.

    territory: of each account, "" for none; those say nothing. fields: asked for as a whole, in
    this order; code: asked for last, by its shortest beginnings. Where one territory alone has a
    value, nothing more is asked. Accounts that nothing tells apart get no rule, and a value that is
    not known is never a reason by itself: so the rules put no account elsewhere than the plan, only
    fewer. Raises Invalid for an unknown field, and where none is given.
    """
    for name in (*fields, *((code,) if code else ())):
        if name not in columns:
            raise Invalid(_("There is no field named “%(field)s”."), field=name)
    if not fields and not code:
        raise Invalid(_("Choose a field that tells accounts apart."))
    found: Found = {}
    mine = [at for at, name in enumerate(territory) if name]
    _walk(mine, (), list(fields), code, territory, columns, found)
    return tuple(
        Rule(name, (*asked, Criterion(field, operator, tuple(sorted(values)))))
        for (name, asked, field, operator), values in sorted(
            found.items(), key=lambda item: (item[0][0], repr(item[0]), sorted(item[1]))
        )
    )


def _walk(  # noqa: PLR0917  # one step of a walk down the fields
    mine: Sequence[int],
    asked: tuple[Criterion, ...],
    fields: Sequence[str],
    code: str,
    territory: Sequence[str],
    columns: Columns,
    found: Found,
) -> None:
    if not fields:
        if code:
            _beginnings(mine, "", asked, code, territory, columns[code], found)
        return
    field, following = fields[0], fields[1:]
    groups: dict[str, list[int]] = {}
    spelt: dict[str, str] = {}
    for at in mine:
        text = columns[field][at].strip()
        groups.setdefault(text.casefold(), []).append(at)
        spelt.setdefault(text.casefold(), text)
    for value, theirs in sorted(groups.items()):
        names = {territory[at] for at in theirs}
        if value and len(names) == 1:
            key = (names.pop(), asked, field, Operator.IN)
            found.setdefault(key, set()).add(spelt[value])
            continue
        more = (
            Criterion(field, Operator.IN, (spelt[value],))
            if value
            else Criterion(field, Operator.MISSING)
        )
        _walk(theirs, (*asked, more), following, code, territory, columns, found)


def _beginnings(  # noqa: PLR0917  # one step of a walk down the beginnings of a code
    mine: Sequence[int],
    start: str,
    asked: tuple[Criterion, ...],
    code: str,
    territory: Sequence[str],
    texts: Sequence[str],
    found: Found,
) -> None:
    names = {territory[at] for at in mine}
    # values are compared without blanks around them: a beginning never ends in one
    if start.strip() and start == start.rstrip() and len(names) == 1:
        spelt = texts[mine[0]].strip()[: len(start)]
        beginning = spelt if spelt.casefold() == start else start
        found.setdefault((names.pop(), asked, code, Operator.STARTS_WITH), set()).add(beginning)
        return
    following: dict[str, list[int]] = {}
    for at in mine:
        text = texts[at].strip().casefold()
        if len(text) > len(start):
            following.setdefault(text[: len(start) + 1], []).append(at)
    for longer in sorted(following):
        _beginnings(following[longer], longer, asked, code, territory, texts, found)
