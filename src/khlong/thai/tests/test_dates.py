from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.thai.date_words import listed
from khlong.thai.dates import (
    DateError,
    Era,
    Lang,
    Precision,
    Span,
    Style,
    fiscal_year,
    fiscal_year_span,
    format_date,
    format_fiscal_year,
    format_span,
    format_time,
    parse_span,
)
from khlong.thai.tests.strategies import SPANS

LANGS = st.sampled_from(("th", "en"))
STYLES = st.sampled_from(("long", "short"))


def _iso(text: str) -> Span:
    return Span.from_iso(text)


@pytest.mark.parametrize(
    ("iso", "precision", "start", "end"),
    [
        ("2022-09-03", "day", date(2022, 9, 3), date(2022, 9, 3)),
        ("2022-09-03/2022-09-04", "day", date(2022, 9, 3), date(2022, 9, 4)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022-07/2022-08", "month", date(2022, 7, 1), date(2022, 8, 31)),
        ("2022", "year", date(2022, 1, 1), date(2022, 12, 31)),
        ("2023/2027", "year", date(2023, 1, 1), date(2027, 12, 31)),
    ],
)
def test_iso_text_keeps_how_precisely_something_is_dated(
    iso: str, precision: Precision, start: date, end: date
) -> None:
    assert _iso(iso) == Span(start, end, precision)
    assert _iso(iso).iso() == iso


@settings(max_examples=100, deadline=None)
@given(SPANS)
def test_every_span_comes_back_from_iso(span: Span) -> None:
    assert Span.from_iso(span.iso()) == span


@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    [
        ("", "empty", None),
        ("3 กันยายน 2565", "not_a_date", None),
        ("2022-9-3", "not_a_date", None),
        ("2022-02-30", "not_a_date", None),
        ("2022-13", "not_a_date", None),
        ("2022-09/2023", "not_a_date", None),
        ("2022-09-03/", "not_a_date", None),
        ("2565-09-03", "other_era", "2022-09-03"),
        ("2565-07/2565-08", "other_era", "2022-07/2022-08"),
        ("2400", "other_era", "1857"),
        ("2022-09-04/2022-09-03", "reversed", "2022-09-03/2022-09-04"),
        ("1500", "out_of_range", None),
        ("0000-01-01", "out_of_range", None),
        ("2250-01-01", "out_of_range", None),
    ],
)
def test_iso_text_that_is_refused_says_why(text: str, code: str, suggestion: str | None) -> None:
    with pytest.raises(DateError) as refused:
        Span.from_iso(text)
    assert (refused.value.code, refused.value.suggestion) == (code, suggestion)


def test_a_buddhist_year_is_answered_with_its_ce_form_in_words() -> None:
    with pytest.raises(DateError, match=r"Buddhist era.*2022-09-03"):
        Span.from_iso("2565-09-03")


def test_a_span_cannot_be_built_wrong() -> None:
    builders: list[Callable[[], Span]] = [
        lambda: Span(date(2022, 9, 4), date(2022, 9, 3)),
        lambda: Span(date(2022, 9, 1), date(2022, 9, 29), "month"),
        lambda: Span(date(2022, 2, 1), date(2022, 12, 31), "year"),
        lambda: Span.day(date(2565, 9, 3)),
        lambda: Span.month(2022, 13),
    ]
    for build in builders:
        with pytest.raises(DateError):
            build()


def test_spans_sort_by_their_start() -> None:
    spans = [_iso(text) for text in ("2023", "2022-09-03/2022-09-04", "2022-09", "2022-09-03", "2022")]
    assert [span.iso() for span in sorted(spans)] == [
        "2022",
        "2022-09",
        "2022-09-03",
        "2022-09-03/2022-09-04",
        "2023",
    ]


