"""The form of a comparison: a report or a total, and what it counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from perilune.hub.queries.beside import COUNT, DEAL, RECONCILED, filters, moneys
from perilune.hub.web.reconcile_words import measure_label
from perilune.kernel.errors import PeriluneError
from perilune.kernel.wiring import KINDS


class ReconcileForm(forms.Form):
    """A report (rows), a total, or both; the filters that the other system used."""

    report = forms.FileField(
        label=_("Report of the other system"), required=False,
        help_text=_("CSV or Excel: an id or a name, and an amount. It is read and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods"}),
    )  # fmt: skip
    total = forms.DecimalField(
        label=_("Its total"), required=False, decimal_places=4, max_digits=18, localize=True,
        help_text=_("In the company's currency, or how many. Enough where there is no report."),
    )  # fmt: skip
    what = forms.ChoiceField(label=_("What is compared"), required=False)
    period = forms.CharField(
        label=_("Period"), required=False, max_length=20,
        help_text=_(
            "Such as 2026-Q1; empty for all. Deals go by the day of closing, leads by their"
            " creation, cases and activities by their start."
        ),
    )  # fmt: skip
    stage = forms.ChoiceField(
        label=_("Stage"), required=False, help_text=_("Counts for deals alone.")
    )  # fmt: skip
    where = forms.ChoiceField(
        label=_("Only records whose"), required=False,
        help_text=_("For reports of other records that were filtered."),
    )  # fmt: skip
    value = forms.CharField(label=_("has the value"), required=False, max_length=150)
    owner = forms.CharField(label=_("Owner"), required=False, max_length=150)
    report_day = forms.DateField(
        label=_("Day of the report"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    title = forms.CharField(label=_("What it is called"), required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        usual = {"stage": "won", "what": f"{DEAL}.amount"}
        kwargs["initial"] = {**usual, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self._offer("what", [(key, label) for key, label in _measures()])
        self._offer("where", [("", "–"), *_filters()])
        self._offer("stage", [
            ("won", pgettext("choice", "won")), ("open", pgettext("choice", "open")),
            ("lost", pgettext("choice", "lost")), ("all", pgettext("stages", "all")),
        ])  # fmt: skip
        for one in self.fields.values():
            one.widget.attrs.setdefault("class", "input")

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Read what is compared and by which filter; both are of one kind of record."""
        given: dict[str, Any] = super().clean() or {}
        kind, _dot, measure = (given.get("what") or f"{DEAL}.amount").partition(".")
        of, _dot, field = (given.get("where") or "").partition(".")
        value = (given.get("value") or "").strip()
        if bool(of) != bool(value):
            self.add_error("value", gettext("A filter is a field and its value."))
        elif of and of != kind:
            self.add_error("where", gettext("That field is of other records than are compared."))
        return {**given, "kind": kind, "measure": measure, "where": field, "value": value}

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)


def _measures() -> list[tuple[str, str]]:
    """Return what may be compared: «Accounts: annual revenue», «Accounts: how many»."""
    found = []
    for kind in RECONCILED:
        names = [*(field.name for field in moneys(kind)), COUNT]
        found += [(f"{kind}.{name}", measure_label(kind, name)) for name in names]
    return found


def _filters() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the fields to filter by, under the kind they are of."""
    return [
        (
            gettext(KINDS.get(kind).label_plural),
            [(f"{kind}.{field.name}", gettext(field.label)) for field in filters(kind)],
        )
        for kind in RECONCILED
        if filters(kind)
    ]
