"""The form of a new connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from perilune.kernel.errors import PeriluneError

if TYPE_CHECKING:
    from perilune.hub.service.sync.providers import Provider


class SystemForm(forms.Form):
    """What a connection of any kind needs; nothing secret is ever shown again."""

    name = forms.CharField(
        label=_("Name"), max_length=60,
        help_text=_("What it is called here; its records are known by it."),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Address"), max_length=300,
    )  # fmt: skip
    system = forms.CharField(widget=forms.HiddenInput(), required=False)

    def __init__(self, of: Provider, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"name": of.name, "address": of.address, "system": of.name})
        super().__init__(*args, **kwargs)
        self.fields["address"].help_text = gettext("Such as %(example)s.") % {"example": of.example}
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")

    def keys(self) -> dict[str, str]:
        """Return what lets in, as it was typed."""
        own = {"name", "address", "system"}
        return {n: str(v or "") for n, v in self.cleaned_data.items() if n not in own}

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)


class ConnectionForm(SystemForm):
    """What a connection to a vendor's system needs."""

    token = forms.CharField(
        label=_("Token"), max_length=300, required=False,
        help_text=_("Kept encrypted with the secret of this home, never shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    client_id = forms.CharField(
        label=_("Client id"), max_length=300, required=False,
        help_text=_("The app's own id, as the other system gives it."),
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

    def __init__(self, of: Provider, *args: Any, **kwargs: Any) -> None:
        super().__init__(of, *args, **kwargs)
        left = () if of.takes_token else ("token",)
        for name in (*left, *(() if of.signs else ("user", "private_key"))):
            del self.fields[name]


class WriteForm(forms.Form):
    """What a write-back is for: the log keeps it. what: the verb of the batch, "" for changes."""

    what = forms.CharField(widget=forms.HiddenInput(), required=False)

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
