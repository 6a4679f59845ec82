"""The API of the rooms of the chain: what is public is read, and written with a token by the same rules as on pages."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from ninja import Schema

from khlong.chain.models import Edge, Node, Visibility
from khlong.deliberation.models import Suggestion
from khlong.people.models import User
from khlong.people.tokens import make_token
from khlong.pilots.money import stamp
from khlong.places.models import City, Source
from khlong.record.models import AuditEntry
from khlong.web.api import api, described
from khlong.web.tests.world import World, build

LISTS = ("findings", "measures", "indicators", "rounds", "suggestions", "proposals", "pilots", "values")
Send = Callable[..., Any]


@pytest.fixture
def world(city: City, source: Source) -> World:
    return build(city.node, city, source, "ก")


@pytest.fixture
def nodes(world: World) -> dict[str, Node]:
    """One public thing of each of the rooms' kinds."""
    found = {
        "findings": world.finding.node,
        "measures": world.below.node,
        "indicators": world.indicator.node,
        "rounds": world.talk.round.node,
        "suggestions": world.talk.suggestion.node,
        "proposals": world.proposal.node,
        "pilots": world.pilot.node,
        "values": world.value.node,
    }
    shown = [world.moved.pk, *(node.pk for node in found.values())]
    Node.objects.filter(pk__in=shown).update(visibility=Visibility.PUBLIC)
    return found


