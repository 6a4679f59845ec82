"""What is told of a pilot beside the passage of the plan that it tries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khlong.chain.models import Kind
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.pilots.models import Pilot
from khlong.strategy.faces import tells
from khlong.thai.dates import Span, format_span


@tells(Kind.PILOT)
def standing(actor: Actor, keys: Collection[UUID]) -> dict[UUID, list[Any]]:
    """How far each pilot is, when it runs, and who runs it; one query."""
    rows = scope(actor, Pilot.objects.filter(pk__in=keys)).select_related("run_by")
    return {
        row.pk: [" · ".join(filter(None, (str(row.get_state_display()), _when(row), _who(row))))]
        for row in rows
    }


def _who(row: Pilot) -> str:
    return _("run by %(organisation)s") % {"organisation": row.run_by.name} if row.run_by else ""


def _when(row: Pilot) -> str:
    if row.starts_on is None or row.ends_on is None:
        return ""
    return format_span(Span(row.starts_on, row.ends_on), "en" if get_language() == "en" else "th", "short")
