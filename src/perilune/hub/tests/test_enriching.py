"""Enrichment: registers, tables and services say something, people accept it, the source stands."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.history.service import change_set
from perilune.hub.contracts.enriching import Answer, Policy, ServiceSettings, Subject
from perilune.hub.contracts.mending import Spelling, Sure
from perilune.hub.engine.enriching.weighing import offers
from perilune.hub.models import Provider, RepairProposal
from perilune.hub.queries import mending as queries
from perilune.hub.queries.enriching import provider
from perilune.hub.service import enriching, mending
from perilune.hub.service.enriching.calling import ServiceSource
from perilune.hub.testing import write
from perilune.kernel.errors import Invalid, Refused, Unavailable
from perilune.privacy.testing import erased

pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.usefixtures("company"),
]
SITES = (
    "siren,nic,siret,etablissementSiege,numeroVoieEtablissement,typeVoieEtablissement,"
    "libelleVoieEtablissement,codePostalEtablissement,libelleCommuneEtablissement,"
    "activitePrincipaleEtablissement,dateDernierTraitementEtablissement,enseigne1Etablissement\n"
    "552100554,00013,55210055400013,true,12,RUE,VOLTAIRE,69003,LYON,62.01Z,2026-03-01T10:00:00,\n"
    "552100554,00021,55210055400021,false,1,QUAI,RAMBAUD,69002,LYON,47.11Z,2026-03-02T10:00:00,\n"
)
UNITS = (
    "siren,denominationUniteLegale,activitePrincipaleUniteLegale,trancheEffectifsUniteLegale,"
    "dateCreationUniteLegale,dateDernierTraitementUniteLegale\n"
    "552100554,DUPONT ET FILS,62.01Z,12,1955-01-01,2026-02-01T00:00:00\n"
    "404833048,AUTRE SOCIETE,70.10Z,NN,,\n"
)


def create(kind: str = "account", **values: Any) -> int:
    with change_set(actor="ana") as writer:
        return writer.create(kind, values)


def proposed(origin: str) -> dict[tuple[int, str], Any]:
    return {
        (row.record_id, row.field): row.new
        for row in queries.rows("account", "enriched", origin, limit=None)
    }


# -- registers and tables --------------------------------------------------------------------------


def test_the_register_fills_a_company_and_a_site_by_their_exact_numbers(tmp_path: Path) -> None:
    seat = create(name="Dupont", siren="552 100 554")
    site = create(name="Dupont Rambaud", siret="55210055400021", city="Lyon")
    other = create(name="Nobody", siren="111111111")
    write(tmp_path, "StockUniteLegale.csv", UNITS)
    write(tmp_path, "StockEtablissement.csv", SITES)
    enriching.provider_set("sirene", actor="ana")
    done = enriching.enrich("sirene", tmp_path)
    found = proposed("sirene")
    assert {name: value for (one, name), value in found.items() if one == seat} == {
        "siret": "55210055400013", "street": "12 RUE VOLTAIRE", "postcode": "69003",
        "city": "LYON", "country": "France", "naf": "62.01Z", "headcount_band": "20-49",
        "founded_year": 1955,
    }  # fmt: skip
    of_site = {name: value for (one, name), value in found.items() if one == site}
    assert (of_site["street"], of_site["naf"]) == ("1 QUAI RAMBAUD", "47.11Z")
    assert "city" not in of_site and not any(one == other for one, _name in found)
    assert (done.answered, done.found) == (2, len(found))


def test_what_is_accepted_keeps_its_provider_and_its_date(tmp_path: Path) -> None:
    account = create(name="Dupont", siren="552100554")
    enriching.provider_set("sirene", actor="ana")
    enriching.enrich("sirene", write(tmp_path, "StockUniteLegale.csv", UNITS))
    done = mending.apply(actor="ana", group=("account", "enriched", "sirene"))
    events = [one for one in history.timeline("account", account) if one.field == "naf"]
    assert [(one.source, one.purpose, one.title, one.actor, one.new) for one in events] == [
        ("sirene", "enrichment", "sirene · 2026-02-01", "ana", "62.01Z")
    ]
    mending.undo(done.run, actor="ana")
    assert history.states_as_of("account", [account])[account]["naf"] is None


def test_without_a_number_the_likely_row_is_asked_about_with_its_probability(
    tmp_path: Path,
) -> None:
    streets = ("Rue Voltaire", "Quai Rambaud", "Place Carnot", "Cours Lafayette", "Rue Molière")
    rows = ["name,street,postcode,city,phone"]
    ids = []
    for number in range(40):
        name, street = (
            f"Maison {chr(65 + number % 26)}{number}",
            f"{number + 1} {streets[number % 5]}",
        )
        rows.append(f"{name},{street},690{number % 9:02d},Lyon,04 78 00 11 {number:02d}")
        place = {"street": street, "city": "Lyon", "postcode": f"690{number % 9:02d}"}
        ids.append(create(name=f"{name} SARL", **place))
    rows.append("Maison A0,99 Boulevard Ailleurs,13001,Marseille,04 91 00 00 00")
    enriching.provider_set("annuaire", actor="ana", threshold=0.8)
    enriching.enrich("annuaire", write(tmp_path, "annuaire.csv", "\n".join(rows)))
    found = queries.rows("account", "enriched", "annuaire", limit=None)
    assert {row.record_id for row in found} >= set(ids[1:])
    assert {row.field for row in found} == {"phone"}
    assert all(row.sure is Sure.LOOK and (row.probability or 0) >= 0.8 for row in found)
    mine = {row.record_id: row.new for row in found}
    assert mine.get(ids[0], "04 78 00 11 00") == "04 78 00 11 00"


def test_columns_of_any_table_are_recognised_by_name_and_by_what_they_hold(tmp_path: Path) -> None:
    account = create(name="Dupont", siren="552100554", phone="+33 1 00 00 00 00")
    text = "SIREN;Effectif;contact;Tel\n552100554;120;http://dupont.fr/;01 42 27 00 00\n"
    enriching.provider_set("table", actor="ana")
    enriching.policies_set("table", {"phone": Policy.ASK})
    enriching.enrich("table", write(tmp_path, "t.csv", text))
    assert proposed("table") == {
        (account, "headcount"): 120, (account, "website"): "http://dupont.fr",
        (account, "phone"): "01 42 27 00 00",
    }  # fmt: skip


def test_a_provider_never_brings_an_erased_person_back(tmp_path: Path, settings: Any) -> None:
    settings.PERILUNE_HOME = tmp_path / "home"
    firm = create(name="Dupont", siren="552100554")
    zoe = create("contact", name="Zoé Quémeneur", email="zoe@fjord.example", phone="0612345678")
    ann = create("contact", name="Ann Lee", email="ann@fjord.example")
    enriching.provider_set("people", actor="ana", kind="contact")
    table = "email,phone,job_title\nzoe@fjord.example,0612345678,Head of Sales\n"
    enriching.enrich("people", write(tmp_path, "before.csv", table))
    assert RepairProposal.objects.filter(record_id=zoe, field="job_title").exists()
    erased([("contact", zoe)])
    with suppress(Invalid):  # what still waits of her is not written any more
        mending.apply(actor="ana", group=("contact", "enriched", "people"))
    assert history.states_as_of("contact", [zoe])[zoe]["job_title"] is None
    RepairProposal.objects.all().delete()

    table += "ann@fjord.example,06 12 34 56 78,Buyer\n"
    enriching.enrich("people", write(tmp_path, "after.csv", table))
    assert not RepairProposal.objects.exists()  # her number: the whole row may be hers
    enriching.enrich("people", write(tmp_path, "own.csv", table.replace("06 12 34", "07 12 34")))
    assert {(row.record_id, row.field) for row in RepairProposal.objects.all()} == {
        (ann, "phone"), (ann, "job_title"),
    }  # fmt: skip
    enriching.provider_set("table", actor="ana")
    text = "SIREN;Effectif;Tel\n552100554;120;06 12 34 56 78\n"
    enriching.enrich("table", write(tmp_path, "t.csv", text))
    assert proposed("table") == {(firm, "headcount"): 120}


# -- what an answer may do -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "stands", "told_on", "is_proposed"),
    [
        (Policy.FILL, None, date(2020, 1, 1), True),
        (Policy.FILL, "Lyon", date(2030, 1, 1), False),
        (Policy.REPLACE, "Lyon", date(2026, 2, 2), True),
        (Policy.REPLACE, "Lyon", date(2026, 1, 1), False),
        (Policy.ASK, "Lyon", date(2020, 1, 1), True),
        (Policy.ASK, "PARIS", date(2020, 1, 1), False),
        (Policy.LEAVE, None, date(2030, 1, 1), False),
    ],
)
def test_a_policy_says_what_an_answer_may_do_to_a_field(
    policy: Policy, stands: str | None, told_on: date, is_proposed: bool
) -> None:
    made = offers(
        "account", Subject(1, {"city": stands}), Answer(1, {"city": "Paris"}, told_on),
        {"city": policy}, since={"city": date(2026, 2, 1)}, spelling=Spelling(),
    )  # fmt: skip
    assert bool(list(made)) is is_proposed


# -- a service -------------------------------------------------------------------------------------


class Service:
    """A service over loopback: what it was asked, with which key, what it answers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.address = ""


