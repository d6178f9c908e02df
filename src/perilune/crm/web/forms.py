"""Forms of records: all fields at once, the close of a deal, its splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from perilune.crm.contracts import Condition, ListQuery
from perilune.crm.queries import hidden_of, is_seen, kind_named, list_page, pipelines, stages
from perilune.crm.service import findings
from perilune.crm.web.addresses import record_url
from perilune.crm.web.facts import groups_of
from perilune.crm.web.presenting import label_of
from perilune.crm.web.reading import choices_for, currency_of, posted, raw_value, value_posted
from perilune.history.queries import all_fields, state_as_of
from perilune.kernel.errors import Invalid, PeriluneError
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import rep_choices
from perilune.people.web.gate import PageRequest, said


@dataclass(frozen=True)
class Input:
    """One field of a form as its template prints it."""

    name: str
    label: str
    type: str
    raw: str
    is_required: bool
    choices: Sequence[tuple[str, str]] | None
    unit: str = ""
    problem: str = ""
    names_url: str = ""


@dataclass
class RecordForm:
    """All fields of a record, as stored or as posted, with what was found wrong or doubtful."""

    request: PageRequest
    kind: str
    state: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    summary: str = ""
    link: str = ""

    @classmethod
    def blank(cls, request: PageRequest, kind: str) -> RecordForm:
        """Return the form of a new record; the address may give first values (`?account_id=12`)."""
        return cls(request, kind, _first_values(request, kind))

    @classmethod
    def of(cls, request: PageRequest, kind: str, state: Mapping[str, Any]) -> RecordForm:
        """Return the form of a record as it stands."""
        return cls(request, kind, dict(state))

    @classmethod
    def posted(cls, request: PageRequest, kind: str, state: Mapping[str, Any] | None) -> RecordForm:
        """Return the form as it was filled in, checked."""
        form = cls(request, kind, dict(state or {}))
        fields = all_fields(kind)
        form.typed = {f.name: request.POST[f.name] for f in fields if f.name in request.POST}
        currency = form.typed.get("currency") or currency_of(request, form.state)
        found = posted(request, fields, currency.strip().upper())
        form.values, form.problems = found.values, dict(found.problems)
        form._check()
        return form

    def is_ready(self) -> bool:
        """Tell whether it may be written: no error, and doubts accepted («save all the same»)."""
        return not self.problems and (not self.warnings or "accept" in self.request.POST)

    def take(self, error: PeriluneError) -> None:
        """Put an error's sentences at their fields."""
        self.summary = said(error)
        for problem in getattr(error, "problems", ()):
            text = gettext(problem.message)
            self.problems[problem.field] = text % problem.params if problem.params else text
        self.problems = self.problems or {"": self.summary}

    def _check(self) -> None:
        record_id = self.state.get("id")
        for finding in findings(self.kind, self.state | self.values, record_id):
            problem = finding.problem
            text = gettext(problem.message)
            text = text % problem.params if problem.params else text
            if finding.is_error:
                self.problems.setdefault(problem.field, text)
                self._link(problem.params.get("id"))
            elif self.state.get(problem.field) != self.values.get(problem.field):
                self.warnings.append(text)
        if self.problems:
            self.summary = gettext("Nothing was saved yet: see the marked fields.")

    def _link(self, other_id: int | None) -> None:
        """Offer the way to the record that is there already, to whoever may see it."""
        other = state_as_of(self.kind, other_id) if other_id else None
        if other is not None and is_seen(self.kind, other, self.request.scope):
            self.link = record_url(self.kind, other_id)

    @property
    def groups(self) -> list[tuple[str, list[Input]]]:
        """The inputs, group by group, those of hidden fields left out: what they hold stays."""
        hidden = {name for name in hidden_of(self.kind) if not self._is_wanted(name)}
        groups = [
            (title, [self._input(item) for item in items if item.name not in hidden])
            for title, items in groups_of(self.kind)
        ]
        return [(title, inputs) for title, inputs in groups if inputs]

    def _is_wanted(self, name: str) -> bool:
        """Tell whether a hidden field is asked all the same: wrong, or given to a new record."""
        is_given = "id" not in self.state and self.state.get(name) is not None
        return name in self.problems or name in self.typed or is_given

    @property
    def is_doubtful(self) -> bool:
        """Whether only doubts stand between the form and its record."""
        return bool(self.warnings) and not self.problems

    def _input(self, item: Field) -> Input:
        currency = currency_of(self.request, self.state)
        raw = self.typed.get(item.name)
        if raw is None:
            raw = raw_value(self.request, item, self.state.get(item.name), currency)
        choices = choices_for(self.request, item)
        is_typed = item.type is FieldType.REFERENCE and choices is None
        url = reverse("crm:names", args=[self.kind]) + f"?field={item.name}" if is_typed else ""
        return Input(
            item.name,
            label_of(item),
            _INPUTS.get(item.type, "text"),
            raw,
            item.is_required,
            choices if choices is not None else _yes_no(item),
            currency if item.type in (FieldType.MONEY, FieldType.UNIT_PRICE) else "",
            self.problems.get(item.name, ""),
            url,
        )


