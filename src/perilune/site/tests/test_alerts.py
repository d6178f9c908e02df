"""Alerts: grouped, within the budget, what to do, silent where nobody acts, done and undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client

from perilune.crm.testing import KNOWN, Book, make_record
from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.kernel.asof import AsOf
from perilune.kernel.wiring import JOB_KINDS
from perilune.people.testing import Cast
from perilune.site import alerts
from perilune.site.models import Notice
from perilune.site.standing import STANDING
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

AsUser = Callable[[str], Client]
MONDAY = date(2026, 6, 1)


def as_of(day: date) -> AsOf:
    return AsOf.end_of(day, ZoneInfo("Europe/Paris"))


def at(day: date) -> datetime:
    return datetime.combine(day, time(7), tzinfo=UTC)


def alerted(day: date, username: str = "rep") -> Notice | None:
    return alerts.alert(username, as_of(day), at(day))


def risky(
    book: Book, owner: int, name: str, minor: int = 900_000, close: str = "2026-04-01"
) -> int:
    """Return a deal whose close date has passed."""
    deal = make_record(
        "opportunity",
        {"name": name, "owner_id": owner, "account_id": book.north_account, "amount": minor,
         "currency": "EUR", "stage_id": book.prospecting, "pipeline_id": book.pipeline,
         "created_date": "2026-01-02", "close_date": close},
        KNOWN,
    )  # fmt: skip
    store.refresh()
    return deal


@pytest.fixture
@made_once
def late(site_cast: Cast, book: Book) -> int:
    """A late deal of Rita's."""
    return risky(book, site_cast.organisation.rita, "Late")


@pytest.fixture
@made_once
def unheeded(late: int) -> date:
    """Ten alerts about it, a week apart, none of which was acted on; the day of the last."""
    days = [MONDAY + timedelta(days=7 * number) for number in range(alerts.UNHEEDED)]
    assert all(alerted(day) is not None for day in days)
    return days[-1]


def test_all_deals_at_risk_of_a_person_make_one_notice(book: Book, late: int) -> None:
    notice = alerted(MONDAY)
    assert notice is not None
    lines = {line["id"]: line for line in notice.lines}
    assert lines[late]["reasons"] == ["overdue", "silent", "no_next_step"]
    assert set(lines) == {late, book.beta, book.alpha}  # silent since January and March
    assert Notice.objects.count() == 1


def test_a_rep_is_alerted_of_own_deals_and_a_manager_of_the_teams(
    site_cast: Cast, book: Book
) -> None:
    rita = risky(book, site_cast.organisation.rita, "Rita's")
    rolf = risky(book, site_cast.organisation.rolf, "Rolf's")
    sara = risky(book, site_cast.organisation.sara, "Sara's")
    of_rep, of_manager = alerted(MONDAY), alerted(MONDAY, "sales_manager")
    assert of_rep is not None and of_manager is not None
    assert {line["id"] for line in of_rep.lines} & {rita, rolf, sara} == {rita}
    assert {line["id"] for line in of_manager.lines} & {rita, rolf, sara} == {rita, rolf}


def test_a_deal_of_three_times_the_mean_is_called_big(site_cast: Cast, book: Book) -> None:
    big = risky(book, site_cast.organisation.rita, "Big", minor=90_000_000)
    notice = alerted(MONDAY)
    assert notice is not None
    assert [line["id"] for line in notice.lines if line["is_big"]] == []  # 3 deals: mean 30 M
    for number in range(4):
        risky(book, site_cast.organisation.rita, f"Small {number}", minor=1_000)
    again = alerted(MONDAY + timedelta(days=1))
    assert again is not None
    assert [line["id"] for line in again.lines if line["is_big"]] == [big]


def test_the_job_may_run_twice_on_a_day(late: int, jobs_wired: None) -> None:
    first = jobs.run_here("alerts.daily", {})
    second = jobs.run_here("alerts.daily", {})
    assert (first.state, second.state) == (State.DONE, State.DONE)
    assert first.result["made"] == Notice.objects.count() > 0
    assert second.result == {"made": 0}


def test_what_was_said_this_week_is_not_said_again(late: int) -> None:
    assert alerted(MONDAY) is not None
    assert alerted(MONDAY + timedelta(days=1)) is None
    assert alerted(MONDAY + timedelta(days=7)) is not None


def test_the_weekly_budget_holds_whatever_happens(site_cast: Cast, book: Book) -> None:
    made = []
    for day in range(5):
        risky(book, site_cast.organisation.rita, f"Late {day}", minor=9_000_000 * (day + 1))
        made.append(alerted(MONDAY + timedelta(days=day)) is not None)
    assert made == [True] * 3 + [False] * 2
    alerts.set_budget("rep", "0")
    risky(book, site_cast.organisation.rita, "Later", minor=99_000_000)
    assert alerted(MONDAY + timedelta(days=7)) is None


def test_alerts_fall_silent_after_ten_without_an_act_and_say_so_once(unheeded: date) -> None:
    for week in (1, 2, 3):
        assert alerted(unheeded + timedelta(days=7 * week)) is None
    assert Notice.objects.filter(username="rep", topic="risks").count() == alerts.UNHEEDED
    assert Notice.objects.filter(username="rep", topic="silence").count() == 1


