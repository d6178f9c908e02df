"""Rows with the same normal values are one node, so that a thousand copies cost as much as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Label
from perilune.hub.engine.matching.interning import Column, IntArray

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Nodes:
    """Nodes in the order of their values: how rows stand in the file changes nothing.

    rows: row of the file for each place, rows of one node side by side, by id; starts: first
    place of each node, and the end; node: node of each row of the file; counts: rows of each node.
    """

    rows: Rows
    starts: Rows
    node: Rows
    columns: list[Column]

    @property
    def counts(self) -> Rows:
        """How many rows each node stands for."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def members(self, node: int) -> Rows:
        """Return the rows of a node, by id."""
        return self.rows[self.starts[node] : self.starts[node + 1]]


def nodes_of(columns: Sequence[Column], ids: Sequence[str], labels: Sequence[Label]) -> Nodes:
    """Return the nodes of a table. A row that a person has judged is a node of its own."""
    count = len(ids)
    rank = np.empty(count, np.int64)
    rank[np.array(sorted(range(count), key=ids.__getitem__), np.int64)] = np.arange(count)
    alone = np.full(count, -1, np.int64)
    for label in labels:
        for row in (label.left, label.right):
            alone[row] = rank[row]
    keys: list[NDArray[np.int64] | IntArray] = [c.codes for c in columns]
    order = np.lexsort([rank, alone, *reversed(keys)])
    fresh = np.zeros(count, bool)
    fresh[0] = True
    for key in [*keys, alone]:
        ordered = key[order]
        fresh[1:] |= ordered[1:] != ordered[:-1]
    starts = np.r_[np.flatnonzero(fresh), count]
    node = np.empty(count, np.int64)
    node[order] = np.cumsum(fresh) - 1
    heads = order[starts[:-1]]
    return Nodes(order, starts, node, [_at(c, heads) for c in columns])


def _at(column: Column, heads: Rows) -> Column:
    """Return a column by node: a value is as rare as its nodes, whatever their copies."""
    codes = column.codes[heads]
    counts = np.bincount(codes[codes >= 0], minlength=len(column.values)).astype(np.int32)
    return replace(column, codes=codes, counts=counts)
