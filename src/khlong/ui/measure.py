"""How wide a piece of Thai or Latin text is about to be in Sarabun, and how to break it for a picture."""

from __future__ import annotations

import unicodedata

from khlong.thai.words import break_opportunities

EM_SHARE = 0.56
"""Mean advance of a Sarabun Bold letter, in ems; Thai and Latin differ by less than a tenth."""


def text_width(text: str, size: float = 15) -> float:
    """Estimated width in pixels at a font size; marks above and below a Thai letter take no room."""
    letters = sum(1 for char in text if unicodedata.category(char) not in {"Mn", "Cf"})
    return letters * size * EM_SHARE


def wrap(text: str, width: float, size: float = 15) -> list[str]:
    """Break a label into lines of at most `width` pixels where its words allow."""
    text = str(text)
    if text_width(text, size) <= width:
        return [text]
    lines = [""]
    for piece in _pieces(text):
        if lines[-1].strip() and text_width(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.strip() for line in lines if line.strip()] or [""]


def _pieces(text: str) -> list[str]:
    ends = [*break_opportunities(text), len(text)]
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
