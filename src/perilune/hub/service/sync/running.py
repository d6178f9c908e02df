"""One sync from its beginning to its proof, a step at a time, resumable after any of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from perilune.history.contracts import from_us, to_us
from perilune.hub.contracts import RunState, to_json
from perilune.hub.contracts.sync import (
    DRIFTS,
    By,
    CountsDays,
    Heads,
    Mode,
    Source,
    SourceObject,
    SyncStep,
)
from perilune.hub.engine.sync import drift, windows
from perilune.hub.models import Connection, MissingAnswer, Proof, SyncRun
from perilune.hub.service.sync import mapping as maps
from perilune.hub.service.sync import proving, recognising, writing
from perilune.hub.service.sync.ledger import Ledger
from perilune.hub.service.sync.reading import Reading
from perilune.kernel.errors import NotFound, Unavailable
from perilune.kernel.messages import gettext_noop as _

ROUNDS = 3
"""How often differences are read again before they are shown as they are."""

LISTED_AT_MOST = 25_000
"""Rows of all objects that an incremental run lists for its proof, beyond what it must compare.

What a run leaves of an object's share is saved up for a month of more rows.
"""

LOOKS_BACK = timedelta(days=60)
"""How far back an incremental run compares how many rows were last changed on each day."""

SKEWED = timedelta(minutes=2)
SAVED_EVERY = 1.0


class Running:
    """A sync under way. `place` is all that another process needs to go on from here."""

    def __init__(self, run: SyncRun, source: Source, ledger: Ledger) -> None:
        self.run, self.source, self.ledger = run, source, ledger
        self.connection: Connection = run.connection
        self.place: dict[str, Any] = run.place or {"phase": "begin", "round": 0}
        self.objects = list(source.objects())
        self.reading = Reading(self)
        self._saved = 0.0

    @property
    def chosen(self) -> list[SourceObject]:
        """The objects that this connection reads, children first."""
        return [i for i in self.objects if self.connection.objects_read.get(i.name, {}).get("on")]

    def advance(self, deadline: float) -> SyncStep:
        """Work until done or the deadline (time.monotonic)."""
        while True:
            phase = self.place["phase"]
            if phase == "done":
                return SyncStep(True, message=_("Synced and compared"))
            getattr(self, f"_{phase}")(deadline)
            self.save()
            if time.monotonic() > deadline and self.place["phase"] != "done":
                return self._said()

    def save(self) -> None:
        """Keep what was received, then where to go on: a crash between the two repeats a page."""
        self._saved = time.monotonic()
        self.ledger.commit()
        self.run.place = self.place
        self.run.save(update_fields=["place", "counts", "notices", "import_ids", "is_proved"])

    def _save_now_and_then(self) -> None:
        """Keep the place once in a second: what a crash takes away is asked for again."""
        if time.monotonic() > self._saved + SAVED_EVERY:
            self.save()

    def notice(self, message: str, **params: Any) -> None:
        """Say something of this run, once."""
        said = {"message": message, "params": params}
        if said not in self.run.notices:
            self.run.notices.append(said)

    def _said(self) -> SyncStep:
        counts = self.run.counts.get("seen", {})
        done = sum(counts.values())
        phase = self.place["phase"]
        message = {
            "begin": _("Looking at the other system"),
            "rows": _("Reading %(object)s"),
            "write": _("Writing records"),
            "apply": _("Writing records"),
            "prove": _("Comparing both sides: %(object)s"),
        }[phase]
        tasks = self.place.get("tasks") or []
        name = str(tasks[0].get("history") or tasks[0]["object"]) if tasks else ""
        total = max(done, int(self.place.get("expected", 0)))
        return SyncStep(False, done, total, message, {"object": name})

    # -- beginning -------------------------------------------------------------------------

    def _begin(self, deadline: float) -> None:
        begun = self.source.clock()
        self._note_skew(begun)
        self.ledger.clear_landing()
        self.place |= {"begun_us": to_us(begun), "as_of_us": to_us(datetime.now(UTC)), "tasks": []}
        self._look_at_all()
        self.place["heads"] = {
            item.name: self.source.head(item) if isinstance(self.source, Heads) else windows.NEVER
            for item in self.chosen
            if item.by is By.NUMBER
        }
        mode = Mode(self.run.mode)
        if mode is Mode.REPAIR and any(self.ledger.has_any(i.name) for i in self.chosen):
            self.place["phase"] = "prove"
            return
        for item in self.chosen:
            self.place["tasks"] += self._first_tasks(item, mode)
        self.place["phase"] = "rows"

    def _look_at_all(self) -> None:
        """Look at what is read, and offer with a proposal what could be read and is not."""
        read = self.connection.objects_read
        at_first = {item.name: maps.at_first(read, item) for item in self.objects}
        hidden, offered = [], []
        for item in self.objects:
            is_met = "shape" in read.get(item.name, {})
            kept = read.setdefault(item.name, at_first[item.name])
            is_on = bool(kept.get("on"))
            is_hidden = is_met and not kept["shape"] and Mode(self.run.mode) is Mode.FULL
            if not (is_on or not is_met or is_hidden):
                continue
            if not self.look(item, is_quiet=not is_met or is_hidden):
                hidden += [] if is_met else [item.name]
            elif not is_on:
                offered.append(item.name)
            else:
                self._look_back(item)
        self.connection.save(update_fields=["objects_read"])
        if hidden:
            self.notice(_("Not shown to us, and left out: %(objects)s."), objects=", ".join(hidden))
        if offered:
            self.notice(
                _("Can be read, and is not: %(objects)s. Open an object to have it read."),
                objects=", ".join(offered),
            )

    def _look_back(self, item: SourceObject) -> None:
        """Note which histories are shown; one that was not read yet has its object read whole."""
        kept = self.connection.objects_read[item.name]
        before = kept.get("histories", [])
        shown = [one.name for one in item.history if one.is_optional and self._is_shown(one.name)]
        for name in [name for name in shown if name not in before and kept.get("cursor_us")]:
            kept["is_full_due"] = True
            self.notice(
                _("%(object)s: %(history)s is read from now on, and all rows with it this once."),
                object=item.name, history=name,
            )  # fmt: skip
        for name in [name for name in before if name not in shown]:
            self.notice(
                _("%(history)s is no longer shown to us; what it told is kept."), history=name
            )
        if shown or before:
            kept["histories"] = shown

    def _is_shown(self, name: str) -> bool:
        try:
            self.source.describe(name)
        except NotFound:
            return False
        return True

    def begun_us(self, item: SourceObject) -> int:
        """Return how far an object was when this run began: the source's time, or its number."""
        return int(self.place.get("heads", {}).get(item.name, self.place["begun_us"]))

    def _note_skew(self, begun: datetime) -> None:
        skew = begun - datetime.now(UTC)
        self.connection.health["skew_seconds"] = round(skew.total_seconds())
        if abs(skew) > SKEWED:
            self.notice(
                _("The other system's clock differs by %(minutes)s minutes; its own times count."),
                minutes=round(skew.total_seconds() / 60),
            )

    def look(self, item: SourceObject, *, is_quiet: bool = False) -> bool:
        """Look at an object's shape: the mapping follows what changed, and says so.

        False where it is not shown; is_quiet: without a word of it.
        """
        kept = self.connection.objects_read[item.name]
        try:
            fields = self.source.describe(item.name)
        except NotFound:
            kept["on"] = False
            kept.setdefault("shape", {})
            if not is_quiet:
                self.notice(_("%(object)s is not shown to us; it is left out."), object=item.name)
            return False
        mapping = maps.kept(kept)
        before = {name: (told[0], told[1]) for name, told in kept.get("shape", {}).items()}
        changes = drift.drifts(item.name, before, fields, maps.used(mapping) if mapping else ())
        for one in changes:
            self.notice(
                DRIFTS[one.what], object=one.object, field=one.field, was=one.was, now=one.now
            )
        if mapping is None:
            mapping = maps.proposed(item, fields)
        kept |= maps.shape_of(fields)
        lost = maps.lost_title(item, mapping, fields)
        if not lost:
            kept["mapping"] = to_json(drift.followed(mapping, changes))
        self.connection.save(update_fields=["objects_read", "health"])
        if lost:
            raise Unavailable(
                _("%(object)s: the field %(field)s, which names its records, is gone. Map the one"
                  " that names them now."), object=item.name, field=lost,
            )  # fmt: skip
        return True

    def _first_tasks(self, item: SourceObject, mode: Mode) -> list[dict[str, Any]]:
        kept = self.connection.objects_read[item.name]
        cursor = int(kept.get("cursor_us", 0))
        is_all = mode is Mode.FULL or not cursor or kept.get("is_full_due")
        is_all = is_all or not self.ledger.has_any(item.name)
        back = windows.NUMBERS_BACK if item.by is By.NUMBER else windows.OVERLAP_US
        since = 0 if is_all or not item.asks_since else windows.since(cursor, back)
        ties = windows.NEVER if item.by is By.VALUES else windows.ties_from(cursor, item.grain_us)
        self.place.setdefault("since", {})[item.name] = since
        tasks = [
            {"object": item.name, "how": "rows", "since": since, "ties": None if is_all else ties}
        ]
        tasks += [
            {"object": item.name, "how": "past", "history": past.name, "since": since}
            for past in maps.histories(item, kept)
            if is_all or past.is_dated
        ]
        wanted = [] if is_all else self.ledger.wanted(item.name)
        if item.lags and not is_all:
            wanted += self.ledger.keys_since(item.name, ties)
        tasks.append({"object": item.name, "how": "join", "is_all": is_all, "keys": wanted})
        return tasks

    # -- reading ---------------------------------------------------------------------------

    def _rows(self, deadline: float) -> None:
        while self.place["tasks"]:
            self.reading.step(self.place["tasks"][0])
            if time.monotonic() > deadline:
                return
            self._save_now_and_then()
        self.place["phase"] = "write"

    # -- writing ---------------------------------------------------------------------------

    def _write(self, deadline: float) -> None:
        as_of = from_us(self.place["as_of_us"])
        writing.drop_orphans(self.ledger, self.connection.name, self.run.import_ids)
        recognising.recognise(self.connection, self.ledger, self.chosen)
        import_id = writing.open_import(
            self.ledger,
            self.connection.name,
            self.chosen,
            self.connection.objects_read,
            title=self.connection.name,
            as_of=as_of,
            actor=self.run.actor,
        )
        self.place["import"] = import_id
        if import_id is not None:
            self.run.import_ids = [*self.run.import_ids, import_id]
        self.place["phase"] = "apply"

    def _apply(self, deadline: float) -> None:
        import_id = self.place.get("import")
        if import_id is not None:
            seconds = max(1.0, deadline - time.monotonic())
            if writing.drive(import_id, seconds).state is not RunState.DONE:
                return
        self._settle(import_id)
        self.place["phase"] = "prove"

    def _settle(self, import_id: int | None) -> None:
        for item in self.chosen:
            kept = self.connection.objects_read[item.name]
            newest, begun = self.ledger.newest(item.name), self.begun_us(item)
            if item.by is not By.NUMBER:
                newest = max(newest, begun)
            if self.place["round"] == 0 and Mode(self.run.mode) is not Mode.REPAIR:
                # kept with the place: another process may be the one that finishes
                self.place.setdefault("next", {})[item.name] = windows.advanced(
                    int(kept.get("cursor_us", 0)), newest, begun
                )
        counts = writing.settle(self.ledger, import_id, self.chosen)
        alike = writing.alike(import_id)
        if alike:
            self.notice(
                _("New rows that look like records that exist: %(count)s. See Duplicates."),
                count=alike,
            )
        written = self.run.counts.setdefault("written", {})
        for kind, found in counts.items():
            mine = written.setdefault(kind, {})
            for name in ("new", "changed", "conflicts", "withheld"):
                mine[name] = mine.get(name, 0) + int(found.get(name, 0))
        self.ledger.clear_landing()
        self.place["as_of_us"] = to_us(datetime.now(UTC))

    # -- proving ---------------------------------------------------------------------------

    def _prove(self, deadline: float) -> None:
        if "listing" not in self.place:
            kinds = self.place.pop("moved", None)  # what equals is not listed once more
            self.place["listing"] = [i.name for i in self.chosen if not kinds or i.kind in kinds]
            self.place["tasks"] = []
            self.place["again"] = []
        while self.place["listing"]:
            name = self.place["listing"][0]
            item = next(i for i in self.chosen if i.name == name)
            if not self._listed(item, deadline):
                return
            self._compared(item)
            self.place["listing"].pop(0)
            self._save_now_and_then()
            if time.monotonic() > deadline:
                return
        del self.place["listing"]
        self._next_round()

    def _listed(self, item: SourceObject, deadline: float) -> bool:
        """List an object's rows; false while there are more."""
        if not self.place["tasks"]:
            months = self._months(item)
            spans = [] if months is None else self._spans(item)
            self.ledger.clear_listed()
            self.place |= {"months": months, "spans": spans}
            self.place["tasks"] = [
                {"object": item.name, "how": "list", "part": i}
                for i in range(len(proving.asks(item, months)))
            ]
            self.place["tasks"] += [
                {"object": item.name, "how": "list", "as": proving.listing_of(item, i),
                 "since": first, "until": 0 if last >= windows.NEVER else last}
                for i, (first, last) in enumerate(spans)
            ]  # fmt: skip
        while self.place["tasks"]:
            self.reading.step(self.place["tasks"][0])
            if self.place["tasks"] and time.monotonic() > deadline:
                return False
            self._save_now_and_then()
        return True

    def _months(self, item: SourceObject) -> list[str] | None:
        if not self.place.get("since", {}).get(item.name):
            return None
        there, here = self.source.counts(item), self.ledger.months(item.name)
        budget = self._budget(item)
        if "" in there or sum(there.values()) <= budget:  # "": the source counts no months
            return None
        rows = Proof.objects.filter(connection=self.connection, object=item.name)
        unequal = [p.month for p in rows if p.there != p.here or p.sum_there != p.sum_here]
        proved = dict(rows.values_list("month", "run_id"))
        must = {*unequal, *self.place.get("odd", {}).get(item.name, [])}
        saved: dict[str, int] = self.place.setdefault("saved", {})
        if item.name not in saved:
            saved[item.name] = budget + self.connection.objects_read[item.name].get("saved", 0)
        months = windows.months_to_compare(there, here, must, proved, saved[item.name])
        spent = sum(there.get(month, 0) for month in months)
        saved[item.name] = max(0, saved[item.name] - spent)
        return months

    def _budget(self, item: SourceObject) -> int:
        """Return how many rows of an object are listed: its share, so that all take turns alike."""
        if "held" not in self.place:
            self.place["held"] = {i.name: self.ledger.live(i.name) for i in self.chosen}
        held: dict[str, int] = self.place["held"]
        every = sum(held.values())
        if every <= LISTED_AT_MOST:
            return LISTED_AT_MOST
        return max(LISTED_AT_MOST // 25, LISTED_AT_MOST * held.get(item.name, 0) // every)

    def _spans(self, item: SourceObject) -> list[tuple[int, int]]:
        """Return the spans of last change to list: what is new, and days of another count."""
        since = int(self.place["since"][item.name])
        first = from_us(since) - LOOKS_BACK
        first = first.replace(hour=0, minute=0, second=0, microsecond=0)
        there: Mapping[str, int] = {}
        here: Mapping[str, int] = {}
        if item.by is By.TIME and isinstance(self.source, CountsDays):
            there = self.source.days(item, first)
            here = self.ledger.days(item.name, to_us(first))
        return windows.days_to_list(there, here, since, LISTED_AT_MOST)

    def _compared(self, item: SourceObject) -> None:
        found, odd = proving.compare(
            self.ledger, self.connection, self.run, item, self.place.pop("months"),
            [(int(first), int(last)) for first, last in self.place.pop("spans")],
            self.begun_us(item),
            [i.name for i in self.objects if i.kind == item.kind and i.name != item.name],
        )  # fmt: skip
        loose = self.ledger.wanted(item.name) if self.place["round"] == 0 else []
        # a month in which anything differs is listed whole in the next round
        self.place.setdefault("odd", {})[item.name] = odd
        keys = sorted({*found.missing, *found.stale, *found.extra, *loose})
        if found.count:
            first = self.run.counts.setdefault("differing", {})
            first.setdefault(item.name, found.count)
        if keys:
            self.place["again"].append(
                {"object": item.name, "how": "keys", "keys": keys, "extra": found.extra}
            )
        left = self.run.counts.setdefault("left", {})
        left[item.name] = found.count

    def _next_round(self) -> None:
        self.run.is_proved = not any(self.run.counts.get("left", {}).values())
        again = self.place.pop("again")
        if not again or self.place["round"] >= ROUNDS:
            self._finish()
            return
        self.place["round"] += 1
        self.ledger.clear_landing()
        names = {task["object"] for task in again}
        self.place["moved"] = sorted({i.kind for i in self.chosen if i.name in names})
        self.place["tasks"] = again
        self.place["phase"] = "rows"

    def _finish(self) -> None:
        read = self.connection.objects_read
        for item in self.chosen:
            kept = read[item.name]
            kept["cursor_us"] = self.place.get("next", {}).get(item.name, kept.get("cursor_us", 0))
            kept["saved"] = self.place.get("saved", {}).get(item.name, 0)
            if Mode(self.run.mode) is not Mode.REPAIR:  # it reads what differs, not everything
                kept.pop("is_full_due", None)
        used, allowed = self.source.usage()
        self.connection.health |= {"used": used, "allowed": allowed}
        self.connection.save(update_fields=["objects_read", "health"])
        self.place = {"phase": "done", "round": self.place["round"]}

    def vanished(self, item: SourceObject, keys: Sequence[str]) -> None:
        """Ask about rows that the source neither shows nor calls deleted (rule 32)."""
        from perilune.history import queries as history
        from perilune.hub.models import ImportRun

        last = ImportRun.objects.filter(source=self.connection.name).first()
        if not keys or last is None:
            return
        found = history.identities(self.connection.name, item.kind, keys)
        for key, (record_id, _digest) in found.items():
            MissingAnswer.objects.get_or_create(
                source=self.connection.name,
                kind=item.kind,
                key=key,
                defaults={"record_id": record_id, "run": last},
            )
        self.notice(
            _("%(object)s: %(count)s rows are no longer shown and not said to be deleted."),
            object=item.name,
            count=len(keys),
        )
