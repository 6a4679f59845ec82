"""Links of the chain: within a city, across when that is said, both ends held fast."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from khlong.chain.actions import link, unlink
from khlong.chain.models import Edge, EdgeKind
from khlong.chain.tests.things import SYSTEM, join, new_community
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry


@pytest.fixture
def here(city: Any, source: Any) -> tuple[Any, Any]:
    return new_community(city, source, "ก"), new_community(city, source, "ข")


@pytest.fixture
def there(other_city: Any, source: Any) -> Any:
    return new_community(other_city, source, "ค")


def test_a_link_within_a_city_says_who_made_it_and_of_which_kind(cast: Any, here: tuple[Any, Any]) -> None:
    up, down = here
    edge = link(cast.actors["member"], up.node, down.node, EdgeKind.LEADS_TO, version="Y-PTG-0001 v2")
    assert (edge.by, edge.kind, edge.version, edge.across) == ("member", "leads_to", "Y-PTG-0001 v2", False)
    assert edge.space_id == down.space_id


def test_a_link_is_noted_with_the_reference_of_its_lower_end(here: tuple[Any, Any]) -> None:
    edge = join(here[0].node, here[1].node)
    line = AuditEntry.objects.get(action="chain.edge.link")
    assert (line.object_id, line.ref, line.space) == (str(edge.pk), here[1].ref, here[1].space_id)
    assert line.fields == ["down", "kind", "up"]


def test_linking_again_gives_the_link_that_stands_and_notes_nothing(here: tuple[Any, Any]) -> None:
    first = join(here[0].node, here[1].node)
    assert join(here[0].node, here[1].node) == first
    assert AuditEntry.objects.filter(action="chain.edge.link").count() == 1


def test_two_things_may_be_linked_in_two_ways(here: tuple[Any, Any]) -> None:
    for kind in (EdgeKind.RESTS_ON, EdgeKind.PART_OF):
        link(SYSTEM, here[0].node, here[1].node, kind)
    assert Edge.objects.count() == 2


def test_different_cities_are_linked_only_when_that_is_said(here: tuple[Any, Any], there: Any) -> None:
    with pytest.raises(Refused):
        join(there.node, here[0].node)
    assert not Edge.objects.exists()
    assert join(there.node, here[0].node, across=True).across


def test_what_belongs_to_the_programme_is_evidence_in_every_city(
    here: tuple[Any, Any], there: Any, programme: Any
) -> None:
    assert not join(programme.node, here[0].node).across
    assert not join(programme.node, there.node).across


def test_a_citys_thing_flows_into_the_programme_only_when_that_is_said(
    here: tuple[Any, Any], programme: Any
) -> None:
    with pytest.raises(Refused):
        join(here[0].node, programme.node)


def test_nothing_is_linked_to_itself(here: tuple[Any, Any]) -> None:
    with pytest.raises(Refused):
        join(here[0].node, here[0].node)


def test_the_database_holds_no_link_to_itself_and_none_twice(here: tuple[Any, Any]) -> None:
    up, down = here[0].node, here[1].node
    with pytest.raises(IntegrityError), transaction.atomic():
        Edge.objects.create(up=up, down=up, kind=EdgeKind.RESTS_ON, by="test")
    join(up, down)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edge.objects.create(up=up, down=down, kind=EdgeKind.RESTS_ON, by="test")


def test_both_ends_of_a_link_are_protected(here: tuple[Any, Any]) -> None:
    join(here[0].node, here[1].node)
    for thing in here:
        node = thing.node
        node.revisions.all().delete()
        thing.delete()
        with pytest.raises(ProtectedError, match="Edge"):
            node.delete()


def test_taking_a_link_away_leaves_both_ends_and_a_line_in_the_audit(
    cast: Any, here: tuple[Any, Any]
) -> None:
    edge = join(here[0].node, here[1].node)
    unlink(cast.actors["member"], edge)
    assert not Edge.objects.exists()
    assert AuditEntry.objects.get(action="chain.edge.unlink").ref == here[1].ref
    here[0].node.refresh_from_db()
