"""What a plan shows on its city's page and in lists of cities."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khlong.chain.models import Kind
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city, for_rows
from khlong.strategy.formats import FORMATS
from khlong.strategy.models import ItemKind
from khlong.strategy.queries import Book, Leaf, books_of


@for_city
def plan_panels(actor: Actor, city: City) -> Iterable[Panel]:
    """Vision and face of the plan, its strategies as strands; or that nothing is published."""
    book = books_of(actor, [city]).get(city.pk)
    yield Panel("main", "strategy/city_sheet.html", {"city": city, "formats": tuple(FORMATS)}, order=95)
    if book is None:
        begin = CityLink(_("Begin a strategy plan"), reverse("strategy:add_plan", args=[city.slug]))
        yield Panel("main", missing=(_("vision"), _("strategies"), _("measures")), links=(begin,), order=56)
        return
    yield Panel("face", "strategy/city_face.html", {"book": book, "city": city})
    yield Panel("after_face", "strategy/city_strands.html", {"book": book, "city": city})
    if not city.node.is_example:
        yield Panel("main", missing=missing_of(book))


def missing_of(book: Book, shown: Collection[str] = ()) -> tuple[str, ...]:
    """What a published plan does not say. `shown` are the kinds of the chain's work that its city shows."""
    found = []
    if book.plan.start_year is None:
        found.append(_("first year of the plan"))
    if not book.count(ItemKind.GOAL):
        found.append(_("goals"))
    if not book.count(ItemKind.MEASURE):
        found.append(_("measures"))
    if Kind.INDICATOR not in shown:
        found.append(_("indicators"))
    if Kind.VALUE not in shown:
        found.append(_("results"))
    return tuple(found)


@for_rows
def plan_rows(actor: Actor, cities: list[City]) -> dict[Any, dict[str, Any]]:
    """Vision, years and strategies of each city, in one query."""
    return {key: _row(book) for key, book in books_of(actor, cities).items()}


def _row(book: Book) -> dict[str, Any]:
    vision = book.visions[0] if book.visions else None
    english = get_language() == "en"
    strategies = [leaf for leaf in book.chapters if leaf.kind == ItemKind.STRATEGY]
    return {
        "plan": book.plan,
        "vision": _words(vision, english=english) if vision else "",
        "our_translation": bool(english and vision and vision.english),
        "strategies": ", ".join(_words(leaf, english=english) for leaf in strategies),
    }


def _words(leaf: Leaf, *, english: bool) -> str:
    return leaf.english if english and leaf.english else leaf.text
