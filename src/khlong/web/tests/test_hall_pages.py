"""Owners take a city to a hall and bring its work home in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from khlong.chain.hall import envelope
from khlong.chain.hall.models import Hall
from khlong.places import actions as places
from khlong.places.models import City, Group, Source
from khlong.web.tests.halls import PASSPHRASE, Both, quick_passphrase
from khlong.web.tests.world import SYSTEM, World, build

HALLS, TAKE = "/cities/phatong/halls/", "/cities/phatong/halls/take/"
ClientOf = Callable[[str], Client]


@pytest.fixture
def world(city: City, source: Source) -> World:
    return build(city.node, city, source)


@pytest.fixture
def both(world: World, city: City, cast: Any) -> Both:
    return Both(city, cast)


def again(thing: Any) -> Any:
    return type(thing)._base_manager.get(pk=thing.pk)


def rename(world: World, **values: Any) -> Any:
    return lambda actor: places.save_community(actor, again(world.community), values)


def bring(client: Client, data: bytes) -> Any:
    return client.post(HALLS, {"file": SimpleUploadedFile("home.hall", data)}, HTTP_ACCEPT_LANGUAGE="en")


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().replace("\u2060", "")))


@pytest.mark.parametrize("path", [HALLS, TAKE])
@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("steward", 200), ("member", 403), ("anonymous", 302)]
)
def test_only_owners_take_a_city_along(
    world: World, client_of: ClientOf, path: str, who: str, status: int
) -> None:
    assert client_of(who).get(path).status_code == status


def test_packing_gives_a_file_that_the_passphrase_opens(world: World, client_of: ClientOf) -> None:
    with quick_passphrase():
        answer = client_of("owner").post(
            TAKE, {"name": "ศาลา", "passphrase": PASSPHRASE, "again": PASSPHRASE}
        )
        content = envelope.open_pack(answer.content, PASSPHRASE).content
    assert answer["Content-Disposition"] == 'attachment; filename="phatong-2.hall"'
    assert "no-store" in answer["Cache-Control"]
    assert (content["hall"]["name"], content["hall"]["made_by"]) == ("ศาลา", "owner")


@pytest.mark.parametrize(("one", "other"), [("short", "short"), (PASSPHRASE, "something else")])
def test_a_passphrase_that_will_not_do_is_refused_and_nothing_is_packed(
    world: World, client_of: ClientOf, one: str, other: str
) -> None:
    before = Hall.objects.count()
    answer = client_of("owner").post(TAKE, {"name": "ศาลา", "passphrase": one, "again": other})
    assert answer.status_code == 422
    assert 'value="ศาลา"' in answer.content.decode()
    assert PASSPHRASE not in answer.content.decode()
    assert Hall.objects.count() == before


def test_a_file_is_shown_before_anything_changes_and_then_merged(
    both: Both, world: World, client_of: ClientOf
) -> None:
    owner = client_of("owner")
    answer = bring(owner, both.meet(rename(world, name_th="บ้านในที่ประชุม")))
    page = owner.get(answer.url)
    assert again(world.community).name_th == world.community.name_th
    assert world.community.ref in words(page)
    assert "member" in words(page)
    merged = owner.post(answer.url, {"merge": "1"}, follow=True)
    assert again(world.community).name_th == "บ้านในที่ประชุม"
    assert "กลับมาครบแล้ว" in words(merged)
    assert "phatong/halls/files/" in owner.get(HALLS).content.decode()


def test_what_is_no_file_of_a_hall_is_refused_at_its_field(world: World, client_of: ClientOf) -> None:
    answer = bring(client_of("owner"), b"PK a spreadsheet")
    assert answer.status_code == 422
    assert 'class="field err"' in answer.content.decode()


def test_a_file_of_another_city_is_not_taken_in_here(
    both: Both, world: World, other_city: City, client_of: ClientOf
) -> None:
    data = both.meet(rename(world, name_th="ใหม่"))
    path = "/cities/bo-yang/halls/"
    answer = client_of("steward").post(path, {"file": SimpleUploadedFile("home.hall", data)})
    assert answer.status_code == 422
    assert "เมืองพะตง" in words(answer)


def conflict_of(both: Both, world: World) -> str:
    """A file with one conflict, received and merged; gives the id of the conflict."""
    both.meet(rename(world, name_th="ในที่ประชุม"))
    rename(world, name_th="บนเครื่อง")(both.owner)
    both.merge()
    return both.plan().conflicts[0].id


def test_both_texts_stand_side_by_side_and_a_third_is_written(
    both: Both, world: World, client_of: ClientOf
) -> None:
    key, owner = conflict_of(both, world), client_of("owner")
    path = f"{HALLS}files/{both.receive().pk}/"
    page = words(owner.get(path))
    assert "ในที่ประชุม" in page
    assert "บนเครื่อง" in page
    posted = {"decide": "1", f"how-{key}": "own", f"seen-{key}": both.plan().conflicts[0].seen}
    refused = owner.post(path, posted | {f"text-{key}": " "})
    assert refused.status_code == 422
    assert 'value="own" checked' in refused.content.decode()
    assert owner.post(path, posted | {f"text-{key}": "ที่ตกลงกัน"}).status_code == 302
    assert again(world.community).name_th == "ที่ตกลงกัน"
    assert "กลับมาครบแล้ว" in words(owner.get(path))


def test_a_decision_without_a_choice_or_over_something_newer_is_refused_in_words(
    both: Both, world: World, client_of: ClientOf
) -> None:
    key, owner = conflict_of(both, world), client_of("owner")
    path = f"{HALLS}files/{both.receive().pk}/"
    assert owner.post(path, {"decide": "1"}).status_code == 422
    seen = both.plan().conflicts[0].seen
    rename(world, name_th="แก้อีก")(both.owner)
    answer = owner.post(path, {"decide": "1", f"how-{key}": "theirs", f"seen-{key}": seen})
    assert answer.status_code == 422
    assert "ระหว่างนั้น" in words(answer)
    assert again(world.community).name_th == "แก้อีก"


def test_what_cannot_be_written_is_named_and_can_be_left_out(
    both: Both, world: World, client_of: ClientOf
) -> None:
    def write(actor: Any) -> None:
        places.save_group(
            actor, Group(city=again(world.city)), {"name_th": "ชาวประมง", "source": world.source}
        )
        rename(world, name_th="ในที่ประชุม")(actor)

    both.meet(write)
    places.save_group(SYSTEM, Group(city=world.city), {"name_th": "ชาวประมง", "source": world.source})
    owner, path = client_of("owner"), f"{HALLS}files/{both.receive().pk}/"
    answer = owner.post(path, {"merge": "1"})
    assert answer.status_code == 422
    leave = re.findall(r'name="leave" value="(\w+)"', answer.content.decode())
    assert owner.post(path, {"merge": "1", "leave": leave}).status_code == 302
    assert again(world.community).name_th == "ในที่ประชุม"


def test_the_page_of_a_file_asks_at_most_twelve_questions(
    both: Both, world: World, client_of: ClientOf
) -> None:
    conflict_of(both, world)
    owner, path = client_of("owner"), f"{HALLS}files/{both.receive().pk}/"
    with CaptureQueriesContext(connection) as queries:
        assert owner.get(path).status_code == 200
    assert len(queries) <= 12, [row["sql"][:90] for row in queries]


def test_a_file_of_another_city_is_not_found_here(
    both: Both, world: World, client_of: ClientOf, other_city: City
) -> None:
    both.meet(rename(world, name_th="ใหม่"))
    path = f"/cities/bo-yang/halls/files/{both.receive().pk}/"
    assert client_of("steward").get(path).status_code == 404
    assert client_of("stranger").get(path).status_code == 403