@pytest.mark.parametrize(
    ("iso", "long", "short", "english"),
    [
        ("2022-09-03", "3 กันยายน 2565", "3 ก.ย. 2565", "3 September 2022"),
        ("2022-09-03/2022-09-04", "3–4 กันยายน 2565", "3–4 ก.ย. 2565", "3–4 September 2022"),
        (
            "2022-09-30/2022-10-02",
            "30 กันยายน – 2 ตุลาคม 2565",
            "30 ก.ย. – 2 ต.ค. 2565",
            "30 September – 2 October 2022",
        ),
        (
            "2025-12-30/2026-01-28",
            "30 ธันวาคม 2568 – 28 มกราคม 2569",
            "30 ธ.ค. 2568 – 28 ม.ค. 2569",
            "30 December 2025 – 28 January 2026",
        ),
        ("2022-06", "มิถุนายน 2565", "มิ.ย. 2565", "June 2022"),
        ("2022-06/2022-07", "มิถุนายน–กรกฎาคม 2565", "มิ.ย.–ก.ค. 2565", "June–July 2022"),
        (
            "2025-12/2026-01",
            "ธันวาคม 2568 – มกราคม 2569",
            "ธ.ค. 2568 – ม.ค. 2569",
            "December 2025 – January 2026",
        ),
        ("2022", "พ.ศ. 2565", "พ.ศ. 2565", "2022"),
        ("2023/2027", "พ.ศ. 2566–2570", "พ.ศ. 2566–2570", "2023–2027"),
        ("2022-09-03/2023-09-03", "3 กันยายน 2565 – 3 กันยายน 2566", "3 ก.ย. 2565 – 3 ก.ย. 2566", None),
    ],
)
def test_shared_months_and_years_are_named_once(iso: str, long: str, short: str, english: str | None) -> None:
    assert format_span(_iso(iso)) == long
    assert format_span(_iso(iso), style="short") == short
    assert english is None or format_span(_iso(iso), "en") == english


def test_thai_digits_are_for_thai_only() -> None:
    span = _iso("2022-09-03/2022-09-04")
    assert format_span(span, thai_digits=True) == "๓–๔ กันยายน ๒๕๖๕"
    assert format_span(span, "en", "short", thai_digits=True) == "3–4 Sep 2022"


def test_a_letter_is_dated_as_offices_write_it() -> None:
    assert format_date(date(2026, 1, 1), thai_digits=True) == "๑ มกราคม ๒๕๖๙"
    assert format_date(date(2026, 1, 1), "en", "short") == "1 Jan 2026"


def test_thai_time_has_a_dot_and_its_unit() -> None:
    assert format_time(time(9, 30)) == "09.30 น."
    assert format_time(time(9, 30), thai_digits=True) == "๐๙.๓๐ น."
    assert format_time(time(16, 5), "en", thai_digits=True) == "16:05"


def test_the_fiscal_year_turns_on_the_first_of_october() -> None:
    assert fiscal_year(date(2022, 9, 30)) == 2565
    assert fiscal_year(date(2022, 10, 1)) == 2566
    assert fiscal_year_span(2566).iso() == "2022-10-01/2023-09-30"


def test_a_fiscal_year_is_named_in_both_languages() -> None:
    assert format_fiscal_year(2566) == "ปีงบประมาณ พ.ศ. 2566"
    assert format_fiscal_year(2566, thai_digits=True) == "ปีงบประมาณ พ.ศ. ๒๕๖๖"
    assert format_fiscal_year(2566, "en") == "fiscal year 2023 (BE 2566)"


def test_a_fiscal_year_given_in_ce_is_refused_with_the_be_year() -> None:
    with pytest.raises(DateError) as refused:
        fiscal_year_span(2023)
    assert (refused.value.code, refused.value.suggestion) == ("other_era", "2566")


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1850, 1, 1), date(2150, 12, 31)))
def test_every_day_lies_in_its_own_fiscal_year_only(day: date) -> None:
    year = fiscal_year_span(fiscal_year(day))
    assert year.start <= day <= year.end
    assert fiscal_year(year.end + timedelta(1)) == fiscal_year(day) + 1


@settings(max_examples=300, deadline=None)
@given(SPANS, LANGS, STYLES, st.booleans())
def test_what_is_printed_is_read_back(span: Span, lang: Lang, style: Style, thai_digits: bool) -> None:
    printed = format_span(span, lang, style, thai_digits)
    assert parse_span(printed) == span
    assert parse_span(f"  {printed.replace('–', ' - ')} ") == span


