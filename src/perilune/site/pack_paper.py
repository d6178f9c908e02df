"""The pack outside the page: plain text, HTML for mail, PDF through Typst."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from django.template.loader import render_to_string

from perilune.site.pack_blocks import Block, Words

_SOURCE = Path(__file__).resolve().parent / "templates" / "site" / "pack.typ"
_GAP = "  "


def as_pdf(words: Words) -> bytes:
    """Return the pack as a tagged PDF; Typst gets the words as data, never as source."""
    import typst

    made = typst.compile(
        _SOURCE.read_bytes(),
        format="pdf",
        sys_inputs={"pack": json.dumps(words.kept())},
        ignore_system_fonts=True,  # the same page on every machine
    )
    return bytes(made)


def as_html(words: Words, url: str = "") -> str:
    """Return the pack as an HTML mail with its styles inline; url: the page, empty for no link."""
    return render_to_string("site/pack_mail.html", {"pack": words, "url": url})


def as_text(words: Words, url: str = "") -> str:
    """Return the pack as plain text, its columns aligned."""
    parts = [words.title, words.running]
    if words.warning:
        parts.append(words.warning)
    parts += ["", words.finding, ""]
    for block in words.blocks:
        parts += [*_block(block), ""]
    return "\n".join([*parts, words.foot, *([url] if url else [])]) + "\n"


def _block(block: Block) -> list[str]:
    lines = [block.title.upper(), block.caption]
    rows = [row for group in block.groups for row in group.rows]
    if not rows:
        return [*lines, block.empty]
    widths = [max(map(len, column)) for column in zip(block.headers, *rows, strict=True)]
    lines.append(_line(block.headers, widths, block.aligns))
    for group in block.groups:
        if group.title:
            lines.append(f"{group.title}. {group.todo}")
        lines += [_line(row, widths, block.aligns) for row in group.rows]
    return [*lines, *([block.note] if block.note else [])]


def _line(cells: Sequence[str], widths: Sequence[int], aligns: Sequence[str]) -> str:
    texts = [
        text.rjust(width) if align == "right" else text.ljust(width)
        for text, width, align in zip(cells, widths, aligns, strict=True)
    ]
    return _GAP.join(texts).rstrip()
