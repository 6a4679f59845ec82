"""Where the words of a heading fold in a narrow column: between words, never within one.

A column is made wide enough for the longest word of its heading, measured in the Sarabun beside this module; TH
SarabunPSK, which DOCX and XLSX name, is narrower. Nothing is put between the words themselves: a heading reads letter
for letter as the regulation has it, and the program that opens the document folds it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from khlong.paper.text import FONTS

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_MM_PER_POINT = 25.4 / 72
_DRAWN_AT = 1000
_THAI = re.compile("[\u0e01-\u0e5b]")
_TOO_LONG_MM = 42.0


@lru_cache(maxsize=2)
def _font(bold: bool) -> FreeTypeFont:
    from PIL import ImageFont

    file = FONTS / ("Sarabun-Bold.ttf" if bold else "Sarabun-Regular.ttf")
    return ImageFont.truetype(str(file), _DRAWN_AT, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def long_mm(words: str, points: float, *, bold: bool = True) -> float:
    """How long words are on one line, in millimetres."""
    return _font(bold).getlength(words) / _DRAWN_AT * points * _MM_PER_POINT


@lru_cache(maxsize=1024)
def stretches(words: str) -> tuple[str, ...]:
    """A line in pieces that stay whole, each with the spaces behind it; together they are the line again."""
    if not _THAI.search(words):
        return tuple(re.findall(r"\s*\S+\s*|\s+", words))
    from khlong.thai.words import break_opportunities

    cuts = [0, *break_opportunities(words), len(words)]
    return tuple(words[a:z] for a, z in pairwise(cuts) if a < z)


def longest_mm(words: str, points: float, *, bold: bool = True) -> float:
    """The longest piece that must not be broken. What no column could hold, such as an address, is left out."""
    pieces = (piece.strip() for line in words.split("\n") for piece in stretches(line))
    lengths = (long_mm(piece, points, bold=bold) for piece in pieces if piece)
    return max((mm for mm in lengths if mm <= _TOO_LONG_MM * points / 14), default=0.0)


def raised(widths: list[float], floors: list[float], room: float) -> list[float]:
    """Widths of which none is below its floor, where the room allows it; what they need comes from those with most to
    spare.
    """
    if sum(floors) >= room:
        return [mm * room / sum(floors) for mm in floors]
    lacking = sum(max(0.0, low - mm) for mm, low in zip(widths, floors, strict=True))
    spare = sum(max(0.0, mm - low) for mm, low in zip(widths, floors, strict=True))
    if not lacking:
        return widths
    share = lacking / spare
    return [low if mm < low else mm - (mm - low) * share for mm, low in zip(widths, floors, strict=True)]