@contextmanager
def served() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.seen.append((self.path, self.headers.get("X-Key", "")))
            told = service.answers.get(self.path, [(404, {})])
            status, body = told.pop(0) if len(told) > 1 else told[0]
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    with served() as found:
        yield found


def settings(service: Service, **more: Any) -> ServiceSettings:
    fields = {"headcount": "company.staff", "city": "company.seat.0.town"}
    return ServiceSettings(f"{service.address}/c/{{siren}}", fields, "company.date", **more)


def test_a_service_is_asked_with_its_secret_and_its_answers_wait(service: Service) -> None:
    account = create(name="Dupont", siren="552 100 554")
    create(name="No number")
    company = {"staff": "42", "seat": [{"town": "Lyon"}], "date": "2026-05-01"}
    service.answers["/c/552100554"] = [(503, {}), (200, {"company": company})]
    enriching.service_set("api", settings(service), actor="ana", headers={"X-Key": "s3cret"})
    done = enriching.enrich("api")
    assert proposed("api") == {(account, "headcount"): 42, (account, "city"): "Lyon"}
    assert [row.told_on for row in queries.rows("account", "enriched", "api")] == ["2026-05-01"] * 2
    assert service.seen == [("/c/552100554", "s3cret")] * 2
    assert (done.answered, provider("api").used_today) == (1, 1)
    assert "s3cret" not in str(Provider.objects.values().get())


