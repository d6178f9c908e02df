"""What leaves its course: said once, with what to do, within budget, silent if unheeded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client

from perilune.crm.testing import Book
from perilune.forecasting.contracts import Backtest, By, RiskKey, RiskKind
from perilune.forecasting.queries import Below
from perilune.forecasting.service.risks import Asked, take
from perilune.history.service import bulk_complete, bulk_open
from perilune.hub.contracts.health import Trouble
from perilune.hub.service import sync
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import PeriluneError
from perilune.kernel.ranges import Range
from perilune.people.queries import company, scope_for
from perilune.people.testing import Cast
from perilune.site import alerts, watching
from perilune.site.models import Notice
from perilune.site.watching import Line
from perilune.territories.contracts import Drifted

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

AsUser = Callable[[str], Client]
MONDAY = date(2026, 6, 1)
LINE = Line(
    "path:2026-Q2:team:3",
    "%(unit)s: %(won_money)s won so far in %(period)s, %(path_money)s were expected;"
    " chance that this is noise: %(noise_share)s, one of %(watched)s watched.",
    {"unit": "North", "period": "2026-Q2", "won_money": 100_000, "path_money": 900_000,
     "noise_share": 0.012, "watched": 4},
    "Go through the open deals of this unit and their risks.",
    "/forecast/2026-Q2/risks/",
)  # fmt: skip


def as_of(day: date) -> AsOf:
    return AsOf.end_of(day, ZoneInfo("Europe/Paris"))


def at(day: date) -> datetime:
    return datetime.combine(day, time(7), tzinfo=UTC)


def watched(day: date, username: str = "director") -> Notice | None:
    return alerts.watch(username, as_of(day), at(day))


@pytest.fixture
def one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "lines", lambda *_: [LINE])


@pytest.fixture
def new_line_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    def lines(_user: object, when: AsOf, *_: object) -> list[Line]:
        return [replace(LINE, key=f"path:{when.day}")]

    monkeypatch.setattr(watching, "lines", lines)


@pytest.mark.usefixtures("one_line")
def test_what_left_its_course_is_told_once_a_week(site_cast: Cast, book: Book) -> None:
    assert watched(MONDAY) is not None
    assert watched(MONDAY + timedelta(days=1)) is None
    assert watched(MONDAY + timedelta(days=7)) is not None


@pytest.mark.usefixtures("new_line_each_day")
def test_rule_23_both_kinds_of_notice_share_the_weeks_budget(site_cast: Cast, book: Book) -> None:
    assert alerts.alert("rep", as_of(MONDAY), at(MONDAY)) is not None
    made = [watched(MONDAY + timedelta(days=day), "rep") is not None for day in range(5)]
    assert made == [True, True, False, False, False]


@pytest.mark.usefixtures("new_line_each_day")
def test_rule_23_unheeded_notices_fall_silent_and_say_so(site_cast: Cast, book: Book) -> None:
    alerts.set_budget("director", "7")
    made = [watched(MONDAY + timedelta(days=day)) is not None for day in range(12)]
    assert made == [True] * 10 + [False] * 2
    assert Notice.objects.filter(username="director", topic=alerts.SILENCE).count() == 1


@pytest.mark.usefixtures("one_line")
def test_opening_a_line_and_acting_on_a_risk_is_acting(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    now = datetime.now(UTC)
    notice = alerts.watch("director", as_of(MONDAY), now)
    assert notice is not None
    answer = as_user("director").get(f"/notices/{notice.id}/line/0/")
    assert answer.headers["Location"] == LINE.url
    quarter = company().calendar.find(MONDAY, Grain.QUARTER)
    take([RiskKey(RiskKind.OVERDUE, book.beta)], Asked("director", MONDAY, quarter))
    alerts.note_acts("director", datetime.now(UTC))
    notice.refresh_from_db()
    assert notice.acted_at is not None


@pytest.mark.usefixtures("one_line")
def test_the_page_writes_the_numbers_and_what_to_do_in_the_readers_language(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    watched(MONDAY)
    client = as_user("director")
    text = client.get("/notices/").content.decode()
    assert "North: €1.0K won so far in 2026-Q2, €9.0K were expected" in text
    assert "chance that this is noise: 1.2%" in text
    type(site_cast.director).objects.filter(username="director").update(language="fr")
    text = client.get("/notices/").content.decode()
    assert "Sorti de sa trajectoire" in text
    assert "Passez en revue les affaires ouvertes" in text


@pytest.mark.usefixtures("one_line")
def test_a_line_is_no_longer_shown_to_who_sees_another_scope(
    site_cast: Cast, book: Book, as_user: AsUser
) -> None:
    watched(MONDAY)
    Notice.objects.filter(username="director").update(scope_label="team:North")
    assert "North: " not in as_user("director").get("/notices/").content.decode()


@pytest.mark.parametrize(("p90", "said"), [(900.0, True), (1100.0, False)])
def test_the_range_is_told_when_the_target_leaves_it(
    site_cast: Cast, book: Book, monkeypatch: pytest.MonkeyPatch, p90: float, said: bool
) -> None:
    from types import SimpleNamespace

    def card(_period: object, when: AsOf, _scope: object) -> object:
        top = p90 if when.day == MONDAY else 1200.0
        span = Range(500.0, 700.0, top, 720.0)
        return SimpleNamespace(total=SimpleNamespace(range=span, backtest=Backtest()))

    monkeypatch.setattr(watching, "card", card)
    monkeypatch.setattr(watching, "_goal", lambda *_: 1000)
    monkeypatch.setattr(watching, "below_path", lambda *_: [])
    scope = scope_for(site_cast.director, as_of(MONDAY))
    found = watching.lines(site_cast.director.username, as_of(MONDAY), scope, at(MONDAY))
    assert [line.key for line in found if line.key.startswith("target")] == (
        ["target:2026-Q2:below"] if said else []
    )


@pytest.mark.parametrize(
    ("before", "now", "count", "said"),
    [(0.74, 0.68, 20, True), (0.68, 0.66, 20, False), (0.9, 0.8, 20, False), (0.9, 0.5, 7, False)],
)
def test_a_range_that_begins_to_hold_too_few_outcomes_is_told_once_it_does(
    site_cast: Cast,
    book: Book,
    monkeypatch: pytest.MonkeyPatch,
    before: float,
    now: float,
    count: int,
    *,
    said: bool,
) -> None:
    from types import SimpleNamespace

    def card(_period: object, when: AsOf, _scope: object) -> object:
        test = Backtest(ranged=count, coverage80=now if when.day == MONDAY else before)
        return SimpleNamespace(total=SimpleNamespace(range=None, backtest=test))

    monkeypatch.setattr(watching, "card", card)
    monkeypatch.setattr(watching, "below_path", lambda *_: [])
    scope = scope_for(site_cast.director, as_of(MONDAY))
    found = watching.lines(site_cast.director.username, as_of(MONDAY), scope, at(MONDAY))
    held = [line for line in found if line.key == "held:2026-Q2"]
    assert [line.params["held_share"] for line in held] == ([now] if said else [])


@pytest.mark.parametrize(
    ("who", "cuts"), [("director", {"team", "product", "segment"}), ("rep", {"rep"})]
)
def test_products_and_segments_below_their_path_are_told_to_who_sees_the_company(
    site_cast: Cast, book: Book, monkeypatch: pytest.MonkeyPatch, who: str, cuts: set[str]
) -> None:
    asked: list[str] = []

    def below(_period: object, by: By, *_: object) -> list[Below]:
        asked.append(by.value)
        return [Below(f"{by.value}:3", "Beta", 1e5, 9e5, 0.012, 4)]

    monkeypatch.setattr(watching, "below_path", below)
    user = getattr(site_cast, who)
    scope = scope_for(user, as_of(MONDAY))
    found = watching.lines(user.username, as_of(MONDAY), scope, at(MONDAY))
    assert set(asked) == cuts
    told = {line.key: line for line in found if line.key.startswith("path:")}
    assert set(told) == {f"path:2026-Q2:{cut}:3" for cut in cuts}
    assert all(line.params["noise_share"] == 0.012 for line in told.values())


@pytest.mark.parametrize(("who", "told"), [("director", 3), ("rep", 0)])
def test_territories_beyond_their_tolerance_are_told_to_who_designs_them(
    site_cast: Cast, book: Book, monkeypatch: pytest.MonkeyPatch, who: str, told: int
) -> None:
    far = [Drifted(at, f"North {at}", "Accounts", 0.4 - at / 10, 0.1) for at in range(5)]
    monkeypatch.setattr(watching, "drift", lambda *_: far)
    user = getattr(site_cast, who)
    scope = scope_for(user, as_of(MONDAY))
    found = watching.lines(user.username, as_of(MONDAY), scope, at(MONDAY))
    mine = [line for line in found if line.key.startswith("drift:2026-Q2:")]
    assert [line.params["territory"] for line in mine] == [f"North {at}" for at in range(told)]


def test_data_that_stop_arriving_are_missed_after_three_usual_gaps(
    site_cast: Cast, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        opened = bulk_open(
            source="crm", actor="director", purpose="import", title="", known_at=at(MONDAY)
        )
        bulk_complete(opened)
    now = datetime.now(UTC)
    scope = scope_for(site_cast.director, as_of(MONDAY))

    def missed(days: int) -> bool:
        found = watching.lines(
            site_cast.director.username, as_of(MONDAY), scope, now + timedelta(days=days)
        )
        return any(line.key.startswith("data:") for line in found)

    assert [missed(days) for days in (1, 2, 4)] == [False, False, True]
    assert not any(
        line.key.startswith("data:")
        for line in watching.lines(
            site_cast.rep.username, as_of(MONDAY), scope, now + timedelta(days=9)
        )
    )


def test_rule_37_a_connection_that_is_late_or_silent_is_told_to_who_looks_after_it(
    site_cast: Cast, book: Book
) -> None:
    sync.connection_add("acme", "http://127.0.0.1:9", "client", "secret")
    run_id = sync.sync_start("acme")
    with pytest.raises(PeriluneError):  # nobody has allowed access: the run fails
        sync.sync_step(run_id)
    notice = watched(MONDAY)
    assert notice is not None
    (line,) = [one for one in notice.lines if one["key"].startswith("connection:acme")]
    assert (line["message"], line["params"]["connection"]) == (
        watching.CONNECTION["access"],
        "acme",
    )
    assert line["url"] == "/settings/connections/acme/"
    assert watched(MONDAY + timedelta(days=1)) is None  # said within the week
    seller = alerts.watch("rep", as_of(MONDAY), at(MONDAY))
    told = [one["key"] for one in seller.lines] if seller else []
    assert not any(key.startswith("connection:") for key in told)
    texts = {  # every trouble that is told fits its sentence
        code: watching._of_connection(
            "acme", Trouble(code, "", {"count": 2, "days": 9, "name": "x"})
        )
        for code in watching.CONNECTION
    }
    assert all(one.message % one.params for one in texts.values())
