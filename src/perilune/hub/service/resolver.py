"""From what a file calls a record to its id: known here, named in this import, or made for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from perilune.history import queries as history
from perilune.history.service import reserve_ids
from perilune.hub.contracts import ADDED, Draft
from perilune.hub.engine.events import in_order, meaning_of
from perilune.hub.engine.proof import StageFact
from perilune.hub.engine.rows import SEPARATOR, meant_by, nearest
from perilune.hub.engine.values import fold
from perilune.hub.service.staging import Names, Staging
from perilune.kernel.wiring import KINDS

MANY = 20_000
"""Above so many names, no likeness is looked for."""

MADE_FROM_TITLE = (
    "rep",
    "account",
    "product",
    "team",
    "campaign",
    "contact",
    "pipeline",
    "price_book",
)
"""Kinds that a name alone is enough to make."""


class Resolver:
    """Finds or makes what rows refer to, for one run of one source."""

    def __init__(
        self,
        source: str,
        staging: Staging,
        known_kinds: Iterable[str],
        *,
        instead: Callable[[str, str], int | None] = lambda kind, text: None,
    ) -> None:
        self.source = source
        self._instead = instead
        self.keys = Names(staging, "ident")
        self.titles = Names(staging, "title")
        self.stages: dict[str, int | None] = {}
        self.stage_hints: dict[str, str] = {}
        self.stage_facts: dict[int, StageFact] = {}
        self.pipeline_of: dict[int, int] = {}
        self.made: dict[str, list[Draft]] = {}
        self.creates: dict[str, bool] = {}
        self.early: dict[str, dict[str, int]] = {}
        self.known_kinds = set(known_kinds)
        self.told: set[str] = set()
        self.added: dict[str, dict[str, str]] = {}
        self.quietly: dict[str, list[str]] = {}
        self.is_exact = False
        self._here: dict[str, dict[str, str]] = {}

    # -- identities ------------------------------------------------------------------------

    def identities(self, kind: str, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return (id, digest) of what this source sent before; nothing is asked of a new source."""
        if kind not in self.known_kinds:
            return {}
        return history.identities(self.source, kind, keys)

    def find(self, kind: str, texts: Iterable[str]) -> dict[str, int]:
        """Return the ids of texts that are a key or a name: in this import, its source, or here."""
        left = {text: text.strip() for text in texts}
        found: dict[str, int] = {}
        for look in (self._early, self._staged, self._sent, self._titled, self._here_titled):
            if not left:
                break
            hits = look(kind, set(left.values()))
            found |= {text: hits[name] for text, name in left.items() if name in hits}
            left = {text: name for text, name in left.items() if text not in found}
        return found

    def _early(self, kind: str, names: set[str]) -> dict[str, int]:
        mine = self.early.get(kind, {})
        return {name: mine[name] for name in names if name in mine}

    def _staged(self, kind: str, names: set[str]) -> dict[str, int]:
        return self.keys.find(kind, names)

    def _sent(self, kind: str, names: set[str]) -> dict[str, int]:
        return {key: found[0] for key, found in self.identities(kind, sorted(names)).items()}

    def _titled(self, kind: str, names: set[str]) -> dict[str, int]:
        lower = {name: name.lower() for name in names}
        hits = self.titles.find(kind, lower.values())
        return {name: hits[low] for name, low in lower.items() if low in hits}

    def _here_titled(self, kind: str, names: set[str]) -> dict[str, int]:
        if not KINDS.get(kind).title_field or KINDS.get(kind).title_field.endswith("_id"):
            return {}
        hits = history.find_by_title(kind, names)
        return {name: hits[name.lower()] for name in names if name.lower() in hits}

    # -- references ------------------------------------------------------------------------

    def refer(
        self, kind: str, texts: set[str], policy: str, names: Mapping[str, str]
    ) -> dict[str, tuple[int | None, str, str]]:
        """Return (id or None, suggestion, code) of each text; unknown ones are made by policy.

        The code says what is doubtful: not known, or added and not yet confirmed.
        """
        if kind == "stage":
            return {t: self._told(kind, t, self.stages.get(t)) for t in texts}
        found = self.find(kind, texts)
        # who was erased is not made anew: their record without them takes their place
        erased = {text: self._instead(kind, text) for text in texts - found.keys()}
        found |= {text: record_id for text, record_id in erased.items() if record_id}
        unknown = sorted(texts - found.keys())
        if unknown and self._may_make(kind, policy):
            if kind in self.told:
                near = {text.strip(): self.likely(kind, text) for text in unknown}
                if kind == "account":
                    near = {text: other for text, other in near.items() if other}
                self.added.setdefault(kind, {}).update(near)
            found |= self._make(kind, unknown, names)
            unknown = []
        result = {text: self._told(kind, text, record_id) for text, record_id in found.items()}
        for text in unknown:
            result[text] = (None, self.likely(kind, text), "unknown_reference")
        return result

    def _told(self, kind: str, text: str, record_id: int | None) -> tuple[int | None, str, str]:
        if record_id is None:
            return None, self.stage_hints.get(text, ""), "unknown_reference"
        name = text.rpartition(SEPARATOR)[2].strip()
        hint = self.added.get(kind, {}).get(name)
        return (record_id, "", "") if hint is None else (record_id, hint, ADDED[kind])

    def _may_make(self, kind: str, policy: str) -> bool:
        if kind not in MADE_FROM_TITLE or policy == "warn":
            return False
        return policy == "create" or self.creates.get(kind, False)

    def _make(self, kind: str, texts: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
        ids = list(reserve_ids(kind, len(texts)))
        title = KINDS.get(kind).title_field
        for text, record_id in zip(texts, ids, strict=True):
            values: dict[str, Any] = {title: names.get(text) or text.strip()}
            if kind in {"rep", "account"} and text.strip() not in self.added.get(kind, {}):
                self.quietly.setdefault(kind, []).append(str(values[title]))
            self.add_made(kind, text.strip(), record_id, values)
        return dict(zip(texts, ids, strict=True))

    def add_made(self, kind: str, key: str, record_id: int, values: dict[str, Any]) -> None:
        """Make a record that rows refer to."""
        draft = Draft(0, key[:200], record_id, True, 0, 0, values, [])
        self.made.setdefault(kind, []).append(draft)
        self.keys.add(kind, [key], [record_id])
        self.titles.add(kind, [str(values.get("name", key)).lower()], [record_id])

    def likely(self, kind: str, text: str) -> str:
        """Return the known name that an unknown one probably means."""
        if kind not in self._here:
            self._here[kind] = self._names_here(kind)
        return self._here[kind].get(nearest(text, list(self._here[kind])), "")

    def _names_here(self, kind: str) -> dict[str, str]:
        staged = self.titles.all(kind)
        if len(staged) > MANY or not KINDS.get(kind).title_field:
            return {}
        if history.model_of(KINDS.get(kind))._default_manager.count() > MANY:
            return {}
        title = KINDS.get(kind).title_field
        names = {name: name for name in self.keys.all(kind)} if kind in MADE_FROM_TITLE else {}
        for values in _few(kind).values():
            if isinstance(values.get(title), str):
                names[values[title]] = values[title]
        return names

    # -- stages ----------------------------------------------------------------------------

    def prepare_stages(
        self,
        told: Mapping[str, int],
        default_pipeline: str,
        created_stage: str,
        repairs: Mapping[str, str],
    ) -> None:
        """Find or make the stages that a survey saw (`pipeline SEP stage` or `stage` -> times).

        repairs: what names of stages mean; those that were repaired are not made again.
        """
        meant = {text: meant_by(text, repairs) for text in told if text not in self.stages}
        seen: dict[str, int] = {}
        for text, other in meant.items():
            seen[other] = seen.get(other, 0) + told[text]
        by_pipeline: dict[str, dict[str, int]] = {}
        for text, times in seen.items():
            pipeline, _, stage = text.rpartition(SEPARATOR)
            if stage.strip():
                group = by_pipeline.setdefault(pipeline.strip() or default_pipeline, {})
                group[stage.strip()] = group.get(stage.strip(), 0) + times
        for pipeline, stages in by_pipeline.items():
            ids = self._pipeline(pipeline, stages, created_stage)
            for text in seen:
                name, _, stage = text.rpartition(SEPARATOR)
                if (name.strip() or default_pipeline) == pipeline and stage.strip():
                    self.stages[text] = ids.get(fold(stage))
                    if self.stages[text] is None:
                        known = {s for s in stages if fold(s) in ids}
                        self.stage_hints[text] = nearest(stage, sorted(known))
        self.stages |= {text: self.stages.get(other) for text, other in meant.items()}

    def _pipeline(
        self, pipeline: str, seen: Mapping[str, int], created_stage: str
    ) -> dict[str, int]:
        found = self.find("pipeline", [pipeline])
        if not found:
            record_id = reserve_ids("pipeline", 1)[0]
            position = len(_few("pipeline")) + len(self.made.get("pipeline", ())) + 1
            self.add_made("pipeline", pipeline, record_id, {"name": pipeline, "position": position})
            found = {pipeline: record_id}
        pipeline_id = found[pipeline]
        here = {
            fold(values["name"]): values
            for values in _few("stage").values()
            if values.get("pipeline_id") == pipeline_id and values.get("name")
        }
        ids = {name: int(values["id"]) for name, values in here.items()}
        fresh = [name for name in in_order(seen) if fold(name) not in ids]
        if not self.is_exact:
            fresh = [name for name in fresh if not self._is_slip(name, seen, list(here))]
        if here:
            known = [str(values["name"]) for values in here.values()]
            self.added.setdefault("stage", {}).update({n: nearest(n, known) for n in fresh})
        elif fresh:
            self.quietly.setdefault("stage", []).extend(fresh)
        self._make_stages(pipeline, pipeline_id, fresh, ids, start=len(here))
        meanings = {n: str(v.get("meaning") or "open") for n, v in here.items()}
        meanings |= {fold(name): meaning_of(name) for name in fresh}
        positions = {n: int(v.get("position") or 0) for n, v in here.items()}
        order = [n for n in sorted(here, key=lambda n: positions[n]) if n in ids] + [
            fold(n) for n in fresh
        ]
        opens = [name for name in order if meanings[name] == "open"]
        wanted = fold(created_stage)
        first = ids.get(wanted if wanted in opens else (opens[0] if opens else ""))
        for name, stage_id in ids.items():
            self.stage_facts[stage_id] = StageFact(meanings[name], first)
            self.pipeline_of[stage_id] = pipeline_id
        return ids

    def _make_stages(
        self, pipeline: str, pipeline_id: int, names: Sequence[str], ids: dict[str, int], start: int
    ) -> None:
        reserved = reserve_ids("stage", len(names)) if names else ()
        for position, (name, stage_id) in enumerate(
            zip(names, reserved, strict=True), start=start + 1
        ):
            meaning = meaning_of(name)
            values: dict[str, Any] = {
                "name": name,
                "pipeline_id": pipeline_id,
                "position": position,
                "meaning": meaning,
                "category": {"won": "closed", "lost": "omitted"}.get(meaning, "pipeline"),
            }
            if meaning != "open":
                values["probability"] = 1.0 if meaning == "won" else 0.0
            self.add_made("stage", f"{pipeline}/{name}", stage_id, values)
            ids[fold(name)] = stage_id

    @staticmethod
    def _is_slip(name: str, seen: Mapping[str, int], here: Sequence[str]) -> bool:
        """Tell a mistyped stage from a new one: rare, and close to one that is not."""
        others = [n for n in seen if n != name and seen[n] >= 20 * seen[name]]
        return seen[name] < 5 and bool(nearest(name, [*others, *here]))

    # -- resuming --------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return everything that cannot be found again, as plain data."""
        return {
            "keys": self.keys.state(),
            "titles": self.titles.state(),
            "stages": self.stages,
            "hints": self.stage_hints,
            "facts": {i: tuple(fact) for i, fact in self.stage_facts.items()},
            "pipelines": self.pipeline_of,
            "made": {kind: [tuple(d) for d in drafts] for kind, drafts in self.made.items()},
            "creates": self.creates,
            "told": sorted(self.told),
            "added": self.added,
            "quietly": self.quietly,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`."""
        self.keys.resume(state["keys"])
        self.titles.resume(state["titles"])
        self.stages, self.stage_hints = state["stages"], state["hints"]
        self.stage_facts = {i: StageFact(*fact) for i, fact in state["facts"].items()}
        self.pipeline_of = state["pipelines"]
        self.made = {kind: [Draft(*d) for d in drafts] for kind, drafts in state["made"].items()}
        self.creates = state["creates"]
        self.told, self.added = set(state["told"]), state["added"]
        self.quietly = state["quietly"]


def _few(kind: str) -> dict[int, dict[str, Any]]:
    """Return all records of a kind that has few."""
    return history.states_as_of(kind, None)
