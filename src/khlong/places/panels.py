"""What other rooms put on a city's page. Places declares the slots; rooms downstream fill them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from khlong.people.actor import Actor
from khlong.places.models import City, Fact
from khlong.ui.figures import Moment

Slot = Literal["face", "after_face", "main", "row"]


@dataclass(frozen=True)
class CityLink:
    """A link among the working group's buttons on a city's page."""

    label: str
    url: str


@dataclass(frozen=True)
class Panel:
    """A piece of a page: its template and what it needs; `moments` join the city's one timeline, `shared` are what
    all cities did together and stand folded below it, and `missing`
    names what the city has not published. `about` are primary keys of nodes whose facts the page reads along with
    those of the city, in the same query; `told` makes of these facts what else the template needs.
    """

    slot: Slot
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    shared: tuple[Moment, ...] = ()
    missing: tuple[str, ...] = ()
    links: tuple[CityLink, ...] = ()
    order: int = 50
    about: tuple[Any, ...] = ()
    told: Callable[[list[Fact]], dict[str, Any]] | None = None


CityPanels = Callable[[Actor, City], Iterable[Panel]]
CityRows = Callable[[Actor, list[City]], dict[Any, dict[str, Any]]]
_panels: list[CityPanels] = []
_rows: list[CityRows] = []


def for_city(function: CityPanels) -> CityPanels:
    """Register panels of a city's page."""
    _panels.append(function)
    return function


def for_rows(function: CityRows) -> CityRows:
    """Register what a list of cities shows of each: values by the city's primary key, for all at once."""
    _rows.append(function)
    return function


def of_city(actor: Actor, city: City) -> list[Panel]:
    """All panels of a city, in their order."""
    found = [panel for function in _panels for panel in function(actor, city)]
    return sorted(found, key=lambda panel: panel.order)


def of_rows(actor: Actor, cities: list[City]) -> dict[Any, dict[str, Any]]:
    """What each city's line shows, from all rooms."""
    made: dict[Any, dict[str, Any]] = {city.pk: {} for city in cities}
    for function in _rows:
        for key, values in function(actor, cities).items():
            made[key].update(values)
    return made
