"""Forms of webhooks: an address that is called, a subscription that is told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from perilune.hub.contracts.hooks import CHANGES, OTHER_EVENTS, RECORD_KINDS, SCHEME_LABELS
from perilune.kernel.errors import PeriluneError
from perilune.kernel.wiring import KINDS


class _Form(forms.Form):
    """Fields with the look of the house, and the service's errors above them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs.setdefault("class", "input")

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)


class HookForm(_Form):
    """Who calls, how it signs, and what its calls are about."""

    name = forms.CharField(label=_("Name"), max_length=60)
    connection = forms.ChoiceField(
        label=_("What its calls are about"), required=False,
        help_text=_(
            "Of a connection, the records that a call names are read again there. Without one, the"
            " rows of a call are imported; you map them once."
        ),
    )  # fmt: skip
    scheme = forms.ChoiceField(label=_("How it signs"))
    secret = forms.CharField(
        label=_("Secret of the other system"), max_length=300, required=False,
        help_text=_("Leave it empty to have one made. HubSpot: the client secret of the app."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    header = forms.CharField(
        label=_("Header of the HMAC"), max_length=80, required=False,
        help_text=_("Such as X-Signature-256; only for an HMAC of the body."),
    )  # fmt: skip

    def __init__(self, connections: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "connection").choices = [
            *((name, name) for name in connections),
            ("", gettext("Nothing else: the source only calls")),
        ]
        _choices(self, "scheme").choices = [
            (one.value, gettext(label)) for one, label in SCHEME_LABELS.items()
        ]


class SubscriptionForm(_Form):
    """An address and what it is told."""

    name = forms.CharField(label=_("Name"), max_length=60)
    address = forms.CharField(
        label=_("Address"), max_length=500,
        help_text=_("It is called with the POST method; https is best."),
        widget=forms.URLInput(),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("What it is told"), widget=forms.CheckboxSelectMultiple()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "events").choices = event_choices()


def _choices(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field


def event_choices() -> list[tuple[str, str]]:
    """Return every event with what it is called."""
    verbs = {
        "created": pgettext("record", "created"), "changed": pgettext("record", "changed"),
        "ended": pgettext("record", "ended"),
    }  # fmt: skip
    records = [
        (f"{kind}.{what}", f"{gettext(KINDS.get(kind).label)} · {verbs[what]}")
        for kind in RECORD_KINDS
        for what in CHANGES
    ]
    return [*records, *((name, gettext(label)) for name, label in OTHER_EVENTS.items())]
