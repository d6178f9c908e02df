"""Forms of databases and REST interfaces: how they are come into, and the objects of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perilune.hub.contracts.sources import PAGINGS, SINCES
from perilune.hub.service.sync import LOGINS, OFFERED
from perilune.hub.web.sync_forms import ConnectionForm, SystemForm
from perilune.kernel.errors import PeriluneError
from perilune.kernel.wiring import KINDS

if TYPE_CHECKING:
    from perilune.hub.service.sync import Provider

_SECRET = {"autocomplete": "off"}
_KEPT = _("Kept encrypted with the secret of this home, never shown again.")


class DatabaseForm(SystemForm):
    """How a database is come into."""

    password = forms.CharField(
        label=_("Password"), max_length=300, required=False, help_text=_KEPT,
        widget=forms.PasswordInput(attrs=_SECRET), strip=False,
    )  # fmt: skip


class InterfaceForm(SystemForm):
    """How a REST interface is come into."""

    login = forms.ChoiceField(label=_("Login"), help_text=_("What each way needs stands below."))
    token = forms.CharField(
        label=_("Token"), max_length=4000, required=False, help_text=_KEPT,
        widget=forms.PasswordInput(attrs=_SECRET),
    )  # fmt: skip
    header = forms.CharField(
        label=_("Header of the token"), max_length=60, required=False,
        help_text=_("Such as X-Api-Key."),
    )  # fmt: skip
    user = forms.CharField(
        label=pgettext_lazy("login", "User"), max_length=150, required=False,
        widget=forms.TextInput(attrs=_SECRET),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), max_length=300, required=False, help_text=_KEPT,
        widget=forms.PasswordInput(attrs=_SECRET), strip=False,
    )  # fmt: skip
    token_address = forms.CharField(
        label=_("Address of tokens"), max_length=300, required=False,
        help_text=_("Such as https://login.example/oauth/token."),
    )  # fmt: skip
    client_id = forms.CharField(
        label=_("Client id"), max_length=300, required=False, widget=forms.TextInput(attrs=_SECRET),
    )  # fmt: skip
    client_secret = forms.CharField(
        label=_("Client secret"), max_length=300, required=False, help_text=_KEPT,
        widget=forms.PasswordInput(attrs=_SECRET),
    )  # fmt: skip
    scope = forms.CharField(
        label=_("Scope, where one is asked for"), max_length=300, required=False
    )

    def __init__(self, of: Provider, *args: Any, **kwargs: Any) -> None:
        super().__init__(of, *args, **kwargs)
        login = self.fields["login"]
        assert isinstance(login, forms.ChoiceField)
        login.choices = [(name, gettext(label)) for name, label in LOGINS.items()]
        if not self.is_bound:
            self.initial["login"] = "token"


def form_of(of: Provider, data: Any = None) -> SystemForm:
    """Return the form of a new connection of a kind."""
    kinds: dict[str, type[SystemForm]] = {"sql": DatabaseForm, "rest": InterfaceForm}
    return kinds.get(of.name, ConnectionForm)(of, data)


# -- objects -----------------------------------------------------------------------------------

_COLUMNS = _("Empty: looked for by its name; «-»: there is none.")


class ObjectForm(forms.Form):
    """An object that a person names. old: what is said of it already, to be changed."""

    name = forms.SlugField(label=_("Name"), max_length=40, help_text=_("Such as deals."))
    kind = forms.ChoiceField(label=_("Its rows become"))

    def __init__(self, *args: Any, is_old: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        there = {one.name: one for one in KINDS}
        kind.choices = [(n, gettext(there[n].label_plural)) for n in OFFERED if n in there]
        if is_old:
            for name in ("name", "kind"):
                self.fields[name].widget.attrs["readonly"] = True
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")

    def told(self) -> dict[str, Any]:
        """Return what was typed, as the service takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}

    def take(self, error: PeriluneError) -> None:
        """Show an error of the service above the form."""
        text = gettext(error.message)
        self.add_error(None, text % error.params if error.params else text)


