"""Answers that engines gave, kept beside the tables across processes: derived, safe to delete.

The key of an answer says all that it depends on, so none is ever outdated; what was asked for least
lately goes. A rebuild of the store empties every shelf.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.generic]]

_KEY = re.compile(r"^[0-9a-f]{16,64}$")
_NAME = re.compile(r"^[a-z_]+$")
_KINDS = "biuf"
"""Kinds of numbers that are kept: bytes that hold no more than themselves."""

log = logging.getLogger(__name__)


class Shelf:
    """Arrays by key in a folder of the store, at most so many bytes of them."""

    def __init__(self, store: Path, name: str, most: int) -> None:
        if not _NAME.match(name):
            raise ValueError(name)
        self._folder, self._most = store / "shelves" / name, most

    def get(self, key: str) -> dict[str, NDArray[np.generic]] | None:
        """Return the arrays of a key, which cannot be written to; None where there are none.

        What was cut short by a crash, or by a full disk, counts as missing.
        """
        path = self._path(key)
        try:
            data = path.read_bytes()
            found = _unpacked(data)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("shelf: %s is left aside: %s", path.name, error)
            return None
        with suppress(OSError):  # gone, or not ours to touch: what was read stands
            os.utime(path)
        return found

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays of numbers; where the disk does not take them they are reckoned again."""
        path = self._path(key)
        draft = path.with_name(f".{uuid4().hex}.draft")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(_packed(arrays))
            os.replace(draft, path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            log.warning("shelf: %s is not kept: %s", path.name, error)

    def tidy(self) -> int:
        """Let the answers go that were asked for least lately, down to the bound; return how many.

        Nine tenths of the bound stay, so that not every new answer looks at all others.
        """
        known = []
        for path in self._folder.glob("*"):
            try:
                told = path.stat()
            except OSError:
                continue  # another process was quicker
            known.append((told.st_mtime, told.st_size, path))
        weight = sum(size for _when, size, _path in known)
        gone = 0
        if weight > self._most:
            for _when, size, path in sorted(known):
                path.unlink(missing_ok=True)
                weight, gone = weight - size, gone + 1
                if weight <= self._most * 0.9:
                    break
        return gone

    def _path(self, key: str) -> Path:
        if not _KEY.match(key):
            raise ValueError(key)
        return self._folder / key


def empty_all(store: Path) -> None:
    """Take every shelf of a store away."""
    shutil.rmtree(store / "shelves", ignore_errors=True)


def _packed(arrays: Arrays) -> bytes:
    """Return one line of JSON that tells names, types, shapes and a sum, then the numbers."""
    parts, told = [], []
    for name, array in arrays.items():
        if array.dtype.kind not in _KINDS:
            raise TypeError(array.dtype)
        parts.append(np.ascontiguousarray(array).tobytes())
        told.append([name, array.dtype.str, list(array.shape)])
    body = b"".join(parts)
    head = json.dumps({"arrays": told, "sum": zlib.crc32(body)})
    return head.encode() + b"\n" + body


def _unpacked(data: bytes) -> dict[str, NDArray[np.generic]]:
    line, _end, _rest = data.partition(b"\n")
    head, at = json.loads(line), len(line) + 1
    if zlib.crc32(memoryview(data)[at:]) != head["sum"]:
        raise ValueError("its sum is another")
    found = {}
    for name, kind, shape in head["arrays"]:
        of = np.dtype(kind)
        if of.kind not in _KINDS:
            raise ValueError(kind)
        count = int(np.prod(shape, dtype=np.int64))
        found[name] = np.frombuffer(data, of, count, at).reshape(shape)
        at += count * of.itemsize
    return found
