"""What an answer may propose: by field, blank or not, older or newer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from perilune.hub.contracts.enriching import Answer, Policy, Subject
from perilune.hub.contracts.mending import Proposal, Rule, Spelling, Sure
from perilune.hub.engine.matching.words import fold
from perilune.hub.engine.mending.proposing import normal_of
from perilune.kernel.countries import country_code
from perilune.kernel.kinds import Scalar


def offers(
    kind: str, subject: Subject, answer: Answer, policies: Mapping[str, Policy],
    *, since: Mapping[str, date], spelling: Spelling,
) -> Iterator[Proposal]:  # fmt: skip
    """Give what an answer proposes, in the company's spelling.

    since: field to the day from which its value stands. A value that says the same in another
    spelling proposes nothing.
    """
    code = country_code(str(answer.values.get("country") or "") or subject.text("country"))
    for name, value in answer.values.items():
        old = subject.values.get(name)
        new = normal_of(kind, name, value, code, spelling) if isinstance(value, str) else value
        policy = policies.get(name, Policy.FILL)
        if new is None or policy is Policy.LEAVE or _says_the_same(old, new):
            continue
        if old is None or policy is Policy.ASK or _is_newer(policy, answer, since.get(name)):
            yield Proposal(kind, subject.record_id, name, old, new, Rule.ENRICHED,
                           _sure(answer, old))  # fmt: skip


def _says_the_same(old: Scalar, new: Scalar) -> bool:
    if isinstance(old, str) and isinstance(new, str):
        return fold(old) == fold(new)
    return old == new


def _is_newer(policy: Policy, answer: Answer, since: date | None) -> bool:
    if policy is not Policy.REPLACE or answer.told_on is None or since is None:
        return False
    return answer.told_on > since


def _sure(answer: Answer, old: Scalar) -> Sure:
    if answer.probability is not None:
        return Sure.LOOK
    return Sure.CERTAIN if old is None else Sure.LIKELY
