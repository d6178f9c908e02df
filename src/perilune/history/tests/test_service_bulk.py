"""Large sets: invisible until complete, undone after a crash, remembered per source."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history import queries, service
from perilune.history.contracts import DELETED, Batch, Creation, Sent, Update, to_us
from perilune.history.models import Change, Identity
from perilune.kernel.wiring import KINDS

pytestmark = pytest.mark.django_db(databases=["default", "queue"])

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def _accounts() -> QuerySet[Any]:
    return queries.model_of(KINDS.get("account"))._default_manager.all()


def us(days: int) -> int:
    return to_us(T0 + timedelta(days=days))


def opened(source: str = "crm") -> int:
    return service.bulk_open(
        source=source, actor="anne", purpose="import", title="accounts.csv", known_at=T0
    )


def born(key: str, **values: str) -> tuple[int, Creation]:
    record = service.reserve_ids("account", 1)[0]
    return record, Creation(record, us(0), {"name": key} | values, key=key, digest=1)


def test_nothing_of_an_incomplete_set_is_seen() -> None:
    record, creation = born("Acme")
    running = opened()
    service.bulk_append(running, Batch("account", [creation]))
    assert queries.state_as_of("account", record) is None
    assert queries.identities("crm", "account", ["Acme"]) == {}
    assert queries.identities("crm", "account", ["Acme"], also=running) == {"Acme": (record, 1)}
    service.bulk_complete(running)
    assert queries.state_as_of("account", record) is not None
    assert queries.identities("crm", "account", ["Acme"]) == {"Acme": (record, 1)}


def test_an_unfinished_set_is_undone_to_the_last_row() -> None:
    record, creation = born("Acme", city="Lyon")
    first = opened()
    service.bulk_append(first, Batch("account", [creation]))
    service.bulk_complete(first)
    other, second_creation = born("Other")
    crashed = opened()
    service.bulk_append(
        crashed,
        Batch(
            "account",
            [second_creation],
            [Update(record, us(1), "city", "Lyon", "Paris")],
            [Sent("Acme", record, 2, {"name": "Acme", "city": "Paris"})],
        ),
    )
    service.bulk_undo(crashed)
    assert Change.objects.filter(change_set_id=crashed).count() == 0
    assert Identity.objects.count() == 1
    assert not _accounts().filter(id=other).exists()
    assert _accounts().get(id=record).city == "Lyon"
    assert queries.last_sent("crm", "account", [record])[record]["city"] == "Lyon"


def test_a_rollback_also_forgets_what_the_source_said_in_that_set() -> None:
    record, creation = born("Acme", city="Lyon")
    first, second = opened(), opened()
    service.bulk_append(first, Batch("account", [creation]))
    service.bulk_complete(first)
    service.bulk_append(
        second,
        Batch(
            "account",
            updates=[Update(record, us(1), "city", "Lyon", "Paris")],
            sent=[Sent("Acme", record, 2, {"name": "Acme", "city": "Paris"})],
        ),
    )
    service.bulk_complete(second)
    assert queries.identities("crm", "account", ["Acme"])["Acme"] == (record, 2)
    service.retract(second, "anne")
    assert queries.identities("crm", "account", ["Acme"])["Acme"] == (record, 1)
    assert queries.last_sent("crm", "account", [record])[record] == {"name": "Acme", "city": "Lyon"}


def test_completing_twice_tells_the_store_once() -> None:
    running = opened()
    service.bulk_complete(running)
    number = queries.last_event()
    service.bulk_complete(running)
    assert queries.last_event() == number


def test_the_store_is_told_which_records_were_touched() -> None:
    service.bulk_complete(opened())
    before = queries.last_event()
    record, creation = born("Acme")
    running = opened()
    service.bulk_append(running, Batch("account", [creation]))
    assert queries.touched("account", before) == ([], before)
    service.bulk_complete(running)
    assert queries.touched("account", before) == ([record], before + 1)
    assert queries.touched("account", 0) == (None, before + 1)
    assert queries.touched("contact", queries.last_event()) == ([], queries.last_event())


steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 20),
        st.sampled_from(["city", "industry", DELETED]),
        st.sampled_from(["a", "b", None]),
        st.sampled_from(["complete", "undo", "retract"]),
    ),
    max_size=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_the_record_table_is_the_history_as_it_stands(
    script: list[tuple[int, int, str, str | None, str]],
) -> None:
    births = [born(f"n{i}") for i in range(3)]
    first = opened()
    service.bulk_append(first, Batch("account", [creation for _, creation in births]))
    service.bulk_complete(first)
    for which, day, name, value, end in script:
        record = births[which][0]
        new = value is not None if name == DELETED else value
        running = opened()
        service.bulk_append(
            running, Batch("account", updates=[Update(record, us(day), name, None, new)])
        )
        if end == "undo":
            service.bulk_undo(running)
            continue
        service.bulk_complete(running)
        if end == "retract":
            service.retract(running, "anne")
    ids = [record for record, _ in births]
    standing = queries.states_as_of("account", ids)
    table = {row.id: (row.city, row.industry) for row in _accounts().filter(id__in=ids)}
    assert table == {key: (row["city"], row["industry"]) for key, row in standing.items()}
