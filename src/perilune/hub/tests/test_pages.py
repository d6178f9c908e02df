"""The import through pages: upload, columns, difference, result, repair, rollback."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from perilune.history import queries as history
from perilune.hub import queries, service
from perilune.hub.contracts import RunState
from perilune.hub.testing import imported, write
from perilune.jobs import service as jobs
from perilune.kernel.wiring import JOB_KINDS
from perilune.people import service as people

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
DEALS = (
    "Id,Name,StageName,Amount,CloseDate,CreatedDate,Owner,Product\n"
    "1,A,Won,10,2024-03-01,2024-01-01,Ann,Basic\n"
    "2,B,Open,20,2024-04-01,2024-01-02,Ann,Basc\n"
)
PRODUCTS = "Product Name,Price\nBasic,5\n"


@pytest.fixture
def client(company: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    people.user_add("anne", "analyst", password="a-long-password-1", check_password=False)
    client = Client()
    client.login(username="anne", password="a-long-password-1")
    for kind in service.JOBS:
        JOB_KINDS.add(kind.name, kind)
    # the queue's worker is another process: here its job is run at once
    monkeypatch.setattr(
        jobs, "start", lambda kind, params, actor="": jobs.run_here(kind, params).id
    )
    return client


def _upload(client: Client, **files: str) -> int:
    sent = [SimpleUploadedFile(f"{name}.csv", text.encode()) for name, text in files.items()]
    answer = client.post(reverse("hub:upload"), {"files": sent})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    info = queries.latest_run()
    assert info is not None
    return info.id


def test_an_upload_is_shown_before_it_is_applied_and_then_repaired(client: Client) -> None:
    run = _upload(client, deals=DEALS, products=PRODUCTS)
    page = reverse("hub:run", args=[run])
    assert "Read the files" in client.get(page).content.decode()
    client.post(reverse("hub:choose", args=[run]), {"read": "1", "source": "crm"})
    shown = client.get(page).content.decode()
    assert "Apply these changes" in shown
    assert "Basc" in shown
    assert history.states_as_of("opportunity", None) == {}
    client.post(reverse("hub:apply", args=[run]))
    assert queries.run_info(run).state is RunState.DONE
    assert client.get(page).status_code == 200
    deals = {v["name"]: v for v in history.states_as_of("opportunity", None).values()}
    assert (deals["A"]["amount"], deals["B"]["product_id"]) == (1000, None)
    group = next(g for g in queries.problem_groups(run) if g.value == "Basc")
    where = [run, group.first_id]
    assert "Basic" in client.get(reverse("hub:alike", args=where)).content.decode()
    wrong = client.post(reverse("hub:repair", args=where), {"meant": "Nothing", "rows": "all"})
    assert wrong.status_code == 422
    client.post(reverse("hub:repair", args=where), {"meant": "Basic", "rows": "all"})
    deals = {v["name"]: v for v in history.states_as_of("opportunity", None).values()}
    assert deals["B"]["product_id"] == deals["A"]["product_id"]


def test_a_rollback_is_asked_for_and_done(client: Client, tmp_path: Path) -> None:
    run = imported(write(tmp_path, "deals.csv", DEALS)).id
    url = reverse("hub:rollback", args=[run])
    assert "Roll back" in client.get(url).content.decode()
    client.post(url)
    assert queries.run_info(run).state is RunState.ROLLED_BACK
    assert history.states_as_of("opportunity", None) == {}


def test_another_kind_proposes_its_columns(client: Client) -> None:
    run = _upload(client, people="Id,First Name,Last Name,Email,Company\n1,A,B,a@b.fr,C\n")
    client.post(reverse("hub:choose", args=[run]), {"kind-0": "lead", "source": "x"})
    [table] = service.import_choices(run)
    assert table.mapping.kinds == ("lead",)
    assert {c.column: c.field for c in table.columns}["Email"] == "email"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\x00\x01PK" * 99, "binary data"), (b"\n\n", "holds no rows")],
)
def test_a_bad_upload_says_why_and_changes_nothing(
    client: Client, content: bytes, words: str
) -> None:
    answer = client.post(reverse("hub:upload"), {"files": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert queries.latest_run() is None


def test_who_may_not_import_is_told_so(company: None) -> None:
    people.user_add("vera", "viewer", password="a-long-password-1", check_password=False)
    client = Client()
    client.login(username="vera", password="a-long-password-1")
    assert client.get(reverse("hub:index")).status_code == 403
    assert client.post(reverse("hub:upload")).status_code == 403
