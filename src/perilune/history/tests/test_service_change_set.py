"""Small change sets: edit, delete, roll back, ask again as of then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from perilune.history import queries, service
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.kinds import FieldType
from perilune.kernel.wiring import KINDS

pytestmark = pytest.mark.django_db(databases=["default", "queue"])

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def _accounts() -> QuerySet[Any]:
    return queries.model_of(KINDS.get("account"))._default_manager.all()


def at(days: int) -> datetime:
    return T0 + timedelta(days=days)


def create(**values: object) -> int:
    with service.change_set(actor="anne", known_at=T0) as writer:
        return writer.create("account", {"name": "Acme"} | values)


def change(account: int, days: int, **values: object) -> int:
    with service.change_set(actor="anne", known_at=at(days)) as writer:
        writer.change("account", account, values)
        return writer.id


def city(account: int, days: int | None = None) -> object:
    state = queries.state_as_of("account", account, None if days is None else at(days))
    return state and state["city"]


def test_a_record_is_asked_as_of_any_instant() -> None:
    account = create(city="Lyon")
    change(account, 10, city="Paris")
    assert city(account, -1) is None
    assert [city(account, days) for days in (0, 9, 10)] == ["Lyon", "Lyon", "Paris"]


def test_only_real_changes_are_written() -> None:
    account = create(city="Lyon")
    change(account, 1, city="Lyon", country=None)
    assert [event.field for event in queries.timeline("account", account)] == [""]


def test_a_rollback_hides_the_set_and_keeps_later_edits_as_conflicts() -> None:
    account = create(city="Lyon")
    wrong = change(account, 1, city="Pairs", industry="software")
    change(account, 2, city="Paris")
    done = service.retract(wrong, "anne")
    assert city(account) == "Paris"
    assert city(account, 1) == "Lyon"
    state = queries.state_as_of("account", account)
    assert state is not None and state["industry"] is None
    assert [(c.field, c.kept) for c in done.conflicts] == [("city", "Paris")]
    assert _accounts().get(id=account).industry is None


def test_what_this_installation_held_then_counts_sets_as_they_stood() -> None:
    account = create(city="Lyon")
    wrong = change(account, 1, city="Pairs")
    before = datetime.now(UTC)
    service.retract(wrong, "anne")
    held = queries.state_as_of("account", account, at(5), recorded_by=before)
    assert held is not None and held["city"] == "Pairs"
    assert city(account, 5) == "Lyon"


def test_the_audit_still_shows_a_retracted_set() -> None:
    account = create()
    wrong = change(account, 1, city="Pairs")
    service.retract(wrong, "anne")
    assert len(queries.timeline("account", account)) == 1
    assert len(queries.timeline("account", account, with_retracted=True)) == 2
    info = queries.set_info(wrong)
    assert info is not None and info.retracted_by == "anne"


def test_a_deleted_record_is_gone_from_then_on_and_can_come_back() -> None:
    account = create(city="Lyon")
    with service.change_set(actor="anne", known_at=at(5)) as writer:
        writer.delete("account", account)
    assert city(account) is None and city(account, 4) == "Lyon"
    assert not _accounts().filter(id=account).exists()
    with service.change_set(actor="anne", known_at=at(6)) as writer:
        writer.restore("account", account)
    assert city(account) == "Lyon"


def test_a_set_that_fails_writes_nothing() -> None:
    account = create(city="Lyon")
    with pytest.raises(NotFound), service.change_set(actor="anne") as writer:
        writer.change("account", account, {"city": "Paris"})
        writer.change("account", account, {"colour": "red"})
    assert city(account) == "Lyon"
    assert service.unfinished_sets() == []


def test_dates_and_money_come_back_as_they_went_in() -> None:
    with service.change_set(actor="anne", known_at=T0) as writer:
        deal = writer.create(
            "opportunity", {"name": "D", "amount": 123_45, "close_date": date(2026, 3, 31)}
        )
    state = queries.state_as_of("opportunity", deal)
    assert state is not None
    assert (state["amount"], state["close_date"]) == (12345, date(2026, 3, 31))


def test_a_custom_field_is_tracked_like_any_other() -> None:
    service.custom_field_add("account", "tier", "Tier", FieldType.TEXT)
    account = create()
    change(account, 3, x_tier="gold")
    state = queries.state_as_of("account", account, at(3))
    assert state is not None and state["x_tier"] == "gold"
    assert _accounts().get(id=account).custom == {"x_tier": "gold"}
    with pytest.raises(Invalid):
        service.custom_field_add("account", "tier", "Tier", FieldType.TEXT)


def test_a_change_of_a_record_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound), service.change_set(actor="anne") as writer:
        writer.change("account", 999_999, {"city": "Paris"})