@pytest.fixture
def send(cast: Any) -> Send:
    """send("member", "post", "/links", {...}) writes with a token of that person; `status` is what must come."""

    def sent(name: str, method: str, path: str, body: Any, status: int, **token: Any) -> Any:
        headers = {}
        if name != "anonymous":
            user: User = getattr(cast, name)
            _made, text = make_token(user, "test", **({"writes": True} | token))
            headers["Authorization"] = f"Bearer {text}"
        answer = Client().generic(
            method.upper(),
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    return sent


def got(path: str, status: int = 200, client: Client | None = None) -> Any:
    answer = (client or Client()).get(f"/api/v1{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


# --- reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_what_is_public_is_listed_and_opens_by_its_reference(nodes: dict[str, Node], name: str) -> None:
    ref = nodes[name].ref
    row = next(item for item in got(f"/{name}?per_page=200")["items"] if item["ref"] == ref)
    assert got(f"/{name}/{ref.lower()}") == row


@pytest.mark.parametrize("name", LISTS)
def test_what_is_hidden_is_answered_as_what_is_not_there(
    nodes: dict[str, Node], client_of: Any, name: str
) -> None:
    ref = nodes[name].ref
    Node.objects.filter(pk=nodes[name].pk).update(visibility=Visibility.MEMBERS)
    for reader in ("anonymous", "stranger"):
        client = client_of(reader)
        assert ref not in {item["ref"] for item in got(f"/{name}?per_page=200", client=client)["items"]}
        assert got(f"/{name}/{ref}", 404, client) == got(f"/{name}/C-XXX", 404, client)
    assert got(f"/{name}/{ref}", client=client_of("observer"))["ref"] == ref


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_narrowed_to_a_city_by_its_address_or_its_reference(
    nodes: dict[str, Node], other_city: City, name: str
) -> None:
    by_address, by_ref = (got(f"/{name}?city={word}") for word in ("phatong", "c-ptg"))
    assert by_address["items"] == by_ref["items"]
    assert nodes[name].ref in {item["ref"] for item in by_address["items"]}
    assert got(f"/{name}?city=bo-yang")["total"] == 0


@pytest.mark.parametrize("name", LISTS)
def test_a_thing_of_another_kind_is_not_found_under_this_name(nodes: dict[str, Node], name: str) -> None:
    other = next(node for kind, node in nodes.items() if kind != name)
    got(f"/{name}/{other.ref}", 404)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_questions_for_many_as_for_few(
    nodes: dict[str, Node], city: City, source: Source, name: str
) -> None:
    counts = []
    for mark in ("", "ขค"):
        for one in mark:
            build(city.node, city, source, one)
        Node.objects.update(visibility=Visibility.PUBLIC)
        with CaptureQueriesContext(connection) as queries:
            got(f"/{name}?per_page=200")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_no_answer_names_who_said_or_answered_or_wrote(nodes: dict[str, Node], client_of: Any) -> None:
    Suggestion.objects.update(by="ปลาบู่-เงียบ-417", scribe="member")
    for name in LISTS:
        text = json.dumps(got(f"/{name}?per_page=200", client=client_of("owner")), ensure_ascii=False)
        assert "ปลาบู่" not in text
        assert "scribe" not in text
        assert '"by"' not in text
        assert "receipt" not in text


def test_a_suggestion_that_is_hidden_is_not_read(nodes: dict[str, Node]) -> None:
    Suggestion.objects.update(hidden_on=timezone.localdate(), hidden_why="ชื่อคน")
    assert got("/suggestions")["total"] == 0
    got(f"/suggestions/{nodes['suggestions'].ref}", 404)


def test_suggestions_are_chosen_by_round_and_by_part(nodes: dict[str, Node], world: World) -> None:
    for query in (f"round={nodes['rounds'].ref}", f"part={world.talk.suggestion.item.ref.lower()}"):
        assert nodes["suggestions"].ref in {item["ref"] for item in got(f"/suggestions?{query}")["items"]}
    assert got("/suggestions?round=N-PTG-9999")["total"] == 0


def test_proposals_are_chosen_by_state_and_an_unknown_state_is_named(nodes: dict[str, Node]) -> None:
    row = got(f"/proposals/{nodes['proposals'].ref}")
    assert row["ref"] in {item["ref"] for item in got(f"/proposals?state={row['state']}")["items"]}
    assert got("/proposals?state=lost", 422)["detail"][0]["place"][-1] == "state"


# --- writing -----------------------------------------------------------------------------------------

WRITES = [*described("post"), *described("patch")]


def fitted(path: str, body: str, world: World) -> tuple[str, Any]:
    """An example as the description gives it, with the references of this world."""
    refs = {
        "D": world.fact.ref,
        "M": world.below.ref,
        "F": world.fact.ref,
        "N": world.talk.round.ref,
        "O": world.organisation.ref,
        "I": world.moved.ref,
        "W": world.meeting.ref,
    }
    text = re.sub(r"([A-Z])-STT-[0-9]+", lambda found: refs[found[1]], body)
    mine = {
        "suggestions": world.talk.suggestion.ref,
        "proposals": world.proposal.ref,
        "measures": refs["M"],
        "pilots": world.pilot.ref,
    }
    name = path.removeprefix("/api/v1/").split("/")[0]
    to = path.removeprefix("/api/v1").replace("{ref}", mine.get(name, ""))
    sent = json.loads(text.replace("satit", "phatong"))
    here = {"line": str(world.money_line.pk), "seen": stamp(world.expense)}
    return to.replace("{key}", str(world.expense.pk)), sent | {
        key: here[key] for key in here.keys() & sent.keys()
    }


@pytest.fixture
def ready(world: World, nodes: dict[str, Node]) -> World:
    """A world in which every example can be written: the round is open and speaks of the measure."""
    from khlong.deliberation.models import Round

    today = timezone.localdate()
    Round.objects.update(
        opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=9), closed_early_on=None
    )
    return world


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: f"{operation.method} {operation.path}")
def test_the_example_of_everything_that_is_written_is_written_by_a_member_and_by_nobody_else(
    ready: World, send: Send, operation: Any
) -> None:
    path, body = fitted(operation.path, operation.body, ready)
    if operation.method == "PATCH":
        body["base"] = got(path)["revision"]
    before = AuditEntry.objects.exclude(action__startswith="people.").count()
    send("anonymous", operation.method, path, body, 401)
    for name, token in (("stranger", {}), ("observer", {}), ("member", {"writes": False})):
        if path != "/suggestions" or not ready.talk.round.open_to_all:
            hidden = name == "stranger" and path.startswith("/expenses/")
            send(name, operation.method, path, body, 404 if hidden else 403, **token)
    assert AuditEntry.objects.exclude(action__startswith="people.").count() == before
    send("member", operation.method, path, body, 200 if operation.method == "PATCH" else 201)


def test_everything_that_is_written_has_an_example() -> None:
    assert len(WRITES) >= 13
    assert [operation.path for operation in WRITES if not operation.body] == []


def test_a_session_of_a_browser_does_not_write(ready: World, client_of: Any) -> None:
    for operation in WRITES:
        path, body = fitted(operation.path, operation.body, ready)
        answer = client_of("owner").generic(
            operation.method, f"/api/v1{path}", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 401, path
        assert answer.json()["detail"]


def test_a_token_of_another_city_does_not_write_here(ready: World, send: Send, other_city: City) -> None:
    path, body = fitted("/api/v1/measures", '{"city": "satit", "text_th": "ปลูกป่า"}', ready)
    send("member", "post", path, body, 403, spaces=[other_city.pk])
    send("steward", "post", path, body, 403)


def test_a_link_to_another_citys_thing_is_refused_unless_that_is_said(
    ready: World, send: Send, other_city: City, source: Source, cast: Any
) -> None:
    theirs = build(other_city.node, other_city, source, "ข")
    body = {"up": theirs.fact.ref, "down": ready.below.ref}
    send("member", "post", "/links", body, 403)
    assert not Edge.objects.filter(up=theirs.fact.node).filter(down=ready.below.node).exists()
    made = send("member", "post", "/links", body | {"across": True}, 201)
    assert made == {"up": theirs.fact.ref, "down": ready.below.ref, "kind": "rests_on", "across": True}
    assert send("member", "post", "/links", body | {"across": True}, 201) == made


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/measures", {"city": "phatong"}, "text_th"),
        ("/measures", {"city": "phatong", "text_th": "ก", "colour": "red"}, "colour"),
        ("/measures", {"city": "phatong", "text_th": "a\x00b"}, "body"),
        ("/links", {"up": "F-PTG-0001"}, "down"),
        ("/links", {"up": "F-PTG-0001", "down": "M-PTG-0001", "kind": "likes"}, "kind"),
    ],
)
def test_what_cannot_be_understood_is_answered_with_its_place(
    ready: World, send: Send, path: str, body: Any, place: str
) -> None:
    faults = send("member", "post", path, body, 422)["detail"]
    assert any(place in fault["place"] for fault in faults), faults
    assert all(fault["message"] for fault in faults)


