"""Text, dates and numbers as they are printed on a page, escaped, in the reader's language."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khlong.thai.dates import Lang, Span, Style, format_span
from khlong.thai.spans import BE_OFFSET
from khlong.thai.words import keep_together

LONGEST_KEPT = 28
"""A piece longer than this may break after all: on a phone of 360 px it would leave the page."""
LONGEST_DATE = 24


def language() -> Lang:
    """The reader's language; anything but English reads Thai."""
    return "en" if (get_language() or "th").startswith("en") else "th"


def no_break(text: Any) -> SafeString:
    """Escape a text, keep whole what a browser would break wrongly, and turn line ends into <br>.

    What brings its own HTML (`__html__`, such as words that end in a link) is left as it is.
    """
    if isinstance(text, SafeString):
        return text
    if hasattr(text, "__html__"):
        return SafeString(text.__html__())
    lines = str(text if text is not None else "").splitlines()
    return format_html_join(mark_safe("<br>"), "{}", ((_line(line),) for line in lines))


THAI = re.compile(r"[\u0e01-\u0e5b]")
_AFTER_SLASH = re.compile(r"(?:https?://)?[^/]+/*|/+")


_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_LEFT_ALONE = frozenset({"mark", "svg", "option", "textarea", "title", "code", "script", "style"})


def no_break_html(page: str) -> SafeString:
    """A rendered piece of a page whose Thai sentences keep their words whole, wherever they came from.

    Drawings, options and what is kept whole already are left as they are.
    """
    made: list[str] = []
    inside, already = "", False
    for part in _TAG.split(page):
        if part.startswith("<"):
            inside = _inside(inside, part)
            already = part == '<span class="nb">'
            made.append(part)
        else:
            made.append(part if inside or already or not THAI.search(part) else no_break_words(part))
    return SafeString("".join(made))


def _inside(inside: str, tag: str) -> str:
    """The element to be left alone in which the text after this tag stands, or nothing."""
    match = _NAME.match(tag)
    name = match[1].lower() if match else ""
    if inside:
        return "" if tag.startswith("</") and name == inside else inside
    return name if name in _LEFT_ALONE and not tag.startswith("</") and not tag.endswith("/>") else ""


def no_break_words(escaped: str) -> str:
    """The same for text that is escaped already."""
    pieces = keep_together(escaped)
    return "".join(
        f'<span class="nb">{p}</span>' if keep and len(p) <= LONGEST_KEPT else p for p, keep in pieces
    )


def phrases(text: str, *, quoted: bool = False) -> SafeString:
    """A Thai text that breaks between its phrases first, which Thai sets apart by spaces; others as they are.

    `quoted` puts marks of quotation at both ends.
    """
    parts = text.split(" ") if THAI.search(text) else [text]
    if quoted:
        parts[0] = f"“{parts[0]}"
        parts[-1] = f"{parts[-1]}”"
    if len(parts) == 1:
        return no_break(parts[0])
    return format_html_join(" ", '<span class="ib">{}</span>', ((no_break(part),) for part in parts))


def address(text: str) -> SafeString:
    """An address to be typed, in pieces that end at its slashes: a line ends there and nowhere else, since a hyphen
    at the end of a line may belong to the address or not. `//` stays with the name of the house.
    """
    pieces = _AFTER_SLASH.findall(text)
    return format_html_join("", '<span class="ab">{}</span>', ((piece,) for piece in pieces))


def _line(line: str) -> SafeString:
    return format_html_join("", "{}", ((_piece(piece, keep),) for piece, keep in keep_together(line)))


def _piece(piece: str, keep: bool) -> SafeString:
    if not keep or len(piece) > LONGEST_KEPT:
        return conditional_escape(piece)
    return format_html('<span class="nb">{}</span>', piece)


def span_html(span: Span | None, style: Style = "long") -> SafeString:
    """A span in a <time> element that does not break inside a date; "undated" for None."""
    if span is None:
        return format_html('<span class="nb">{}</span>', _("undated"))
    words = _unbroken(format_span(span, language(), style))
    return format_html('<time datetime="{}">{}</time>', span.iso().split("/")[0], words)


def _unbroken(words: str) -> SafeString:
    """Keep a date on one line; a long range may break after its dash."""
    head, dash, tail = words.partition("–")
    if len(words) <= LONGEST_DATE or not tail:
        return format_html('<span class="nb">{}</span>', words)
    return format_html('<span class="nb">{}{}</span> <span class="nb">{}</span>', head, dash, tail.lstrip())


def day_html(day: date | None, style: Style = "long") -> SafeString:
    """One day in a <time> element; "undated" for None. A moment counts as its day."""
    if day is None:
        return span_html(None)
    return span_html(Span.day(date(day.year, day.month, day.day)), style)


def amount_text(number: Any) -> str:
    """A number with thousands separators and without trailing zeros; nothing for None."""
    if number is None or number == "":
        return ""
    exact = Decimal(str(number))
    plain = f"{exact:,f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def era(year: int | None) -> int | str:
    """A year kept in the Buddhist era, as the reader counts: Common Era in English; nothing where none is known."""
    if not year:
        return ""
    return year - BE_OFFSET if language() == "en" else year


BEFORE_NUMBERS = frozenset({"ร้อยละ", "อัตรา"})
"""Units that Thai says before the number."""


def counted_text(number: Any, unit: str) -> str:
    """A number with its unit, in the order in which they are said."""
    words = amount_text(number)
    return f"{unit} {words}" if unit in BEFORE_NUMBERS else f"{words} {unit}".strip()
