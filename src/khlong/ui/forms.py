"""Form bases and fields: Thai dates and numbers are read, and what was typed stays when it cannot be."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from khlong.thai.dates import DateError, Span, format_span, parse_span
from khlong.thai.digits import to_arabic
from khlong.thai.money import MoneyError, parse_baht
from khlong.ui.text import language

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class ControlDefaults:
    """Attributes every control gets unless its widget says otherwise; the browser's own bubbles are left out.

    Personal fields fill themselves in (name, e-mail, telephone); everything else asks the browser not to
    offer somebody else's words on a shared machine. `dir` is auto where anybody may write in any script.
    """

    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _write_plainly(field)
            _limit(field)
            _leave_open(field)
            for key, value in control_attributes(name, field).items():
                field.widget.attrs.setdefault(key, value)
            _say_what_to_do(field)


def _what_to_do(field: forms.Field) -> Any:
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return _("Choose at least one.")
    return _("Choose one.") if isinstance(field, forms.ChoiceField) else _("Fill in this field.")


def _say_what_to_do(field: forms.Field) -> None:
    """Put our words in the place of Django's where a field has no words of its own."""
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = _what_to_do(field)
    if isinstance(field, forms.BooleanField):
        field.error_messages["required"] = _("Tick this box to go on.")


DASHES = BLANK_CHOICE_DASH[0][1]
NOTHING = "–"
"""What stands in a list where nothing is chosen, in the place of Django's row of hyphens."""


def _leave_open(field: forms.Field) -> None:
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = NOTHING
    elif isinstance(field, forms.ChoiceField) and not callable(field.choices):
        rows = list(field.choices)
        if rows and rows[0] == ("", DASHES):
            field.choices = [("", NOTHING), *rows[1:]]


LONGEST_TEXT = 20_000
"""Characters of a text that has no limit of its own: some ten pages."""


def _limit(field: forms.Field) -> None:
    if isinstance(field, forms.CharField) and field.max_length is None:
        field.max_length = LONGEST_TEXT
        field.validators = [*field.validators, MaxLengthValidator(LONGEST_TEXT)]


def _write_plainly(field: forms.Field) -> None:
    """Give a list the widget that writes its options without templates."""
    plain = {forms.Select: PlainSelect, forms.SelectMultiple: PlainSelectMultiple}.get(type(field.widget))
    if plain is not None and isinstance(field, forms.ChoiceField):
        widget = plain(attrs=field.widget.attrs)
        widget.is_localized, widget.is_required = field.widget.is_localized, field.widget.is_required
        field.widget = widget
        widget.choices = cast(Any, field.choices)


AUTOCOMPLETE = {
    "name": "name",
    "username": "username",
    "email": "email",
    "phone": "tel",
    "telephone": "tel",
    "organisation": "organization",
    "password": "current-password",
    "password1": "new-password",
    "password2": "new-password",
    "new_password1": "new-password",
    "new_password2": "new-password",
    "old_password": "current-password",
}
INPUT_MODES: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.EmailField, "email"),
    (forms.URLField, "url"),
    (forms.IntegerField, "numeric"),
    (forms.DecimalField, "decimal"),
)


