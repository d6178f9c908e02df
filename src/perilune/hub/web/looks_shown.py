"""The quiet list on a form: records that look like what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from perilune.history.queries import find_by_title
from perilune.hub.contracts.lookalikes import (
    ASKED,
    FIELDS,
    STRENGTH_LABELS,
    WHY_LABELS,
    Looks,
    Strength,
)
from perilune.hub.service.lookalikes import check
from perilune.kernel.wiring import KINDS, Panel
from perilune.people.web.gate import PageRequest


@dataclass(frozen=True)
class Shown:
    """A line of the list."""

    kind: str
    title: str
    detail: str
    url: str
    strength: str
    why: str
    is_strong: bool


def panels() -> list[Panel]:
    """Return the panels that `site.wiring` registers: one for each form of a new record."""
    return [Panel(f"hub.looks.{kind}", f"form.{kind}", 10, partial(_panel, kind)) for kind in ASKED]


def _panel(kind: str, request: PageRequest, context: Mapping[str, Any]) -> str:
    typed = context["typed"]
    facts = {
        "kind": kind,
        "fields": ",".join(FIELDS[kind]),
        **(part(request, kind, typed) if typed else {}),
    }
    return render_to_string("hub/looks.html", facts, request)


def part(request: PageRequest, kind: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of the list for what is typed, by field name."""
    values: dict[str, Any] = {name: typed.get(name, "").strip()[:400] for name in FIELDS[kind]}
    if "account_id" in values:
        values["account_id"] = _account(values["account_id"])
    looks = check(kind, values, request.scope, is_typing=True)
    return {"found": lines(looks), "beyond": beyond(looks), "is_whole": looks.is_whole}


def _account(text: str) -> int | None:
    if text.startswith("#") and text[1:].isdigit():
        return int(text[1:])
    return find_by_title("account", [text]).get(text) if text else None


def lines(looks: Looks) -> list[Shown]:
    """Return the records that may be named, as they are shown."""
    return [
        Shown(
            gettext(KINDS.get(one.kind).label), one.title, one.detail,
            reverse("crm:record", args=[one.kind, one.id]),
            gettext(STRENGTH_LABELS[one.strength]),
            ", ".join(gettext(WHY_LABELS[why]) for why in one.why),
            one.strength > Strength.POSSIBLE,
        )
        for one in looks.found
    ]  # fmt: skip


def beyond(looks: Looks) -> list[str]:
    """Return what is said of records that may not be named (rule 35)."""
    said = {
        "account": gettext("Such an account exists. Ask %(name)s."),
        "contact": gettext("Such a contact exists. Ask %(name)s."),
        "lead": gettext("Such a lead exists. Ask %(name)s."),
    }
    return [said[one.kind] % {"name": one.ask} for one in looks.beyond]
