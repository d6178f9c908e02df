"""How many queries each page takes: what stands in `query_counts.json`, and no more.

The homes are asked as each role, the import's pages in a company that has imported, and here are
pages whose queries depend on more than their address; every address itself is counted where it is
asked as each role, in `test_access.py`. What a page takes less is fine; a new page or more queries
are recorded by PERILUNE_REFRESH=1 and read in the difference.
"""

from pathlib import Path

import pytest
from django.urls import reverse

from perilune.demo.contracts import ROLES
from perilune.demo.testing import build_small
from perilune.hub import queries as imports
from perilune.hub import service as hub
from perilune.hub.contracts import RunState
from perilune.hub.testing import a_company, imported, write
from perilune.people import service as people
from perilune.store import service as store
from tests.house.pages import client_of, hold, named, queries_of

pytestmark = [pytest.mark.roles, pytest.mark.django_db(databases=["default", "queue"])]

FURTHER = {
    "cockpit of the past": "/cockpit/?as_of=2026-02-01&period=2026-Q1",
    "measures by team": "/measures/?by=team&m=won_amount",
    "measures by rep": "/measures/?by=rep&m=win_rate_closed",
    "measures as csv": "/measures/export/csv/",
    "drawer behind a number": "/explain/won_amount/",
    "forecast by rep": "/forecast/2026-Q2/?by=rep",
    "search for a name": "/search/?q=ari",
    "accounts": "/records/account/",
    "contacts, searched": "/records/contact/?q=anne",
    "lines": "/records/opportunity_line/",
    "products": "/records/product/",
    "new account": "/records/account/new/",
    "new product": "/records/product/new/",
    "fields of accounts": "/records/account/fields/",
    "names as typed": "/records/opportunity/names/?field=account_id&account_id=ari",
    "deals as csv": "/records/opportunity/export/csv/",
    "deals as excel": "/records/opportunity/export/xlsx/",
    "an account": "/records/account/1/",
    "a contact": "/records/contact/1/",
    "a deal of the past": "/records/opportunity/{record_id}/?as_of=2026-02-01",
    "typed reference": "/records/opportunity/{record_id}/field/account_id/",
}

DEALS = (
    "Id,Name,StageName,Amount,CloseDate,CreatedDate,Owner,Product\n"
    "1,A,Won,10,2024-03-01,2024-01-01,Ann,Basic\n"
    "2,B,Open,20,2024-04-01,2024-01-02,Ann,Basc\n"
)
PRODUCTS = "Product Name,Price\nBasic,5\n"


def test_each_page_that_is_asked_for_something_keeps_to_its_number_of_queries() -> None:
    build_small(recorded_weeks=0)
    store.refresh()
    deal = dict(named())["crm:record"].rstrip("/").rpartition("/")[2]
    pages = {name: address.format(record_id=deal) for name, address in FURTHER.items()}
    director = client_of("director")
    hold("asked", {name: queries_of(director, address) for name, address in pages.items()})


def test_each_role_s_home_keeps_to_its_number_of_queries() -> None:
    build_small(recorded_weeks=0)
    store.refresh()
    hold("homes", {role: queries_of(client_of(role), "/") for role in ROLES})


def test_each_page_of_an_import_keeps_to_its_number_of_queries(tmp_path: Path) -> None:
    a_company()
    people.user_add("anne", "analyst", password="a-long-password-1", check_password=False)
    write(tmp_path, "products.csv", PRODUCTS)
    done = imported(write(tmp_path, "deals.csv", DEALS).parent).id
    more = DEALS.replace("20,", "30,") + "3,C,Open,5,2024-04-01,2024-01-02,Bob,Basc\n"
    ready = hub.import_open(write(tmp_path, "deals.csv", more).parent)
    anne = client_of("anne")
    counts = {"files, before they are read": queries_of(anne, reverse("hub:run", args=[ready]))}
    while hub.import_read(ready).state is RunState.READING:
        pass
    store.refresh()
    problem = imports.problem_groups(done)[0].first_id
    for name, page, args in (
        ("data", "index", []),
        ("differences, before they are applied", "run", [ready]),
        ("an import", "run", [done]),
        ("progress", "progress", [ready]),
        ("problems", "problems", [done]),
        ("rows with the same problem", "alike", [done, problem]),
        ("rollback", "rollback", [done]),
    ):
        counts[name] = queries_of(anne, reverse(f"hub:{page}", args=args))
    hold("import", counts)
