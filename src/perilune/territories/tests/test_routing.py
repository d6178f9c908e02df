"""Travel times from a routing server: asked in batches, again when busy, and never made up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from perilune.kernel.errors import Invalid, Unavailable
from perilune.territories.contracts.routing import Asked, Router, Server
from perilune.territories.service.routing import travel_times
from perilune.territories.tests.routing_server import Roads, km, rounded, routing_server

DAY = date(2026, 9, 1)
KINDS = pytest.mark.parametrize("kind", list(Router))


def some(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(44, 49, n), rng.uniform(0, 6, n)]).round(4)


def asked(server: Server, places: np.ndarray, centres: np.ndarray, waits: list[float]) -> Asked:
    ids = [f"A{i}" for i in range(len(places))]
    names = [f"C{a}" for a in range(len(centres))]
    return travel_times(server, places, centres, ids, names, DAY, sleep=waits.append)


@KINDS
@pytest.mark.parametrize("most", [0, 7])
def test_every_pair_is_asked_once_in_batches_within_the_limit(kind, most):
    roads, places, centres = Roads(), some(130), some(60, 1)
    roads.most = most or (100 if kind is Router.OSRM else 50)
    with routing_server(roads) as url:
        found = asked(Server(kind, url, most=most), places, centres, [])
    wanted = [[2 * km(rounded(*p), rounded(*c)) for c in centres] for p in places]
    assert found.minutes == pytest.approx(np.array(wanted), abs=0.01)
    assert found.questions == len(roads.asked)
    assert found.server == f"{kind.value.upper()} {url}"
    assert found.day == DAY
    assert not found.refused


@KINDS
def test_a_limit_below_ours_is_found_out(kind):
    roads, places = Roads(), some(30)
    roads.most = 9
    with routing_server(roads) as url:
        found = asked(Server(kind, url), places, some(12, 1), [])
    assert np.isfinite(found.minutes).all()


@KINDS
def test_what_no_road_leads_to_is_no_way_and_what_is_at_sea_is_named(kind):
    roads, places, centres = Roads(), some(40), some(3, 1)
    roads.island = {rounded(*places[5])}
    roads.at_sea = {rounded(*places[11]), rounded(*centres[2])}
    with routing_server(roads) as url:
        found = asked(Server(kind, url), places, centres, [])
    gone = ~np.isfinite(found.minutes)
    assert gone[5].all() and gone[11].all() and gone[:, 2].all()
    rest = np.delete(found.minutes[:, :2], [5, 11], axis=0)
    assert np.isfinite(rest).all()
    assert {one for one, __ in found.refused} == {"A11", "C2"}


@KINDS
def test_a_busy_server_is_asked_again_as_late_as_it_wants(kind):
    roads, waits = Roads(), list[float]()
    roads.busy = [503, 429]
    with routing_server(roads) as url:
        found = asked(Server(kind, url), some(3), some(2, 1), waits)
    assert np.isfinite(found.minutes).all()
    assert waits == [3.0, 3.0]


@KINDS
def test_a_server_that_stays_busy_is_silent_or_is_not_there_is_an_error_that_names_it(kind):
    roads = Roads()
    roads.busy = [503] * 4
    with routing_server(roads) as url:
        with pytest.raises(Unavailable, match="503"):
            asked(Server(kind, url), some(3), some(2, 1), [])
        roads.silent = 2.0
        with pytest.raises(Unavailable, match="timed out"):
            asked(Server(kind, url, timeout=0.1, attempts=1), some(3), some(2, 1), [])
    with pytest.raises(Unavailable, match=url):
        asked(Server(kind, url), some(3), some(2, 1), [])


@KINDS
def test_an_answer_that_is_no_table_is_not_taken_for_one(kind):
    roads = Roads()
    roads.broken = True
    with routing_server(roads) as url, pytest.raises(Unavailable, match="no table"):
        asked(Server(kind, url), some(3), some(2, 1), [])


@KINDS
def test_a_profile_that_the_server_does_not_have_is_refused_in_its_words(kind):
    roads = Roads()
    with routing_server(roads) as url:
        with pytest.raises(Unavailable, match=r"malformed|costing"):
            asked(Server(kind, url, profile="rocket"), some(3), some(2, 1), [])
        assert len(roads.asked) == 1
        other = "car" if kind is Router.OSRM else "truck"
        assert np.isfinite(
            asked(Server(kind, url, profile=other), some(3), some(2), []).minutes
        ).all()


def test_pairs_beyond_a_server_s_limit_ask_for_a_reach_and_with_it_are_no_way():
    roads, places, centres = Roads(), some(60), some(4, 1)
    roads.farthest = 200.0
    with routing_server(roads) as url:
        with pytest.raises(Unavailable, match="--reach"):
            asked(Server(Router.VALHALLA, url), places, centres, [])
        found = asked(Server(Router.VALHALLA, url, reach=199.0), places, centres, [])
    near = np.array([[km(rounded(*p), rounded(*c)) <= 199.0 for c in centres] for p in places])
    assert (np.isfinite(found.minutes) == near).all()


@pytest.mark.parametrize("url", ["localhost:5000", "ftp://here", "file:///etc/passwd",
                                 "http://me:secret@here"])  # fmt: skip
def test_an_address_that_is_none_is_refused_without_telling_a_password(url):
    with pytest.raises(Invalid) as told:
        asked(Server(Router.OSRM, url), some(2), some(1), [])
    assert "secret" not in str(told.value)