def test_what_an_action_finds_wrong_names_the_field_and_nothing_is_written(ready: World, send: Send) -> None:
    ref, base = ready.below.ref, got(f"/measures/{ready.below.ref}")["revision"]
    body = {"base": base, "from_year": 2575, "to_year": 2570}
    faults = send("member", "patch", f"/measures/{ref}", body, 422)["detail"]
    assert [fault["place"] for fault in faults] == [["body", "to_year"]]
    assert got(f"/measures/{ref}")["from_year"] != 2575
    step = {"state": "budgeted", "on": "2026-08-05"}
    assert send("member", "post", f"/proposals/{ready.proposal.ref}/steps", step | {"on": "soon"}, 422)


def test_who_was_slower_is_told_the_revision_that_stands(ready: World, send: Send) -> None:
    path, stands = f"/measures/{ready.below.ref}", got(f"/measures/{ready.below.ref}")["revision"]
    send("member", "patch", path, {"base": stands, "system": "ระบายน้ำ"}, 200)
    told = send("owner", "patch", path, {"base": stands, "system": "คลอง"}, 409)
    assert told["revision"] == stands + 1
    assert got(path)["system"] == "ระบายน้ำ"
    send("owner", "patch", path, {"base": told["revision"], "system": "คลอง"}, 200)


def test_the_same_suggestion_sent_twice_is_one_and_its_receipt_is_the_same(ready: World, send: Send) -> None:
    example = next(row for row in WRITES if row.path == "/api/v1/suggestions")
    path, body = fitted(example.path, example.body, ready)
    first, second = (send("member", "post", path, body, 201) for _time in range(2))
    assert first == second
    assert Suggestion.objects.filter(node__ref=first["suggestion"]["ref"]).count() == 1


def test_who_suggests_through_the_api_is_nowhere_named(ready: World, send: Send) -> None:
    example = next(row for row in WRITES if row.path == "/api/v1/suggestions")
    path, body = fitted(example.path, example.body, ready)
    made = send("member", "post", path, body, 201)["suggestion"]
    kept = Suggestion.objects.get(node__ref=made["ref"])
    assert "member" not in (kept.by, kept.scribe)
    assert not AuditEntry.objects.filter(object_id=str(kept.pk), actor="member").exists()
    assert not Edge.objects.filter(down=kept.node, by="member").exists()


def test_words_that_do_not_stand_there_are_refused(ready: World, send: Send) -> None:
    example = next(row for row in WRITES if row.path == "/api/v1/suggestions")
    path, body = fitted(example.path, example.body, ready)
    faults = send("member", "post", path, body | {"quote": "ไม่มีคำนี้"}, 422)["detail"]
    assert [fault["place"] for fault in faults] == [["body", "quote"]]


def test_the_page_for_people_shows_what_is_written_with_its_example(ready: World, client: Client) -> None:
    page = client.get("/api/").content.decode()
    for operation in WRITES:
        assert f"{operation.method} {operation.path}" in page
    assert page.count("<pre") == len(WRITES)


def test_every_operation_that_writes_says_how_it_may_be_refused() -> None:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in {"post", "patch"} & set(methods):
            about = methods[method]
            assert {"401", "403", "409", "422", "429"} <= {str(code) for code in about["responses"]}, path
            assert about["security"], path


def test_no_two_rooms_describe_different_things_under_one_name() -> None:
    """The description keeps one schema of a name; of two it would describe one wrongly."""
    rooms = {name: module for name, module in sys.modules.items() if re.fullmatch(r"khlong\.\w+\.api", name)}
    made = [one for module in rooms.values() for one in vars(module).values() if isinstance(one, type)]
    names = Counter(one.__name__ for one in set(made) if issubclass(one, Schema))
    described_parts = api.get_openapi_schema()["components"]["schemas"]
    assert len(rooms) >= 8
    assert [name for name, count in names.items() if count > 1 and name in described_parts] == []
