"""An adopted version shows what its measures were, whatever is said of them afterwards."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils.translation import override

from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network.actions import save_organisation
from khlong.network.models import Organisation
from khlong.paper.model import Table
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.strategy.actions import make_version, publish_plan
from khlong.strategy.diff import differences_of
from khlong.strategy.frozen import differing, groups_in, said, thawed
from khlong.strategy.measures import detail_of, save_measure
from khlong.strategy.models import Item, Plan, VersionEntry
from khlong.strategy.paper import plan_document
from khlong.strategy.queries import unversioned, version_book
from khlong.strategy.tests.makers import SYSTEM, group, measure_of, whole_plan
from khlong.strategy.tests.test_views import shows

THEN: dict[str, Any] = {
    "kind": "structural",
    "loses": "แผงค้า 4 แผง",
    "from_year": 2569,
    "cost_satang": 185_000_000,
    "cost_note": "ราคากลางปี 2568",
}
NOW: dict[str, Any] = {"kind": "ecosystem", "loses": "ไม่มีใครต้องย้าย", "cost_satang": 90_000_000}


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    """A plan whose first version holds one measure with its details, which have changed since."""
    made = whole_plan(city, source)
    measure = measure_of(made)
    office = new_thing(Organisation, Kind.ORGANISATION, space=city.node)
    save_organisation(SYSTEM, office, {"name_th": "เทศบาลเมืองพะตง", "kind": "foundation"})
    links = {"groups": [group(city, source, "คนหลังตลาด")]}
    values = THEN | {"responsible": office, "cost_source": source}
    save_measure(SYSTEM, detail_of(measure), values, links=links)
    make_version(SYSTEM, made)
    publish_plan(SYSTEM, made)
    save_measure(SYSTEM, detail_of(measure), NOW | {"responsible": None}, links={"groups": []})
    return made


def entry(plan: Plan, number: int = 1) -> VersionEntry:
    return VersionEntry.objects.get(version__plan=plan, version__number=number, item=measure_of(plan))


def page(plan: Plan, client: Client, address: str, lang: str = "en") -> Any:
    client.cookies["khlong_language"] = lang
    return client.get(address)


def test_a_version_holds_what_a_measure_was_and_stays_so(plan: Plan, source: Source) -> None:
    held = thawed(entry(plan).detail)
    assert held is not None
    assert {name: getattr(held, name) for name in THEN} == THEN
    assert (held.responsible.name, held.cost_source) == ("เทศบาลเมืองพะตง", source)  # type: ignore[union-attr]
    assert len(groups_in(entry(plan).detail)) == 1
    assert detail_of(measure_of(plan)).kind == "ecosystem"


def test_other_parts_and_measures_of_which_nothing_is_said_hold_nothing(plan: Plan) -> None:
    rows = VersionEntry.objects.filter(version__plan=plan).exclude(item=measure_of(plan))
    assert rows.count() == 5
    assert not any(row.detail for row in rows)
    assert thawed(None) is None
    assert groups_in(None) == []


def test_details_that_changed_wait_for_the_next_version_which_may_be_made_of_them_alone(plan: Plan) -> None:
    first = plan.versions.get()
    assert unversioned(plan, first) == 1
    second = make_version(SYSTEM, plan)
    assert unversioned(plan, second) == 0
    with pytest.raises(Refused):
        make_version(SYSTEM, plan)


def test_what_changed_of_a_measure_is_told_between_two_versions(plan: Plan, client: Client) -> None:
    first = plan.versions.get()
    found = differences_of(version_book(first), version_book(make_version(SYSTEM, plan)))
    assert [(row.change, row.leaf.item) for row in found] == [("detail", measure_of(plan))]
    with override("en"):
        details = found[0].details
    assert (
        details
        == "kind, who may lose, and what is done about it, responsible organisation, cost, groups it is for"
    )
    told = page(plan, client, "/cities/phatong/strategy/versions/2/compare/1/")
    assert shows(told, "Other details")
    assert shows(told, f"/parts/{measure_of(plan).ref}/?version=1")


def test_a_version_shows_its_own_share_of_kinds(plan: Plan, client: Client) -> None:
    make_version(SYSTEM, plan)
    assert shows(page(plan, client, "/cities/phatong/strategy/versions/1/"), "0 of 2 measures work")
    assert shows(page(plan, client, "/cities/phatong/strategy/"), "1 of 2 measures work")


def test_a_measure_can_be_read_as_a_version_holds_it(plan: Plan, client: Client) -> None:
    ref = measure_of(plan).ref
    then = page(plan, client, f"/parts/{ref}/?version=1")
    assert shows(then, "You read version 1, as it stood then.")
    assert all(shows(then, words) for words in ("แผงค้า 4 แผง", "เทศบาลเมืองพะตง", "คนหลังตลาด", "1,850,000"))
    now = page(plan, client, f"/parts/{ref}/")
    assert shows(now, "Version 1 holds other details")
    assert shows(now, "ไม่มีใครต้องย้าย")
    assert not shows(now, "แผงค้า 4 แผง")


@pytest.mark.parametrize("asked", ["7", "x", "²", "9" * 30])
def test_a_version_that_does_not_hold_the_measure_shows_it_as_it_stands(
    plan: Plan, client: Client, asked: str
) -> None:
    told = page(plan, client, f"/parts/{measure_of(plan).ref}/?version={asked}")
    assert told.status_code == 200
    assert shows(told, "ไม่มีใครต้องย้าย")


def test_the_documents_print_what_their_version_holds(plan: Plan) -> None:
    made = plan_document(plan, "en", ANONYMOUS)
    tables = [
        block
        for block in made.blocks
        if isinstance(block, Table) and measure_of(plan).ref in str(block.caption)
    ]
    cells = [str(getattr(cell, "value", cell)) for row in tables[0].rows for cell in row]
    assert "แผงค้า 4 แผง" in cells
    assert "เทศบาลเมืองพะตง" in cells
    assert "ไม่มีใครต้องย้าย" not in cells


def test_another_name_of_what_is_pointed_to_is_no_difference(plan: Plan) -> None:
    kept: dict[str, Any] = entry(plan).detail or {}
    renamed = kept | {"responsible": kept["responsible"] | {"label": "เทศบาลนครพะตง"}}
    assert differing(kept, renamed) == []
    with override("en"):
        assert differing(kept, kept | {"gains": "ทุกคน"}) == ["who gains"]


def test_older_versions_get_what_the_history_says_that_was_said_before_them(plan: Plan) -> None:
    make_version(SYSTEM, plan)
    measure: Item = measure_of(plan)
    held = [entry(plan, 1).detail, entry(plan, 2).detail]
    VersionEntry.objects.update(detail=None)
    fill = import_module("khlong.strategy.migrations.0004_what_a_version_holds_of_measures").fill
    fill(apps, None)
    assert [entry(plan, 1).detail, entry(plan, 2).detail] == held
    assert held[1] == said(detail_of(measure))
