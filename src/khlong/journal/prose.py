"""The few signs with which people write a report, and the blocks a page is printed from. No HTML comes in or out.

# A heading          ## A smaller one
- one of a list      1. one of a numbered list, also with Thai digits
> somebody's words
An empty line begins a new paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from khlong.thai.canonical import canonical
from khlong.thai.digits import to_arabic

Kind = Literal["p", "h2", "h3", "ul", "ol", "quote"]
_HEADING = re.compile(r"(#{1,3})\s*(\S.*)")
_ITEM = re.compile(r"[-•*–]\s+(\S.*)")
_NUMBERED = re.compile(r"([0-9๐-๙]{1,3})[.)]\s+(\S.*)")
_QUOTE = re.compile(r">\s?(.*)")
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass
class Block:
    """A heading, a paragraph, a quotation (each one of `lines`), or a list (an item a line, from `start`)."""

    kind: Kind
    lines: list[str] = field(default_factory=list)
    start: int = 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def blocks(text: str) -> list[Block]:
    """The blocks of a text; whatever was typed, nothing is dropped but signs and invisible letters."""
    made: list[Block] = []
    for block in _lines(canonical(_HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))):
        last = made[-1] if made else None
        if last and block and block.kind == last.kind and block.kind not in {"h2", "h3"}:
            last.lines += block.lines
        elif block:
            made.append(block)
        elif last and last.lines:
            made.append(Block("p"))
    return [block for block in made if block.lines]


def _lines(text: str) -> Iterator[Block | None]:
    """Each line as a block of its own; None for an empty one."""
    for raw in text.split("\n"):
        yield _line(raw.strip()) if raw.strip() else None


def _line(line: str) -> Block:
    if match := _HEADING.fullmatch(line):
        return Block("h2" if len(match[1]) == 1 else "h3", [match[2]])
    if match := _ITEM.fullmatch(line):
        return Block("ul", [match[1]])
    if match := _NUMBERED.fullmatch(line):
        return Block("ol", [match[2]], int(to_arabic(match[1])))
    if match := _QUOTE.fullmatch(line):
        return Block("quote", [match[1]])
    return Block("p", [line])


def plain(text: str) -> str:
    """The words alone, a block a line: for the search, for feeds and for comparing."""
    return "\n".join(line for block in blocks(text) for line in block.lines)


def opening(text: str, most: int = 220) -> str:
    """The beginning of the first paragraph, cut where a word is whole."""
    first = next((block.text.replace("\n", " ") for block in blocks(text) if block.kind == "p"), "")
    if len(first) <= most:
        return first
    cut = first[:most]
    blank = cut.rfind(" ", most // 2)
    if blank > 0:
        return f"{cut[:blank]} …"
    from khlong.thai.clusters import clusters

    return "".join(clusters(first)[: most // 2]) + "…"
