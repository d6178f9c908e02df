"""Every page and endpoint, asked by GET as each role and as a stranger.

The answers stand in `access.json`; a new page or a new right is recorded by PERILUNE_REFRESH=1 and
read in the difference. POST-only addresses answer 405 to whoever may come in.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from perilune.demo.contracts import ROLES
from perilune.demo.testing import build_small
from perilune.kernel.wiring import KINDS
from perilune.people.models import User

BASELINE = Path(__file__).with_name("access.json")
OPEN_TO_ALL = {"account_login", "account_logout", "account_signup", "set_language"}
NOT_OURS = {"account_", "mfa_", "socialaccount_", "ui:", "api:api-root"}  # the last answers 404


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            space = f"{prefix}{item.namespace}:" if item.namespace else prefix
            yield from routes(item, space)
        elif item.name:
            yield prefix + item.name, item


def arguments(pattern: URLPattern) -> dict[str, Any]:
    """Give each argument of an address something that exists in the small demo company."""
    from perilune.history.queries import model_of, recent_sets
    from perilune.people.models import Rep
    from perilune.planning.models import Plan
    from perilune.territories.models import Draft

    deal = model_of(KINDS.get("opportunity"))._default_manager.order_by("id").first()
    assert deal is not None
    given: dict[str, Any] = {
        "kind": "opportunity", "record_id": deal.id, "period": "2026-Q2", "name": "2026-Q2",
        "measure": "won_amount", "field": "next_step", "user_id": User.objects.order_by("id")[0].id,
        "rep_id": Rep.objects.order_by("id")[0].id, "key": "next_step",
        "change_set_id": recent_sets(1, purpose="demo")[0].id, "edit_type": "hire",
        "panel": "forecasting.range", "going": "leave", "what": "fte",
        "table": "sums", "rule_key": "deal_overdue",
        "draft_id": getattr(Draft.objects.order_by("id").first(), "id", 1),
        "plan_id": getattr(Plan.objects.order_by("id").first(), "id", 1),
    }  # fmt: skip
    return {
        name: given.get(name, 1 if converter.__class__.__name__ == "IntConverter" else "x")
        for name, converter in pattern.pattern.converters.items()
    }


@pytest.mark.roles
@pytest.mark.django_db(databases=["default", "queue"])
@pytest.mark.timeout(600)  # some two hundred addresses times eight roles
def test_every_page_answers_each_role_as_recorded() -> None:
    build_small(recorded_weeks=0)
    clients = {name: Client(raise_request_exception=False) for name in ROLES}
    for name, client in clients.items():
        client.force_login(
            User.objects.get(username=name),
            backend="django.contrib.auth.backends.ModelBackend",
        )
    nobody = Client()
    answers: dict[str, dict[str, int]] = {}
    for name, pattern in routes(get_resolver()):
        if name.startswith(tuple(NOT_OURS)) or name in OPEN_TO_ALL:
            continue
        try:
            address = reverse(name, kwargs=arguments(pattern))
        except NoReverseMatch:
            continue
        nobody.cookies.clear()
        stranger = nobody.get(address)
        assert stranger.status_code in (302, 401, 403, 405), f"{name} is open to strangers"
        answers[name] = {role: client.get(address).status_code for role, client in clients.items()}
    if os.environ.get("PERILUNE_REFRESH") == "1":
        BASELINE.write_text(json.dumps(answers, indent=1, sort_keys=True) + "\n")
    assert not {n: a for n, a in answers.items() if max(a.values()) >= 500}
    assert answers == json.loads(BASELINE.read_text())


def test_what_is_recorded_closes_the_settings_and_the_journal_to_those_who_sell() -> None:
    answers = json.loads(BASELINE.read_text())
    for page in ("site:journal", "people:users", "hub:index"):
        assert answers[page]["rep"] == 403, page
        assert answers[page]["director"] == 200, page
    assert answers["crm:records"]["viewer"] == 403
