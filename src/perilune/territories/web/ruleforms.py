"""Forms of assignment rules: which fields rules are made by; one rule with its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from perilune.people.web.forms import PlainForm
from perilune.territories.contracts import LAST_RANK, Criterion, KeptRule, Operator
from perilune.territories.web.ruled import OPERATOR_LABELS

LEAST = 3
"""Questions that the form of a rule has room for; more where the rule asks more, or as many."""


class MakeRulesForm(PlainForm):
    """By which fields rules are made from a plan."""

    first = forms.ChoiceField(label=_("Ask first for"), required=False)
    second = forms.ChoiceField(label=_("Then for"), required=False)
    code = forms.ChoiceField(
        label=_("Then for the beginnings of"),
        required=False,
        help_text=_("The shortest beginnings that tell the territories apart."),
    )

    def __init__(self, *args: Any, fields: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second", "code"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", gettext("nothing")), *fields]

    def asked(self) -> list[str]:
        """Return the fields that are asked for as a whole."""
        return [self.cleaned_data[name] for name in ("first", "second") if self.cleaned_data[name]]


class Questions(PlainForm):
    """Conditions on accounts: a field, a test, values; an account must meet all of them."""

    count = 0

    def ask(self, fields: Sequence[tuple[str, str]], criteria: Sequence[Criterion] = ()) -> None:
        """Put questions into the form, with what is asked now and room for more."""
        self.count = max(LEAST, len(criteria) + 1)
        operators = [(one.value, gettext(label)) for one, label in OPERATOR_LABELS.items()]
        for at in range(self.count):
            now = criteria[at] if at < len(criteria) else None
            self._question(at, now, [("", gettext("nothing")), *fields], operators)

    def _question(
        self,
        at: int,
        now: Criterion | None,
        fields: Sequence[tuple[str, str]],
        operators: Sequence[tuple[str, str]],
    ) -> None:
        label = gettext("Field") if at == 0 else gettext("And field")
        look = {"class": "input"}
        self.fields[f"field{at}"] = forms.ChoiceField(
            label=label, choices=fields, required=False, initial=now.field if now else "",
            widget=forms.Select(attrs=look),
        )  # fmt: skip
        self.fields[f"operator{at}"] = forms.ChoiceField(
            label=gettext("Test"), choices=operators, required=False,
            initial=now.operator.value if now else Operator.IN.value,
            widget=forms.Select(attrs=look),
        )  # fmt: skip
        self.fields[f"values{at}"] = forms.CharField(
            label=gettext("Values, one a line"), required=False, strip=False,
            initial="\n".join(now.values) if now else "",
            widget=forms.Textarea(attrs={**look, "rows": 2}),
        )  # fmt: skip

    def questions(self) -> list[list[forms.BoundField]]:
        """Return the fields of each question together."""
        return [[self[f"{name}{at}"] for name in ("field", "operator", "values")]
                for at in range(self.count)]  # fmt: skip

    def criteria(self) -> list[Criterion]:
        """Return what is asked for; questions without a field are none."""
        data = self.cleaned_data
        return [
            Criterion(
                data[f"field{at}"],
                Operator(data[f"operator{at}"] or Operator.IN.value),
                tuple(data[f"values{at}"].splitlines()),
            )
            for at in range(self.count)
            if data[f"field{at}"]
        ]


class RuleForm(Questions):
    """One rule: its territory, its priority, its questions."""

    territory = forms.ChoiceField(label=_("Territory"))
    rank = forms.IntegerField(
        label=_("Priority"),
        min_value=1,
        max_value=LAST_RANK,
        help_text=_("1 decides before 2. Rules that are made from the plan have 10."),
    )
    is_inherited = forms.BooleanField(
        label=_("The territories below take nothing else"), required=False
    )

    def __init__(
        self,
        *args: Any,
        territories: Mapping[str, str],
        fields: Sequence[tuple[str, str]],
        rule: KeptRule | None,
        has_levels: bool,
        **kwargs: Any,
    ) -> None:
        criteria = rule.criteria if rule else ()
        initial: dict[str, Any] = {"rank": rule.rank if rule else 1}
        if rule:
            initial |= {"territory": rule.territory, "is_inherited": rule.is_inherited}
        super().__init__(*args, initial=initial, **kwargs)
        choice = self.fields["territory"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(territories.items())
        if not has_levels:
            del self.fields["is_inherited"]
        self.ask(fields, criteria)
