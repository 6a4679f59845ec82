"""What goes along to a hall and what stays at home; files that are refused, in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password

from khlong.chain.hall import envelope, packing
from khlong.chain.hall.documents import documents
from khlong.chain.hall.merging import OURS, THEIRS, merge_hall, receive
from khlong.chain.hall.models import Hall, HallFile
from khlong.chain.hall.travel import Trip, collect, plain_tables, travellers
from khlong.chain.models import Node, Thing, Visibility
from khlong.network.models import Programme
from khlong.people.actor import Role, account_actor
from khlong.people.models import User
from khlong.places import actions as places
from khlong.places.models import City, Community, Fact, Source
from khlong.record.errors import Refused
from khlong.web.start import load_programme
from khlong.web.tests.halls import PASSPHRASE, Both
from khlong.web.tests.world import SYSTEM, World, build


@pytest.fixture
def world(city: City, source: Source) -> World:
    return build(city.node, city, source, "ของเรา")


@pytest.fixture
def both(world: World, city: City, cast: Any) -> Both:
    return Both(city, cast)


def again(thing: Any) -> Any:
    return type(thing)._base_manager.get(pk=thing.pk)


def rename(world: World, **values: Any) -> Any:
    return lambda actor: places.save_community(actor, again(world.community), values)


def hide(*things: Thing) -> None:
    Node.objects.filter(pk__in=[thing.pk for thing in things]).update(visibility=Visibility.MEMBERS)


def packed_of(city: City) -> dict[str, Any]:
    return plain_tables(collect(Trip(city.node)))


# --- what goes along ------------------------------------------------------------------------


def test_a_city_takes_along_what_its_members_read_and_nothing_else(
    world: World, city: City, other_city: City, source: Source, cast: Any
) -> None:
    theirs = build(other_city.node, other_city, source, "ของเขา")
    hide(world.fact, theirs.fact, theirs.community)
    tables = packed_of(city)
    facts = {row[0] for row in tables["places.fact"]["rows"]}
    assert str(world.fact.pk) in facts
    assert str(theirs.fact.pk) not in facts
    assert "โซน 1" in json.dumps(tables["places.zone"], ensure_ascii=False)
    assert "บ้านหลบมุม ของเขา" not in json.dumps(tables, ensure_ascii=False)


def test_of_accounts_only_those_who_work_in_the_city_go_along_without_addresses_and_powers(
    world: World, city: City, cast: Any
) -> None:
    cast.owner.email, cast.owner.is_steward = "darunee@example.org", True
    cast.owner.password = make_password("a long passphrase")
    cast.owner.save()
    cast.observer.is_active = False
    cast.observer.save()
    table = packed_of(city)["people.user"]
    rows = {dict(zip(table["fields"], row, strict=True))["username"]: row for row in table["rows"]}
    assert {"owner", "member"} <= set(rows)
    assert not {"observer", "stranger", "steward"} & set(rows)
    owner = dict(zip(table["fields"], rows["owner"], strict=True))
    assert (owner["email"], owner["is_steward"], owner["password"]) == ("", False, cast.owner.password)


def test_links_sessions_audit_and_other_halls_stay_at_home(world: World, city: City) -> None:
    gone = set(packed_of(city))
    for name in (
        "network.invitation",
        "record.auditentry",
        "people.sessionrecord",
        "chain.hall",
        "chain.hallfile",
    ):
        assert name not in gone
    assert str(world.invitation.digest) not in json.dumps(packed_of(city))


def test_no_row_goes_along_that_refers_to_one_that_stays(
    world: World, city: City, cast: Any, source: Source
) -> None:
    says = {"topic": world.fact.topic, "statement_th": "ก", "source": source, "mark": "A"}
    about_hidden = places.save_fact(SYSTEM, places.new_fact(world.community.node), says)
    stranger = City.objects.exclude(pk=city.pk).get()
    hide(world.community)
    facts = {row[0] for row in packed_of(stranger)["places.fact"]["rows"]}
    assert str(world.fact.pk) in facts
    assert str(about_hidden.pk) not in facts


def test_every_kind_of_thing_goes_along_and_comes_home() -> None:
    things = {model for model in apps.get_models() if issubclass(model, Thing)}
    assert things <= {found.model for found in travellers()}
    home = {found.name for found in documents()}
    never_the_citys = {"network.programme", "register.statement"}
    assert {model._meta.label_lower for model in things} - home == never_the_citys


def test_an_opened_city_is_as_it_was_down_to_its_times_and_signs_its_people_in(
    both: Both, world: World, city: City, cast: Any
) -> None:
    before = {model: list(model._base_manager.order_by("pk").values()) for model in (Fact, Node, Community)}
    cast.member.set_password("คลองยาวไหลเย็น-12")
    cast.member.save()
    taken = Both(city, cast)
    with taken.in_the_hall():
        for model, rows in before.items():
            assert list(model._base_manager.order_by("pk").values()) == rows
        member = User.objects.get(username="member")
        assert member.check_password("คลองยาวไหลเย็น-12")
        assert account_actor(member).holds(city.pk, Role.MEMBER)
        assert load_programme() is False
        assert list(world.event.cities.all()) == list(again(world.event).cities.all())


def test_a_hall_gives_its_block_of_numbers_and_the_server_the_ones_after(both: Both, city: City) -> None:
    from khlong.chain.actions import next_ref
    from khlong.chain.models import Kind

    here = next_ref(Kind.MEETING, "PTG")
    with both.in_the_hall():
        there = next_ref(Kind.MEETING, "PTG")
    assert int(here[-4:]) - int(there[-4:]) == packing.NUMBERS


# --- what is refused ------------------------------------------------------------------------


def test_a_short_passphrase_is_refused_before_anything_is_kept(world: World, city: City, cast: Any) -> None:
    count = Hall.objects.count()
    with pytest.raises(Refused, match="12"):
        packing.pack(account_actor(cast.owner), city.node, "short")
    assert Hall.objects.count() == count


def test_only_a_city_is_packed(programme: Programme) -> None:
    with pytest.raises(Refused, match=r"city|เมือง"):
        packing.pack(SYSTEM, programme.node, PASSPHRASE)


def test_a_real_passphrase_opens_a_packed_city_and_a_wrong_one_does_not() -> None:
    label = envelope.Label(envelope.PACKED, envelope.FORMAT, Hall().pk)
    data = envelope.lock_pack(label, {"hall": "ศาลา"}, PASSPHRASE)
    assert "ศาลา".encode() not in data
    found = envelope.open_pack(data, PASSPHRASE)
    assert (found.label, found.content["hall"]) == (label, "ศาลา")
    with pytest.raises(Refused) as refused:
        envelope.open_pack(data, "another passphrase")
    assert refused.value.reason is envelope.WRONG_PASSPHRASE


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", envelope.NOT_OURS),
        (b"PK\x03\x04 a spreadsheet", envelope.NOT_OURS),
        (b"khlong-hall-pack 1 5f0c\nbody", envelope.NOT_OURS),
        (b"khlong-hall-changes 1 no-uuid\nbody", envelope.NOT_OURS),
        (b"khlong-hall-changes 3 3244de20-09d0-4c27-af8c-88447baecfe2\nbody", envelope.NEWER_FORMAT),
    ],
)
def test_what_is_no_file_of_a_hall_is_said_to_be_none(db: None, data: bytes, words: Any) -> None:
    with pytest.raises(Refused) as refused:
        receive(SYSTEM, data)
    assert refused.value.reason is words


@pytest.mark.parametrize("place", [60, 200, -1])
def test_a_file_with_one_byte_changed_is_refused(both: Both, world: World, place: int) -> None:
    data = bytearray(both.meet(rename(world, name_th="ใหม่")))
    data[place] ^= 1
    with pytest.raises(Refused) as refused:
        receive(both.owner, bytes(data))
    assert refused.value.reason in (envelope.DAMAGED, envelope.NOT_OURS)
    assert not HallFile.objects.filter(hall=both.hall).exists()


def test_a_file_locked_for_this_hall_by_somebody_who_does_not_know_its_secret_is_refused(both: Both) -> None:
    import pyrage

    label = envelope.Label(envelope.CLOSED, envelope.FORMAT, both.hall.pk)
    plain = envelope.packed({"documents": {}, "audit": [], "schema": [], "closed_at": "2026-01-01"})
    to = pyrage.x25519.Identity.from_str(both.hall.secret).to_public()
    forged = label.line() + pyrage.encrypt(b"0" * envelope.SEAL + plain, [to])
    with pytest.raises(Refused) as refused:
        receive(both.owner, forged)
    assert refused.value.reason is envelope.DAMAGED


def test_a_file_of_one_hall_cannot_be_passed_off_as_anothers(
    both: Both, world: World, city: City, cast: Any
) -> None:
    data = both.meet(rename(world, name_th="ใหม่"))
    other = Both(city, cast)
    moved = data.replace(str(both.hall.pk).encode(), str(other.hall.pk).encode(), 1)
    with pytest.raises(Refused) as refused:
        receive(both.owner, moved)
    assert refused.value.reason is envelope.DAMAGED


def test_a_file_of_another_city_is_named_and_refused(both: Both, world: World, other_city: City) -> None:
    data = both.meet(rename(world, name_th="ใหม่"))
    with pytest.raises(Refused, match="พะตง"):
        receive(SYSTEM, data, space=other_city.node)


def test_a_file_or_a_packed_city_of_a_newer_khlong_is_refused(both: Both) -> None:
    content = envelope.open_changes(both.meet(), both.hall.secret).content
    content["schema"] = [*content["schema"], "pilots.0009_lessons"]
    label = envelope.Label(envelope.CLOSED, envelope.FORMAT, both.hall.pk)
    with pytest.raises(Refused) as refused:
        receive(both.owner, envelope.lock_changes(label, content, both.hall.secret))
    assert refused.value.reason is packing.NEWER
    with pytest.raises(Refused) as refused:
        packing.require_known(["pilots.0009_lessons"])
    assert refused.value.reason is packing.NEWER


def test_a_machine_with_something_in_it_does_not_open_a_city(both: Both) -> None:
    with pytest.raises(Refused) as refused:
        packing.open_here(both.packed, PASSPHRASE)
    assert refused.value.reason is packing.NOT_EMPTY


def test_a_hall_neither_packs_nor_brings_home(both: Both, city: City) -> None:
    with both.in_the_hall():
        with pytest.raises(Refused) as refused:
            packing.pack(SYSTEM, again(city).node, PASSPHRASE)
        assert refused.value.reason is packing.IS_A_HALL
        with pytest.raises(Refused):
            receive(SYSTEM, packing.close().data)


def test_who_is_no_hall_cannot_close(db: None) -> None:
    with pytest.raises(Refused, match="hall open"):
        packing.close()


def test_an_earlier_file_is_not_laid_over_a_later_one(both: Both, world: World) -> None:
    first = both.meet(rename(world, name_th="วันแรก"))
    both.meet(rename(world, name_th="วันแรก"), rename(world, name_th="วันที่สอง"))
    both.merge()
    early = receive(both.owner, first)
    with pytest.raises(Refused, match=r"later|ใหม่กว่า"):
        merge_hall(both.owner, early)
    assert again(world.community).name_th == "วันที่สอง"


# --- a server that was restored to an older state -------------------------------------------


def test_a_server_restored_to_before_the_packing_says_so_and_learns_of_the_hall_again(
    both: Both, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = both.meet(rename(world, name_th="ในที่ประชุม"))
    Hall.objects.filter(pk=both.hall.pk).delete()
    with pytest.raises(Refused, match="hall remember"):
        receive(both.owner, data)
    _remembered(both, monkeypatch)
    assert both.plan().conflicts[0].theirs == ["ในที่ประชุม"]


def _remembered(both: Both, monkeypatch: pytest.MonkeyPatch) -> Hall:
    label, body = envelope.split(both.packed, envelope.PACKED)
    monkeypatch.setattr(envelope, "open_pack", lambda _data, _phrase: envelope.opened(label, body))
    return packing.remember(both.packed, PASSPHRASE)


def test_after_a_restore_every_difference_is_a_persons_and_asked_once(
    both: Both, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    both.meet(rename(world, name_th="ในที่ประชุม"))
    Hall.objects.filter(pk=both.hall.pk).delete()
    places.save_community(SYSTEM, again(world.community), {"name_en": "As it was restored"})
    assert _remembered(both, monkeypatch) == both.hall
    assert both.merge().changed == 0
    found = {conflict.fields: conflict for conflict in both.plan().conflicts}
    assert set(found) == {("name_th",), ("name_en",)}
    assert both.decide((found["name_th",], THEIRS, ""), (found["name_en",], OURS, "")) == 2
    kept = again(world.community)
    assert (kept.name_th, kept.name_en) == ("ในที่ประชุม", "As it was restored")
    assert both.plan().is_done


def test_a_pack_of_another_server_is_not_remembered(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    Node.objects.filter(ref="C-PTG").update(ref="C-XXX")
    with pytest.raises(Refused, match=r"no such city|ไม่มีเมือง"):
        _remembered(both, monkeypatch)
