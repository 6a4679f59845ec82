"""Dates as printed: Buddhist era in Thai, CE in English."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from khlong.thai.date_words import (
    ENGLISH_MONTHS,
    ENGLISH_MONTHS_SHORT,
    THAI_MONTHS,
    THAI_MONTHS_SHORT,
)
from khlong.thai.digits import to_thai
from khlong.thai.spans import BE_OFFSET, Span

Lang = Literal["th", "en"]
Style = Literal["long", "short"]

_MONTHS = {
    ("th", "long"): THAI_MONTHS,
    ("th", "short"): THAI_MONTHS_SHORT,
    ("en", "long"): ENGLISH_MONTHS,
    ("en", "short"): ENGLISH_MONTHS_SHORT,
}


def format_span(span: Span, lang: Lang = "th", style: Style = "long", thai_digits: bool = False) -> str:
    """Write a span: 3–4 กันยายน 2565; มิถุนายน 2565; พ.ศ. 2565; 30 ธ.ค. 2568 – 28 ม.ค. 2569.

    A month shared by both ends is named once, and so is a year. English is 3–4 September 2022.
    Thai digits are used in Thai only. parse_span reads every result back.
    """
    first, last = _parts(span.start, span, lang, style), _parts(span.end, span, lang, style)
    text = _single(first) if span.is_single() else _range(first, last)
    if span.precision == "year" and lang == "th":
        text = f"พ.ศ. {text}"
    return to_thai(text) if thai_digits and lang == "th" else text


def _parts(day: date, span: Span, lang: Lang, style: Style) -> tuple[str, ...]:
    """Day, month and year as words, cut from the front to what the precision gives."""
    year = str(day.year + (BE_OFFSET if lang == "th" else 0))
    words = (str(day.day), _MONTHS[lang, style][day.month - 1], year)
    return words[{"day": 0, "month": 1, "year": 2}[span.precision] :]


def _single(parts: tuple[str, ...]) -> str:
    return " ".join(parts)


def _range(first: tuple[str, ...], last: tuple[str, ...]) -> str:
    shared = 0
    while first[-1 - shared :] == last[-1 - shared :]:
        shared += 1
    opening = first[: len(first) - shared]
    closing = last[: len(last) - shared]
    dash = " – " if len(opening) > 1 else "–"
    return " ".join([f"{_single(opening)}{dash}{_single(closing)}", *last[len(last) - shared :]])


def format_date(d: date, lang: Lang = "th", style: Style = "long", thai_digits: bool = False) -> str:
    """Write one day: 3 กันยายน 2565; 3 ก.ย. 2565; 3 September 2022."""
    return format_span(Span.day(d), lang, style, thai_digits)


def format_time(t: time, lang: Lang = "th", thai_digits: bool = False) -> str:
    """Write a time of day: 09.30 น. with a dot in Thai, 09:30 in English."""
    if lang == "en":
        return f"{t:%H:%M}"
    text = f"{t:%H.%M} น."
    return to_thai(text) if thai_digits else text


def format_fiscal_year(be: int, lang: Lang = "th", thai_digits: bool = False) -> str:
    """Write a fiscal year given in BE: ปีงบประมาณ พ.ศ. 2566; fiscal year 2023 (BE 2566)."""
    if lang == "en":
        return f"fiscal year {be - BE_OFFSET} (BE {be})"
    text = f"ปีงบประมาณ พ.ศ. {be}"
    return to_thai(text) if thai_digits else text
