"""Overlays apart, quotas by a stated mix of bases, targets by account: exact, seen, taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.queries import company, target
from perilune.people.service import note_import
from perilune.people.testing import Cast, login, make_assignment, make_rep
from perilune.planning import queries, service
from perilune.planning.contracts import COMPANY, Level, Place
from perilune.planning.engine.account_targets import by_holder, by_month, over_accounts
from perilune.planning.engine.mixing import mixed
from perilune.planning.queries.account_targets import account_targets, bottom_up
from perilune.planning.queries.plans import seen_units
from perilune.planning.queries.quota_bases import mixed_plan
from perilune.planning.tests.conftest import sheet_of
from perilune.store import service as store

ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
NEW_YEAR = date(2026, 1, 1)
KNOWN = datetime(2023, 1, 2, tzinfo=UTC)


def content(plan: int) -> Any:
    return queries.loaded_plan(plan).content


def edition(plan: int) -> int:
    return queries.loaded_plan(plan).head.edition


def is_exact(plan: int) -> bool:
    found = queries.loaded_plan(plan)
    proof = queries.proof(found.head, found.content)
    return bool(proof) and not any(one.difference for one in proof)


@pytest.fixture
@made_once
def apart(sold: Cast) -> tuple[int, int]:
    """A reconciled plan of 2026, and Otto, who has an overlay seat in Team North."""
    otto = make_rep("Otto")
    make_assignment(otto, sold.organisation.north, role="overlay")
    made = service.create_plan("2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.0), **BY)
    service.reconcile(made, edition(made), **BY)
    return made, otto


@pytest.mark.django_db
def test_an_overlay_carries_a_quota_that_enters_no_sum_and_is_written_on_the_day(
    apart: tuple[int, int],
) -> None:
    plan, otto = apart
    unit, before = f"overlay:{otto}", content(plan)
    assert before.units[unit].is_apart and unit not in before.children[COMPANY]
    places = {Place(Level.STREET, unit, month): 5_000_00 for month in range(1, 13)}
    service.set_cells(plan, edition(plan), places, **BY)
    service.reconcile(plan, edition(plan), **BY)
    after = content(plan)
    assert after.year(Level.STREET, unit) == 60_000_00
    assert after.year(Level.STREET, COMPANY) == before.year(Level.STREET, COMPANY)
    assert is_exact(plan)
    assert unit in seen_units(after, Scope("own", owners=frozenset({otto})))
    service.submit_plan(plan, edition(plan), **BY)
    service.approve_plan(plan, edition(plan), **OTHER)
    service.publish_plan(plan, edition(plan), NEW_YEAR, **OTHER)
    note_import(NEW_YEAR)
    service.activate_plans()
    year = company().calendar.parse("2026")
    own = target(year, company().today, rep_id=otto)
    whole = target(year, company().today, level="street")
    assert own is not None and own.minor == 60_000_00
    assert whole is not None and whole.minor == after.year(Level.STREET, COMPANY)


# -- account targets -------------------------------------------------------------------------------


@pytest.mark.engine
@given(
    st.lists(st.integers(0, 10**13), min_size=1, max_size=6),
    st.lists(st.integers(1, 9), min_size=12, max_size=12),
    st.integers(0, 2**16),
)
def test_targets_of_accounts_sum_to_the_cent_by_month_holder_and_quota(minor, season, seed) -> None:
    rng = np.random.default_rng(seed)
    typed = np.array(minor, np.int64)
    months = by_month(typed, season)
    assert (months >= 0).all() and months.sum(axis=1).tolist() == minor
    holder = rng.integers(0, 3, (len(minor), 12))
    reps, sums = by_holder(months, holder)
    assert sums.sum() == typed.sum() and set(reps.tolist()) <= {0, 1, 2}
    typed[rng.random(len(minor)) < 0.5] = -1
    weight = np.where(rng.random(len(minor)) < 0.3, np.nan, rng.random(len(minor)))
    quota = {1: int(rng.integers(0, 10**12)), 2: 7}
    made = over_accounts(typed, season, holder, weight, quota)
    # what accounts carry and what is left of the quotas is the quotas; nobody's months carry none
    assert made.minor[made.minor >= 0].sum() + sum(made.left.values()) == sum(quota.values())
    whole = (typed >= 0) & (holder != 0).all(axis=1)
    assert (made.minor[whole] == typed[whole]).all(), "inputs are kept"


@pytest.mark.engine
def test_a_mix_counts_shares_in_their_parts_and_the_unknown_not_at_all() -> None:
    nan = float("nan")
    values = np.array([[30.0, 10.0, 20.0], [1.0, 3.0, nan], [0.0, 0.0, 0.0]])
    # history 1.5, 0.5, 1; potential 0.5, 1.5, unknown; a basis of zeros says nothing
    assert mixed(values, np.array([1.0, 1.0, 5.0])).tolist() == [1.0, 1.0, 1.0]
    assert mixed(values, np.array([3.0, 1.0, 0.0])).tolist() == [1.25, 0.75, 1.0]
    assert mixed(values, np.array([0.0, 0.0, 1.0])).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.engine
def test_fifty_thousand_account_targets_are_reconciled_in_under_two_seconds() -> None:
    rng = np.random.default_rng(1)
    count, reps = 50_000, 500
    typed = rng.integers(0, 10**8, count)
    typed[rng.random(count) < 0.3] = -1
    holder = np.repeat(rng.integers(1, reps + 1, (count, 1)), 12, axis=1)
    holder[:5000, 6:] = rng.integers(1, reps + 1, (5000, 1))
    quota = dict.fromkeys(range(1, reps + 1), 10**10)
    begins = process_time()
    made = over_accounts(typed, [1.0] * 12, holder, rng.gamma(1, 1e7, count), quota)
    assert process_time() - begins < 2
    assert made.minor.sum() == reps * 10**10 and not made.left


@pytest.fixture
@made_once
def based(sold: Cast) -> int:
    """Accounts of Rita (1,000,000 and 500,000), Rolf (100,000) and Sara (2,000,000 and unknown)."""
    org = sold.organisation
    worth = {"Alto": ("rita", 1_000_000), "Brio": ("rita", 500_000), "Coda": ("rolf", 100_000),
             "Duo": ("sara", 2_000_000), "Encore": ("sara", None)}  # fmt: skip
    with change_set(actor="test", title="accounts", known_at=KNOWN) as w:
        for name, (rep, euros) in worth.items():
            values = {"name": name, "currency": "EUR", "owner_id": getattr(org, rep)}
            w.create("account", values | ({"annual_revenue": euros * 100} if euros else {}))
    store.refresh()
    service.choose_potential("annual_revenue", **BY)
    made = service.create_plan("2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.0), **BY)
    service.reconcile(made, edition(made), **BY)
    return made


def accounts(plan: int) -> Any:
    view = queries.plan(plan, ALL, "director")
    return account_targets(view, ALL, company().today)


def ids(plan: int) -> dict[str, int]:
    return {row.name: row.account for row in accounts(plan).rows}


@pytest.mark.django_db
def test_account_targets_are_kept_the_rest_of_a_quota_shared_out_and_above_potential_named(
    based: int, sold: Cast
) -> None:
    org, named = sold.organisation, ids(based)
    amounts = {named["Alto"]: 30_000_00, named["Coda"]: 100_000_01}
    assert service.set_account_targets(based, edition(based), amounts, **BY) == 2
    found = accounts(based)
    by_name = {row.name: row for row in found.rows}
    quota = content(based).year(Level.STREET, f"rep:{org.rita}")
    assert by_name["Alto"].shared == 30_000_00
    assert by_name["Brio"].shared == quota - 30_000_00, "the remainder, to the cent"
    assert by_name["Coda"].is_above and not by_name["Alto"].is_above
    # Rolf has no account left to take the rest of his quota
    assert found.left[org.rolf] == content(based).year(Level.STREET, f"rep:{org.rolf}") - 100_000_01
    assert sum(found.by_rep[org.rita]) == 30_000_00
    sums = {row.unit: row for row in bottom_up(content(based), found)}
    assert sums[COMPANY].targets == 130_000_01
    assert sums[COMPANY].targets_gap == 130_000_01 - content(based).year(Level.OPERATING, COMPANY)
    assert sums[f"team:{org.south}"].targets is None
    service.undo_plan(based, edition(based), **BY)
    assert content(based).accounts == {}
    with pytest.raises(Invalid, match="negative"):
        service.set_account_targets(based, edition(based), {named["Alto"]: -1}, **BY)


@pytest.mark.django_db
def test_the_rep_whose_territory_holds_an_account_in_a_month_has_that_months_target(
    based: int, sold: Cast
) -> None:
    org, named = sold.organisation, ids(based)
    with change_set(actor="test", title="territory", known_at=KNOWN) as w:
        east = w.create("territory", {"name": "East", "effective_from": date(2026, 7, 1)})
        seat = {"territory_id": east, "rep_id": org.sara, "role": "owner"}
        w.create("territory_seat", {**seat, "effective_from": date(2026, 7, 1)})
        place = {"territory_id": east, "account_id": named["Alto"]}
        w.create("territory_account", {**place, "effective_from": date(2026, 7, 1)})
    store.refresh()
    service.set_account_targets(based, edition(based), {named["Alto"]: 120_000_00}, **BY)
    found = accounts(based)
    rita, sara = found.by_rep[org.rita], found.by_rep[org.sara]
    assert all(rita[:6]) and not any(rita[6:]) and not any(sara[:6]) and all(sara[6:])
    assert sum(rita) + sum(sara) == 120_000_00


@pytest.mark.django_db
def test_quotas_rest_on_a_stated_mix_typed_ones_kept_in_one_edition(based: int, sold: Cast) -> None:
    org = sold.organisation
    rita, rolf, sara = (f"rep:{one}" for one in (org.rita, org.rolf, org.sara))
    before = content(based)
    same = mixed_plan(before, {}, company().calendar.year(2026), ALL, company().today)
    assert same.content == before, "history alone is what a plan begins with"
    by_unit = {row.unit: row for row in same.rows}
    assert by_unit[rita].minor["potential"] == 1_500_000_00
    assert (by_unit[sara].accounts, by_unit[rolf].minor["accounts"]) == (2, None)
    places = {Place(Level.STREET, rolf, 1): 1_234_56}
    service.set_cells(based, edition(based), places, **BY)
    was = edition(based)
    assert service.set_bases(based, was, {"history": 1, "potential": 3}, **BY) == ()
    after = content(based)
    assert edition(based) == was + 1
    assert after.mix == {"history": 1.0, "potential": 3.0}
    assert after.amount(Level.STREET, rolf, 1) == 1_234_56
    # Rolf booked half of what Rita did and holds a fifteenth of her potential
    assert after.year(Level.STREET, rolf) < before.year(Level.STREET, rolf)
    assert after.year(Level.STREET, COMPANY) == before.year(Level.STREET, COMPANY)
    assert is_exact(based)
    service.undo_plan(based, edition(based), **BY)
    assert content(based).mix == {} and content(based).units == before.units
    with pytest.raises(Invalid, match="At least one basis"):
        service.set_bases(based, edition(based), {"history": 0}, **BY)


@pytest.mark.django_db
def test_a_sheet_of_account_targets_is_taken_whole_or_refused_by_its_cells(
    based: int, tmp_path: Path
) -> None:
    good = sheet_of(tmp_path / "good.xlsx", [["Compte", "Objectif"], ["Alto", 1000.5],
                                             ["Brio", "2 000,00"]])  # fmt: skip
    assert service.read_account_targets(based, edition(based), good, "good.xlsx", **BY) == 2
    kept = content(based).accounts
    assert sorted(kept.values()) == [1_000_50, 2_000_00]
    bad = sheet_of(tmp_path / "bad.xlsx", [["Account", "Target"], ["Nobody", 1], ["Alto", -5]])
    with pytest.raises(Invalid) as wrong:
        service.read_account_targets(based, edition(based), bad, "bad.xlsx", **BY)
    assert [one.field for one in wrong.value.problems] == ["A2", "B3"]
    assert content(based).accounts == kept


# -- pages -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_targets_are_typed_sent_as_the_sheet_that_left_and_the_mix_is_previewed_and_taken(
    based: int, sold: Cast, client: Client, tmp_path: Path
) -> None:
    login(client, "director")
    page, named = f"/plan/{based}/accounts/", ids(based)
    assert "No account has a target yet" in client.get(page).content.decode()
    typed = {f"account|{named['Coda']}": "250 000", "edition": edition(based)}
    assert client.post(f"{page}save/", typed).status_code == 302
    assert content(based).accounts == {named["Coda"]: 250_000_00}
    shown = client.get(f"{page}?rep={sold.organisation.rolf}").content.decode()
    assert "target above potential" in shown and "Coda" in shown and "Duo" not in shown
    out = tmp_path / "out.xlsx"
    sent = client.get(f"/plan/{based}/tables/accounts.xlsx")
    out.write_bytes(b"".join(sent) if sent.streaming else sent.content)
    with out.open("rb") as file:
        back = client.post(f"{page}sheet/", {"file": file, "edition": edition(based)})
    assert back.status_code == 302 and content(based).accounts == {named["Coda"]: 250_000_00}
    asked = f"/plan/{based}/bases/?history=1&accounts=1"
    before = edition(based)
    preview = client.get(asked).content.decode()
    assert "Account targets 50" in preview and edition(based) == before
    taken = client.post(f"/plan/{based}/bases/", {"history": "1", "accounts": "1",
                                                  "edition": before})  # fmt: skip
    assert taken.status_code == 302 and content(based).mix == {"history": 1.0, "accounts": 1.0}
    assert is_exact(based)
