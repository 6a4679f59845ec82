"""The answering table of a round: its rows, narrowed, and what it can be narrowed by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count, QuerySet

from khlong.deliberation.heard import PERSON
from khlong.deliberation.models import Round, Suggestion
from khlong.deliberation.standing import answered, asking, on_the_table, owed, returned
from khlong.network.counts import FEWEST
from khlong.places.models.base import in_language

Rows = QuerySet[Suggestion]
STATES: dict[str, Callable[[Rows], Rows]] = {
    "owed": owed,
    "returned": returned,
    "late": lambda rows: rows.filter(in_time=False),
    "answered": lambda rows: rows.filter(answered()),
}


def narrowed(found: Round, chosen: Mapping[str, Any], groups: list[tuple[Any, str]]) -> Rows:
    """The rows that were asked for, in the order of the passages; what cannot be chosen narrows nothing."""
    rows = on_the_table(found).filter(asking())
    if chosen.get("state") in STATES:
        rows = STATES[chosen["state"]](rows)
    if chosen.get("item"):
        rows = rows.filter(item__node__ref=chosen["item"])
    if chosen.get("voice"):
        rows = rows.filter(voice=chosen["voice"])
    if chosen.get("group") and chosen["group"] in {str(key) for key, _name in groups}:
        rows = rows.filter(groups=chosen["group"])
    return rows.order_by("item__order", "item", "start", "node__ref")


def passages(found: Round) -> list[tuple[Any, str]]:
    """The passages to which somebody spoke, with how many; one query."""
    rows = on_the_table(found).filter(asking()).order_by("item__order", "item")
    counted = rows.values_list("item__node__ref", "item__node__title_th", "item__node__title_en").annotate(
        n=Count("pk")
    )
    return [(ref, f"{in_language(th, en)[:60]} ({n})") for ref, th, en, n in counted]


def groups(found: Round) -> list[tuple[Any, str]]:
    """Groups in which at least five people spoke; of fewer, the words would tell who they are. One query."""
    rows = on_the_table(found).filter(groups__isnull=False).order_by("groups__order", "groups")
    counted = rows.values_list("groups", "groups__name_th", "groups__name_en").annotate(
        n=Count(PERSON, distinct=True)
    )
    return [(str(key), in_language(th, en)) for key, th, en, n in counted if n >= FEWEST]
