"""Which row of a table speaks of which record: exact numbers first, then a probability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from perilune.hub.contracts.duplicates import Field, Options, Role, Thresholds
from perilune.hub.contracts.enriching import Answer, Subject
from perilune.hub.engine.enriching.registers import Said
from perilune.hub.engine.matching import normal
from perilune.hub.engine.matching.finding import find
from perilune.hub.engine.mending.places import siren_in
from perilune.kernel.kinds import Scalar

_FIELDS = (
    (Role.NAME, "name"), (Role.ADDRESS, "street"), (Role.POSTCODE, "postcode"),
    (Role.CITY, "city"), (Role.PHONE, "phone"), (Role.DOMAIN, "website"),
)  # fmt: skip
MOST_ALIKE = 20
"""Rows that share a name with a record and are compared with it; a name of more says nothing."""


class Joining:
    """Takes a table row by row and keeps what may speak of a record: memory goes with those."""

    def __init__(self, subjects: Sequence[Subject], threshold: float) -> None:
        self.subjects, self.threshold = subjects, threshold
        self.by_siret: defaultdict[str, list[Subject]] = defaultdict(list)
        self.by_siren: defaultdict[str, list[Subject]] = defaultdict(list)
        self.by_key: defaultdict[tuple[str, str], list[Subject]] = defaultdict(list)
        self.by_name: defaultdict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(subjects):
            self._index(at, one)
        self.found: defaultdict[int, list[Said]] = defaultdict(list)
        self.alike: defaultdict[int, list[Said]] = defaultdict(list)

    def _index(self, at: int, one: Subject) -> None:
        siret, siren, vat = (
            normal.registration(one.text(name)) for name in ("siret", "siren", "vat_number")
        )
        inside = siren_in(siret, vat.upper()) | ({siren} if siren else set())
        if siret:
            self.by_siret[siret].append(one)
        for number in inside:
            self.by_siren[number].append(one)
        if vat:
            self.by_key["vat_number", vat].append(one)
        if mail := normal.email(one.text("email")):
            self.by_key["email", mail].append(one)
        if not (siret or inside or vat):  # numbers decide before any probability (rule 36)
            name = normal.name(one.text("name"))
            if name:
                self.by_name[name].append(at)

    def take(self, rows: Iterable[Said]) -> None:
        """Look at rows."""
        for said in rows:
            exact = self._exact(said)
            for one in exact:
                self.found[one.record_id].append(said)
            if exact:
                continue
            for at in self.by_name.get(normal.name(said.text("name")), ()):
                self.alike[at].append(said)

    def _exact(self, said: Said) -> list[Subject]:
        siret = normal.registration(said.text("siret"))
        siren = normal.registration(said.text("siren")) or siret[:9]
        mine = self.by_siret.get(siret, []) if siret else []
        if mine:
            return mine
        if siren and (said.is_seat or not siret):
            # a site that names itself is not told of another site: only of the company
            alone = [
                one for one in self.by_siren.get(siren, []) if not siret or not one.text("siret")
            ]
            if alone:
                return alone
        for name in ("vat_number", "email"):
            key = normal.NORMAL[Role.EMAIL if name == "email" else Role.REGISTRATION]
            value = key(said.text(name))
            if value and (name, value) in self.by_key:
                return self.by_key[name, value]
        return []

    def answers(self) -> Iterator[Answer]:
        """Give what was found: of several rows of one company all values, the own site's first."""
        own = {one.record_id: normal.registration(one.text("siret")) for one in self.subjects}
        for record_id, rows in self.found.items():
            siret = own[record_id]
            order = sorted(rows, key=lambda said: (said.text("siret") != siret, not said.is_seat))
            yield _answer(record_id, order, None)
        yield from self._likely()

    def _likely(self) -> Iterator[Answer]:
        wanted = [(at, rows) for at, rows in self.alike.items() if len(rows) <= MOST_ALIKE]
        if not wanted:
            return
        ids: list[str] = []
        cells: list[list[str]] = [[] for _field in _FIELDS]
        told: dict[str, Said] = {}
        for at, rows in wanted:
            subject = self.subjects[at]
            _add(ids, cells, f"a{at}", subject)
            for number, said in enumerate(rows):
                told[f"b{at}.{number}"] = said
                _add(ids, cells, f"b{at}.{number}", said)
        filled = [n for n, column in enumerate(cells) if any(column)]
        found = find(
            ids, [Field(_FIELDS[n][1], _FIELDS[n][0]) for n in filled], [cells[n] for n in filled],
            options=Options(Thresholds(self.threshold, min(self.threshold, 0.1))),
        )  # fmt: skip
        pairs = zip(
            found.left.tolist(), found.right.tolist(), found.probability.tolist(), strict=True
        )
        yield from self._best(ids, told, pairs)

    def _best(
        self, ids: list[str], told: dict[str, Said], pairs: Iterable[tuple[int, int, float]]
    ) -> Iterator[Answer]:
        """Give the one row that is likeliest to be a record; none where two are as likely."""
        best: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
        for left, right, probability in pairs:
            one, other = sorted((ids[left], ids[right]))
            if one[0] == "a" and other.startswith(f"b{one[1:]}.") and probability >= self.threshold:
                best[int(one[1:])].append((probability, other))
        for at, rows in sorted(best.items()):
            rows.sort(reverse=True)
            sirens = {told[key].text("siren") or key for share, key in rows if share == rows[0][0]}
            if len(sirens) == 1:
                yield _answer(self.subjects[at].record_id, [told[rows[0][1]]], rows[0][0])


def _add(ids: list[str], cells: list[list[str]], key: str, one: Subject | Said) -> None:
    ids.append(key)
    for column, (_role, name) in zip(cells, _FIELDS, strict=True):
        column.append(one.text(name))


def _answer(record_id: int, rows: Sequence[Said], probability: float | None) -> Answer:
    values: dict[str, Scalar] = {}
    for said in rows:
        for name, value in said.values.items():
            values.setdefault(name, value)
    days = [said.told_on for said in rows if said.told_on]
    return Answer(record_id, values, max(days, default=None), probability)
