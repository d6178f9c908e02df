"""The company's today: decision 8, over any sequence of imports, edits and rollbacks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.hub import service
from perilune.hub.service import common as runs
from perilune.hub.testing import imported, write
from perilune.kernel.memo import forget
from perilune.people import service as people
from perilune.people.queries import company as the_company
from perilune.people.queries import writing_time

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
OLD, OLDER = date(2024, 5, 31), date(2024, 3, 31)


def _clock() -> date:
    return datetime.now(UTC).astimezone(the_company().zone).date()


def _import(folder: Path, name: str, day: date | None) -> int:
    text = f"Id,Account Name,Industry\n{name}1,Acme {name},Retail\n"
    return imported(write(folder, f"{name}.csv", text), source=name, as_of=day).id


def _edit() -> None:
    record = next(iter(history.states_as_of("account", None)))
    value = {"industry": f"i{datetime.now(UTC).timestamp()}"}
    with history_service.change_set(actor="anne", known_at=writing_time()) as writing:
        writing.change("account", record, value)


def test_an_older_file_leaves_a_company_in_use_at_the_real_today(
    company: None, tmp_path: Path
) -> None:
    _import(tmp_path, "crm", None)
    _import(tmp_path, "attic", OLD)
    assert the_company().today.day == _clock()
    assert not the_company().is_archive


def test_an_older_file_leaves_an_archive_at_its_latest_day(company: None, tmp_path: Path) -> None:
    _import(tmp_path, "crm", OLD)
    _import(tmp_path, "attic", OLDER)
    assert the_company().today.day == OLD
    assert the_company().is_archive


def test_an_edit_made_at_the_real_time_keeps_a_company_there(company: None, tmp_path: Path) -> None:
    people.rep_hire("Anna", actor="anne", hire_date=date(2024, 1, 1))
    _import(tmp_path, "attic", OLD)
    assert the_company().today.day == _clock()


def test_an_edit_in_an_archive_does_not_move_it_to_the_present(
    company: None, tmp_path: Path
) -> None:
    _import(tmp_path, "crm", OLD)
    _edit()
    _import(tmp_path, "attic", OLDER)
    assert the_company().today.day == OLD


def test_what_was_rolled_back_does_not_count(company: None, tmp_path: Path) -> None:
    _import(tmp_path, "attic", OLDER)
    run = _import(tmp_path, "crm", OLD)
    live = _import(tmp_path, "live", None)
    service.import_rollback(live, actor="anne")
    assert the_company().today.day == OLD
    service.import_rollback(run, actor="anne")
    assert the_company().today.day == OLDER


def test_a_home_that_was_set_back_is_set_right_at_the_next_start(
    company: None, tmp_path: Path
) -> None:
    _import(tmp_path, "crm", None)
    people.note_import(OLD)
    service.recover()
    assert the_company().today.day == _clock()


@pytest.mark.parametrize(("language", "words"), [("en", "Data stand at"), ("fr", "Données au")])
def test_every_page_says_at_which_day_the_data_stand(
    company: None, tmp_path: Path, language: str, words: str
) -> None:
    people.user_add(
        "anne", "analyst", password="a-long-password-1", check_password=False, language=language
    )
    client = Client()
    client.login(username="anne", password="a-long-password-1")
    assert words not in client.get("/data/").content.decode()
    _import(tmp_path, "crm", OLD)
    page = client.get("/data/").content.decode()
    assert words in page and "bar-past" in page


@pytest.fixture
def folder(company: None, tmp_path: Path) -> Path:
    return tmp_path


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.integers(0, 400)),
        st.tuples(st.just("edit"), st.just(0)),
        st.tuples(st.just("rollback"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_today_never_goes_back_but_by_a_rollback_and_no_edit_lies_ahead_of_it(
    folder: Path, steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        done: list[int] = []
        for number, (what, value) in enumerate(steps):
            forget()
            before = the_company().today.day
            if what == "import":
                # 0: a live export; else one of so many days ago
                day = _clock() - timedelta(days=value) if value else None
                done.append(_import(folder, f"s{number}", day))
                if len(done) > 1:
                    assert the_company().today.day >= before
            elif what == "edit" and done:
                _edit()
            elif what == "rollback" and done:
                service.import_rollback(done.pop(value % len(done)), actor="anne")
            last, _is_live = history.edits_made_here()
            assert last is None or last <= the_company().today.at
            if not history.states_as_of("account", None):
                break
        transaction.set_rollback(True)
    runs.LIVE.clear()
    forget()
