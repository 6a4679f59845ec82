"""What a reader sees as one character: a base with the marks above, below and after it."""

from __future__ import annotations

import re

# Marks of Latin, Thai, Lao, Burmese and Khmer, and joiners; ำ and its Lao twin belong to their consonant.
MARKS = (
    "\u0300-\u036f"
    "\u0e31\u0e33-\u0e3a\u0e47-\u0e4e"
    "\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d"
    "\u17b4-\u17d3\u17dd"
    "\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"
)
_PICTOGRAPH = "\u2190-\u2bff\U0001f000-\U0001faff"
_CLUSTER = re.compile(
    rf"\r\n|[\r\n]|[\U0001f1e6-\U0001f1ff]{{2}}[{MARKS}]*|.[{MARKS}]*(?:(?<=\u200d)[{_PICTOGRAPH}][{MARKS}]*)*",
    re.DOTALL,
)


def clusters(text: str) -> list[str]:
    """Split text into grapheme clusters; joined they are the text again.

    A Thai consonant keeps its vowels above and below, its tone mark and ำ; a vowel written before
    or after the consonant (เ แ โ ใ ไ ะ า) is a cluster of its own, as in Unicode annex 29.
    """
    return _CLUSTER.findall(text)
