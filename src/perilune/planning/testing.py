"""Makers for tests: small tables, what of them an engine can tell apart; the text of a PDF."""

from __future__ import annotations

import re
import zlib
from datetime import date

import numpy as np

from perilune.planning.contracts import Tables, tables

AS_OF = date(2026, 6, 30)
NORTH, SOUTH = 1, 2
"""Teams. Reps 11, 12, 13 sell in the north, 21 and 22 in the south."""


def small_tables() -> Tables:
    """Return five reps, ten accounts of two segments and two sectors, twelve deals, two products.

    Account 100 + n is held by the n-th rep in turn; deal 200 + n stands on account 100 + n % 10 and
    is its holder's; every fourth deal is in commit; deal 212 has no account.
    """
    reps = np.array([11, 12, 13, 21, 22])
    accounts = np.arange(10)
    deals = np.arange(13)
    account = np.where(deals == 12, 0, 100 + deals % 10)
    return tables(
        AS_OF,
        people={"id": reps, "team": np.array([NORTH, NORTH, NORTH, SOUTH, SOUTH])},
        deals={
            "id": 200 + deals,
            "rep": reps[deals % 10 % 5],
            "account": account,
            "product": 1 + deals % 2,
            "value": 1000.0 * (1 + deals),
            "commit": deals % 4 == 0,
        },
        accounts={
            "id": 100 + accounts,
            "home": reps[accounts % 5],
            "weight": np.full(10, 0.4),
            "segment": accounts % 2,
            "sector": accounts // 5,
        },
        products={"id": np.array([1, 2]), "mix": np.array([0.6, 0.3])},
        names=(("Large", "Small"), ("Energy", "Health")),
        quotas={(("company", 0), "2026-Q3"): 1_000_000, (("rep", 11), "2026-Q3"): 200_000},
        ramp=((0, 0, 90),),
    )


def seen(made: Tables) -> dict[str, np.ndarray]:
    """Return what an engine reads, without the numbering of rows and patterns."""
    order = np.lexsort((made.like, made.reps))
    effects, pattern = made.deal_effects, made.deal_pattern
    moves = made.deal_moves
    return {
        "reps": made.reps[order],
        "like": made.like[order],
        "team": made.team[order],
        "share": made.share[order],
        "arrival": made.arrival_factor[order],
        "amount": made.amount_factor[order],
        "win": made.win_factor[order],
        "lose": made.lose_factor[order],
        "deal_rep": made.deal_rep,
        "deal_amount": effects.amount[pattern],
        "deal_win": effects.win[pattern],
        "deal_lose": effects.lose[pattern],
        "moves": np.stack([moves.item, moves.day, moves.rep]),
        "quotas": np.array(sorted((str(key), value) for key, value in made.quotas.items())),
    }


def assert_same(one: Tables, other: Tables) -> None:
    """Fail unless an engine could not tell the two apart."""
    left, right = seen(one), seen(other)
    for name, array in left.items():
        if array.dtype.kind == "f":
            np.testing.assert_allclose(array, right[name], rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            np.testing.assert_array_equal(array, right[name], err_msg=name)


# -- PDF -------------------------------------------------------------------------------------------

_ESCAPED = {b"n": 10, b"r": 13, b"t": 9, b"b": 8, b"f": 12, b"(": 40, b")": 41, b"\\": 92}


def pdf_text(content: bytes) -> str:
    """Return the text of a PDF as Typst makes it: pages in order, a line for each run of glyphs.

    Reads what such a file holds (two-byte glyphs with a ToUnicode table by font), not any PDF.
    """
    bodies = {int(m[1]): m[2] for m in re.finditer(rb"(\d+) 0 obj(.*?)endobj", content, re.DOTALL)}
    resources = [body for body in bodies.values() if b"/Font<<" in body]
    fonts = {}
    for body in resources:
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", body):
            table = re.search(rb"/ToUnicode (\d+) 0 R", bodies[int(number)])
            assert table is not None
            fonts[name] = _glyphs(_stream(bodies[int(table[1])]))
    found = []
    for body in bodies.values():
        for page in re.findall(rb"/Type/Page/.*?/Contents (\d+) 0 R", body, re.DOTALL):
            found.append(_shown(_stream(bodies[int(page)]), fonts))
    return "\n".join(found)


def _stream(body: bytes) -> bytes:
    head, _sep, rest = body.partition(b"stream\n")
    raw = rest.rpartition(b"\nendstream")[0]
    return zlib.decompress(raw) if b"FlateDecode" in head else raw


def _glyphs(table: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", table)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _shown(stream: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    lines = []
    for block in re.findall(rb"BT(.*?)\nET", stream, re.DOTALL):
        font = re.search(rb"/(f\d+) [\d.]+ Tf", block)
        assert font is not None
        codes = b"".join(
            _literal(text) for text in re.findall(rb"\(((?:[^()\\]|\\.)*)\)", block, re.DOTALL)
        )
        numbers = [int.from_bytes(codes[at : at + 2]) for at in range(0, len(codes), 2)]
        lines.append("".join(fonts[font[1]][number] for number in numbers))
    return "\n".join(lines)


def _literal(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        escaped = found[1]
        return bytes([_ESCAPED[escaped] if escaped in _ESCAPED else int(escaped, 8)])

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, text, flags=re.DOTALL)
