"""The history of a thing in the reader's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, Model
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from khlong.chain.models import Thing, ThingRevision
from khlong.record.fields import SpanField
from khlong.thai.dates import DateError, Span, format_span
from khlong.thai.money import format_baht

LOADER_NAME = "loader"
"""Who writes when data files are taken in."""
LINK_NAME = re.compile(r"link (\d+)")
"""What stands where somebody wrote with a link; no user name holds a space."""


@dataclass(frozen=True)
class Change:
    """One field that a revision changed, before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One revision as it is read: who, when, why, and what changed."""

    number: int
    by: str
    at: datetime
    why: str
    changes: list[Change]


def shown(value: Any, field: Any = None) -> str:
    """A value of the history in words."""
    if isinstance(value, dict):
        return str(value.get("label", ""))
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if value is True or value is False:
        return _("yes") if value else _("no")
    if isinstance(field, SpanField | DateField) and value:
        return _span(value)
    if isinstance(value, int) and getattr(field, "name", "").endswith("satang"):
        return format_baht(value, "en" if get_language() == "en" else "th")
    choices = dict(getattr(field, "flatchoices", None) or ())
    return str(choices.get(value, value)) if value not in (None, "") else ""


def _span(value: str) -> str:
    try:
        return format_span(Span.from_iso(value), "en" if get_language() == "en" else "th")
    except DateError:
        return value


def writer_name(by: str) -> str:
    """The name of an account, or words for the programme's own writing and for who came with a link."""
    if (link := LINK_NAME.fullmatch(by)) is not None:
        return pgettext("who entered", "with link %(number)s") % {"number": link[1]}
    return str(_programmes.get(by, by))


_programmes: dict[str, str | Promise] = {}


def writes_as(name: str, words: str | Promise) -> None:
    """Say in words what the history shows where a part of the programme wrote under a name of its own, from a room's
    AppConfig.ready.
    """
    _programmes[name] = words


writes_as(LOADER_NAME, pgettext_lazy("who entered", "from the data files"))


def history(thing: Thing, *, limit: int = 50) -> list[Entry]:
    """The revisions of a thing, newest first; one query."""
    rows = list(ThingRevision.objects.filter(node=thing.pk)[: limit + 1])
    return [_entry(type(thing), row, rows[at + 1 : at + 2]) for at, row in enumerate(rows[:limit])]


def _entry(model: type[Model], row: ThingRevision, older: list[ThingRevision]) -> Entry:
    before = older[0].values if older else {}
    changes = [_change(model, name, before.get(name), row.values.get(name)) for name in row.changed if older]
    return Entry(row.number, writer_name(row.by), row.at, row.why, changes)


def _also(model: type[Model], name: str) -> Any:
    """The label of what a thing keeps besides its fields."""
    return getattr(model, "also_kept", {}).get(name, name)


def _change(model: type[Model], name: str, before: Any, after: Any) -> Change:
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return Change(str(_also(model, name)), shown(before), shown(after))
    return Change(str(field.verbose_name), shown(before, field), shown(after, field))
