"""What rounds of review put on the face of a plan and beside its passages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.chain.models import Kind
from khlong.deliberation.models import Answer, Outcome, Round
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.places.models.base import in_language
from khlong.strategy.faces import Line, on_plan, tells
from khlong.strategy.models import Plan, Version, VersionState
from khlong.thai.dates import format_date
from khlong.ui.text import language

MOST_ROUNDS = 3


@on_plan
def open_rounds(actor: Actor, plan: Plan, version: Version) -> Iterable[Line]:
    """Until when suggestions are taken to this plan, and where; one query."""
    today = timezone.localdate()
    rows = scope(actor, Round.objects.select_related("node", "version")).filter(plan=plan)
    running = rows.filter(opens_on__lte=today, closes_on__gte=today).order_by("closes_on")
    open_now = [found for found in running[:MOST_ROUNDS] if found.is_open(today)]
    yield from map(_line, open_now)
    if not open_now and version.state == VersionState.REVIEW and can(actor, Verb.CHANGE, plan):
        add = reverse("deliberation:add_round", args=[plan.city.slug])
        yield Line(
            _("This version is for review, and nobody is asked yet."), add, _("Open a round of review")
        )


def _line(found: Round) -> Line:
    said = {"number": found.version.number, "day": _day(found.ends_on)}
    words = _("Suggestions to version %(number)s are taken until %(day)s") % said
    if not found.open_to_all:
        return Line(words, reverse("deliberation:round", args=[found.ref]))
    at = reverse("deliberation:suggest_at", args=[found.ref, "REF"]).replace("REF", "{ref}")
    return Line(
        words, reverse("deliberation:suggest", args=[found.ref]), _("Suggest something"), passage_url=at
    )


def _day(day: date) -> str:
    return format_date(day, language(), "short")


def _answer(rows: list[dict[str, Any]]) -> list[Any]:
    """The newest answer with its reason and its day."""
    row = max(rows, key=lambda one: int(one["number"]))
    said = {
        "outcome": Outcome(row["outcome"]).label,
        "reason": in_language(row["th"], row["en"]),
        "day": _day(date.fromisoformat(row["on"])),
    }
    return [_("Answer: %(outcome)s. %(reason)s (%(day)s)") % said]


@tells(Kind.SUGGESTION, _answer)
def answers(actor: Actor, keys: Collection[UUID]) -> QuerySet[Answer]:
    """All answers to each suggestion."""
    said = JSONObject(number="number", outcome="outcome", th="reason_th", en="reason_en", on="on")
    return scope(actor, Answer.objects.filter(suggestion__in=keys)).annotate(of=F("suggestion"), said=said)
