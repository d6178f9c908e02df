"""A person who stands in every room of a home, for tests of their erasure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore

from perilune.forecasting.models import ForecastRun
from perilune.history import service as history
from perilune.hub.models import DuplicateGroup, DuplicatePair, DuplicateSearch, Repair
from perilune.hub.service import merging
from perilune.hub.testing import imported
from perilune.jobs.models import Job
from perilune.people import service as people
from perilune.people.contracts import Role
from perilune.planning.models import Plan, PlanComment, PlanContent
from perilune.site.models import KeptPack, Notice
from perilune.store import service as store
from perilune.territories.models import Snapshot
from perilune.territories.models.packing import pack_texts

FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Someone:
    """What identifies a person of a test."""

    first: str
    last: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def spellings(self) -> list[str]:
        """Ways in which texts write them."""
        digits = self.phone
        return [
            self.name, self.name.upper(), f"{self.last}, {self.first}", self.email,
            self.email.upper(), digits, " ".join(digits[i : i + 2] for i in range(0, 10, 2)),
            f"+33 {digits[1:]}",
        ]  # fmt: skip


@dataclass
class Standing:
    """The records of a person, and what refers to them."""

    who: Someone
    contact: int = 0
    lead: int = 0
    deal: int = 0
    records: list[tuple[str, int]] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)


def write(kind: str, values: dict[str, Any], *, days: int = 0) -> int:
    with history.change_set(
        actor="ana", title=str(values.get("name", kind)), known_at=FIRST + timedelta(days=days)
    ) as writer:
        return writer.create(kind, values)


def change(kind: str, record_id: int, values: dict[str, Any], *, days: int) -> int:
    with history.change_set(actor="ana", known_at=FIRST + timedelta(days=days)) as writer:
        writer.change(kind, record_id, values)
        return writer.id


def stand(who: Someone, home: Path, *, account: int, number: int) -> Standing:
    """Let a person stand in records, texts, files, the store and every table that names people."""
    one = Standing(who)
    spelt = who.spellings
    one.contact = write(
        "contact",
        {"name": who.name, "first_name": who.first, "last_name": who.last, "email": who.email,
         "phone": who.phone, "job_title": "Head of sales", "account_id": account,
         "x_note": spelt[6]},
    )  # fmt: skip
    one.lead = write("lead", {"name": who.name, "company": "Acme", "email": who.email}, days=1)
    change("lead", one.lead, {"contact_id": one.contact}, days=2)
    one.records = [("contact", one.contact), ("lead", one.lead)]
    one.deal = write(
        "opportunity",
        {"name": f"Licence {spelt[1]}", "account_id": account, "contact_id": one.contact,
         "amount": 100_000 + number, "currency": "EUR", "next_step": f"Call {spelt[5]}"},
        days=3,
    )  # fmt: skip
    change("opportunity", one.deal, {"amount": 250_000 + number, "next_step": spelt[2]}, days=40)
    write(
        "activity",
        {"subject": f"Lunch with {who.first}", "type": "meeting", "contact_id": one.contact,
         "account_id": account, "minutes": 60.0, "notes": " / ".join(spelt)},
        days=4,
    )  # fmt: skip
    retracted = change("contact", one.contact, {"email": f"old.{who.email}"}, days=5)
    history.retract(retracted, "ana")
    # another name of theirs, merged and never looked at again
    twin = write("contact", {"name": f"{who.last} {who.first}", "email": who.email}, days=6)
    merging.merge("contact", [one.contact, twin], kept=one.contact, actor="ana")
    _import(who, home, account, number)
    store.refresh()
    store.pin(store.current().manifest().version, f"test {number}")
    one.versions.append(store.current().manifest().version)
    change("contact", one.contact, {"job_title": "Head of all"}, days=60)
    store.refresh()
    _tables(who, number)
    return one


def _import(who: Someone, home: Path, account: int, number: int) -> None:
    """Import a file whose row of theirs is kept out, for a cell too many: the quarantine has it."""
    folder = home / "uploads" / f"{number:x}"
    folder.mkdir(parents=True)
    path = folder / "people.csv"
    path.write_text(
        "First name,Last name,Email,Phone,Account\n"
        f"Bea{number},Bo,bea{number}@b.example,,Acme\n"
        f"{who.first},{who.last},{who.email},{who.phone},Acme,one,cell,more\n"
    )
    imported(path, source=f"file {number}", as_of="2026-03-01", is_forced=True)


def _tables(who: Someone, number: int) -> None:
    now, day = datetime.now(UTC), date(2026, 3, number % 27 + 1)
    Repair.objects.create(source="s", kind="contact", field="name", value=who.name, meant="x")
    Job.objects.create(kind="hub.import", params={"q": who.email}, result={"said": who.name})
    Notice.objects.create(
        username=f"u{number}", day=day, made_at=now, topic="risks", title="%(name)s waits",
        params={"name": who.name}, lines=[{"text": f"ring {who.phone}"}],
    )  # fmt: skip
    KeptPack.objects.create(
        token=f"t{number}", username="ana", made_at=now, day=day, period="2026-Q1", language="fr",
        shown={"blocks": [{"rows": [[who.name, 12]]}]},
    )  # fmt: skip
    ForecastRun.objects.create(
        as_of_at=now, as_of_day=day, period="2026-Q1", starts=day, ends=day, by="rep",
        scope_label="Company", scope_digest=f"{number}", currency="EUR", store_version=1,
        inputs_digest=f"{number}", method="m", created_at=now, actor="ana",
        rows=[{"label": who.name, "p50": 12}], parameters={},
    )  # fmt: skip
    plan = Plan.objects.create(
        name=f"Plan {number}", year=2026, currency="EUR", author="ana", as_of_at=now,
        as_of_day=day, made_at=now,
    )  # fmt: skip
    PlanContent.objects.create(plan=plan, document={"units": {"rep:1": {"label": who.name}}})
    PlanComment.objects.create(plan=plan, actor="ana", at=now, text=f"ask {who.email}")
    Snapshot.objects.create(
        as_of_at=now, as_of_day=day, store_version=1, count=1, digest="d", currency="EUR",
        arrays=b"", names=pack_texts(["Acme", f"Chez {who.name}"]),
    )  # fmt: skip
    search = DuplicateSearch.objects.create(kind="contact", actor="ana", merge=0.9, different=0.1)
    group = DuplicateGroup.objects.create(search=search, ids=[1, 2])
    DuplicatePair.objects.create(
        group=group, left_id=1, right_id=2, probability=0.5, parts=[["email", who.email, 2.0]]
    )
    session = SessionStore()
    session["last"] = who.name
    session.save()


def a_rep(who: Someone, number: int) -> tuple[int, str]:
    """Return a rep and their user name: who signs in, closes deals and gives a name to a plan."""
    rep = write("rep", {"name": who.name, "email": who.email, "hire_date": "2020-01-01"})
    username = f"seller{number}"
    people.user_add(username, Role.REP, password=None, email=who.email, name=who.name, rep_id=rep)
    with history.change_set(actor=username, title="Their deal", known_at=FIRST) as writer:
        writer.create(
            "opportunity",
            {"name": "Deal", "owner_id": rep, "amount": 77_000 + number, "currency": "EUR"},
        )
    return rep, username