_INPUTS = {
    FieldType.DATE: "date",
    FieldType.INSTANT: "datetime-local",
    FieldType.LONG_TEXT: "textarea",
}


def _yes_no(item: Field) -> list[tuple[str, str]] | None:
    if item.type is not FieldType.BOOLEAN:
        return None
    return [("1", gettext("yes")), ("0", gettext("no"))]


def _first_values(request: PageRequest, kind: str) -> dict[str, Any]:
    fields = {item.name: item for item in all_fields(kind)}
    values: dict[str, Any] = {}
    if "owner_id" in fields and request.user.rep_id is not None:
        values["owner_id"] = request.user.rep_id
    if "currency" in fields:
        values["currency"] = request.company.currency
    if "created_date" in fields:
        values["created_date"] = request.company.today.day
    if kind == "opportunity":
        values |= _first_stage(request)
    for name in request.GET:
        text = request.GET.get(name, "")
        if name in fields:
            try:
                values[name] = value_posted(request, fields[name], text, request.company.currency)
            except Invalid:
                continue
    return values


def _first_stage(request: PageRequest) -> dict[str, Any]:
    for pipeline_id, _name in pipelines(request.as_of)[:1]:
        for stage in stages(request.as_of, pipeline_id):
            if stage["meaning"] in (None, "open"):
                return {"pipeline_id": pipeline_id, "stage_id": stage["id"]}
    return {}


# -- the close of a deal -------------------------------------------------------------------------


def close_form(
    request: PageRequest,
    state: Mapping[str, Any],
    stage_id: int,
    problem: PeriluneError | None = None,
) -> HttpResponse:
    """Ask for what closing a deal needs: the day, the amount, the reason of a loss."""
    stage = next(row for row in stages(request.company.today) if row["id"] == stage_id)
    amount = kind_named("opportunity").field("amount")
    currency = currency_of(request, state)
    given = request.POST
    facts = {
        "state": state,
        "stage": stage,
        "is_lost": stage["meaning"] == "lost",
        "currency": currency,
        "close_date": given.get("close_date") or request.company.today.day.isoformat(),
        "amount": given.get("amount", raw_value(request, amount, state.get("amount"), currency)),
        "loss_reason": given.get("loss_reason", state.get("loss_reason") or ""),
        "reasons": _reasons(request),
        "board": given.get("board") or request.GET.get("board", ""),
        "move_url": reverse("crm:move", args=["opportunity", state["id"]]),
        "back_url": record_url("opportunity", state["id"]),
        "problem": _sentences(problem) if problem else "",
        "today": request.company.today.day.isoformat(),
    }
    is_part = request.headers.get("HX-Request") == "true"
    template = "crm/close_part.html" if is_part else "crm/close.html"
    return render(request, template, facts, status=422 if problem and not is_part else 200)


def _reasons(request: PageRequest) -> list[str]:
    """Return the loss reasons used so far, to choose from while typing."""
    asked = ListQuery(
        "opportunity",
        ("loss_reason",),
        sort="loss_reason",
        conditions=(Condition("loss_reason", "filled"),),
        size=200,
    )
    rows = list_page(asked, scope=request.scope, as_of=request.as_of).rows
    return list(dict.fromkeys(str(row["loss_reason"]) for row in rows))[:20]


def _sentences(error: PeriluneError) -> str:
    listed = [gettext(p.message) % p.params for p in getattr(error, "problems", ())]
    return " ".join(listed) or said(error)


def read_close(request: PageRequest, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return close_date, amount and loss_reason as posted; Invalid on what cannot be read."""
    kind = kind_named("opportunity")
    currency = currency_of(request, state)
    day: date | None = value_posted(
        request, kind.field("close_date"), request.POST["close_date"], currency
    )
    if day is None:
        raise Invalid(_("A closed deal needs the day it was closed."))
    amount = value_posted(request, kind.field("amount"), request.POST.get("amount", ""), currency)
    return {
        "close_date": day,
        "amount": amount,
        "loss_reason": request.POST.get("loss_reason", "").strip(),
    }


# -- splits --------------------------------------------------------------------------------------


def splits_form(request: PageRequest, state: Mapping[str, Any], problem: str = "") -> HttpResponse:
    """Ask who is credited with a deal, in percent."""
    if request.method == "POST":
        rows = list(
            zip(
                request.POST.getlist("rep"),
                request.POST.getlist("share"),
                request.POST.getlist("overlay"),
                strict=False,
            )
        )
    else:
        asked = ListQuery(
            "opportunity_split",
            conditions=(Condition("opportunity_id", "in", (str(state["id"]),)),),
        )
        found = list_page(asked, scope=request.scope, as_of=request.as_of).rows
        rows = [
            (str(r["rep_id"]), f"{r['share'] / 100:g}", "1" if r["is_overlay"] else "0")
            for r in found
        ]
        if not rows and state.get("owner_id"):
            rows = [(str(state["owner_id"]), "100", "0")]
    rows += [("", "", "0")] * 2
    facts = {
        "state": state,
        "rows": rows,
        "reps": [(str(i), n) for i, n in rep_choices(request.scope.company())],
        "problem": problem,
        "back_url": record_url("opportunity", state["id"]),
    }
    return render(request, "crm/splits.html", facts, status=422 if problem else 200)
