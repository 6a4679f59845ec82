"""Thai dictionary order as a plain string that a database can sort by its bytes.

The order is that of the Royal Institute's dictionary, as in the Unicode default collation table
for the Thai block: consonants ก-ฮ, then the vowels ะ ั า ำ ิ ี ึ ื ุ ู เ แ โ ใ ไ; a leading vowel counts
after its consonant; ็ ่ ้ ๊ ๋ ์ decide only between words that are otherwise equal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from khlong.thai.canonical import canonical
from khlong.thai.digits import to_arabic

_LEADING_VOWEL = re.compile("([เ-ไ])([็-๎ๆฯ]*)([ก-ฮ])")
_THAI_MARKS = {mark: str(weight) for weight, mark in enumerate("ฺ๎็่้๊๋์ํ", start=1)}
_REPEATS = {"ฯ": "1", "ๆ": "2"}
_IGNORED = frozenset("PZCS")
_LATIN = re.compile("[\u00c0-\u024f\u1e00-\u1eff\uff01-\uff5e]")


def sort_key(text: str) -> str:
    """Return a string whose code-point order (and UTF-8 byte order) is the dictionary order of text.

    Digits come first, then Latin letters (case folded, accents second), then Thai. Thai and
    Arabic digits differ only where everything else is equal, and so do capitals, ฯ and ๆ.
    Spaces and punctuation do not count. The key holds no control characters; in PostgreSQL sort
    it under COLLATE "C".
    """
    levels = _Levels()
    for char in _in_dictionary_sequence(text):
        levels.add(char)
    return levels.key()


class _Levels:
    """Three weight strings, one position per letter; a mark follows the position it stands on."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.marks: list[str] = []
        self.variants: list[str] = []

    def add(self, char: str) -> None:
        if mark := _mark_weight(char):
            self.marks.append(mark)
        elif char in _REPEATS:
            self.variants.append(_REPEATS[char])
        elif unicodedata.category(char)[0] not in _IGNORED:
            self._add_letter(char)

    def _add_letter(self, char: str) -> None:
        plain = to_arabic(char).casefold()
        for part in unicodedata.normalize("NFKD", plain) if _LATIN.match(plain) else plain:
            if mark := _mark_weight(part):
                self.marks.append(mark)
            else:
                self.letters.append(part)
                self.marks.append("0")
                self.variants.append("0")
        if plain != char:
            self.variants.append("1")

    def key(self) -> str:
        levels = ("".join(self.letters), "".join(self.marks), "".join(self.variants))
        return " ".join([levels[0], *(level.rstrip("0") for level in levels[1:])]).rstrip(" ")


def _mark_weight(char: str) -> str:
    """The weight of a mark that stands on a letter; empty when char is no such mark."""
    return "9" if "\u0300" <= char <= "\u036f" else _THAI_MARKS.get(char, "")


def _in_dictionary_sequence(text: str) -> Iterator[str]:
    return iter(_LEADING_VOWEL.sub(r"\3\1\2", canonical(text)))
