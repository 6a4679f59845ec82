"""The words of a passage as pieces to choose from, for browsers without a programme of ours and for the keyboard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from khlong.thai.words import segment

MOST_WORDS = 600


@dataclass(frozen=True)
class Piece:
    """Code points start to end of a text, and what stands there."""

    start: int
    end: int
    text: str

    @property
    def value(self) -> str:
        return f"{self.start}-{self.end}"


_THAI = re.compile(r"[\u0e01-\u0e5b]")
_BETWEEN_BLANKS = re.compile(r"\S+(?:[ \t]+(?=[0-9])\S+)*")
_BETWEEN_STOPS = re.compile(r"\S(?:[^\n]*?[,;:.!?]+[\"\u2019\u201d)]*(?=\s|$)|[^\n]*)")


def phrases(text: str) -> list[Piece]:
    """The stretches that hold a thought; none where the text is of one piece.

    In Thai a blank ends a thought. Other texts have a blank after each word, so there a comma or a stop ends it.
    """
    stretch = _BETWEEN_BLANKS if _THAI.search(text) else _BETWEEN_STOPS
    found = [Piece(hit.start(), hit.end(), hit[0]) for hit in stretch.finditer(text)]
    return found if len(found) > 1 else []


def words(text: str) -> list[Piece]:
    """The words without the blanks between them; none for a text that is too long to be listed."""
    parts = segment(text)
    ends = list(accumulate(map(len, parts)))
    found = [Piece(end - len(part), end, part) for part, end in zip(parts, ends, strict=True) if part.strip()]
    return found if len(found) <= MOST_WORDS else []
