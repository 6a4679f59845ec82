"""In whose book a proposal stands: a local authority has a development plan, other bodies have none.

What is asked of the province, of an agency or of a company stands in P. 02/2 of the authority of the place. Where
the city has more than one authority, or none is known, nobody is named: dots are filled in by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from khlong.adoption.models import Form, Proposal, State
from khlong.network.models import Organisation
from khlong.places.models import City

LOCAL = "local_authority"
OF_THE_PROVINCE = "องค์การบริหารส่วนจังหวัด"
UNKNOWN = "องค์กรปกครองส่วนท้องถิ่น " + "." * 30


@dataclass(frozen=True, order=True)
class Book:
    """The plan of one authority, in the order of the authorities' names."""

    sort_key: str
    name: str


def books_of(proposals: Iterable[Proposal]) -> list[tuple[Book, list[Proposal]]]:
    """The proposals by the authority in whose plan they stand or shall stand."""
    found: dict[Book, list[Proposal]] = {}
    homes: dict[object, Book] = {}
    for row in proposals:
        if has_a_book(row):
            book = Book(row.organisation.sort_key, row.organisation.name_th)
        else:
            if row.city_id not in homes:
                homes[row.city_id] = home_of(row.city)
            book = homes[row.city_id]
        found.setdefault(book, []).append(row)
    return sorted(found.items(), key=lambda pair: pair[0])


def has_a_book(row: Proposal) -> bool:
    """Whether it stands in the plan of the body that was asked: a local authority, but not a province for P. 02/2."""
    body = row.organisation
    if body.kind != LOCAL:
        return False
    beyond = row.form == Form.P02_2 or row.state == State.REFERRED
    return not (beyond and body.name_th.startswith(OF_THE_PROVINCE))


def home_of(city: City) -> Book:
    """The book of the one local authority of a city."""
    known = [Book(one.sort_key, one.name_th) for one in city.authorities.all()]
    if not known:
        rows = Organisation.objects.filter(node__space=city.node_id, kind=LOCAL)
        rows = rows.exclude(name_th__startswith=OF_THE_PROVINCE)
        known = [Book(one.sort_key, one.name_th) for one in rows[:2]]
    return known[0] if len(known) == 1 else Book("", UNKNOWN)
