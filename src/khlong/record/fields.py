"""Database fields for the house's own value types."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.thai.dates import DateError, Span


class SpanField(models.CharField):  # type: ignore[type-arg]
    """A day, a month, a year or a range of one of them, kept as ISO 8601 text; None is undated.

    The text of single days, months and years sorts as their first days do; a range of months or years stands
    after the single ones that begin like it.
    """

    description = _("date or range of dates")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_: Any) -> Span | None:
        return Span.from_iso(value) if value else None

    def to_python(self, value: Any) -> Span | None:
        if value is None or isinstance(value, Span):
            return value
        try:
            return Span.from_iso(str(value)) if value else None
        except DateError as error:
            raise ValidationError(_("This is not a date."), code=error.code) from error

    def get_prep_value(self, value: Any) -> str | None:
        if isinstance(value, Span):
            return value.iso()
        return value or None

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def run_validators(self, value: Any) -> None:
        super().run_validators(value.iso() if isinstance(value, Span) else value)

    def formfield(self, **kwargs: Any) -> Any:
        from khlong.ui.forms import SpanField as SpanFormField

        return SpanFormField(
            required=not self.blank, label=kwargs.get("label", self.verbose_name), help_text=self.help_text
        )
