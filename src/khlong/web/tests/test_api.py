"""The API: the same rules as the pages, plain data, refusals in words, a bounded number of queries."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from khlong.chain.actions import link
from khlong.chain.models import EdgeKind, Kind, Node, Visibility
from khlong.places.models import City, Source
from khlong.web.api import api, described
from khlong.web.tests.world import SYSTEM, World, build

ClientOf = Callable[[str], Client]


@pytest.fixture
def world(city: City, source: Source) -> World:
    return build(city.node, city, source, "ก")


def hide(thing: Any) -> None:
    Node.objects.filter(pk=thing.pk).update(visibility=Visibility.MEMBERS)


def asked(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(f"/api/v1{path}")
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/json")
    return response.json()


def refs(answer: Any) -> set[str]:
    return {item["ref"] for item in answer["items"]}


def test_the_public_lists_what_is_public_and_the_working_group_also_what_is_not(
    world: World, client_of: ClientOf
) -> None:
    hide(world.fact)
    assert world.fact.ref not in refs(asked(client_of("anonymous"), "/things?kind=fact"))
    assert world.fact.ref not in refs(asked(client_of("stranger"), "/facts"))
    assert world.fact.ref in refs(asked(client_of("observer"), "/facts"))
    assert world.fact.ref in refs(asked(client_of("member"), "/things?kind=fact"))


def test_a_thing_that_is_hidden_is_answered_as_one_that_is_not_there(
    world: World, client_of: ClientOf
) -> None:
    hide(world.fact)
    hidden = asked(client_of("anonymous"), f"/things/{world.fact.ref}", 404)
    missing = asked(client_of("anonymous"), "/things/D-PTG-9999", 404)
    assert hidden == missing
    assert asked(client_of("anonymous"), f"/things/{world.fact.ref}/trace", 404) == missing
    assert asked(client_of("member"), f"/things/{world.fact.ref}")["public"] is False


def test_a_thing_says_what_it_is_and_where_people_read_it(world: World, client: Client) -> None:
    answer = asked(client, f"/things/{world.community.ref.lower()}")
    assert answer == {
        "ref": world.community.ref,
        "kind": "community",
        "title_th": world.community.name_th,
        "title_en": "",
        "space": "C-PTG",
        "public": True,
        "example": False,
        "page": f"/communities/{world.community.ref}/",
    }
    assert client.get(answer["page"]).status_code == 200


def test_a_trace_goes_both_ways_and_leaves_out_what_the_reader_may_not_see(
    world: World, client_of: ClientOf
) -> None:
    link(SYSTEM, world.fact.node, world.item.node, EdgeKind.RESTS_ON)
    up = asked(client_of("anonymous"), f"/things/{world.item.ref}/trace")["upstream"]
    assert {"depth": 1, "ref": world.fact.ref} in [
        {"depth": s["depth"], "ref": s["thing"]["ref"]} for s in up
    ]
    hide(world.fact)
    again = asked(client_of("anonymous"), f"/things/{world.item.ref}/trace")["upstream"]
    assert world.fact.ref not in [step["thing"]["ref"] for step in again]


def test_a_search_gives_what_the_page_gives(world: World, client: Client) -> None:
    answer = asked(client, "/search?q=หลบมุม")
    assert refs(answer) == {world.community.ref}
    assert answer["total"] == 1
    assert world.community.ref in client.get("/search/?q=หลบมุม").content.decode()


def test_a_list_comes_in_pages_and_after_the_last_there_is_an_empty_one(world: World, client: Client) -> None:
    whole = asked(client, "/things?per_page=200")
    first, second = (asked(client, f"/things?per_page=3&page={number}") for number in (1, 2))
    assert [i["ref"] for i in [*first["items"], *second["items"]]] == [i["ref"] for i in whole["items"][:6]]
    assert first["total"] == whole["total"] == len(whole["items"])
    assert asked(client, "/things?page=10000")["items"] == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/things?page=0", "page"),
        ("/things?page=x", "page"),
        ("/things?per_page=1000", "per_page"),
        ("/things?kind=facts", "kind"),
        ("/search", "q"),
        ("/search?q=", "q"),
        ("/facts?topic=" + "x" * 61, "topic"),
        ("/search?q=a%00b", "address"),
    ],
)
def test_a_question_that_cannot_be_understood_is_answered_with_the_place(
    world: World, client: Client, path: str, place: str
) -> None:
    faults = asked(client, path, 422)["detail"]
    assert [fault["place"][-1] for fault in faults] == [place]
    assert all(fault["message"] for fault in faults)


def test_a_kind_that_is_none_names_those_that_are(db: None, client: Client) -> None:
    (fault,) = asked(client, "/things?kind=facts", 422)["detail"]
    assert all(kind.name.lower() in fault["message"] for kind in Kind)


def test_facts_come_with_their_source_and_can_be_chosen(world: World, client: Client) -> None:
    (fact,) = asked(client, "/facts?city=phatong")["items"]
    assert (fact["value"], fact["unit"], fact["mark"]) == (12.0, "people", "A")
    assert fact["source"]["key"] == "S10"
    assert fact["source"]["date"] == "2022-06-17"
    assert asked(client, "/facts?city=bo-yang")["items"] == []
    assert refs(asked(client, f"/facts?about={world.city.ref}")) == {fact["ref"]}
    assert refs(asked(client, "/facts?topic=deaths")) == {fact["ref"]}


def test_no_answer_names_who_entered_a_thing(world: World, client_of: ClientOf) -> None:
    for path in ("/facts", "/things", "/cities", "/cities/phatong"):
        text = json.dumps(asked(client_of("member"), path))
        assert "entered_by" not in text
        assert "display_name" not in text


def test_an_address_that_is_none_is_refused_in_json_and_in_the_readers_language(
    db: None, client: Client
) -> None:
    thai = asked(client, "/nowhere", 404)["detail"]
    client.cookies["khlong_language"] = "en"
    english = asked(client, "/nowhere", 404)["detail"]
    assert thai != english == "There is nothing at this address. See /api/."


def test_what_is_only_read_is_not_written(world: World, client_of: ClientOf) -> None:
    for path in ("/things", f"/things/{world.fact.ref}", "/facts", "/search", "/cities"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client_of("steward"), method)(f"/api/v1{path}").status_code == 405


def test_an_answer_takes_as_many_questions_to_the_database_for_many_as_for_few(
    city: City, source: Source, client: Client
) -> None:
    def counts() -> dict[str, int]:
        found = {}
        for operation in described():
            with CaptureQueriesContext(connection) as queries:
                assert not operation.example or client.get(operation.example).status_code == 200
            found[operation.path] = len(queries)
        return found

    build(city.node, city, source, "ก")
    few = counts()
    for mark in "ขคง":
        build(city.node, city, source, mark)
    assert counts() == few
    assert max(few.values()) <= 8


def test_the_page_for_people_shows_every_question_and_each_example_opens(
    world: World, client: Client
) -> None:
    page = client.get("/api/").content.decode()
    paths = set(api.get_openapi_schema()["paths"])
    assert len(paths) >= 7
    assert all(path in page for path in paths)
    opened = [operation.example for operation in described() if operation.example]
    assert len(opened) >= 12
    assert all(client.get(example).status_code == 200 for example in opened)
