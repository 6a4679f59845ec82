"""Dates as people write them in Thai and English, read into spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from khlong.thai import date_words as words
from khlong.thai.canonical import canonical
from khlong.thai.date_format import format_span
from khlong.thai.digits import to_arabic
from khlong.thai.spans import (
    BE_OFFSET,
    BE_YEARS,
    CE_YEARS,
    DateError,
    Span,
    fiscal_year_span,
    join_spans,
    make_date,
)

Era = Literal["BE", "CE"]

_LONGEST = 200
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−~〜", "-"))
_OTHER: dict[Era, Era] = {"BE": "CE", "CE": "BE"}


def parse_span(text: str, *, default_era: Era | None = None) -> Span:
    """Read a day, month, year or range in any common Thai or English form.

    A year of four digits shows its own era: 1800-2200 is CE, 2343-2743 the same years in BE. Of two
    digits it takes `default_era`; without one, CE beside an English month and BE otherwise, within
    CE 1957-2056. Days come before months in figures (3/9/2565). Raises DateError; `other_era` when
    a written พ.ศ. or ค.ศ. contradicts the number.
    """
    if not text.strip():
        raise DateError("empty", "No date was given.")
    reading = _Reading.of(text, default_era)
    first, last = reading.ends()
    if last.start < first.start:
        raise DateError("reversed", "The end is before the start.", reading.turned(first, last))
    span = join_spans(first, last)
    if reading.contradicted:
        meant = reading.write(span)
        raise DateError("other_era", f"The era does not fit the year; this may be {meant}.", meant)
    return span


@dataclass(frozen=True)
class _Token:
    """kind: n number to two digits, y longer number, Y number marked as a year, t or e Thai or
    English month, f fiscal year, p the word for year, b or c an era, and - / . themselves."""

    kind: str
    value: int = 0
    digits: int = 0
    era: Era | None = None


_MONTHS = [
    *((f"t{month}", pattern) for month, pattern in enumerate(words.thai_month_patterns(), start=1)),
    *((f"e{month}", pattern) for month, pattern in enumerate(words.english_month_patterns(), start=1)),
]
_SCAN = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in [
            ("n", r"[0-9]+(?:(?:st|nd|rd|th)(?![a-z]))?"),
            ("b", words.BE_PATTERN),
            ("c", words.CE_PATTERN),
            ("f", words.FISCAL_PATTERN),
            *_MONTHS,
            ("p", words.YEAR_PATTERN),
            ("dash", words.DASH_PATTERN),
            ("slash", "/"),
            ("dot", r"\."),
            ("skip", words.SKIPPED_PATTERN),
        ]
    )
)
_PUNCTUATION = {"dash": "-", "slash": "/", "dot": "."}


def _scan(text: str) -> Iterator[_Token]:
    plain = to_arabic(canonical(text)).translate(_DASHES).lower().strip().rstrip(". ")
    position = 0
    while position < len(plain):
        match = _SCAN.match(plain, position) if len(text) <= _LONGEST else None
        if match is None or match.lastgroup is None:
            raise DateError("not_a_date", "This cannot be read as a date.")
        if match.lastgroup != "skip":
            yield _token(match.lastgroup, match[0])
        position = match.end()


def _token(name: str, text: str) -> _Token:
    if name == "n":
        number = re.sub("[a-z]", "", text)
        return _Token("n" if len(number) <= 2 else "y", int(number), len(number))
    if name[1:].isdigit():
        return _Token(name[0], int(name[1:]))
    return _Token(_PUNCTUATION.get(name, name))


def _mark_years(tokens: list[_Token]) -> list[_Token]:
    """Put an era, or the word for year, on the number that follows it, or else on the one before."""
    marked: list[_Token] = []
    pending: list[_Token] = []
    for token in tokens:
        if token.kind in "bcp":
            pending.append(token)
        elif pending and token.kind in "ny":
            marked.append(_as_year(token, pending))
            pending = []
        else:
            _mark_last(marked, pending)
            marked.append(token)
    _mark_last(marked, pending)
    return marked


def _mark_last(marked: list[_Token], pending: list[_Token]) -> None:
    if not pending:
        return
    if not marked or marked[-1].kind not in "ny":
        raise DateError("not_a_date", "An era is written without its year.")
    marked[-1] = _as_year(marked[-1], pending)
    pending.clear()


def _as_year(number: _Token, markers: list[_Token]) -> _Token:
    eras: list[Era] = ["BE" if marker.kind == "b" else "CE" for marker in markers if marker.kind != "p"]
    if len(set(eras)) > 1:
        raise DateError("not_a_date", "Two eras are written for one year.")
    return replace(number, kind="Y", era=eras[0] if eras else None)


def _group(name: str, kinds: str) -> str:
    return f"(?P<{name}>[{kinds}])"


def _forms() -> list[re.Pattern[str]]:
    """Every accepted sequence of token kinds; the group names say what each number is."""
    d1, d2, n1, n2 = (_group(name, "n") for name in ("d1", "d2", "m1", "m2"))
    m1, m2 = _group("m1", "te"), _group("m2", "te")
    thai1, thai2, english1, english2 = (
        _group(name, kind) for kind, name in (("t", "m1"), ("t", "m2"), ("e", "m1"), ("e", "m2"))
    )
    iso1, iso2 = _group("y1", "y"), _group("y2", "y")
    full1, full2 = _group("y1", "yY"), _group("y2", "yY")
    any1, any2 = _group("y1", "yYn"), _group("y2", "yYn")
    short1, short2 = _group("y1", "n"), _group("y2", "n")
    sources = [
        f"{iso1}-{n1}-{d1}(?:[-/]{iso2}-{n2}-{d2})?",
        f"{iso1}/{n1}/{d1}",
        f"{iso1}-{n1}(?:[-/]{iso2}-{n2})?",
        f"f?{full1}(?:[-/]{full2})?",
        f"f?{_group('y1', 'Y')}-{short2}",
        f"f{short1}",
        f"{d1}(?P<sep>[-/.]){n1}(?P=sep){any1}(?:-{d2}(?P=sep){n2}(?P=sep){any2})?",
        f"{d1}-{d2}/{n2}/{any2}",
        f"{d1}/{n1}-{d2}/{n2}/{any2}",
        f"{n1}/{full1}",
        f"(?:{d1}(?:{m1}{any1}?)?-)?{d2}{m2}{any2}",
        f"{d1}(?P<sep>[-/]){m1}(?P=sep){any1}",
        f"{english1}{d1}(?:{full1}?-{english2}?{d2})?{full2}",
        f"(?:{m1}{full1}?-)?{m2}{full2}",
        f"(?:{thai1}{short1}?-)?{thai2}{short2}",
    ]
    return [re.compile(source) for source in sources]


_FORMS = _forms()


@dataclass(frozen=True)
class _Reading:
    """One form matched: its tokens by role, and how its years are to be understood."""

    roles: dict[str, _Token]
    fiscal: bool
    short_era: Era
    thai: bool

    @classmethod
    def of(cls, text: str, default_era: Era | None) -> _Reading:
        tokens = _mark_years(list(_scan(text)))
        signature = "".join(token.kind for token in tokens)
        match = next((match for form in _FORMS if (match := form.fullmatch(signature))), None)
        if match is None:
            raise _unread(signature)
        roles = {name: tokens[match.start(name)] for name, kind in match.groupdict().items() if kind}
        roles.pop("sep", None)
        era: Era = default_era or ("CE" if "e" in signature else "BE")
        return cls(roles, signature.startswith("f"), era, not re.search("[A-Za-z]", text))

    @property
    def contradicted(self) -> bool:
        """Whether a year of four digits belongs to the other era than the one written with it."""
        return any(
            token.era is not None and token.value in _window(_OTHER[token.era])
            for name, token in self.roles.items()
            if name in ("y1", "y2")
        )

    def ends(self) -> tuple[Span, Span]:
        """The first and the last span; an end takes what it leaves out from the other."""
        year1, year2 = self._year("y1", "y2"), self._year("y2", "y1")
        if self.fiscal:
            return fiscal_year_span(year1 + BE_OFFSET), fiscal_year_span(year2 + BE_OFFSET)
        month1, month2 = self._value("m1", "m2"), self._value("m2", "m1")
        return (
            _span(year1, month1, self._value("d1", "d2")),
            _span(year2, month2, self._value("d2", "d1")),
        )

    def _value(self, name: str, otherwise: str) -> int | None:
        token = self.roles.get(name) or self.roles.get(otherwise)
        return token.value if token else None

    def _year(self, name: str, otherwise: str) -> int:
        token = self.roles.get(name) or self.roles[otherwise]
        return _ce_year(token, token.era or self.short_era)

    def turned(self, first: Span, last: Span) -> str:
        """What a range that runs backwards may have meant."""
        if "y1" not in self.roles and first.start.month > last.start.month:
            earlier = first.start.year - 1
            day = first.start.day if first.precision == "day" else None
            return self.write(join_spans(_span(earlier, first.start.month, day), last))
        return self.write(join_spans(last, first))

    def write(self, span: Span) -> str:
        return format_span(span, "th" if self.thai else "en")


def _unread(signature: str) -> DateError:
    if re.search("[te]", signature) and not re.search("[yY]", signature):
        return DateError("not_a_date", "The year is missing.")
    return DateError("not_a_date", "This cannot be read as a date.")


def _span(year: int, month: int | None, day: int | None) -> Span:
    if month is None:
        return Span.year(year)
    if day is None:
        return Span.month(year, month)
    return Span.day(make_date(year, month, day))


def _window(era: Era) -> range:
    return BE_YEARS if era == "BE" else CE_YEARS


def _ce_year(token: _Token, short_era: Era) -> int:
    if token.digits == 2:
        century = 2000 if token.value < 2600 - BE_OFFSET - 2000 else 1900
        return 2500 + token.value - BE_OFFSET if short_era == "BE" else century + token.value
    if token.digits not in (3, 4):
        raise DateError("not_a_date", "A year has four digits, or two.")
    if token.value in BE_YEARS:
        return token.value - BE_OFFSET
    if token.value not in CE_YEARS:
        raise DateError("out_of_range", f"The year {token.value} is out of range.")
    return token.value
