"""What SQLite writes by itself is what the history writes for the same rows."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune.history import queries as history
from perilune.history import service as history_service
from perilune.hub.engine import proof
from perilune.hub.service.applies import columns_of
from perilune.hub.service.applying import Applier
from perilune.hub.tests.test_proof import CLOCK, DEALS, OPPORTUNITY, STAGES

pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="PostgreSQL copies row by row"),
]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def _written(set_id: int) -> Any:
    rows = []
    for event in history.events_of_set(set_id):
        old = event.old if isinstance(event.old, dict) else {event.field: event.old}
        new = event.new if isinstance(event.new, dict) else {event.field: event.new}
        clear = tuple(
            tuple(sorted((n, v) for n, v in side.items() if v is not None)) for side in (old, new)
        )
        rows.append((event.record_id, event.known_at, event.field == "", clear[1]))
    return sorted(rows, key=repr)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(DEALS, TEXTS), min_size=1, max_size=4))
def test_both_ways_write_the_same_history_and_records(
    company: None, deals: list[tuple[dict[str, Any], str]]
) -> None:
    from django.db import transaction

    rows = [{**deal, "next_step": text or None, "currency": "EUR"} for deal, text in deals]
    with transaction.atomic():
        results = []
        for by_column in (True, False):
            ids = list(history_service.reserve_ids("opportunity", len(rows)))
            steps = proof.two_steps(
                proof.Rows(
                    "opportunity", [1] * len(rows), [f"k{i}" for i in range(len(rows))], ids,
                    [True] * len(rows), [7] * len(rows), {n: [r[n] for r in rows] for n in rows[0]},
                ),
                OPPORTUNITY, CLOCK, STAGES,
            )  # fmt: skip
            assert steps is not None
            set_id = history_service.bulk_open(
                source=f"s{by_column}", actor="t", purpose="import", title="", known_at=_now()
            )
            if by_column:
                new = columns_of(steps)
                assert history_service.bulk_can_take(new)
                history_service.bulk_append_columns(set_id, new)
            else:
                applier = Applier("s", CLOCK.as_of_us, 0, {}, {})
                batch = applier.batch("opportunity", proof.drafts_of(steps)).batch
                history_service.bulk_append(set_id, batch)
            history_service.bulk_complete(set_id)
            first = ids[0]
            model = history.model_of(OPPORTUNITY)
            results.append(
                (
                    [(i - first, at, born, new) for i, at, born, new in _written(set_id)],
                    [
                        {k: int(str(v)) - first if k == "id" else v for k, v in row.items()}
                        for row in model._default_manager.filter(id__in=ids).order_by("id").values()
                    ],
                    {
                        k: (i - first, d)
                        for k, (i, d) in history.identities(
                            f"s{by_column}", "opportunity", [f"k{n}" for n in range(len(rows))]
                        ).items()
                    },
                )
            )
        assert results[0] == results[1]
        transaction.set_rollback(True)


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime(2018, 1, 1, tzinfo=UTC)
