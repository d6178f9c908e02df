"""The stages that a source tells itself, by their ids: what they mean is not guessed from names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perilune.history import queries as history
from perilune.history.service import reserve_ids
from perilune.hub.contracts.sync import SourceStage
from perilune.hub.engine.proof import StageFact
from perilune.hub.engine.values import fold

if TYPE_CHECKING:
    from perilune.hub.service.resolver import Resolver

_CATEGORIES = {"won": "closed", "lost": "omitted"}


def prepare(resolver: Resolver, told: Sequence[Sequence[Any]]) -> None:
    """Find or make the stages that a source tells, so that rows name them by their ids.

    told: each as the fields of a `SourceStage`. A stage is found by its id, then by its name in
    its pipeline; one that was renamed there keeps its record and its name here.
    """
    by_pipeline: dict[str, list[SourceStage]] = {}
    for one in sorted((SourceStage(*parts) for parts in told), key=lambda s: s.position):
        by_pipeline.setdefault(one.pipeline, []).append(one)
    for key, stages in by_pipeline.items():
        pipeline_id = _pipeline(resolver, key, stages[0].pipeline_label)
        ids = _stages(resolver, pipeline_id, stages)
        meanings = {ids[s.key]: s.meaning for s in stages} | _meanings_here(set(ids.values()))
        first = next((ids[s.key] for s in stages if meanings[ids[s.key]] == "open"), None)
        for stage_key, stage_id in ids.items():
            resolver.stages[stage_key] = stage_id
            resolver.stage_facts[stage_id] = StageFact(meanings[stage_id], first)
            resolver.pipeline_of[stage_id] = pipeline_id


def known(
    source: str, told: Sequence[SourceStage], here: Mapping[int, Mapping[str, Any]]
) -> dict[str, int]:
    """Return which record each stage of a source is, by its id; here: the stages as they stand."""
    keys = [one.key for one in told]
    found = {
        k: record_id for k, (record_id, _d) in history.identities(source, "stage", keys).items()
    }
    lines = history.identities(source, "pipeline", {one.pipeline for one in told})
    pipelines = {key: record_id for key, (record_id, _digest) in lines.items()}
    named = {(s.get("pipeline_id"), fold(str(s.get("name") or ""))): i for i, s in here.items()}
    titles = {fold(str(p.get("name") or "")): i
              for i, p in history.states_as_of("pipeline", None).items()}  # fmt: skip
    for one in told:
        pipeline = pipelines.get(one.pipeline, titles.get(fold(one.pipeline_label)))
        if one.key not in found and (pipeline, fold(one.label)) in named:
            found[one.key] = named[pipeline, fold(one.label)]
    return found


def _pipeline(resolver: Resolver, key: str, label: str) -> int:
    sent = resolver.identities("pipeline", [key])
    if key in sent:
        return sent[key][0]
    found = resolver.find("pipeline", [label])
    if label in found:
        return found[label]
    record_id = reserve_ids("pipeline", 1)[0]
    place = len(history.states_as_of("pipeline", None)) + len(resolver.made.get("pipeline", ())) + 1
    resolver.add_made("pipeline", key, record_id, {"name": label, "position": place})
    return record_id


def _stages(resolver: Resolver, pipeline_id: int, stages: Sequence[SourceStage]) -> dict[str, int]:
    sent = resolver.identities("stage", [s.key for s in stages])
    ids = {key: record_id for key, (record_id, _digest) in sent.items()}
    named = {
        fold(str(values["name"])): record_id
        for record_id, values in history.states_as_of("stage", None).items()
        if values.get("pipeline_id") == pipeline_id and values.get("name")
    }
    ids |= {
        s.key: named[fold(s.label)] for s in stages if s.key not in ids and fold(s.label) in named
    }
    fresh = [s for s in stages if s.key not in ids]
    for one, stage_id in zip(fresh, reserve_ids("stage", len(fresh)) if fresh else (), strict=True):
        ids[one.key] = stage_id
        resolver.add_made("stage", one.key, stage_id, _values(one, pipeline_id))
    if fresh:
        resolver.quietly.setdefault("stage", []).extend(s.label for s in fresh)
    return ids


def _values(one: SourceStage, pipeline_id: int) -> dict[str, Any]:
    return {
        "name": one.label, "pipeline_id": pipeline_id, "position": one.position,
        "meaning": one.meaning, "category": _CATEGORIES.get(one.meaning, "pipeline"),
        "probability": one.probability,
    }  # fmt: skip


def _meanings_here(ids: set[int]) -> dict[int, str]:
    """Return what the stages mean that stand here already: somebody may have said otherwise."""
    return {
        record_id: str(values.get("meaning") or "open")
        for record_id, values in history.states_as_of("stage", sorted(ids)).items()
    }
