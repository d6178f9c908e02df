"""The form of a comparison: a report or a total, and what it counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from perilune.kernel.errors import PeriluneError


class ReconcileForm(forms.Form):
    """A report (rows), a total, or both; the filters that the other system used."""

    report = forms.FileField(
        label=_("Report of the other system"), required=False,
        help_text=_("CSV or Excel: an id or a name, and an amount. It is read and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods"}),
    )  # fmt: skip
    total = forms.DecimalField(
        label=_("Its total"), required=False, decimal_places=4, max_digits=18, localize=True,
        help_text=_("In the company's currency. Enough where there is no report."),
    )  # fmt: skip
    period = forms.CharField(
        label=_("Period of closing"), required=False, max_length=20,
        help_text=_("Such as 2026-Q1; empty for all."),
    )  # fmt: skip
    stage = forms.ChoiceField(label=_("Stage"))
    owner = forms.CharField(label=_("Owner"), required=False, max_length=150)
    report_day = forms.DateField(
        label=_("Day of the report"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    title = forms.CharField(label=_("What it is called"), required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"stage": "won", **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        field = self.fields["stage"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("won", pgettext("choice", "won")), ("open", pgettext("choice", "open")),
            ("lost", pgettext("choice", "lost")), ("all", pgettext("stages", "all")),
        ]  # fmt: skip
        for one in self.fields.values():
            one.widget.attrs.setdefault("class", "input")

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)
