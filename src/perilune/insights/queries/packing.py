"""Models as bytes and back: a zip of arrays and one JSON, nothing that could run."""

from __future__ import annotations

import io
import json
from dataclasses import asdict

import numpy as np

from perilune.insights.engine.design import Columns, Feature, Yardstick
from perilune.insights.engine.hazard import Model
from perilune.insights.engine.learning import Lesson


def packed(lesson: Lesson) -> bytes:
    """Return a model and what it expected as bytes."""
    model = lesson.model
    facts = {
        "day": model.day,
        "log_median": model.yard.log_median,
        "has_year": model.columns.has_year,
        "features": [asdict(item) for item in model.columns.features],
        "events": model.events,
    }
    owners = np.array(
        [[number, *pair] for number, pair in sorted(model.owner.items())], dtype=float
    )
    file = io.BytesIO()
    np.savez_compressed(
        file,
        facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
        coef=model.coef,
        owners=owners.reshape(-1, 3),
        expected=lesson.expected,
    )
    return file.getvalue()


def unpacked(data: bytes) -> Lesson:
    """Return what `packed` was given."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        facts = json.loads(found["facts"].tobytes())
        features = tuple(
            Feature(item["name"], item["label"], tuple(item["levels"]), item["is_dynamic"])
            for item in facts["features"]
        )
        owner = {int(row[0]): (float(row[1]), float(row[2])) for row in found["owners"]}
        model = Model(
            facts["day"],
            Columns(features, facts["has_year"]),
            Yardstick(facts["log_median"]),
            found["coef"],
            owner,
            (facts["events"][0], facts["events"][1]),
        )
        return Lesson(model, found["expected"])
