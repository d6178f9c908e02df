"""Forms of the settings pages: they check shapes; the service checks meanings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from perilune.kernel.calendar import Pattern
from perilune.kernel.errors import Invalid, PeriluneError
from perilune.people.contracts import QUOTA_LEVELS, ROLE_LABELS, Role

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
ROLES = [(role.value, _(ROLE_LABELS[role])) for role in Role]
LANGUAGES = [("", _("The browser's")), ("en", "English"), ("fr", "Français")]
SELLING_ROLES = [
    ("seller", _("Seller")),
    ("manager", _("Manager")),
    ("overlay", _("Overlay")),
    ("sdr", _("Sales development")),
]


class PlainForm(forms.Form):
    """Fields with the look of the house."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs.setdefault("class", "choices")
            elif not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs.setdefault("class", "input")
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(
                    format="%Y-%m-%d", attrs={"type": "date", "class": "input"}
                )
                field.input_formats = ["%Y-%m-%d"]

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service at its field, or above the form."""
        problems = error.problems if isinstance(error, Invalid) else ()
        for problem in problems:
            text = gettext(problem.message)
            field = problem.field if problem.field in self.fields else None
            self.add_error(field, text % problem.params if problem.params else text)
        if not problems:
            text = gettext(error.message)
            self.add_error(None, text % error.params if error.params else text)


class CompanyForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    timezone = forms.CharField(label=_("Time zone"))
    country = forms.CharField(label=_("Country"), min_length=2, max_length=2)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES[1:])
    fiscal_start_month = forms.IntegerField(
        label=_("Month the fiscal year starts in"), min_value=1, max_value=12
    )
    fiscal_pattern = forms.ChoiceField(
        label=_("Cut of a quarter"),
        choices=[
            (p.value, _("Calendar months") if p is Pattern.MONTHS else p.value) for p in Pattern
        ],
    )
    is_named_by_end = forms.BooleanField(
        label=_("The fiscal year is named by the year it ends in"), required=False
    )
    week_start = forms.TypedChoiceField(
        label=_("First day of the week"), choices=WEEKDAYS, coerce=int
    )
    inclusion_rule = forms.CharField(
        label=_("What counts as a deal"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Tests, internal deals, partner duplicates: the rule stands in every definition."
        ),
    )
    may_all_see_total = forms.BooleanField(
        label=_("Everybody may see the company's totals, without rows"), required=False
    )
    is_staff_informed = forms.BooleanField(
        label=_("Staff were informed about per-person measures"), required=False
    )
    is_council_consulted = forms.BooleanField(
        label=_("The works council was consulted about them"), required=False
    )
    is_small_team = forms.BooleanField(
        label=_("Small team: who proposes may also approve, after a pause and marked so"),
        required=False,
    )


class UserForm(PlainForm):
    username = forms.CharField(label=_("User name"), max_length=150)
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    rep_id = forms.TypedChoiceField(
        label=_("Is the rep"), coerce=int, empty_value=None, required=False
    )
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, not only digits, not a common word."),
    )

    def __init__(self, *args: Any, reps: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "rep_id", reps)


class RoleForm(PlainForm):
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    rep_id = forms.TypedChoiceField(
        label=_("Is the rep"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, *args: Any, reps: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "rep_id", reps)


class PasswordForm(PlainForm):
    password = forms.CharField(
        label=_("New password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class LanguageForm(PlainForm):
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)


class TeamForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    parent_id = forms.TypedChoiceField(
        label=_("Parent team"), coerce=int, empty_value=None, required=False
    )
    level = forms.ChoiceField(
        label=_("Level"), choices=[("team", _("Team")), ("region", _("Region"))]
    )

    def __init__(self, *args: Any, teams: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "parent_id", teams)


class PlaceForm(PlainForm):
    """Where a rep sells."""

    team_id = forms.TypedChoiceField(label=_("Team"), coerce=int, empty_value=None, required=False)
    manager_id = forms.TypedChoiceField(
        label=_("Manager"), coerce=int, empty_value=None, required=False
    )
    role = forms.ChoiceField(label=_("Selling role"), choices=SELLING_ROLES)
    fte = forms.FloatField(label=_("FTE"), min_value=0.01, max_value=1, initial=1)
    product_family = forms.ChoiceField(
        label=_("Product family sold"),
        required=False,
        help_text=_("Of who sells one family only: a change of it restarts the ramp in part."),
    )

    def __init__(
        self,
        *args: Any,
        teams: list[tuple[int, str]],
        reps: list[tuple[int, str]],
        families: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "team_id", teams)
        _choose(self, "manager_id", reps)
        offer_families(self, families)


class HireForm(PlaceForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), required=False)
    country = forms.CharField(label=_("Country of employment"), max_length=2, required=False)
    hire_date = forms.DateField(label=_("Hire date"))
    field_order = ("name", "email", "country", "hire_date")


class MoveForm(PlaceForm):
    on = forms.DateField(label=_("From"))
    field_order = ("on",)


class LeaveForm(PlainForm):
    last_day = forms.DateField(label=_("Last day"))


class AbsenceForm(PlainForm):
    first_day = forms.DateField(label=_("First day"))
    last_day = forms.DateField(label=_("Last day"), required=False)
    fte = forms.FloatField(
        label=_("FTE absent"),
        min_value=0.01,
        max_value=1,
        required=False,
        help_text=_("Empty: wholly away. No reason is kept."),
    )


class QuotaForm(PlainForm):
    unit = forms.ChoiceField(label=_("Whose"))
    period = forms.CharField(label=_("Period"), help_text=_("Such as 2026, 2026-Q3 or 2026-07."))
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal(0), localize=True)
    level = forms.ChoiceField(
        label=_("Level"), choices=[(value, _(label)) for value, label in QUOTA_LEVELS]
    )
    effective_from = forms.DateField(label=_("In force from"), required=False)

    def __init__(
        self,
        *args: Any,
        teams: list[tuple[int, str]],
        reps: list[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("company", _("Company")),
            (_("Teams"), [(f"team:{team}", name) for team, name in teams]),
            (_("Reps"), [(f"rep:{rep}", name) for rep, name in reps]),
        ]
        self.fields["level"].initial = "operating"


class RateForm(PlainForm):
    rate_set = forms.ChoiceField(
        label=_("Rate set"),
        choices=[
            ("budget", _("Budget")),
            ("month_average", _("Month average")),
            ("spot", _("Spot")),
        ],
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    starts = forms.DateField(label=_("From"))
    value = forms.FloatField(label=_("Value of one unit"), min_value=0.0, localize=True)


def offer_families(form: forms.Form, families: Sequence[str]) -> None:
    """Offer the product families on record; a form asks for none where there are none."""
    field = form.fields["product_family"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", pgettext("product families", "all")), *((one, one) for one in families)]
    if not families:
        del form.fields["product_family"]


def _choose(form: forms.Form, name: str, choices: list[tuple[int, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", "—"), *choices]


class TokenForm(PlainForm):
    """The name of a new access token."""

    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("For example: weekly report.")
    )
