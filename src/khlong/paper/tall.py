"""How tall a compact document stands in Word, so that a sheet is filled and stays one page.

Reckoned in Sarabun, which stands in for TH SarabunPSK where that is not installed and is larger: what fits here fits
there, and in the PDF, whose type is smaller.
"""

from __future__ import annotations

from math import ceil

from khlong.paper.docx_xml import COMPACT, COMPACT_GAP
from khlong.paper.fold import long_mm
from khlong.paper.model import Block, Document, ListItem, Paragraph, RunsLike, Table
from khlong.paper.press import PORTRAIT_MM, Press

PAGE_MM = 297.0 - 18.0 - 16.0 - 8.0
"""Between the upper and the lower margin of a compact page, with a little left over."""
_POINT_MM = 25.4 / 72
_SARABUN = 1.3
_RAGGED = 1.04
"""What lines lose at their ends, where a word does not fit any more."""
_CLOSER = 0.96
"""Programs set a page a little closer than all its parts together: gaps of neighbours fall into one."""
_STYLES = {
    "title": (28, 9, 0.95),
    "subtitle": (15, 3, 1.05),
    "threads": (0, 15, 1),
    "body": (16, 6, 1.05),
    "lead": (18, 14, 1.05),
    "vision": (25, 22, 1),
    "quote": (16, 14, 1.05),
    "note": (13, 10, 1),
    "item": (16, 3, 1.05),
    "caption": (16, 16, 1.05),
    "table": (14, 2, 0.95),
    "heading": (19, 21, 1.05),
    "source": (14, 4, 1),
}
"""Of each style its type and the gaps above and below in points, before they are made smaller, and its leading."""
_CELL_POINTS = 2.0
_END_POINTS = 12.0
_SIDES_MM = 4.3


def tall_mm(doc: Document) -> float:
    """The height of a compact document of paragraphs, items and tables, with its sources, in millimetres."""
    press = Press(doc)
    made = _lines(doc.title, "title") + _lines(doc.subtitle, "subtitle") + _lines("", "threads")
    made += sum(_block(press, block) for block in doc.blocks)
    sources = press.cited_sources()
    made += _lines(press.words.sources, "heading") if sources else 0.0
    for number, source in sources:
        words, url = press.source_line(source)
        made += _lines(f"[{number}] {words} {url}", "source", PORTRAIT_MM - 10)
    return made * _CLOSER


def _block(press: Press, block: Block) -> float:
    match block:
        case Paragraph():
            room = PORTRAIT_MM - (10 if block.style == "vision" else 0)
            return _runs(press, block.runs, block.style, room)
        case ListItem():
            return _runs(press, block.runs, "item", PORTRAIT_MM - 10)
        case Table():
            return _table(press, block)
    raise ValueError(f"a sheet holds no {type(block).__name__}")


def _runs(press: Press, runs: RunsLike, style: str, room_mm: float = PORTRAIT_MM) -> float:
    return _lines(press.plain(runs), style, room_mm)


def _lines(words: str, style: str, room_mm: float = PORTRAIT_MM, shrink: float = 1.0) -> float:
    """The height of some words; none where there are none, but for a line drawn."""
    points, gap, leading = _STYLES[style]
    if not words and style != "threads":
        return 0.0
    size = points * COMPACT * shrink
    lines = sum(
        max(1, ceil(long_mm(line, size, bold=False) * _RAGGED / room_mm)) for line in words.split("\n")
    )
    return (lines * size * _SARABUN * leading + gap * COMPACT_GAP) * _POINT_MM


def _table(press: Press, table: Table) -> float:
    grid = press.grid(table)
    widths, shrink = press.widths(grid, PORTRAIT_MM)
    made = _runs(press, table.caption, "caption") + _END_POINTS * _POINT_MM
    made += _runs(press, table.note, "note")
    for row in grid.rows:
        cells = (
            _lines(
                press.plain(press.shown(slot)) or " ",
                "table",
                sum(widths[slot.col : slot.col + slot.cell.colspan]) - _SIDES_MM,
                shrink,
            )
            for slot in row
        )
        made += max(cells) + _CELL_POINTS * _POINT_MM
    return made
