"""Reads of duplicates: the last search of a kind, groups to judge, merges that were done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from perilune.crm import queries as crm
from perilune.history import queries as history
from perilune.hub.contracts.duplicates import Part
from perilune.hub.contracts.merging import MERGEABLE, PURPOSE
from perilune.hub.contracts.review import (
    GroupLine,
    GroupState,
    GroupView,
    MergeLine,
    PairWhy,
    SearchInfo,
)
from perilune.hub.models import DuplicateAnswer, DuplicateGroup, DuplicateSearch, MassMerge
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import people

LISTED = 200


def last_search(kind: str) -> SearchInfo | None:
    """Return the latest search of a kind that came to its end, or None."""
    row = DuplicateSearch.objects.filter(kind=kind, finished_at__isnull=False).first()
    return None if row is None else _search_info(row)


def running_search(kind: str) -> int | None:
    """Return the job of a search of a kind that has not come to its end."""
    row = DuplicateSearch.objects.filter(kind=kind).first()
    return row.job_id if row is not None and row.finished_at is None else None


def _search_info(row: DuplicateSearch) -> SearchInfo:
    groups = row.groups.values_list("state", "is_question")
    counts = Counter(GroupState(state) for state, _asked in groups)
    return SearchInfo(
        row.id, row.kind, row.actor, row.merge, row.different, row.records, row.candidates,
        tuple(row.fields), row.quality, row.seconds, row.job_id, row.started_at, row.finished_at,
        counts, sum(asked and state == GroupState.OPEN.value for state, asked in groups),
        DuplicateAnswer.objects.filter(kind=row.kind).count(),
    )  # fmt: skip


def groups(
    kind: str, scope: Scope, state: GroupState = GroupState.OPEN, *, questions: bool = False,
    limit: int = LISTED,
) -> list[GroupLine]:  # fmt: skip
    """Return groups of the last search that a scope sees whole, the surest first."""
    search = last_search(kind)
    if search is None:
        return []
    rows = DuplicateGroup.objects.filter(search_id=search.id, state=state.value)
    rows = rows.filter(is_question=questions).order_by("-weakest", "id")
    found: list[GroupLine] = []
    for start in range(0, rows.count(), limit):
        some = list(rows[start : start + limit])
        states = history.states_as_of(kind, [one for row in some for one in row.ids])
        for row in some:
            there = [states[one] for one in row.ids if one in states]
            if all(crm.is_seen(kind, one, scope) for one in there):
                titles = tuple(str(one.get("name") or f"#{one['id']}") for one in there)
                found.append(
                    GroupLine(
                        row.id,
                        tuple(row.ids),
                        titles,
                        row.weakest,
                        row.rule,
                        row.is_question,
                        state,
                    )
                )
        if len(found) >= limit or scope.owners is None:
            break
    return found[:limit]


def group(group_id: int, scope: Scope) -> GroupView:
    """Return a group with its pairs; NotFound when it is not there, Refused outside the scope."""
    row = DuplicateGroup.objects.select_related("search").filter(id=group_id).first()
    if row is None:
        raise NotFound(_("There is no group %(id)s of duplicates."), id=group_id)
    kind = row.search.kind
    states = history.states_as_of(kind, row.ids)
    for state in states.values():
        crm.require_seen(kind, state, scope)
    pairs = tuple(
        PairWhy(p.left_id, p.right_id, p.probability, tuple(Part(*part) for part in p.parts))
        for p in row.pairs.order_by("-probability", "id")
    )
    order = list(
        DuplicateGroup.objects.filter(
            search=row.search, state=GroupState.OPEN.value, is_question=row.is_question
        )
        .order_by("-weakest", "id")
        .values_list("id", flat=True)
    )
    at = order.index(row.id) if row.id in order else -1
    return GroupView(
        row.id, kind, tuple(one for one in row.ids if one in states),
        tuple(one for one in row.ids if one not in states),
        row.weakest, row.rule, row.is_question, GroupState(row.state), pairs,
        order[at - 1] if at > 0 else None,
        order[at + 1] if at + 1 < len(order) else None,
    )  # fmt: skip


def require_all_seen(kind: str, ids: Iterable[int], scope: Scope) -> None:
    """Refuse unless a scope sees every record."""
    for state in history.states_as_of(kind, list(ids)).values():
        crm.require_seen(kind, state, scope)


def next_group(search_kind: str, is_question: bool) -> int | None:
    """Return the first group that is still to judge."""
    search = last_search(search_kind)
    if search is None:
        return None
    rows = DuplicateGroup.objects.filter(
        search_id=search.id, state=GroupState.OPEN.value, is_question=is_question
    )
    return rows.order_by("-weakest", "id").values_list("id", flat=True).first()


def merges(scope: Scope, limit: int = 50) -> list[MergeLine]:
    """Return the latest merges whose record a scope sees, newest first."""
    found = []
    for info in history.recent_sets(limit, PURPOSE):
        kept = history.kept_by(info.id)
        if kept is None or kept[0] not in MERGEABLE:
            continue
        kind, record_id, gone = kept
        state = history.state_as_of(kind, record_id)
        if state is not None and not crm.is_seen(kind, state, scope):
            continue
        found.append(
            MergeLine(
                info.id, kind, record_id, gone, info.title, info.actor, info.recorded_at,
                info.retracted_at, info.retracted_by,
            )
        )  # fmt: skip
    return found


def merge_line(change_set_id: int, scope: Scope) -> MergeLine:
    """Return one merge; NotFound when there is none, Refused outside the scope."""
    info, done = history.set_info(change_set_id), history.kept_by(change_set_id)
    if info is None or done is None:
        raise NotFound(_("There is no merge %(id)s to take back."), id=change_set_id)
    kind, kept, gone = done
    state = history.state_as_of(kind, kept)
    if state is not None:
        crm.require_seen(kind, state, scope)
    return MergeLine(
        info.id, kind, kept, gone, info.title, info.actor, info.recorded_at, info.retracted_at,
        info.retracted_by,
    )  # fmt: skip


def later_merges(change_set_id: int) -> list[int]:
    """Return the merges that stand on one."""
    return history.merges_after(change_set_id)


def authors() -> dict[str, str]:
    """Return the names of people by the name under which history records them."""
    return {person.username: person.name for person in people(with_inactive=True)}


def mass_merge_sets(mass_id: int) -> tuple[str, list[int]]:
    """Return the kind and the change sets of a mass merge; NotFound when there is none."""
    row = MassMerge.objects.filter(id=mass_id).first()
    if row is None:
        raise NotFound(_("There is no mass merge %(id)s."), id=mass_id)
    return row.kind, list(row.change_set_ids)
