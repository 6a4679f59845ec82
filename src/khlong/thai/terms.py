"""The house's own words: what an ordinary dictionary of Thai does not hold."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files


@cache
def _lines(name: str) -> frozenset[str]:
    text = files("khlong.thai").joinpath(name).read_text(encoding="utf-8")
    return frozenset(unicodedata.normalize("NFC", line.strip()) for line in text.splitlines() if line.strip())


def terms() -> frozenset[str]:
    """Compounds of the glossary and names of places and organisations, NFC (terms.txt)."""
    return _lines("terms.txt")


def places() -> frozenset[str]:
    """Names of provinces, districts, tambons, communities and canals without their kind (places.txt)."""
    return _lines("places.txt")
