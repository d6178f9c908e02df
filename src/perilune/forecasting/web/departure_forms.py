"""Forms of the guide's steps; they check shapes, the service checks meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from perilune.forecasting.contracts.departures import (
    MOST_TAKERS,
    RULE_LABELS,
    Going,
    Rule,
    Taker,
    Terms,
)
from perilune.people.web.forms import PlainForm, offer_families

Pairs = Sequence[tuple[Any, str]]
NOBODY: tuple[Any, str] = ("", "—")


def picker(label: Any, **options: Any) -> forms.TypedChoiceField:
    """Return a choice of a record by id; empty is none."""
    return forms.TypedChoiceField(
        label=label, coerce=int, empty_value=None, required=False, **options
    )


class LeaveForm(PlainForm):
    last_day = forms.DateField(
        label=_("Last day"), help_text=_("Everything below follows on the day after.")
    )

    def terms(self, before: Terms) -> Terms:
        """Return the terms with what the form says."""
        return before.but(**self.cleaned_data)


class AbsenceForm(LeaveForm):
    first_day = forms.DateField(label=_("First day"))
    last_day = forms.DateField(
        label=_("Last day"), required=False, help_text=_("Empty while it is not known.")
    )
    fte = forms.FloatField(
        label=_("FTE absent"), min_value=0.01, max_value=1, localize=True,
        help_text=_("1 is wholly away. No reason is asked for or kept."),
    )  # fmt: skip
    field_order = ("first_day", "last_day", "fte")


class MoveForm(LeaveForm):
    last_day = None  # type: ignore[assignment]  # it has no last day
    first_day = forms.DateField(label=_("First day in the new team"))
    team_id = picker(_("New team"))
    manager_id = picker(_("New manager"))
    product_family = forms.ChoiceField(label=_("Product family sold"), required=False)
    ramp_days = forms.IntegerField(
        label=_("Days until fully productive again"), min_value=0, max_value=1500
    )
    ramp_loss = forms.FloatField(
        label=_("Productivity missing on the first day (%)"), min_value=0, max_value=100,
        localize=True,
        help_text=_("The ramp restarts in part: knowledge of product and company stays."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, teams: Pairs, reps: Pairs, families: Sequence[str] = (),
        source: str = "", **kwargs: Any,
    ) -> None:  # fmt: skip
        """families: on record. source: where the first figures of the ramp come from, in words."""
        super().__init__(*args, **kwargs)
        choose(self, "team_id", teams)
        choose(self, "manager_id", reps)
        offer_families(self, families)
        field = self.fields["ramp_loss"]
        field.help_text = " ".join(filter(None, (str(field.help_text), source)))

    def terms(self, before: Terms) -> Terms:
        values = dict(self.cleaned_data)
        return before.but(**{**values, "ramp_loss": values["ramp_loss"] / 100})


class HandOverForm(PlainForm):
    """Who takes the accounts and open deals; lines of «who takes what» are tried in order."""

    rule = forms.ChoiceField(label=_("Accounts and open deals go to"), widget=forms.RadioSelect)
    keeps_commit = forms.BooleanField(
        label=_("Deals in commit stay until they close"), required=False
    )
    gives_back = forms.BooleanField(
        label=_("What is still held goes back after the last day"), required=False
    )

    def __init__(
        self, *args: Any, terms: Terms, reps: Pairs, segments: Pairs, sectors: Pairs, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["rule"].widget.attrs.pop("class", None)
        rule = self.fields["rule"]
        assert isinstance(rule, forms.ChoiceField)
        offered = [one for one in Rule if one is not Rule.STAY or terms.going is not Going.LEAVE]
        rule.choices = [(one.value, gettext(RULE_LABELS[one])) for one in offered]
        if terms.going is not Going.ABSENCE:
            del self.fields["gives_back"]
        for number in range(1, MOST_TAKERS + 1):
            self._line(number, reps, segments, sectors)

    def _line(self, number: int, reps: Pairs, segments: Pairs, sectors: Pairs) -> None:
        lists = (("taker", reps), ("segment", segments), ("sector", sectors))
        labels = {
            "taker": pgettext("hand-over", "By hand, line %(n)s"),
            "segment": pgettext("hand-over", "of the segment"),
            "sector": pgettext("hand-over", "of the sector"),
        }
        for name, pairs in lists:
            label = labels[name] % {"n": number}
            field = (
                picker(label) if name == "taker" else forms.ChoiceField(label=label, required=False)
            )
            field.widget.attrs["class"] = "input"
            field.choices = [NOBODY if name == "taker" else ("", gettext("all")), *pairs]
            self.fields[f"{name}_{number}"] = field

    def lines(self) -> list[list[forms.BoundField]]:
        """Return the fields of «who takes what», a line each."""
        return [
            [self[f"{name}_{number}"] for name in ("taker", "segment", "sector")]
            for number in range(1, MOST_TAKERS + 1)
        ]

    def switches(self) -> list[forms.BoundField]:
        """Return the fields below the lines."""
        return [self[name] for name in ("keeps_commit", "gives_back") if name in self.fields]

    @staticmethod
    def shown(terms: Terms) -> Mapping[str, Any]:
        """Return the first values of the form."""
        lines = {
            f"{name}_{number}": value
            for number, line in enumerate(terms.takers, 1)
            for name, value in (
                ("taker", line.rep_id), ("segment", line.segment), ("sector", line.sector),
            )
        }  # fmt: skip
        return {
            "rule": terms.rule.value,
            "keeps_commit": terms.keeps_commit,
            "gives_back": terms.gives_back,
            **lines,
        }

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("rule") == Rule.HAND and not any(
            found.get(f"taker_{number}") for number in range(1, MOST_TAKERS + 1)
        ):
            self.add_error("taker_1", gettext("Say who takes over."))
        return found

    def terms(self, before: Terms) -> Terms:
        values = self.cleaned_data
        rule = Rule(values["rule"])
        lines = tuple(
            Taker(values[f"taker_{n}"], values[f"segment_{n}"], values[f"sector_{n}"])
            for n in range(1, MOST_TAKERS + 1)
            if values[f"taker_{n}"]
        )
        return before.but(
            rule=rule,
            takers=lines if rule is Rule.HAND else (),
            keeps_commit=values["keeps_commit"],
            gives_back=values.get("gives_back", before.gives_back),
        )


class RestForm(PlainForm):
    """Quota, people, access: only what the rep has."""

    prorates = forms.BooleanField(
        label=_("Prorate the quota by calendar days"), required=False,
        help_text=_("Each quota that changes needs a new letter."),
    )  # fmt: skip
    reports_to = picker(_("Their people report to"))
    closes_access = forms.BooleanField(
        label=_("Close the user account on the day after the last day"), required=False,
        help_text=_("Sessions end and tokens are revoked; mail and alerts stop with them."),
    )  # fmt: skip

    def __init__(self, *args: Any, terms: Terms, reports: int, reps: Pairs, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "reports_to", reps)
        if terms.going is Going.MOVE:
            del self.fields["prorates"]
        if terms.going is not Going.LEAVE:
            del self.fields["closes_access"]
        if terms.going is Going.ABSENCE or not reports:
            del self.fields["reports_to"]

    def terms(self, before: Terms) -> Terms:
        return before.but(**self.cleaned_data)


def choose(form: PlainForm, name: str, pairs: Pairs) -> None:
    """Offer records in a field of the form."""
    field = form.fields[name]
    assert isinstance(field, forms.TypedChoiceField)
    field.choices = [NOBODY, *pairs]
