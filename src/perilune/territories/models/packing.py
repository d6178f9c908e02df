"""Arrays in one compressed blob: a hundred thousand units are one row, not as many."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return named arrays as bytes: a head that names them, then their bytes, deflated lightly."""
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    head = json.dumps([(name, a.dtype.str, a.shape) for name, a in plain.items()]).encode()
    body = zlib.compress(b"".join(array.tobytes() for array in plain.values()), 1)
    return len(head).to_bytes(4, "little") + head + body


def unpack(blob: bytes | memoryview) -> dict[str, NDArray[Any]]:
    """Return what `pack` packed; the arrays are for reading only."""
    blob = bytes(blob)
    size = int.from_bytes(blob[:4], "little")
    body = zlib.decompress(blob[4 + size :])
    found: dict[str, NDArray[Any]] = {}
    at = 0
    for name, kind, shape in json.loads(blob[4 : 4 + size]):
        count = int(np.prod(shape, dtype=np.int64))
        found[name] = np.frombuffer(body, np.dtype(kind), count, at).reshape(shape)
        at += found[name].nbytes
    return found


def pack_one(array: NDArray[Any]) -> bytes:
    """Return one array as bytes."""
    return pack({"a": array})


def unpack_one(blob: bytes | memoryview) -> NDArray[Any]:
    """Return what `pack_one` packed, for reading only."""
    return unpack(blob)["a"]


def pack_texts(texts: list[str]) -> bytes:
    """Return texts as bytes."""
    return zlib.compress(json.dumps(texts, ensure_ascii=False).encode(), 6)


def unpack_texts(blob: bytes | memoryview) -> list[str]:
    """Return what `pack_texts` packed."""
    found: list[str] = json.loads(zlib.decompress(bytes(blob)))
    return found
