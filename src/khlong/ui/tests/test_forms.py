from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from khlong.thai.dates import Span, format_span
from khlong.thai.digits import to_thai
from khlong.ui.forms import LONGEST_TEXT, FigureField, KhlongForm, SpanField
from khlong.ui.tests.conftest import Render


class Note(KhlongForm):
    words = forms.CharField(label="ข้อความ", help_text="เขียนเป็นภาษาพูดได้", widget=forms.Textarea)
    seen = SpanField(label="เห็นเมื่อไร", required=False)
    depth = FigureField(label="ลึกเท่าไร", required=False, min_value=0)
    email = forms.EmailField(label="อีเมล", required=False)
    zone = forms.ChoiceField(label="โซน", choices=[("a", "ก"), ("b", "ข")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="ยินยอม")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def note(**values: Any) -> Note:
    return Note({"words": "ก", "zone": "a", "agree": "on"} | values)


def messages(form: forms.Form, name: str) -> list[str]:
    return [str(message) for message in form.errors.get(name, [])]


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("3-4 ก.ย. 2565", "2022-09-03/2022-09-04"),
        ("๓ กันยายน ๒๕๖๕", "2022-09-03"),
        ("3 September 2022", "2022-09-03"),
        ("มิถุนายน 2565", "2022-06"),
        ("พ.ศ. 2565", "2022"),
    ],
)
def test_a_date_is_read_as_thai_and_english_people_write_it(typed: str, iso: str) -> None:
    form = note(seen=typed)
    assert form.is_valid()
    assert form.cleaned_data["seen"].iso() == iso


def test_no_date_is_none_and_a_required_one_says_what_to_do() -> None:
    form = note(seen="  ")
    assert form.is_valid()
    assert form.cleaned_data["seen"] is None
    field = SpanField()
    with pytest.raises(forms.ValidationError):
        field.clean("")


def test_what_cannot_be_read_is_quoted_with_an_example_and_stays_in_the_field(render: Render) -> None:
    form = note(seen="เมื่อวานซืน <b>")
    assert not form.is_valid()
    assert "“เมื่อวานซืน <b>”" in messages(form, "seen")[0]
    assert "3 ก.ย. 2565" in messages(form, "seen")[0]
    html = render("{% field f.seen %}", f=form)
    assert 'value="เมื่อวานซืน &lt;b&gt;"' in html
    assert "<b>" not in html


def test_a_range_the_wrong_way_round_is_offered_turned() -> None:
    form = note(seen="2022-09-04/2022-09-03")
    assert form.errors.as_data()["seen"][0].code == "reversed"
    assert "3–4 กันยายน 2565" in messages(form, "seen")[0]


def test_an_error_in_english_names_english_examples() -> None:
    with translation.override("en"):
        assert "3 Sept 2022" in messages(note(seen="the other day"), "seen")[0]


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_a_span_shown_for_editing_is_read_back_unchanged(day: date) -> None:
    field = SpanField()
    span = Span.day(day)
    assert field.clean(field.prepare_value(span)) == span
    assert not field.has_changed(span, format_span(span))


def test_a_changed_or_unreadable_date_counts_as_changed() -> None:
    field = SpanField(required=False)
    assert field.has_changed(Span.from_iso("2022"), "2566")
    assert field.has_changed(None, "เมื่อวาน")
    assert not field.has_changed(None, "")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13,398", "13398"),
        ("๖.๖๘", "6.68"),
        ("๑๓,๓๙๘.๕", "13398.5"),
        (" 7 ", "7"),
        (".5", "0.5"),
        ("1,000,000", "1000000"),
    ],
)
def test_thai_digits_and_thousands_commas_are_read(typed: str, number: str) -> None:
    form = note(depth=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["depth"] == Decimal(number)


@pytest.mark.parametrize(
    "typed", ["1,33", "13,39,8", "สิบ", "1e5", "nan", "Infinity", "1.2.3", "--5", "5 ซม."]
)
def test_what_is_no_number_says_so_and_stays(typed: str, render: Render) -> None:
    form = note(depth=typed)
    assert not form.is_valid()
    assert "13,398" in messages(form, "depth")[0]
    assert f'value="{typed}"' in render("{% field f.depth %}", f=form)


def test_a_number_below_the_least_is_refused() -> None:
    assert not note(depth="-3").is_valid()


def test_an_empty_number_is_none_and_unchanged() -> None:
    field = FigureField(required=False)
    assert field.clean("") is None
    assert not field.has_changed(None, "")
    assert field.has_changed(Decimal(3), "สาม")
    assert not field.has_changed(Decimal("13398"), "๑๓,๓๙๘")


@given(st.integers(0, 10**9))
def test_a_number_written_in_thai_digits_is_the_same_number(number: int) -> None:
    assert FigureField().clean(to_thai(f"{number:,}")) == number


def test_controls_have_defaults_and_their_own_attributes_win() -> None:
    class Mixed(KhlongForm):
        phone = forms.CharField()
        email = forms.EmailField()
        words = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "on"}))
        level = forms.IntegerField()

    fields = Mixed().fields
    assert fields["phone"].widget.attrs["autocomplete"] == "tel"
    assert fields["phone"].widget.attrs["inputmode"] == "tel"
    assert fields["email"].widget.attrs["inputmode"] == "email"
    assert fields["words"].widget.attrs["autocomplete"] == "on"
    assert fields["words"].widget.attrs["dir"] == "auto"
    assert fields["level"].widget.attrs["inputmode"] == "numeric"


