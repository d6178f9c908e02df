"""Rules, scores and implied fields by pure functions: laws and golden numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.crm.contracts import KINDS
from perilune.hub.contracts.quality import Implied, QualityRule, QualityTest
from perilune.hub.engine.quality import forms
from perilune.hub.engine.quality.defaults import shipped
from perilune.hub.engine.quality.implied import clues, judged_by_others
from perilune.hub.engine.quality.rules import flaws, in_force
from perilune.hub.engine.quality.scoring import by_group, counts, score_of
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.store import queries as store

FIELDS = {kind.name: {item.name: item for item in kind.fields} for kind in KINDS}
OWNERS = {kind.name: kind.owner_field for kind in KINDS}
START = datetime(2026, 1, 1, tzinfo=UTC)


def ask(sql: str, text: str) -> Any:
    """Return what the store answers of `:text`."""
    at = AsOf.parse("2026-01-01T00:00:00+00:00", ZoneInfo("UTC"))
    found = store.run_sql(f"SELECT {sql} AS held", {"text": text}, scope=Scope.company(), as_of=at)
    return found.scalar()


# -- forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "text", "holds"),
    [
        ("siren", "732829320", True),  # INSEE's example of the key
        ("siren", "732 829 320", True),
        ("siren", "732829321", False),
        ("siret", "73282932000074", True),
        ("siret", "73282932000075", False),
        ("siret", "35600000049837", True),  # La Poste: the digits sum to a multiple of five
        ("vat", "FR 83 404 833 048", True),
        ("vat", "FR84404833048", False),
        ("vat", "DE123456789", True),
        ("vat", "FR83", False),
        ("vat", "404833048", False),
    ],
)
def test_a_number_holds_in_sql_exactly_where_its_key_does(
    db: None, form: str, text: str, holds: bool
) -> None:
    assert ask(getattr(forms, form)(":text"), text) is holds


def luhn(text: str) -> bool:
    """Return whether the key holds, written out as INSEE tells it."""
    doubled = [int(d) * (1 + at % 2) for at, d in enumerate(reversed(text))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def test_sql_and_the_key_written_out_agree_on_every_siren(db: None) -> None:
    rng = np.random.default_rng(1)
    texts = [str(n) for n in rng.integers(10_000_000, 999_999_999, 40)]
    holds = {text: len(text) == 9 and luhn(text) for text in texts}
    assert {text: ask(forms.siren(":text"), text) for text in texts} == holds
    assert any(holds.values())


@pytest.mark.parametrize(
    ("form", "text", "holds"),
    [
        (forms.EMAIL, "anne@example.com", True), (forms.EMAIL, "anne@example", False),
        (forms.EMAIL, "anne martin@example.com", False),
        (forms.PHONE, "+33 1 23 45 67 89", True), (forms.PHONE, "(212) 555-0100", True),
        (forms.PHONE, "call me", False), (forms.PHONE, "12345", False),
        (forms.URL, "https://www.example.com/a?b=c", True), (forms.URL, "example.com", True),
        (forms.URL, "no site", False),
        (forms.POSTCODES["FR"], "59 000", True), (forms.POSTCODES["FR"], "5900", False),
        (forms.POSTCODES["GB"], "SW1A 1AA", True), (forms.POSTCODES["GB"], "12345", False),
    ],
)  # fmt: skip
def test_a_text_has_a_form_or_not(db: None, form: str, text: str, holds: bool) -> None:
    assert ask(forms.matches(":text", form), text) is holds


# -- rules -----------------------------------------------------------------------------------------


def test_every_rule_that_ships_is_sound_and_has_a_key_of_its_own() -> None:
    rules = shipped()
    assert len({rule.key for rule in rules}) == len(rules)
    for rule in rules:
        assert not flaws(rule, FIELDS[rule.kind], (), OWNERS[rule.kind]), rule.key


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"field": "nothing"}, "field"), ({"test": QualityTest.EMAIL}, "field"),
        ({"weight": 0}, "weight"), ({"weight": 11}, "weight"), ({"key": "Not a key"}, "key"),
        ({"stage": "7"}, "stage"), ({"test": QualityTest.BETWEEN}, "least"),
        ({"test": QualityTest.BETWEEN, "least": 2.0, "most": 1.0}, "most"),
        ({"test": QualityTest.STALE, "days": 0}, "days"), ({"kind": "quota"}, "kind"),
        ({"test": QualityTest.SIRET_SIREN}, "kind"),
        ({"active_from": date(2026, 2, 1), "active_until": date(2026, 1, 1)}, "active_until"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_named_by_its_field(change: dict[str, Any], field: str) -> None:
    rule = replace(QualityRule("one", "opportunity", QualityTest.FILLED, "amount"), **change)
    assert field in {one.field for one in flaws(rule, FIELDS["opportunity"], (1, 2), "owner_id")}


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(0, 70))
def test_the_latest_version_before_an_instant_is_in_force(days: list[int], asked: int) -> None:
    base = QualityRule("one", "lead", QualityTest.OWNED, "owner_id")
    made = [
        replace(base, version=number, at=START + timedelta(days=day))
        for number, day in enumerate(sorted(days), 1)
    ]
    at = START + timedelta(days=asked)
    found = in_force([base, *made], at, at.date())
    assert [one.version for one in found] == [sum(day <= asked for day in days)]


# -- scores ----------------------------------------------------------------------------------------

MASKS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7)), max_size=30)


@given(MASKS)
def test_groups_sum_to_the_whole(rows: list[tuple[int, int]]) -> None:
    groups = np.array([group for group, _mask in rows], dtype=np.int64)
    masks = np.array([mask for _group, mask in rows], dtype=np.int64)
    assert by_group(groups, masks, 3, 4).sum(axis=0).tolist() == counts(masks, 3).tolist()


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(0, 99), st.integers(0, 99)), min_size=1))
def test_mending_a_row_never_lowers_a_score(parts: list[tuple[int, int, int]]) -> None:
    checked = np.array([n + bad for _w, n, bad in parts])
    broken = np.array([bad for _w, _n, bad in parts])
    weights = [weight for weight, _n, _bad in parts]
    before = score_of(checked, broken, weights).share
    mended = broken.copy()
    mended[mended.argmax()] = max(0, mended.max() - 1)
    after = score_of(checked, mended, weights).share
    if before is not None and after is not None:
        assert 0 <= before <= after <= 1
    with pytest.raises(ValueError, match="more records"):
        score_of(checked, checked + 1, weights)


# -- implied fields --------------------------------------------------------------------------------


def test_a_copy_a_lookup_and_what_says_something_of_its_own_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    code = [str(n) for n in rng.integers(0, 8, 400)]
    area = ["north" if n in "0123" else "south" for n in code]
    fields = {"code": list(code), "area": area, "free": [str(n) for n in rng.integers(0, 9, 400)]}
    fields["code"][5] = "9"  # one exception does not make it less of a copy
    others = {"twin": code, **fields}
    found = clues(fields, others, dict.fromkeys([*fields, "twin"], "text"))
    assert [(one.field, one.how, one.by) for one in found] == [
        ("code", Implied.COPY, "twin"), ("area", Implied.LOOKUP, "twin"),
    ]  # fmt: skip


def test_a_key_that_stands_alone_proves_nothing() -> None:
    values, keys = np.arange(50) % 7, np.arange(50)
    assert judged_by_others(values, keys) == (0, 0)
    assert not clues(
        {"a": values.tolist()}, {"id": [f"k{n}" for n in keys]}, {"a": "text", "id": "text"}
    )
