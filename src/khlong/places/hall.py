"""What a hall takes along and brings home of places: facts with their sources, communities, groups, canals."""

from __future__ import annotations

from khlong.chain.hall.documents import RowDocument, ThingDocument, register
from khlong.chain.hall.threeway import Rules
from khlong.chain.hall.travel import everything, travels
from khlong.chain.models import Visibility
from khlong.people.actor import Actor
from khlong.places import actions
from khlong.places.models import (
    Authority,
    Boundary,
    Canal,
    City,
    Community,
    District,
    Fact,
    FactTopic,
    Gauge,
    Group,
    Province,
    Source,
    Tambon,
    Unit,
    Zone,
)

SAYS = ("statement_th", "value", "low", "high", "qualifier", "unit")
"""A statement, or a figure with its unit: changed on both sides, a person decides which one stands."""
HOLDS = ("valid_from", "valid_to")


def show_fact(actor: Actor, fact: Fact, visibility: Visibility) -> None:
    """Publish a fact or take it back, as its buttons do."""
    (actions.publish_fact if visibility == Visibility.PUBLIC else actions.withdraw_fact)(actor, fact)


for _model in (Province, District, Tambon, Boundary, Source, FactTopic, Unit, Authority):
    everything(_model)
for _part in (Group, Zone):
    travels(_part)

register(RowDocument(Source, actions.save_source, order=10, fresh_key=actions.next_source_key))
register(RowDocument(FactTopic, actions.save_word, order=10))
register(RowDocument(Unit, actions.save_word, order=10))
register(RowDocument(Authority, actions.save_authority, order=15))
register(ThingDocument(City, actions.save_city, order=20))
register(ThingDocument(Community, actions.save_community, order=25, rules=Rules(together=(HOLDS,))))
register(RowDocument(Group, actions.save_group, order=30, whole="city"))
register(RowDocument(Zone, actions.save_zone, order=30, whole="community", rules=Rules(together=(HOLDS,))))
register(ThingDocument(Canal, actions.save_canal, order=35))
register(ThingDocument(Gauge, actions.save_gauge, order=36))
register(ThingDocument(Fact, actions.save_fact, order=70, rules=Rules(together=(SAYS,)), show=show_fact))
