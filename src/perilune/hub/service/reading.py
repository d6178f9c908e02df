"""Reads the files of a run into drafts: surveys every column first, then converts, row by row kept.

The work is cut at chunks: `advance` stops at a deadline and goes on later, in this process from
where it is, in another one from its last checkpoint.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from perilune.history.contracts import to_us
from perilune.hub.contracts import (
    ADDED,
    PROBLEMS,
    Counts,
    Draft,
    FileMap,
    Notice,
    RowProblem,
    Severity,
    Shape,
)
from perilune.hub.engine import proof
from perilune.hub.engine.sources import Chunk, Table, chunks
from perilune.hub.service import exact, stages_told
from perilune.hub.service.applying import Applier
from perilune.hub.service.common import lists_of, makes_of
from perilune.hub.service.comparing import count_changes
from perilune.hub.service.departures import Departures
from perilune.hub.service.histories import Histories
from perilune.hub.service.keeping_out import Guard
from perilune.hub.service.plans import Plan, plan_of
from perilune.hub.service.resolver import Resolver
from perilune.hub.service.settings import Settings, digest_of
from perilune.hub.service.staging import Staging
from perilune.hub.service.stamping import note_seen, stamps_of
from perilune.hub.service.survey import Survey
from perilune.kernel.kinds import Scalar
from perilune.kernel.messages import gettext_noop as _

CHUNK = 4_000
ORDER = (
    "team", "rep", "assignment", "absence", "quota", "rate", "pipeline", "stage", "product",
    "price_book", "price_book_entry", "campaign", "account", "contact", "lead", "opportunity",
    "opportunity_line", "opportunity_split", "opportunity_contact", "activity", "campaign_member",
    "case", "quote", "quote_line", "contract", "territory", "territory_seat", "territory_account",
)  # fmt: skip
"""What refers to other records is read after them."""

_SEEN = ("rep", "account", "product", "pipeline", "stage", "team", "campaign", "contact")
_ADDED = {
    "stage": _("Stages that are new here and added, in this order (%(count)s): %(names)s."),
    "rep": _("Reps that are new here and added, without users (%(count)s): %(names)s."),
    "account": _("Accounts that are new here and added (%(count)s): %(names)s."),
}
_SHOWN = 12
_LONGEST_KEY = 190


class Reader:
    """Turns the tables of one run into staged drafts and problems."""

    def __init__(
        self, staging: Staging, settings: Settings, tables: Sequence[Table], maps: Sequence[FileMap]
    ) -> None:
        self.staging, self.settings = staging, settings
        self._pairs = list(zip(tables, maps, strict=True))
        self.guard = Guard(settings.source)
        self.resolver = Resolver(
            settings.source, staging, settings.known_kinds, instead=self.guard.by_name
        )
        self.surveys: dict[str, Survey] = {}
        self.counts: dict[str, Counts] = {}
        self.notices: list[Notice] = []
        self.seen_us: dict[str, dict[int, int]] = {kind: {} for kind in _SEEN}
        self.done_rows = 0
        self._histories = Histories(self)
        self._departures = Departures(self)
        self.is_exact = any(m.is_exact for m in maps)
        self.resolver.is_exact = self.is_exact
        self._is_log = any(m.shape is Shape.EVENTS for m in maps)
        self._is_final = any(m.options.get("closed_is_final") for m in maps)
        self._tasks = self._plan_tasks()
        self._task = 0
        self._chunk = 0
        self._live: Iterator[Chunk] | None = None
        self._plans: dict[str, list[Plan]] = {}
        self.fields: dict[str, list[str]] = {}
        self._compared = 0

    # -- the order of work -----------------------------------------------------------------

    def _plan_tasks(self) -> list[tuple[Callable[..., Any], int | None]]:
        read = [i for i, (_t, m) in enumerate(self._pairs) if m.shape is not Shape.SKIP]
        surveyed = [i for i in read if self._pairs[i][1].shape is not Shape.GONE]
        by = {shape: [i for i in read if self._pairs[i][1].shape is shape] for shape in Shape}
        records = sorted(by[Shape.RECORDS], key=lambda i: max(map(_rank, self._pairs[i][1].kinds)))
        tasks: list[tuple[Callable[..., Any], int | None]] = [(self._survey, i) for i in surveyed]
        tasks.append((self._decide, None))
        tasks += [(self._histories.take, i) for i in by[Shape.HISTORY]]
        tasks += [(self._take_records, i) for i in records]
        tasks += [(self._histories.take_events, i) for i in by[Shape.EVENTS]]
        tasks += [(self._departures.take, i) for i in by[Shape.GONE]]
        tasks += [(self._finish, None), (self._compare, None)]
        return tasks

    def advance(self, deadline: float) -> bool:
        """Work until all is read (true) or the deadline (time.monotonic) has passed (false)."""
        while self._task < len(self._tasks):
            work, number = self._tasks[self._task]
            if number is None:
                if not self._alone(work, deadline):
                    return False
            elif not self._through(work, number, deadline):
                return False
            self._task, self._chunk, self._live = self._task + 1, 0, None
        self.staging.commit()
        return True

    def _alone(self, work: Callable[..., Any], deadline: float) -> bool:
        while work() is not None:
            if time.monotonic() > deadline:
                self.checkpoint()
                return False
        return True

    def _through(self, work: Callable[..., Any], number: int, deadline: float) -> bool:
        table, mapping = self._pairs[number]
        if self._live is None:
            self._live = chunks(table, CHUNK)
            for _skipped in range(self._chunk):
                next(self._live, None)
        for chunk in self._live:
            work(table, mapping, chunk)
            self._chunk += 1
            if time.monotonic() > deadline:
                self.checkpoint()
                return False
        return True

    # -- survey ----------------------------------------------------------------------------

    def _survey(self, table: Table, mapping: FileMap, chunk: Chunk) -> None:
        survey = self.surveys.setdefault(table.name, Survey())
        survey.take(table, mapping, chunk)

    def _decide(self) -> None:
        """Decide, from all of the files, the as-of, the formats and the stages."""
        self.settings.total_rows = sum(s.rows for s in self.surveys.values())
        days = [day for s in self.surveys.values() for day in s.last_days(self.settings.clock_day)]
        self.settings.decide_as_of(max(days, default=None), self.notices)
        firsts = [day for s in self.surveys.values() for day in s.first_days()]
        self.settings.first_day = min(firsts, default=self.settings.as_of_day)
        stages: Counter[str] = Counter()
        created = ""
        for table, mapping in self._pairs:
            survey = self.surveys.get(table.name)
            if survey is not None:
                stages.update(survey.stages)
                created = created or str(mapping.options.get("created_stage", ""))
                self.notices += survey.notices(table, mapping, self.settings)
        self.resolver.creates = self._what_to_make()
        self.resolver.told = {kind for kind in ADDED if self.settings.has_any(kind)}
        self.resolver.added = {kind: dict(v) for kind, v in self.settings.unconfirmed.items()}
        self._name_early()
        stages_told.prepare(self.resolver, [s for _t, m in self._pairs for s in
                                            m.options.get("stages", ())])  # fmt: skip
        if stages:
            name = next(
                (str(m.options["pipeline"]) for _t, m in self._pairs if m.options.get("pipeline")),
                "",
            )
            # named after the source: the next export may lie in a folder of another name
            default = name or self.settings.source or self.settings.title
            repairs = self.settings.repairs.get(("opportunity", "stage_id"), {})
            self.resolver.prepare_stages(stages, default, created, repairs)

    def _name_early(self) -> None:
        """Give ids beforehand to records that others of their kind refer to."""
        for survey in self.surveys.values():
            for kind, names in survey.own.items():
                keys = [key for key in names if key]
                sent = self.resolver.identities(kind, keys)
                ids = self.settings.ids_for(kind, keys, sent)
                self.settings.early.setdefault(kind, {}).update(zip(keys, ids, strict=True))
                self.resolver.titles.add(kind, [names[key].lower() for key in keys], ids)
            survey.own = {}
        self.resolver.early = self.settings.early

    def _what_to_make(self) -> dict[str, bool]:
        """Unknown names are made where no list of them exists, in the files or here.

        The accounts of a home are no list of those that another source names: its deals say them.
        """
        earlier = makes_of(self.settings.source)
        listed = {kind for _t, m in self._pairs if m.shape is Shape.RECORDS for kind in m.kinds}
        result: dict[str, bool] = {}
        for kind in ("rep", "account", "product", "team", "campaign", "contact"):
            if kind in listed:
                result[kind] = False
            elif kind == "account":
                result[kind] = kind not in lists_of(self.settings.source)
            elif kind in earlier:
                result[kind] = earlier[kind]
            else:
                result[kind] = not self.settings.has_any(kind)
        return result

    # -- records ---------------------------------------------------------------------------

    def _take_records(self, table: Table, mapping: FileMap, chunk: Chunk) -> None:
        plans = self._plans.get(table.name)
        if plans is None:
            survey = self.surveys[table.name]
            plans = [
                plan_of(record, table, mapping, survey, self.settings, self._closed_stages())
                for record in mapping.records
            ]
            self._note_fields(plans)
            self._plans[table.name] = plans
        self.done_rows += len(chunk.rows)
        is_first = True
        for plan in plans:
            self._take(plan, table, mapping, chunk, says_shape=is_first)
            is_first = False

    def _closed_stages(self) -> frozenset[Scalar]:
        facts = self.resolver.stage_facts
        return frozenset(stage for stage, fact in facts.items() if fact.meaning != "open")

    def _note_fields(self, plans: Sequence[Plan]) -> None:
        """Remember which fields the files speak of: of others a re-import says nothing."""
        for plan in plans:
            names = self.fields.setdefault(plan.kind.name, [])
            names += [c.field.name for c, _i in plan.columns] + [
                f.field for f in plan.record.fields
            ]
            names += ["currency", "pipeline_id", "name"]

    def note_kind(self, kind: str) -> None:
        """Remember that the files speak of a kind."""
        self.fields.setdefault(kind, [])

    def _take(  # one call site: what is read, and from where
        self, plan: Plan, table: Table, mapping: FileMap, chunk: Chunk, *, says_shape: bool
    ) -> None:
        counts = self.counts.setdefault(plan.kind.name, Counts())
        taken = plan.convert(chunk, self.resolver, says_shape=says_shape)
        self.guard.rows(plan, chunk.lines, taken)
        problems, drop = taken.problems, taken.drop
        self._drop_repeats(plan, chunk, taken.keys, drop, problems)
        keep = [i for i in range(len(chunk.rows)) if i not in drop] if drop else None
        lines, keys, columns = chunk.lines, taken.keys, taken.columns
        if keep is not None:
            lines, keys = [lines[i] for i in keep], [keys[i] for i in keep]
            columns = {n: [c[i] for i in keep] for n, c in columns.items()}
        counts.rows += len(keys)
        if keys:
            stamps = stamps_of(self.settings, table, mapping, chunk, keep)
            self._stage(plan, table, lines, keys, columns, problems, stamps)
        self.report(counts, table.name, problems)

    def report(self, counts: Counts, file: str, problems: list[RowProblem]) -> None:
        """Stage the problems of some rows of a file and count them."""
        if problems:
            problems = self.guard.problems(problems)
            out = sum(PROBLEMS[p.code][0] is Severity.WITHHELD for p in problems)
            counts.withheld += out
            counts.warnings += len(problems) - out
            self.staging.add_problems(file, problems)

    def _drop_repeats(
        self,
        plan: Plan,
        chunk: Chunk,
        keys: Sequence[str],
        drop: set[int],
        problems: list[RowProblem],
    ) -> None:
        known = self.resolver.keys.find(plan.kind.name, keys)
        if not known and len(set(keys)) == len(keys):
            return
        seen: set[str] = set()
        for i, key in enumerate(keys):
            if i in drop:
                continue
            if key in known or key in seen:
                drop.add(i)
                if not plan.record.is_distinct:
                    problems.append(
                        RowProblem(
                            chunk.lines[i], plan.kind.name, key, "", plan.key_columns,
                            "duplicate_key", key, raw=plan.raw(chunk.rows[i]),
                        )
                    )  # fmt: skip
            seen.add(key)

    def _stage(  # noqa: PLR0917  # one call site: the parts of a batch
        self,
        plan: Plan,
        table: Table,
        lines: Sequence[int],
        keys: Sequence[str],
        columns: dict[str, list[Scalar]],
        problems: list[RowProblem],
        stamps: proof.Stamps | None,
    ) -> None:
        kind = plan.kind.name
        counts = self.counts[kind]
        sent = self.resolver.identities(kind, keys)
        digests = digest_of(columns)
        ids = self.settings.ids_for(kind, keys, sent)
        self.resolver.keys.add(kind, keys, ids)
        title = plan.kind.title_field
        if title in columns and kind in _SEEN:
            lower = [str(name).lower() if name else "" for name in columns[title]]
            self.resolver.titles.add(kind, lower, ids)
        if problems:
            by_key = dict(zip(keys, ids, strict=True))
            problems[:] = [p._replace(record_id=by_key.get(p.key, 0)) for p in problems]
        is_new = [key not in sent for key in keys]
        rows = proof.Rows(kind, lines, keys, ids, is_new, digests, columns)
        if not sent and self._stage_columns(plan, table, rows, stamps):
            return
        drafts = self._drafts(plan, rows, stamps)
        if kind == "assignment" and "effective_from" not in columns:
            for draft in drafts:  # the file does not say since when: since the first event it shows
                draft.birth["effective_from"] = self.settings.first_day
        if self.settings.has_history:
            drafts = self._histories.laid_over(plan, drafts)
        if sent:
            before = len(drafts)
            drafts = exact.news(self.resolver, kind, drafts, sent)
            counts.unchanged += before - len(drafts)
        new = sum(draft.is_new for draft in drafts)
        counts.new += new
        counts.changed += len(drafts) - new
        self.remember_seen(plan.references, drafts)
        self.staging.add(kind, table.name, drafts)

    def _drafts(self, plan: Plan, rows: proof.Rows, stamps: proof.Stamps | None) -> list[Draft]:
        facts = self.resolver.stage_facts
        if stamps is not None:
            steps = proof.two_steps(rows, plan.kind, self.settings.clock, facts, stamps)
            if steps is not None:
                return proof.drafts_of(steps)
        return proof.drafts(rows, plan.kind, self.settings.clock, facts)

    def _stage_columns(
        self, plan: Plan, table: Table, rows: proof.Rows, stamps: proof.Stamps | None
    ) -> bool:
        """Stage new records by column where nothing about them needs a draft of its own."""
        if self.settings.has_history or rows.kind in _SEEN or rows.kind == "assignment":
            return False
        facts = self.resolver.stage_facts
        steps = proof.two_steps(rows, plan.kind, self.settings.clock, facts, stamps)
        if steps is None:
            return False
        self.counts[rows.kind].new += len(rows.ids)
        targets = [(name, self.seen_us[k]) for name, k in plan.references if k in self.seen_us]
        for columns, times in ((steps.early, steps.births), (steps.late, steps.ends)):
            note_seen([(seen, columns[name]) for name, seen in targets if name in columns], times)
        self.staging.add_columns(table.name, steps)
        return True

    def remember_seen(self, references: Sequence[tuple[str, str]], drafts: Sequence[Draft]) -> None:
        """Remember when each record is first named by another: that proves that it exists."""
        targets = {name: self.seen_us[kind] for name, kind in references if kind in self.seen_us}
        for name, seen in targets.items():
            note_seen([(seen, [d.birth.get(name) for d in drafts])], [d.birth_us for d in drafts])
        steps = [step for draft in drafts for step in draft.later if step[1] in targets]
        for name, seen in targets.items():
            own = [step for step in steps if step[1] == name]
            note_seen([(seen, [value for _us, _n, value in own])], [us for us, _n, _v in own])

    # -- the end ---------------------------------------------------------------------------

    def _finish(self) -> bool | None:
        """Withhold what belongs to no record, fold what events are left, stage what was made."""
        if self._histories.withhold_strangers():
            return True
        if self._is_log and self._histories.fold_cases(is_final=self._is_final):
            return True
        for kind, drafts in self.resolver.made.items():
            seen = self.seen_us.get(kind, {})
            at = self.settings.clock.as_of_us
            placed = [d._replace(birth_us=min(at, seen.get(d.record_id, at))) for d in drafts]
            self.staging.add(kind, "", placed)
            counts = self.counts.setdefault(kind, Counts())
            counts.rows += len(placed)
            counts.new += len(placed)
        self._say_what_was_added()
        self.staging.put("seen", {k: v for k, v in self.seen_us.items() if v})
        self.staging.put(
            "fields", {kind: sorted(set(names)) for kind, names in self.fields.items()}
        )
        return None

    def _compare(self) -> bool | None:
        """Count, a batch at a time, what would change of the records that were sent before."""
        known = self.settings.known_kinds
        left = [b for b in self.staging.batches() if b[0] > self._compared and b[1] in known]
        if not left:
            return None
        batch_id, kind = left[0][:2]
        last = self.settings.last_as_of
        applier = Applier(
            source=self.settings.source,
            as_of_us=self.settings.clock.as_of_us,
            said_us=to_us(last) if last else 0,
            seen_us={},
            fields=self.fields,
            is_exact=self.is_exact,
        )
        counts = self.counts.setdefault(kind, Counts())
        count_changes(self.staging, batch_id, kind, counts, applier)
        self._compared = batch_id
        return True

    def _say_what_was_added(self) -> None:
        """Say in one line for each kind what is new where nothing was known to compare it with."""
        for kind, message in _ADDED.items():
            names = self.resolver.quietly.get(kind, [])
            if names:
                shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
                self.notices.append(Notice(message, {"count": len(names), "names": shown}))

    # -- checkpoints -----------------------------------------------------------------------

    def checkpoint(self) -> None:
        """Write all that another process needs to go on from here."""
        self.staging.put(
            "reader",
            {
                "task": self._task,
                "chunk": self._chunk,
                "done": self.done_rows,
                "resolver": self.resolver.state(),
                "surveys": {name: s.state() for name, s in self.surveys.items()},
                "counts": {kind: asdict(c) for kind, c in self.counts.items()},
                "seen": self.seen_us,
                "last_key": self._histories.last_key,
                "last_told": self._histories.last_told,
                "fields": self.fields,
                "compared": self._compared,
                "settings": self.settings.state(),
                "notices": [
                    (n.message, dict(n.params), n.file, n.is_question) for n in self.notices
                ],
            },
        )
        self.staging.commit()

    def resume(self) -> bool:
        """Go on from the last checkpoint; false when there is none to go on from."""
        state = self.staging.get("reader")
        if state is None:
            return False
        self._task, self._chunk = state["task"], state["chunk"]
        self.done_rows, self.seen_us = state["done"], state["seen"]
        self.resolver.resume(state["resolver"])
        self.surveys = {name: Survey.from_state(s) for name, s in state["surveys"].items()}
        self.counts = {kind: Counts(**c) for kind, c in state["counts"].items()}
        self._histories.last_key, self._histories.last_told = state["last_key"], state["last_told"]
        self.fields, self._compared = state["fields"], state["compared"]
        self.settings.resume(state["settings"])
        self.resolver.early = self.settings.early
        self.notices = [Notice(*n) for n in state["notices"]]
        return True


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)
