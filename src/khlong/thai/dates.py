"""Spans of time, read and written in Thai and English."""

from __future__ import annotations

from khlong.thai.date_format import (
    Lang,
    Style,
    format_date,
    format_fiscal_year,
    format_span,
    format_time,
)
from khlong.thai.date_parse import Era, parse_span
from khlong.thai.spans import (
    DateCode,
    DateError,
    Precision,
    Span,
    fiscal_year,
    fiscal_year_span,
)

__all__ = [
    "DateCode",
    "DateError",
    "Era",
    "Lang",
    "Precision",
    "Span",
    "Style",
    "fiscal_year",
    "fiscal_year_span",
    "format_date",
    "format_fiscal_year",
    "format_span",
    "format_time",
    "parse_span",
]
