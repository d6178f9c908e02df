"""Pages of scenarios as each role: the list, the studio with every form, comparison, export."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perilune.crm.testing import Book
from perilune.history.testing import made_once
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import PANELS, Panel
from perilune.people.contracts import Role
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.contracts import (
    COMPARED_PLACE,
    EDITS,
    RESULTS_PLACE,
    Absence,
    Edit,
    Hire,
    Index,
    Leave,
    Move,
    Price,
    Quota,
    Ramp,
    Shock,
    What,
)
from perilune.store import service as store

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DAY = date(2026, 9, 1)
LIST = "/plan/scenarios/"


@pytest.fixture
@made_once
def made(book: Book) -> int:
    store.refresh()
    return service.scenario_create("A wave", "2026-Q3", actor="director")


@pytest.fixture
def page(made: int, client: Client) -> Client:
    login(client, "director")
    return client


def text_of(response: Any) -> str:
    return re.sub(r"[ \t\n]+", " ", response.content.decode())


def edits(scenario_id: int) -> list[Edit]:
    return [item.edit for item in queries.scenario(scenario_id, None, "director").assumptions]


def add(scenario_id: int, edit: Edit) -> int:
    return service.edit_add(scenario_id, edit, actor="director", scope=Scope.company())


def test_rule_24_a_scenario_that_was_not_shared_is_not_there(made: int, cast: Cast) -> None:
    able = {Role.OPS_MANAGER, Role.ANALYST, Role.SALES_LEADER, Role.SALES_MANAGER}
    for role, user in cast.by_role().items():
        if role is Role.OPS_DIRECTOR:
            continue
        client = Client()
        login(client, user.username)
        expected = 404 if role in able else 403
        for address in (
            f"{LIST}{made}/", f"{LIST}{made}/results/", f"{LIST}{made}/settings/",
            f"{LIST}{made}/share/", f"{LIST}{made}/new/hire/", f"{LIST}{made}/export/csv/",
            f"{LIST}compare/?s={made}",
        ):  # fmt: skip
            assert client.get(address).status_code == expected, (role, address)
        for verb in ("copy", "delete", "undo"):
            assert client.post(f"{LIST}{made}/{verb}/").status_code == expected, (role, verb)
        assert "A wave" not in text_of(client.get(LIST))
    assert queries.scenario(made, None, "director").head.edition == 1


def test_those_named_read_and_copy_but_do_not_change(made: int, cast: Cast) -> None:
    service.scenario_share(made, ["analyst"], actor="director")
    client = Client()
    login(client, "analyst")
    shown = text_of(client.get(f"{LIST}{made}/"))
    assert "you may read it and copy it" in shown and "Add an edit" not in shown
    assert client.post(f"{LIST}{made}/delete/").status_code == 403
    for form in ("new/hire", "settings", "share"):
        refused = client.get(f"{LIST}{made}/{form}/")
        assert refused.status_code == 403 and "Only director changes" in text_of(refused)
    copied = client.post(f"{LIST}{made}/copy/", follow=True)
    assert "A wave (copy)" in text_of(copied) and "Only you see it" in text_of(copied)


def test_the_journal_shows_a_scenario_to_its_author_alone(page: Client, made: int) -> None:
    from perilune.history.queries import recent_sets

    set_id = recent_sets(1)[0].id
    assert "Scenario created" in text_of(page.get("/journal/"))
    assert page.get(f"/journal/{set_id}/").status_code == 200
    other = Client()
    login(other, "analyst")
    assert "Scenario created" not in text_of(other.get("/journal/"))
    assert other.get(f"/journal/{set_id}/").status_code == 404
    assert other.post(f"/journal/{set_id}/retract/").status_code == 404
    assert queries.heads("director")


def test_an_empty_list_says_what_a_scenario_is_and_makes_one(client: Client, book: Book) -> None:
    login(client, "director")
    assert "No scenario yet" in text_of(client.get(LIST))
    wrong = client.post(LIST, {"name": "", "period": "2026-Q3"})
    assert wrong.status_code == 422
    done = client.post(LIST, {"name": "Next year", "period": "2027"}, follow=True)
    assert done.redirect_chain[0][0] == f"{LIST}1/"
    assert "Nothing is assumed yet" in text_of(done)


def forms(cast: Cast, book: Book) -> dict[str, tuple[dict[str, Any], Edit]]:
    who = cast.organisation
    series = ((date(2026, 1, 1), 100.0), (date(2026, 4, 1), 97.5))
    day = {"starts": "2026-09-01"}
    return {
        "hire": (
            {"team_id": who.north, **day, "heads": 2, "role": "seller", "fte": "0.5",
             "ramp_days": ""},
            Hire(who.north, DAY, "seller", 2, 0.5),
        ),
        "leave": (
            {"rep_id": who.rita, "last_day": "2026-09-01", "to_rep_id": ""},
            Leave(who.rita, DAY),
        ),
        "absence": (
            {"rep_id": who.rita, **day, "ends": "2026-09-30", "fte": "0.4"},
            Absence(who.rita, DAY, date(2026, 9, 30), 0.4),
        ),
        "ramp": ({"team_id": "", **day, "ramp_days": 90}, Ramp(DAY, 90)),
        "move": (
            {"accounts": "ariane nord\n", "to_rep_id": who.rolf, **day},
            Move(who.rolf, DAY, accounts=(book.north_account,)),
        ),
        "quota": (
            {"unit": f"team:{who.north}", "period": "2026-q3", "amount": "1234.56"},
            Quota(f"team:{who.north}", "2026-Q3", 123_456, "EUR"),
        ),
        "price": (
            {"product_id": book.product, "change": "5", **day},
            Price(1.05, DAY, book.product),
        ),
        "shock": (
            {"what": "win_rate", "change": "-12.5", **day},
            Shock(What.WIN_RATE, 0.875, DAY),
        ),
        "index": (
            {"title": "Output", "what": "arrival", "elasticity": "0.5",
             "series": "2026-01;100\n2026-04;97,5"},
            Index("Output", series, 0.5),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(EDITS))
def test_each_form_adds_its_edit_and_shows_it_again(
    page: Client, made: int, cast: Cast, book: Book, kind: str
) -> None:
    posted, expected = forms(cast, book)[kind]
    address = f"{LIST}{made}/new/{kind}/"
    assert page.get(address).status_code == 200
    assert page.post(address, {"edition": "1"}).status_code == 422
    done = page.post(address, {**posted, "edition": "1"}, follow=True)
    assert "Edit added." in text_of(done), text_of(done)
    assert edits(made) == [expected]
    id_ = queries.scenario(made, None, "director").assumptions[0].id
    form = page.get(f"{LIST}{made}/{id_}/").context["form"]
    again = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    again = {name: "" if value in ((), "") else value for name, value in again.items()}
    saved = page.post(f"{LIST}{made}/{id_}/", {**again, "edition": "2"}, follow=True)
    assert "Edit saved." in text_of(saved), text_of(saved)
    assert edits(made) == [expected]


def test_a_series_comes_from_a_file(page: Client, made: int) -> None:
    file = SimpleUploadedFile("index.csv", b"2026-01;100\n2026-04;97.5")
    facts = {"title": "Output", "what": "arrival", "elasticity": "1", "file": file}
    page.post(f"{LIST}{made}/new/index/", facts)
    assert [len(edit.series) for edit in edits(made) if isinstance(edit, Index)] == [2]
    bad = SimpleUploadedFile("index.csv", b"2026-01;100\nhello")
    wrong = page.post(f"{LIST}{made}/new/index/", {**facts, "file": bad})
    assert wrong.status_code == 422 and "Row 2 has no day and level" in text_of(wrong)


def test_what_the_service_refuses_stands_at_its_field(page: Client, made: int, cast: Cast) -> None:
    rita = cast.organisation.rita
    posted = {"rep_id": rita, "last_day": "2026-09-01", "to_rep_id": rita}
    wrong = page.post(f"{LIST}{made}/new/leave/", posted)
    assert wrong.status_code == 422 and "Somebody else takes over." in text_of(wrong)
    stale = page.post(f"{LIST}{made}/new/leave/", {**posted, "to_rep_id": "", "edition": "7"})
    assert "changed meanwhile" in text_of(stale)
    assert edits(made) == []


def test_sentences_name_people_in_both_languages(page: Client, made: int, cast: Cast) -> None:
    who = cast.organisation
    add(made, Leave(who.rita, DAY))
    add(made, Hire(who.north, DAY, heads=2))
    add(made, Shock(What.ARRIVAL, 0.9, DAY))
    shown = text_of(page.get(f"{LIST}{made}/"))
    assert "Rita leaves on Sep\u00a01, 2026; open deals are spread over the team" in shown
    assert "2 sellers join North on Sep\u00a01, 2026" in shown
    assert "New deals: \u221210% from Sep\u00a01, 2026 on" in shown
    french = text_of(page.get(f"{LIST}{made}/", headers={"accept-language": "fr"}))
    assert "Rita part le 01/09/2026\u202f; les affaires ouvertes sont réparties" in french
    assert "2 vendeurs rejoignent North le 01/09/2026" in french


def test_edits_are_reordered_removed_and_taken_back_on_the_page(
    page: Client, made: int, cast: Cast
) -> None:
    first, second = add(made, Ramp(DAY, 10)), add(made, Ramp(DAY, 20))
    page.post(f"{LIST}{made}/{second}/order/", {"by": "-1", "edition": "3"})
    assert [edit.ramp_days for edit in edits(made) if isinstance(edit, Ramp)] == [20, 10]
    done = page.post(f"{LIST}{made}/{first}/remove/", {"edition": "4"}, follow=True)
    assert f"{LIST}{made}/undo/" in text_of(done) and len(edits(made)) == 1
    back = page.post(f"{LIST}{made}/undo/", follow=True)
    assert "Taken back: Edit removed." in text_of(back) and len(edits(made)) == 2
    assert page.post(f"{LIST}{made}/{first}/remove/", {"edition": "1"}).status_code == 409


def test_a_deleted_scenario_comes_back_by_the_toast(page: Client, made: int) -> None:
    gone = page.post(f"{LIST}{made}/delete/", {"edition": "1"}, follow=True)
    assert "No scenario yet" in text_of(gone) and f"{LIST}{made}/undo/" in text_of(gone)
    assert "A wave" in text_of(page.post(f"{LIST}{made}/undo/", follow=True))


def test_sharing_and_renaming_are_forms_beside_the_edits(page: Client, made: int) -> None:
    form = text_of(page.get(f"{LIST}{made}/share/"))
    assert "(analyst)" in form and "(viewer)" not in form
    shared = page.post(f"{LIST}{made}/share/", {"people": ["analyst"], "edition": "1"},
                       follow=True)  # fmt: skip
    assert "Seen by you and analyst" in text_of(shared)
    assert page.post(f"{LIST}{made}/share/", {"people": ["viewer"]}).status_code == 422
    facts = {"name": "Other", "period": "2026", "is_reserve": "on", "edition": "2"}
    page.post(f"{LIST}{made}/settings/", facts)
    head = queries.scenario(made, None, "director").head
    assert (head.name, head.period, head.is_reserve) == ("Other", "2026", True)


def test_the_past_is_shown_without_verbs(page: Client, made: int) -> None:
    add(made, Ramp(DAY, 10))
    assert page.get(f"{LIST}{made}/?as_of=2026-06-01").status_code == 404
    page.get(f"{LIST}?as_of=now")
    assert "Add an edit" in text_of(page.get(f"{LIST}{made}/"))


def test_results_come_from_whoever_registered_a_panel(page: Client, made: int, book: Book) -> None:
    other = service.scenario_create("Other", "2026", actor="director")

    def one(request: Any, context: Any) -> str:
        return f"<b>{context['scenario'].head.name} in {context['period'].name}</b>"

    def several(request: Any, context: Any) -> str:
        return "<b>" + " vs ".join(item.head.name for item in context["scenarios"]) + "</b>"

    kept = list(PANELS)
    PANELS.clear()
    PANELS.add("test.one", Panel("test.one", RESULTS_PLACE, 10, one))
    PANELS.add("test.several", Panel("test.several", COMPARED_PLACE, 10, several))
    try:
        assert "<b>A wave in 2026-Q3</b>" in text_of(page.get(f"{LIST}{made}/results/"))
        address = f"{LIST}compare/results/?s={made}&s={other}"
        assert "<b>A wave vs Other</b>" in text_of(page.get(address))
        PANELS.clear()
        assert "No results here" in text_of(page.get(f"{LIST}{made}/results/"))
    finally:
        PANELS.clear()
        for panel in kept:
            PANELS.add(panel.name, panel)
    picked = page.post(f"{LIST}compare/", {"id": [made, other]}, follow=True)
    assert "A wave · Other" in text_of(picked)
    assert "Choose two to four" in text_of(page.get(f"{LIST}compare/"))
    many = "&".join(f"s={n}" for n in range(1, 6))
    assert page.get(f"{LIST}compare/?{many}").status_code == 400
    assert page.get(f"{LIST}compare/results/?s={made}").status_code == 400


def test_the_list_of_edits_is_exported_with_names(
    page: Client, made: int, cast: Cast, book: Book
) -> None:
    for _posted, edit in forms(cast, book).values():
        add(made, edit)
    file: Any = page.get(f"{LIST}{made}/export/csv/")
    lines = b"".join(file.streaming_content).decode()
    assert "Rita leaves on" in lines and "Ariane Nord" in lines and "1234.56" in lines
    assert page.get(f"{LIST}{made}/export/xlsx/").status_code == 200
    assert page.get(f"{LIST}{made}/export/pdf/").status_code == 404


def test_a_name_is_text_and_never_markup(page: Client, made: int) -> None:
    bad = service.scenario_create("<script>alert(1)</script>", "2026", actor="director")
    for address in (LIST, f"{LIST}{bad}/", f"{LIST}compare/?s={bad}&s={made}"):
        assert "<script>alert" not in text_of(page.get(address))