def test_a_days_budget_is_kept_and_what_was_left_is_told(service: Service) -> None:
    for number in range(3):
        create(name=f"C{number}", siren=f"55210055{number}")
    enriching.service_set("api", settings(service, budget=2), actor="ana")
    done = enriching.enrich("api")
    assert (len(service.seen), done.left) == (2, 1)
    Provider.objects.update(day=date(2026, 1, 1))
    assert enriching.enrich("api").left == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [((401, {}), Refused), ((302, {}), Unavailable), ((200, b"<html>"), Unavailable),
     ((200, b'"' + b"x" * 1_100_000 + b'"'), Unavailable)],
)  # fmt: skip
def test_a_service_that_answers_something_else_is_contained(
    service: Service, answer: tuple[int, Any], error: type[Exception]
) -> None:
    service.answers["/c/1234567"] = [answer]
    source = ServiceSource(
        settings(service), kind="account", headers={}, sleep=lambda _seconds: None
    )
    with pytest.raises(error):
        list(source.answers([Subject(1, {"siren": "1234567"})]))


@pytest.mark.parametrize(
    "address",
    ["http://example.org/{siren}", "https://{name}.org/", "https://a.org/x", "file:///{siren}"],
)
def test_an_address_that_would_leak_or_ask_nothing_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        enriching.service_set("api", ServiceSettings(address, {"city": "c"}), actor="ana")


def test_a_job_asks_step_by_step_and_ends(service: Service) -> None:
    from perilune.jobs import service as jobs

    create(name="Dupont", siren="552100554")
    service.answers["/c/552100554"] = [(200, {"company": {"staff": 7}})]
    enriching.service_set("api", settings(service), actor="ana")
    job = jobs.run_here(enriching.ENRICH.name, {"name": "api", "path": ""}, actor="ana")
    assert job.result["found"] == 1
