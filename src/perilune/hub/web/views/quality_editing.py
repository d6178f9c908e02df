"""The editor of rules: typed fields, the sentence, what it would flag, the next version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from perilune.hub.contracts.quality import KINDS_JUDGED, QualityRule, QualityTest
from perilune.hub.queries.quality import rows, rules, said
from perilune.hub.service.quality import new_key, rule_check, rule_set
from perilune.hub.web import quality_forms as forms
from perilune.hub.web import quality_shown as shown
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.gate import said as said_error
from perilune.ui.contracts import Link, PageHeader, Tab, Tone
from perilune.ui.toasts import notify


@page(Right.MANAGE_SETTINGS)
def new(request: PageRequest) -> HttpResponse:
    """Make a rule for a kind of record."""
    kind = request.GET.get("kind", KINDS_JUDGED[0])
    if kind not in KINDS_JUDGED:
        raise NotFound(_("There is no kind of record named %(name)s."), name=kind)
    blank = QualityRule("draft", kind, QualityTest.FILLED, "")
    header = PageHeader(
        gettext("New rule"),
        back=Link(gettext("Data quality"), reverse("hub:quality")),
        tabs=[
            Tab(said.kind_label(one), f"?kind={one}", one == kind) for one in KINDS_JUDGED
        ],
    )  # fmt: skip
    return _form(request, blank, header, seen=None)


@page(Right.MANAGE_SETTINGS)
def edit(request: PageRequest, rule_key: str) -> HttpResponse:
    """Change a rule: its next version; those before it stay."""
    current = rules.current_rule(rule_key)
    header = PageHeader(
        gettext("Change the rule"), said.sentence(current),
        back=Link(said.title(current), reverse("hub:quality_rule", args=[rule_key])),
    )  # fmt: skip
    return _form(request, current, header, seen=current.version)


def _form(
    request: PageRequest, base: QualityRule, header: PageHeader, *, seen: int | None
) -> HttpResponse:
    draft, problem, found = base, "", None
    if request.method == "POST":
        told = request.POST
        try:
            draft = forms.read(told.dict(), base)
            rule_check(draft)
            if told.get("verb") == "keep":
                return _kept(request, draft, seen)
            found = rows.preview(draft, request.as_of, request.scope)
        except (Invalid, Conflict) as error:
            problem = _sentence(error)
    facts: dict[str, Any] = {
        "header": header, "rule": draft, "problem": problem, "seen": seen,
        "told": request.POST, "least": _plain(draft.least), "most": _plain(draft.most),
        "tests": forms.tests_for(base.kind), "fields": forms.fields_for(base.kind),
        "columns": forms.columns_for(base.kind), "ops": forms.ops(),
        "stages": forms.stages_for(base.kind, request.company.today),
        "conditions": forms.inputs(draft),
    }  # fmt: skip
    if found is not None:
        listed = rows.RowsPage(found.sample, found.flagged)
        facts |= {
            "preview": said.flagged_said(found.flagged, found.new),
            "sentence": said.sentence(draft),
            "sample": shown.rows_table(request, draft, listed, is_part=True, is_draft=True),
        }
    return render(request, "hub/quality_form.html", facts, status=422 if problem else 200)


def _kept(request: PageRequest, draft: QualityRule, seen: int | None) -> HttpResponse:
    if seen is None:
        key = new_key(draft.kind, draft.test.value, draft.field)
        made = rule_set(replace(draft, key=key), actor=request.actor)
    else:
        told = request.POST.get("seen", "")
        looked = int(told) if told.isdigit() else seen
        made = rule_set(draft, actor=request.actor, seen=looked)
    notify(request, gettext("The rule is kept and applies from now on."), tone=Tone.GOOD)
    return redirect("hub:quality_rule", made.key)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _sentence(error: Invalid | Conflict) -> str:
    listed = [
        gettext(one.message) % one.params if one.params else gettext(one.message)
        for one in getattr(error, "problems", ())
    ]
    return " ".join(listed) or said_error(error)
