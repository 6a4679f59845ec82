"""Reads a DOCX and says which words of its table headings are longer than their column, by the font's own widths."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any

from lxml import etree
from PIL import ImageFont

from khlong.paper.docx_xml import W
from khlong.paper.fold import stretches
from khlong.paper.text import FONTS
from khlong.thai.words import break_opportunities

_BOLD = ImageFont.truetype(str(FONTS / "Sarabun-Bold.ttf"), 1000, layout_engine=ImageFont.Layout.BASIC)
_TABLE_POINTS = 14.0
_TWIPS = 20


def _q(tag: str) -> str:
    return f"{{{W}}}{tag}"


def _points_of(words: str, points: float) -> float:
    return _BOLD.getlength(words) / 1000 * points


def heading_cells(data: bytes) -> Iterator[tuple[str, float, float]]:
    """Of each heading cell its words with line feeds, its room in points, and the size of its type."""
    root = etree.fromstring(zipfile.ZipFile(BytesIO(data)).read("word/document.xml"))
    for table in root.iter(_q("tbl")):
        margins = table.find(f"{_q('tblPr')}/{_q('tblCellMar')}")
        if margins is None:
            continue
        sides = sum(int(margins.find(_q(side)).get(_q("w"))) for side in ("left", "right"))
        for row in table.iter(_q("tr")):
            if row.find(f"{_q('trPr')}/{_q('tblHeader')}") is None:
                continue
            for cell in row.iter(_q("tc")):
                wide = int(cell.find(f"{_q('tcPr')}/{_q('tcW')}").get(_q("w")))
                sizes = [int(size.get(_q("val"))) / 2 for size in cell.iter(_q("sz"))]
                yield _words(cell), (wide - sides) / _TWIPS, max(sizes, default=_TABLE_POINTS)


def _words(cell: Any) -> str:
    parts = ("\n" if part.tag == _q("br") else part.text or "" for part in cell.iter(_q("t"), _q("br")))
    return "".join(parts).replace("\u00a0", " ")


def broken_headings(data: bytes) -> list[str]:
    """The words of headings, Thai ones parted by the dictionary, that are longer than their column."""
    cells = list(heading_cells(data))
    assert cells, "no heading was found"
    return [piece for cell in cells for piece in _broken(*cell)]


def _broken(words: str, room: float, size: float) -> Iterator[str]:
    for line in words.split("\n"):
        for piece in stretches(line):
            if _points_of(piece.strip(), size) > room:
                yield piece


def broken_in_sheets(data: bytes) -> list[str]:
    """The words of headings that are longer than their column in a workbook, for cells that cover one column."""
    import openpyxl

    found = []
    for paper in openpyxl.load_workbook(BytesIO(data)).worksheets:
        if not paper.print_title_rows:
            continue
        merged = {
            place for span in paper.merged_cells.ranges for place in span.cells if span.size["columns"] > 1
        }
        last = int(paper.print_title_rows.rpartition("$")[2])
        for cell in paper[last]:
            if cell.value is None or (cell.row, cell.column) in merged:
                continue
            room = paper.column_dimensions[cell.column_letter].width * UNIT_POINTS
            found += [word for word in _words_of(str(cell.value)) if _points_of(word, cell.font.size) > room]
    return found


UNIT_POINTS = 1.85 * 72 / 25.4


def _words_of(words: str) -> Iterator[str]:
    for line in words.split("\n"):
        cuts = [0, *break_opportunities(line), len(line)]
        yield from (word for a, z in pairwise(cuts) for word in line[a:z].split())
