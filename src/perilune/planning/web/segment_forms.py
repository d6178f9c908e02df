"""Forms of the segmentation: they check shapes; the service checks meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from perilune.kernel.errors import Invalid
from perilune.people.web.forms import SELLING_ROLES, PlainForm
from perilune.people.web.gate import said
from perilune.planning.contracts import (
    CHANNEL_LABELS,
    Channel,
    Condition,
    FieldKind,
    GoToMarket,
    Op,
    Segmentation,
    SegmentField,
    SegmentRule,
)
from perilune.planning.queries.segment_words import field_label
from perilune.ui import formats
from perilune.ui.reading import amount_of

CONDITIONS = 3
OPS = (
    (Op.IN.value, _("is one of")),
    (Op.AT_LEAST.value, _("at least")),
    (Op.BELOW.value, _("below")),
    (Op.IS_UNKNOWN.value, _("is unknown")),
)
CHANNELS = [(channel.value, _(label)) for channel, label in CHANNEL_LABELS.items()]


def field_choices(fields: Sequence[SegmentField], *, numbers: bool = False) -> list[Any]:
    """Return the fields that rules may use, by name; numbers: those alone."""
    return [(one.name, field_label(one)) for one in fields if one.is_number or not numbers]


def typed_number(text: str, field: SegmentField, currency: str) -> float:
    """Return a typed edge: money in minor units. Invalid where it is no number."""
    if field.kind is FieldKind.MONEY:
        return float(amount_of(text, currency))
    # the same reading without a currency's decimals: hundredths are enough for a head or a day
    return amount_of(text, "EUR") / 100


def shown_number(value: float, field: SegmentField, currency: str) -> str:
    """Return an edge as it is typed."""
    major = float(formats.major(value, currency)) if field.kind is FieldKind.MONEY else value
    return f"{major:.2f}".rstrip("0").rstrip(".")


class RuleForm(PlainForm):
    """A segment and up to three conditions, all of which an account meets."""

    segment = forms.CharField(label=_("Segment"), max_length=80)

    def __init__(
        self,
        *args: Any,
        fields: Mapping[str, SegmentField],
        currency: str,
        rule: SegmentRule | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.currency = fields, currency
        choices = [("", "—"), *field_choices(list(fields.values()))]
        given = rule.conditions if rule else ()
        if rule:
            self.initial["segment"] = rule.segment
        self.count = max(CONDITIONS, len(given))
        style = {"class": "input"}
        for at in range(self.count):
            one = given[at] if at < len(given) else None
            select = forms.Select(attrs=style)
            self.fields[f"field{at}"] = forms.ChoiceField(
                label=_("Field"), choices=choices, required=False, widget=select,
                initial=one.field if one else "",
            )  # fmt: skip
            self.fields[f"op{at}"] = forms.ChoiceField(
                label=_("Comparison"), choices=OPS, required=False,
                widget=forms.Select(attrs=style),
                initial=one.op.value if one else Op.IN.value,
            )  # fmt: skip
            self.fields[f"value{at}"] = forms.CharField(
                label=_("Value"), required=False, max_length=4000,
                widget=forms.TextInput(attrs=style), initial=self._typed(one),
            )  # fmt: skip

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the fields of each condition, for the page."""
        return [(self[f"field{n}"], self[f"op{n}"], self[f"value{n}"]) for n in range(self.count)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        conditions = []
        for at in range(self.count):
            name = found.get(f"field{at}")
            if not name:
                if found.get(f"value{at}"):
                    self.add_error(f"field{at}", gettext("Choose the field."))
                continue
            try:
                conditions.append(
                    self._condition(name, Op(found[f"op{at}"]), found.get(f"value{at}") or "")
                )
            except Invalid as error:
                self.add_error(f"value{at}", said(error))
        found["conditions"] = tuple(conditions)
        return found

    def rule(self) -> SegmentRule:
        """Return the rule that a valid form says."""
        return SegmentRule(self.cleaned_data["segment"], self.cleaned_data["conditions"])

    def _condition(self, name: str, op: Op, text: str) -> Condition:
        field = self.known[name]
        if op is Op.IS_UNKNOWN:
            return Condition(name, op)
        if op is Op.IN:
            words = {gettext(label).casefold(): value for value, label in field.choices}
            values = [part.strip() for part in text.replace("\n", ";").split(";")]
            return Condition(
                name, op, tuple(words.get(v.casefold(), v) for v in dict.fromkeys(values) if v)
            )
        return Condition(name, op, typed_number(text, field, self.currency))

    def _typed(self, one: Condition | None) -> str:
        if one is None or one.op is Op.IS_UNKNOWN:
            return ""
        field = self.known.get(one.field)
        if one.op is Op.IN:
            words = dict(field.choices) if field else {}
            return "; ".join(gettext(words[v]) if v in words else str(v) for v in one.value)
        return shown_number(one.value, field, self.currency) if field else str(one.value)


class BandsForm(PlainForm):
    """A number cut at edges, with one name more."""

    field = forms.ChoiceField(label=_("Field with numbers"))
    edges = forms.CharField(
        label=_("Edges"), max_length=400, help_text=_("Rising, separated by semicolons: 50; 500")
    )
    names = forms.CharField(
        label=_("Segments"),
        max_length=1000,
        help_text=_("One more than edges: Small; Mid-size; Large"),
    )

    def __init__(
        self, *args: Any, fields: Mapping[str, SegmentField], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.currency = fields, currency
        field = self.fields["field"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = field_choices(list(fields.values()), numbers=True)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        field = self.known.get(found.get("field", ""))
        if field is not None and found.get("edges"):
            try:
                found["edges"] = [
                    typed_number(part, field, self.currency)
                    for part in found["edges"].split(";")
                    if part.strip()
                ]
            except Invalid as error:
                self.add_error("edges", said(error))
        if isinstance(found.get("names"), str):
            found["names"] = [part.strip() for part in found["names"].split(";") if part.strip()]
        return found


class VersionForm(PlainForm):
    """A new version, from another one or empty."""

    name = forms.CharField(label=_("Name"), max_length=120)
    based_on = forms.TypedChoiceField(
        label=_("Begins with the rules of"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, *args: Any, versions: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["based_on"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("no rules")), *versions]


class MarketForm(PlainForm):
    """How each segment is sold to."""

    def __init__(self, *args: Any, found: Segmentation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.segments = found.segments
        style = {"class": "input"}
        for at, name in enumerate(found.segments):
            one = found.market(name)
            self.fields[f"channel{at}"] = forms.ChoiceField(
                label=_("Channel"), choices=CHANNELS, initial=one.channel.value,
                widget=forms.Select(attrs=style),
            )  # fmt: skip
            self.fields[f"role{at}"] = forms.ChoiceField(
                label=_("Selling role"), choices=SELLING_ROLES, initial=one.role,
                widget=forms.Select(attrs=style),
            )  # fmt: skip
            ratio = forms.FloatField(
                label=_("Accounts per rep"), required=False, localize=True,
                min_value=0.01, initial=one.accounts_per_rep,
            )  # fmt: skip
            ratio.widget.attrs["class"] = "input"
            self.fields[f"ratio{at}"] = ratio

    def rows(self) -> list[tuple[str, Any, Any, Any]]:
        """Return each segment with its fields, for the page."""
        return [
            (name, self[f"channel{at}"], self[f"role{at}"], self[f"ratio{at}"])
            for at, name in enumerate(self.segments)
        ]

    def markets(self) -> list[GoToMarket]:
        """Return what a valid form says."""
        data = self.cleaned_data
        return [
            GoToMarket(name, Channel(data[f"channel{at}"]), data[f"role{at}"], data[f"ratio{at}"])
            for at, name in enumerate(self.segments)
        ]