def control_attributes(name: str, field: forms.Field) -> dict[str, str]:
    """The default attributes of a field's control: autocomplete, inputmode, dir."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.FileInput | forms.HiddenInput):
        return {}
    attrs = {"autocomplete": AUTOCOMPLETE.get(name, "off")}
    if isinstance(widget, forms.Textarea) or type(field) is forms.CharField:
        attrs["dir"] = "auto"
    if AUTOCOMPLETE.get(name) == "tel":
        attrs["inputmode"] = "tel"
    mode = next((mode for kind, mode in INPUT_MODES if isinstance(field, kind)), None)
    return attrs | ({"inputmode": mode} if mode else {})


class KhlongForm(ControlDefaults, forms.Form):
    """Base of the forms that are not tied to a model."""


class KhlongModelForm(ControlDefaults, forms.ModelForm):  # type: ignore[type-arg]
    """Base of the model forms."""


DATE_MESSAGES: dict[str, str | _StrPromise] = {
    "empty": _("Write a date, for example 3 Sept 2022."),
    "not_a_date": _(
        "“%(typed)s” cannot be read as a date. Write for example 3 Sept 2022, Sept 2022 or 2022."
    ),
    "other_era": _("The year in “%(typed)s” belongs to the other era. Did you mean %(suggestion)s?"),
    "reversed": _("The range “%(typed)s” ends before it begins. Did you mean %(suggestion)s?"),
    "out_of_range": _("The year in “%(typed)s” is too far away. Check the year and its era."),
}


class SpanField(forms.CharField):
    """A day, a month, a year or a range of them, in Thai (BE) or English (CE); gives a Span or None."""

    default_error_messages = DATE_MESSAGES

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 80)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Span):
            return value
        typed = (super().to_python(value) or "").strip()
        if len(typed) > (self.max_length or 0):
            shown = {"typed": f"{typed[:20]}…"}
            raise ValidationError(self.error_messages["not_a_date"], code="not_a_date", params=shown)
        return self._read(typed) if typed else None

    def _read(self, typed: str) -> Span:
        try:
            return parse_span(typed)
        except DateError as error:
            meant = suggested(error)
            code = error.code if meant or error.code not in {"other_era", "reversed"} else "not_a_date"
            params = {"typed": typed, "suggestion": meant}
            raise ValidationError(self.error_messages[code], code=error.code, params=params) from error

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Nothing more: a Span has no length to check."""

    def prepare_value(self, value: Any) -> Any:
        return format_span(value, language()) if isinstance(value, Span) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class DayField(SpanField):
    """One day, written as SpanField reads it; gives a date or None."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_one_day": _("Write one day with its month and year, for example 3 Sept 2022."),
    }

    def to_python(self, value: Any) -> Any:
        if isinstance(value, date):
            return value
        span = super().to_python(value)
        if span is None:
            return None
        if span.precision != "day" or span.start != span.end:
            raise ValidationError(self.error_messages["not_one_day"], code="not_one_day")
        return span.start

    def prepare_value(self, value: Any) -> Any:
        return format_span(Span.day(value), language()) if isinstance(value, date) else value


def suggested(error: DateError) -> str:
    """What was probably meant, as the reader writes dates; empty when nothing can be suggested."""
    if not error.suggestion:
        return ""
    try:
        return format_span(parse_span(error.suggestion), language())
    except DateError:
        return error.suggestion


THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


class FigureField(forms.DecimalField):
    """A number that may be written with Thai digits and thousands commas; gives a Decimal or None."""

    default_error_messages = {
        "invalid": _("Write a number only, for example 13,398 or 6.68."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = self._read(value)
        return super().to_python(value)

    def _read(self, typed: str) -> str:
        plain = to_arabic(typed).strip().replace("\u2212", "-").replace("\u00a0", "")
        if plain and not (THOUSANDS.fullmatch(plain) or PLAIN_NUMBER.fullmatch(plain)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return plain.replace(",", "")

    def prepare_value(self, value: Any) -> Any:
        return format(value.normalize(), "f") if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except (ValidationError, InvalidOperation):
            return True


MONEY_MESSAGES: dict[str, str | _StrPromise] = {
    "not_an_amount": _(
        "“%(typed)s” cannot be read as an amount. Write baht, for example 1,850,000 or 1.85 million."
    ),
    "too_precise": _("An amount cannot be finer than one satang."),
    "out_of_range": _("The amount is too large to be kept. Check its noughts."),
    "negative": _("An amount cannot be less than nothing."),
}


class BahtField(forms.CharField):
    """An amount of baht as people write it (1,850,000; 1.85 ล้านบาท); gives whole satang or None."""

    default_error_messages = MONEY_MESSAGES

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, int):
            return value
        typed = str(value).strip()
        return self._read(typed) if typed else None

    def _read(self, typed: str) -> int:
        try:
            satang = parse_baht(typed)
        except MoneyError as error:
            code = error.code if error.code in self.error_messages else "not_an_amount"
            shown = {"typed": typed[:40]}
            raise ValidationError(self.error_messages[code], code=code, params=shown) from error
        if satang < 0:
            raise ValidationError(self.error_messages["negative"], code="negative")
        return satang

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Nothing more: the length was that of what was typed."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value / 100:,.2f}".removesuffix(".00") if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class PlainOptions:
    """Lists written without a template for each option: a list of all sources has hundreds of them."""

    def use_required_attribute(self, initial: Any) -> bool:
        """Never; Django would read the first option to find out, which asks the database once more."""
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        widget: Any = self
        merged = widget.build_attrs(widget.attrs, {**(attrs or {}), "name": name})
        if widget.allow_multiple_selected:
            merged["multiple"] = True
        chosen = set(widget.format_value(value))
        return format_html("<select{}>{}</select>", flatatt(merged), _options(widget.choices, chosen))


def _options(choices: Any, chosen: set[str]) -> SafeString:
    rows = (("" if value is None else str(value), str(label)) for value, label in choices)
    text = "".join(
        f'<option value="{escape(value)}"{" selected" if value in chosen else ""}>{escape(label)}</option>'
        for value, label in rows
    )
    return mark_safe(text)  # noqa: S308 (both parts are escaped)


class PlainSelect(PlainOptions, forms.Select):
    """A select of one."""


class PlainSelectMultiple(PlainOptions, forms.SelectMultiple):
    """A select of several."""
