"""What is done with one field that is to be written to a service: the conflict policies."""

from __future__ import annotations

from perilune.hub.contracts.writing import Policy, Sides, Verdict


def verdict(sides: Sides, policy: Policy, decision: str = "") -> Verdict:
    """Return what is to be done with a field.

    Parameters
    ----------
    sides
        What the service said last, what stands there now, what stands here.
    policy
        Whose value counts where both sides changed the field. «newest» compares instants: the
        edit here against the last change of the record there, which is no earlier than that of the
        field; in doubt (equal, or not known) a person decides.
    decision
        What a person decided on exactly these sides: `ours`, `theirs`, or nothing yet.

    Notes
    -----
    A field that stands there as it was known is written; one that stands there as it is wanted is
    left. What takes a batch back writes only over what that batch wrote.
    """
    if sides.found == sides.wanted:
        return Verdict.SAME
    if sides.found == sides.known:
        return Verdict.WRITE
    if policy is Policy.UNDO:
        return Verdict.LEAVE
    if decision in (Policy.OURS, Policy.THEIRS):
        policy = Policy(decision)
    if policy is Policy.NEWEST:
        policy = _newer(sides)
    return {
        Policy.OURS: Verdict.WRITE,
        Policy.THEIRS: Verdict.TAKE,
        Policy.ASK: Verdict.ASK,
    }[policy]


def _newer(sides: Sides) -> Policy:
    if not sides.edited_us or not sides.changed_us or sides.edited_us == sides.changed_us:
        return Policy.ASK
    return Policy.OURS if sides.edited_us > sides.changed_us else Policy.THEIRS
