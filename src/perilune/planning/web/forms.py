"""Forms of a scenario and of each type of edit: they check shapes; the service checks meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from perilune.kernel.money import Money
from perilune.people.web.forms import SELLING_ROLES, PlainForm
from perilune.planning.contracts import (
    WHAT_LABELS,
    Absence,
    Edit,
    Hire,
    Leave,
    Price,
    Quota,
    Ramp,
    Shock,
    What,
)
from perilune.planning.queries import Choices
from perilune.ui.reading import NumberField

Pairs = Sequence[tuple[Any, str]]
WHATS = [(what.value, _(label)) for what, label in WHAT_LABELS.items()]


class Picker(forms.TypedChoiceField):
    """One of the records offered, by id; empty is «none»."""

    def __init__(self, source: str, *, empty: Any = "—", **options: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **options)
        self.source, self.empty = source, empty


class NamePicker(forms.ChoiceField):
    """One of the names offered; empty is «all», or what is said."""

    def __init__(self, source: str, *, empty: Any = None, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.source, self.empty = source, empty or _("all")


class EditForm(PlainForm):
    """A form whose fields are those of one type of edit."""

    TYPE: ClassVar[type[Edit]]

    def __init__(self, *args: Any, offered: Choices, hires: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        lists = {
            "reps": [*offered.reps, *hires],
            "teams": offered.teams,
            "products": offered.products,
            "segments": [(name, name) for name in offered.segments],
            "sectors": [(name, name) for name in offered.sectors],
        }
        for field in self.fields.values():
            if isinstance(field, Picker | NamePicker):
                field.choices = [("", field.empty), *lists[field.source]]

    def edit(self) -> Edit:
        """Return the edit that a valid form says."""
        return self.TYPE(**self.values())

    def values(self) -> dict[str, Any]:
        """Return the fields of the edit; those left empty have its defaults."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}

    @classmethod
    def shown(cls, edit: Any) -> dict[str, Any]:
        """Return the form's first values of an edit that is being changed."""
        return {name: getattr(edit, name) for name in cls.base_fields if hasattr(edit, name)}


class ChangeForm(EditForm):
    """An edit by a factor, entered as a change in percent."""

    change = NumberField(
        label=_("Change (%)"),
        min_value=Decimal("-99.9"),
        max_value=Decimal(9900),
        localize=True,
        help_text=_("-10 is ten per cent less."),
    )

    def values(self) -> dict[str, Any]:
        found = super().values()
        change = found.pop("change")
        return {**found, "factor": float(1 + change / 100)}

    @classmethod
    def shown(cls, edit: Any) -> dict[str, Any]:
        return {**super().shown(edit), "change": round(Decimal(str(edit.factor - 1)) * 100, 4)}


class HireForm(EditForm):
    TYPE = Hire
    team_id = Picker("teams", label=_("Team"))
    starts = forms.DateField(label=_("First day"))
    heads = forms.IntegerField(label=_("People"), min_value=1, initial=1)
    role = forms.ChoiceField(
        label=_("Selling role"),
        choices=SELLING_ROLES,
        help_text=_("Only sellers bring business of their own."),
    )
    fte = forms.FloatField(label=_("FTE"), min_value=0.01, max_value=1, initial=1, localize=True)
    ramp_days = forms.IntegerField(
        label=_("Days to full productivity"),
        min_value=0,
        required=False,
        help_text=_("Empty: as in this team so far."),
    )
    segment = NamePicker(
        "segments",
        label=_("Segment"),
        empty=_("what the team works"),
        help_text=_("A plan counts such a seller by what sellers bring in it."),
    )


class LeaveForm(EditForm):
    TYPE = Leave
    rep_id = Picker("reps", label=_("Rep"))
    last_day = forms.DateField(label=_("Last day"))
    to_rep_id = Picker(
        "reps",
        label=_("Takes the open deals over"),
        required=False,
        empty=_("spread over the team"),
    )


class AbsenceForm(EditForm):
    TYPE = Absence
    rep_id = Picker("reps", label=_("Rep"))
    starts = forms.DateField(label=_("First day"))
    ends = forms.DateField(label=_("Last day"), required=False)
    fte = forms.FloatField(
        label=_("FTE absent"),
        min_value=0.01,
        max_value=1,
        initial=1,
        localize=True,
        help_text=_("1 is wholly away. No reason is kept."),
    )


class RampForm(EditForm):
    TYPE = Ramp
    team_id = Picker("teams", label=_("Team"), required=False, empty=_("all teams"))
    starts = forms.DateField(label=_("For hires from"))
    ramp_days = forms.IntegerField(label=_("Days to full productivity"), min_value=0)


class QuotaForm(EditForm):
    TYPE = Quota
    unit = forms.ChoiceField(label=_("Whose"))
    period = forms.CharField(label=_("Period"), help_text=_("Such as 2026, 2026-Q3 or 2026-07."))
    amount = NumberField(label=_("Amount"), min_value=Decimal(0), localize=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        company: list[Any] = [("company", _("Company"))] if self.offered.is_company else []
        field.choices = [
            *company,
            (_("Teams"), [(f"team:{id_}", name) for id_, name in self.offered.teams]),
            (_("Reps"), [(f"rep:{id_}", name) for id_, name in self.offered.reps]),
        ]

    def values(self) -> dict[str, Any]:
        found = super().values()
        amount = Money(found["amount"], self.currency).minor()
        return {**found, "amount": amount, "currency": self.currency}

    @classmethod
    def shown(cls, edit: Any) -> dict[str, Any]:
        amount = Money.from_minor(edit.amount, edit.currency).amount
        return {**super().shown(edit), "amount": amount}


class PriceForm(ChangeForm):
    TYPE = Price
    product_id = Picker("products", label=_("Product"), required=False, empty=_("all"))
    segment = NamePicker("segments", label=_("Segment"))
    starts = forms.DateField(label=_("From"))
    field_order = ("product_id", "segment", "change", "starts")


class ShockForm(ChangeForm):
    TYPE = Shock
    what = forms.TypedChoiceField(label=_("What"), choices=WHATS, coerce=What)
    segment = NamePicker("segments", label=_("Segment"))
    sector = NamePicker("sectors", label=_("Sector"))
    starts = forms.DateField(label=_("From"))
    ends = forms.DateField(label=_("To"), required=False)
    field_order = ("what", "change", "segment", "sector", "starts", "ends")


class ScenarioForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    period = forms.ChoiceField(label=_("Period"))

    def __init__(self, *args: Any, periods: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["period"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(periods)


class SettingsForm(ScenarioForm):
    is_reserve = forms.BooleanField(
        label=_("Let its hires and departures show to others as an unnamed reserve"),
        required=False,
        help_text=_("By month, at a level of five reps or more, without names."),
    )


class ShareForm(PlainForm):
    people = forms.MultipleChoiceField(
        label=_("Shared with"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].widget.attrs.pop("class", None)
        field = self.fields["people"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(people)


def first_days(today: date) -> Mapping[str, date]:
    """Return the first values of dates: the first day of the next month."""
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return {"starts": following, "last_day": following}
