"""One spelling for Thai text that looks the same on paper."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_MARK_RUN = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{2,}")
_SPLIT_SARA_AM = re.compile("\u0e4d([\u0e47-\u0e4c]*)\u0e32")
_MARK_SEQUENCE = (
    "\u0e3a\u0e38\u0e39\u0e31\u0e34\u0e35\u0e36\u0e37\u0e4d\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4e"
)


def canonical(text: str) -> str:
    """NFC, plus what NFC leaves apart in Thai.

    นํ้า becomes น้ำ (nikhahit and sara aa are sara am), เเ becomes แ, a tone mark typed before its
    vowel moves behind it, and invisible characters (soft hyphen, zero-width space, word joiner,
    byte order mark) go.
    """
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).replace("เเ", "แ")
    ordered = _MARK_RUN.sub(lambda run: "".join(sorted(run[0], key=_MARK_SEQUENCE.index)), plain)
    return _SPLIT_SARA_AM.sub("\\1\u0e33", ordered)
