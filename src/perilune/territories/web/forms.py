"""Forms of territory plans: they check shapes; the service checks meanings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from perilune.people.web.forms import PlainForm
from perilune.territories.contracts import HOLD_OVER_LABELS, Asked, Attribute, DraftHead, HoldOver
from perilune.territories.web.ruleforms import Questions

USUAL = 5
"""Percent of the target that a territory may be off, unless one says otherwise."""


class PlanForm(Questions):
    """A new plan: its name, what its territories are balanced by, whose and of which accounts."""

    name = forms.CharField(label=_("Name"), max_length=120)
    first = forms.ChoiceField(label=_("Balanced by"))
    first_tolerance = forms.FloatField(
        label=_("Tolerance, % of the target"), initial=USUAL, min_value=0, max_value=100
    )
    second = forms.ChoiceField(label=_("And by"), required=False)
    second_tolerance = forms.FloatField(
        label=_("Its tolerance, %"), initial=USUAL * 2, min_value=0, max_value=100, required=False
    )
    hold_over = forms.ChoiceField(
        label=_("When accounts change hands"),
        choices=[(one.value, _(HOLD_OVER_LABELS[one])) for one in HoldOver],
    )
    layer = forms.CharField(
        label=_("Layer"),
        max_length=60,
        required=False,
        help_text=_("Empty: the main one, whose reps own the accounts. A name: an overlay."),
    )
    reps = forms.TypedMultipleChoiceField(
        label=_("Reps of the layer"),
        coerce=int,
        required=False,
        help_text=_("Each begins with a territory of their own, without accounts."),
    )

    def __init__(
        self,
        *args: Any,
        attributes: Sequence[Attribute],
        fields: Sequence[tuple[str, str]] = (),
        reps: Sequence[tuple[int, str]] = (),
        layers: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        who = self.fields["reps"]
        assert isinstance(who, forms.TypedMultipleChoiceField)
        who.choices = [(str(id_), name) for id_, name in reps]
        who.widget.attrs["size"] = min(max(len(reps), 2), 6)
        self.layers = layers
        self.fields["layer"].widget.attrs["list"] = "layers"
        self.ask(fields)
        choices = [(one.key, gettext(one.label)) for one in attributes]
        for name, more in (("first", []), ("second", [("", gettext("nothing else"))])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [*more, *choices]

    def plainly(self) -> list[forms.BoundField]:
        """Return the fields that every plan needs."""
        names = ("name", "first", "first_tolerance", "second", "second_tolerance", "hold_over")
        return [self[name] for name in names]

    def overlaid(self) -> list[forms.BoundField]:
        """Return the fields of a layer of its own."""
        return [self["layer"], self["reps"]]

    def attributes(self) -> list[Attribute]:
        """Return what the plan is to be balanced by."""
        data = self.cleaned_data
        found = [Attribute(data["first"], data["first_tolerance"] / 100)]
        if data["second"] and data["second"] != data["first"]:
            found.append(Attribute(data["second"], (data["second_tolerance"] or 0) / 100))
        return found


class ContainersForm(PlainForm):
    """What a plan hands out whole."""

    by = forms.ChoiceField(label=_("Hand out whole"), required=False)
    file = forms.FileField(
        label=_("File of polygons"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".geojson,.json", "class": "input"}),
        help_text=_("GeoJSON in degrees, up to 16 MB; only for polygons."),
    )
    property_name = forms.CharField(
        label=_("Property that names them"),
        max_length=60,
        required=False,
        help_text=_("Empty: name, nom, code or id."),
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["by"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("nothing: account by account")), *choices]


class ServerForm(PlainForm):
    """The routing server that designs ask."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("osrm", "OSRM"), ("valhalla", "Valhalla")])
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_("For example http://localhost:5000, without the path of a service."),
    )
    profile = forms.CharField(
        label=_("Profile"),
        max_length=60,
        required=False,
        help_text=_("Empty: by car."),
    )
    most = forms.IntegerField(
        label=_("Places in one question, at most"),
        min_value=2,
        max_value=10_000,
        required=False,
        help_text=_("Empty: as the server comes, 100 of OSRM, 50 of Valhalla."),
    )


