"""What is told of a pilot beside the passage of the plan that it tries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from khlong.chain.models import Kind
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.pilots.models import Pilot, PilotState
from khlong.places.models.base import in_language
from khlong.strategy.faces import tells
from khlong.thai.dates import Span, format_span
from khlong.ui.text import language


def _line(rows: list[dict[str, Any]]) -> list[Any]:
    row = rows[0]
    parts = (
        str(PilotState(row["state"]).label),
        _when(row["begins"], row["ends"]),
        _who(row["th"], row["en"]),
    )
    return [" · ".join(filter(None, parts))]


def _who(th: str | None, en: str | None) -> str:
    return _("run by %(organisation)s") % {"organisation": in_language(th, en or "")} if th else ""


def _when(begins: str | None, ends: str | None) -> str:
    if not begins or not ends:
        return ""
    span = Span(date.fromisoformat(begins), date.fromisoformat(ends))
    return format_span(span, language(), "short")


@tells(Kind.PILOT, _line)
def standing(actor: Actor, keys: Collection[UUID]) -> QuerySet[Pilot]:
    """How far each pilot is, when it runs, and who runs it."""
    names = {"th": "run_by__name_th", "en": "run_by__name_en"}
    said = JSONObject(state="state", begins="starts_on", ends="ends_on", **names)
    return scope(actor, Pilot.objects.filter(pk__in=keys)).annotate(of=F("node"), said=said)
