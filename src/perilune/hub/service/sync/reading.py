"""Asks a source page by page, for one sync: whole answers only, no page twice, no end unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perilune.history.contracts import from_us, to_us
from perilune.hub.contracts.sync import Ask, Changed, Cut, Page, SourceHistory, SourceObject
from perilune.hub.service.sync import mapping as maps
from perilune.hub.service.sync import proving, recognising
from perilune.hub.service.sync.landing import Landing, listed, take_past
from perilune.kernel.errors import Unavailable
from perilune.kernel.messages import gettext_noop as _

if TYPE_CHECKING:
    from perilune.hub.service.sync.running import Running

AGAIN = 3
"""How often an answer that was cut, or of another shape, is asked for from its beginning."""

_COUNTED = ("rows", "past", "list")
FEW = 20
"""Rows that may be deleted at once without a flag, or a tenth of all: more are asked about."""

IDLE = 3
"""Pages in a row without a new row, after which an answer is taken for endless."""


class Reading:
    """Reads the tasks of a sync: each is one question, kept in its place with how far it is."""

    def __init__(self, sync: Running) -> None:
        self._sync = sync

    def step(self, task: dict[str, Any]) -> None:
        """Take one page of a task; drop the task at its end."""
        if task["how"] == "join":
            self._join(task)
            return
        item = self._item(task)
        if "base" not in task:
            # kept before the first page is asked for, so that a crash does not count a page away
            task["base"] = self._count(item, task) if task["how"] == "list" else 0
            return
        ask = self._ask(item, task)
        try:
            page = self._sync.source.page(ask, task.get("token", ""))
        except Changed:
            self._restart(task, item)
            self._sync.look(item)
            return
        except Cut as error:
            self._restart(task, item, error)
            return
        if page.total >= 0:
            task["total"] = page.total
        self._land(item, task, ask, page)
        self._watch(item, task, page)
        self._note(item, task)
        task["token"] = page.token
        if not page.token:
            self._ended(item, task)

    def _item(self, task: dict[str, Any]) -> SourceObject:
        return next(i for i in self._sync.objects if i.name == task["object"])

    def _past(self, item: SourceObject, task: dict[str, Any]) -> SourceHistory:
        return next(p for p in item.history if p.name == task["history"])

    def _histories(self, item: SourceObject) -> list[SourceHistory]:
        return maps.histories(item, self._sync.connection.objects_read[item.name])

    def _columns(self, item: SourceObject) -> tuple[str, ...]:
        kept = self._sync.connection.objects_read[item.name]
        mapping = maps.kept(kept)
        assert mapping is not None  # looked at when the run began
        mark = recognising.mark_column(self._sync.connection, item.name)
        return maps.columns_of(item, mapping, kept["shape"], mark)

    def _ask(self, item: SourceObject, task: dict[str, Any]) -> Ask:
        since = from_us(task["since"]) if task.get("since") else None
        keys = tuple(task.get("keys", ()))
        if task["how"] in ("past", "past_of"):
            past = self._past(item, task)
            return Ask(
                past.name, past.columns, since, keys=keys, since_by=past.created,
                keys_by=past.parent, fields=self._columns(item),
            )  # fmt: skip
        if task["how"] == "list":
            if since is not None:
                until = from_us(task["until"]) if task.get("until") else None
                return proving.window(item, since, until)
            return proving.asks(item, self._sync.place["months"])[int(task["part"])]
        return Ask(
            item.name, self._columns(item), since, keys=keys, with_gone=bool(item.gone),
            since_by=item.stamp, keys_by=item.key,
        )  # fmt: skip

    def _land(self, item: SourceObject, task: dict[str, Any], ask: Ask, page: Page) -> None:
        ledger = self._sync.ledger
        if task["how"] in ("past", "past_of"):
            take_past(ledger, self._past(item, task), page.rows)
            return
        if task["how"] == "list":
            ledger.add_listed(task.get("as", item.name), listed(page.rows))
            return
        landing = Landing(ledger, item, ask.columns)
        landing.take(page.rows, task.get("ties"))
        for key, name in landing.too_long[:5]:
            self._sync.notice(
                _("%(object)s %(key)s: %(field)s is longer than any field; it was left empty."),
                object=item.name, key=key, field=name,
            )  # fmt: skip

    def _note(self, item: SourceObject, task: dict[str, Any]) -> None:
        """Count what a finished task brought."""
        if task["how"] in ("rows", "past"):
            seen = self._sync.run.counts.setdefault("seen", {})
            seen[task.get("history") or item.name] = task.get("distinct", 0)

    def _watch(self, item: SourceObject, task: dict[str, Any], page: Page) -> None:
        """Refuse an answer that goes on for ever: pages in a row that bring nothing new.

        What is there is counted, not what came: after a crash a page comes twice.
        """
        if task["how"] not in _COUNTED:
            return
        count = self._count(item, task) - task["base"]
        is_idle = bool(page.rows) and bool(page.token) and count == task.get("distinct", 0)
        task["idle"] = task.get("idle", 0) + 1 if is_idle else 0
        task["distinct"] = count
        if task["idle"] >= IDLE:
            raise Unavailable(
                _("%(object)s: the answer repeats itself without an end; it was given up."),
                object=task["object"],
            )

    def _count(self, item: SourceObject, task: dict[str, Any]) -> int:
        """Return how many rows of a task's kind lie in the ledger."""
        ledger = self._sync.ledger
        if task["how"] == "past":
            return ledger.told_count(task["history"])
        if task["how"] == "list":
            return ledger.listed_count(task.get("as", item.name))
        return ledger.landed_count(item.name)

    def _ended(self, item: SourceObject, task: dict[str, Any]) -> None:
        total = int(task.get("total", -1))
        if task["how"] in _COUNTED and task.get("distinct", 0) < total:
            error = Cut(
                _("An answer was cut: %(got)s of %(total)s rows of %(object)s."),
                got=task.get("distinct", 0), total=total, object=task["object"],
            )  # fmt: skip
            self._restart(task, item, error)
            return
        self._sync.place["tasks"].pop(0)
        if task["how"] == "keys":
            self._after_keys(item, task)

    def _restart(
        self, task: dict[str, Any], item: SourceObject, error: Exception | None = None
    ) -> None:
        """Ask from the beginning; what was received of it is forgotten."""
        task["tries"] = task.get("tries", 0) + 1
        if task["tries"] > AGAIN:
            raise error or Unavailable(
                _("%(object)s changes its shape again and again."), object=item.name
            )
        for name in ("token", "total", "distinct", "idle", "base"):
            task.pop(name, None)
        ledger = self._sync.ledger
        if task["how"] == "past":
            ledger.drop_told(task["history"])
        elif task["how"] == "list":
            born = self._ask(item, task).born
            span = (to_us(born[0]), to_us(born[1])) if born else None
            ledger.drop_listed(task.get("as", item.name), span)
        elif task["how"] == "rows":
            ledger.drop_object(item.name)

    # -- what follows from what was read ---------------------------------------------------

    def _join(self, task: dict[str, Any]) -> None:
        """Read the records whose history has news, and the whole history of what changed."""
        item = self._item(task)
        sync = self._sync
        sync.place["tasks"].pop(0)
        if task.get("is_all"):
            return
        keys = set(task.get("keys", ()))
        histories = self._histories(item)
        if histories:
            keys |= set(sync.ledger.parents([past.name for past in histories]))
        keys -= set(sync.ledger.landed_keys(item.name))
        follow: list[dict[str, Any]] = []
        if keys:
            follow.append({"object": item.name, "how": "keys", "keys": sorted(keys)})
        elif histories:
            follow += self._pasts(item)
        sync.place["tasks"] = follow + sync.place["tasks"]

    def _after_keys(self, item: SourceObject, task: dict[str, Any]) -> None:
        sync = self._sync
        there = sync.ledger.landed(item.name, task["keys"])
        extra = [key for key in task.get("extra", ()) if key not in there]
        if item.ends_unlisted and len(extra) <= max(FEW, sync.ledger.live(item.name) // 10):
            extra = sync.ledger.end(item.name, extra, sync.begun_us(item))
        if extra:
            sync.vanished(item, extra)
        sync.place["tasks"] = self._pasts(item) + sync.place["tasks"]

    def _pasts(self, item: SourceObject) -> list[dict[str, Any]]:
        keys = self._sync.ledger.landed_keys(item.name)
        if not keys:
            return []
        return [
            {"object": item.name, "how": "past_of", "history": past.name, "keys": keys}
            for past in self._histories(item)
        ]
