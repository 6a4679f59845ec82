"""Amounts of baht as people type them, kept as satang."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError

from khlong.ui.forms import BahtField, KhlongForm


class CostForm(KhlongForm):
    cost = BahtField(required=False)


@pytest.mark.parametrize(
    ("typed", "satang"),
    [
        ("1,850,000", 185_000_000),
        ("๑.๘๕ ล้านบาท", 185_000_000),
        ("500 บาท 25 สตางค์", 50_025),
        ("", None),
        (" ", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, satang: int | None) -> None:
    form = CostForm({"cost": typed})
    assert form.is_valid()
    assert form.cleaned_data["cost"] == satang


@pytest.mark.parametrize(
    ("typed", "code"),
    [("แพงมาก", "not_an_amount"), ("1.234", "too_precise"), ("-5", "negative"), ("9" * 30, "out_of_range")],
)
def test_what_is_no_amount_is_refused_with_the_mend(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BahtField().clean(typed)
    assert caught.value.code == code


def test_a_kept_amount_is_shown_in_baht_and_stands_unchanged() -> None:
    field = BahtField(required=False)
    assert field.prepare_value(185_000_000) == "1,850,000"
    assert field.prepare_value(50_025) == "500.25"
    assert not field.has_changed(185_000_000, "1.85 ล้าน")
    assert field.has_changed(185_000_000, "มาก")


def test_an_amount_that_is_asked_for_must_be_given() -> None:
    class Asked(forms.Form):
        cost = BahtField()

    assert set(Asked({"cost": ""}).errors) == {"cost"}
