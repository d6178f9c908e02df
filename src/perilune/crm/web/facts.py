"""The fields of a record as the page shows them, group by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.crm.queries import hidden_of
from perilune.crm.web.addresses import record_url
from perilune.crm.web.permitting import may_edit
from perilune.crm.web.presenting import Names, decimals_of, format_of, label_of, names_for, value_of
from perilune.crm.web.reading import choices_for, currency_of, raw_value
from perilune.crm.web.tables import may_open
from perilune.history.queries import all_fields
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.people.web.gate import PageRequest
from perilune.ui.contracts import Choice, FieldView

_GROUPS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "opportunity": (
        ("deal", ("name", "account_id", "contact_id", "owner_id", "type", "product_id", "source")),
        ("stage", ("pipeline_id", "stage_id", "forecast_category", "close_date", "next_step")),
        (
            "money",
            ("amount", "amount_annual", "amount_recurring", "amount_one_time", "currency"),
        ),
        ("outcome", ("competitor", "loss_reason")),
    ),
    "account": (
        ("company", ("name", "owner_id", "parent_id", "industry", "segment")),
        ("register", ("siren", "siret", "vat_number", "naf", "nace")),
        ("size", ("headcount", "headcount_band", "annual_revenue", "currency", "founded_year")),
        (
            "place",
            (
                *("street", "postcode", "city", "region", "country"),
                *("latitude", "longitude", "phone", "website"),
            ),
        ),
    ),
}


_DEGREES = _("Decimal degrees, WGS 84. Where an address gave it: towns by GeoNames, CC BY 4.0.")
_HINTS = {"latitude": _DEGREES, "longitude": _DEGREES}


def _titles() -> dict[str, str]:
    return {
        "deal": gettext("Deal"),
        "stage": gettext("Stage and date"),
        "money": gettext("Amounts"),
        "outcome": gettext("Competition and outcome"),
        "company": gettext("Company facts"),
        "register": gettext("Registration numbers"),
        "size": gettext("Size"),
        "place": gettext("Place and contact"),
        "facts": gettext("Facts"),
        "more": gettext("More"),
        "own": gettext("Custom fields"),
    }


def groups_of(kind: str) -> list[tuple[str, list[Field]]]:
    """Return (title, fields) in the order of the page; every field is in one group."""
    fields = {item.name: item for item in all_fields(kind)}
    declared = _GROUPS.get(kind, (("facts", tuple(n for n in fields if not n.startswith("x_"))),))
    groups = [(name, [fields.pop(n) for n in names if n in fields]) for name, names in declared]
    own = [item for name, item in fields.items() if name.startswith("x_")]
    groups.append(("more", [i for name, i in fields.items() if not name.startswith("x_")]))
    groups.append(("own", own))
    titles = _titles()
    return [(titles[name], items) for name, items in groups if items]


def facts_of(
    request: PageRequest, kind: str, state: Mapping[str, Any]
) -> tuple[list[tuple[str, list[FieldView]]], list[FieldView]]:
    """Return the groups of a record's fields with their values, and the fields that are hidden."""
    names = names_for(all_fields(kind), [state], request.as_of)
    hidden = hidden_of(kind)
    groups, folded = [], list[FieldView]()
    for title, items in groups_of(kind):
        views = [field_view(request, kind, state, item, names=names) for item in items]
        folded += [view for view in views if view.name in hidden]
        if shown := [view for view in views if view.name not in hidden]:
            groups.append((title, shown))
    return groups, folded


def field_view(
    request: PageRequest,
    kind: str,
    state: Mapping[str, Any],
    item: Field,
    *,
    names: Names | None = None,
    is_editing: bool = False,
    problem: str = "",
    typed: str | None = None,
) -> FieldView:
    """Return one field of a record, read or being edited; `typed` keeps what was wrong."""
    value = state.get(item.name)
    names = names if names is not None else names_for([item], [state], request.as_of)
    currency = currency_of(request, state)
    edit_url = ""
    if is_editing or may_edit(request, kind):
        edit_url = reverse("crm:field", args=[kind, state["id"], item.name])
        edit_url += "?cell=1" if "cell" in request.GET else ""
    url = ""
    if item.type is FieldType.REFERENCE and may_open(request, item.target):
        url = record_url(item.target, value)
    raw = ""
    choices: list[Choice] = []
    if is_editing:
        raw = typed if typed is not None else raw_value(request, item, value, currency)
        choices = [Choice(v, label) for v, label in choices_for(request, item) or ()]
    return FieldView(
        name=item.name,
        label=label_of(item),
        value=value if item.type is FieldType.BOOLEAN else value_of(item, value, names),
        format=format_of(item),
        decimals=decimals_of(item),
        currency=currency,
        choices=choices,
        edit_url=edit_url,
        is_editing=is_editing,
        is_required=item.is_required,
        url=url,
        hint=gettext(_HINTS[item.name]) if item.name in _HINTS else "",
        problem=problem,
        raw=raw,
    )
