"""What a record must and should satisfy: errors stop a write, warnings may be accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perilune.crm.engine.numbers import siren_of_vat, siren_problem, siret_problem, vat_problem
from perilune.kernel.errors import Problem
from perilune.kernel.kinds import Field
from perilune.kernel.messages import gettext_noop as _

WHOLE = 10_000
"""The shares of a deal's credit in 1/10,000 (rule 8)."""

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (`is_error`) or doubtful with a record."""

    problem: Problem
    is_error: bool = True


@dataclass(frozen=True)
class Facts:
    """What the check knows of the world.

    meanings: a stage's meaning by id. taken: lower-case names that siblings have (stages).
    """

    today: date
    meanings: Mapping[int, str] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Share:
    """A rep's part of a deal's credit in 1/10,000; overlay credit stands apart."""

    rep_id: int
    share: int
    is_overlay: bool = False


def check(
    kind: str, fields: Sequence[Field], values: Mapping[str, Any], facts: Facts
) -> list[Finding]:
    """Check a whole record (decoded values by field name) and return what was found."""
    found = [
        _error(item.name, _("This is needed."))
        for item in fields
        if item.is_required and values.get(item.name) in (None, "")
    ]
    found += _bounded(fields, values)
    found += _forms(values)
    found += _RULES.get(kind, _nothing)(values, facts)
    return found


def _bounded(fields: Sequence[Field], values: Mapping[str, Any]) -> Iterator[Finding]:
    for item in fields:
        value = values.get(item.name)
        if item.bounds is not None and value is not None and not item.allows(value):
            message = _("This lies between %(least)s and %(greatest)s.")
            least, greatest = (f"{bound:g}".replace("-", "\u2212") for bound in item.bounds)
            params = {"least": least, "greatest": greatest}
            yield Finding(Problem(message, params, field=item.name))


def _forms(values: Mapping[str, Any]) -> Iterator[Finding]:
    for name, problem in (
        ("siren", siren_problem),
        ("siret", siret_problem),
        ("vat_number", vat_problem),
        ("email", _email_problem),
        ("currency", _currency_problem),
    ):
        text = values.get(name)
        if text and (message := problem(str(text))):
            yield _error(name, message)


def _email_problem(text: str) -> str:
    if _EMAIL.fullmatch(text):
        return ""
    return _("This is not an e-mail address such as anne@example.com.")


def _currency_problem(text: str) -> str:
    if re.fullmatch(r"[A-Z]{3}", text):
        return ""
    return _("A currency is three capital letters such as EUR.")


def _nothing(values: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    return iter(())


def _account(values: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    siren, siret = _plain(values.get("siren")), _plain(values.get("siret"))
    if siren and siret and not siret.startswith(siren):
        yield _error("siret", _("The SIRET does not begin with the SIREN."))
    inside = siren_of_vat(values.get("vat_number") or "")
    if siren and inside and inside != siren:
        yield _error("vat_number", _("The VAT number does not hold this SIREN."))
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if values.get(one) is not None and values.get(other) is None:
            yield _warning(other, _("A place needs both its latitude and its longitude."))
    if (values.get("headcount") or 0) < 0:
        yield _error("headcount", _("A headcount is not negative."))
    founded = values.get("founded_year")
    if founded is not None and not 1000 <= founded <= facts.today.year:
        yield _warning("founded_year", _("Check this year."))


def _opportunity(values: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    created, closes = values.get("created_date"), values.get("close_date")
    if created and closes and closes < created:
        yield _warning("close_date", _("The close date lies before the creation."))
    amount = values.get("amount")
    if amount is not None and amount < 0:
        yield _warning("amount", _("The amount is negative."))
    meaning = facts.meanings.get(values.get("stage_id") or 0, "open")
    if meaning == "open":
        if closes and closes < facts.today:
            yield _warning("close_date", _("This deal is open, and its close date has passed."))
        return
    if not closes:
        yield _error("close_date", _("A closed deal needs the day it was closed."))
    elif closes > facts.today:
        yield _warning("close_date", _("The day of the close lies in the future."))
    if meaning == "won" and amount is None:
        yield _warning("amount", _("A won deal without an amount counts for nothing."))


def _stage(values: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    if str(values.get("name") or "").strip().lower() in facts.taken:
        yield _error("name", _("There is a stage of this name in the pipeline already."))
    probability = values.get("probability")
    if probability is not None and not 0 <= probability <= 1:
        yield _error("probability", _("A probability lies between 0 and 1."))


def _spans(first: str, last: str) -> Callable[[Mapping[str, Any], Facts], Iterator[Finding]]:
    def rule(values: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
        start, end = values.get(first), values.get(last)
        if start and end and end < start:
            yield _error(last, _("The end lies before the beginning."))

    return rule


_RULES: dict[str, Callable[[Mapping[str, Any], Facts], Iterator[Finding]]] = {
    "account": _account,
    "opportunity": _opportunity,
    "stage": _stage,
    "campaign": _spans("start_date", "end_date"),
    "price_book": _spans("effective_from", "effective_to"),
    "case": _spans("opened_at", "closed_at"),
    "lead": _spans("created_date", "converted_date"),
    "contract": _spans("start_date", "end_date"),
}


def check_shares(shares: Iterable[Share]) -> list[Finding]:
    """Check the credit of a deal: shares sum to 100 %, overlay apart, no rep twice (rule 8)."""
    listed = list(shares)
    found = []
    if any(item.share <= 0 or item.share > WHOLE for item in listed):
        found.append(_error("share", _("A share lies above 0 and at most at 100 %.")))
    own = [item for item in listed if not item.is_overlay]
    total = sum(item.share for item in own)
    if own and total != WHOLE:
        message = _("The shares sum to %(total)s %%; they must sum to 100 %%.")
        shown = f"{total / 100:g}"
        found.append(Finding(Problem(message, {"total": shown}, field="share")))
    for part in (own, [item for item in listed if item.is_overlay]):
        if len({item.rep_id for item in part}) < len(part):
            found.append(_error("rep_id", _("A rep is named twice.")))
    return found


def _plain(text: Any) -> str:
    return re.sub(r"\s", "", str(text or ""))


def _error(name: str, message: str) -> Finding:
    return Finding(Problem(message, {}, field=name))


def _warning(name: str, message: str) -> Finding:
    return Finding(Problem(message, {}, field=name), is_error=False)
