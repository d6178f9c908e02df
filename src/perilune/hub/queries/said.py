"""The sentences that pages and the command line say alike, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext

from perilune.hub.contracts import ADDED
from perilune.hub.contracts.lookalikes import Choice
from perilune.hub.engine.values import parse_number
from perilune.hub.queries import RunInfo
from perilune.ui import formats

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def said(message: str, params: Mapping[str, Any] | None) -> str:
    """Return a message with its parameters as the reader writes them: days, figures, kinds."""
    text = gettext(message) if message else ""
    return (
        text % {name: _written(name, value) for name, value in params.items()} if params else text
    )


def _written(name: str, value: Any) -> Any:
    if name == "meaning" and value:
        return pgettext("choice", str(value))
    if name in {"target", "kind", "reason"} and value:
        return gettext(str(value))
    if name == "day" and isinstance(value, str) and _DAY.fullmatch(value):
        return formats.day(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.number(value, 0)
    return value


def noticed(notice: Mapping[str, Any]) -> str:
    """Return what was assumed or skipped as a sentence, after its file where it is of one."""
    text = said(notice["message"], notice["params"])
    return f"{notice['file']}{gettext(':')} {text}" if notice["file"] else text


def quoted_value(text: str) -> str:
    """Return a value in the reader's quotes."""
    return gettext("«%(label)s»") % {"label": text}


def quoted(labels: Sequence[str]) -> str:
    """Return msgids of labels in the reader's language and quotes, in a row."""
    return ", ".join(quoted_value(gettext(label)) for label in labels)


def suggestion(code: str, proposed: str) -> str:
    """Return a proposed value as the reader writes it; `read_back` understands it again."""
    if code != "negative_amount" or not proposed:
        return proposed
    amount = Decimal(proposed)
    return formats.number(amount, 0 if amount == amount.to_integral_value() else 2)


def read_back(code: str, meant: str) -> str:
    """Return an amount that was typed as the reader writes it, as files write it."""
    if code not in {"negative_amount", "not_a_number", "absurd_amount", "out_of_bounds"}:
        return meant
    sign = str(formats.active_locale().number_symbols["latn"]["decimal"])
    found = parse_number(meant, sign)
    return meant if found is None else str(found)


def hint_of(code: str, proposed: str) -> str:
    """Return what is proposed for a problem: a value, or to keep what was added; "" for nothing."""
    if proposed or code not in ADDED.values():
        return suggestion(code, proposed)
    return gettext("keep it, or say which one is meant")


def watch_said(params: Mapping[str, Any]) -> str:
    """Return how a folder is watched, after the parameters of its schedule."""
    choice = Choice(params.get("look_alikes") or Choice.WRITE)
    return gettext("%(folder)s. Rows that look like records: %(choice)s.") % {
        "folder": params["folder"],
        "choice": {
            Choice.WRITE: gettext("written all the same"),
            Choice.LEAVE_OUT: gettext("left out"),
            Choice.UPDATE: gettext("taken as updates"),
        }[choice],
    }


def own_name(info: RunInfo) -> str:
    """Return what the source would be called after its file."""
    return str(info.guess.get("own") or info.source)


def reasons(info: RunInfo) -> list[tuple[str, str]]:
    """Return (source, reason) of the known sources that the files look like, likeliest first."""
    return [(str(one["source"]), _reason(one)) for one in info.guess.get("evidence", ())]


def _reason(one: Mapping[str, Any]) -> str:
    known, of = int(one["known"]), int(one["of"])
    parts = [
        ngettext(
            "%(known)s of the %(of)s id looked at is known from it",
            "%(known)s of the %(of)s ids looked at are known from it",
            of,
        )
        % {"known": formats.number(known, 0),
           "of": formats.number(of, 0)}
    ]  # fmt: skip
    strange = int(one["titled"]) - int(one["agreeing"])
    if strange > 0:
        parts.append(
            ngettext("%(n)s of them under another name", "%(n)s of them under other names", strange)
            % {"n": formats.number(strange, 0)}
        )
    parts.append(
        gettext("the columns are those of an earlier file")
        if one["is_alike"]
        else gettext("the columns are others")
    )
    return ", ".join(parts)


def taken_for(info: RunInfo) -> str:
    """Return the sentence that says which source the files were taken for, and why.

    It is "" where no source is known yet, or where nothing that could be looked at speaks for one.
    """
    found = reasons(info)
    if found and info.source == found[0][0] and not info.guess.get("is_asked"):
        return gettext("Taken for the next export of «%(source)s»: %(reason)s.") % {
            "source": found[0][0],
            "reason": found[0][1],
        }
    others = [str(name) for name in info.guess.get("others", ())]
    if not found and others and info.source == own_name(info) and info.source not in others:
        return gettext(
            "Taken for a new source, «%(source)s»: no id in it is known (%(others)s)."
        ) % {
            "source": info.source,
            "others": ", ".join(others[:5]),
        }
    return ""
