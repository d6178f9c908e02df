"""Retention rules: what each would do today, who wrote it and who let it run."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from perilune.history import queries as history
from perilune.kernel.errors import Invalid, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.personal import PERSONAL_LOGS
from perilune.kernel.wiring import KINDS
from perilune.people.contracts import Right
from perilune.people.queries import may_approve
from perilune.people.web.gate import PageRequest, page, said
from perilune.privacy import service
from perilune.privacy.contracts import ACTIONS, Rule
from perilune.privacy.contracts.retention import FILES
from perilune.privacy.queries import retaining as queries
from perilune.privacy.web.forms import RuleForm
from perilune.privacy.web.views.dossiers import header_of
from perilune.ui.contracts import Action, Column, Empty, Format, Row, Status, Table, Tone
from perilune.ui.toasts import notify


@page(Right.PROTECT_PEOPLE)
def index(request: PageRequest) -> HttpResponse:
    """Show the rules with what they would do today, their runs, and write one."""
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            service.rule_add(
                given["name"], kind=given["kind"], days=given["days"], action=given["action"],
                field=given["condition"], value=given["value"], date_field=given["date_field"],
                actor=request.actor,
            )  # fmt: skip
            notify(request, gettext("Written. Somebody else switches it on."))
            return redirect("privacy:retention")
        except (Invalid, NotFound) as error:
            form.take(error)
    rules = queries.rules()
    facts = {
        "header": header_of(
            request, "retention",
            gettext("How long people, files and logs are kept, and what happens then."),
        ),
        "table": _table(request, rules),
        "verbs": [(rule.name, _verbs(request, rule)) for rule in rules],
        "runs": _runs(),
        "form": form,
        "verb": gettext("Write the rule"),
    }  # fmt: skip
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, "privacy/retention.html", facts, status=422 if is_wrong else 200)


def _table(request: PageRequest, rules: list[Rule]) -> Table:
    today = request.company.today.day
    rows = []
    for rule in rules:
        count = queries.preview(rule, today)
        on, off = Status(gettext("On"), Tone.GOOD), Status(pgettext("rule", "Off"), Tone.NEUTRAL)
        rows.append(
            Row(
                rule.id,
                (
                    rule.name, _what(rule), rule.days, gettext(ACTIONS[rule.action]), count.count,
                    count.oldest, on if rule.is_enabled else off,
                    rule.author or gettext("shipped"), rule.approved_by,
                ),
            )
        )  # fmt: skip
    return Table(
        columns=(
            Column("name", gettext("Rule"), is_title=True),
            Column("what", gettext("Of")),
            Column("days", gettext("Older than"), Format.NUMBER, unit=gettext("days"), decimals=0),
            Column("action", gettext("What happens")),
            Column("count", gettext("Due today"), Format.NUMBER, decimals=0),
            Column("oldest", gettext("Oldest"), Format.DATE, is_minor=True),
            Column("state", gettext("State")),
            Column("author", gettext("Written by"), is_minor=True),
            Column("approved", gettext("Approved by"), is_minor=True),
        ),
        rows=rows,
        caption=gettext("Retention rules"),
        empty=Empty(
            gettext("No rule yet"),
            gettext("Nothing is erased by itself: somebody writes a rule, another approves it."),
        ),
    )  # fmt: skip


def _what(rule: Rule) -> str:
    """Say of which records a rule speaks."""
    if rule.kind == FILES:
        return gettext("Uploaded files")
    if rule.kind in PERSONAL_LOGS:
        return gettext(PERSONAL_LOGS.get(rule.kind).label)
    kind = gettext(KINDS.get(rule.kind).label_plural)
    if not rule.field:
        return kind
    label = next(
        (gettext(item.label) for item in history.all_fields(rule.kind) if item.name == rule.field),
        rule.field,
    )
    return f"{kind} · {label} = {rule.value}"


def _verbs(request: PageRequest, rule: Rule) -> list[Action]:
    url = reverse("privacy:rule", args=[rule.id])
    if rule.is_enabled:
        return [
            Action(gettext("Run now"), url, method="post", values={"verb": "run"}),
            Action(gettext("Switch off"), url, method="post", values={"verb": "stop"}),
        ]
    refused = ""
    if not may_approve(request.actor, [rule.author]):
        refused = gettext("Somebody else must approve what you made.")
    return [
        Action(
            gettext("Approve and switch on"), url, method="post", values={"verb": "approve"},
            refused=refused,
        )
    ]  # fmt: skip


def _runs() -> Table:
    return Table(
        columns=(
            Column("at", gettext("Ran"), Format.INSTANT, is_title=True),
            Column("rule", gettext("Rule")),
            Column("action", gettext("What happens")),
            Column("found", pgettext("retention", "Due"), Format.NUMBER, decimals=0),
            Column("done", gettext("Taken up"), Format.NUMBER, decimals=0),
        ),
        rows=[
            Row(at, (run.at, run.rule_name, gettext(ACTIONS[run.action]), run.found, run.done))
            for at, run in enumerate(queries.runs())
        ],
        caption=gettext("Runs of rules"),
        empty=Empty(gettext("No rule has run yet"), gettext("They run every night.")),
    )


@require_POST
@page(Right.PROTECT_PEOPLE)
def change(request: PageRequest, rule_id: int) -> HttpResponse:
    """Approve, stop or run a rule."""
    verb = request.POST.get("verb", "")
    try:
        if verb == "approve":
            service.rule_approve(rule_id, actor=request.actor)
        elif verb == "stop":
            service.rule_stop(rule_id)
        elif verb == "run":
            found, done = service.run_rule(rule_id, actor=request.actor)
            text = gettext("Due: %(found)s. Taken up: %(done)s.") % {"found": found, "done": done}
            notify(request, text)
        else:
            raise Invalid(_("There is no such verb."))
    except PeriluneError as error:
        if isinstance(error, NotFound):
            raise
        notify(request, said(error))
    return redirect("privacy:retention")
