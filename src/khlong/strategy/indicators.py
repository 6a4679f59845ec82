"""By what goals, measures and a programme are known to be reached: writing indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.things import Values, keep_thing, new_thing
from khlong.people.actor import Actor
from khlong.record.actions import Act, action
from khlong.record.limits import EDITS
from khlong.strategy.measures import FIRST_YEAR, LAST_YEAR
from khlong.strategy.models import Indicator, Item, ItemKind, Plan
from khlong.strategy.values import providers

OWNERS = (ItemKind.GOAL, ItemKind.MEASURE)


def new_indicator(space: Node, item: Item | None = None) -> Indicator:
    """An unsaved indicator of a city or a programme; who sees it follows what it belongs to."""
    return new_thing(
        Indicator, Kind.INDICATOR, space=space, is_example=space.is_example, visibility=_seen(space, item)
    )


def _seen(space: Node, item: Item | None) -> Visibility:
    """As its goal or measure; without one, public where any plan of the city is, or none is there yet."""
    if item is not None:
        return Visibility(item.node.visibility)
    plans = set(Plan.objects.filter(city__node=space).values_list("node__visibility", flat=True))
    return Visibility.PUBLIC if not plans or Visibility.PUBLIC in plans else Visibility.MEMBERS


@action("strategy.indicator.save", limit=EDITS)
def save_indicator(
    act: Act,
    indicator: Indicator,
    values: Values,
    *,
    links: Mapping[str, Any] | None = None,
    base: int | None = None,
    why: str = "",
) -> Indicator:
    """Add or change an indicator, and link it to the goal or measure it belongs to.

    Raises Refused, ValidationError by field, EditConflict when somebody else saved after `base`.
    """
    _check(indicator, values)
    kept = keep_thing(act, indicator, values, links=links, base=base, why=why)
    if "item" in values:
        _follow(act.actor, kept)
    return kept


def _check(indicator: Indicator, values: Values) -> None:
    def given(name: str) -> Any:
        return values[name] if name in values else getattr(indicator, name)

    found: dict[str, Any] = {}
    for amount, year in (("baseline", "baseline_year"), ("target", "target_year")):
        if given(amount) is not None and given(year) is None:
            found[year] = _("Say of which year this figure is.")
        elif given(year) is not None and not FIRST_YEAR <= given(year) <= LAST_YEAR:
            found[year] = _("Write the year in the Buddhist era, such as 2570.")
    first, last = given("baseline_year"), given("target_year")
    if first and last and not found and last < first:
        found["target_year"] = _("The target lies before the baseline. Check the two years.")
    if given("rule") and given("rule") not in {row.name for row in providers()}:
        found["rule"] = _("No rule of this name computes values. Choose one of the list.")
    found |= _place(given("item"), given("city"), indicator)
    if found:
        raise ValidationError(found)


def _place(item: Item | None, city: Any, indicator: Indicator) -> dict[str, Any]:
    if item is None:
        return {}
    if item.kind not in OWNERS:
        return {"item": _("An indicator belongs to a goal or a measure.")}
    if item.space_id != indicator.space_id or city is None or item.plan.city_id != city.pk:
        return {"item": _("This part belongs to the plan of another city.")}
    return {}


def _follow(actor: Actor, indicator: Indicator) -> None:
    """Link the indicator to the part it belongs to, and to no other part."""
    standing = Edge.objects.filter(down=indicator.node, up__kind__in=[Kind.ITEM, Kind.MEASURE])
    for edge in standing.select_related("up__space", "down__space").exclude(up=indicator.item_id):
        unlink(actor, edge)
    if indicator.item is not None:
        link(actor, indicator.item.node, indicator.node, EdgeKind.LEADS_TO)
