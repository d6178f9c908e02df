"""The pages of data quality: the score, a rule with its rows, what is to mend, exceptions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.crm.queries import is_seen, titles
from perilune.history.queries import states_as_of
from perilune.hub.contracts.quality import KINDS_JUDGED, GroupScore, QualityRule, Verdict
from perilune.hub.queries.quality import rules, said, scores
from perilune.hub.queries.quality.rows import EXPORTED, broken_rows, worklist
from perilune.hub.service.quality import let_off, let_off_end, rule_resume, rule_stop
from perilune.hub.web import quality_files as files
from perilune.hub.web import quality_shown as shown
from perilune.kernel.errors import Invalid, NotFound, Past, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person_names, personal_scope_for
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.gate import said as said_error
from perilune.ui import formats
from perilune.ui.contracts import Action, Explanation, Fact, Format, Link, PageHeader, Status, Tone
from perilune.ui.export import Export, csv_response, xlsx_response
from perilune.ui.filters import scope_label
from perilune.ui.toasts import notify

MONTHS = 6


def _is_then(request: PageRequest) -> bool:
    return request.GET.get("rules") == "then"


def _query(request: PageRequest) -> str:
    return "?rules=then" if _is_then(request) else ""


@page(Right.SEE_ROWS)
def index(request: PageRequest) -> HttpResponse:
    """Show the score, every rule with what it found, and the score of groups."""
    found = scores.overview(request.as_of, request.scope, is_then=_is_then(request))
    actions = []
    if Right.MANAGE_SETTINGS in request.rights:
        actions.append(Action(gettext("New rule"), reverse("hub:quality_new"), icon="plus"))
    facts = {
        "header": PageHeader(
            gettext("Data quality"), shown.finding(found), actions,
            tabs=shown.tabs("quality"), back=_back(request),
        ),
        "kpis": shown.kpis(found, _query(request)),
        "rules": shown.rules_table(found, shown.exports(request)),
        "stopped": [
            (reverse("hub:quality_rule", args=[one.key]), said.title(one))
            for one in rules.stopped_rules()
        ],
        "by_rules": said.as_of_said(request.as_of, is_then=_is_then(request)),
        "other": Link(gettext("By the rules of today"), reverse("hub:quality"))
        if _is_then(request)
        else Link(gettext("By the rules in force then"), "?rules=then"),
        "is_past": request.as_of.day < request.company.today.day,
        "groups_url": reverse("hub:quality_groups") + _query(request),
        "trend_url": reverse("hub:quality_trend") + _query(request),
    }  # fmt: skip
    return render(request, "hub/quality.html", facts)


def _back(request: PageRequest) -> Link | None:
    if Right.IMPORT_DATA not in request.rights:
        return None
    return Link(gettext("Data"), reverse("hub:index"))


@page(Right.SEE_ROWS)
def groups(request: PageRequest) -> HttpResponse:
    """Give the scores of owners, teams and sources, as a part of the overview."""
    note = gettext(
        "People are named to themselves, and to their direct manager once staff were informed and"
        " the works council consulted; others are shown together, five or more."
    )
    found, labels = _groups(request), files.group_names()
    tables = [
        shown.groups_table(found[name], label, name, note if name == "owner" else "")
        for name, label in labels.items()
    ]
    return render(request, "hub/quality_groups.html", {"tables": tables})


def _groups(request: PageRequest) -> dict[str, list[GroupScore]]:
    chosen = rules.rules_at(request.as_of, is_then=_is_then(request))
    asked, personal = (request.as_of, request.scope), personal_scope_for(request.user)
    return {
        "owner": scores.by_owner(*asked, personal, rules=chosen),
        "team": scores.by_team(*asked, personal, rules=chosen),
        "source": scores.by_source(*asked, rules=chosen),
    }


@page(Right.SEE_ROWS)
def trend(request: PageRequest) -> HttpResponse:
    """Give the score at the ends of the last months, as a part of the overview."""
    points = scores.trend(request.as_of, request.scope, months=MONTHS, is_then=_is_then(request))
    return render(request, "hub/quality_trend.html", {"chart": shown.trend_chart(points)})


@page(Right.SEE_ROWS)
def why(request: PageRequest) -> HttpResponse:
    """The drawer behind a score: definition, facts, the query, where its rows are."""
    key = request.GET.get("rule", "")
    chosen = rules.rules_at(request.as_of, is_then=_is_then(request))
    if key:
        chosen = [rules.current_rule(key)]
    found = scores.overview(request.as_of, request.scope, rules=chosen)
    kinds = [kind for kind in KINDS_JUDGED if any(rule.kind == kind for rule in chosen)]
    sql = "\n".join(
        scores.explain(kind, [r for r in chosen if r.kind == kind], request.as_of, request.scope)
        for kind in kinds
    )
    explanation = Explanation(
        title=gettext("Data quality"),
        sentence=shown.finding(found) if not key else said.sentence(chosen[0]),
        value=found.score.share,
        format=Format.PERCENT,
        decimals=1,
        definition=gettext(
            "Sum of the weights of the checks that pass over the sum of the weights of all checks:"
            " a check is a rule asked of a record that it applies to. What was accepted as it is"
            " passes; what is put off does not."
        ),
        facts=[
            Fact(gettext("Scope"), scope_label(request.scope)),
            Fact(gettext("As of"), request.as_of.day, Format.DATE),
            Fact(gettext("Rules"), said.as_of_said(request.as_of, is_then=_is_then(request))),
            Fact(gettext("Checks"), found.score.checked, Format.NUMBER, decimals=0),
            Fact(gettext("To mend"), found.score.broken, Format.NUMBER, decimals=0),
            Fact(gettext("Answers for it"), gettext("sales operations")),
        ],
        sql=sql,
        rows_url=reverse("hub:quality_rule", args=[key]) if key else reverse("hub:quality"),
    )
    return render(request, "hub/quality_why.html", {"explanation": explanation})


@page(Right.SEE_ROWS)
def mend(request: PageRequest) -> HttpResponse:
    """Show what is to mend of the records that one sees, rule by rule."""
    found = worklist(request.as_of, request.scope, per_rule=10)
    count = sum(each.count for _rule, each in found)
    parts = [
        (rule, said.title(rule), shown.rows_table(request, rule, each, is_part=True),
         Link(gettext("All of them"), reverse("hub:quality_rule", args=[rule.key])))
        for rule, each in found
    ]  # fmt: skip
    text = ngettext(
        "%(n)s thing is to mend, what weighs most first.",
        "%(n)s things are to mend, what weighs most first.", count,
    ) % {"n": formats.number(count, 0)}  # fmt: skip
    header = PageHeader(
        gettext("To mend"), text if count else gettext("Nothing is to mend."),
        tabs=shown.tabs("quality_mend"), back=_back(request),
    )  # fmt: skip
    facts = {"header": header, "parts": parts, "scope": scope_label(request.scope)}
    return render(request, "hub/quality_mend.html", facts)


@page(Right.SEE_ROWS)
def rule(request: PageRequest, rule_key: str) -> HttpResponse:
    """Show a rule: its figure, its rows, its versions, who was let off."""
    current = rules.current_rule(rule_key)
    number = request.GET.get("page", "1")
    rows = broken_rows(
        current, request.as_of, request.scope, page=int(number) if number.isdigit() else 1
    )
    found = scores.overview(request.as_of, request.scope, rules=[current])
    passes = _seen(request, current)
    names = person_names()
    record_titles = titles(current.kind, [one.record_id for one in passes], request.as_of)
    is_active = current.is_active(request.company.today.day)
    facts = {
        "header": PageHeader(
            said.title(current),
            said.sentence(current) if current.name else "",
            _actions(request, current, is_active=is_active),
            back=Link(gettext("Data quality"), reverse("hub:quality")),
            statuses=() if is_active else (Status(gettext("does not apply today"), Tone.WATCH),),
        ),
        "kpis": shown.rule_kpis(found.rules[0], f"?rule={rule_key}"),
        "rows": shown.rows_table(request, current, rows),
        "versions": shown.versions_table(rules.rule_versions(rule_key), names),
        "exceptions": shown.exceptions_table(passes, record_titles, names),
    }  # fmt: skip
    return render(request, "hub/quality_rule.html", facts)


def _seen(request: PageRequest, current: QualityRule) -> list[Any]:
    """Return the exceptions from a rule whose records one may see."""
    found = rules.exceptions_of(current.key)
    states = states_as_of(current.kind, [one.record_id for one in found])
    return [
        one for one in found
        if one.record_id in states and is_seen(current.kind, states[one.record_id], request.scope)
    ]  # fmt: skip


def _actions(request: PageRequest, current: QualityRule, *, is_active: bool) -> list[Action]:
    if Right.MANAGE_SETTINGS not in request.rights:
        return []
    edit = reverse("hub:quality_edit", args=[current.key])
    stop = reverse("hub:quality_stop", args=[current.key])
    label = gettext("Let it apply no more") if is_active else gettext("Let it apply again")
    return [
        Action(gettext("Change the rule"), edit, icon="pencil", shortcut="e"),
        Action(label, stop, "post", "clock"),
    ]


@require_POST
@page(Right.MANAGE_SETTINGS)
def stop(request: PageRequest, rule_key: str) -> HttpResponse:
    """Let a rule apply no more from today on, or again."""
    current = rules.current_rule(rule_key)
    if current.is_active(request.company.today.day):
        rule_stop(rule_key, actor=request.actor)
        notify(request, gettext("The rule applies no more; past scores stand."))
    else:
        rule_resume(rule_key, actor=request.actor)
        notify(request, gettext("The rule applies again."), tone=Tone.GOOD)
    return redirect("hub:quality_rule", rule_key)


@page(Right.EXPORT_DATA)
def export(request: PageRequest, rule_key: str, form: str) -> HttpResponseBase:
    """Give every row that breaks a rule as a file."""
    if request.scope.aggregates_only:
        raise Refused(_("You see totals here, not rows."))
    current = rules.current_rule(rule_key)
    found = broken_rows(current, request.as_of, request.scope, size=EXPORTED)
    return _file(files.rows_file(request, current, found), form)


@page(Right.EXPORT_DATA)
def scores_export(request: PageRequest, form: str) -> HttpResponseBase:
    """Give the scores of rules and groups as a file."""
    is_then = _is_then(request)
    found = scores.overview(request.as_of, request.scope, is_then=is_then)
    by_rules = said.as_of_said(request.as_of, is_then=is_then)
    return _file(files.scores_file(request, by_rules, found, _groups(request)), form)


def _file(made: Export, form: str) -> HttpResponseBase:
    if form == "csv":
        return csv_response(made, get_language() or "en")
    if form == "xlsx":
        return xlsx_response(made)
    raise NotFound(_("Rows are exported as csv or xlsx."))


@require_POST
@page(Right.EDIT_RECORDS)
def off(request: PageRequest, rule_key: str) -> HttpResponse:
    """Let the selected records off a rule: ask for the reason, then keep it."""
    current = rules.current_rule(rule_key)
    try:
        verdict = Verdict(request.POST.get("verb", ""))
    except ValueError:
        raise Invalid(_("There is no such verb.")) from None
    ids = _ids(request, current)
    problem = ""
    if "reason" in request.POST:
        try:
            _keep(request, current, verdict, ids)
            return redirect("hub:quality_rule", rule_key)
        except Invalid as error:
            problem = said_error(error)
    count = ngettext("%(n)s record", "%(n)s records", len(ids)) % {"n": formats.number(len(ids), 0)}
    is_snooze = verdict is Verdict.SNOOZE
    facts = {
        "header": PageHeader(
            gettext("Put off") if is_snooze else gettext("Accept as it is"),
            f"{count}. {said.sentence(current)}",
            back=Link(said.title(current), reverse("hub:quality_rule", args=[rule_key])),
        ),
        "ids": ids, "verb": verdict.value, "is_snooze": is_snooze, "problem": problem,
        "reason": request.POST.get("reason", ""), "until": request.POST.get("until", ""),
        "back_url": reverse("hub:quality_rule", args=[rule_key]),
    }  # fmt: skip
    return render(request, "hub/quality_off.html", facts, status=422 if problem else 200)


def _ids(request: PageRequest, current: QualityRule) -> list[int]:
    """Return the posted ids that are there; Refused when one is not the person's to see."""
    if request.as_of.day < request.company.today.day:
        raise Past
    given = [int(text) for text in request.POST.getlist("id") if text.isdigit()]
    states = states_as_of(current.kind, given)
    if not all(is_seen(current.kind, state, request.scope) for state in states.values()):
        raise Refused(_("Some of these records are not yours to change."))
    return list(states)