class TableForm(ObjectForm):
    """A table, a view or a SELECT."""

    table = forms.CharField(
        label=_("Table, view or SELECT"), max_length=20_000,
        help_text=_("A name, with its schema where it has one (sales.deals), or one SELECT."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )  # fmt: skip
    key = forms.CharField(
        label=_("Column of the key"), max_length=120, required=False,
        help_text=_("Each row has one of its own. Empty: the primary key, or what is called so."),
    )  # fmt: skip
    stamp = forms.CharField(
        label=_("Column of the last change"), max_length=120, required=False,
        help_text=_("A time, or a number that grows with each change. Empty: looked for by its"
                    " name; «-»: there is none, and each run compares everything."),
    )  # fmt: skip
    born = forms.CharField(
        label=_("Column of the creation"), max_length=120, required=False, help_text=_COLUMNS
    )
    gone = forms.CharField(
        label=_("Column of deletions"), max_length=120, required=False,
        help_text=_("A mark or the time of a deletion. Empty: looked for by its name; «-»:"
                    " there is none, and a row whose key is gone was deleted."),
    )  # fmt: skip


class ListForm(TableForm):
    """A list of a REST interface."""

    table = None  # type: ignore[assignment]
    path = forms.CharField(
        label=pgettext_lazy("address", "Path"), max_length=500,
        help_text=_("With what is always asked, such as /deals?archived=false&order=id."),
    )  # fmt: skip
    rows = forms.CharField(
        label=_("Where the rows are"), max_length=200, required=False,
        help_text=_("Names with dots, such as data.items. Empty: the first list of the answer."),
    )  # fmt: skip
    total = forms.CharField(
        label=_("Where the number of rows is"), max_length=200, required=False,
        help_text=_("Such as meta.total: an answer that has fewer is asked for again."),
    )  # fmt: skip
    paging = forms.ChoiceField(label=_("Pages"), required=False)
    page_name = forms.CharField(
        label=_("Parameter of the page"), max_length=60, required=False,
        help_text=_("Of the page's number, the offset or the cursor."),
    )  # fmt: skip
    after = forms.CharField(
        label=_("Where the next page is told"), max_length=200, required=False,
        help_text=_("Of a cursor or an address in the answer, such as meta.next_cursor."),
    )  # fmt: skip
    first = forms.IntegerField(label=_("Number of the first page"), min_value=0, initial=1)
    size_name = forms.CharField(
        label=_("Parameter of a page's size"), max_length=60, required=False
    )
    size = forms.IntegerField(label=_("Rows of a page"), min_value=1, max_value=10_000, initial=100)
    since = forms.CharField(
        label=_("Parameter of what changed since"), max_length=60, required=False,
        help_text=_("Such as updated_since. Empty: each run reads the whole list."),
    )  # fmt: skip
    since_as = forms.ChoiceField(label=_("Written as"), required=False)
    one = forms.CharField(
        label=_("Path of one row"), max_length=500, required=False,
        help_text=_("Such as /deals/{key}. Empty: single rows are looked for in the list."),
    )  # fmt: skip

    field_order = (
        "name", "kind", "path", "rows", "total", "paging", "page_name", "after", "first",
        "size_name", "size", "key", "stamp", "since", "since_as", "born", "gone", "one",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recognised = [("", gettext("Recognise it"))]
        for name, choices in (("paging", PAGINGS), ("since_as", SINCES)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            own = [(value, gettext(label)) for value, label in choices.items()]
            field.choices = recognised + own if name == "paging" else own


def object_form_of(of: Provider, *args: Any, **kwargs: Any) -> ObjectForm:
    """Return the form of an object of a kind of source."""
    return (ListForm if of.name == "rest" else TableForm)(*args, **kwargs)
