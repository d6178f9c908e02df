"""Edits as sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from perilune.planning.contracts import (
    WHAT_LABELS,
    Absence,
    Assumption,
    Edit,
    Hire,
    Index,
    Leave,
    Move,
    Price,
    Quota,
    Ramp,
    Shock,
)
from perilune.planning.queries import Names
from perilune.ui import formats

MOST_NAMED = 3
ICONS: Mapping[str, str] = {
    "hire": "user",
    "leave": "log-out",
    "absence": "clock",
    "ramp": "trending-up",
    "move": "arrow-right",
    "quota": "target",
    "price": "tag",
    "shock": "triangle-alert",
    "index": "gauge",
}


class Speaker:
    """Tells edits of one scenario; knows the names of what they speak of, its hires among them."""

    def __init__(self, assumptions: Iterable[Assumption], names: Names) -> None:
        self._names = names
        self._hires = {-item.id: item.edit for item in assumptions if isinstance(item.edit, Hire)}

    def tell(self, edit: Edit) -> str:
        """Return the sentence of an edit."""
        told = _TELLERS[type(edit)](self, edit)
        return told[:1].upper() + told[1:]

    def rep(self, rep_id: int | None) -> str:
        """Return a rep's name; a hire is called by its team and day."""
        if rep_id in self._hires:
            hire = self._hires[rep_id]
            # translators: a planned hire in place of a name
            return gettext("the hire in %(team)s of %(day)s") % {
                "team": self.team(hire.team_id),
                "day": formats.day(hire.starts),
            }
        return self._names.rep.get(rep_id or 0) or gettext("a rep who is no longer known")

    def team(self, team_id: int | None) -> str:
        """Return a team's name."""
        return self._names.team.get(team_id or 0) or gettext("a team that is no longer known")

    def product(self, product_id: int | None) -> str:
        """Return a product's name."""
        return self._names.product.get(product_id or 0) or f"#{product_id}"

    def hires(self) -> list[tuple[int, str]]:
        """Return (id, name) of the scenario's hires, for pickers."""
        return [(rep_id, self.rep(rep_id)) for rep_id in self._hires]

    def accounts(self, ids: tuple[int, ...]) -> str:
        """Return the names of some accounts, the first few by name."""
        known = [self._names.account.get(id_) or f"#{id_}" for id_ in ids]
        rest = len(known) - MOST_NAMED
        text = ", ".join(known[:MOST_NAMED])
        if rest <= 0:
            return text
        more = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", rest)
        return more % {"names": text, "n": rest}

    def unit(self, unit: str) -> str:
        """Return whose a quota is."""
        kind, _colon, number = unit.partition(":")
        if kind == "company":
            return gettext("the company")
        return self.team(int(number)) if kind == "team" else self.rep(int(number))


def role_label(role: str) -> str:
    """Return the reader's word for a selling role."""
    return {
        "seller": gettext("Seller"),
        "manager": gettext("Manager"),
        "overlay": gettext("Overlay"),
        "sdr": gettext("Sales development"),
    }.get(role, role)


def change(factor: float) -> str:
    """Write a factor as the change that it is: 0.9 gives −10%."""
    ratio = factor - 1.0
    shown = formats.percent(abs(ratio))
    for zero in (".0", ",0"):
        shown = shown.replace(zero + "%", "%").replace(zero + formats.THIN, formats.THIN)
    return ("+" if ratio > 0 else formats.MINUS) + shown


def _join(parts: list[str]) -> str:
    text = parts[0]
    for part in parts[1:]:
        # translators: the first half of a sentence, and what it adds
        text = gettext("%(first)s; %(more)s") % {"first": text, "more": part}
    return text


def _hire(speaker: Speaker, edit: Hire) -> str:
    if edit.role == "seller":
        told = ngettext(
            "%(n)s seller joins %(team)s on %(day)s",
            "%(n)s sellers join %(team)s on %(day)s",
            edit.heads,
        )
    else:
        told = ngettext(
            "%(n)s person joins %(team)s on %(day)s (%(role)s)",
            "%(n)s people join %(team)s on %(day)s (%(role)s)",
            edit.heads,
        )
    parts = [
        told
        % {
            "n": edit.heads,
            "team": speaker.team(edit.team_id),
            "day": formats.day(edit.starts),
            "role": role_label(edit.role),
        }
    ]
    if edit.fte != 1:
        parts.append(gettext("each at %(share)s") % {"share": formats.percent(edit.fte, 0)})
    if edit.ramp_days is not None:
        parts.append(gettext("full productivity after %(days)s") % {
            "days": formats.days(edit.ramp_days)})  # fmt: skip
    return _join([*parts, *_aim(edit.segment, "")])


