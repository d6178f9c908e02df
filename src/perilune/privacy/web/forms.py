"""Forms of privacy: asking, consent, a retention rule."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from perilune.history import queries as history
from perilune.kernel.errors import PeriluneError
from perilune.kernel.kinds import CUSTOM_PREFIX, FieldType
from perilune.kernel.personal import PERSONAL_LOGS
from perilune.kernel.wiring import KINDS
from perilune.privacy.contracts import ACTIONS, BASES, PERSON_KINDS, PURPOSES
from perilune.privacy.contracts.consent import CONSENT_STATES
from perilune.privacy.contracts.retention import FILES


class _Form(forms.Form):
    """Fields with the look of the house, and the service's errors at them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)


def _choices(labels: Any) -> list[tuple[str, str]]:
    return [(item.value, gettext(label)) for item, label in labels.items()]


class ConsentForm(_Form):
    """One entry of the ledger."""

    purpose = forms.ChoiceField(label=_("Purpose"))
    state = forms.ChoiceField(label=_("What was said"))
    basis = forms.ChoiceField(label=_("Basis"))
    source = forms.CharField(
        label=_("Where"), max_length=200, help_text=_("A form, a mail, a call: what you can show.")
    )
    day = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = _choices(PURPOSES)  # type: ignore[attr-defined]
        self.fields["state"].choices = _choices(CONSENT_STATES)  # type: ignore[attr-defined]
        self.fields["basis"].choices = _choices(BASES)  # type: ignore[attr-defined]


class RuleForm(_Form):
    """A retention rule; it is off until somebody else approves it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Of"))
    condition = forms.ChoiceField(label=_("Only where"), required=False)
    value = forms.CharField(label=_("is"), max_length=200, required=False)
    date_field = forms.ChoiceField(label=_("Age counted from"), required=False)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=36_500, initial=1095)
    action = forms.ChoiceField(label=_("What happens"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, gettext(KINDS.get(kind).label_plural)) for kind in PERSON_KINDS]
        last = gettext("the last change or activity")
        logs = [(log.name, gettext(log.label)) for log in PERSONAL_LOGS]
        for name, choices in (
            ("kind", [*kinds, (FILES, gettext("Uploaded files")), *logs]),
            ("condition", [("", gettext("any")), *_fields()]),
            ("date_field", [("", last), *_fields(days=True)]),
        ):
            cast(forms.ChoiceField, self.fields[name]).choices = choices
        self.fields["action"].choices = _choices(ACTIONS)  # type: ignore[attr-defined]


def _fields(*, days: bool = False) -> list[tuple[str, str]]:
    """Return the fields of kinds of people, those that say who it is left out."""
    found: dict[str, str] = {}
    for kind in PERSON_KINDS:
        for item in history.all_fields(kind):
            is_day = item.type is FieldType.DATE
            is_plain = item.type in (FieldType.TEXT, FieldType.CHOICE) and not item.is_personal
            if is_day if days else is_plain:
                is_own = item.name.startswith(CUSTOM_PREFIX)
                found[item.name] = item.label if is_own else gettext(item.label)
    return sorted(found.items(), key=lambda pair: pair[1])
