"""From a table to groups of records that are of one thing, every pair with its probability."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Field, Label, Options, Part, Quality, Tell
from perilune.hub.engine.matching import (
    asking,
    blocking,
    clustering,
    comparing,
    judging,
    labelling,
    mixture,
    numbers,
    scoring,
)
from perilune.hub.engine.matching.interning import Column, column_of
from perilune.hub.engine.matching.nodes import Nodes, nodes_of
from perilune.hub.engine.matching.pairs import Pairs, rows_of
from perilune.hub.engine.matching.sets import without
from perilune.kernel.messages import gettext_noop as _

Floats = NDArray[np.float64]
IntArray = NDArray[np.int64]

DRAWN = 200_000
"""Pairs drawn at random, to learn how often records of two things agree."""
KEPT = 3_000_000
"""Pairs that are looked at closely, the most probable ones of the candidates."""
CHUNK = 500_000
WORKERS = 2
"""Chunks under work at once."""


@dataclass(frozen=True)
class Found:
    """The answer. Rows are numbers of the table's rows; pairs stand by falling probability.

    left, right: rows of each pair, by id; probability; levels, bits: (pairs, fields) how alike and
    how much it adds; base: bits before any field; decided: 1 or -1 where a registration number or
    a label decided; group: number of each row's group, that of its first row by id; asked: numbers
    of pairs to ask about; contradictory: numbers of labels that cannot all be true.
    """

    fields: list[Field]
    left: IntArray
    right: IntArray
    probability: Floats
    levels: NDArray[np.int8]
    bits: NDArray[np.float32]
    base: float
    decided: NDArray[np.int8]
    group: IntArray
    asked: IntArray
    candidates: int
    quality: Quality | None
    contradictory: list[int]

    def parts(self, pair: int) -> list[Part]:
        """Return what each field adds to a pair, the weightiest first."""
        found = [
            Part(f.column, int(level), comparing.levels_of(f.role), float(bits))
            for f, level, bits in zip(self.fields, self.levels[pair], self.bits[pair], strict=True)
        ]
        return sorted(found, key=lambda part: -abs(part.bits))


def find(
    ids: Sequence[str], fields: Sequence[Field], cells: Sequence[Sequence[str]], *,
    labels: Sequence[Label] = (), options: Options | None = None, tell: Tell | None = None,
) -> Found:  # fmt: skip
    """Find the records of one thing.

    ids: distinct; cells: texts of each field's column; labels: at most one a pair of rows.
    The order of rows changes nothing. Time grows with rows times `blocking.BLOCK` at most.
    """
    options = options or Options()
    say = tell or _silent
    columns = []
    for number, (field, column) in enumerate(zip(fields, cells, strict=True)):
        say(_("Reading values"), 0.2 * number / len(fields))
        columns.append(column_of(field, column))
    nodes = nodes_of(columns, ids, labels)
    return _Search(nodes, list(fields), options, say).run(ids, labels)


def _silent(_message: str, _share: float) -> None:
    return


class _Search:
    """One search: what is learnt on the way is kept here."""

    def __init__(self, nodes: Nodes, fields: list[Field], options: Options, say: Tell) -> None:
        self.nodes, self.fields, self.options, self.say = nodes, fields, options, say
        self.columns: list[Column] = nodes.columns
        self.rng = np.random.default_rng(options.seed)
        self.count = len(nodes)
        self.weight = nodes.counts.astype(np.float64)
        self.model = mixture.Mixture((), (), -np.inf)
        self.corrected: scoring.Corrected | None = None
        self.candidates = 0

    def run(self, ids: Sequence[str], labels: Sequence[Label]) -> Found:
        pairs = self._candidates()
        told = labelling.Labelled.of(labels, self.nodes)
        quality = self._learn(pairs, told) if len(told) else None
        self.say(_("Grouping"), 0.85)
        decided = numbers.decided(self.columns, pairs.left, pairs.right)
        pairs.probability = _overruled(pairs.probability, decided)
        pairs = self._completed(pairs)
        decided = numbers.decided(self.columns, pairs.left, pairs.right)
        pairs.probability = _overruled(pairs.probability, decided)
        pairs, decided = pairs.added(told.pairs, told.verdict, decided, self.count)
        group = self._grouped(pairs, decided, told)
        asked = self._asked(pairs, decided, group, told)
        return self._answer(
            ids, pairs, decided=decided, group=group, asked=asked, told=told, quality=quality
        )

    # -- pairs -------------------------------------------------------------------------------------

    def _candidates(self) -> Pairs:
        """Return the probable ones of the pairs that share a key; fit the model without labels."""
        self.say(_("Looking for pairs"), 0.25)
        packed = blocking.candidates(self.columns, self.count)
        left, right = packed // self.count, packed % self.count
        self.candidates = len(packed)
        levels = self._levels(left, right)
        self._fit(levels)
        score = np.zeros(len(left))
        for i in range(0, len(left), CHUNK):
            part = slice(i, i + CHUNK)
            score[part] = self._first(left[part], right[part], levels[part])
        kept = np.arange(len(score))
        if len(score) > KEPT:
            kept = np.sort(np.argsort(-score, kind="stable")[:KEPT])
        return Pairs(left[kept], right[kept], scoring.logistic(score[kept]))

    def _levels(self, left: IntArray, right: IntArray) -> NDArray[np.int8]:
        """Compare pairs, chunks of them side by side: most of the work lets others run."""
        found = np.empty((len(left), len(self.columns)), np.int8)
        chunks = [slice(i, i + CHUNK) for i in range(0, len(left), CHUNK)]

        def compared(part: slice) -> NDArray[np.int8]:
            return comparing.compare(self.columns, left[part], right[part], False).levels

        with ThreadPoolExecutor(WORKERS) as pool:
            for part, levels in zip(chunks, pool.map(compared, chunks), strict=True):
                self.say(_("Comparing pairs"), 0.3 + 0.35 * part.start / len(left))
                found[part] = levels
        return found

    def _fit(self, levels: NDArray[np.int8]) -> None:
        """Fit the model without labels on pairs of nodes: copies of a row teach nothing."""
        pairs = self.count * (self.count - 1) / 2
        if pairs <= DRAWN:
            left, right = np.triu_indices(self.count, 1)
        else:
            left, right = self.rng.integers(0, self.count, (2, DRAWN))
            left, right = left[left != right], right[left != right]
        drawn = comparing.compare(self.columns, left, right, False).levels
        sizes = [comparing.levels_of(c.field.role) for c in self.columns]
        self.model = mixture.fit(levels, drawn, sizes, pairs)

    def _first(self, left: IntArray, right: IntArray, levels: NDArray[np.int8]) -> Floats:
        gained = scoring.gains(self.columns, self.model, left, right, levels)
        found: Floats = self.model.prior + gained.sum(axis=1)
        return found

    def _design(self, left: IntArray, right: IntArray) -> scoring.Design:
        compared = comparing.compare(self.columns, left, right)
        gained = scoring.gains(self.columns, self.model, left, right, compared.levels)
        return scoring.design(self.columns, compared, gained)

    def _probability(self, left: IntArray, right: IntArray) -> Floats:
        """Return probabilities by the model in force."""
        found = np.zeros(len(left))
        for i in range(0, len(left), CHUNK // 5):
            part = slice(i, i + CHUNK // 5)
            if self.corrected:
                score = self.corrected.score(self._design(left[part], right[part]))
            else:
                levels = comparing.compare(self.columns, left[part], right[part], False).levels
                score = self._first(left[part], right[part], levels)
            found[part] = scoring.logistic(score)
        return found

    def _learn(self, pairs: Pairs, told: labelling.Labelled) -> Quality | None:
        """Correct the model by labels, and judge it on each label without that label."""
        self.say(_("Learning from labels"), 0.7)
        labelled = self._design(told.left, told.right)
        some = np.sort(
            self.rng.choice(len(pairs.left), min(scoring.ANCHORS, len(pairs.left)), replace=False)
        )
        anchors = self._design(pairs.left[some], pairs.right[some]).x
        believed = pairs.probability[some]

        def fitted(use: NDArray[np.bool_]) -> scoring.Corrected:
            return scoring.corrected(labelled.x[use], told.same[use], anchors, believed)

        quality = judging.judge(
            told.same, told.groups, self.rng,
            lambda use: scoring.logistic(fitted(use).score(labelled)),
        )  # fmt: skip
        self.corrected = fitted(np.ones(len(told), bool))
        pairs.probability = self._probability(pairs.left, pairs.right)
        return quality

    def _completed(self, pairs: Pairs) -> Pairs:
        """Return the pairs, and those of one connected part that no key brought together."""
        part = clustering.parts(pairs, self.count)
        left, right = clustering.within(part)
        fresh = without(left * self.count + right, pairs.left * self.count + pairs.right)
        left, right = fresh // self.count, fresh % self.count
        self.part = part
        return pairs.with_(Pairs(left, right, self._probability(left, right)))

    # -- groups ------------------------------------------------------------------------------------

    def _grouped(
        self, pairs: Pairs, decided: NDArray[np.int8], told: labelling.Labelled
    ) -> IntArray:
        """Return the group of each node."""
        part = clustering.joined(self.part, told.left[told.same], told.right[told.same])
        apart = decided < 0
        return clustering.group(
            pairs, self.weight, part,
            zip(pairs.left[apart].tolist(), pairs.right[apart].tolist(), strict=True),
            zip(told.left[told.same].tolist(), told.right[told.same].tolist(), strict=True),
        )  # fmt: skip

    def _asked(
        self, pairs: Pairs, decided: NDArray[np.int8], group: IntArray, told: labelling.Labelled
    ) -> IntArray:
        if not self.options.ask:
            return np.zeros(0, np.int64)
        levels = comparing.compare(self.columns, pairs.left, pairs.right, False).levels
        pattern = (levels.astype(np.int64) + 1) @ (9 ** np.arange(len(self.columns)))
        weight = self.weight[pairs.left] * self.weight[pairs.right]
        return asking.ask(
            self.options.ask, pairs, weight, group=group, pattern=pattern, known=decided != 0
        )

    # -- the answer --------------------------------------------------------------------------------

    def _answer(
        self, ids: Sequence[str], pairs: Pairs, *, decided: NDArray[np.int8], group: IntArray,
        asked: IntArray, told: labelling.Labelled, quality: Quality | None,
    ) -> Found:  # fmt: skip
        self.say(_("Writing down"), 0.95)
        copies = np.flatnonzero(self.nodes.counts > 1)
        own = self._probability(copies, copies)
        own_decided = numbers.decided(self.columns, copies, copies)
        own = _overruled(own, own_decided)
        own[np.all([c.codes[copies] < 0 for c in self.columns], axis=0)] = 0.0
        likely = (own > self.options.thresholds.different) | (own >= 0.5)
        told_copies, told_own = copies[likely], own[likely]
        listed = pairs.probability > self.options.thresholds.different
        listed |= group[pairs.left] == group[pairs.right]
        listed |= decided != 0
        listed[asked] = True
        order = np.flatnonzero(listed)
        node_left = np.concatenate([pairs.left[order], told_copies])
        node_right = np.concatenate([pairs.right[order], told_copies])
        left, right, at = rows_of(self.nodes, node_left, node_right)
        probability = np.concatenate([pairs.probability[order], told_own])[at]
        told_by = np.concatenate([decided[order], own_decided[likely]])[at]
        levels, bits, base = self._reasons(node_left, node_right)
        sort = np.lexsort((np.arange(len(at)), -np.round(probability, 9)))
        first = np.full(len(node_left), -1, np.int64)
        first[at[sort][::-1]] = np.arange(len(at))[::-1]
        place = np.searchsorted(order, asked)
        return Found(
            self.fields, left[sort], right[sort], probability[sort], levels[at[sort]],
            bits[at[sort]], base, told_by[sort], self._row_groups(ids, group, copies, own),
            first[place], self.candidates, quality, told.contradictory,
        )  # fmt: skip

    def _reasons(
        self, left: IntArray, right: IntArray
    ) -> tuple[NDArray[np.int8], NDArray[np.float32], float]:
        """Return levels and bits by field of pairs of nodes, and the bits before any field."""
        levels = np.empty((len(left), len(self.columns)), np.int8)
        bits = np.empty((len(left), len(self.columns)), np.float32)
        base = self.model.prior
        width = len(self.columns)
        for i in range(0, len(left), CHUNK // 5):
            part = slice(i, i + CHUNK // 5)
            compared = comparing.compare(
                self.columns, left[part], right[part], self.corrected is not None
            )
            levels[part] = compared.levels
            gained = scoring.gains(
                self.columns, self.model, left[part], right[part], compared.levels
            )
            if self.corrected:
                made = scoring.design(self.columns, compared, gained)
                added, base = self.corrected.parts(made, width)
            else:
                added = gained[:, :width] + gained[:, width:]
            bits[part] = added * mixture.BITS
        return levels, bits, base * mixture.BITS

    def _row_groups(
        self, ids: Sequence[str], group: IntArray, copies: IntArray, own: Floats
    ) -> IntArray:
        """Return the group of each row: copies that are not probably one thing stay apart."""
        node = self.nodes.node
        of_row = group[node]
        doubtful = copies[own < 0.5]
        alone = [self.nodes.members(int(one))[1:] for one in doubtful]
        names = of_row.copy()
        if alone:
            rows = np.concatenate(alone)
            names[rows] = self.count + np.arange(len(rows))
        first: dict[int, int] = {}
        for row in sorted(range(len(ids)), key=ids.__getitem__):
            first.setdefault(int(names[row]), row)
        return np.array([first[int(name)] for name in names], np.int64)


def _overruled(probability: Floats, decided: NDArray[np.int8]) -> Floats:
    """Return probabilities with those that a number or a person decided at their end."""
    return np.where(decided > 0, 1.0, np.where(decided < 0, 0.0, probability))
