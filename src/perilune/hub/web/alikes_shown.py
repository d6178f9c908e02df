"""Rows of an import side by side with the records that they look like, on its preview."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.history.queries import all_fields
from perilune.hub import service
from perilune.hub.contracts.lookalikes import CHOICE_LABELS, Choice
from perilune.hub.queries import RunInfo
from perilune.hub.web import words
from perilune.kernel.wiring import KINDS
from perilune.people.web.gate import PageRequest
from perilune.ui import formats

SHOWN = 20
ANCHOR = "look-alikes"


def facts_of(request: PageRequest, info: RunInfo) -> dict[str, Any]:
    """Return the panel's facts: rows of a page, their choices, how many there are; {} for none."""
    counts = service.choices_of(info.id)
    total = sum(counts.values())
    if not total:
        return {}
    asked = request.GET.get("alike", "")
    start = min(int(asked), total - 1) // SHOWN * SHOWN if asked.isdecimal() else 0
    here = reverse("hub:run", args=[info.id])
    pages = [
        (label, f"{here}?alike={at}#{ANCHOR}")
        for label, at in ((gettext("Earlier rows"), start - SHOWN), (gettext("Later rows"),
                                                                     start + SHOWN))
        if 0 <= at < total
    ]  # fmt: skip
    found = service.look_alikes(info.id, request.scope, start, SHOWN)
    return {
        "alike": {
            "anchor": ANCHOR,
            "start": start,
            "summary": _summary(counts),
            "rows": [_row(one, request.company.currency) for one in found],
            "pages": pages if total > SHOWN else [],
            "shown": gettext("Rows %(first)s to %(last)s of %(total)s") % {
                "first": start + 1, "last": start + len(found), "total": formats.number(total, 0),
            },
            "bulk": [(one.value, gettext(CHOICE_LABELS[one])) for one in Choice],
        }
    }  # fmt: skip


def _summary(counts: dict[Choice, int]) -> str:
    parts = [
        ngettext("%(n)s row is written", "%(n)s rows are written", counts[Choice.WRITE])
        % {"n": formats.number(counts[Choice.WRITE], 0)},
        ngettext("%(n)s left out", "%(n)s left out", counts[Choice.LEAVE_OUT])
        % {"n": formats.number(counts[Choice.LEAVE_OUT], 0)},
        ngettext("%(n)s taken as an update", "%(n)s taken as updates", counts[Choice.UPDATE])
        % {"n": formats.number(counts[Choice.UPDATE], 0)},
    ]
    return ", ".join(parts) + "."


def _row(one: service.Beside, currency: str) -> dict[str, Any]:
    fields = {field.name: field for field in all_fields(one.kind)}

    def written(name: str, value: Any) -> str:
        field = fields[name]
        return formats.write(words.shown(field, value), words.format_of(field), currency)

    return {
        "name": f"row-{one.problem_id}",
        "title": f"{gettext(KINDS.get(one.kind).label)} · {one.title}",
        "where": gettext("line %(line)s") % {"line": formats.number(one.line, 0)},
        "other": one.other_title,
        "url": reverse("crm:record", args=[one.kind, one.other_id]) if one.other_id else "",
        "other_head": gettext("Line %(line)s") % {"line": formats.number(one.other_line, 0)}
        if one.other_line
        else pgettext("look-alike", "Stands here"),
        "ask": gettext("Exists; you do not see it. Ask %(who)s.") % {"who": one.ask}
        if one.ask
        else "",
        "lines": [
            (gettext(fields[name].label), written(name, said), written(name, stands),
             said is not None and stands is not None and said != stands)
            for name, said, stands in one.fields
        ],
        "choices": [
            (choice.value, gettext(label), choice is one.choice)
            for choice, label in CHOICE_LABELS.items()
            if choice is not Choice.UPDATE or not one.ask
        ],
    }  # fmt: skip