class DesignForm(PlainForm):
    """What a design is asked for."""

    k = forms.IntegerField(label=_("Territories"), min_value=1, max_value=2000, required=False)
    hours = forms.FloatField(
        label=_("Or hours of a rep a year"),
        min_value=1,
        required=False,
        help_text=_("Without a number: as few territories as these hours allow, travel included."),
    )
    regions = forms.IntegerField(
        label=_("In regions"),
        min_value=2,
        max_value=500,
        required=False,
        help_text=_("Empty: none. Regions are drawn first, the territories inside; from scratch."),
    )
    region_tolerance = forms.FloatField(
        label=_("Tolerance of regions, %"),
        initial=USUAL,
        min_value=0,
        max_value=100,
        required=False,
    )
    stay = forms.ChoiceField(
        label=_("Accounts that change hands"),
        choices=[
            ("0", _("as the map wants it")),
            ("3", _("rather few")),
            ("100", _("few")),
        ],
        help_text=_("Fewer moves cost compactness: the sheet shows both."),
    )
    near = forms.FloatField(
        label=_("Places of, km"),
        min_value=0,
        max_value=200,
        required=False,
        help_text=_(
            "Accounts so near to a common middle are one place, and territories hang together by "
            "places: where reps share a town, no account need be next to the others. Empty: "
            "account by account. It plays a part where few accounts change hands or several loads "
            "are balanced."
        ),
    )

    @classmethod
    def after(cls, head: DraftHead, regions: int = 0) -> DesignForm:
        """Return the form with what the last design of a plan was asked for, else what is usual."""
        asked = head.settings.get("asked") or {}
        by_hours = bool(asked.get("hours")) and not asked.get("k")
        return cls(
            initial={
                "k": None if by_hours else head.territories or 1,
                "hours": asked.get("hours") or None,
                "stay": f"{asked.get('stay', 3):g}",
                "near": asked.get("near", Asked.near),
                "regions": asked.get("regions") or regions or None,
                "region_tolerance": f"{100 * asked.get('region_tolerance', 0) or USUAL:g}",
            }
        )

    def asked(self) -> Asked:
        """Return what the design is asked for."""
        data = self.cleaned_data
        return Asked(
            k=data["k"] or 0,
            hours=float(data["hours"] or 0),
            stay=float(data["stay"]),
            near=float(data["near"] or 0),
            regions=data["regions"] or 0,
            region_tolerance=(data["region_tolerance"] or 0) / 100,
        )


class TerritoryForm(PlainForm):
    """A territory of a plan: its name, its rep, whether it is locked."""

    name = forms.CharField(label=_("Name"), max_length=120)
    rep = forms.TypedChoiceField(label=_("Rep"), required=False, coerce=int, empty_value=None)
    region = forms.CharField(
        label=_("Region"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "regions"}),
    )
    is_locked = forms.BooleanField(
        label=_("Locked: nothing comes or goes, no design touches it"), required=False
    )

    def __init__(self, *args: Any, reps: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["rep"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("vacant")), *((str(id_), name) for id_, name in reps)]


class NewTerritoryForm(PlainForm):
    """A territory to be added, with the accounts that were chosen on the map."""

    name = forms.CharField(label=_("Name"), max_length=120)
    rep = forms.TypedChoiceField(label=_("Rep"), required=False, coerce=int, empty_value=None)
    units = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, reps: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["rep"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("vacant")), *((str(id_), name) for id_, name in reps)]

    def numbers(self) -> list[int]:
        """Return the numbers of the accounts that it begins with."""
        return [int(text) for text in self.cleaned_data["units"].split(",") if text.isdigit()]


class PublishForm(PlainForm):
    """The day a plan is in force from."""

    effective_from = forms.DateField(label=_("In force from"))
