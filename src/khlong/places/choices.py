"""Long lists for forms, read as plain rows: hundreds of them need no model instance each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import itemgetter
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


def parted(rows: QuerySet[Any], whole: str) -> tuple[Callable[[], list[Choice]], Callable[[], list[Choice]]]:
    """Choices of some rows and of the wholes they belong to, such as subdistricts and districts; read once."""

    @cache
    def read() -> list[tuple[Any, ...]]:
        names = ("pk", "name_th", "name_en", f"{whole}_id", f"{whole}__name_th", f"{whole}__name_en")
        return list(rows.values_list(*names, f"{whole}__sort_key"))

    def label(th: str, en: str) -> str:
        return en if get_language() == "en" and en else th

    def parts() -> list[Choice]:
        return [(str(row[0]), label(row[1], row[2])) for row in read()]

    def wholes() -> list[Choice]:
        found = {row[3:] for row in read()}
        return [(str(row[0]), label(row[1], row[2])) for row in sorted(found, key=itemgetter(3))]

    return parts, wholes


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
