"""What a measure was when a version was made: its details go into the version together with its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from khlong.chain.things import plain
from khlong.strategy.models import MeasureDetail

Kept = dict[str, Any]
"""All that the details of a measure say, as the history keeps it."""


def said(detail: MeasureDetail) -> Kept:
    """All that the details say, as the history keeps it."""
    kept = {field.name: plain(getattr(detail, field.name)) for field in _fields()}
    groups = sorted(detail.groups.all(), key=str) if detail.revision else []
    return kept | {"groups": plain(groups)}


def _fields() -> list[Any]:
    return [row for row in MeasureDetail._meta.concrete_fields if row.editable and not row.primary_key]


def thawed(kept: Mapping[str, Any] | None) -> MeasureDetail | None:
    """Frozen details as an object to be read and never saved; None where nobody had written any. What it points
    to (organisation, source) is the thing as it is today; its groups are read with `groups_in`.
    """
    if not kept:
        return None
    detail = MeasureDetail(revision=0)
    for field in _fields():
        value = kept.get(field.name)
        if isinstance(field, models.ForeignKey):
            setattr(detail, field.attname, field.to_python(value["pk"]) if value else None)
        elif value is not None:
            setattr(detail, field.name, value)
    return detail


def groups_in(kept: Mapping[str, Any] | None) -> list[int]:
    """The keys of the groups that frozen details name."""
    return [int(row["pk"]) for row in (kept or {}).get("groups", ())]


def differing(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> list[str]:
    """The labels of what two states of the details do not say alike, in the order of the form. That something
    they point to has another name by now is no difference.
    """
    names = [*(field.name for field in _fields()), "groups"]
    return [_label(name) for name in names if _bare((one or {}).get(name)) != _bare((other or {}).get(name))]


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value["pk"]
    if isinstance(value, list):
        return sorted(_bare(row) for row in value)
    return None if value in ("", []) else value


def _label(name: str) -> str:
    field: Any = MeasureDetail._meta.get_field(name)
    return str(field.verbose_name)
