"""Proposes what a file's rows are and which column is which field, with a confidence."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from perilune.hub.contracts import FieldMap, FileMap, RecordMap, Shape
from perilune.hub.engine import known
from perilune.hub.engine.values import fold
from perilune.kernel.kinds import FieldType, Kind
from perilune.kernel.messages import gettext_noop as _

SURE = 0.9
FUZZY_FROM = 86
HINT_FROM = 65
_PREFIX = re.compile(r"^(deal|person|organization|lead|activity|product|contact) - ", re.I)
_LETTERS = re.compile(r"[^a-z0-9]+")


def plain(header: str) -> str:
    """Return a header as folded letters and digits: what the known names are written in."""
    return _LETTERS.sub("", fold(_PREFIX.sub("", header)))


def words_of(header: str) -> list[str]:
    """Return the folded words of a header."""
    return [word for word in _LETTERS.split(fold(_PREFIX.sub("", header))) if word]


def core(header: str) -> str:
    """Return a header without the words that say nothing: «Nom de l'établissement» is a company."""
    return "".join(word for word in words_of(header) if word not in known.EMPTY_WORDS)


def is_id(kind: str, header: str) -> bool:
    """Tell whether a header names ids: these name a record at its source, not to its readers."""
    word = plain(header)
    own = known.SYNONYMS.get(kind, {}).get("_key", "").split()
    return word in own or words_of(header)[-1:] == ["id"] or words_of(header)[:1] == ["id"]


def hint(kind: str, header: str, taken: Collection[str]) -> str:
    """Return the field that an unmapped column may be meant for, "" where none is near enough."""
    words = {
        word: name
        for name, listed in known.SYNONYMS.get(kind, {}).items()
        for word in listed.split()
        if name not in taken and not name.startswith("_")
    }
    best: tuple[str, float] = ("", HINT_FROM)
    for text in (plain(header), core(header)):
        if len(text) < 3:
            continue
        found = process.extractOne(text, list(words), scorer=fuzz.ratio, score_cutoff=best[1])
        if found:
            best = (words[found[0]], found[1])
    return best[0]


def propose(
    file: str, header: Sequence[str], kinds: Mapping[str, Kind], *, has_header: bool = True
) -> FileMap:
    """Return how a file of these columns is best read; shape SKIP with a reason when it is none."""
    if not has_header:
        return FileMap(file, Shape.SKIP, confidence=0, reason=_("It has no header row."))
    names = {name: plain(name) for name in header}
    if set(names.values()) >= known.DICTIONARY_HEADERS and len(header) <= 6:
        return FileMap(file, Shape.SKIP, reason=_("It describes fields; it holds no records."))
    return (
        _history(file, names)
        or _events(file, names)
        or _records(file, names, kinds)
        or FileMap(file, Shape.SKIP, confidence=0, reason=_("Its columns are of no known record."))
    )


