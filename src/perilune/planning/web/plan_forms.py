"""Forms of annual plans: they check shapes; the service checks meanings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perilune.people.web.forms import PlainForm
from perilune.planning.service import Proposal
from perilune.ui.reading import NumberField


class PercentField(NumberField):
    """A share of 0 to 100 %."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=Decimal(0), max_value=Decimal(100), localize=True, **options)


class ProposalForm(PlainForm):
    """What a plan is proposed from last year with."""

    growth = NumberField(
        label=_("Growth on the twelve months before, %"),
        min_value=Decimal(-90), max_value=Decimal(900), initial=10, localize=True,
    )  # fmt: skip
    operating = PercentField(label=_("Operating plan above the board plan, %"), initial=0)
    over = PercentField(label=_("Street quotas above the operating plan, %"), initial=5)

    def proposal(self) -> Proposal:
        """Return what a valid form says."""
        data = self.cleaned_data
        return Proposal(*(float(data[name] / 100) for name in ("growth", "operating", "over")))


class NewPlanForm(ProposalForm):
    """A new plan."""

    name = forms.CharField(label=_("Name"), max_length=120)
    year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=int)
    is_empty = forms.BooleanField(label=_("Begin without figures"), required=False)
    field_order = ("name", "year", "growth", "operating", "over", "is_empty")

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["year"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(year), str(year)) for year in years]


class PlanSettingsForm(PlainForm):
    """Name, and who sees it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    people = forms.MultipleChoiceField(
        label=_("Shared with"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["people"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(people)


class PublishPlanForm(PlainForm):
    """The day a plan is in force from."""

    effective_from = forms.DateField(label=_("In force from"))


class CommentForm(PlainForm):
    """What somebody says of a plan."""

    text = forms.CharField(
        label=_("Comment"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
