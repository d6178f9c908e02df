"""The pack: the figures of the queries, under one's own scope, in one's language, by real mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from perilune.crm.testing import KNOWN, TODAY, Book, make_record
from perilune.forecasting.queries import (
    card,
    move_for,
    risks_of,
    rollup,
    top_risks,
    week_before,
    week_bridge,
)
from perilune.history.testing import made_once
from perilune.jobs import service as jobs
from perilune.jobs.contracts import State
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.money import Money
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By
from perilune.metrics.queries import measure_rows
from perilune.people import service as people
from perilune.people.queries import company, person_named, scope_for, user_named
from perilune.people.testing import Cast
from perilune.site import pack_mail, pack_meeting, pack_paper, pack_words
from perilune.site.models import KeptPack
from perilune.site.pack import Pack, build
from perilune.site.tests.sink import Sink, smtp_sink
from perilune.site.web.packs import css_text
from perilune.store import service as store
from perilune.ui import formats

pytestmark = [pytest.mark.django_db(databases=list(settings.DATABASES)), pytest.mark.once]

AsUser = Callable[[str], Client]


@pytest.fixture
def full(site_cast: Cast, book: Book) -> Book:
    """The small book with late deals of Rita and Sara, a quota of Rita's, and addresses."""
    make_full(site_cast, book)
    return book


@made_once
def make_full(cast: Cast, book: Book) -> None:
    org = cast.organisation
    for name, owner, minor in (("Retard", org.rita, 12_345_600), ("Hidden", org.sara, 98_765_400)):
        make_record(
            "opportunity",
            {"name": name, "owner_id": owner, "account_id": book.north_account, "amount": minor,
             "currency": "EUR", "stage_id": book.prospecting, "pipeline_id": book.pipeline,
             "created_date": "2026-01-02", "close_date": "2026-06-12"},
            KNOWN,
        )  # fmt: skip
    people.quota_set(
        Money.from_minor(5_000_000, "EUR"), date(2026, 4, 1), date(2026, 6, 30), actor="test",
        rep_id=org.rita,
    )  # fmt: skip
    store.refresh()
    for name, language in (("rep", "fr"), ("sales_leader", "en"), ("director", "")):
        get_user_model().objects.filter(username=name).update(
            email=f"{name}@acme.example", language=language
        )


