"""Dates in the database: kept as they were given, and sorted by the database as text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st

from khlong.record.fields import SpanField
from khlong.thai.dates import Span
from khlong.ui.forms import SpanField as SpanFormField

days = st.dates(min_value=date(1800, 1, 1), max_value=date(2200, 12, 31))


@st.composite
def spans(draw: Any, single: bool = False) -> Span:
    one, two = sorted([draw(days), draw(days)])
    kind = draw(st.sampled_from(["day", "month", "year"]))
    if single:
        two = one
    iso = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[kind]
    first, last = (f"{day.year:04d}{day.strftime(iso)[4:]}" for day in (one, two))
    return Span.from_iso(first if first == last else f"{first}/{last}")


@pytest.fixture
def field() -> SpanField:
    return SpanField()


@given(spans())
def test_a_date_is_kept_and_read_back_as_it_was_given(span: Span) -> None:
    field = SpanField()
    text = field.get_prep_value(span)
    assert text is not None
    assert len(text) <= field.max_length  # type: ignore[operator]
    assert field.from_db_value(text) == span
    assert field.to_python(text) == field.to_python(span) == span
    assert field.clean(span, None) == span


@given(spans(single=True), spans(single=True))
def test_single_days_months_and_years_sort_as_text_as_their_first_days_do(one: Span, two: Span) -> None:
    if one.start < two.start:
        assert one.iso() < two.iso()


@given(spans(), spans())
def test_no_text_of_a_later_year_sorts_before_one_of_an_earlier_year(one: Span, two: Span) -> None:
    if one.start.year < two.start.year:
        assert one.iso() < two.iso()


@pytest.mark.parametrize("nothing", [None, ""])
def test_undated_is_null(field: SpanField, nothing: Any) -> None:
    assert field.get_prep_value(nothing) is None
    assert field.from_db_value(nothing) is None
    assert field.to_python(nothing) is None


@pytest.mark.parametrize(
    ("text", "code"), [("2565-09-03", "other_era"), ("soon", "not_a_date"), ("2022-10/2022-09", "reversed")]
)
def test_what_is_no_date_is_refused_with_the_reason_as_its_code(
    field: SpanField, text: str, code: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        field.to_python(text)
    assert caught.value.code == code


def rows(city: Any, source: Any) -> QuerySet[Any]:
    from django.apps import apps

    return apps.get_model("places", "Source").objects.order_by("date").exclude(pk=source.pk)


def test_the_database_orders_dates_on_both_systems(city: Any, source: Any) -> None:
    texts = ["2022-12-31", "2022-09-03", "2022-09", "2021", "2022-09-03/2022-09-04", "1988-11", "2022-10-01"]
    for number, text in enumerate(texts):
        type(source).objects.create(key=f"T{number}", publisher_th="ก", date=Span.from_iso(text))
    found = [row.date.iso() for row in rows(city, source)]
    assert found == sorted(texts)
    between = rows(city, source).filter(date__gte=Span.from_iso("2022-09"), date__lt=Span.from_iso("2022-10"))
    assert [row.date.iso() for row in between] == ["2022-09", "2022-09-03", "2022-09-03/2022-09-04"]


def test_undated_rows_are_found_as_such(source: Any) -> None:
    made = type(source).objects.create(key="U", publisher_th="ก")
    assert type(source).objects.get(date=None) == made
    made.refresh_from_db()
    assert made.date is None


def test_it_is_kept_as_text_in_the_database(source: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT date FROM places_source WHERE key = 'S10'")
        assert cursor.fetchone() == ("2022-06-17",)


def test_it_is_written_out_as_text_for_fixtures(source: Any) -> None:
    assert source._meta.get_field("date").value_to_string(source) == "2022-06-17"


def test_its_form_field_reads_thai_dates(field: SpanField) -> None:
    made = field.formfield(label="วันที่")
    assert isinstance(made, SpanFormField)
    assert (made.required, made.label) == (False, "วันที่")
    assert made.clean("กันยายน 2565") == Span.month(2022, 9)
