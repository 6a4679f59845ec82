"""Words of running Thai text, and where its lines may break."""

from __future__ import annotations

import os
import re
import tempfile
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from khlong.thai.clusters import MARKS, clusters
from khlong.thai.terms import places, terms
from khlong.thai.together import WIDEST, keep_together

if TYPE_CHECKING:
    from pythainlp.util import Trie

__all__ = ["break_opportunities", "clusters", "keep_together", "places", "segment", "terms", "word_parts"]

_NEVER_FIRST = re.compile(rf"[{MARKS}\u0e30-\u0e3a\u0e45-\u0e4e\u0e2f\s)\]}}>”’»›,.;:!?%…–—/-]")
_NEVER_LAST = re.compile(r"[เ-ไ(\[{<“‘«‹฿$\"']")


def segment(text: str) -> list[str]:
    """Split text into words and the spaces between; joined they are the text again.

    Uses the dictionary of PyThaiNLP (newmm) with the house's terms. The first call loads it, which
    takes about a second; nothing is written to the home folder.
    """
    if not text:
        return []
    from_dictionary = _pythainlp_words(text)
    return from_dictionary if "".join(from_dictionary) == text else [text]


def _pythainlp_words(text: str) -> list[str]:
    trie = _dictionary()
    from pythainlp.tokenize import word_tokenize

    return word_tokenize(text, custom_dict=trie, engine="newmm-safe", keep_whitespace=True)


LONG_WORD = 9
"""From this many letters on a word is looked at for the words it is made of."""


def word_parts(word: str) -> list[str]:
    """The words that a long word is made of, longest first from its beginning; none where it is of one piece."""
    if len(word) < LONG_WORD:
        return []
    trie, found, at = _dictionary(), [], 0
    while at < len(word):
        fits = [part for part in trie.prefixes(word, at) if len(part) < len(word)]
        if not fits:
            return []
        found.append(max(fits, key=len))
        at += len(found[-1])
    return found


@cache
def _dictionary() -> Trie:
    if "PYTHAINLP_DATA_DIR" not in os.environ:
        os.environ.setdefault("PYTHAINLP_DATA", str(Path(tempfile.gettempdir()) / "khlong-pythainlp"))
    from pythainlp.corpus import thai_words
    from pythainlp.util import dict_trie

    return dict_trie({*thai_words(), *(term for term in terms() | places() if _is_one_word(term))})


def _is_one_word(term: str) -> bool:
    return " " not in term and len(clusters(term)) <= WIDEST


def break_opportunities(text: str) -> list[int]:
    """Code-point offsets before which a line may break, ascending, never 0 nor the end.

    Breaks fall between words, never inside a cluster or a group that keep_together names, never
    before a mark, ๆ, ฯ or closing punctuation, nor behind an opening bracket, a straight quotation
    mark or a leading vowel. A space stays at the end of its line.
    """
    kept = _kept_ranges(text)
    ends = accumulate(len(word) for word in segment(text))
    return [end for end in ends if 0 < end < len(text) and _may_break(text, end, kept)]


def _kept_ranges(text: str) -> list[tuple[int, int]]:
    pieces = keep_together(text)
    ends = list(accumulate(len(piece) for piece, _ in pieces))
    return [(end - len(piece), end) for (piece, kept), end in zip(pieces, ends, strict=True) if kept]


def _may_break(text: str, offset: int, kept: list[tuple[int, int]]) -> bool:
    before, after = text[offset - 1], text[offset]
    if before == "\n":
        return True
    if _NEVER_LAST.match(before) or _NEVER_FIRST.match(after) or _inside(offset, kept):
        return False
    if before.isascii() and before.isalnum() and after.isascii() and after.isalnum():
        return False
    return not _leaves_quote(text, offset)


def _inside(offset: int, kept: list[tuple[int, int]]) -> bool:
    position = bisect_right(kept, (offset, -1)) - 1
    return position >= 0 and kept[position][0] < offset < kept[position][1]


def _leaves_quote(text: str, offset: int) -> bool:
    """Whether a straight quotation mark at offset closes, so that it cannot begin a line."""
    if text[offset] not in "\"'":
        return False
    opens = text[offset - 1].isspace() and not text[offset + 1 : offset + 2].isspace()
    return not opens or offset + 1 == len(text)
