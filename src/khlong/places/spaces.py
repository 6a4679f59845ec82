"""The cities as spaces, for rooms upstream that keep something by city."""

from __future__ import annotations

from collections.abc import Iterable

from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.people.spaces import Space, provide_spaces
from khlong.places.models import City


@provide_spaces
def cities(actor: Actor) -> Iterable[Space]:
    """All cities that somebody sees, by name."""
    for city in scope(actor, City.objects.select_related("node")).order_by("sort_key"):
        yield Space(city.pk, city.name, city.get_absolute_url(), city.node.is_example)


def ref_of_address(slug: str) -> str | None:
    """The reference of the city at an address such as phatong; None where there is none."""
    return City.objects.filter(slug=slug).values_list("node__ref", flat=True).first()
