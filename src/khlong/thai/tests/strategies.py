"""Generators of spans and Thai text for the room's property tests."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from khlong.thai.dates import Span

_DAYS = st.dates(date(1800, 1, 1), date(2200, 12, 31))


def _months(first: date, last: date) -> Span:
    return Span(first.replace(day=1), Span.month(last.year, last.month).end, "month")


_PAIRS = st.tuples(_DAYS, _DAYS).map(sorted)
SPANS = st.one_of(
    _DAYS.map(Span.day),
    st.tuples(_DAYS, st.integers(0, 45)).map(lambda pair: _some_days(*pair)),
    _PAIRS.map(lambda pair: Span(pair[0], pair[1])),
    _PAIRS.map(lambda pair: _months(pair[0], pair[1])),
    _DAYS.map(lambda day: _months(day, day.replace(month=12))),
    _PAIRS.map(lambda pair: Span(date(pair[0].year, 1, 1), date(pair[1].year, 12, 31), "year")),
)


def _some_days(start: date, length: int) -> Span:
    last = min(start.toordinal() + length, date(2200, 12, 31).toordinal())
    return Span(start, date.fromordinal(last))


_PIECES = st.sampled_from(
    [
        *"กขคงนมรลวสหอยตทพ",
        *"ะัาำิีึืุูเแโใไ็่้๊๋์ๆฯํ",
        *" \n()[]\"'“”.,–-/%:;",
        *"09๓๔aZ",
        *("เมืองพะตง", "น้ำท่วม", "ชุมชน", "สภาพภูมิอากาศ", "อบต.พะตง", "ต่าง ๆ", "SUCCESS"),
        *("3–4 ก.ย. 2565", "๓,๔๕๐,๐๐๐ บาท", "ครั้งที่ 2/2569", "👩\u200d🌾", "é"),
    ]
)
THAI_TEXT = st.lists(_PIECES, max_size=40).map("".join)

# Explicit letters: the table of all Unicode that st.text() builds first would cost two seconds.
ANY_TEXT = st.text(
    "กาิ่ำเ๑1aZßéİﬁⅫ½．×_-\u0301\u0308\u200d\u200b\u00a0\t\r\n\0ກຳကြខ្ម中\uffee\U0001d49c\U0001f468\U0001f3fd🇹🇭",
    max_size=30,
)
