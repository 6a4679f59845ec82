"""Columns of sealed bytes, and finding every sealed column of a person in all rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from khlong.people import keystore
from khlong.people.models import Subject
from khlong.people.sealing import seal_bytes

NAMED = b"\x02"
"""What a sealed value begins with when the id of its key (16 bytes) follows; before, a value named no key."""
ID_BYTES = 16
PurposeOf = str | Callable[[Any], str]


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A column of sealed bytes; written by `keys.put`, read by `keys.read`. Never shown by a form.

    `purpose` is what the person agreed to have it kept for, or how a row tells it; it goes when that is taken back.
    Without one it is kept as long as any consent stands. `of` leads from the row to its `Subject` in a query.
    """

    def __init__(
        self, *args: Any, purpose: PurposeOf = keystore.BASIC, of: str = "subject", **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"null": True, "editable": False, **kwargs})
        self.purpose, self.of = purpose, of

    def purpose_of(self, row: Any) -> str:
        """For which purpose the column of this row is kept."""
        return self.purpose(row) if callable(self.purpose) else str(self.purpose)


def sealed_models() -> Iterator[tuple[Any, list[SealedField]]]:
    """Every model with sealed columns, and these."""
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]
        if fields:
            yield model, fields


def values_of(subject: Subject) -> Iterator[tuple[Any, SealedField, bytes]]:
    """Everything that is sealed for a person in all rooms: row, column, value."""
    for model, fields in sealed_models():
        for row in model._base_manager.filter(**{fields[0].of: subject}):
            for field in fields:
                if (value := getattr(row, field.attname)) is not None:
                    yield row, field, bytes(value)


def keep_value(row: Any, field: SealedField, value: bytes | None) -> None:
    """Write one sealed column of a row that stands, and nothing else of it."""
    type(row)._base_manager.filter(pk=row.pk).update(**{field.name: value})


def envelope(key: keystore.DataKey, plain: bytes, context: str) -> bytes:
    """Sealed, with the id of the key before it."""
    return NAMED + key.id.bytes + seal_bytes(key.key, plain, context)


def taken_apart(value: bytes, subject: UUID) -> tuple[UUID, bytes]:
    """The id of the key, and what it sealed. A value that names none was sealed with the person's only key."""
    if value[:1] != NAMED:
        return subject, value
    return UUID(bytes=value[1 : 1 + ID_BYTES].ljust(ID_BYTES, b"\0")), value[1 + ID_BYTES :]