def test_one_act_among_ten_keeps_them_coming(unheeded: date) -> None:
    alerts.mark_done(Notice.objects.filter(username="rep")[4], True)
    assert alerted(unheeded + timedelta(days=7)) is not None


def test_silence_ends_when_the_person_asks(unheeded: date, as_user: AsUser) -> None:
    alerted(unheeded + timedelta(days=7))
    client = as_user("rep")
    assert "Alert me again" in client.get("/notices/").content.decode()
    client.post("/notices/resume/")
    assert alerted(unheeded + timedelta(days=14)) is not None


def test_opening_a_deal_and_changing_it_is_acting(late: int, as_user: AsUser) -> None:
    now = datetime.now(UTC)
    notice = alerts.alert("rep", as_of(MONDAY), now)
    assert notice is not None
    client = as_user("rep")
    answer = client.get(f"/notices/{notice.id}/deal/{late}/")
    assert answer.headers["Location"] == f"/records/opportunity/{late}/"
    alerts.note_acts("rep", now + timedelta(days=1))
    notice.refresh_from_db()
    assert (notice.read_at is not None, notice.acted_at) == (True, None)
    with change_set(actor="rep", title="", known_at=at(MONDAY)) as w:
        w.change("opportunity", late, {"next_step": "Call on Friday"})
    alerts.note_acts("rep", now + timedelta(days=1))
    notice.refresh_from_db()
    assert notice.acted_at is not None


@pytest.mark.parametrize(
    ("actor", "is_opened", "made_days_ago"),
    [("nora", True, 0), ("rep", False, 0), ("rep", True, 8)],
)
def test_a_change_by_others_or_unopened_or_too_late_is_no_act(
    late: int, actor: str, is_opened: bool, made_days_ago: int
) -> None:
    now = datetime.now(UTC)
    notice = alerts.alert("rep", as_of(MONDAY), now - timedelta(days=made_days_ago))
    assert notice is not None
    if is_opened:
        Notice.objects.filter(id=notice.id).update(read_at=notice.made_at)
    with change_set(actor=actor, title="", known_at=at(MONDAY)) as w:
        w.change("opportunity", late, {"next_step": "Call on Friday"})
    alerts.note_acts("rep", now + timedelta(minutes=1))
    notice.refresh_from_db()
    assert notice.acted_at is None


def test_the_count_falls_when_a_notice_is_done_and_rises_when_that_is_undone(
    site_cast: Cast, late: int, as_user: AsUser
) -> None:
    notice = alerts.alert("rep", as_of(MONDAY), datetime.now(UTC))
    assert notice is not None
    client, counts = as_user("rep"), []
    for address in ("", "done", "undone"):
        if address:
            client.post(f"/notices/{notice.id}/{address}/")
        counts.append(alerts.notices_count(site_cast.rep))
    assert counts == [1, 0, 1]
    assert alerts.notices_count(site_cast.outsider) == 0


def test_the_page_says_what_to_do_in_the_readers_language(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    risky(book, site_cast.organisation.rita, "Tardive")
    alerted(MONDAY)
    client = as_user("rep")
    assert "Agree a new date with the customer" in client.get("/notices/").content.decode()
    type(site_cast.rep).objects.filter(username="rep").update(language="fr")
    text = client.get("/notices/").content.decode()
    assert "Convenez d’une nouvelle date avec le client" in text
    assert "Affaires qui demandent un geste" in text
    assert "1 juin" in text or "01/06/2026" in text


def test_nobody_reads_or_closes_somebody_elses_notice(late: int, as_user: AsUser) -> None:
    notice = alerted(MONDAY)
    assert notice is not None
    client = as_user("outsider")
    assert client.get(f"/notices/{notice.id}/deal/{late}/").status_code == 404
    assert client.post(f"/notices/{notice.id}/done/").status_code == 404
    assert "Late" not in client.get("/notices/").content.decode()
    assert as_user("viewer").get("/notices/").status_code == 403


def test_a_deal_that_left_the_readers_scope_is_no_longer_named(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    risky(book, site_cast.organisation.rolf, "Rolf's secret")
    alerted(MONDAY, "sales_manager")
    client = as_user("sales_manager")
    assert "Rolf&#x27;s secret" in client.get("/notices/").content.decode()
    users = type(site_cast.sales_manager).objects.filter(username="sales_manager")
    users.update(rep_id=site_cast.organisation.sami)
    assert "Rolf&#x27;s secret" not in client.get("/notices/").content.decode()


def test_a_budget_that_is_no_number_is_refused(site_cast: Cast, as_user: AsUser) -> None:
    client = as_user("rep")
    assert client.post("/notices/budget/", {"budget": "99"}).status_code == 400
    assert client.post("/notices/budget/", {"budget": "x"}).status_code == 400
    assert alerts.budget_of("rep") == alerts.DEFAULT_BUDGET
    client.post("/notices/budget/", {"budget": "1"})
    assert alerts.budget_of("rep") == 1


def test_every_standing_schedule_names_a_job_that_is_wired() -> None:
    assert {kind for _name, _label, kind, *_rest in STANDING} <= set(JOB_KINDS.names())
