"""What is done to a version of the segmentation: rules, bands, cuts taken over, states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page, require, said
from perilune.planning import service
from perilune.planning.contracts import FieldKind, Segmentation, SegmentField
from perilune.planning.queries.segment_fields import known_values, segment_fields
from perilune.planning.queries.segment_suggest import (
    GROUPS,
    METHOD_LABELS,
    METHODS,
    NOTHING,
    SuggestedCut,
    suggested_rules,
    suggestions,
)
from perilune.planning.queries.segment_words import field_label, named_bands, rule_sentence
from perilune.planning.queries.segments import require_all_accounts, segmentation
from perilune.planning.web import segment_shown, shown
from perilune.planning.web.plan_columns import money, percent
from perilune.planning.web.segment_forms import (
    BandsForm,
    MarketForm,
    RuleForm,
    field_choices,
)
from perilune.ui import formats
from perilune.ui.contracts import Action, Column, Format, Link, PageHeader, Row, Table, Tone
from perilune.ui.toasts import notify

MOST_VALUES = 30
CHECKED = ("approve", "reject", "apply", "take-back", "archive")
DONE = {
    "submit": _("Submitted: somebody else approves it."),
    "approve": _("Approved: apply it when the day has come."),
    "reject": _("Sent back with the reason."),
    "take-back": _("Taken back: accounts are in the segments they had before."),
    "archive": _("Archived: a copy goes on from here."),
}


@page(Right.MAKE_PLANS)
def rule(request: PageRequest, segmentation_id: int, place: int | None = None) -> HttpResponse:
    """The form of a rule, a new one or the one at a place."""
    found = _changeable(request, segmentation_id)
    rules = found.rules.rules
    if place is not None and place >= len(rules):
        raise NotFound(_("There is no such rule."))
    fields = {one.name: one for one in segment_fields()}
    form = RuleForm(
        request.POST or None, fields=fields, currency=request.company.currency,
        rule=None if place is None else rules[place],
    )  # fmt: skip

    def put() -> None:
        edition = _edition(request, found)
        service.put_rule(found.id, edition, form.rule(), place=place, **_by(request))

    done = gettext("Rule added.") if place is None else gettext("Rule changed.")
    if request.method == "POST" and shown.saved(request, form, put, done):
        return redirect("planning:segmentation", found.id)
    title = gettext("New rule") if place is None else gettext("Change the rule")
    facts = {
        "header": _header(found, title),
        "form": form,
        "verb": gettext("Add the rule") if place is None else gettext("Change the rule"),
        "cancel_url": reverse("planning:segmentation", args=[found.id]),
        "edition": found.edition,
        "values": _values(request, fields),
        "segments": found.segments,
    }
    return shown.show(request, "segment_rule.html", facts)


@page(Right.MAKE_PLANS)
def bands(request: PageRequest, segmentation_id: int) -> HttpResponse:
    """The form that cuts a number into bands."""
    found = _changeable(request, segmentation_id)
    fields = {one.name: one for one in segment_fields()}
    form = BandsForm(
        request.POST or None, fields=fields, currency=request.company.currency,
        initial={"field": "headcount"},
    )  # fmt: skip

    def put() -> None:
        data = form.cleaned_data
        service.put_bands(found.id, _edition(request, found), data["field"], data["edges"],
                          data["names"], **_by(request))  # fmt: skip

    if request.method == "POST" and shown.saved(request, form, put, gettext("Bands added.")):
        return redirect("planning:segmentation", found.id)
    facts = {
        "header": _header(found, gettext("Cut into bands")),
        "form": form,
        "verb": gettext("Add the bands"),
        "cancel_url": reverse("planning:segmentation", args=[found.id]),
        "edition": found.edition,
    }
    return shown.show(request, "segment_bands.html", facts)


@page(Right.MAKE_PLANS)
def market(request: PageRequest, segmentation_id: int) -> HttpResponse:
    """The form that says how each segment is sold to."""
    found = _changeable(request, segmentation_id)
    form = MarketForm(request.POST or None, found=found)

    def put() -> None:
        service.put_markets(found.id, _edition(request, found), form.markets(), **_by(request))

    done = gettext("Go-to-market kept.")
    if request.method == "POST" and shown.saved(request, form, put, done):
        return redirect("planning:segmentation", found.id)
    facts = {
        "header": _header(found, gettext("Go-to-market")),
        "form": form,
        "verb": gettext("Keep"),
        "cancel_url": reverse("planning:segmentation", args=[found.id]),
        "edition": found.edition,
    }
    return shown.show(request, "segment_market.html", facts)


@page(Right.MAKE_PLANS)
def suggest(request: PageRequest, segmentation_id: int) -> HttpResponse:
    """Cuts that the closed deals suggest for a number; one of them is taken over by POST."""
    found = _changeable(request, segmentation_id)
    numbers = [one for one in segment_fields() if one.is_number]
    known = {one.name for one in numbers}
    asked = request.POST.get("field") or request.GET.get("field", "")
    name = asked if asked in known else "headcount"
    fields = {one.name: one for one in segment_fields()}
    currency = request.company.currency
    if request.method == "POST":
        try:
            rules = suggested_rules(
                name, request.POST.get("method", ""), request.scope, request.as_of
            )
            service.take_over(found.id, _edition(request, found),
                              named_bands(rules, fields, currency), **_by(request))  # fmt: skip
        except (Conflict, Invalid, NotFound) as error:
            notify(request, said(error), tone=Tone.WATCH)
        else:
            notify(request, gettext("Taken over: rename the segments as you call them."))
        return redirect("planning:segmentation", found.id)
    methods = [one for one in METHODS if one != GROUPS or "groups" in request.GET]
    facts = {
        "header": _header(found, gettext("Suggested cuts")),
        "choices": [(value, label, value == name) for value, label in field_choices(numbers)],
        "cuts": [
            _cut(one, fields, currency, found, name)
            for one in suggestions(name, request.scope, request.as_of, methods)
        ],
        "look": Action(
            gettext("Look for groups of like accounts"),
            f"{request.path}?field={quote(name)}&groups=1",
            icon="search",
        )
        if GROUPS not in methods
        else None,
        "replaces": bool(found.rules.rules),
    }
    return shown.show(request, "segment_suggest.html", facts)


@require_POST
@page(Right.MAKE_PLANS)
def change_rule(request: PageRequest, segmentation_id: int, place: int) -> HttpResponse:
    """Move a rule up or down, or take it out."""
    found = segmentation(segmentation_id)
    verb, edition = request.POST.get("verb"), _edition(request, found)
    try:
        if verb == "remove":
            service.remove_rule(found.id, edition, place, **_by(request))
        else:
            service.move_rule(found.id, edition, place, -1 if verb == "up" else 1, **_by(request))
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("planning:segmentation", found.id)


@require_POST
@page(Right.MAKE_PLANS)
def change(request: PageRequest, segmentation_id: int, verb: str) -> HttpResponse:
    """Carry a version on: submit, approve, send back, apply, take back, copy, archive."""
    if verb in CHECKED:
        require(request, Right.PUBLISH_PLANS)
    found = segmentation(segmentation_id)
    by, edition = _by(request), _edition(request, found)
    try:
        if verb == "copy":
            name = gettext("%(name)s (copy)") % {"name": found.name[:100]}
            made = service.create_segmentation(name, based_on=found.id, **by)
            notify(request, gettext("Copied: change the rules of the copy."))
            return redirect("planning:segmentation", made)
        if verb == "apply":
            count = service.apply_segmentation(found.id, edition, **by)
            text = ngettext("Applied: %(n)s account changed its segment.",
                            "Applied: %(n)s accounts changed their segment.", count)  # fmt: skip
            notify(request, text % {"n": formats.number(count, 0)})
        elif verb == "reject":
            service.reject_segmentation(found.id, edition, request.POST.get("reason", ""), **by)
            notify(request, gettext(DONE[verb]))
        elif verb == "take-back":
            service.take_back_segmentation(found.id, **by)
            notify(request, gettext(DONE[verb]))
        else:
            _verb(verb)(found.id, edition, **by)
            notify(request, gettext(DONE[verb]))
    except (Conflict, Invalid, Refused) as error:
        notify(request, said(error), tone=Tone.WATCH)
    return redirect("planning:segmentation", found.id)


def _verb(name: str) -> Callable[..., None]:
    verbs: dict[str, Callable[..., None]] = {
        "submit": service.submit_segmentation,
        "approve": service.approve_segmentation,
        "archive": service.archive_segmentation,
    }
    if name not in verbs:
        raise NotFound(_("There is no such verb."))
    return verbs[name]


def _changeable(request: PageRequest, segmentation_id: int) -> Segmentation:
    require_all_accounts(request.scope)
    found = segmentation(segmentation_id)
    if not found.may_edit:
        raise Refused(_("Only a draft is changed: copy this version and change the copy."))
    return found


def _by(request: PageRequest) -> dict[str, Any]:
    return {"actor": request.actor, "scope": request.scope}


def _edition(request: PageRequest, found: Segmentation) -> int:
    # a form that was opened on an edition names it; a page of verbs posts the one it showed
    edition = shown.edition_of(request)
    return found.edition if edition is None else edition


def _header(found: Segmentation, title: str) -> PageHeader:
    back = Link(found.name, reverse("planning:segmentation", args=[found.id]))
    return PageHeader(title, back=back, statuses=(segment_shown.state_of(found),))


def _values(request: PageRequest, fields: dict[str, SegmentField]) -> list[tuple[str, str]]:
    """Return the values of text fields that have few: what a rule can name."""
    found = []
    for field in fields.values():
        if field.kind is not FieldKind.TEXT or field.name == "name":
            continue
        if field.choices:
            texts = [gettext(label) for _value, label in field.choices]
        else:
            texts = known_values(field.name, request.scope, request.as_of, MOST_VALUES + 1)
        if texts and len(texts) <= MOST_VALUES:
            found.append((field_label(field), "; ".join(texts)))
    return found


def _cut(
    one: SuggestedCut,
    fields: dict[str, SegmentField],
    currency: str,
    found: Segmentation,
    name: str,
) -> dict[str, Any]:
    title = gettext(METHOD_LABELS[one.method])
    used = ", ".join(field_label(field) for field in one.fields)
    if one.made is None:
        return {"title": title, "used": used, "nothing": gettext(NOTHING[one.method])}
    named = named_bands(one.made.rules, fields, currency)
    labels = list(dict.fromkeys(rule.segment for rule in named.rules))
    rows = [
        Row(at, (label, told.accounts, told.closed, segment_shown.rate(told),
                 segment_shown.interval(told), told.cycle, told.deal_minor))
        for at, (label, told) in enumerate(zip(labels, one.made.evidence, strict=True))
    ]  # fmt: skip
    table = Table(
        (
            Column("segment", gettext("Segment"), is_title=True),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
            Column("closed", gettext("Closed deals"), Format.NUMBER, decimals=0, is_minor=True),
            percent("rate", gettext("Win rate")),
            Column("interval", gettext("95 % interval"), is_minor=True),
            Column("cycle", gettext("Cycle"), Format.DAYS, decimals=0),
            money("deal", gettext("Median deal"), currency),
        ),
        rows,
        title,
        name=f"cut-{one.method}",
        is_dense=True,
    )
    address = reverse("planning:segment_suggest", args=[found.id])
    values = {"edition": str(found.edition), "field": name, "method": one.method}
    take = Action(gettext("Take these cuts over"), address, "post", "check", values=values)
    sentences = [
        gettext("%(segment)s: %(rule)s")
        % {"segment": rule.segment, "rule": rule_sentence(rule, fields, currency)}
        for rule in named.rules
    ]
    is_told = [rule.segment for rule in named.rules] == [
        rule_sentence(rule, fields, currency) for rule in named.rules
    ]
    return {"title": title, "used": used, "table": table, "take": take,
            "sentences": [] if is_told else sentences}  # fmt: skip