def _leave(speaker: Speaker, edit: Leave) -> str:
    told = gettext("%(rep)s leaves on %(day)s") % {
        "rep": speaker.rep(edit.rep_id),
        "day": formats.day(edit.last_day),
    }
    if edit.to_rep_id is None:
        return _join([told, gettext("open deals are spread over the team")])
    takes = gettext("%(rep)s takes the open deals over") % {"rep": speaker.rep(edit.to_rep_id)}
    return _join([told, takes])


def _absence(speaker: Speaker, edit: Absence) -> str:
    facts = {
        "rep": speaker.rep(edit.rep_id),
        "first": formats.day(edit.starts),
        "last": formats.day(edit.ends),
    }
    if edit.ends is None:
        told = gettext("%(rep)s is away from %(first)s on") % facts
    else:
        told = gettext("%(rep)s is away from %(first)s to %(last)s") % facts
    if edit.fte == 1:
        return told
    part = gettext("for %(share)s of full time") % {"share": formats.percent(edit.fte, 0)}
    return _join([told, part])


def _ramp(speaker: Speaker, edit: Ramp) -> str:
    facts = {"days": formats.days(edit.ramp_days), "day": formats.day(edit.starts)}
    if edit.team_id is None:
        return gettext("Hires from %(day)s on reach full productivity after %(days)s") % facts
    facts["team"] = speaker.team(edit.team_id)
    return gettext("Hires in %(team)s from %(day)s on reach full productivity after %(days)s") % (
        facts
    )


def _move(speaker: Speaker, edit: Move) -> str:
    facts = {
        "from": speaker.rep(edit.rep_id) if edit.rep_id is not None else "",
        "to": speaker.rep(edit.to_rep_id),
        "day": formats.day(edit.starts),
        "accounts": speaker.accounts(edit.accounts),
    }
    if edit.accounts:
        told = gettext("%(accounts)s: to %(to)s on %(day)s") % facts
    else:
        told = gettext("All accounts of %(from)s go to %(to)s on %(day)s") % facts
    return _join([told, *_aim(edit.segment, edit.sector)])


def _quota(speaker: Speaker, edit: Quota) -> str:
    return gettext("The quota of %(unit)s for %(period)s becomes %(amount)s") % {
        "unit": speaker.unit(edit.unit),
        "period": edit.period,
        "amount": formats.money(edit.amount, edit.currency, 0),
    }


def _price(speaker: Speaker, edit: Price) -> str:
    facts = {"change": change(edit.factor), "day": formats.day(edit.starts)}
    if edit.product_id is not None:
        facts["product"] = speaker.product(edit.product_id)
        return gettext("Price of %(product)s: %(change)s from %(day)s on") % facts
    told = gettext("Prices: %(change)s from %(day)s on") % facts
    return _join([told, *_aim(edit.segment, "")])


def _shock(speaker: Speaker, edit: Shock) -> str:
    facts = {
        "what": gettext(WHAT_LABELS[edit.what]),
        "change": change(edit.factor),
        "first": formats.day(edit.starts),
        "last": formats.day(edit.ends),
    }
    if edit.ends is None:
        told = gettext("%(what)s: %(change)s from %(first)s on") % facts
    else:
        told = gettext("%(what)s: %(change)s from %(first)s to %(last)s") % facts
    return _join([told, *_aim(edit.segment, edit.sector)])


def _index(speaker: Speaker, edit: Index) -> str:
    told = gettext("%(what)s follow the index «%(title)s» with elasticity %(elasticity)s")
    parts = [
        told
        % {
            "what": gettext(WHAT_LABELS[edit.what]),
            "title": edit.title,
            "elasticity": formats.number(edit.elasticity),
        },
        *_aim("", edit.sector),
        ngettext("%(n)s point up to %(day)s", "%(n)s points up to %(day)s", len(edit.series))
        % {"n": len(edit.series), "day": formats.day(edit.series[-1][0] if edit.series else None)},
    ]
    return _join(parts)


def _aim(segment: str, sector: str) -> list[str]:
    parts = []
    if segment:
        parts.append(gettext("segment %(name)s") % {"name": segment})
    if sector:
        parts.append(gettext("sector %(name)s") % {"name": sector})
    return parts


_TELLERS: Mapping[type[Edit], Callable[[Speaker, Any], str]] = {
    Hire: _hire,
    Leave: _leave,
    Absence: _absence,
    Ramp: _ramp,
    Move: _move,
    Quota: _quota,
    Price: _price,
    Shock: _shock,
    Index: _index,
}