def _columns(names: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, synonyms in wanted.items():
        for word in synonyms.split():
            column = next(
                (c for c, p in names.items() if p == word and c not in found.values()), None
            )
            if column is not None:
                found[role] = column
                break
    return found


def _history(file: str, names: Mapping[str, str]) -> FileMap | None:
    found = _columns(names, known.HISTORY_COLUMNS)
    if not {"record", "field", "new", "at"} <= set(found) or "old" not in found:
        return None
    plain_record = names[found["record"]]
    kind = {"accountid": "account", "leadid": "lead"}.get(plain_record, "opportunity")
    return FileMap(file, Shape.HISTORY, (RecordMap(kind, ()),), {"columns": found})


def _events(file: str, names: Mapping[str, str]) -> FileMap | None:
    found = _columns(names, known.EVENT_COLUMNS)
    if not {"case", "activity", "at"} <= set(found):
        return None
    is_process_log = names[found["case"]] == "caseconceptname"
    if not is_process_log and names[found["activity"]] in {"stage", "stagename"} and len(names) > 6:
        return None  # a list of deals with a time of creation, not a log
    options: dict[str, object] = {"columns": found, "closed_is_final": is_process_log}
    if is_process_log:
        options["ignore_prefixes"] = ["W_"]  # work items between the steps, by the log's convention
    record = RecordMap("opportunity", (FieldMap("owner_id", on_unknown="create"),))
    return FileMap(file, Shape.EVENTS, (record,), options)


def as_kind(file: str, header: Sequence[str], kind: str, kinds: Mapping[str, Kind]) -> FileMap:
    """Return the best reading of a file as records of one kind, whatever it looks like."""
    names = {name: plain(name) for name in header}
    is_known = kind in known.SYNONYMS
    match = _match(kind, file, names) if is_known else _Match(kind, {}, 0)
    return FileMap(file, Shape.RECORDS, _built(match, names, kinds), _options(match, names))


def chosen(mapping: FileMap, columns: Mapping[str, str], key: str, kind: Kind) -> FileMap:
    """Return the mapping with the fields that a person chose for each column (empty: left out)."""
    first = mapping.records[0]
    by_column = {one.column: one for one in first.fields}
    fields = []
    for column, name in columns.items():
        if not name or name == "_key":
            continue
        before = by_column.get(column)
        is_same = before is not None and before.field == name
        fields.append(before if is_same and before else FieldMap(name, column))
    keys = tuple(c for c, name in columns.items() if name == "_key") or (
        (key,) if key else tuple(k for k in first.key if k in columns)
    )
    if kind.title_field and keys and all(f.field != kind.title_field for f in fields):
        own = kind.field(kind.title_field)
        if own.type is FieldType.TEXT and kind.name != "contact":
            fields.append(FieldMap(kind.title_field, keys[0]))
    record = RecordMap(first.kind, tuple(fields), keys, first.is_distinct)
    return FileMap(mapping.file, mapping.shape, (record,), mapping.options)


# -- records -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Match:
    """The columns of one kind as found: field -> (column, confidence)."""

    kind: str
    fields: Mapping[str, tuple[str, float]]
    score: float


def _records(file: str, names: Mapping[str, str], kinds: Mapping[str, Kind]) -> FileMap | None:
    matches = [_match(kind, file, names) for kind in known.SYNONYMS if kind in kinds]
    matches = [m for m in matches if _is_anchored(m)]
    if not matches:
        return None
    matches.sort(key=lambda m: -m.score)
    best = matches[0]
    is_close = len(matches) > 1 and matches[1].score > best.score * 0.95
    records = _built(best, names, kinds)
    doubts = [_("It could also be another kind of record.")] if is_close else []
    required = {item.name for item in kinds[best.kind].fields if item.is_required}
    weakest = min(
        (c for f, (_c, c) in best.fields.items() if f in required | {"_key"}), default=1.0
    )
    if weakest < SURE:
        doubts.append(_("A required field was recognised only by likeness."))
    if not records:
        return None
    return FileMap(
        file, Shape.RECORDS, records, _options(best, names), round(weakest, 2), tuple(doubts)
    )


def _match(kind: str, file: str, names: Mapping[str, str]) -> _Match:
    synonyms = {word: f for f, words in known.SYNONYMS[kind].items() for word in words.split()}
    ranks = {
        word: rank
        for words in known.SYNONYMS[kind].values()
        for rank, word in enumerate(words.split())
    }
    found: dict[str, tuple[str, float]] = {}
    ranked: dict[str, int] = {}
    for column, word in names.items():
        target = synonyms.get(word)
        if target and (target not in found or ranks[word] < ranked[target]):
            found[target], ranked[target] = (column, 1.0), ranks[word]
    used = {column for column, _c in found.values()}
    for column in names:
        # the same words but for those that say nothing: nearly as good as the word itself
        target = synonyms.get(core(column)) if column not in used else None
        if target and target not in found and not is_id(kind, column):
            found[target] = (column, SURE)
            used.add(column)
    for column, word in names.items():
        if column in used or word in synonyms or len(word) < 4:
            continue
        target, likeness = _likely(column, synonyms)
        if target and target not in found:
            found[target] = (column, likeness)
    hint = any(word in fold(file) for word in known.FILE_HINTS.get(kind, "").split())
    score = (
        sum(c for _f, c in found.values()) - 0.25 * (len(names) - len(found)) + (2.5 if hint else 0)
    )
    return _Match(kind, found, score)


def _likely(column: str, synonyms: Mapping[str, str]) -> tuple[str, float]:
    """Return the field whose known names a header is nearest to, with a confidence; "" for none."""
    for text in (plain(column), core(column)):
        best = process.extractOne(text, list(synonyms), scorer=fuzz.ratio, score_cutoff=FUZZY_FROM)
        if best and len(text) >= 4:
            return synonyms[best[0]], best[1] / 100 * 0.95
    return "", 0.0


def _is_anchored(match: _Match) -> bool:
    have = set(match.fields)
    if match.kind == "contact" and "last_name" in have:
        have.add("name")
    return any(set(need) <= have for need in known.ANCHORS[match.kind])


def _built(
    match: _Match, names: Mapping[str, str], kinds: Mapping[str, Kind]
) -> tuple[RecordMap, ...]:
    if match.kind == "rep":
        return _people(match)
    kind = kinds[match.kind]
    fields = [
        FieldMap(
            name,
            column,
            scale=_scale(match.kind, name, names),
            name_column=_label_beside(name, column, match.kind, names),
            confidence=round(confidence, 2),
        )
        for name, (column, confidence) in match.fields.items()
        if name != "_key"
    ]
    key = _key(match, kind)
    if kind.title_field and kind.title_field not in match.fields and "_key" in match.fields:
        fields += _title(match, kind)
    return (RecordMap(match.kind, tuple(fields), key),)


def _title(match: _Match, kind: Kind) -> list[FieldMap]:
    if kind.field(kind.title_field).type is not FieldType.TEXT or match.kind == "contact":
        return []
    return [FieldMap(kind.title_field, match.fields["_key"][0])]


def _scale(kind: str, name: str, names: Mapping[str, str]) -> int:
    is_maven = kind == "account" and set(names) >= known.MAVEN_ACCOUNTS
    return 1_000_000 if is_maven and name == "annual_revenue" else 1


def _label_beside(name: str, column: str, kind: str, names: Mapping[str, str]) -> str:
    """Find the readable name that stands beside an id (AccountId, Account Name)."""
    if not names[column].endswith("id"):
        return ""
    words = known.SYNONYMS[kind].get(name, "").split()
    beside = (c for c, p in names.items() if c != column and p in words and not p.endswith("id"))
    return next(beside, "")


def _key(match: _Match, kind: Kind) -> tuple[str, ...]:
    fields = match.fields
    if "_key" in fields:
        return (fields["_key"][0],)
    natural = {
        "product": ("code", "name"),
        "contact": ("email", "name"),
        "lead": ("email", "name"),
        "rep": ("email", "name"),
        "rate": ("rate_set", "currency", "starts"),
        "quota": ("rep_id", "team_id", "starts", "_period", "level", "effective_from"),
        "submission": ("rep_id", "team_id", "period_start", "made_on", "category", "author"),
        "absence": ("rep_id", "first_day"),
        "campaign_member": ("campaign_id", "contact_id", "lead_id"),
        "opportunity": ("name", "account_id", "created_date"),
        "account": ("siret", "name"),
        "quote": ("number", "name"),
    }.get(match.kind, ())
    present = [fields[name][0] for name in natural if name in fields]
    if match.kind in {"product", "contact", "lead", "account", "quote"}:
        return (
            tuple(present[-1:])
            if "name" in fields and match.kind == "product"
            else tuple(present[:1])
        )
    if not present and kind.title_field in fields:
        return (fields[kind.title_field][0],)
    return tuple(present)


def _people(match: _Match) -> tuple[RecordMap, ...]:
    """Read a list of sellers: reps, managers, the manager's team, its region, who is where."""
    fields = {name: column for name, (column, _c) in match.fields.items()}
    key = (fields.get("_key") or fields["name"],)
    own = [
        n
        for n in ("name", "email", "phone", "title", "country", "hire_date", "leave_date")
        if n in fields
    ]
    result = []
    region, manager, team = (fields.get(n, "") for n in ("_region", "_manager", "_team"))
    if region:
        level = FieldMap("level", constant="region")
        result.append(
            RecordMap("team", (FieldMap("name", region), level), (region,), is_distinct=True)
        )
    if manager:
        result.append(RecordMap("rep", (FieldMap("name", manager),), (manager,), is_distinct=True))
    of_team = team or manager
    if of_team:
        parts = [FieldMap("name", of_team), FieldMap("level", constant="team")]
        parts += [FieldMap("parent_id", region)] if region else []
        result.append(RecordMap("team", tuple(parts), (of_team,), is_distinct=True))
    result.append(RecordMap("rep", tuple(FieldMap(n, fields[n]) for n in own), key))
    group = of_team or region
    start = [FieldMap("effective_from", fields["hire_date"])] if "hire_date" in fields else []
    if group:
        parts = [
            FieldMap("rep_id", key[0]),
            FieldMap("team_id", group),
            FieldMap("role", constant="seller"),
        ]
        parts += [FieldMap("manager_id", manager)] if manager else []
        result.append(RecordMap("assignment", (*parts, *start), key))
    if manager:
        parts = [
            FieldMap("rep_id", manager),
            FieldMap("team_id", group),
            FieldMap("role", constant="manager"),
        ]
        result.append(RecordMap("assignment", tuple(parts), (manager,), is_distinct=True))
    return tuple(result)


def _options(match: _Match, names: Mapping[str, str]) -> dict[str, object]:
    if match.kind != "opportunity":
        return {}
    options: dict[str, object] = {}
    if "engagedate" in names.values():
        options["created_stage"] = "Engaging"  # the date at which a deal entered this stage
    return options
