"""Owners take a city to a hall and bring its work home in the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from khlong.chain.hall import envelope, packing
from khlong.chain.hall.models import Hall, HallFile
from khlong.chain.models import RefCounter
from khlong.network.actions import give_role
from khlong.network.hall_jobs import LOOK, MERGE, PACK
from khlong.people.actor import Role
from khlong.places import actions as places
from khlong.places.models import City, Group, Source
from khlong.record.filed import File
from khlong.record.files import open_file
from khlong.record.jobs import work_off
from khlong.record.models import AuditEntry, Job
from khlong.record.queue_models import JobState
from khlong.record.sweeping import sweep
from khlong.web.tests.halls import PASSPHRASE, Both
from khlong.web.tests.world import SYSTEM, World, build

HALLS, TAKE = "/cities/phatong/halls/", "/cities/phatong/halls/take/"
ClientOf = Callable[[str], Client]


@pytest.fixture
def world(city: City, source: Source, settings: Any, tmp_path: Path) -> World:
    settings.FILES_DIR = tmp_path / "files"
    return build(city.node, city, source)


@pytest.fixture
def both(world: World, city: City, cast: Any) -> Both:
    return Both(city, cast)


def again(thing: Any) -> Any:
    return type(thing)._base_manager.get(pk=thing.pk)


def rename(world: World, **values: Any) -> Any:
    return lambda actor: places.save_community(actor, again(world.community), values)


def bring(client: Client, data: bytes) -> Any:
    """Give the file of a hall to the page, and let the job look at it; the page's answer."""
    answer = client.post(HALLS, {"file": SimpleUploadedFile("home.hall", data)}, HTTP_ACCEPT_LANGUAGE="en")
    work_off()
    return answer


def result_of(row: Job) -> dict[str, Any]:
    assert isinstance(row.result, dict), row.error
    return row.result


def posted_to(client: Client, path: str, **posted: str) -> str:
    """Where the answer to a form leads."""
    return str(client.post(path, posted)["Location"])


def of_file(both: Both) -> str:
    return f"{HALLS}files/{HallFile.objects.get(hall=both.hall).pk}/"


def merge(client: Client, path: str, **more: Any) -> Any:
    """Press the button and let the job work; the page afterwards."""
    answer = client.post(path, {"merge": "1", **more})
    assert answer.status_code == 302
    work_off()
    return client.get(path)


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


def pack(client: Client, **more: str) -> Any:
    answer = client.post(TAKE, {"name": "ศาลา", **more})
    work_off()
    return answer


