"""The form of hiring advice: it checks shapes; the service checks meanings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from perilune.kernel.money import Money
from perilune.people.web.forms import PlainForm
from perilune.planning.contracts import Level
from perilune.planning.contracts.hiring_advice import HiringAsked
from perilune.ui import formats

MONEY: dict[str, Any] = {
    "min_value": Decimal(0),
    "max_digits": 15,
    "decimal_places": 2,
    "localize": True,
}


class HiringForm(PlainForm):
    """What is allowed, what it costs, and the chance that is wanted."""

    level = forms.ChoiceField(label=_("Target to reach"))
    wanted = forms.IntegerField(label=_("Wanted chance, %"), min_value=1, max_value=99)
    budget = forms.DecimalField(
        label=_("Budget to the end of the year"), required=False, help_text=_("Empty: no limit."),
        **MONEY,
    )  # fmt: skip
    lead = forms.IntegerField(
        label=_("Recruiting takes, months"), min_value=0, max_value=24,
        help_text=_("From the decision to the first day."),
    )  # fmt: skip
    seller_month = forms.DecimalField(label=_("A seller costs a month, all in"), **MONEY)
    seller_once = forms.DecimalField(label=_("Hiring a seller costs once"), **MONEY)
    ramp_days = forms.IntegerField(
        label=_("Ramp of a new seller, days"),
        required=False,
        min_value=0,
        max_value=1500,
        help_text=_("Empty: as learnt of all sellers, else as assumed; what you type counts."),
    )
    teams = forms.MultipleChoiceField(
        label=_("Teams that may hire"),
        widget=forms.CheckboxSelectMultiple,
    )
    segments = forms.MultipleChoiceField(
        label=_("Segments that may add sellers"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: new sellers work what their team works. Else each segment adds"
                    " sellers in the team that works it most."),
    )  # fmt: skip
    twice = forms.DecimalField(
        label=_("Twice the sellers of a segment bring, %"), required=False, localize=True,
        min_value=Decimal(100), max_value=Decimal(200), max_digits=4, decimal_places=1,
        help_text=_("200: as much each. Empty: as “What it rests on” of the capacity counts it, 200"
                    " where nothing is claimed or set."),
    )  # fmt: skip
    most = forms.IntegerField(
        label=_("Most new sellers of a team or segment"), required=False, min_value=0,
        help_text=_("Empty: no limit; where nothing is known of diminishing returns, all would then"
                    " go to the team that books most per seller."),
    )  # fmt: skip
    per_month = forms.IntegerField(
        label=_("Most sellers who start in a month"), required=False, min_value=0,
        help_text=_("Empty: no limit."),
    )  # fmt: skip
    span = forms.IntegerField(
        label=_("Sellers that a manager may lead"), required=False, min_value=1, max_value=50,
        help_text=_("Empty: not looked at."),
    )  # fmt: skip
    managers = forms.BooleanField(label=_("Managers may be hired too"), required=False)
    manager_month = forms.DecimalField(
        label=_("A manager costs a month, all in"), required=False, **MONEY
    )
    manager_once = forms.DecimalField(
        label=_("Hiring a manager costs once"), required=False, **MONEY
    )

    def __init__(
        self,
        *args: Any,
        currency: str,
        levels: Sequence[tuple[str, str]],
        teams: Sequence[tuple[str, str]],
        segments: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name in ("budget", "seller_month", "seller_once", "manager_month", "manager_once"):
            label = self.fields[name].label
            self.fields[name].label = f"{label} ({formats.symbol_of(currency)})"
        for name, choices in (("level", levels), ("teams", teams), ("segments", segments)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)
        if not segments:
            del self.fields["segments"], self.fields["twice"]

    MORE = ("per_month", "span", "managers", "manager_month", "manager_once")
    more_label = _("Starts a month, managers")

    @property
    def first(self) -> list[BoundField]:
        """The fields that every question needs."""
        return [self[name] for name in self.fields if name not in self.MORE]

    @property
    def more(self) -> list[BoundField]:
        """The fields that most questions leave as they are."""
        return [self[name] for name in self.MORE]

    @property
    def is_more_open(self) -> bool:
        """Whether something was said of them, or is wrong with them."""
        asked = (self["per_month"].value(), self["span"].value(), self["managers"].value())
        return any(field.errors for field in self.more) or any(asked)

    @classmethod
    def shown(cls, asked: HiringAsked, currency: str, teams: Sequence[str]) -> dict[str, Any]:
        """Return the values that a form starts with."""

        def amount(minor: int | None) -> Decimal | None:
            if minor is None:
                return None
            found = Money.from_minor(minor, currency).amount
            return found.quantize(Decimal(1)) if found == found.to_integral_value() else found

        return {
            "level": asked.level.value,
            "wanted": round(100 * asked.wanted),
            "budget": amount(asked.budget),
            "lead": asked.lead,
            "seller_month": amount(asked.seller_month),
            "seller_once": amount(asked.seller_once),
            "ramp_days": asked.ramp_days,
            "teams": list(asked.teams or teams),
            "segments": list(asked.segments),
            "twice": None if asked.twice is None else Decimal(str(round(100 * asked.twice, 1))),
            "most": asked.most,
            "per_month": asked.per_month,
            "span": asked.span,
            "managers": asked.managers,
            "manager_month": amount(asked.manager_month),
            "manager_once": amount(asked.manager_once),
        }

    def asked(self, *, assumed: HiringAsked) -> HiringAsked:
        """Return what a valid form asks; assumed: the costs that nobody had said yet."""
        data = self.cleaned_data

        def minor(name: str) -> int | None:
            value = data[name]
            return None if value is None else Money(value, self.currency).minor()

        twice = data.get("twice")
        costs = (minor("seller_month"), minor("seller_once"))
        return HiringAsked(
            level=Level(data["level"]),
            wanted=data["wanted"] / 100,
            budget=minor("budget"),
            lead=data["lead"],
            per_month=data["per_month"],
            span=data["span"],
            managers=data["managers"],
            teams=tuple(data["teams"]),
            segments=tuple(data.get("segments", ())),
            twice=None if twice is None else float(twice) / 100,
            most=data["most"],
            ramp_days=data["ramp_days"],
            seller_month=costs[0] or 0,
            seller_once=costs[1] or 0,
            manager_month=minor("manager_month") or 0,
            manager_once=minor("manager_once") or 0,
            is_assumed=assumed.is_assumed and costs == (assumed.seller_month, assumed.seller_once),
        )
