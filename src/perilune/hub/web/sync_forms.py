"""The form of a new connection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from perilune.kernel.errors import PeriluneError


class ConnectionForm(forms.Form):
    """What a connection needs; nothing secret is ever shown again."""

    name = forms.CharField(
        label=_("Name"), max_length=60, initial="salesforce",
        help_text=_("What it is called here, such as salesforce."),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Address"), max_length=300,
        help_text=_("Your org, such as https://acme.my.salesforce.com."),
    )  # fmt: skip
    client_id = forms.CharField(
        label=_("Client id"), max_length=300,
        help_text=_("The consumer key of the connected app."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    client_secret = forms.CharField(
        label=_("Client secret"), max_length=300, required=False,
        help_text=_("Kept encrypted with the secret of this home, never shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    user = forms.CharField(
        label=_("User, where the app signs for itself"), max_length=150, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    private_key = forms.CharField(
        label=_("Private key (PEM), where the app signs for itself"), required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)


class WriteForm(forms.Form):
    """What a write-back is for: the log keeps it."""

    purpose = forms.CharField(
        label=_("Written for"), max_length=300,
        help_text=_("Kept in the log, such as «owners of the new territories»."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].widget.attrs.setdefault("class", "input")

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)