def test_a_missing_answer_says_what_to_do() -> None:
    form = Note({})
    assert messages(form, "words") == ["กรอกช่องนี้"]
    assert messages(form, "zone") == ["เลือกหนึ่งข้อ"]
    assert messages(form, "agree") == ["ทำเครื่องหมายในช่องนี้ก่อน"]


def test_a_fields_own_words_are_kept() -> None:
    class Own(KhlongForm):
        name = forms.CharField(error_messages={"required": "บอกชื่อด้วย"})

    assert messages(Own({}), "name") == ["บอกชื่อด้วย"]


def test_a_field_ties_label_help_and_control_together(render: Render) -> None:
    html = render("{% field f.words %}", f=Note())
    assert '<label for="id_words">' in html
    assert 'id="id_words_help"' in html
    assert 'aria-describedby="id_words_help"' in html
    assert 'aria-required="true"' in html
    assert "aria-invalid" not in html
    assert "ต้องกรอก" in html


def test_a_field_with_an_error_says_so_in_words_and_to_a_screen_reader(render: Render) -> None:
    html = render("{% field f.words %}", f=Note({}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_words_help id_words_error"' in html
    assert 'id="id_words_error">กรอกช่องนี้' in html


def test_an_optional_field_says_that_it_is(render: Render) -> None:
    assert "ไม่บังคับ" in render("{% field f.seen %}", f=Note())


def test_a_group_of_choices_has_a_legend_and_no_label_pointing_nowhere(render: Render) -> None:
    html = render("{% field f.zone %}", f=Note({}))
    assert "<fieldset" in html
    assert "<legend>โซน" in html
    assert 'aria-describedby="id_zone_error"' in html
    assert 'for="id_zone"' not in html


def test_a_tick_box_stands_before_its_label(render: Render) -> None:
    html = render("{% field f.agree %}", f=Note())
    assert html.index("<input") < html.index("ยินยอม")


def test_a_hidden_field_is_only_its_control(render: Render) -> None:
    assert render("{% field f.secret %}", f=Note()).startswith("<input")


def test_the_summary_leads_to_every_wrong_field_and_takes_the_focus(render: Render) -> None:
    html = render("{% form_errors f %}", f=Note({"seen": "<script>"}))
    for name in ("words", "seen", "zone", "agree"):
        assert f'href="#id_{name}' in html
    assert "autofocus" in html
    assert 'role="alert"' in html
    assert "ต้องแก้ 4 แห่ง" in html
    assert "<script" not in html


def test_every_target_of_the_summary_is_on_the_page(render: Render) -> None:
    form = Note({"seen": "x"})
    html = render("{% form_errors f %}{% for b in f %}{% field b %}{% endfor %}", f=form)
    for target in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{target}"' in html


def test_a_form_without_errors_has_no_summary(render: Render) -> None:
    assert render("{% form_errors f %}", f=note()).strip() == ""


def test_a_text_without_a_limit_of_its_own_has_that_of_the_house() -> None:
    class Long(KhlongForm):
        words = forms.CharField()
        code = forms.CharField(max_length=3)

    assert Long({"words": "ก" * LONGEST_TEXT, "code": "abc"}).is_valid()
    assert set(Long({"words": "ก" * (LONGEST_TEXT + 1), "code": "abcd"}).errors) == {"words", "code"}


def test_a_date_as_long_as_a_book_is_not_read() -> None:
    class Dated(KhlongForm):
        when = SpanField()

    (error,) = Dated({"when": "1" * 5000}).errors["when"]
    assert "1" * 20 in str(error)
    assert len(str(error)) < 200


def test_the_words_beside_a_box_to_tick_are_one_element(render: Render) -> None:
    class Which(KhlongForm):
        parts = forms.MultipleChoiceField(
            choices=[("1", "เปิดคลองไส้ไก่ M-PTG-0001 <ร่าง>")], widget=forms.CheckboxSelectMultiple
        )

    html = render("{% field f.parts %}", f=Which())
    assert "> <span>เปิดคลองไส้ไก่ M-PTG-0001 &lt;ร่าง&gt;</span></label>" in html


class Choosing(KhlongForm):
    hazard = forms.ChoiceField(label="ภัย", choices=[("", "---------"), ("flood", "น้ำท่วม")], required=False)
    kept = forms.ChoiceField(label="แหล่ง", choices=[("", "เลือกแหล่ง"), ("a", "ก")], required=False)


def test_a_list_in_which_nothing_is_chosen_shows_no_row_of_hyphens() -> None:
    form = Choosing()
    assert [dict(field.choices)[""] for field in form.fields.values()] == ["–", "เลือกแหล่ง"]  # type: ignore[attr-defined]
    assert "---" not in str(form["hazard"])


def test_where_several_may_be_chosen_one_is_asked_for_at_least() -> None:
    class Several(KhlongForm):
        groups = forms.MultipleChoiceField(label="กลุ่ม", choices=[("a", "ก"), ("b", "ข")])
        zone = forms.ChoiceField(label="โซน", choices=[("a", "ก")])

    form = Several({})
    with translation.override("en"):
        assert messages(form, "groups") == ["Choose at least one."]
        assert messages(form, "zone") == ["Choose one."]