@settings(max_examples=60, deadline=None)
@given(st.integers(2400, 2740), st.booleans())
def test_a_printed_fiscal_year_is_read_back(be: int, thai_digits: bool) -> None:
    assert parse_span(format_fiscal_year(be, thai_digits=thai_digits)) == fiscal_year_span(be)


THIRD = "2022-09-03"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3-4 กันยายน 2565", "2022-09-03/2022-09-04"),
        ("3 – 4 ก.ย. 65", "2022-09-03/2022-09-04"),
        ("วันที่ 3-4 กันยายน 2565", "2022-09-03/2022-09-04"),
        ("วันที่ 3 กันยายน พ.ศ. ๒๕๖๕", THIRD),
        ("วันเสาร์ที่ 3 กันยายน พุทธศักราช 2565", THIRD),
        ("ส. 3 ก.ย. 65", THIRD),
        ("พฤ. 1 ก.ย. 2565", "2022-09-01"),
        ("วันพฤหัสบดีที่ ๑ ก.ย. ๒๕๖๕", "2022-09-01"),
        ("3/9/2565", THIRD),
        ("3.9.2565", THIRD),
        ("3-9-2565", THIRD),
        ("03/09/2022", THIRD),
        ("3/9/65", THIRD),
        ("2022-09-03", THIRD),
        ("2565-09-03", THIRD),
        ("2565/9/3", THIRD),
        ("2022-09-03/2022-09-04", "2022-09-03/2022-09-04"),
        ("3-4/9/2565", "2022-09-03/2022-09-04"),
        ("30/9-2/10/2565", "2022-09-30/2022-10-02"),
        ("30/9/2565 - 2/10/2565", "2022-09-30/2022-10-02"),
        ("3-ก.ย.-65", THIRD),
        ("3กันยายน2565", THIRD),
        ("3 กย 65", THIRD),
        ("3 กย. 2565", THIRD),
        ("3 ก. ย. 2565", THIRD),
        ("3 กันยา 65", THIRD),
        ("3 กันยายน 2565.", THIRD),
        ("3\u00a0กันยายน\u200b 2565", THIRD),
        ("1 มีค 66", "2023-03-01"),
        ("1 มิย 66", "2023-06-01"),
        ("1 กรกฏาคม 2566", "2023-07-01"),
        ("1 พ.ค. 2566", "2023-05-01"),
        ("1 พ.ย. 2566", "2023-11-01"),
        ("ก.ย. 2565", "2022-09"),
        ("กันยายน พ.ศ. 2565", "2022-09"),
        ("เดือนกันยายน ปี 2565", "2022-09"),
        ("9/2565", "2022-09"),
        ("ก.ย. 65", "2022-09"),
        ("2022-09", "2022-09"),
        ("มิ.ย.-ก.ค. 2565", "2022-06/2022-07"),
        ("ธ.ค. 68 - ม.ค. 69", "2025-12/2026-01"),
        ("ปี 2565", "2022"),
        ("พ.ศ. 2565", "2022"),
        ("ปีพ.ศ.2565", "2022"),
        ("พศ 65", "2022"),
        ("ค.ศ. 2022", "2022"),
        ("2565", "2022"),
        ("พ.ศ. ๒๕๖๖-๒๕๗๐", "2023/2027"),
        ("พ.ศ. 2566-70", "2023/2027"),
        ("ปีงบประมาณ 2566", "2022-10-01/2023-09-30"),
        ("งบประมาณ 2566-2567", "2022-10-01/2024-09-30"),
        ("30 ก.ย. - 2 ต.ค. 2565", "2022-09-30/2022-10-02"),
        ("30 ธ.ค. 2568 - 28 ม.ค. 2569", "2025-12-30/2026-01-28"),
        ("30 ธ.ค. 68 ถึง 28 ม.ค. 69", "2025-12-30/2026-01-28"),
        ("3 Sep 2022", THIRD),
        ("3rd September, 2022", THIRD),
        ("Sept 3, 2022", THIRD),
        ("Saturday 3 September 2022", THIRD),
        ("Sep 3-4, 2022", "2022-09-03/2022-09-04"),
        ("30 Sep to 2 Oct 2022", "2022-09-30/2022-10-02"),
        ("Sep 30 – Oct 2, 2022", "2022-09-30/2022-10-02"),
        ("3 September 2565", THIRD),
        ("3 September B.E. 2565", THIRD),
        ("3 September 2022 CE", THIRD),
        ("3 May 22", "2022-05-03"),
        ("3 May 98", "1998-05-03"),
        ("4-4 กันยายน 2565", "2022-09-04"),
        ("29 ก.พ. 2567", "2024-02-29"),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, iso: str) -> None:
    assert parse_span(text) == _iso(iso)


