"""Forms of edits that are typed as text or come from a file: moved accounts and index series."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perilune.crm.queries import id_named, titles
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.web.gate import said
from perilune.planning.contracts import Edit, Index, Move, What
from perilune.planning.service import series_read
from perilune.planning.web.forms import (
    WHATS,
    AbsenceForm,
    EditForm,
    HireForm,
    LeaveForm,
    NamePicker,
    Picker,
    PriceForm,
    QuotaForm,
    RampForm,
    ShockForm,
)


class MoveForm(EditForm):
    TYPE = Move
    rep_id = Picker("reps", label=_("From the rep"), required=False)
    accounts = forms.CharField(
        label=_("Accounts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One name a line. Empty: all accounts of the rep."),
    )
    segment = NamePicker("segments", label=_("Segment"))
    sector = NamePicker("sectors", label=_("Sector"))
    to_rep_id = Picker("reps", label=_("To the rep"))
    starts = forms.DateField(label=_("From"), help_text=_("Deals in commit stay until they close."))

    def __init__(self, *args: Any, scope: Scope, as_of: AsOf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._scope, self._as_of = scope, as_of

    def clean_accounts(self) -> tuple[int, ...]:
        lines = [line.strip() for line in self.cleaned_data["accounts"].splitlines()]
        found: dict[int, None] = {}
        for line in filter(None, lines):
            account = id_named("account", line, scope=self._scope, as_of=self._as_of)
            if account is None:
                raise ValidationError(
                    _("There is no account «%(name)s» among yours."), params={"name": line}
                )
            found[account] = None
        return tuple(found)


def accounts_text(edit: Move, as_of: AsOf) -> str:
    """Return the accounts of an edit as its form takes them."""
    named = titles("account", edit.accounts, as_of)
    return "\n".join(f"{named.get(id_, '')} #{id_}".strip() for id_ in edit.accounts)


class IndexForm(EditForm):
    TYPE = Index
    title = forms.CharField(label=_("Name of the series"), max_length=120)
    what = forms.TypedChoiceField(label=_("Acts on"), choices=WHATS, coerce=What)
    sector = NamePicker("sectors", label=_("Sector"))
    elasticity = forms.FloatField(
        label=_("Elasticity"),
        initial=1,
        localize=True,
        help_text=_("1: an index 10 % lower takes 10 % away; 0.5: about half of that."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
        help_text=_("CSV or Excel: a day and a level in each row."),
    )
    series = forms.CharField(
        label=_("Points"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "2026-03-31;104.2"}),
        help_text=_("Or a day and a level on each line; a level holds until the next."),
    )

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or self.cleaned_data)
        file = values.pop("file", None)
        name = "file" if file else "series"
        content = file.read() if file else (values.get("series") or "").encode()
        if not content:
            self.add_error("series", ValidationError(_("Enter the points or choose a file.")))
            return values
        try:
            values["series"] = series_read(
                file.name if file else "",
                content,
                day_first=(get_language() or "").startswith("fr"),
            )
        except Invalid as error:
            self.add_error(name, said(error))
        return values

    @classmethod
    def shown(cls, edit: Any) -> dict[str, Any]:
        lines = [f"{day.isoformat()};{level!r}" for day, level in edit.series]
        return {**super().shown(edit), "series": "\n".join(lines)}


FORMS: dict[type[Edit], type[EditForm]] = {
    form.TYPE: form
    for form in (
        HireForm,
        LeaveForm,
        AbsenceForm,
        RampForm,
        MoveForm,
        QuotaForm,
        PriceForm,
        ShockForm,
        IndexForm,
    )
}
"""The form of each type of edit."""