def test_packing_is_a_job_and_the_passphrase_opens_the_file_that_waits(
    world: World, client_of: ClientOf
) -> None:
    owner, number = client_of("owner"), Hall.objects.count() + 1
    answer = pack(owner)
    row = Job.objects.get(name=PACK)
    assert answer.url == f"/jobs/{row.pk}/"
    assert (row.state, result_of(row)["url"]) == (JobState.DONE, f"{HALLS}{number}/")
    assert f"{HALLS}{number}/" in owner.get(HALLS).content.decode()
    path = result_of(row)["url"]
    with patch("pyrage.passphrase.encrypt", lambda plain, _passphrase: plain):
        taken = owner.post(path, {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert taken["Content-Disposition"] == f'attachment; filename="phatong-{number}.hall"'
    assert "no-store" in taken["Cache-Control"]
    content = envelope.opened(*envelope.split(taken.content, envelope.PACKED)).content
    assert (content["hall"]["name"], content["hall"]["made_by"]) == ("ศาลา", "owner")


def test_no_job_holds_a_passphrase_and_what_waits_is_locked(world: World, client_of: ClientOf) -> None:
    owner = client_of("owner")
    pack(owner)
    hall = Hall.objects.exclude(pack=None).get()
    owner.post(f"{HALLS}{hall.number}/", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    kept = json.dumps(list(Job.objects.values_list("arguments", "result", "note")), ensure_ascii=False)
    assert PASSPHRASE not in kept
    assert hall.secret not in kept
    assert hall.pack is not None
    with open_file(hall.pack) as stream:
        data = stream.read()
    assert b"age-encryption.org" in data[:120]
    assert hall.pack.visibility == "members"


@pytest.mark.parametrize(("one", "other"), [("short", "short"), (PASSPHRASE, "something else")])
def test_a_passphrase_that_will_not_do_is_refused_and_nothing_is_taken(
    world: World, client_of: ClientOf, one: str, other: str
) -> None:
    owner = client_of("owner")
    pack(owner)
    path = f"{HALLS}{Hall.objects.exclude(pack=None).get().number}/"
    answer = owner.post(path, {"passphrase": one, "again": other})
    assert answer.status_code == 422
    assert 'class="field err"' in answer.content.decode()
    assert PASSPHRASE not in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("stranger", 403), ("anonymous", 302)])
def test_nobody_but_an_owner_takes_a_packed_city(
    world: World, client_of: ClientOf, who: str, status: int
) -> None:
    pack(client_of("owner"))
    path = f"{HALLS}{Hall.objects.exclude(pack=None).get().number}/"
    assert client_of(who).get(path).status_code == status
    posted = client_of(who).post(path, {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert "attachment" not in posted.get("Content-Disposition", "")
    assert client_of(who).post(TAKE, {"name": "x"}).status_code == 403
    assert Job.objects.filter(name=PACK).count() == 1


def test_the_same_form_sent_twice_packs_once(world: World, client_of: ClientOf) -> None:
    before = Hall.objects.count()
    assert pack(client_of("owner"), once="abc").url == pack(client_of("owner"), once="abc").url
    assert Hall.objects.count() == before + 1


def test_packing_that_is_cancelled_on_the_way_leaves_nothing(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (
        Hall.objects.count(),
        File.objects.count(),
        list(RefCounter.objects.values_list("prefix", "last")),
    )
    read = packing.read_files

    def cancelled(space: Any, tell: Any) -> Any:
        found = read(space, tell)
        Job.objects.filter(name=PACK).update(cancel_asked_at=timezone.now())
        return found

    monkeypatch.setattr(packing, "read_files", cancelled)
    pack(client_of("owner"))
    assert Job.objects.get(name=PACK).state == JobState.CANCELLED
    after = (
        Hall.objects.count(),
        File.objects.count(),
        list(RefCounter.objects.values_list("prefix", "last")),
    )
    assert after == before


def test_a_packing_whose_worker_died_at_the_end_is_not_done_twice(
    world: World, client_of: ClientOf, cast: Any, city: City
) -> None:
    before = Hall.objects.count()
    pack(client_of("owner"), once="abc")
    Job.objects.filter(name=PACK).update(state=JobState.WAITING, result=None)
    work_off()
    row = Job.objects.get(name=PACK)
    assert (row.state, Hall.objects.count()) == (JobState.DONE, before + 1)


def test_a_packed_city_waits_for_some_days(world: World, client_of: ClientOf) -> None:
    pack(client_of("owner"))
    hall = Hall.objects.exclude(pack=None).get()
    assert hall.pack is not None
    File.objects.filter(pk=hall.pack.pk).update(at=timezone.now() - timedelta(days=30))
    sweep()
    assert again(hall).pack_id
    Hall.objects.filter(pk=hall.pk).update(made_at=timezone.now() - timedelta(days=15))
    sweep()
    assert again(hall).pack_id is None
    path = f"{HALLS}{hall.number}/"
    assert "14" in words(client_of("owner").get(path))
    refused = client_of("owner").post(path, {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert refused.status_code == 422


def test_a_file_is_shown_before_anything_changes_and_then_merged(
    both: Both, world: World, client_of: ClientOf
) -> None:
    owner = client_of("owner")
    bring(owner, both.meet(rename(world, name_th="บ้านในที่ประชุม")))
    looked = Job.objects.get(name=LOOK)
    path = of_file(both)
    assert (looked.state, result_of(looked)["url"]) == (JobState.DONE, path)
    page = owner.get(path)
    assert again(world.community).name_th == world.community.name_th
    assert world.community.ref in words(page)
    assert "member" in words(page)
    merged = merge(owner, path)
    assert again(world.community).name_th == "บ้านในที่ประชุม"
    assert "กลับมาครบแล้ว" in words(merged)
    [line] = result_of(Job.objects.get(name=MERGE))["lines"]
    assert line in words(merged).replace("\xa0", " "), "the report of the merging stays"
    assert "phatong/halls/files/" in owner.get(HALLS).content.decode()


def test_while_it_is_merged_the_page_says_so_and_no_second_merging_begins(
    both: Both, world: World, client_of: ClientOf
) -> None:
    owner = client_of("owner")
    bring(owner, both.meet(rename(world, name_th="บ้านในที่ประชุม")))
    first, second = (posted_to(owner, of_file(both), merge="1") for _time in range(2))
    assert first == second
    html = owner.get(of_file(both)).content.decode()
    assert first in html
    assert 'name="merge"' not in html
    assert again(world.community).name_th == world.community.name_th


def test_a_merging_that_is_cancelled_half_way_leaves_nothing(
    both: Both, world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(actor: Any) -> None:
        rename(world, name_th="บ้านในที่ประชุม")(actor)
        places.save_group(
            actor, Group(city=again(world.city)), {"name_th": "ชาวประมง", "source": world.source}
        )

    owner, lines = client_of("owner"), AuditEntry.objects.filter(action="places.group.save")
    bring(owner, both.meet(write))
    before, names = lines.count(), []

    def cancel(_self: Any, k: int = 1, note: str = "") -> None:
        if k:
            names.append(again(world.community).name_th)
            Job.objects.filter(name=MERGE).update(cancel_asked_at=timezone.now())
            _self.step.check()

    monkeypatch.setattr("khlong.network.hall_jobs._Within.advance", cancel)
    owner.post(of_file(both), {"merge": "1"})
    work_off()
    assert Job.objects.get(name=MERGE).state == JobState.CANCELLED
    assert names, "something was written when it was cancelled"
    assert again(world.community).name_th == world.community.name_th
    assert not Group.objects.filter(name_th="ชาวประมง").exists()
    assert lines.count() == before
    assert HallFile.objects.get(hall=both.hall).merged_at is None
    assert 'name="merge"' in owner.get(of_file(both)).content.decode(), "and it can be merged again"
    monkeypatch.undo()
    assert "กลับมาครบแล้ว" in words(merge(owner, of_file(both)))


def test_an_owner_who_is_none_any_more_when_the_job_runs_merges_nothing(
    both: Both, world: World, client_of: ClientOf, cast: Any, city: City
) -> None:
    owner = client_of("owner")
    bring(owner, both.meet(rename(world, name_th="บ้านในที่ประชุม")))
    owner.post(of_file(both), {"merge": "1"})
    give_role(SYSTEM, city.node, cast.stranger, Role.OWNER)
    give_role(SYSTEM, city.node, cast.owner, Role.OBSERVER)
    work_off()
    assert Job.objects.get(name=MERGE).state == JobState.FAILED
    assert again(world.community).name_th == world.community.name_th


def test_a_damaged_file_is_said_to_be_so_by_the_job_and_nothing_is_taken(
    both: Both, world: World, client_of: ClientOf
) -> None:
    data = both.meet(rename(world, name_th="บ้านในที่ประชุม"))
    bring(client_of("owner"), data[:-1])
    row = Job.objects.get(name=LOOK)
    assert row.state == JobState.FAILED
    with translation.override(row.language):
        assert row.error == str(envelope.DAMAGED)
    assert not HallFile.objects.filter(hall=both.hall).exists()


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
    page = merge(owner, path)
    assert again(world.community).name_th == world.community.name_th, "all of it or nothing"
    leave = re.findall(r'name="leave" value="(\w+)"', page.content.decode())
    assert len(leave) == 1
    merged = merge(owner, path, leave=leave)
    assert again(world.community).name_th == "ในที่ประชุม"
    assert 'name="leave"' not in merged.content.decode()


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
