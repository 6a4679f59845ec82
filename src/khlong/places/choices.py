"""Long lists for forms, read as plain rows: hundreds of them need no model instance each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language

Choice = tuple[str, str]


def named(rows: QuerySet[Any], key: str, th: str, en: str) -> Callable[[], list[Choice]]:
    """Value and label of each row, in the reader's language, Thai where there is no English; read when shown."""

    def read() -> list[Choice]:
        english = get_language() == "en"
        return [(str(pk), (b if english and b else a)) for pk, a, b in rows.values_list(key, th, en)]

    return read


def offer(form: forms.BaseForm, name: str, choices: Callable[[], list[Choice]]) -> None:
    """Put a list into a form's model choice field, after its empty choice; it is checked as before."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    empty = getattr(field, "empty_label", None)
    first = [("", empty)] if empty is not None else []
    field.choices = lambda: [*first, *choices()]


def offer_sources(form: forms.BaseForm, rows: QuerySet[Any]) -> None:
    """The sources by publisher, each with its key."""
    plain = named(rows.order_by("publisher_th", "key"), "key", "publisher_th", "publisher_en")
    offer(form, "source", lambda: [(key, f"{label} ({key})") for key, label in plain()])
