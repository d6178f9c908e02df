"""The edits of a scenario as CSV or Excel: the sentences, and every field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import get_language, gettext, pgettext

from perilune.kernel.errors import NotFound
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require
from perilune.planning import queries
from perilune.planning.contracts import ASSUMPTION, EDIT_LABELS, WHAT_LABELS, Scenario, What
from perilune.planning.web import shown
from perilune.planning.web.sentences import Speaker, role_label
from perilune.ui import formats
from perilune.ui.contracts import Column, Format
from perilune.ui.export import Export, csv_response, xlsx_response

_LEFT_OUT = ("scenario_id", "position", "type", "currency")
_FORMATS = {
    FieldType.MONEY: Format.MONEY,
    FieldType.DATE: Format.DATE,
    FieldType.INTEGER: Format.NUMBER,
    FieldType.DECIMAL: Format.NUMBER,
}


@page(Right.MAKE_SCENARIOS)
def export(request: PageRequest, scenario_id: int, form: str) -> HttpResponseBase:
    """Exactly the list of the studio, as of the same day."""
    require(request, Right.EXPORT_DATA)
    found = queries.scenario(scenario_id, request.as_of, request.actor)
    made = _export(request, found)
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Lists are exported as csv or xlsx."))


def _export(request: PageRequest, found: Scenario) -> Export:
    tracked = [item for item in ASSUMPTION.fields if item.name not in _LEFT_OUT]
    used = [
        item
        for item in tracked
        if any(getattr(a.edit, item.name, None) not in (None, "", ()) for a in found.assumptions)
    ]
    columns = [
        Column("place", gettext("No."), Format.NUMBER, decimals=0),
        Column("type", gettext("Type")),
        Column("sentence", pgettext("scenario", "Edit")),
        *(_column(request, item) for item in used),
    ]
    facts = [
        (gettext("Scenario"), found.head.name),
        (gettext("Period"), found.head.period),
        (gettext("Author"), found.head.author),
        (gettext("As known on"), formats.day(request.as_of.day)),
        (gettext("Exported by"), str(request.user)),
    ]
    return Export(found.head.name, columns, _rows(request, found, used), facts)


def _column(request: PageRequest, item: Field) -> Column:
    format_ = _FORMATS.get(item.type, Format.TEXT)
    currency = request.company.currency if item.type is FieldType.MONEY else ""
    return Column(item.name, gettext(item.label), format_, currency=currency)


def _rows(request: PageRequest, found: Scenario, used: list[Field]) -> Iterator[list[Any]]:
    speaker = shown.speaker_of(request, found)
    for place, assumption in enumerate(found.assumptions, 1):
        edit = assumption.edit
        values = [_value(item, getattr(edit, item.name, None), speaker) for item in used]
        yield [place, gettext(EDIT_LABELS[edit.TYPE]), speaker.tell(edit), *values]


def _value(item: Field, value: Any, speaker: Speaker) -> Any:
    """Return a value as a reader of the file knows it: names instead of ids."""
    if value is None or value in ("", ()):
        return None
    tell = {"rep": speaker.rep, "team": speaker.team, "product": speaker.product}
    if item.target:
        return tell[item.target](value)
    return gettext(WHAT_LABELS[value]) if isinstance(value, What) else _plain(item, value, speaker)


def _plain(item: Field, value: Any, speaker: Speaker) -> Any:
    if item.name == "unit":
        return speaker.unit(value)
    if item.name == "role":
        return role_label(value)
    if item.name == "accounts":
        return "; ".join(speaker.accounts((id_,)) for id_ in value)
    if item.name == "series":
        return "; ".join(f"{day.isoformat()} {level!r}" for day, level in value)
    return value
