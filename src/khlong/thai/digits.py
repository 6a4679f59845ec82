"""Thai and Arabic digits."""

from __future__ import annotations

_ARABIC = "0123456789"
_THAI = "๐๑๒๓๔๕๖๗๘๙"
_TO_THAI = str.maketrans(_ARABIC, _THAI)
_TO_ARABIC = str.maketrans(_THAI, _ARABIC)


def to_thai(text: str) -> str:
    """Return text with every digit 0-9 written ๐-๙; everything else stays."""
    return text.translate(_TO_THAI)


def to_arabic(text: str) -> str:
    """Return text with every digit ๐-๙ written 0-9; everything else stays."""
    return text.translate(_TO_ARABIC)
