"""Pages of territory plans: list, studio, verbs, hand-over, comparison, from draft to in force."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from perilune.history.queries import model_of
from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.jobs.queries import recent_jobs
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS, PANELS, Panel
from perilune.people.queries import company, scope_for, user_named
from perilune.people.testing import login
from perilune.territories import queries, service
from perilune.territories.contracts import IN_FORCE_PLACE, Attribute, DraftState
from perilune.territories.queries.loading import loaded
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}
STEPS = 9
"""More than a design takes."""
JSON: dict[str, Any] = {"headers": {"accept": "application/json"}}


@pytest.fixture
def ground() -> Ground:
    return make_ground()


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.1)], **BY)


@pytest.fixture
def page(plan: int, client: Client) -> Client:
    login(client, "analyst")
    return client


def of(plan: int, territory: int) -> list[int]:
    """Return the numbers of the accounts in a territory."""
    held = queries.points(plan, ALL, "analyst")["territory"]
    return [unit for unit, where in enumerate(held) if where == territory]


def head(plan: int) -> Any:
    return queries.draft(plan, ALL, "analyst").head


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_plan_is_made_from_the_list_and_opens_its_studio(ground: Ground, client: Client) -> None:
    login(client, "analyst")
    assert "No plan yet" in text_of(client.get("/territories/"))
    asked = {
        "name": "Spring", "first": "accounts", "first_tolerance": "5", "second": "bookings",
        "second_tolerance": "20", "hold_over": "all_stay", "layer": "",
    }  # fmt: skip
    answer = client.post("/territories/", asked)
    assert answer.status_code == 302
    [made] = queries.drafts(ALL, "analyst")
    view = queries.draft(made.id, ALL, "analyst")
    assert [(one.key, one.tolerance) for one in view.attributes] == [
        ("accounts", 0.05), ("bookings", 0.2),
    ]  # fmt: skip
    assert made.hold_over == "all_stay"
    studio = text_of(client.get(answer.headers["Location"]))
    assert 'id="studio"' in studio and "Rita" in studio and "Without a place" in studio


def test_a_bad_form_says_so_and_makes_nothing(ground: Ground, client: Client) -> None:
    login(client, "analyst")
    asked = {"name": "", "first": "accounts", "first_tolerance": "500", "hold_over": "all_stay"}
    assert client.post("/territories/", asked).status_code == 422
    assert not queries.drafts(ALL, "analyst")


def test_a_move_is_answered_with_the_next_edition_and_the_sheet_follows(
    page: Client, plan: int
) -> None:
    points = json.loads(page.get(f"/territories/{plan}/points.json").content)
    to = points["names"].index("Sara")
    mine = [u for u, t in zip(points["units"], points["territory"], strict=True) if t != to][:3]
    fields = {"edition": "1", "units": ",".join(map(str, mine)), "to": str(to)}
    answer = page.post(f"/territories/{plan}/move/", fields, **JSON)
    assert answer.status_code == 200 and answer.json()["edition"] == 2
    assert answer.json()["moved"] == 3
    parts = text_of(page.get(f"/territories/{plan}/parts/"))
    assert "moved accounts (3 accounts)" in parts and "3 accounts change hands." in parts


def test_a_stale_edition_is_a_conflict_that_says_who_was_quicker(page: Client, plan: int) -> None:
    service.rename(plan, 1, 0, "Elsewhere", **{**BY, "actor": "manager"})
    fields = {"edition": "1", "units": "0", "to": "1"}
    answer = page.post(f"/territories/{plan}/move/", fields, **JSON)
    assert answer.status_code == 409
    assert "manager changed this plan meanwhile" in answer.json()["said"]
    assert head(plan).edition == 2, "nothing was overwritten"


def test_undo_and_redo_say_to_read_the_map_again(page: Client, plan: int) -> None:
    service.move_units(plan, 1, of(plan, 0)[:1], 2, **BY)
    undone = page.post(f"/territories/{plan}/undo/", {"edition": "2"}, **JSON).json()
    assert undone["reload"] and undone["moved"] == 0
    again = page.post(f"/territories/{plan}/redo/", {"edition": "3"}, **JSON).json()
    assert again["moved"] == 1
    refused = page.post(f"/territories/{plan}/redo/", {"edition": "4"}, **JSON)
    assert refused.status_code == 400 and "nothing to make again" in refused.json()["said"]


def test_the_table_of_accounts_moves_what_is_ticked_without_a_map(page: Client, plan: int) -> None:
    shown = text_of(page.get(f"/territories/{plan}/accounts/?q=nowhere"))
    assert "Nowhere 0" in shown and "no place" in shown and "2 of 2 accounts" in shown
    number = queries.points(plan, ALL, "analyst")["labels"].index("Nowhere 0")
    fields = {"edition": "1", "id": str(number), "to": "2", "query": "q=nowhere"}
    answer = page.post(f"/territories/{plan}/move/", fields)
    assert answer.status_code == 302 and answer.headers["Location"].endswith("?q=nowhere")
    assert queries.points(plan, ALL, "analyst")["territory"][number] == 2


def test_a_territory_is_renamed_seated_and_locked_beside_the_page(
    page: Client, plan: int, ground: Ground
) -> None:
    address = f"/territories/{plan}/territory/0/"
    assert "Rita" in text_of(page.get(address, headers={"hx-request": "true"}))
    rep = queries.draft(plan, ALL, "analyst").rows[1].rep_id
    fields = {"edition": "1", "name": "West", "rep": str(rep), "is_locked": "on"}
    assert page.post(address, fields).status_code == 302
    row = queries.draft(plan, ALL, "analyst").rows[0]
    assert (row.name, row.rep_id, row.is_locked) == ("West", rep, True)
    taken = {"edition": str(head(plan).edition), "name": "Sara", "rep": "", "is_locked": "on"}
    assert page.post(address, taken).status_code == 422


def test_a_design_runs_as_a_job_and_its_proof_stands_on_the_page(page: Client, plan: int) -> None:
    answer = page.post(f"/territories/{plan}/design/", {"edition": "1", "k": "4", "stay": "0"})
    assert answer.status_code == 302
    assert "Design territories" in text_of(page.get(f"/territories/{plan}/")), "it is under way"
    job = recent_jobs(1, "territories.design")[0]
    assert job.params["draft"] == plan
    for step in range(STEPS):
        jobs.step(job.id, step)
    assert recent_jobs(1, "territories.design")[0].state is State.DONE
    text = text_of(page.get(f"/territories/{plan}/"))
    assert "How good it is" in text and "in 4 territories" in text
    unsaid = page.post(f"/territories/{plan}/design/", {"edition": "2", "stay": "0"}, follow=True)
    assert "how many hours" in text_of(unsaid)


def test_hand_over_and_sheet_leave_as_files(page: Client, plan: int) -> None:
    service.move_units(plan, 1, of(plan, 0)[:2], 2, **BY)
    assert "2 accounts change hands" in text_of(page.get(f"/territories/{plan}/handover/"))
    for address in (f"/territories/{plan}/handover/export", f"/territories/{plan}/export"):
        rows = b"".join(page.get(f"{address}.csv")).decode()
        assert "Sara" in rows and "Autumn" in rows
        assert b"".join(page.get(f"{address}.xlsx"))[:2] == b"PK"
        assert page.get(f"{address}.ods").status_code == 404


def test_two_plans_are_compared_rep_by_rep_and_account_by_account(page: Client, plan: int) -> None:
    assert "There is no other plan" in text_of(page.get(f"/territories/{plan}/compare/"))
    assert page.post(f"/territories/{plan}/clone/").status_code == 302
    copy = queries.drafts(ALL, "analyst")[0].id
    moved = of(copy, 0)[0]
    service.move_units(copy, 1, [moved], 2, **BY)
    text = text_of(page.get(f"/territories/{copy}/compare/?with={plan}"))
    assert "1 account is with another rep" in text and "Territories beyond their tolerance" in text
    # each rep has a line of each plan, one below the other
    plans = re.findall(r">(Autumn(?: \(copy\))?)<", text[text.index('id="reps"') :])
    assert plans == ["Autumn (copy)", "Autumn"] * 3
    assert queries.points(plan, ALL, "analyst")["labels"][moved] in text


def test_a_plan_is_submitted_approved_by_somebody_else_and_published_for_a_day(
    page: Client, plan: int
) -> None:
    def post(client: Client, path: str, **fields: str) -> str:
        said = {"edition": str(head(plan).edition)} | fields
        return text_of(client.post(f"/territories/{plan}/{path}/", said, follow=True))

    def verb(client: Client, name: str) -> str:
        return post(client, f"{name}/now")

    assert "Submitted" in verb(page, "submit")
    assert head(plan).state is DraftState.REVIEW
    post(page, "approve/now")
    assert head(plan).state is DraftState.REVIEW, "an analyst does not approve"
    chief = Client()
    login(chief, "director")
    back = text_of(chief.get(f"/territories/{plan}/publish/?back=1"))
    assert "Send back" in back
    post(chief, "publish", reason="Too many moves in the west")
    assert head(plan).state is DraftState.REJECTED
    verb(page, "submit")
    assert "Approved" in verb(chief, "approve")
    past = post(chief, "publish", effective_from="2020-01-01")
    assert "is in the past" in past and head(plan).effective_from is None
    day = company().today.day + timedelta(days=3)
    assert "Published" in post(chief, "publish", effective_from=day.isoformat())
    assert head(plan).effective_from == day
    assert "Take the day back" in text_of(chief.get(f"/territories/{plan}/"))
    verb(chief, "unpublish")
    assert head(plan).effective_from is None
    verb(chief, "archive")
    assert head(plan).state is DraftState.ARCHIVED


def test_other_rooms_speak_on_the_page_of_a_plan_once_it_is_in_force(
    ground: Ground, page: Client, plan: int
) -> None:
    def told(request: Any, context: Any) -> str:
        return f"<b>set {context['change_set_id']}</b>"

    kept = list(PANELS)
    PANELS.clear()
    PANELS.add("test.told", Panel("test.told", IN_FORCE_PLACE, 10, told))
    try:
        other: dict[str, Any] = {"actor": "director", "scope": ALL}
        service.move_units(plan, head(plan).edition, of(plan, 0)[:1], 1, **BY)
        service.submit(plan, head(plan).edition, **BY)
        service.approve(plan, head(plan).edition, **other)
        assert "<b>set" not in text_of(page.get(f"/territories/{plan}/"))
        service.publish(plan, head(plan).edition, company().today.day, **other)
        (done,) = service.activate_due()
        assert f"<b>set {done.change_set_id}</b>" in text_of(page.get(f"/territories/{plan}/"))
    finally:
        PANELS.clear()
        for panel in kept:
            PANELS.add(panel.name, panel)


def test_comments_stand_beside_the_plan_with_what_they_are_about(page: Client, plan: int) -> None:
    fields = {"text": "Rita knows the west", "territory": "0"}
    text = text_of(page.post(f"/territories/{plan}/comment/", fields, follow=True))
    assert "Rita knows the west" in text
    assert "between 1 and" in text_of(
        page.post(f"/territories/{plan}/comment/", {"text": " "}, follow=True)
    )


def test_a_past_day_shows_the_plan_and_offers_no_change(page: Client, plan: int) -> None:
    day = company().today.day - timedelta(days=1)
    text = text_of(page.get(f"/territories/{plan}/?as_of={day.isoformat()}"))
    assert "Move the selection to" not in text and 'id="studio"' in text


def test_a_manager_reads_the_figures_of_their_own_territories_and_designs_no_others(
    plan: int, client: Client
) -> None:
    login(client, "sales_manager")
    text = text_of(client.get(f"/territories/{plan}/"))
    nora = user_named("sales_manager")
    assert nora is not None
    scope = scope_for(nora, company().today)
    sheet = queries.sheet(plan, scope, "sales_manager")
    assert 0 < len(sheet.territories) < 3 and sheet.is_partial
    assert f"{sheet.total.accounts} accounts of" in text
    assert f"in {len(sheet.territories)} territories" in text and "Sara" not in text
    assert "Or hours of a rep a year" not in text and "Move the selection to" in text
    points = json.loads(client.get(f"/territories/{plan}/points.json").content)
    whole = json.loads(json.dumps(dict(queries.points(plan, ALL, "analyst"))))
    assert points["attributes"][0]["target"] == whole["attributes"][0]["target"]


@pytest.mark.parametrize("who", ["rep", "viewer"])
def test_who_designs_nothing_is_told_so(plan: int, client: Client, who: str) -> None:
    login(client, who)
    assert client.get("/territories/").status_code == 403
    assert client.get(f"/territories/{plan}/points.json").status_code == 403


def test_the_studio_speaks_french(page: Client, plan: int) -> None:
    page.cookies["django_language"] = "fr"
    text = text_of(page.get(f"/territories/{plan}/"))
    assert "Déplacer la sélection vers" in text and "Soumettre à relecture" in text


def test_the_hand_over_of_a_published_plan_becomes_tasks_of_the_new_reps(
    page: Client, plan: int
) -> None:
    # who takes over reads French, whoever makes the tasks
    taker = user_named("outsider")
    assert taker is not None
    taker.language = "fr"
    taker.save(update_fields=["language"])
    busy = next(one for one in of(plan, 0) if _open_deals(plan)[one])
    service.move_units(plan, 1, [busy], 2, **BY)
    assert "Make tasks" not in text_of(page.get(f"/territories/{plan}/handover/"))
    service.submit(plan, 2, **BY)
    chief: dict[str, Any] = {"actor": "director", "scope": ALL}
    service.approve(plan, 3, **chief)
    day = company().today.day + timedelta(days=30)
    service.publish(plan, 4, day, **chief)
    client = Client()
    login(client, "director")
    address = f"/territories/{plan}/handover/"
    assert "Make tasks" in text_of(client.get(address))
    text = text_of(client.post(f"{address}tasks/", {"edition": "5"}, follow=True))
    assert "1 task made." in text
    records: Any = model_of(KINDS.get("activity"))._default_manager
    [task] = records.filter(type="task").values("subject", "owner_id", "is_done")
    assert task["subject"].startswith("Reprendre") and "suivi par Rita" in task["subject"]
    seated = queries.draft(plan, ALL, "analyst").rows[2].rep_id
    assert (task["owner_id"], task["is_done"]) == (seated, False)
    again = text_of(client.post(f"{address}tasks/", {"edition": "6"}, follow=True))
    assert "there already" in again


def _open_deals(plan: int) -> list[int]:
    return [int(count) for count in loaded(plan).accounts.open_deals]