def _keep(request: PageRequest, current: QualityRule, verdict: Verdict, ids: list[int]) -> None:
    text = request.POST.get("until", "").strip()
    try:
        until = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text) from None
    made = let_off(
        current.key, ids, verdict, actor=request.actor, reason=request.POST["reason"], until=until
    )
    n = {"n": formats.number(len(made), 0)}
    if verdict is Verdict.SNOOZE:
        said_so = ngettext("%(n)s record put off", "%(n)s records put off", len(made)) % n
    else:
        said_so = ngettext("%(n)s record accepted", "%(n)s records accepted", len(made)) % n
    notify(request, said_so, tone=Tone.GOOD)


@require_POST
@page(Right.EDIT_RECORDS)
def passes_end(request: PageRequest) -> HttpResponse:
    """End the selected exceptions: their records break the rule again."""
    given = {int(text) for text in request.POST.getlist("id") if text.isdigit()}
    keys = list(dict.fromkeys(rules.rules_of_passes(given)))
    mine = {one.id: one for key in keys for one in _seen(request, rules.current_rule(key))}
    ended = [
        let_off_end(number, actor=request.actor)
        for number in sorted(given)
        if number in mine and mine[number].ended_at is None
    ]
    if not ended:
        raise NotFound(_("There is no such exception (any more)."))
    text = ngettext("%(n)s exception ended", "%(n)s exceptions ended", len(ended))
    notify(request, text % {"n": formats.number(len(ended), 0)})
    return redirect("hub:quality_rule", ended[0].rule)
