"""Answers as arrays and back: numbers as they are, all else as one JSON; nothing that could run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import By, ForecastRow, Note, Status
from perilune.forecasting.contracts.ranges import Backtest, MemberRow, Point
from perilune.forecasting.engine import Answer, Lots
from perilune.kernel.ranges import Range

_CLASSES: Mapping[str, type] = {
    each.__name__: each
    for each in (Answer, Backtest, By, ForecastRow, Lots, MemberRow, Note, Point, Range, Status)
}
_TREE = "tree"


def packed(answer: Answer) -> dict[str, NDArray[Any]]:
    """Return an answer as arrays; TypeError for what is no number, text or class of an answer."""
    found: dict[str, NDArray[Any]] = {}
    tree = json.dumps(_told(answer, found)).encode()
    return found | {_TREE: np.frombuffer(tree, dtype=np.uint8)}


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> Answer:
    """Return what `packed` was given."""
    made: Answer = _made(json.loads(arrays[_TREE].tobytes()), arrays)
    return made


def _told(value: Any, into: dict[str, NDArray[Any]]) -> Any:
    if isinstance(value, np.ndarray):
        name = str(len(into))
        into[name] = value
        return {"array": name}
    if isinstance(value, Enum):  # before the texts, which some are too
        return {"of": _named(value), "value": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {"pairs": [[_told(key, into), _told(each, into)] for key, each in value.items()]}
    if isinstance(value, tuple | list):
        return [_told(each, into) for each in value]
    if is_dataclass(value):
        told = {each.name: _told(getattr(value, each.name), into) for each in fields(value)}
        return {"of": _named(value), "fields": told}
    raise TypeError(type(value))


def _named(value: Any) -> str:
    name = type(value).__name__
    if _CLASSES.get(name) is not type(value):
        raise TypeError(type(value))
    return name


def _made(told: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(told, list):
        return tuple(_made(each, arrays) for each in told)
    if not isinstance(told, dict):
        return told
    if "array" in told:
        return arrays[told["array"]]
    if "pairs" in told:
        return {_made(key, arrays): _made(each, arrays) for key, each in told["pairs"]}
    of = _CLASSES[told["of"]]
    if "value" in told:
        return of(told["value"])
    return of(**{name: _made(each, arrays) for name, each in told["fields"].items()})