@pytest.mark.parametrize(
    ("text", "era", "iso"),
    [
        ("3/9/22", "CE", "2022-09-03"),
        ("3/9/22", "BE", "1979-09-03"),
        ("3/9/65", None, "2022-09-03"),
        ("3 Sep 65", "BE", "2022-09-03"),
        ("3 ก.ย. 22", "CE", "2022-09-03"),
        ("3 ก.ย. พ.ศ. 65", "CE", "2022-09-03"),
        ("3/9/2565", "CE", "2022-09-03"),
    ],
)
def test_the_default_era_is_for_years_of_two_digits(text: str, era: Era | None, iso: str) -> None:
    assert parse_span(text, default_era=era) == _iso(iso)


@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    [
        ("", "empty", None),
        (" \n", "empty", None),
        ("เร็ว ๆ นี้", "not_a_date", None),
        ("กลางเดือนมีนาคม 2568", "not_a_date", None),
        ("31 ก.พ. 2565", "not_a_date", None),
        ("29 ก.พ. 2565", "not_a_date", None),
        ("0 ก.ย. 2565", "not_a_date", None),
        ("3/13/2565", "not_a_date", None),
        ("3 กันยายน", "not_a_date", None),
        ("3 กันยายน 5", "not_a_date", None),
        ("3 กันยายน 25650", "not_a_date", None),
        ("พ.ศ.", "not_a_date", None),
        ("พ.ศ. ค.ศ. 2565", "not_a_date", None),
        ("3 ก.ย. 2565 " * 40, "not_a_date", None),
        ("พ.ศ. 2022", "other_era", "พ.ศ. 2565"),
        ("ค.ศ. 2565", "other_era", "พ.ศ. 2565"),
        ("3 ก.ย. ค.ศ. 2565", "other_era", "3 กันยายน 2565"),
        ("3 September 2565 AD", "other_era", "3 September 2022"),
        ("4-3 กันยายน 2565", "reversed", "3–4 กันยายน 2565"),
        ("30 ธ.ค. - 2 ม.ค. 2569", "reversed", "30 ธันวาคม 2568 – 2 มกราคม 2569"),
        ("พ.ศ. 2570-2566", "reversed", "พ.ศ. 2566–2570"),
        ("3 กันยายน 1500", "out_of_range", None),
        ("3 กันยายน 2300", "out_of_range", None),
        ("ปีงบประมาณ 2343", "out_of_range", None),
    ],
)
def test_what_is_no_date_says_why_and_what_may_be_meant(text: str, code: str, suggestion: str | None) -> None:
    with pytest.raises(DateError) as refused:
        parse_span(text)
    assert (refused.value.code, refused.value.suggestion) == (code, suggestion)
    if suggestion is not None:
        assert parse_span(suggestion)


TYPED = listed("3 30 65 2565 2022 ก.ย. มกรา Sep - – / . พ.ศ. ค.ศ. ปี วันที่ ถึง , CE งบประมาณ ๓ x")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TYPED), max_size=9))
def test_anything_typed_is_a_span_or_a_clear_refusal(words: list[str]) -> None:
    outcome = _read(" ".join(words))
    if isinstance(outcome, DateError):
        assert str(outcome).endswith(".")
        assert outcome.suggestion is None or isinstance(_read(outcome.suggestion), Span)
    else:
        assert _read(format_span(outcome)) == outcome


def _read(text: str) -> Span | DateError:
    try:
        return parse_span(text)
    except DateError as refused:
        return refused