@made_once
def built(name: str) -> Pack:
    """Return somebody's pack of today."""
    return build(name)


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with smtp_sink(frozenset({"director@acme.example"})) as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def scope_of(name: str, at: AsOf | None = None) -> Scope:
    found = user_named(name)
    assert found is not None
    return scope_for(found, at)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def words_of_html(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


# -- figures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rep", "director"])
def test_each_figure_equals_that_of_its_query_under_the_readers_scope(
    full: Book, name: str
) -> None:
    at = company().today
    scope = scope_of(name, at)
    pack = built(name)
    assert (pack.period.name, pack.as_of.day) == ("2026-Q2", TODAY)
    assert [item.period.name for item in pack.outlooks] == ["2026-06", "2026-Q2", "2026"]
    for item in pack.outlooks:
        assert item.result.total == card(item.period, at, scope).total
    rows = {row.measure: row for row in measure_rows(at, pack.period, By.TOTAL, scope)}
    shown = {item.row.measure: item.row.value for item in pack.measures}
    impersonal = set(shown) - {"selling_time", "selling_time_coverage"}
    assert {m: shown[m] for m in impersonal} == {m: rows[m].value for m in impersonal}
    assert {"won_amount", "win_rate_closed", "open_value", "coverage"} <= set(shown)
    assert pack.changes == week_bridge(at, pack.period, scope)
    assert [deal.id for deal in pack.deals] == [deal.id for deal in top_risks(at, scope, limit=10)]
    changes = pack.changes.total
    assert changes.opening + sum(line.value for line in changes.lines) == changes.closing > 0


def test_every_block_names_scope_day_and_period_and_the_target_is_that_of_the_scope(
    full: Book,
) -> None:
    pack = built("rep")
    assert pack.outlook.target == 5_000_000
    assert build("outsider").outlook.target is None
    with translation.override("en"):
        words = pack_words.write(pack)
    for block in words.blocks:
        assert block.caption.startswith("My deals · as known on Jun\u00a030, 2026 · ")
    assert [block.caption.rsplit(" · ", 1)[1] for block in words.blocks] == [
        "2026-06, 2026-Q2, 2026", "2026-Q2", "2026-Q2", "2026-Q1", "2026-Q2", "2026-Q2",
        "all open deals", "2026-Q2", "2026-Q2", "2026-Q1",
    ]  # fmt: skip


def test_the_tables_of_the_meeting_are_those_of_its_pages(full: Book) -> None:
    at, scope = company().today, scope_of("director")
    pack = built("director")
    period = pack.period
    assert pack.meeting.rolled == rollup(period, at, scope)
    assert pack.meeting.move == move_for(period, week_before(at), at, scope)
    assert pack.meeting.risks == risks_of(period, at, scope)
    with translation.override("en"):
        blocks = {block.title: block for block in pack_words.write(pack).blocks}
        sheets = dict(pack_meeting.sheets(pack))
    total = blocks["Roll-up"].groups[0].rows[0]
    assert total[0] == "Company"
    won = sheets["Roll-up"]
    row = dict(zip([column.name for column in won.columns], next(iter(won.rows)), strict=True))
    assert total[1] == formats.money(row["closed"], "EUR", 0, symbol=False)
    assert row["closed"] == pack.outlook.result.total.won_to_date
    assert "Value added 2026-Q1" in blocks
    assert set(sheets) >= {"Bridge", "Why the range moved", "Risks", "Track record"}


def test_who_sees_totals_gets_no_deals_no_acts_on_them_and_no_file(
    full: Book, as_user: AsUser
) -> None:
    text = as_user("viewer").get("/pack/").content.decode()
    assert "Roll-up" in text
    assert "What is done about risks" not in text
    assert "Retard" not in text and "Hidden" not in text
    assert "/pack/excel/" not in text
    assert as_user("viewer").get("/pack/excel/").status_code == 403
    answer = as_user("director").get("/pack/excel/")
    assert answer["Content-Disposition"].endswith("perilune-2026-Q2-2026-06-30.xlsx")


def test_a_past_day_gives_the_pack_of_that_day(full: Book) -> None:
    def open_value(day: date) -> int | float:
        at = AsOf.end_of(day, company().zone)
        rows = measure_rows(at, company().calendar.parse("2026-Q1"), By.TOTAL, scope_of("director"))
        return next(row.value or 0 for row in rows if row.measure == "open_value")

    pack = build("director", as_of=AsOf.end_of(date(2026, 3, 9), company().zone))
    shown = next(item.row.value for item in pack.measures if item.row.measure == "open_value")
    assert shown == open_value(date(2026, 3, 9))
    assert shown == open_value(date(2026, 3, 11)) - 20_000  # alpha: from 800 to 1,000 on 10 March


# -- mail ------------------------------------------------------------------------------------------


def test_a_rep_and_a_leader_get_their_own_pack_in_their_language_with_the_paper_attached(
    full: Book, sink: Sink, jobs_wired: None
) -> None:
    job = jobs.run_here("pack.send", {"recipients": ["rep", "sales_leader"]})
    assert (job.state, dict(job.result)) == (State.DONE, {"sent": 2, "kept": 0, "failed": 0})
    by_address = {str(mail["To"]): mail for mail in sink.messages}
    rep, leader = by_address["rep@acme.example"], by_address["sales_leader@acme.example"]
    assert (rep["Content-Language"], leader["Content-Language"]) == ("fr", "en")
    assert rep["Subject"] == "Acme · Dossier 2026-Q2"
    assert leader["Subject"] == "Acme · Pack 2026-Q2"
    for kind in ("plain", "html"):
        assert "Mes affaires · tel que connu le 30/06/2026" in part(rep, kind)
        assert "Principaux risques" in part(rep, kind) or "PRINCIPAUX RISQUES" in part(rep, kind)
        assert "as known on Jun\u00a030, 2026" in part(leader, kind)
        assert "Retard" in part(rep, kind) and "Hidden" not in part(rep, kind)
        assert "Retard" in part(leader, kind) and "Hidden" not in part(leader, kind)
    (pdf,) = list(rep.iter_attachments())
    assert pdf.get_content_type() == "application/pdf"
    assert pdf.get_filename() == "perilune-2026-Q2-2026-06-30.pdf"
    content = pdf.get_content()
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert b"/Lang (fr)" in content or b"/Lang(fr)" in content


def test_the_mail_says_exactly_what_the_queries_say(
    full: Book, sink: Sink, jobs_wired: None
) -> None:
    jobs.run_here("pack.send", {"recipients": ["rep"], "languages": {"rep": "en"}})
    (mail,) = sink.messages
    text, html = part(mail, "plain"), words_of_html(part(mail, "html"))
    at, scope = company().today, scope_of("rep")
    won = next(
        row.value
        for row in measure_rows(at, company().calendar.parse("2026-Q2"), By.TOTAL, scope)
        if row.measure == "won_amount"
    )
    assert won == 70_000
    with translation.override("en"):
        words = pack_words.write(built("rep"))
        assert formats.money(won, "EUR", 0) == "€700"
    assert "€700" in text and "€123,456" in text and "Target" in text and "€50,000" in text
    for block in words.blocks:
        for group in block.groups:
            for cell in (cell for row in group.rows for cell in row if cell):
                assert cell in text
                assert " ".join(cell.split()) in " ".join(html.split())


def test_without_a_mail_server_the_pack_is_kept_and_nothing_pretends_to_be_sent(
    full: Book, settings: Any, jobs_wired: None, as_user: AsUser
) -> None:
    settings.EMAIL_HOST = ""
    job = jobs.run_here("pack.send", {"recipients": ["rep"]})
    assert job.message.startswith("No mail server is set")
    assert dict(job.result) == {"sent": 0, "kept": 1, "failed": 0}
    assert not KeptPack.objects.filter(sent_at__isnull=False).exists()
    kept = KeptPack.objects.get(username="rep")
    text = as_user("rep").get(f"/pack/{kept.pk}/").content.decode()
    assert "Retard" in text and "Conservé ici" in text


def test_a_refused_address_fails_the_job_by_name_and_who_has_none_finds_the_pack_on_the_page(
    full: Book, sink: Sink, jobs_wired: None
) -> None:
    get_user_model().objects.filter(username="sales_leader").update(email="")
    job = jobs.run_here("pack.send", {"recipients": ["director", "rep", "sales_leader"]})
    assert job.state is State.FAILED
    assert "no such mailbox" in job.error % job.message_params
    assert [str(mail["To"]) for mail in sink.messages] == ["rep@acme.example"]
    assert KeptPack.objects.get(username="director").sent_at is None
    assert KeptPack.objects.get(username="sales_leader").sent_at is None


def test_a_step_that_is_repeated_sends_nothing_twice(full: Book, sink: Sink) -> None:
    first = pack_mail.JOB.step({"recipients": ["rep", "outsider"]}, {})
    for _attempt in range(2):
        pack_mail.JOB.step({"recipients": ["rep", "outsider"]}, first.cursor)
    assert len(sink.messages) == 1
    assert KeptPack.objects.filter(username="rep").count() == 1


def test_recipients_are_people_or_roles_each_once(full: Book) -> None:
    assert pack_mail.recipients(["rep", "rep"]) == ["rep"]  # a name that is also a role
    assert pack_mail.recipients(["director", "ops_director", "viewer"]) == ["director", "viewer"]
    get_user_model().objects.filter(username="viewer").update(is_active=False)
    assert pack_mail.recipients(["viewer"]) == []
    with pytest.raises(Invalid, match="nobody"):
        pack_mail.recipients(["nobody"])


# -- page and paper --------------------------------------------------------------------------------


def test_a_rep_opens_their_own_pack(full: Book, as_user: AsUser) -> None:
    text = as_user("rep").get("/pack/").content.decode()
    assert "Retard" in text and "Hidden" not in text


def test_the_page_shows_the_period_and_day_that_are_asked_for(full: Book, as_user: AsUser) -> None:
    text = as_user("director").get("/pack/?period=2026-Q1&as_of=2026-05-03").content.decode()
    assert "Pack 2026-Q1" in text and "as known on May\u00a03, 2026" in text
    assert "Hidden" in text
    assert as_user("director").get("/pack/?period=2026-Q9").status_code == 400


def test_the_page_gives_the_same_as_pdf(full: Book, as_user: AsUser) -> None:
    answer = as_user("sales_leader").get("/pack/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_nobody_opens_a_pack_that_was_kept_for_somebody_else(full: Book, as_user: AsUser) -> None:
    director = person_named("director")
    assert director is not None
    kept = pack_mail.keep(director, "token", "en")
    for address in (f"/pack/{kept.pk}/", f"/pack/{kept.pk}/pdf/"):
        assert as_user("rep").get(address).status_code == 404
        assert as_user("director").get(address).status_code == 200


def test_words_that_look_like_code_stay_words(full: Book, site_cast: Cast) -> None:
    name = '#eval("1") </style><script>alert(1)</script> *"{}'
    make_record(
        "opportunity",
        {"name": name, "owner_id": site_cast.organisation.rita, "amount": 777_700,
         "currency": "EUR", "stage_id": full.prospecting, "pipeline_id": full.pipeline,
         "close_date": "2026-06-01"},
    )  # fmt: skip
    store.refresh()
    with translation.override("fr"):
        words = pack_words.write(build("rep"))
    assert "<script>" not in pack_paper.as_html(words)
    assert name in pack_paper.as_text(words)
    assert pack_paper.as_pdf(words).startswith(b"%PDF-")
    assert css_text('a"</style>é') == r'"a\000022\00003c\00002fstyle\00003e\0000e9"'
