"""Pages of webhooks: addresses that are called, and those that are told."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.hub.contracts.hooks import Scheme, SendState
from perilune.hub.queries import connections
from perilune.hub.queries import hooks as queries
from perilune.hub.service import hooks as verbs
from perilune.hub.service.hooks.forgetting import LOG
from perilune.hub.service.hooks.incoming import USER
from perilune.hub.web import hook_words as words
from perilune.hub.web.hook_forms import HookForm, SubscriptionForm
from perilune.kernel.errors import Conflict, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.web import shell
from perilune.people.web.gate import PageRequest, page, said
from perilune.privacy.queries import days_kept
from perilune.ui.contracts import Action, Confirm, Link, PageHeader, Status, Tone
from perilune.ui.toasts import notify


@page(Right.MANAGE_SCHEDULES)
def index(request: PageRequest) -> HttpResponse:
    """Show what comes in, what is told, and their forms."""
    return _index(request, _hook_form(), SubscriptionForm())


def _hook_form(data: object = None) -> HookForm:
    names = [one.name for one in connections.connections()]
    return HookForm(names, data)


def _index(
    request: PageRequest, hook_form: HookForm, subscription_form: SubscriptionForm
) -> HttpResponse:
    found, told = queries.hooks(), queries.subscriptions()
    is_wrong = any(form.is_bound for form in (hook_form, subscription_form))
    facts = {
        "header": shell.header(request, "hooks", finding=words.finding(found, told)),
        "hooks": words.hooks_table(found, timezone.now()),
        "subscriptions": words.subscriptions_table(told),
        "hook_form": hook_form,
        "subscription_form": subscription_form,
        "is_demo": request.company.is_demo,
        "hook_url": reverse("hooks:add_hook"),
        "subscription_url": reverse("hooks:add_subscription"),
        "kept": words.kept_said(days_kept(LOG.name)),
    }
    return render(request, "hub/hooks.html", facts, status=422 if is_wrong else 200)


@require_POST
@page(Right.MANAGE_SCHEDULES)
def add_hook(request: PageRequest) -> HttpResponse:
    """Make an address that may be called; its secret is shown once."""
    form = _hook_form(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made, secret = verbs.hook_add(
                given["name"], Scheme(given["scheme"]), connection=given["connection"],
                header=given["header"], secret=given["secret"], actor=request.actor,
            )  # fmt: skip
            return _hook(request, made, secret="" if given["secret"] else secret)
        except PeriluneError as error:
            form.take(error)
    return _index(request, form, SubscriptionForm())


@page(Right.MANAGE_SCHEDULES)
def hook(request: PageRequest, hook_id: int) -> HttpResponse:
    """Show an address that is called: what came, what was refused and why."""
    return _hook(request, hook_id)


def _hook(request: PageRequest, hook_id: int, secret: str = "") -> HttpResponse:
    info = queries.hook(hook_id)
    path = reverse("calls:receive", args=[info.address])
    facts = {
        "header": _header(info.name, words.hook_state(info, timezone.now()), (
            _switch("hooks:hook_verb", info.id, info.is_on),
            _post(gettext("New secret"), "hooks:hook_verb", info.id, "turn"),
            Action(gettext("Forget"), reverse("hooks:hook_verb", args=[info.id, "forget"])),
        )),
        "info": info,
        "secret": secret,
        "user": USER if info.scheme is Scheme.BASIC else "",
        "address": request.build_absolute_uri(path),
        "facts": words.hook_facts(info),
        "refused": words.refused_table(info),
        "calls": words.calls_table(queries.calls_of(hook_id)),
    }  # fmt: skip
    return render(request, "hub/hook.html", facts)


@page(Right.MANAGE_SCHEDULES)
def hook_verb(request: PageRequest, hook_id: int, what: str) -> HttpResponse:
    """Switch an address on or off, give it a new secret, forget it."""
    info = queries.hook(hook_id)
    if what == "forget" and request.method != "POST":
        text = gettext("Calls to this address are refused from then on; what they led to stays.")
        return _ask(request, info.name, text, "hooks:hook", hook_id)
    if request.method != "POST":
        raise NotFound(_("There is no such address."))
    if what == "turn":
        return _hook(request, hook_id, verbs.hook_rotate(hook_id))
    if what == "forget":
        verbs.hook_remove(hook_id)
        notify(request, gettext("Forgotten."))
        return redirect("hooks:index")
    if what not in ("on", "off"):
        raise NotFound(_("There is no such address."))
    verbs.hook_switch(hook_id, what == "on")
    return redirect("hooks:hook", hook_id)


# -- what is told ------------------------------------------------------------------------------


@require_POST
@page(Right.MANAGE_SCHEDULES)
def add_subscription(request: PageRequest) -> HttpResponse:
    """Let an address be told; its secret is shown once."""
    form = SubscriptionForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made, secret = verbs.subscription_add(
                given["name"], given["address"], given["events"], owner=request.actor
            )
            return _subscription(request, made, secret)
        except PeriluneError as error:
            form.take(error)
    return _index(request, _hook_form(), form)


@page(Right.MANAGE_SCHEDULES)
def subscription(request: PageRequest, subscription_id: int) -> HttpResponse:
    """Show a subscription: its deliveries, and those that were given up."""
    return _subscription(request, subscription_id)


def _subscription(request: PageRequest, subscription_id: int, secret: str = "") -> HttpResponse:
    info = queries.subscription(subscription_id)
    dead = queries.deliveries(info.id, state=SendState.DEAD)
    facts = {
        "header": _header(info.name, words.subscription_state(info), (
            _post(gettext("Send a test"), "hooks:subscription_verb", info.id, "test"),
            _switch("hooks:subscription_verb", info.id, info.is_on),
            _post(gettext("New secret"), "hooks:subscription_verb", info.id, "turn"),
            Action(gettext("Forget"), reverse("hooks:subscription_verb", args=[info.id, "forget"])),
        )),
        "info": info,
        "secret": secret,
        "facts": words.subscription_facts(info),
        "dead": words.deliveries_table(dead, gettext("Given up"), "dead") if dead else None,
        "log": words.deliveries_table(queries.deliveries(info.id), gettext("Deliveries"), "log"),
    }  # fmt: skip
    return render(request, "hub/subscription.html", facts)


@page(Right.MANAGE_SCHEDULES)
def subscription_verb(request: PageRequest, subscription_id: int, what: str) -> HttpResponse:
    """Test a subscription, switch it on or off, give it a new secret, forget it."""
    info = queries.subscription(subscription_id)
    if what == "forget" and request.method != "POST":
        text = gettext("Nothing is told to this address any more; what waits is dropped.")
        return _ask(request, info.name, text, "hooks:subscription", info.id)
    if request.method != "POST":
        raise NotFound(_("There is no such address."))
    if what == "turn":
        return _subscription(request, info.id, verbs.subscription_rotate(info.id))
    if what == "forget":
        verbs.subscription_remove(info.id)
        notify(request, gettext("Forgotten."))
        return redirect("hooks:index")
    if what == "test":
        answer = verbs.subscription_test(info.id)
        text = (
            gettext("Taken with %(status)s.") if answer.is_taken else gettext("Not taken: %(why)s")
        )
        why = answer.status or gettext(answer.text)
        notify(request, text % {"status": answer.status, "why": why},
               tone=Tone.GOOD if answer.is_taken else Tone.ACT)  # fmt: skip
    elif what in ("on", "off"):
        verbs.subscription_switch(info.id, what == "on")
    else:
        raise NotFound(_("There is no such address."))
    return redirect("hooks:subscription", info.id)


@require_POST
@page(Right.MANAGE_SCHEDULES)
def again(request: PageRequest) -> HttpResponse:
    """Let deliveries that were given up be made again."""
    back = reverse("hooks:index")
    for text in request.POST.getlist("id"):
        if text.isdecimal():
            try:
                back = reverse("hooks:subscription", args=[verbs.delivery_again(int(text))])
            except Conflict as error:
                notify(request, said(error))
    verbs.hooks_wake()
    return redirect(back)


# -- shared ------------------------------------------------------------------------------------


def _post(label: str, route: str, number: int, what: str) -> Action:
    return Action(label, reverse(route, args=[number, what]), method="post")


def _switch(route: str, number: int, is_on: bool) -> Action:
    label = gettext("Switch off") if is_on else gettext("Switch on")
    return _post(label, route, number, "off" if is_on else "on")


def _header(title: str, status: Status, actions: tuple[Action, ...]) -> PageHeader:
    return PageHeader(
        title, "", actions=list(actions), statuses=(status,),
        back=Link(gettext("Webhooks"), reverse("hooks:index")),
    )  # fmt: skip


def _ask(request: PageRequest, title: str, text: str, back: str, number: int) -> HttpResponse:
    question = Confirm(
        gettext("Forget %(title)s?") % {"title": title}, text,
        Action(gettext("Forget"), reverse(f"{back}_verb", args=[number, "forget"]), method="post",
               is_dangerous=True),
        cancel_url=reverse(back, args=[number]),
    )  # fmt: skip
    header = PageHeader(title, "", back=Link(gettext("Webhooks"), reverse("hooks:index")))
    return render(request, "hub/confirm.html", {"header": header, "question": question})
